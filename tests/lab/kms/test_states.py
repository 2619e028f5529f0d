"""Every key state against every operation that takes a key, and deletion by the clock.

The expectations are the table of the KMS Developer Guide, "Key states of AWS KMS keys", written
down here a second time, apart from the code. After a refusal the key must be as it was.
"""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from helpers import lab
from helpers.lab.kms.responses import OPERATIONS

Members = dict[str, Any]

ARN = "arn:aws:kms:us-east-1:123456789012"
STATES = ["Enabled", "Disabled", "PendingDeletion", "PendingImport", "Deleted"]
GONE = ("NotFoundException", "Key '{arn}' does not exist")
PENDING_DELETION = ("KMSInvalidStateException", "{arn} is pending deletion.")
PENDING_IMPORT = ("KMSInvalidStateException", "{arn} is pending import.")
NOT_PENDING_DELETION = ("KMSInvalidStateException", None)  # the words were not recorded

Answer = tuple[str, str | None] | None  # code and message, or None if the operation works

CRYPTOGRAPHIC: dict[str, Answer] = {
    "Enabled": None,
    "Disabled": ("DisabledException", "{arn} is disabled."),
    "PendingDeletion": PENDING_DELETION,
    "PendingImport": PENDING_IMPORT,
    "Deleted": GONE,
}
ALWAYS: dict[str, Answer] = {
    "Enabled": None,
    "Disabled": None,
    "PendingDeletion": None,
    "PendingImport": None,
    "Deleted": GONE,
}
SWITCHING = ALWAYS | {"PendingDeletion": PENDING_DELETION, "PendingImport": PENDING_IMPORT}
CHANGING = ALWAYS | {"PendingDeletion": PENDING_DELETION}
CANCELLING: dict[str, Answer] = {
    "Enabled": NOT_PENDING_DELETION,
    "Disabled": NOT_PENDING_DELETION,
    "PendingDeletion": None,
    "PendingImport": NOT_PENDING_DELETION,
    "Deleted": GONE,
}
UNSUPPORTED = ("UnsupportedOperationException", None)
CALENDAR = CHANGING | {
    "Disabled": ("DisabledException", "{arn} is disabled."),
    "PendingImport": UNSUPPORTED,
}
# Keys that KMS generated the material of are refused for their origin.
IMPORTING = CHANGING | {"Enabled": UNSUPPORTED, "Disabled": UNSUPPORTED}
ALIAS_GONE = ("NotFoundException", "Alias {alias} is not found.")

RSA = {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}
SIGNING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
AGREEMENT = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}
HMAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
ML_KEM = {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}
SYMMETRIC: Members = {}
MULTI_REGION: Members = {"MultiRegion": True}

OAEP = "RSAES_OAEP_SHA_256"
ECDSA = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
MAC = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}
PEER_DER = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)

LOCKED_IN = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": '
    '{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}]}'
)
NO_GRANT = {"GrantId": "0" * 64}
# The grant is looked for whatever the key's state is.
GRANT_MISSING = ALWAYS | {
    state: ("NotFoundException", None) for state in STATES if state != "Deleted"
}

# A name here stands for a value that only the key itself, while enabled, can make.
CIPHERTEXT, RSA_CIPHERTEXT, SIGNATURE, A_MAC, ENCAPSULATED, OTHER_CIPHERTEXT = (
    "<ciphertext>",
    "<RSA ciphertext>",
    "<signature>",
    "<MAC>",
    "<encapsulated>",
    "<ciphertext of another key>",
)

