"""From the KeyId of a request to a key: key ID, key ARN, alias name or alias ARN.

Source: KMS Developer Guide, "Key identifiers"; the errors are recorded answers of AWS.
"""

import re

from moto.kms.models import kms_backends

from .authorization import refusal_elsewhere
from .current import CURRENT
from .exceptions import KmsError, not_found
from .key import Key
from .models import AWS_ALIAS_PREFIX, AWS_MANAGED, LabKmsBackend

_ARN = re.compile(
    r"arn:(?P<partition>[^:]*):kms:(?P<region>[^:]+):(?P<account>\d{12}):"
    r"(?P<kind>key|alias)/(?P<name>.*)",
    re.DOTALL,
)
_KEY_ID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")


def find_key(
    backend: LabKmsBackend,
    key_id: str,
    operation: str,
    *,
    aliases: bool = True,
) -> Key:
    """Return the key that ``key_id`` identifies for ``operation``, and note it for the trail.

    Raises KmsError as ``look_up`` does.
    """
    return touch(look_up(backend, key_id, operation, aliases=aliases))


def look_up(backend: LabKmsBackend, key_id: str, operation: str, *, aliases: bool = True) -> Key:
    """The key that ``key_id`` identifies.

    Raises NotFoundException for what doesn't exist or lies in another Region,
    InvalidArnException for an alias where only a key ID or key ARN will do, and
    AccessDeniedException for what another account doesn't have: AWS doesn't tell missing from
    forbidden. Whether the caller may use the key is another question (``authorization``).
    """
    region, account_id, resource, is_alias = _split_arn(backend, key_id)
    if is_alias and not aliases:
        message = "Key Aliases are not supported for this operation."
        raise KmsError("InvalidArnException", message)
    if region != backend.region_name:
        raise not_found(f"Invalid arn {region}")
    if account_id != backend.account_id:
        return _find_elsewhere(account_id, region, resource, operation)
    if is_alias:
        key = _find_alias(backend, resource, operation)
        missing = f"Alias {backend.alias_arn(resource)} is not found."
    else:
        key = _find_id(backend, key_id, resource)
        arn = f"arn:{backend.partition}:kms:{region}:{account_id}:key/{resource}"
        missing = f"Key '{arn}' does not exist"
    if key is None:
        raise not_found(missing)
    return key


def touch(key: Key) -> Key:
    """Note that the request concerns this key, for the audit trail."""
    current = CURRENT.get(None)  # None: looked at from the inside, by no request
    if current and key.arn not in current.touched:
        current.touched.append(key.arn)
    return key


def backend_of(account_id: str, region: str) -> LabKmsBackend | None:
    """KMS in an account and Region, if the lab has the account."""
    # Asking moto for an account makes one.
    return kms_backends[account_id][region] if account_id in kms_backends else None  # type: ignore[return-value]


def _find_elsewhere(account_id: str, region: str, resource: str, operation: str) -> Key:
    backend = backend_of(account_id, region)
    key = backend and (
        backend.key_of_alias(resource) if resource.startswith("alias/") else backend.key(resource)
    )
    if key is None:
        raise refusal_elsewhere(operation)
    return key


def _split_arn(backend: LabKmsBackend, key_id: str) -> tuple[str, str, str, bool]:
    """Region, account, alias name or bare key ID, and whether it is an alias."""
    if not key_id.startswith("arn:"):
        return backend.region_name, backend.account_id, key_id, key_id.startswith("alias/")
    match = _ARN.fullmatch(key_id)
    if not match or match["partition"] != backend.partition:
        raise not_found(f"Invalid arn {key_id}")
    is_alias = match["kind"] == "alias"
    name = f"alias/{match['name']}" if is_alias else match["name"]
    return match["region"], match["account"], name, is_alias


def _find_alias(backend: LabKmsBackend, name: str, operation: str) -> Key | None:
    service = name.removeprefix(AWS_ALIAS_PREFIX)
    if operation == "DescribeKey" and name.startswith(AWS_ALIAS_PREFIX) and service in AWS_MANAGED:
        return backend.aws_managed_key(service)
    return backend.key_of_alias(name)


def _find_id(backend: LabKmsBackend, asked: str, key_id: str) -> Key | None:
    if not _KEY_ID.fullmatch(key_id):
        quoted = key_id if asked.startswith("arn:") else f"'{key_id}'"
        raise not_found(f"Invalid keyId {quoted}")
    return backend.key(key_id)
