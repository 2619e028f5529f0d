"""Grants: permissions on one key for one principal, made and taken back by API calls.

Source: KMS API reference, CreateGrant to RevokeGrant; KMS Developer Guide, "Grants in AWS KMS".
"""

import base64
import binascii
import json
import re
from typing import Any

from moto.kms.models import kms_backends
from moto.moto_api._internal import mock_random

from ..caller import principal_exists
from ..clock import clock
from ..hsm.errors import CiphertextInvalid
from ..partitions import partition_of
from ..policy import ENCRYPTION_CONTEXT_OPERATIONS, GRANT_OPERATIONS
from . import specs
from .access import check_key, managed_key_for, stop_if_dry_run
from .authorization import authorize_account, authorize_retiring, grant_of, refusal_elsewhere
from .current import CURRENT
from .exceptions import KmsError, not_found, validation
from .identifiers import backend_of, find_key, touch
from .key import Key, KeyGrant
from .models import LabKmsBackend
from .paging import page

Request = dict[str, Any]
Reply = dict[str, Any]

MOST_GRANTS_OF_A_KEY = 50_000
MOST_PAIRS, MOST_VALUE_CHARACTERS = 8, 384
_GRANT_ID = re.compile(r"[0-9a-f]{64}")

# key usage, or key spec where the usage doesn't tell -> what a grant may allow besides
_ALWAYS = {"CreateGrant", "DescribeKey", "RetireGrant"}
_OF_USAGE = {
    specs.SIGN_VERIFY: {"GetPublicKey", "Sign", "Verify"},
    specs.GENERATE_VERIFY_MAC: {"GenerateMac", "VerifyMac"},
    specs.KEY_AGREEMENT: {"DeriveSharedSecret", "GetPublicKey"},
    specs.ENCAPSULATE_DECAPSULATE: {"Decapsulate", "Encapsulate", "GetPublicKey"},
    specs.ENCRYPT_DECRYPT: {"Decrypt", "Encrypt", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo"},
}


def create_grant(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html"""
    _check_form(request)
    key = managed_key_for(backend, request["KeyId"], "CreateGrant")
    _check_operations(key, request["Operations"])
    _check_constraints(key, request.get("Constraints", {}))
    members = _with_principals(request, backend.partition)
    stop_if_dry_run(request)
    made = _same_grant(key, members) or _new_grant(key, members)
    return {"GrantId": made.grant.grant_id, "GrantToken": _token(key, made)}


def _check_form(request: Request) -> None:
    """Who gets and who retires the grant is named once each, in one of two ways."""
    if ("GranteePrincipal" in request) == ("GranteeServicePrincipal" in request):
        raise validation(
            "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both."
        )
    if "RetiringPrincipal" in request and "RetiringServicePrincipal" in request:
        raise validation(
            "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both."
        )
    if "GranteeServicePrincipal" in request:
        if "SourceArn" not in request.get("Constraints", {}):
            raise validation("A GranteeServicePrincipal needs a SourceArn grant constraint.")
        if not {"RetiringPrincipal", "RetiringServicePrincipal"} & request.keys():
            raise validation("A GranteeServicePrincipal needs a retiring principal.")
    if not request["Operations"]:
        raise validation("Operations must name at least one operation.")
    if set(request["Operations"]) == {"CreateGrant"}:
        raise validation("Grants must not contain only the CreateGrant operation.")


def _check_operations(key: Key, operations: list[str]) -> None:
    allowed = _ALWAYS | _OF_USAGE[key.key_usage]
    if key.key_spec == specs.SYMMETRIC:
        allowed = _ALWAYS | ENCRYPTION_CONTEXT_OPERATIONS
    assert allowed <= GRANT_OPERATIONS
    for operation in operations:
        if operation not in allowed:
            raise validation(
                f"Operation {operation} is not supported in a grant on a key with key spec "
                f"{key.key_spec} and key usage {key.key_usage}."
            )


def _check_constraints(key: Key, constraints: dict[str, Any]) -> None:
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        pairs = constraints.get(name)
        if pairs is None:
            continue
        if key.key_spec != specs.SYMMETRIC:
            raise validation(f"{name} is supported on symmetric encryption KMS keys only.")
        if len(pairs) > MOST_PAIRS:
            raise validation(f"{name} can have at most {MOST_PAIRS} pairs.")
        if any(len(value) > MOST_VALUE_CHARACTERS for value in pairs.values()):
            raise validation(f"A value in {name} exceeds {MOST_VALUE_CHARACTERS} characters.")


def _with_principals(request: Request, partition: str) -> Request:
    """What the grant keeps of the request, accounts by their ARN. Raises InvalidArnException."""
    kept = {k: v for k, v in request.items() if k not in ("KeyId", "GrantTokens", "DryRun")}
    for member in ("GranteePrincipal", "RetiringPrincipal"):
        if member in kept:
            kept[member] = _principal(kept[member], partition)
            if not principal_exists(kept[member]):
                raise _no_principal(kept[member])
    return kept


def _principal(name: str, partition: str) -> str:
    """The ARN of a principal; an account may also be named by its number.

    Raises InvalidArnException for what can't be a principal of this partition.
    """
    if re.fullmatch(r"\d{12}", name, re.ASCII):
        return f"arn:{partition}:iam::{name}:root"
    if not _PRINCIPAL.fullmatch(name) or name.split(":")[1] != partition:
        raise _no_principal(name)
    return name


def _no_principal(name: str) -> KmsError:
    return KmsError("InvalidArnException", f"ARN does not refer to a valid principal: {name}")


_PRINCIPAL = re.compile(
    r"arn:aws[a-z-]*:(iam::\d{12}:(root|user/.+|role/.+)"
    r"|sts::\d{12}:(assumed-role/[^/]+/.+|federated-user/.+))",
    re.ASCII,
)


def _same_grant(key: Key, members: Request) -> KeyGrant | None:
    """The grant that a repeated request made before: of the same name, and in all else the same."""
    if "Name" not in members:
        return None
    issuer = _issuing_account(key)
    for made in key.grants.values():
        if made.issuing_account == issuer and _in_order(made.members) == _in_order(members):
            return made
    return None


def _in_order(members: Request) -> Request:
    return members | {"Operations": sorted(members["Operations"])}


def _new_grant(key: Key, members: Request) -> KeyGrant:
    if len(key.grants) >= MOST_GRANTS_OF_A_KEY:
        raise KmsError("LimitExceededException", f"{key.arn} has too many grants.")
    grant_id = f"{mock_random.getrandbits(256):064x}"
    made = KeyGrant(
        grant_of(members, grant_id),
        place=key.grants_made,
        name=members.get("Name", ""),
        creation_date=clock.now(),
        issuing_account=_issuing_account(key),
        members=members,
    )
    key.grants[grant_id] = made
    key.grants_made += 1
    return made


def _issuing_account(key: Key) -> str:
    """The account in which the grant is made: the caller's, or the key's if a service calls."""
    account_id = CURRENT.get().call.caller.account_id or key.account_id
    return f"arn:{partition_of(key.region)}:iam::{account_id}:root"


def list_grants(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html"""
    _check_service_filter(request, "GranteeServicePrincipal")
    key = managed_key_for(backend, request["KeyId"], "ListGrants")
    grant_id, grantee = request.get("GrantId"), request.get("GranteePrincipal")
    if grantee is not None:
        grantee = _principal(grantee, backend.partition)
    if grant_id is not None:
        _check_grant_id(grant_id)
    wanted = {
        f"{made.place:09}": _entry(key, made)
        for made in key.grants.values()
        if grant_id in (None, made.grant.grant_id)
        and grantee in (None, made.grant.grantee_principal)
    }
    return _listed(wanted, request)


def list_retirable_grants(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html"""
    _check_service_filter(request, "RetiringServicePrincipal")
    if "RetiringPrincipal" not in request:
        raise validation(
            "You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both."
        )
    principal = _principal(request["RetiringPrincipal"], backend.partition)
    authorize_account("ListRetirableGrants", principal)
    if f":{backend.account_id}:" not in principal:
        message = f"{principal} is not a principal in your account."
        raise KmsError("InvalidArnException", message)
    wanted = {
        f"{key.arn} {made.place:09}": _entry(key, made)
        for account in list(kms_backends.values())
        for key in list(account[backend.region_name].keys.values())
        for made in key.grants.values()
        if made.grant.retiring_principal == principal
    }
    return _listed(wanted, request)


def _check_service_filter(request: Request, member: str) -> None:
    if member in request and not CURRENT.get().call.caller.is_service:
        message = f"Only AWS service principals can filter by {member}."
        raise KmsError("AccessDeniedException", message)


def _listed(wanted: dict[str, Reply], request: Request) -> Reply:
    grants, paging = page(wanted, request, default=50, most=100)
    return {"Grants": grants, **paging}


def _entry(key: Key, made: KeyGrant) -> Reply:
    shown = {k: v for k, v in made.members.items() if k not in ("Name", "Operations")}
    return shown | {
        "KeyId": key.arn,
        "GrantId": made.grant.grant_id,
        "Name": made.name,
        "CreationDate": made.creation_date,
        "IssuingAccount": made.issuing_account,
        "Operations": made.members["Operations"],
    }


def retire_grant(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html"""
    by_id = {"KeyId", "GrantId"} & request.keys()
    if ("GrantToken" in request) == bool(by_id) or len(by_id) == 1:
        raise validation("Specify either a grant token, or a key ID and a grant ID.")
    if by_id:
        key = find_key(backend, request["KeyId"], "RetireGrant", aliases=False)
        if key.account_id != backend.account_id and request["GrantId"] not in key.grants:
            raise refusal_elsewhere("RetireGrant")
        made = _grant(key, request["GrantId"])
    else:
        key, made = read_token(backend, request["GrantToken"])
    authorize_retiring(touch(key), made)
    stop_if_dry_run(request)
    del key.grants[made.grant.grant_id]


def revoke_grant(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html"""
    key = find_key(backend, request["KeyId"], "RevokeGrant", aliases=False)
    check_key(key, "RevokeGrant", None)
    made = _grant(key, request["GrantId"])
    stop_if_dry_run(request)
    del key.grants[made.grant.grant_id]


def _check_grant_id(grant_id: str) -> None:
    if not _GRANT_ID.fullmatch(grant_id):
        raise KmsError("InvalidGrantIdException", f"Invalid grant ID '{grant_id}'")


def _grant(key: Key, grant_id: str) -> KeyGrant:
    _check_grant_id(grant_id)
    if grant_id not in key.grants:
        raise not_found(f"Grant ID {grant_id} is not found for {key.arn}")
    return key.grants[grant_id]


def _token(key: Key, made: KeyGrant) -> str:
    """A grant token: names the grant, to KMS alone. Each is another, all are as good."""
    contents = json.dumps([key.key_id, made.grant.grant_id]).encode()
    sealed = key.account_id.encode() + key.domain.seal(contents, "grant token")
    return base64.urlsafe_b64encode(sealed).decode()


def read_token(backend: LabKmsBackend, token: str) -> tuple[Key, KeyGrant]:
    """The key and the grant that a token names. Raises InvalidGrantTokenException."""
    try:
        sealed = base64.b64decode(token, altchars="-_", validate=True)
        owner = backend_of(sealed[:12].decode(), backend.region_name)
        if owner is None:
            raise ValueError("no account of the lab")
        key_id, grant_id = json.loads(owner.domain.open(sealed[12:], "grant token"))
        key = owner.keys[key_id]
        return key, key.grants[grant_id]
    except (binascii.Error, ValueError, CiphertextInvalid, KeyError) as error:
        raise KmsError("InvalidGrantTokenException", "Invalid grant token.") from error


def check_tokens(backend: LabKmsBackend, operation: str, members: Request) -> None:
    """Raise InvalidGrantTokenException for a grant token that names no grant.

    In the lab a grant is effective at once, so a token adds nothing to it. DescribeKey takes
    tokens, and by its API reference refuses none.
    """
    if "GrantTokens" in members and operation != "DescribeKey":
        for token in members["GrantTokens"]:
            read_token(backend, token)


OPERATIONS = {
    "CreateGrant": create_grant,
    "ListGrants": list_grants,
    "ListRetirableGrants": list_retirable_grants,
    "RetireGrant": retire_grant,
    "RevokeGrant": revoke_grant,
}