# Name of the case: operation, kind of key, request ("KEY" and "ALIAS" are the key's), answers.
CASES: dict[str, tuple[str, Members, Members, dict[str, Answer]]] = {
    "Encrypt": ("Encrypt", SYMMETRIC, {"KeyId": "KEY", "Plaintext": b"p"}, CRYPTOGRAPHIC),
    "Encrypt under RSA": (
        "Encrypt",
        RSA,
        {"KeyId": "KEY", "Plaintext": b"p", "EncryptionAlgorithm": OAEP},
        CRYPTOGRAPHIC,
    ),
    "Decrypt": (
        "Decrypt",
        SYMMETRIC,
        {"KeyId": "KEY", "CiphertextBlob": CIPHERTEXT},
        CRYPTOGRAPHIC,
    ),
    "Decrypt without KeyId": (
        "Decrypt",
        SYMMETRIC,
        {"CiphertextBlob": CIPHERTEXT},
        CRYPTOGRAPHIC | {"Deleted": ("AccessDeniedException", None)},
    ),
    "Decrypt under RSA": (
        "Decrypt",
        RSA,
        {"KeyId": "KEY", "CiphertextBlob": RSA_CIPHERTEXT, "EncryptionAlgorithm": OAEP},
        CRYPTOGRAPHIC,
    ),
    "ReEncrypt from": (
        "ReEncrypt",
        SYMMETRIC,
        {"SourceKeyId": "KEY", "CiphertextBlob": CIPHERTEXT, "DestinationKeyId": "OTHER"},
        CRYPTOGRAPHIC,
    ),
    "ReEncrypt from RSA": (
        "ReEncrypt",
        RSA,
        {
            "SourceKeyId": "KEY",
            "CiphertextBlob": RSA_CIPHERTEXT,
            "SourceEncryptionAlgorithm": OAEP,
            "DestinationKeyId": "OTHER",
        },
        CRYPTOGRAPHIC,
    ),
    "ReEncrypt to": (
        "ReEncrypt",
        SYMMETRIC,
        {"CiphertextBlob": OTHER_CIPHERTEXT, "DestinationKeyId": "KEY"},
        CRYPTOGRAPHIC,
    ),
    "GenerateDataKey": (
        "GenerateDataKey",
        SYMMETRIC,
        {"KeyId": "KEY", "KeySpec": "AES_256"},
        CRYPTOGRAPHIC,
    ),
    "GenerateDataKeyWithoutPlaintext": (
        "GenerateDataKeyWithoutPlaintext",
        SYMMETRIC,
        {"KeyId": "KEY", "KeySpec": "AES_256"},
        CRYPTOGRAPHIC,
    ),
    "GenerateDataKeyPair": (
        "GenerateDataKeyPair",
        SYMMETRIC,
        {"KeyId": "KEY", "KeyPairSpec": "ECC_NIST_P256"},
        CRYPTOGRAPHIC,
    ),
    "GenerateDataKeyPairWithoutPlaintext": (
        "GenerateDataKeyPairWithoutPlaintext",
        SYMMETRIC,
        {"KeyId": "KEY", "KeyPairSpec": "ECC_NIST_P256"},
        CRYPTOGRAPHIC,
    ),
    "Sign": ("Sign", SIGNING, {"KeyId": "KEY"} | ECDSA, CRYPTOGRAPHIC),
    "Verify": ("Verify", SIGNING, {"KeyId": "KEY", "Signature": SIGNATURE} | ECDSA, CRYPTOGRAPHIC),
    "GenerateMac": ("GenerateMac", HMAC, {"KeyId": "KEY"} | MAC, CRYPTOGRAPHIC),
    "VerifyMac": ("VerifyMac", HMAC, {"KeyId": "KEY", "Mac": A_MAC} | MAC, CRYPTOGRAPHIC),
    "DeriveSharedSecret": (
        "DeriveSharedSecret",
        AGREEMENT,
        {"KeyId": "KEY", "KeyAgreementAlgorithm": "ECDH", "PublicKey": PEER_DER},
        CRYPTOGRAPHIC,
    ),
    "Encapsulate": ("Encapsulate", ML_KEM, {"KeyId": "KEY"} | KEM, CRYPTOGRAPHIC),
    "Decapsulate": (
        "Decapsulate",
        ML_KEM,
        {"KeyId": "KEY", "SharedSecretCiphertextBlob": ENCAPSULATED} | KEM,
        CRYPTOGRAPHIC,
    ),
    "GetPublicKey": ("GetPublicKey", SIGNING, {"KeyId": "KEY"}, CRYPTOGRAPHIC),
    "DescribeKey": ("DescribeKey", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "ListAliases": ("ListAliases", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "ListResourceTags": ("ListResourceTags", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "GetKeyPolicy": ("GetKeyPolicy", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "ListKeyPolicies": ("ListKeyPolicies", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "DeleteAlias": (
        "DeleteAlias",
        SYMMETRIC,
        {"AliasName": "ALIAS"},
        ALWAYS | {"Deleted": ALIAS_GONE},
    ),
    "EnableKey": ("EnableKey", SYMMETRIC, {"KeyId": "KEY"}, SWITCHING),
    "DisableKey": ("DisableKey", SYMMETRIC, {"KeyId": "KEY"}, SWITCHING),
    "ScheduleKeyDeletion": ("ScheduleKeyDeletion", SYMMETRIC, {"KeyId": "KEY"}, CHANGING),
    "TagResource": (
        "TagResource",
        SYMMETRIC,
        {"KeyId": "KEY", "Tags": [{"TagKey": "new", "TagValue": "v"}]},
        CHANGING,
    ),
    "UntagResource": ("UntagResource", SYMMETRIC, {"KeyId": "KEY", "TagKeys": ["a"]}, CHANGING),
    "CreateAlias": (
        "CreateAlias",
        SYMMETRIC,
        {"AliasName": "alias/new", "TargetKeyId": "KEY"},
        CHANGING,
    ),
    "UpdateAlias to": (
        "UpdateAlias",
        SYMMETRIC,
        {"AliasName": "alias/other", "TargetKeyId": "KEY"},
        CHANGING,
    ),
    # The key that an alias is taken away from may be pending deletion.
    "UpdateAlias from": (
        "UpdateAlias",
        SYMMETRIC,
        {"AliasName": "ALIAS", "TargetKeyId": "OTHER"},
        ALWAYS | {"Deleted": ALIAS_GONE},
    ),
    "UpdateKeyDescription": (
        "UpdateKeyDescription",
        SYMMETRIC,
        {"KeyId": "KEY", "Description": "new"},
        CHANGING,
    ),
    "EnableKeyRotation": ("EnableKeyRotation", SYMMETRIC, {"KeyId": "KEY"}, CALENDAR),
    "DisableKeyRotation": ("DisableKeyRotation", SYMMETRIC, {"KeyId": "KEY"}, CALENDAR),
    "RotateKeyOnDemand": ("RotateKeyOnDemand", SYMMETRIC, {"KeyId": "KEY"}, CRYPTOGRAPHIC),
    "GetKeyRotationStatus": ("GetKeyRotationStatus", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "ListKeyRotations": ("ListKeyRotations", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "GetKeyLastUsage": ("GetKeyLastUsage", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "ReplicateKey": (
        "ReplicateKey",
        MULTI_REGION,
        {"KeyId": "KEY", "ReplicaRegion": "eu-west-1"},
        CRYPTOGRAPHIC,
    ),
    "UpdatePrimaryRegion without a replica": (
        "UpdatePrimaryRegion",
        MULTI_REGION,
        {"KeyId": "KEY", "PrimaryRegion": "eu-west-1"},
        CRYPTOGRAPHIC | {"Enabled": ("NotFoundException", None)},
    ),
    "GetParametersForImport": (
        "GetParametersForImport",
        SYMMETRIC,
        {"KeyId": "KEY", "WrappingAlgorithm": OAEP, "WrappingKeySpec": "RSA_2048"},
        IMPORTING,
    ),
    "ImportKeyMaterial with a foreign token": (
        "ImportKeyMaterial",
        SYMMETRIC,
        {
            "KeyId": "KEY",
            "ImportToken": b"t",
            "EncryptedKeyMaterial": b"m",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        },
        IMPORTING | {"PendingImport": ("InvalidImportTokenException", None)},
    ),
    "DeleteImportedKeyMaterial": (
        "DeleteImportedKeyMaterial",
        SYMMETRIC,
        {"KeyId": "KEY"},
        IMPORTING | {"PendingDeletion": UNSUPPORTED},
    ),
    "PutKeyPolicy": (
        "PutKeyPolicy",
        SYMMETRIC,
        {"KeyId": "KEY", "Policy": LOCKED_IN},
        ALWAYS,
    ),
    "CreateGrant": (
        "CreateGrant",
        SYMMETRIC,
        {
            "KeyId": "KEY",
            "GranteePrincipal": "arn:aws:iam::123456789012:user/admin",
            "Operations": ["Decrypt"],
        },
        CRYPTOGRAPHIC,
    ),
    "ListGrants": ("ListGrants", SYMMETRIC, {"KeyId": "KEY"}, ALWAYS),
    "RevokeGrant": ("RevokeGrant", SYMMETRIC, {"KeyId": "KEY"} | NO_GRANT, GRANT_MISSING),
    "RetireGrant": ("RetireGrant", SYMMETRIC, {"KeyId": "KEY"} | NO_GRANT, GRANT_MISSING),
    "CancelKeyDeletion": ("CancelKeyDeletion", SYMMETRIC, {"KeyId": "KEY"}, CANCELLING),
}


def new_key(kms: BaseClient, **members: Any) -> str:
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


def refusal(kms: BaseClient, operation: str, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        getattr(kms, operation)(**members)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response["Error"]["Code"], response["Error"]["Message"]


def made_while_enabled(kms: BaseClient, arn: str, other: str, request: Members) -> Members:
    """The request, with what the key has to make before it goes into its state."""

    def ready(value: Any) -> Any:
        if value == "KEY":
            return arn
        if value == "OTHER":
            return other
        if value == "ALIAS":
            return "alias/name"
        if value == CIPHERTEXT:
            return kms.encrypt(KeyId=arn, Plaintext=b"p")["CiphertextBlob"]
        if value == OTHER_CIPHERTEXT:
            return kms.encrypt(KeyId=other, Plaintext=b"p")["CiphertextBlob"]
        if value == RSA_CIPHERTEXT:
            how = {"KeyId": arn, "EncryptionAlgorithm": OAEP}
            return kms.encrypt(Plaintext=b"p", **how)["CiphertextBlob"]
        if value == SIGNATURE:
            return kms.sign(KeyId=arn, **ECDSA)["Signature"]
        if value == A_MAC:
            return kms.generate_mac(KeyId=arn, **MAC)["Mac"]
        if value == ENCAPSULATED:
            return kms.encapsulate(KeyId=arn, **KEM)["SharedSecretCiphertextBlob"]
        return value

    return {name: ready(value) for name, value in request.items()}


# A key without material has made nothing; what stands for it is of the right length.
STAND_INS: Members = {
    RSA_CIPHERTEXT: bytes(256),
    SIGNATURE: bytes(64),
    A_MAC: bytes(32),
    ENCAPSULATED: bytes(1088),
}


def traces(kms: BaseClient, arn: str) -> tuple[Any, ...]:
    """All that an operation could have changed."""
    try:
        key = kms.describe_key(KeyId=arn)["KeyMetadata"]
        tags = kms.list_resource_tags(KeyId=arn)["Tags"]
        tags += kms.list_grants(KeyId=arn)["Grants"]
        tags += [kms.get_key_policy(KeyId=arn)["Policy"]]
    except ClientError:
        key, tags = None, None
    return key, tags, kms.list_aliases()["Aliases"]


def prepared(kms: BaseClient, state: str, kind: Members, request: Members) -> tuple[str, Members]:
    """A key of the kind in the state, and the request made ready for it."""
    other = new_key(kms)
    kms.create_alias(AliasName="alias/other", TargetKeyId=other)
    named = {"Tags": [{"TagKey": "a", "TagValue": "1"}]} | kind
    if state == "PendingImport":
        arn = new_key(kms, Origin="EXTERNAL", **named)
        request = {
            name: STAND_INS.get(value, value) if isinstance(value, str) else value
            for name, value in request.items()
        }
    else:
        arn = new_key(kms, **named)
    request = made_while_enabled(kms, arn, other, request)
    kms.create_alias(AliasName="alias/name", TargetKeyId=arn)
    if state == "Disabled":
        kms.disable_key(KeyId=arn)
    elif state in ("PendingDeletion", "Deleted"):
        kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
        if state == "Deleted":
            lab.clock.advance(days=7)
    if state != "Deleted":
        assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == state
    return arn, request


PAIRS = [
    (state, case)
    for state in STATES
    for case, (_, _, request, _) in CASES.items()
    # Nothing was ever encrypted under a symmetric key that has had no material.
    if not (state == "PendingImport" and CIPHERTEXT in request.values())
]


@pytest.mark.parametrize(("state", "case"), PAIRS)
def test_state_against_operation(kms: BaseClient, state: str, case: str) -> None:
    operation, kind, request, answers = CASES[case]
    arn, request = prepared(kms, state, kind, request)
    method, answer = xform_name(operation), answers[state]
    if answer is None:
        getattr(kms, method)(**request)
        return
    before = traces(kms, arn)
    code, message = refusal(kms, method, **request)
    assert code == answer[0]
    if answer[1] is not None:
        expected = answer[1].replace("{arn}", arn).replace("{alias}", f"{ARN}:alias/name")
        assert message == expected
    assert traces(kms, arn) == before, "a refused request leaves no trace"


def test_the_table_is_complete(kms: BaseClient) -> None:
    taking_a_key = {
        operation
        for operation in OPERATIONS
        if {"KeyIdType", "AliasNameType"}
        & {
            shape.name
            for shape in kms.meta.service_model.operation_model(
                operation
            ).input_shape.members.values()
        }
    }
    assert {operation for operation, _, _, _ in CASES.values()} == taking_a_key
    # The others are about no key: they make one, or ask for a list, or for a key store.
    assert {name for name in OPERATIONS.keys() - taking_a_key if "CustomKeyStore" not in name} == {
        "CreateKey",
        "GenerateRandom",
        "ListKeys",
        "ListRetirableGrants",
    }
    assert all(set(answers) == set(STATES) for _, _, _, answers in CASES.values())


def test_enabling_brings_a_disabled_key_back(kms: BaseClient) -> None:
    arn = new_key(kms)
    blob = kms.encrypt(KeyId=arn, Plaintext=b"p")["CiphertextBlob"]
    kms.disable_key(KeyId=arn)
    kms.disable_key(KeyId=arn)
    kms.enable_key(KeyId=arn)
    kms.enable_key(KeyId=arn)
    metadata = kms.describe_key(KeyId=arn)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"


# Deletion and the clock


@pytest.mark.parametrize("days", [None, 7, 8, 29, 30])
def test_waiting_period(kms: BaseClient, days: int | None) -> None:
    arn = new_key(kms)
    request = {} if days is None else {"PendingWindowInDays": days}
    reply = kms.schedule_key_deletion(KeyId=arn, **request)
    del reply["ResponseMetadata"]
    expected = days or 30
    date = lab.clock.now() + timedelta(days=expected)
    assert reply == {
        "KeyId": arn,
        "DeletionDate": date,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": expected,
    }
    lab.clock.advance(days=expected, seconds=-1)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["DeletionDate"] == date
    lab.clock.advance(seconds=1)
    assert refusal(kms, "describe_key", KeyId=arn)[0] == "NotFoundException"


@pytest.mark.parametrize("days", [1, 6, 31, 365, 366])
def test_waiting_period_that_is_refused(kms: BaseClient, days: int) -> None:
    arn = new_key(kms)
    code, message = refusal(kms, "schedule_key_deletion", KeyId=arn, PendingWindowInDays=days)
    assert code == "ValidationException"
    assert message
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Enabled"


def test_cancelling_in_the_last_second(kms: BaseClient) -> None:
    arn = new_key(kms)
    blob = kms.encrypt(KeyId=arn, Plaintext=b"p")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    lab.clock.advance(days=7, seconds=-1)
    reply = kms.cancel_key_deletion(KeyId=arn)
    del reply["ResponseMetadata"]
    assert reply == {"KeyId": arn}
    lab.clock.advance(days=400)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Disabled"
    assert refusal(kms, "decrypt", CiphertextBlob=blob)[0] == "DisabledException"
    kms.enable_key(KeyId=arn)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"


def test_scheduling_again_after_cancelling_counts_anew(kms: BaseClient) -> None:
    arn = new_key(kms)
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    lab.clock.advance(days=5)
    kms.cancel_key_deletion(KeyId=arn)
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=8)
    lab.clock.advance(days=7)
    kms.describe_key(KeyId=arn)
    lab.clock.advance(days=1)
    assert refusal(kms, "describe_key", KeyId=arn)[0] == "NotFoundException"


def test_a_second_schedule_does_not_move_the_date(kms: BaseClient) -> None:
    arn = new_key(kms)
    date = kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)["DeletionDate"]
    code, _ = refusal(kms, "schedule_key_deletion", KeyId=arn, PendingWindowInDays=30)
    assert code == "KMSInvalidStateException"
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["DeletionDate"] == date


def test_cancelling_the_deletion_of_a_key_without_material_does_not_enable_it(
    kms: BaseClient,
) -> None:
    arn = new_key(kms, Origin="EXTERNAL")
    kms.schedule_key_deletion(KeyId=arn)
    kms.cancel_key_deletion(KeyId=arn)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Enabled"] is False
    code, _ = refusal(kms, "encrypt", KeyId=arn, Plaintext=b"p")
    assert code in ("KMSInvalidStateException", "DisabledException")


def test_deletion_takes_aliases_and_ciphertext_along(kms: BaseClient) -> None:
    doomed, kept = new_key(kms), new_key(kms)
    for name in ("alias/one", "alias/two"):
        kms.create_alias(AliasName=name, TargetKeyId=doomed)
    kms.create_alias(AliasName="alias/kept", TargetKeyId=kept)
    blobs = [kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"] for key in (doomed, kept)]
    kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)
    lab.clock.advance(days=7)
    assert [key["KeyArn"] for key in kms.list_keys()["Keys"]] == [kept]
    names = [alias["AliasName"] for alias in kms.list_aliases(Limit=100)["Aliases"]]
    assert [name for name in names if not name.startswith("alias/aws/")] == ["alias/kept"]
    assert refusal(kms, "decrypt", CiphertextBlob=blobs[0])[0] == "AccessDeniedException"
    code, _ = refusal(kms, "decrypt", CiphertextBlob=blobs[0], KeyId=kept)
    assert code == "IncorrectKeyException"
    code, _ = refusal(kms, "re_encrypt", CiphertextBlob=blobs[0], DestinationKeyId=kept)
    assert code == "AccessDeniedException"
    assert refusal(kms, "encrypt", KeyId="alias/one", Plaintext=b"p") == (
        "NotFoundException",
        f"Alias {ARN}:alias/one is not found.",
    )
    assert kms.decrypt(CiphertextBlob=blobs[1])["Plaintext"] == b"p"
    kms.create_alias(AliasName="alias/one", TargetKeyId=kept)


def test_every_region_has_its_own_deletions_and_the_same_clock(kms: BaseClient) -> None:
    there = boto3.client("kms", region_name="eu-central-1")
    here_key, there_key = new_key(kms), new_key(there)
    there.schedule_key_deletion(KeyId=there_key, PendingWindowInDays=7)
    lab.clock.advance(days=7)
    assert refusal(there, "describe_key", KeyId=there_key)[0] == "NotFoundException"
    kms.describe_key(KeyId=here_key)


def test_a_deleted_key_is_gone_for_other_services_too(kms: BaseClient) -> None:
    ec2 = boto3.client("ec2")
    arn = new_key(kms)
    ec2.modify_ebs_default_kms_key_id(KmsKeyId=arn)
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    lab.clock.advance(days=7)
    # No request to KMS in between: the other service is the first to ask.
    # moto's EC2 has no words of its own for a key that is missing.
    with pytest.raises((ClientError, KeyError)):
        ec2.modify_ebs_default_kms_key_id(KmsKeyId=arn)


def test_a_key_of_another_account_is_closed_deleted_or_not(kms: BaseClient) -> None:
    role = boto3.client("sts").assume_role(
        RoleArn="arn:aws:iam::222222222222:role/other", RoleSessionName="other"
    )["Credentials"]
    owner = boto3.client(
        "kms",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    arn = new_key(owner)
    assert ":222222222222:" in arn
    own = new_key(kms)
    blob = owner.encrypt(KeyId=arn, Plaintext=b"p")["CiphertextBlob"]
    requests: dict[str, dict[str, Any]] = {
        "decrypt": {"CiphertextBlob": blob},
        "re_encrypt": {"CiphertextBlob": blob, "DestinationKeyId": own},
        "encrypt": {"KeyId": arn, "Plaintext": b"p"},
        "generate_data_key": {"KeyId": arn, "KeySpec": "AES_256"},
        "describe_key": {"KeyId": arn},
        "get_key_rotation_status": {"KeyId": arn},
    }
    # The default key policy lets its own account in, and nobody else.
    while_it_is_there = {name: refusal(kms, name, **asked) for name, asked in requests.items()}
    assert {code for code, _ in while_it_is_there.values()} == {"AccessDeniedException"}
    assert owner.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
    owner.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    lab.clock.advance(days=7)
    # The owner asks for nothing in between. A missing key and a forbidden one look the same.
    for operation, request in requests.items():
        assert refusal(kms, operation, **request) == while_it_is_there[operation]
