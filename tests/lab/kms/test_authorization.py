"""Who may use a key: policies, IAM and grants as every operation of KMS asks them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from helpers import lab
from helpers.lab import caller as callers
from helpers.lab.account import account
from helpers.lab.caller import caller_of
from helpers.lab.kms.current import LAST
from helpers.lab.kms.exceptions import KmsError
from helpers.lab.kms.responses import ACCOUNT_OPERATIONS, OPERATIONS, call_for_service
from helpers.lab.policy import CROSS_ACCOUNT_OPERATIONS

Members = dict[str, Any]

ACCOUNT, OTHER = "123456789012", "222222222222"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/admin"
REGION = "us-east-1"
ELSEWHERE = (
    "because the resource does not exist in this Region, no resource-based policies allow "
    "access, or a resource-based policy explicitly denies access"
)
DENIED = "AccessDeniedException"


def allow(*actions: str, resource: str = "*", **condition: Any) -> Members:
    statement: Members = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def policy(*statements: Members) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def key_policy(*statements: Members, keep_admin: bool = True) -> str:
    """Statements for whoever they name; the administrator, and nobody else, keeps everything."""
    own = [allow("kms:*") | {"Principal": {"AWS": ADMIN}}] if keep_admin else []
    return policy(*own, *statements)


def new_key(kms: BaseClient, *statements: Members, **members: Any) -> str:
    """A key whose policy leaves nothing to IAM."""
    if statements:
        members["Policy"] = key_policy(*statements)
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


def refusal(operation: Callable[..., Any], **members: Any) -> str:
    """The message of the AccessDeniedException that the operation ends with."""
    with pytest.raises(ClientError) as caught:
        operation(**members)
    error = caught.value.response["Error"]
    assert error["Code"] == DENIED, error
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Message"]


def role_arn(name: str, of: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{of}:role/{name}"


def as_role(name: str, *statements: Members, account: str = ACCOUNT) -> BaseClient:
    """KMS for a role that IAM allows these statements."""
    document = policy(*statements) if statements else None
    return lab.as_role(name, document, account=account).client("kms")


def denied_to(name: str, action: str, of: str = ACCOUNT) -> str:
    session = f"arn:aws:sts::{of}:assumed-role/{name}/{name}"
    return f"User: {session} is not authorized to perform: {action} on"


# Every operation asks


@pytest.fixture(scope="module")
def everything() -> Iterator[dict[str, tuple[str, Members]]]:
    """For each operation the permission that it asks for first, and a request that would work."""
    lab.open(seed=1)
    kms = boto3.client("kms")
    key = new_key(kms)
    multi = new_key(kms, MultiRegion=True)
    external = new_key(kms, Origin="EXTERNAL")
    signing = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    agreement = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
    hmac = new_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    kem = new_key(kms, KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
    kms.create_alias(AliasName="alias/there", TargetKeyId=key)
    blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    grant = kms.create_grant(KeyId=key, GranteePrincipal=ADMIN, Operations=["Decrypt"])["GrantId"]
    public_key = kms.get_public_key(KeyId=agreement)["PublicKey"]
    ecdsa = {"KeyId": signing, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    mac = {"KeyId": hmac, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    data_key, pair = {"KeyId": key, "KeySpec": "AES_256"}, {"KeyId": key, "KeyPairSpec": "RSA_2048"}
    store = {"CustomKeyStoreId": "cks-1234567890abcdef0"}
    requests: dict[str, Members] = {
        "CancelKeyDeletion": {"KeyId": key},
        "ConnectCustomKeyStore": store,
        "CreateAlias": {"AliasName": "alias/new", "TargetKeyId": key},
        "CreateCustomKeyStore": {"CustomKeyStoreName": "store"},
        "CreateGrant": {"KeyId": key, "GranteePrincipal": ADMIN, "Operations": ["Decrypt"]},
        "CreateKey": {},
        "Decapsulate": {
            "KeyId": kem,
            "EncapsulationAlgorithm": "ML_KEM",
            "SharedSecretCiphertextBlob": bytes(1088),
        },
        "Decrypt": {"KeyId": key, "CiphertextBlob": blob},
        "DeleteAlias": {"AliasName": "alias/there"},
        "DeleteCustomKeyStore": store,
        "DeleteImportedKeyMaterial": {"KeyId": external},
        "DeriveSharedSecret": {
            "KeyId": agreement,
            "KeyAgreementAlgorithm": "ECDH",
            "PublicKey": public_key,
        },
        "DescribeCustomKeyStores": {},
        "DescribeKey": {"KeyId": key},
        "DisableKey": {"KeyId": key},
        "DisableKeyRotation": {"KeyId": key},
        "DisconnectCustomKeyStore": store,
        "EnableKey": {"KeyId": key},
        "EnableKeyRotation": {"KeyId": key},
        "Encapsulate": {"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM"},
        "Encrypt": {"KeyId": key, "Plaintext": b"p"},
        "GenerateDataKey": data_key,
        "GenerateDataKeyPair": pair,
        "GenerateDataKeyPairWithoutPlaintext": pair,
        "GenerateDataKeyWithoutPlaintext": data_key,
        "GenerateMac": mac,
        "GenerateRandom": {"NumberOfBytes": 1},
        "GetKeyLastUsage": {"KeyId": key},
        "GetKeyPolicy": {"KeyId": key},
        "GetKeyRotationStatus": {"KeyId": key},
        "GetParametersForImport": {
            "KeyId": external,
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048",
        },
        "GetPublicKey": {"KeyId": signing},
        "ImportKeyMaterial": {"KeyId": external, "ImportToken": b"t", "EncryptedKeyMaterial": b"m"},
        "ListAliases": {},
        "ListGrants": {"KeyId": key},
        "ListKeyPolicies": {"KeyId": key},
        "ListKeyRotations": {"KeyId": key},
        "ListKeys": {},
        "ListResourceTags": {"KeyId": key},
        "ListRetirableGrants": {"RetiringPrincipal": ADMIN},
        "PutKeyPolicy": {"KeyId": key, "Policy": key_policy()},
        "ReEncrypt": {"CiphertextBlob": blob, "SourceKeyId": key, "DestinationKeyId": multi},
        "ReplicateKey": {"KeyId": multi, "ReplicaRegion": "eu-west-1"},
        "RetireGrant": {"KeyId": key, "GrantId": grant},
        "RevokeGrant": {"KeyId": key, "GrantId": grant},
        "RotateKeyOnDemand": {"KeyId": key},
        "ScheduleKeyDeletion": {"KeyId": key},
        "Sign": ecdsa,
        "TagResource": {"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]},
        "UntagResource": {"KeyId": key, "TagKeys": ["a"]},
        "UpdateAlias": {"AliasName": "alias/there", "TargetKeyId": multi},
        "UpdateCustomKeyStore": store,
        "UpdateKeyDescription": {"KeyId": key, "Description": "d"},
        "UpdatePrimaryRegion": {"KeyId": multi, "PrimaryRegion": "eu-west-1"},
        "Verify": ecdsa | {"Signature": bytes(70)},
        "VerifyMac": mac | {"Mac": bytes(32)},
    }
    actions = {"ReEncrypt": "ReEncryptFrom"}
    yield {name: (actions.get(name, name), request) for name, request in requests.items()}
    lab.close()


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_whom_nothing_allows_gets_nothing(everything: Any, operation: str) -> None:
    action, request = everything[operation]
    nobody = as_role("nobody")
    said = refusal(getattr(nobody, xform_name(operation)), **request)
    assert said.startswith(denied_to("nobody", f"kms:{action}"))
    assert said.endswith(f"because no identity-based policy allows the kms:{action} action")
    if operation in ACCOUNT_OPERATIONS:
        assert " on resource: * because " in said
    elif operation == "ListRetirableGrants":
        assert f" on resource: {ADMIN} because " in said
    elif "AliasName" in request:
        alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:{request['AliasName']}"
        assert f" on resource: {alias} because " in said
    else:
        named = request.get("KeyId") or request["SourceKeyId"]
        assert f" on resource: {named} because " in said


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_permission_for_another_operation_is_no_use(everything: Any, operation: str) -> None:
    action, request = everything[operation]
    others = as_role("others", allow("kms:*"), deny(f"kms:{action}"))
    said = refusal(getattr(others, xform_name(operation)), **request)
    assert said.endswith("with an explicit deny in an identity-based policy")


def deny(*actions: str) -> Members:
    return allow(*actions) | {"Effect": "Deny"}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_across_accounts_a_key_is_closed_like_a_missing_one(
    everything: Any, operation: str
) -> None:
    _, request = everything[operation]
    if not {"KeyId", "SourceKeyId", "TargetKeyId"} & request.keys():
        return
    if "AliasName" in request:
        return  # the alias would be the other account's own
    visitor = as_role("visitor", allow("kms:*"), account=OTHER)
    call = getattr(visitor, xform_name(operation))
    member = "KeyId" if "KeyId" in request else "SourceKeyId"
    missing = request[member][:-12] + "0" * 12
    there, absent = (refusal(call, **request | {member: arn}) for arn in (request[member], missing))
    assert there == absent
    assert there.endswith(f"on this resource {ELSEWHERE}")


def test_operations_for_other_accounts_are_those_of_the_api_reference() -> None:
    model = boto3.client("kms", region_name=REGION).meta.service_model
    yes = set()
    for name in model.operation_names:
        said = model.operation_model(name).documentation.partition("Cross-account use")[2]
        if said.partition(":")[2].replace("</b>", "").replace("<p>", "").strip()[:3] == "Yes":
            yes.add(name)
    yes = yes - {"ReEncrypt"} | {"ReEncryptFrom", "ReEncryptTo"}
    assert yes == CROSS_ACCOUNT_OPERATIONS


# Key policy and IAM in one account


def test_the_account_statement_leaves_it_to_iam(kms: BaseClient) -> None:
    key = new_key(kms)
    blob = as_role("writer", allow("kms:Encrypt", resource=key)).encrypt(KeyId=key, Plaintext=b"p")[
        "CiphertextBlob"
    ]
    assert as_role("reader", allow("kms:Decrypt")).decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
    refusal(as_role("writer", allow("kms:Encrypt")).decrypt, CiphertextBlob=blob)


def test_without_the_account_statement_iam_allows_nothing(kms: BaseClient) -> None:
    key = new_key(kms, Policy=key_policy())
    said = refusal(as_role("strong", allow("*")).encrypt, KeyId=key, Plaintext=b"p")
    assert said == (
        f"{denied_to('strong', 'kms:Encrypt')} resource: {key} because no resource-based policy "
        "allows the kms:Encrypt action"
    )
    kms.encrypt(KeyId=key, Plaintext=b"p")  # the administrator is named in the policy


def test_a_key_policy_alone_is_enough(kms: BaseClient) -> None:
    role = as_role("app")
    statement = allow("kms:Encrypt") | {"Principal": {"AWS": role_arn("app")}}
    key = new_key(kms, statement)
    role.encrypt(KeyId=key, Plaintext=b"p")
    assert "no resource-based policy" in refusal(role.describe_key, KeyId=key)


def test_a_deny_in_iam_counts_without_the_account_statement(kms: BaseClient) -> None:
    role = as_role("app", deny("kms:Decrypt"))
    statement = allow("kms:*") | {"Principal": {"AWS": role_arn("app")}}
    key = new_key(kms, statement)
    blob = role.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    assert refusal(role.decrypt, CiphertextBlob=blob).endswith(
        "on the resource associated with this ciphertext with an explicit deny in an "
        "identity-based policy"
    )


def test_a_deny_in_the_key_policy_holds_for_the_administrator(kms: BaseClient) -> None:
    stop = deny("kms:ScheduleKeyDeletion") | {"Principal": "*"}
    key = new_key(kms, stop)
    said = refusal(kms.schedule_key_deletion, KeyId=key)
    assert said.endswith("with an explicit deny in a resource-based policy")


def test_users_and_their_groups(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    key = new_key(kms)
    iam.create_user(UserName="ada")
    ada = client_of(iam.create_access_key(UserName="ada")["AccessKey"])
    said = refusal(ada.encrypt, KeyId=key, Plaintext=b"p")
    assert said.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized")
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="ada")
    iam.put_group_policy(
        GroupName="staff", PolicyName="p", PolicyDocument=policy(allow("kms:Encrypt"))
    )
    ada.encrypt(KeyId=key, Plaintext=b"p")
    iam.attach_user_policy(UserName="ada", PolicyArn=managed(iam, "no", deny("kms:Encrypt")))
    assert "explicit deny in an identity-based" in refusal(ada.encrypt, KeyId=key, Plaintext=b"p")


def managed(iam: BaseClient, name: str, *statements: Members) -> str:
    made = iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements))
    return made["Policy"]["Arn"]


def client_of(keys: Members, region: str = REGION) -> BaseClient:
    return boto3.client(
        "kms",
        region_name=region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
    )


def test_boundaries_of_users_and_roles(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    key = new_key(kms)
    boundary = managed(iam, "limit", allow("kms:Encrypt"))
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=policy(allow("kms:*")))
    ada = client_of(iam.create_access_key(UserName="ada")["AccessKey"])
    role = as_role("app", allow("kms:*"))
    for who, put in (
        (
            ada,
            lambda: iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=boundary),
        ),
        (
            role,
            lambda: iam.put_role_permissions_boundary(RoleName="app", PermissionsBoundary=boundary),
        ),
    ):
        who.describe_key(KeyId=key)
        put()
        who.encrypt(KeyId=key, Plaintext=b"p")
        said = refusal(who.describe_key, KeyId=key)
        assert said.endswith("because no permissions boundary allows the kms:DescribeKey action")


def test_a_session_policy_limits_the_session(kms: BaseClient) -> None:
    key = new_key(kms)
    as_role("app", allow("kms:*"))
    session = boto3.client("sts").assume_role(
        RoleArn=role_arn("app"), RoleSessionName="session", Policy=policy(allow("kms:Encrypt"))
    )
    app = client_of(session["Credentials"])
    app.encrypt(KeyId=key, Plaintext=b"p")
    said = refusal(app.describe_key, KeyId=key)
    assert said.endswith("because no session policy allows the kms:DescribeKey action")


def test_an_iam_policy_that_is_none_is_named(kms: BaseClient) -> None:
    key = new_key(kms)
    role = as_role("odd", allow("kms:*"))
    # moto's IAM takes a condition key without a vendor; AWS's does not.
    boto3.client("iam").put_role_policy(
        RoleName="odd",
        PolicyName="typo",
        PolicyDocument=policy(allow("kms:*", StringEquals={"PrincipalTag": "b"})),
    )
    assert "The IAM policy typo is not valid" in refusal(role.encrypt, KeyId=key, Plaintext=b"p")


# Across accounts


def test_another_account_needs_both_sides(kms: BaseClient) -> None:
    theirs = as_role("partner", account=OTHER)
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    decrypt: Members = {"CiphertextBlob": blob}
    first = refusal(theirs.decrypt, **decrypt)
    assert first == (
        f"{denied_to('partner', 'kms:Decrypt', OTHER)} the resource associated with this "
        f"ciphertext {ELSEWHERE}"
    )
    let_in = allow("kms:Decrypt") | {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
    kms.put_key_policy(KeyId=key, Policy=key_policy(let_in))
    assert refusal(theirs.decrypt, **decrypt).endswith(
        "because no identity-based policy allows the kms:Decrypt action"
    )
    theirs = as_role("partner", allow("kms:Decrypt", resource=key), account=OTHER)
    assert theirs.decrypt(**decrypt)["Plaintext"] == b"p"
    assert theirs.decrypt(**decrypt, KeyId=key)["KeyId"] == key
    # What the key policy doesn't name stays closed, and what its name is too.
    wide = as_role("partner", allow("kms:*"), account=OTHER)
    assert refusal(wide.encrypt, KeyId=key, Plaintext=b"p").endswith(f"this resource {ELSEWHERE}")
    kms.put_key_policy(KeyId=key, Policy=key_policy(let_in | allow("kms:*")))
    assert wide.encrypt(KeyId=key, Plaintext=b"p")["KeyId"] == key
    # Management stays in the account, whatever the policies say.
    assert refusal(wide.disable_key, KeyId=key).endswith(f"this resource {ELSEWHERE}")
    assert refusal(wide.put_key_policy, KeyId=key, Policy=key_policy()).endswith(ELSEWHERE)
    # A bare key ID is looked for in the caller's own account.
    with pytest.raises(wide.exceptions.NotFoundException):
        wide.describe_key(KeyId=key.rpartition("/")[2])


def test_an_alias_arn_reaches_across_accounts(kms: BaseClient) -> None:
    key = new_key(kms, allow("kms:Encrypt") | {"Principal": {"AWS": OTHER}})
    kms.create_alias(AliasName="alias/shared", TargetKeyId=key)
    theirs = as_role("partner", allow("kms:Encrypt"), account=OTHER)
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/shared"
    assert theirs.encrypt(KeyId=alias, Plaintext=b"p")["KeyId"] == key
    assert refusal(theirs.encrypt, KeyId=f"{alias}2", Plaintext=b"p").endswith(ELSEWHERE)


def test_re_encrypt_between_accounts(kms: BaseClient) -> None:
    source = new_key(kms, allow("kms:ReEncryptFrom") | {"Principal": {"AWS": OTHER}})
    theirs = as_role("partner", allow("kms:*"), account=OTHER)
    target = new_key(theirs)
    blob = kms.encrypt(KeyId=source, Plaintext=b"p")["CiphertextBlob"]
    moved = theirs.re_encrypt(CiphertextBlob=blob, DestinationKeyId=target)
    assert (moved["SourceKeyId"], moved["KeyId"]) == (source, target)
    assert theirs.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"p"
    refusal(theirs.re_encrypt, CiphertextBlob=moved["CiphertextBlob"], DestinationKeyId=source)


def test_both_accounts_see_a_call_that_worked(kms: BaseClient) -> None:
    key = new_key(kms, allow("kms:Encrypt") | {"Principal": {"AWS": OTHER}})
    theirs = as_role("partner", allow("kms:*"), account=OTHER)
    theirs.encrypt(KeyId=key, Plaintext=b"p")
    refusal(theirs.describe_key, KeyId=key)
    names = [event["eventName"] for event in lab.events()]
    assert names == ["CreateKey", "Encrypt"]
    assert lab.events()[1]["userIdentity"]["accountId"] == OTHER


def test_another_account_never_uses_an_aws_managed_key(kms: BaseClient) -> None:
    key = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    theirs = as_role("partner", allow("*"), account=OTHER)
    assert refusal(theirs.describe_key, KeyId=key).endswith(ELSEWHERE)


# Operations that need more than one permission


def test_re_encrypt_asks_for_each_half(kms: BaseClient) -> None:
    one, two = new_key(kms), new_key(kms)
    blob = kms.encrypt(KeyId=one, Plaintext=b"p")["CiphertextBlob"]
    request = {"CiphertextBlob": blob, "DestinationKeyId": two}
    halves = allow("kms:ReEncryptFrom", resource=one), allow("kms:ReEncryptTo", resource=two)
    as_role("both", *halves).re_encrypt(**request)
    assert "kms:ReEncryptTo on resource" in refusal(as_role("f", halves[0]).re_encrypt, **request)
    said = refusal(as_role("t", halves[1]).re_encrypt, **request)
    assert "kms:ReEncryptFrom on the resource associated with this ciphertext" in said


def test_aliases_ask_for_the_alias_and_for_every_key(kms: BaseClient) -> None:
    one, two = new_key(kms), new_key(kms)
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/a"
    names = {"AliasName": "alias/a"}
    on_alias, on_one = allow("kms:*Alias", resource=alias), allow("kms:*Alias", resource=one)
    assert one in refusal(as_role("a", on_alias).create_alias, **names, TargetKeyId=one)
    assert alias in refusal(as_role("k", on_one).create_alias, **names, TargetKeyId=one)
    both = as_role("both", on_alias, on_one)
    both.create_alias(**names, TargetKeyId=one)
    assert two in refusal(both.update_alias, **names, TargetKeyId=two)
    every = as_role("every", allow("kms:UpdateAlias"))
    every.update_alias(**names, TargetKeyId=two)
    assert two in refusal(both.update_alias, **names, TargetKeyId=one)  # the key it points to now
    assert two in refusal(both.delete_alias, **names)
    kms.update_alias(**names, TargetKeyId=one)
    both.delete_alias(**names)


def test_tags_of_a_new_key_need_a_permission_of_their_own(kms: BaseClient) -> None:
    maker = as_role("maker", allow("kms:CreateKey"))
    maker.create_key()
    tags = [{"TagKey": "team", "TagValue": "blue"}]
    before = len(kms.list_keys()["Keys"])
    assert "kms:TagResource on resource: *" in refusal(maker.create_key, Tags=tags)
    assert len(kms.list_keys()["Keys"]) == before
    both = as_role("both", allow("kms:CreateKey", "kms:TagResource"))
    both.create_key(Tags=tags)


def test_replicas_are_new_keys_in_their_region(kms: BaseClient) -> None:
    key = new_key(kms, MultiRegion=True)
    request = {"KeyId": key, "ReplicaRegion": "eu-west-1"}
    half = allow("kms:ReplicateKey")
    assert "kms:CreateKey on resource: *" in refusal(as_role("h", half).replicate_key, **request)
    here = allow("kms:CreateKey", StringEquals={"aws:RequestedRegion": REGION})
    assert "kms:CreateKey" in refusal(as_role("here", half, here).replicate_key, **request)
    there = allow("kms:CreateKey", StringEquals={"aws:RequestedRegion": "eu-west-1"})
    as_role("there", half, there).replicate_key(**request)
    move = {"KeyId": key, "PrimaryRegion": "eu-west-1"}
    only_here = allow("kms:UpdatePrimaryRegion", resource=key)
    said = refusal(as_role("one", only_here).update_primary_region, **move)
    assert key.replace(REGION, "eu-west-1") in said
    as_role("two", allow("kms:UpdatePrimaryRegion")).update_primary_region(**move)


# What conditions can look at


CONDITIONS: dict[str, tuple[str, Members, Members, Members]] = {
    # condition key: operation, how the key is made, the request that fits, what makes it misfit
    "kms:EncryptionContext:team": (
        "Encrypt", {}, {"Plaintext": b"p", "EncryptionContext": {"team": "wanted"}},
        {"EncryptionContext": {"team": "other"}},
    ),
    "kms:EncryptionAlgorithm": (
        "Encrypt", {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"Plaintext": b"p", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"},
        {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
    ),
    "kms:SigningAlgorithm": (
        "Sign", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"Message": b"m", "SigningAlgorithm": "RSASSA_PSS_SHA_256"},
        {"SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"},
    ),
    "kms:MessageType": (
        "Sign", {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
        {"Message": bytes(32), "SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "DIGEST"},
        {"MessageType": "RAW"},
    ),
    "kms:MacAlgorithm": (
        "GenerateMac", {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}, {"MacAlgorithm": "HMAC_SHA_512"},
    ),
    "kms:DataKeyPairSpec": (
        "GenerateDataKeyPair", {}, {"KeyPairSpec": "ECC_NIST_P256"},
        {"KeyPairSpec": "ECC_NIST_P384"},
    ),
    "kms:RotationPeriodInDays": (
        "EnableKeyRotation", {}, {"RotationPeriodInDays": 90}, {"RotationPeriodInDays": 91},
    ),
    "kms:ScheduleKeyDeletionPendingWindowInDays": (
        "ScheduleKeyDeletion", {}, {"PendingWindowInDays": 30}, {"PendingWindowInDays": 7},
    ),
    "kms:WrappingAlgorithm": (
        "GetParametersForImport", {"Origin": "EXTERNAL"},
        {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
        {"WrappingAlgorithm": "RSAES_OAEP_SHA_1"},
    ),
    "kms:WrappingKeySpec": (
        "GetParametersForImport", {"Origin": "EXTERNAL"},
        {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
        {"WrappingKeySpec": "RSA_3072"},
    ),
    "kms:ReplicaRegion": (
        "ReplicateKey", {"MultiRegion": True}, {"ReplicaRegion": "eu-west-1"},
        {"ReplicaRegion": "eu-west-2"},
    ),
    "kms:GranteePrincipal": (
        "CreateGrant", {}, {"GranteePrincipal": ADMIN, "Operations": ["Decrypt"]},
        {"GranteePrincipal": ROOT},
    ),
    "kms:RetiringPrincipal": (
        "CreateGrant", {},
        {"GranteePrincipal": ADMIN, "RetiringPrincipal": ADMIN, "Operations": ["Decrypt"]},
        {"RetiringPrincipal": ROOT},
    ),
    "aws:RequestTag/team": (
        "TagResource", {}, {"Tags": [{"TagKey": "team", "TagValue": "wanted"}]},
        {"Tags": [{"TagKey": "team", "TagValue": "other"}]},
    ),
}  # fmt: skip
WANTED: dict[str, Any] = {
    "kms:EncryptionContext:team": "wanted",
    "kms:RotationPeriodInDays": "90",
    "kms:ScheduleKeyDeletionPendingWindowInDays": "30",
    "aws:RequestTag/team": "wanted",
}


@pytest.mark.parametrize("condition_key", CONDITIONS)
def test_conditions_on_the_request(kms: BaseClient, condition_key: str) -> None:
    operation, kind, fits, other = CONDITIONS[condition_key]
    member = next(iter(other))
    wanted = WANTED.get(condition_key, fits.get(member))
    key = new_key(kms, **kind)
    statements = (
        allow(f"kms:{operation}", StringEquals={condition_key: wanted}),
        allow("kms:CreateKey"),
    )
    call = getattr(as_role("bound", *statements), xform_name(operation))
    refusal(call, KeyId=key, **fits | other)
    call(KeyId=key, **fits)


DEFAULTS = {
    "kms:EncryptionAlgorithm": ("Encrypt", {"Plaintext": b"p"}, "SYMMETRIC_DEFAULT"),
    "kms:RotationPeriodInDays": ("EnableKeyRotation", {}, "365"),
    "kms:ScheduleKeyDeletionPendingWindowInDays": ("ScheduleKeyDeletion", {}, "30"),
    "kms:PolicyName": ("GetKeyPolicy", {}, "default"),
}


@pytest.mark.parametrize("condition_key", DEFAULTS)
def test_conditions_see_what_kms_takes_by_itself(kms: BaseClient, condition_key: str) -> None:
    operation, request, value = DEFAULTS[condition_key]
    key = new_key(kms)
    bound = as_role("bound", allow(f"kms:{operation}", StringEquals={condition_key: value}))
    getattr(bound, xform_name(operation))(KeyId=key, **request)


def test_conditions_see_a_bypass_only_if_it_is_asked_for(kms: BaseClient) -> None:
    key = new_key(kms)
    request = {"KeyId": key, "Policy": key_policy(allow("kms:*") | {"Principal": {"AWS": ROOT}})}
    # The Developer Guide's example: allowed only without the parameter.
    without = {"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}
    bound = as_role("bound", allow("kms:PutKeyPolicy", **without))
    bound.put_key_policy(**request)
    refusal(bound.put_key_policy, **request, BypassPolicyLockoutSafetyCheck=True)
    refusal(bound.put_key_policy, **request, BypassPolicyLockoutSafetyCheck=False)


KEY_CONDITIONS: dict[str, tuple[Members, Any]] = {
    "kms:KeySpec": ({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "RSA_2048"),
    "kms:CustomerMasterKeySpec": (
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        "HMAC_256",
    ),
    "kms:KeyUsage": ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}, "KEY_AGREEMENT"),
    "kms:KeyOrigin": ({"Origin": "EXTERNAL"}, "EXTERNAL"),
    "kms:MultiRegion": ({"MultiRegion": True}, "true"),
    "kms:MultiRegionKeyType": ({"MultiRegion": True}, "PRIMARY"),
    "aws:ResourceTag/team": ({"Tags": [{"TagKey": "team", "TagValue": "blue"}]}, "blue"),
}  # fmt: skip


@pytest.mark.parametrize("condition_key", KEY_CONDITIONS)
def test_conditions_on_the_key(kms: BaseClient, condition_key: str) -> None:
    kind, value = KEY_CONDITIONS[condition_key]
    that, plain = new_key(kms, **kind), new_key(kms)
    bound = as_role("bound", allow("kms:DescribeKey", StringEquals={condition_key: value}))
    bound.describe_key(KeyId=that)
    refusal(bound.describe_key, KeyId=plain)


@pytest.mark.parametrize("condition_key", sorted(KEY_CONDITIONS.keys() - {"aws:ResourceTag/team"}))
def test_conditions_on_the_key_to_be_made(kms: BaseClient, condition_key: str) -> None:
    kind, value = KEY_CONDITIONS[condition_key]
    bound = as_role("bound", allow("kms:CreateKey", StringEquals={condition_key: value}))
    refusal(bound.create_key)
    bound.create_key(**kind)


def test_conditions_on_the_tags_to_be_made(kms: BaseClient) -> None:
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}
    bound = as_role("bound", allow("kms:CreateKey", "kms:*tagResource", **only))
    bound.create_key(Tags=[{"TagKey": "team", "TagValue": "x"}])
    refusal(bound.create_key, Tags=[{"TagKey": "other", "TagValue": "x"}])
    key = new_key(kms, Tags=[{"TagKey": "other", "TagValue": "x"}])
    assert "UntagResource" in refusal(bound.untag_resource, KeyId=key, TagKeys=["other"])


def test_conditions_on_aliases(kms: BaseClient) -> None:
    key, plain = new_key(kms), new_key(kms)
    kms.create_alias(AliasName="alias/app", TargetKeyId=key)
    by_key = {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app*"}}
    has = as_role("has", allow("kms:Encrypt", **by_key))
    has.encrypt(KeyId=key, Plaintext=b"p")
    refusal(has.encrypt, KeyId=plain, Plaintext=b"p")
    by_request = {"StringEquals": {"kms:RequestAlias": "alias/app"}}
    named = as_role("named", allow("kms:Encrypt", **by_request))
    named.encrypt(KeyId="alias/app", Plaintext=b"p")
    named.encrypt(KeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/app", Plaintext=b"p")
    refusal(named.encrypt, KeyId=key, Plaintext=b"p")


def test_conditions_on_the_encryption_context_of_each_half(kms: BaseClient) -> None:
    key = new_key(kms)
    old, new = {"v": "old"}, {"v": "new"}
    blob = kms.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext=old)["CiphertextBlob"]
    bound = as_role(
        "bound",
        allow("kms:ReEncryptFrom", StringEquals={"kms:EncryptionContext:v": "old"}),
        allow("kms:ReEncryptTo", StringEquals={"kms:EncryptionContext:v": "new"}),
    )
    request: Members = {"CiphertextBlob": blob, "DestinationKeyId": key}
    contexts = {"SourceEncryptionContext": old, "DestinationEncryptionContext": new}
    bound.re_encrypt(**request, **contexts)
    refusal(bound.re_encrypt, **request, SourceEncryptionContext=old)
    needs = {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "tenant"}}
    tenant = as_role("tenant", allow("kms:Encrypt", **needs))
    tenant.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext={"tenant": "1", "x": "y"})
    refusal(tenant.encrypt, KeyId=key, Plaintext=b"p", EncryptionContext={"x": "y"})
    refusal(tenant.encrypt, KeyId=key, Plaintext=b"p")


def test_re_encrypt_on_the_same_key(kms: BaseClient) -> None:
    one, two = new_key(kms), new_key(kms)
    kms.create_alias(AliasName="alias/one", TargetKeyId=one)
    blob = kms.encrypt(KeyId=one, Plaintext=b"p")["CiphertextBlob"]
    same = as_role("same", allow("kms:ReEncrypt*", Bool={"kms:ReEncryptOnSameKey": "true"}))
    for name in (one, one.rpartition("/")[2], "alias/one"):
        same.re_encrypt(CiphertextBlob=blob, DestinationKeyId=name)
    refusal(same.re_encrypt, CiphertextBlob=blob, DestinationKeyId=two)
    other = as_role("other", allow("kms:ReEncrypt*", Bool={"kms:ReEncryptOnSameKey": "false"}))
    other.re_encrypt(CiphertextBlob=blob, DestinationKeyId=two)
    refusal(other.re_encrypt, CiphertextBlob=blob, DestinationKeyId=one)


def test_conditions_on_grants(kms: BaseClient) -> None:
    key = new_key(kms)
    only = {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}}
    bound = as_role("bound", allow("kms:CreateGrant", **only))
    grant = {"KeyId": key, "GranteePrincipal": ADMIN}
    bound.create_grant(**grant, Operations=["Decrypt"])
    refusal(bound.create_grant, **grant, Operations=["Decrypt", "ReEncryptTo"])
    must = {"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}}
    strict = as_role("strict", allow("kms:CreateGrant", **must))
    refusal(strict.create_grant, **grant, Operations=["Decrypt"])
    subset = {"EncryptionContextSubset": {"a": "b"}}
    strict.create_grant(**grant, Operations=["Decrypt"], Constraints=subset)
    by_service = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    helper = as_role("helper", allow("kms:CreateGrant", **by_service))
    refusal(helper.create_grant, **grant, Operations=["Decrypt"])


def test_conditions_on_the_caller(kms: BaseClient) -> None:
    key = new_key(kms)
    iam, sts = boto3.client("iam"), boto3.client("sts")
    same_team = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}
    as_role("member", allow("kms:Encrypt", **same_team))
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "blue"}])

    def member(*tags: Members) -> BaseClient:
        request = {"RoleArn": role_arn("member"), "RoleSessionName": "session"}
        return client_of(sts.assume_role(**request, Tags=tags)["Credentials"])

    refusal(member().encrypt, KeyId=key, Plaintext=b"p")
    member({"Key": "team", "Value": "blue"}).encrypt(KeyId=key, Plaintext=b"p")
    iam.tag_role(RoleName="member", Tags=[{"Key": "team", "Value": "blue"}])
    member().encrypt(KeyId=key, Plaintext=b"p")
    refusal(member({"Key": "team", "Value": "red"}).encrypt, KeyId=key, Plaintext=b"p")
    named = new_key(
        kms,
        allow("kms:Encrypt", ArnEquals={"aws:PrincipalArn": role_arn("member")})
        | {"Principal": {"AWS": "*"}},
        allow("kms:DescribeKey", StringEquals={"aws:PrincipalAccount": ACCOUNT})
        | {"Principal": {"AWS": "*"}},
    )
    member().encrypt(KeyId=named, Plaintext=b"p")
    refusal(as_role("stranger").encrypt, KeyId=named, Plaintext=b"p")
    as_role("stranger").describe_key(KeyId=named)


def test_conditions_on_time_place_and_way(kms: BaseClient) -> None:
    key = new_key(kms)
    until = {"DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}}
    soon = as_role("soon", allow("kms:Encrypt", **until))
    soon.encrypt(KeyId=key, Plaintext=b"p")
    safe = as_role(
        "safe",
        allow(
            "kms:Encrypt",
            Bool={"aws:SecureTransport": "true", "aws:ViaAWSService": "false"},
            IpAddress={"aws:SourceIp": "192.0.2.0/24"},
            StringEquals={"aws:RequestedRegion": REGION},
            NumericGreaterThan={"aws:EpochTime": "1"},
        ),
    )
    safe.encrypt(KeyId=key, Plaintext=b"p")
    lab.clock.advance(days=8)
    refusal(soon.encrypt, KeyId=key, Plaintext=b"p")


# Services of AWS that call KMS


def through(service: str, operation: str, who: callers.Caller, **members: Any) -> Any:
    """An operation that a service asks for on a caller's behalf: its reply, or its error's code."""
    try:
        return call_for_service(
            operation, members, region=REGION, caller=who, invoked_by=f"{service}.amazonaws.com"
        )
    except KmsError as error:
        return error.code


def caller(client: BaseClient) -> callers.Caller:
    return caller_of(client._request_signer._credentials.access_key, ACCOUNT, REGION)


def test_a_caller_through_a_service(kms: BaseClient) -> None:
    key = new_key(kms)
    via = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
    uploader = as_role("uploader", allow("kms:GenerateDataKey", **via))
    request = {"KeyId": key, "KeySpec": "AES_256"}
    refusal(uploader.generate_data_key, **request)
    reply = through("s3", "GenerateDataKey", caller(uploader), **request)
    assert len(reply["Plaintext"]) == 32
    assert through("ec2", "GenerateDataKey", caller(uploader), **request) == DENIED
    called = as_role("called", allow("kms:GenerateDataKey", **{
        "ForAnyValue:StringEquals": {"aws:CalledVia": "s3.amazonaws.com"},
        "Bool": {"aws:ViaAWSService": "true"},
    }))  # fmt: skip
    refusal(called.generate_data_key, **request)
    assert through("s3", "GenerateDataKey", caller(called), **request)["KeyId"] == key
    event = lab.events()[-1]
    assert event["userIdentity"]["invokedBy"] == event["sourceIPAddress"] == "s3.amazonaws.com"
    assert event["userIdentity"]["arn"].endswith("assumed-role/called/called")


def test_an_aws_managed_key_works_through_its_service_only(kms: BaseClient) -> None:
    key = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    plain = as_role("plain")  # the key policy is enough
    request = {"KeyId": key, "KeySpec": "AES_256"}
    assert "no resource-based policy" in refusal(plain.generate_data_key, **request)
    assert "Plaintext" in through("s3", "GenerateDataKey", caller(plain), **request)
    assert through("secretsmanager", "GenerateDataKey", caller(plain), **request) == DENIED
    assert through("s3", "DisableKey", caller(plain), KeyId=key) == DENIED


def test_a_service_for_itself(kms: BaseClient) -> None:
    source = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:app"
    condition = {
        "ArnEquals": {"aws:SourceArn": source},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    logs = "logs.amazonaws.com"
    key = new_key(kms, allow("kms:Encrypt", **condition) | {"Principal": {"Service": logs}})

    def ask(arn: str, name: str = logs) -> Any:
        try:
            return call_for_service(
                "Encrypt",
                {"KeyId": key, "Plaintext": b"p"},
                region=REGION,
                caller=callers.service(name),
                source_arn=arn,
                source_account=ACCOUNT,
                key_account=ACCOUNT,
            )
        except KmsError as error:
            return error.code

    assert ask(source)["KeyId"] == key
    assert ask(source.replace("app", "other")) == DENIED  # the confused deputy
    assert ask(source, "s3.amazonaws.com") == DENIED
    event = lab.events()[1]
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": logs}


# Who calls


def test_keys_that_nobody_issued_are_the_administrators(kms: BaseClient) -> None:
    key = new_key(kms)
    anybody = client_of({"AccessKeyId": "A" * 20, "SecretAccessKey": "s"})
    anybody.encrypt(KeyId=key, Plaintext=b"p")
    assert LAST[-1].call.caller.arn == ADMIN
    assert account.is_open


def test_the_way_into_another_account(kms: BaseClient) -> None:
    session = boto3.client("sts").assume_role(
        RoleArn=role_arn("admin", OTHER), RoleSessionName="session"
    )
    there = client_of(session["Credentials"])
    key = new_key(there)
    assert f":{OTHER}:" in key
    there.disable_key(KeyId=key)


def test_a_session_outlives_its_role_but_not_its_permissions(kms: BaseClient) -> None:
    key = new_key(kms)
    role = as_role("gone", allow("kms:*"))
    role.encrypt(KeyId=key, Plaintext=b"p")
    iam = boto3.client("iam")
    iam.delete_role_policy(RoleName="gone", PolicyName="permissions")
    iam.delete_role(RoleName="gone")
    refusal(role.encrypt, KeyId=key, Plaintext=b"p")


def test_a_session_token_acts_as_the_user(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    key = new_key(kms)
    iam.create_user(UserName="ada")
    keys = iam.create_access_key(UserName="ada")["AccessKey"]
    sts = boto3.client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    ada = client_of(sts.get_session_token()["Credentials"])
    said = refusal(ada.encrypt, KeyId=key, Plaintext=b"p")
    assert said.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized")
    admin = client_of(boto3.client("sts").get_session_token()["Credentials"])
    admin.encrypt(KeyId=key, Plaintext=b"p")


def test_keys_of_before_are_nobodys(kms: BaseClient) -> None:
    theirs = as_role("partner", allow("kms:*"), account=OTHER)
    lab.reset()
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        theirs.create_key()
    assert kms.list_keys()["Keys"] == []


def test_a_federated_user(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    key = new_key(kms)
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=policy(allow("kms:*")))
    keys = iam.create_access_key(UserName="ada")["AccessKey"]
    sts = boto3.client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    plain = client_of(sts.get_federation_token(Name="guest")["Credentials"])
    said = refusal(plain.encrypt, KeyId=key, Plaintext=b"p")
    assert said.startswith(f"User: arn:aws:sts::{ACCOUNT}:federated-user/guest is not authorized")
    bound = sts.get_federation_token(Name="guest", Policy=policy(allow("kms:Encrypt")))
    guest = client_of(bound["Credentials"])
    guest.encrypt(KeyId=key, Plaintext=b"p")
    refusal(guest.describe_key, KeyId=key)
    name = f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    kms.create_grant(KeyId=key, GranteePrincipal=name, Operations=["DescribeKey"])
    plain.describe_key(KeyId=key)


def test_managed_session_policies(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    key = new_key(kms)
    as_role("app", allow("kms:*"))
    arns = [
        {"arn": managed(iam, "e", allow("kms:Encrypt"))},
        {"arn": managed(iam, "d", allow("kms:DescribeKey"))},
    ]
    request = {"RoleArn": role_arn("app"), "RoleSessionName": "session", "PolicyArns": arns}
    app = client_of(boto3.client("sts").assume_role(**request)["Credentials"])
    app.encrypt(KeyId=key, Plaintext=b"p")
    app.describe_key(KeyId=key)
    assert "no session policy" in refusal(app.list_grants, KeyId=key)
    inline = policy(allow("kms:ListGrants"))
    app = client_of(boto3.client("sts").assume_role(**request, Policy=inline)["Credentials"])
    app.list_grants(KeyId=key)
    app.encrypt(KeyId=key, Plaintext=b"p")


def test_policies_that_aws_manages(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    key = new_key(kms)
    power = as_role("power")
    refusal(power.encrypt, KeyId=key, Plaintext=b"p")
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_role_policy(RoleName="power", PolicyArn=arn)
    power.encrypt(KeyId=key, Plaintext=b"p")
    reading = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.put_role_permissions_boundary(RoleName="power", PermissionsBoundary=reading)
    power.describe_key(KeyId=key)
    assert "no permissions boundary" in refusal(power.encrypt, KeyId=key, Plaintext=b"p")


def test_a_boundary_that_is_gone_allows_nothing(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    key = new_key(kms)
    role = as_role("app", allow("kms:*"))
    limit = managed(iam, "limit", allow("kms:*"))
    iam.put_role_permissions_boundary(RoleName="app", PermissionsBoundary=limit)
    role.encrypt(KeyId=key, Plaintext=b"p")
    iam.delete_policy(PolicyArn=limit)
    refusal(role.encrypt, KeyId=key, Plaintext=b"p")


def test_conditions_on_sessions(kms: BaseClient) -> None:
    key = new_key(kms)
    old = {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T00:00:00Z"}}
    as_role("app", allow("kms:*"), deny("kms:*") | {"Condition": old})
    request = {"RoleArn": role_arn("app"), "RoleSessionName": "session"}
    sts = boto3.client("sts")
    before = client_of(sts.assume_role(**request)["Credentials"])
    refusal(before.encrypt, KeyId=key, Plaintext=b"p")
    lab.clock.advance(days=2)
    after = client_of(sts.assume_role(**request)["Credentials"])
    after.encrypt(KeyId=key, Plaintext=b"p")
    refusal(before.encrypt, KeyId=key, Plaintext=b"p")


def test_conditions_on_what_is_to_be_made(kms: BaseClient) -> None:
    key = new_key(kms)
    wanted = {"StringEquals": {"kms:EncryptionContext:team": "blue"}}
    bound = as_role("bound", allow("kms:CreateGrant", **wanted))
    grant: Members = {"KeyId": key, "GranteePrincipal": ADMIN, "Operations": ["Decrypt"]}
    refusal(bound.create_grant, **grant)
    for constraint in ("EncryptionContextEquals", "EncryptionContextSubset"):
        bound.create_grant(**grant, Constraints={constraint: {"team": "blue"}})
    hmac = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "MultiRegion": True}
    multi = new_key(kms, **hmac)
    replica = {
        "StringEquals": {"kms:KeySpec": "HMAC_256", "kms:MultiRegionKeyType": "REPLICA"},
        "Bool": {"kms:MultiRegion": "true"},
    }
    maker = as_role("maker", allow("kms:ReplicateKey"), allow("kms:CreateKey", **replica))
    refusal(maker.create_key, **hmac)
    maker.replicate_key(KeyId=multi, ReplicaRegion="eu-west-1")


def test_a_replicas_policy_is_judged_in_its_region(kms: BaseClient) -> None:
    key = new_key(kms, MultiRegion=True)
    for region, taken in ((REGION, False), ("eu-west-1", True)):
        there = {"StringEquals": {"aws:RequestedRegion": region}}
        document = policy(allow("kms:*", **there) | {"Principal": {"AWS": ROOT}})
        request = {"KeyId": key, "ReplicaRegion": "eu-west-1", "Policy": document}
        if taken:
            kms.replicate_key(**request)
        else:
            with pytest.raises(ClientError, match="MalformedPolicyDocument"):
                kms.replicate_key(**request)


def test_data_keys_have_an_encryption_algorithm(kms: BaseClient) -> None:
    key = new_key(kms)
    symmetric = {"StringNotEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}
    role = as_role("app", allow("kms:*"), deny("kms:*") | {"Condition": symmetric})
    role.generate_data_key(KeyId=key, KeySpec="AES_256")


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1", "eusc-de-east-1"])
def test_users_and_roles_of_other_partitions(region: str) -> None:
    lab.close()
    lab.open(seed=1, region=region)
    try:
        kms, iam = boto3.client("kms"), boto3.client("iam")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        iam.create_user(UserName="ada")
        ada = client_of(iam.create_access_key(UserName="ada")["AccessKey"], region)
        said = refusal(ada.encrypt, KeyId=key, Plaintext=b"p")
        assert f":{ACCOUNT}:user/ada is not authorized" in said
        lab.as_role("app", policy(allow("kms:Encrypt"))).client("kms").encrypt(
            KeyId=key, Plaintext=b"p"
        )
        partition = key.split(":")[1]
        own = {"Principal": {"AWS": f"arn:{partition}:iam::{ACCOUNT}:root"}}
        named = {"Principal": {"AWS": f"arn:{partition}:iam::{ACCOUNT}:role/app"}}
        document = policy(allow("kms:*") | own, allow("kms:Decrypt") | named)
        kms.put_key_policy(KeyId=key, Policy=document)
    finally:
        lab.close()
