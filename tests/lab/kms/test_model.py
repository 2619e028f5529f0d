"""The lab speaks the API that botocore's service model describes, member by member.

Every operation takes every member of its request and answers with the members of its reply and
no others, in the types of the model. Beyond the model: key specs and usages, dry runs, tags,
aliases, pages, identifiers, message types and the order in which KMS checks a request.
"""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from helpers import lab

Members = dict[str, Any]

ACCOUNT = "123456789012"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}"
ABSENT = "01234567-89ab-cdef-0123-456789abcdef"
CONTEXT = {"purpose": "test"}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
OAEP = "RSAES_OAEP_SHA_256"
PSS = "RSASSA_PSS_SHA_256"
RECIPIENT = {"KeyEncryptionAlgorithm": OAEP, "AttestationDocument": b"document"}

# The operations that the course has so far, by its own list.
COURSE = [
    "CreateKey",
    "DescribeKey",
    "ListKeys",
    "UpdateKeyDescription",
    "CreateAlias",
    "UpdateAlias",
    "DeleteAlias",
    "ListAliases",
    "EnableKey",
    "DisableKey",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "TagResource",
    "UntagResource",
    "ListResourceTags",
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateRandom",
    "Sign",
    "Verify",
    "GenerateMac",
    "VerifyMac",
    "GetPublicKey",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
]


def new_key(kms: BaseClient, key_spec: str = "", key_usage: str = "", **more: Any) -> str:
    named = {"KeySpec": key_spec, "KeyUsage": key_usage} if key_spec else {}
    return kms.create_key(**named, **more)["KeyMetadata"]["Arn"]


def tag(name: str, value: str = "v") -> Members:
    return {"TagKey": name, "TagValue": value}


def refusal(client: BaseClient, operation: str, **members: Any) -> tuple[str, str]:
    """The code and message of the error, which has to be one that AWS could have sent."""
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**members)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    code, message = response["Error"]["Code"], response["Error"].get("Message", "")
    assert code.endswith("Exception")
    for trace in ("Traceback", "moto", "KeyError", "object at 0x", "NoneType", "File "):
        assert trace not in message
    return code, message


def wire(kms: BaseClient, operation: str, request: Members) -> Members:
    """The reply as it was sent. botocore drops what its model doesn't know; this shows it."""
    seen: list[bytes] = []

    def note(http_response: Any, **_: Any) -> None:
        seen.append(http_response.content)

    event = f"after-call.kms.{operation}"
    kms.meta.events.register(event, note)
    try:
        getattr(kms, xform_name(operation))(**request)
    finally:
        kms.meta.events.unregister(event, note)
    return json.loads(seen[0]) if seen[0] else {}


def check_shape(shape: Shape, value: Any, path: str) -> None:
    """The value, as JSON, is what the model calls this shape; no member is unknown."""
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict), path
        assert set(value) <= set(shape.members), f"{path} has members that the model lacks"
        assert set(shape.required_members) <= set(value), path
        for name, item in value.items():
            check_shape(shape.members[name], item, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), path
        for item in value:
            check_shape(shape.member, item, f"{path}[]")
    elif shape.type_name == "timestamp":
        assert isinstance(value, int | float), path
    elif shape.type_name == "boolean":
        assert isinstance(value, bool), path
    elif shape.type_name == "integer":
        assert isinstance(value, int), path
    elif shape.type_name == "blob":
        assert base64.b64decode(value, validate=True), path
    else:
        assert isinstance(value, str), path
        # AWS repeats every KeySpec under its old name, the newer ones too.
        if shape.enum and shape.name != "CustomerMasterKeySpec":
            assert value in shape.enum, path


def pages(kms: BaseClient, operation: str, **request: Any) -> Iterator[Members]:
    """Every page, by the marker of the one before; each marker is new, so the pages end."""
    markers: set[str] = set()
    while True:
        reply = getattr(kms, operation)(**request)
        assert reply["Truncated"] == ("NextMarker" in reply)
        yield reply
        if not reply["Truncated"]:
            return
        request["Marker"] = reply["NextMarker"]
        assert request["Marker"] not in markers
        markers.add(request["Marker"])


# Every member of every request and reply


def requests_and_replies(kms: BaseClient) -> dict[str, list[tuple[Members, set[str]]]]:
    """For each operation: requests that together use all members, and the members of the reply.

    The requests follow each other: what one makes, the next may use.
    """
    symmetric, other = new_key(kms), new_key(kms)
    signing = new_key(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    agreement = new_key(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    mac_key = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    kem_key = new_key(kms, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    rsa = new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    going = new_key(kms)
    blob = kms.encrypt(KeyId=symmetric, Plaintext=b"p", EncryptionContext=CONTEXT)["CiphertextBlob"]
    rsa_blob = kms.encrypt(KeyId=rsa, Plaintext=b"p", EncryptionAlgorithm=OAEP)["CiphertextBlob"]
    ecdsa = {"KeyId": signing, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**ecdsa)["Signature"]
    hmac = {"KeyId": mac_key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    mac = kms.generate_mac(**hmac)["Mac"]
    kem = {"KeyId": kem_key, "EncapsulationAlgorithm": "ML_KEM"}
    encapsulated = kms.encapsulate(**kem)["SharedSecretCiphertextBlob"]
    peer = kms.get_public_key(KeyId=agreement)["PublicKey"]
    metadata = {"KeyMetadata"}
    none: set[str] = set()
    off: Members = {"GrantTokens": [], "DryRun": False}
    with_context = {"KeyId": symmetric, "EncryptionContext": CONTEXT} | off
    wrapped = {"CiphertextBlob", "KeyId", "KeyMaterialId"}
    pair = {"PrivateKeyCiphertextBlob", "PublicKey", "KeyId", "KeyPairSpec", "KeyMaterialId"}
    re_encrypted = {
        "CiphertextBlob",
        "SourceKeyId",
        "KeyId",
        "SourceEncryptionAlgorithm",
        "DestinationEncryptionAlgorithm",
    }
    for name in ("alias/a", "alias/b"):
        kms.create_alias(AliasName=name, TargetKeyId=symmetric)
    kms.tag_resource(KeyId=symmetric, Tags=[tag("a"), tag("b"), tag("c")])
    keys_marker = kms.list_keys(Limit=1)["NextMarker"]
    tags_marker = kms.list_resource_tags(KeyId=symmetric, Limit=1)["NextMarker"]
    aliases_marker = kms.list_aliases(KeyId=symmetric, Limit=1)["NextMarker"]
    return {
        "CreateKey": [
            (
                {
                    "Policy": POLICY,
                    "Description": "d",
                    "KeyUsage": "ENCRYPT_DECRYPT",
                    "KeySpec": "SYMMETRIC_DEFAULT",
                    "Origin": "AWS_KMS",
                    "BypassPolicyLockoutSafetyCheck": True,
                    "Tags": [tag("a", "")],
                    "MultiRegion": True,
                },
                metadata,
            ),
            (
                {"CustomerMasterKeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
                metadata,
            ),
            ({"Origin": "EXTERNAL", "MultiRegion": False}, metadata),
        ],
        "DescribeKey": [({"KeyId": symmetric, "GrantTokens": []}, metadata)],
        "ListKeys": [
            ({"ResourceOwners": ["SELF"]}, {"Keys", "Truncated"}),
            ({"Limit": 1, "Marker": keys_marker}, {"Keys", "Truncated", "NextMarker"}),
        ],
        "UpdateKeyDescription": [({"KeyId": symmetric, "Description": "d"}, none)],
        "CreateAlias": [({"AliasName": "alias/c", "TargetKeyId": symmetric}, none)],
        "UpdateAlias": [({"AliasName": "alias/c", "TargetKeyId": other}, none)],
        "DeleteAlias": [({"AliasName": "alias/c"}, none)],
        "ListAliases": [
            ({"Limit": 1}, {"Aliases", "Truncated", "NextMarker"}),
            ({"KeyId": symmetric, "Marker": aliases_marker}, {"Aliases", "Truncated"}),
        ],
        "DisableKey": [({"KeyId": other}, none)],
        "EnableKey": [({"KeyId": other}, none)],
        "ScheduleKeyDeletion": [
            (
                {"KeyId": going, "PendingWindowInDays": 7},
                {"KeyId", "DeletionDate", "KeyState", "PendingWindowInDays"},
            )
        ],
        "CancelKeyDeletion": [({"KeyId": going}, {"KeyId"})],
        "TagResource": [({"KeyId": other, "Tags": [tag("a")]}, none)],
        "UntagResource": [({"KeyId": other, "TagKeys": ["a"]}, none)],
        "ListResourceTags": [
            (
                {"KeyId": symmetric, "Limit": 1, "Marker": tags_marker},
                {"Tags", "Truncated", "NextMarker"},
            )
        ],
        "Encrypt": [
            (
                with_context | {"Plaintext": b"p", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"},
                {"CiphertextBlob", "KeyId", "EncryptionAlgorithm"},
            )
        ],
        "Decrypt": [
            (
                with_context
                | {
                    "CiphertextBlob": blob,
                    "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                    "DryRunModifiers": [],
                },
                {"KeyId", "Plaintext", "EncryptionAlgorithm", "KeyMaterialId"},
            )
        ],
        "ReEncrypt": [
            (
                {
                    "CiphertextBlob": blob,
                    "SourceEncryptionContext": CONTEXT,
                    "SourceKeyId": symmetric,
                    "DestinationKeyId": other,
                    "DestinationEncryptionContext": {"other": "context"},
                    "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                    "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                    "DryRunModifiers": [],
                }
                | off,
                re_encrypted | {"SourceKeyMaterialId", "DestinationKeyMaterialId"},
            ),
            (
                {
                    "CiphertextBlob": rsa_blob,
                    "SourceKeyId": rsa,
                    "SourceEncryptionAlgorithm": OAEP,
                    "DestinationKeyId": symmetric,
                },
                re_encrypted | {"DestinationKeyMaterialId"},
            ),
            (
                {
                    "CiphertextBlob": blob,
                    "SourceEncryptionContext": CONTEXT,
                    "DestinationKeyId": rsa,
                    "DestinationEncryptionAlgorithm": OAEP,
                },
                re_encrypted | {"SourceKeyMaterialId"},
            ),
        ],
        "GenerateDataKey": [
            (with_context | {"KeySpec": "AES_256"}, wrapped | {"Plaintext"}),
            (with_context | {"NumberOfBytes": 1024}, wrapped | {"Plaintext"}),
        ],
        "GenerateDataKeyWithoutPlaintext": [
            (with_context | {"KeySpec": "AES_128"}, wrapped),
            (with_context | {"NumberOfBytes": 1}, wrapped),
        ],
        "GenerateDataKeyPair": [
            (with_context | {"KeyPairSpec": "ECC_NIST_P256"}, pair | {"PrivateKeyPlaintext"})
        ],
        "GenerateDataKeyPairWithoutPlaintext": [
            (with_context | {"KeyPairSpec": "ECC_NIST_P256"}, pair)
        ],
        "GenerateRandom": [({"NumberOfBytes": 32}, {"Plaintext"})],
        "Sign": [
            (ecdsa | off | {"MessageType": "RAW"}, {"KeyId", "Signature", "SigningAlgorithm"})
        ],
        "Verify": [
            (
                ecdsa | off | {"MessageType": "RAW", "Signature": signature},
                {"KeyId", "SignatureValid", "SigningAlgorithm"},
            )
        ],
        "GenerateMac": [(hmac | off, {"KeyId", "Mac", "MacAlgorithm"})],
        "VerifyMac": [(hmac | off | {"Mac": mac}, {"KeyId", "MacValid", "MacAlgorithm"})],
        "GetPublicKey": [
            (
                {"KeyId": signing, "GrantTokens": []},
                {
                    "KeyId",
                    "PublicKey",
                    "CustomerMasterKeySpec",
                    "KeySpec",
                    "KeyUsage",
                    "SigningAlgorithms",
                },
            )
        ],
        "DeriveSharedSecret": [
            (
                {"KeyId": agreement, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer} | off,
                {"KeyId", "SharedSecret", "KeyAgreementAlgorithm", "KeyOrigin"},
            )
        ],
        "Encapsulate": [
            (
                kem | off,
                {"KeyId", "SharedSecret", "SharedSecretCiphertextBlob", "EncapsulationAlgorithm"},
            )
        ],
        "Decapsulate": [
            (
                kem | off | {"SharedSecretCiphertextBlob": encapsulated},
                {"KeyId", "SharedSecret", "EncapsulationAlgorithm"},
            )
        ],
    }


# Members that only an enclave or a custom key store could use; each has a test of its own below.
REFUSED_MEMBERS = {"Recipient", "CustomKeyStoreId", "XksKeyId"}
# Members of replies that only an enclave gets.
ABSENT_FROM_REPLIES = {"CiphertextForRecipient"}


def test_every_operation_with_every_member(kms: BaseClient) -> None:
    table = requests_and_replies(kms)
    assert set(table) == set(COURSE)
    for operation, rows in table.items():
        model = kms.meta.service_model.operation_model(operation)
        used, answered = set(), set()
        for request, members in rows:
            used |= set(request)
            reply = wire(kms, operation, request)
            assert set(reply) == members, operation
            answered |= members
            if model.output_shape:
                check_shape(model.output_shape, reply, operation)
        assert used == set(model.input_shape.members) - REFUSED_MEMBERS, operation
        outputs = set(model.output_shape.members) if model.output_shape else set()
        other_usages = {name for name in outputs if name.endswith("Algorithms")}
        assert outputs - answered <= ABSENT_FROM_REPLIES | other_usages, operation


def test_members_of_lists(kms: BaseClient) -> None:
    table = requests_and_replies(kms)
    assert table
    keys = kms.list_keys()["Keys"]
    assert all(set(key) == {"KeyId", "KeyArn"} for key in keys)
    assert all(key["KeyArn"] == f"{ARN}:key/{key['KeyId']}" for key in keys)
    [alias] = [a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/a"]
    assert set(alias) == {
        "AliasName",
        "AliasArn",
        "TargetKeyId",
        "CreationDate",
        "LastUpdatedDate",
    }
    assert alias["AliasArn"] == f"{ARN}:alias/a"
    assert f"{ARN}:key/{alias['TargetKeyId']}" in [key["KeyArn"] for key in keys]


def test_create_key_keeps_what_it_was_given(kms: BaseClient) -> None:
    arn = new_key(kms, Description="d" * 8192, Policy=POLICY, Tags=[tag("a", "1")])
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Description"] == "d" * 8192
    assert json.loads(kms.get_key_policy(KeyId=arn)["Policy"]) == json.loads(POLICY)
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == [tag("a", "1")]
    kms.update_key_description(KeyId=arn, Description="")
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Description"] == ""


STATEMENT = json.loads(POLICY)["Statement"][0]


@pytest.mark.parametrize(
    "policy",
    [
        "not JSON",
        "{}",
        "[]",
        "null",
        '"text"',
        "5",
        json.dumps({"Version": "2012-10-17", "Statement": []}),
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}),
        json.dumps({"Version": "2026-11-23", "Statement": [STATEMENT]}),
        json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | {"Effect": "Perhaps"}]}),
        json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | {"Action": "Decrypt"}]}),
        json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | {"Principal": "ada"}]}),
    ],
)
def test_policy_that_is_none(kms: BaseClient, policy: str) -> None:
    assert refusal(kms, "create_key", Policy=policy)[0] == "MalformedPolicyDocumentException"
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize(
    ("request_members", "code"),
    [
        ({"Origin": "AWS_CLOUDHSM"}, "ValidationException"),
        ({"Origin": "EXTERNAL_KEY_STORE"}, "ValidationException"),
        (
            {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1"},
            "CustomKeyStoreNotFoundException",
        ),
        (
            {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1", "XksKeyId": "x"},
            "CustomKeyStoreNotFoundException",
        ),
        ({"XksKeyId": "x"}, "ValidationException"),
        ({"KeySpec": "HMAC_256", "CustomerMasterKeySpec": "HMAC_256"}, "ValidationException"),
        ({"Description": "d" * 8193}, "ValidationException"),
    ],
    ids=str,
)
def test_create_key_that_is_refused(kms: BaseClient, request_members: Members, code: str) -> None:
    assert refusal(kms, "create_key", **request_members)[0] == code
    assert kms.list_keys()["Keys"] == []


def test_random_bytes_from_a_custom_key_store(kms: BaseClient) -> None:
    code, _ = refusal(kms, "generate_random", NumberOfBytes=8, CustomKeyStoreId="cks-1")
    assert code == "CustomKeyStoreNotFoundException"


def with_member(kms: BaseClient, member: str) -> list[str]:
    model = kms.meta.service_model
    return [o for o in COURSE if member in model.operation_model(o).input_shape.members]


def test_recipient_is_refused(kms: BaseClient) -> None:
    operations = with_member(kms, "Recipient")
    assert len(operations) == 5
    table = requests_and_replies(kms)
    for operation in operations:
        request = table[operation][0][0] | {"Recipient": RECIPIENT}
        code, message = refusal(kms, xform_name(operation), **request)
        assert code == "ValidationException", operation
        assert message, operation


def test_a_grant_token_that_no_grant_has_made_is_refused(kms: BaseClient) -> None:
    operations = with_member(kms, "GrantTokens")
    assert len(operations) == 16
    table = requests_and_replies(kms)
    for operation in operations:
        request = table[operation][0][0] | {"GrantTokens": ["token"]}
        errors = kms.meta.service_model.operation_model(operation).error_shapes
        if "InvalidGrantTokenException" not in {error.name for error in errors}:
            assert operation == "DescribeKey"  # by its model it has no word for this
            continue
        assert refusal(kms, xform_name(operation), **request)[0] == "InvalidGrantTokenException"
    too_many = {"KeyId": ABSENT, "GrantTokens": ["token"] * 11}
    assert refusal(kms, "describe_key", **too_many)[0] == "ValidationException"


# Key specs and usages

NIST = {"SIGN_VERIFY", "KEY_AGREEMENT"}
USAGES = {
    "SYMMETRIC_DEFAULT": {"ENCRYPT_DECRYPT"},
    "RSA_2048": {"ENCRYPT_DECRYPT", "SIGN_VERIFY"},
    "RSA_3072": {"ENCRYPT_DECRYPT", "SIGN_VERIFY"},
    "RSA_4096": {"ENCRYPT_DECRYPT", "SIGN_VERIFY"},
    "ECC_NIST_P256": NIST,
    "ECC_NIST_P384": NIST,
    "ECC_NIST_P521": NIST,
    "ECC_SECG_P256K1": {"SIGN_VERIFY"},
    "ECC_NIST_EDWARDS25519": {"SIGN_VERIFY"},
    "HMAC_224": {"GENERATE_VERIFY_MAC"},
    "HMAC_256": {"GENERATE_VERIFY_MAC"},
    "HMAC_384": {"GENERATE_VERIFY_MAC"},
    "HMAC_512": {"GENERATE_VERIFY_MAC"},
    "ML_DSA_44": {"SIGN_VERIFY"},
    "ML_DSA_65": {"SIGN_VERIFY"},
    "ML_DSA_87": {"SIGN_VERIFY"},
    "ML_KEM_768": {"ENCAPSULATE_DECAPSULATE"},
    "ML_KEM_1024": {"ENCAPSULATE_DECAPSULATE"},
    "ML_KEM_512": {"ENCAPSULATE_DECAPSULATE"},
    "SM2": {"ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"},
}
UNAVAILABLE = {"SM2", "ML_KEM_512"}
RSA_SIGNING = {
    f"RSASSA_{scheme}_SHA_{bits}" for scheme in ("PSS", "PKCS1_V1_5") for bits in (256, 384, 512)
}
SIGNING = {
    "RSA": RSA_SIGNING,
    "ECC_NIST_P256": {"ECDSA_SHA_256"},
    "ECC_NIST_P384": {"ECDSA_SHA_384"},
    "ECC_NIST_P521": {"ECDSA_SHA_512"},
    "ECC_SECG_P256K1": {"ECDSA_SHA_256"},
    "ECC_NIST_EDWARDS25519": {"ED25519_SHA_512", "ED25519_PH_SHA_512"},
    "ML_DSA": {"ML_DSA_SHAKE_256"},
}


def algorithms(key_spec: str, key_usage: str) -> tuple[str, set[str]]:
    """The member that lists a key's algorithms, and what stands in it."""
    if key_usage == "ENCRYPT_DECRYPT":
        rsa = {"RSAES_OAEP_SHA_1", OAEP}
        return "EncryptionAlgorithms", rsa if key_spec != "SYMMETRIC_DEFAULT" else {key_spec}
    if key_usage == "SIGN_VERIFY":
        family = next(name for name in SIGNING if key_spec.startswith(name))
        return "SigningAlgorithms", SIGNING[family]
    if key_usage == "GENERATE_VERIFY_MAC":
        return "MacAlgorithms", {key_spec.replace("HMAC_", "HMAC_SHA_")}
    if key_usage == "KEY_AGREEMENT":
        return "KeyAgreementAlgorithms", {"ECDH"}
    return "EncapsulationAlgorithms", {"ML_KEM"}


def test_the_tables_hold_every_value_of_the_enums(kms: BaseClient) -> None:
    model = kms.meta.service_model
    assert set(USAGES) == set(model.shape_for("KeySpec").enum)
    assert set.union(*USAGES.values()) == set(model.shape_for("KeyUsageType").enum)


@pytest.mark.parametrize("key_spec", USAGES)
def test_key_spec_with_every_usage(kms: BaseClient, key_spec: str) -> None:
    for key_usage in kms.meta.service_model.shape_for("KeyUsageType").enum:
        request = {"KeySpec": key_spec, "KeyUsage": key_usage}
        if key_usage not in USAGES[key_spec]:
            code, message = refusal(kms, "create_key", **request)
            if key_spec == "SM2" and code == "UnsupportedOperationException":
                continue  # the Region may be checked first
            assert code == "ValidationException"
            assert message == f"KeyUsage {key_usage} is not compatible with KeySpec {key_spec}"
        elif key_spec in UNAVAILABLE:
            code, message = refusal(kms, "create_key", **request)
            assert code == "UnsupportedOperationException"
            assert key_spec in message
        else:
            check_key(kms, kms.create_key(**request)["KeyMetadata"], key_spec, key_usage)
    if key_spec != "SYMMETRIC_DEFAULT":
        code, message = refusal(kms, "create_key", KeySpec=key_spec)
        assert code in ("ValidationException", "UnsupportedOperationException")
        assert code != "ValidationException" or message.startswith("You must specify a KeyUsage")


def check_key(kms: BaseClient, metadata: Members, key_spec: str, key_usage: str) -> None:
    member, expected = algorithms(key_spec, key_usage)
    assert [name for name in metadata if name.endswith("Algorithms")] == [member]
    assert set(metadata[member]) == expected
    assert len(metadata[member]) == len(expected)
    assert (metadata["KeySpec"], metadata["KeyUsage"]) == (key_spec, key_usage)
    assert ("CurrentKeyMaterialId" in metadata) == (key_spec == "SYMMETRIC_DEFAULT")
    key_id = metadata["KeyId"]
    if key_spec.startswith(("SYMMETRIC", "HMAC")):
        assert refusal(kms, "get_public_key", KeyId=key_id)[0] == "UnsupportedOperationException"
        return
    reply = wire(kms, "GetPublicKey", {"KeyId": key_id})
    load_der_public_key(base64.b64decode(reply.pop("PublicKey")))
    assert set(reply.pop(member)) == expected
    # AWS lists no MAC algorithms here: an HMAC key has no public half.
    assert reply == {
        "KeyId": metadata["Arn"],
        "CustomerMasterKeySpec": key_spec,
        "KeySpec": key_spec,
        "KeyUsage": key_usage,
    }


def test_what_china_has_and_lacks(kms: BaseClient) -> None:
    china = boto3.client("kms", region_name="cn-north-1")
    code, message = refusal(china, "create_key", KeySpec="SM2", KeyUsage="SIGN_VERIFY")
    assert (code, "SM2" in message) == ("UnsupportedOperationException", True)
    code, _ = refusal(china, "create_key", KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
    assert code == "UnsupportedOperationException"
    assert new_key(china).startswith("arn:aws-cn:kms:cn-north-1:")
    code, _ = refusal(kms, "create_key", KeySpec="SM2", KeyUsage="SIGN_VERIFY")
    assert code == "UnsupportedOperationException"


@pytest.mark.parametrize(
    "pair_spec",
    [
        "RSA_2048",
        "RSA_3072",
        "RSA_4096",
        "ECC_NIST_P256",
        "ECC_NIST_P384",
        "ECC_NIST_P521",
        "ECC_SECG_P256K1",
        "SM2",
        "ECC_NIST_EDWARDS25519",
        "ML_KEM_512",
        "ML_KEM_768",
        "ML_KEM_1024",
    ],
)
def test_data_key_pair(kms: BaseClient, pair_spec: str) -> None:
    request = {"KeyId": new_key(kms), "KeyPairSpec": pair_spec}
    if pair_spec in UNAVAILABLE:
        code, message = refusal(kms, "generate_data_key_pair", **request)
        assert (code, pair_spec in message) == ("UnsupportedOperationException", True)
        return
    reply = kms.generate_data_key_pair(EncryptionContext=CONTEXT, **request)
    private = load_der_private_key(reply["PrivateKeyPlaintext"], None)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public == reply["PublicKey"]
    blob = reply["PrivateKeyCiphertextBlob"]
    decrypted = kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"]
    assert decrypted == reply["PrivateKeyPlaintext"]


def test_every_pair_spec_is_tested(kms: BaseClient) -> None:
    [mark] = [m for m in test_data_key_pair.pytestmark if m.name == "parametrize"]
    assert set(mark.args[1]) == set(kms.meta.service_model.shape_for("DataKeyPairSpec").enum)


@pytest.mark.parametrize(
    ("request_members", "length"),
    [
        ({"KeySpec": "AES_128"}, 16),
        ({"KeySpec": "AES_256"}, 32),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
        ({}, None),
        ({"KeySpec": "AES_256", "NumberOfBytes": 32}, None),
        ({"NumberOfBytes": 1025}, None),
        ({"KeySpec": "AES_192"}, None),
    ],
    ids=str,
)
def test_length_of_a_data_key(
    kms: BaseClient, request_members: Members, length: int | None
) -> None:
    request = {"KeyId": new_key(kms), **request_members}
    for operation in ("generate_data_key", "generate_data_key_without_plaintext"):
        if length is None:
            assert refusal(kms, operation, **request)[0] == "ValidationException"
            continue
        reply = getattr(kms, operation)(**request)
        plaintext = kms.decrypt(CiphertextBlob=reply["CiphertextBlob"])["Plaintext"]
        assert len(plaintext) == length
        assert reply.get("Plaintext", plaintext) == plaintext


@pytest.mark.parametrize(
    ("key_spec", "key_usage"),
    [
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ],
)
def test_data_keys_need_a_symmetric_key(kms: BaseClient, key_spec: str, key_usage: str) -> None:
    arn = new_key(kms, key_spec, key_usage)
    for operation, request in {
        "generate_data_key": {"KeySpec": "AES_256"},
        "generate_data_key_without_plaintext": {"KeySpec": "AES_256"},
        "generate_data_key_pair": {"KeyPairSpec": "ECC_NIST_P256"},
        "generate_data_key_pair_without_plaintext": {"KeyPairSpec": "ECC_NIST_P256"},
    }.items():
        assert refusal(kms, operation, KeyId=arn, **request)[0] == "InvalidKeyUsageException"


# DryRun


def everything(kms: BaseClient) -> list[Any]:
    keys = [kms.describe_key(KeyId=key["KeyId"]) for key in kms.list_keys()["Keys"]]
    for reply in keys:
        del reply["ResponseMetadata"]
    return [keys, kms.list_aliases()["Aliases"]]


def test_dry_run(kms: BaseClient) -> None:
    operations = with_member(kms, "DryRun")
    assert len(operations) == 14
    table = requests_and_replies(kms)
    before = everything(kms)
    for operation in operations:
        for request, _ in table[operation]:
            code, message = refusal(kms, xform_name(operation), **request | {"DryRun": True})
            assert code == "DryRunOperationException", operation
            assert message == "The request would have succeeded, but the DryRun option is set."
    assert everything(kms) == before


def test_a_dry_run_finds_what_is_wrong(kms: BaseClient) -> None:
    table = requests_and_replies(kms)
    for operation in with_member(kms, "DryRun"):
        request = table[operation][0][0] | {"DryRun": True}
        name = "DestinationKeyId" if operation == "ReEncrypt" else "KeyId"
        absent = request | {name: f"{ARN}:key/{ABSENT}"}
        assert refusal(kms, xform_name(operation), **absent)[0] == "NotFoundException", operation
        kms.disable_key(KeyId=request[name])
        assert refusal(kms, xform_name(operation), **request)[0] == "DisabledException", operation
        kms.enable_key(KeyId=request[name])


IGNORE = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}


@pytest.mark.parametrize("blob", [{}, {"CiphertextBlob": b"garbage"}], ids=["none", "garbage"])
def test_dry_run_that_ignores_the_ciphertext(kms: BaseClient, blob: Members) -> None:
    arn, other = new_key(kms), new_key(kms)
    mac_key = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    ok = "DryRunOperationException"
    assert refusal(kms, "decrypt", KeyId=arn, **IGNORE, **blob)[0] == ok
    to = {"SourceKeyId": arn, "DestinationKeyId": other}
    assert refusal(kms, "re_encrypt", **to, **IGNORE, **blob)[0] == ok
    # The key must be named, since no ciphertext names it.
    assert refusal(kms, "decrypt", **IGNORE, **blob)[0] == "ValidationException"
    no_source = {"DestinationKeyId": other}
    assert refusal(kms, "re_encrypt", **no_source, **IGNORE, **blob)[0] == "ValidationException"
    # Everything else is still checked.
    code, _ = refusal(kms, "decrypt", KeyId=mac_key, **IGNORE, **blob)
    assert code == "InvalidKeyUsageException"
    code, _ = refusal(
        kms, "re_encrypt", SourceKeyId=arn, DestinationKeyId=mac_key, **IGNORE, **blob
    )
    assert code == "InvalidKeyUsageException"
    kms.disable_key(KeyId=arn)
    assert refusal(kms, "decrypt", KeyId=arn, **IGNORE, **blob)[0] == "DisabledException"
    assert refusal(kms, "re_encrypt", **to, **IGNORE, **blob)[0] == "DisabledException"


@pytest.mark.parametrize("dry_run", [{}, {"DryRun": False}], ids=["no DryRun", "DryRun false"])
def test_modifiers_do_nothing_without_a_dry_run(kms: BaseClient, dry_run: Members) -> None:
    arn = new_key(kms)
    modified = {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]} | dry_run
    assert refusal(kms, "decrypt", KeyId=arn, **modified)[0] == "ValidationException"
    code, _ = refusal(kms, "decrypt", KeyId=arn, CiphertextBlob=b"garbage", **modified)
    assert code == "InvalidCiphertextException"
    blob = kms.encrypt(KeyId=arn, Plaintext=b"p")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, **modified)["Plaintext"] == b"p"
    code, _ = refusal(kms, "re_encrypt", DestinationKeyId=arn, SourceKeyId=arn, **modified)
    assert code == "ValidationException"


def test_dry_run_without_ciphertext_or_modifier(kms: BaseClient) -> None:
    arn = new_key(kms)
    assert refusal(kms, "decrypt", KeyId=arn, DryRun=True)[0] == "ValidationException"
    request = {"KeyId": arn, "DryRun": True, "DryRunModifiers": ["OTHER"]}
    assert refusal(kms, "decrypt", **request)[0] == "ValidationException"


# Tags


def tags(count: int, start: int = 0) -> list[Members]:
    return [tag(f"name{number}") for number in range(start, start + count)]


def test_fifty_tags(kms: BaseClient) -> None:
    arn = new_key(kms, Tags=tags(50))
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == tags(50)
    code, message = refusal(kms, "tag_resource", KeyId=arn, Tags=[tag("one more")])
    assert (code, message) == ("TagException", "Too many tags")
    kms.tag_resource(KeyId=arn, Tags=[tag("name0", "changed")])
    listed = kms.list_resource_tags(KeyId=arn)["Tags"]
    assert listed == [tag("name0", "changed"), *tags(49, 1)]
    kms.untag_resource(KeyId=arn, TagKeys=["name0"])
    kms.tag_resource(KeyId=arn, Tags=[tag("one more")])
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == [*tags(49, 1), tag("one more")]


def test_tag_names_and_values(kms: BaseClient) -> None:
    arn = new_key(kms, Tags=[tag("Case"), tag("case", ""), tag("k" * 128, "v" * 256)])
    assert len(kms.list_resource_tags(KeyId=arn)["Tags"]) == 3
    kms.untag_resource(KeyId=arn, TagKeys=["CASE", "absent"])
    assert len(kms.list_resource_tags(KeyId=arn)["Tags"]) == 3
    kms.untag_resource(KeyId=arn, TagKeys=["case"])
    assert kms.list_resource_tags(KeyId=arn)["Tags"][0] == tag("Case")
    code, message = refusal(kms, "tag_resource", KeyId=arn, Tags=[tag("a"), tag("k" * 129)])
    assert code == "ValidationException"
    assert "'tags.2.member.tagKey'" in message


def test_a_refused_tag_request_changes_nothing(kms: BaseClient) -> None:
    arn = new_key(kms, Tags=[tag("a", "1")])
    for new in ([tag("a", "2"), tag("aws:b")], [tag("a", "2"), tag("b"), tag("b")], tags(51)):
        assert refusal(kms, "tag_resource", KeyId=arn, Tags=new)[0] == "TagException"
        assert kms.list_resource_tags(KeyId=arn)["Tags"] == [tag("a", "1")]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 50])
def test_tags_in_pages(kms: BaseClient, limit: int) -> None:
    arn = new_key(kms, Tags=tags(5))
    listed = []
    for reply in pages(kms, "list_resource_tags", KeyId=arn, Limit=limit):
        assert len(reply["Tags"]) <= limit
        listed += reply["Tags"]
    assert listed == tags(5)
    assert refusal(kms, "list_resource_tags", KeyId=arn, Limit=51)[0] == "ValidationException"


def test_a_tag_that_goes_between_two_pages_hides_no_other(kms: BaseClient) -> None:
    arn = new_key(kms, Tags=tags(4))
    first = kms.list_resource_tags(KeyId=arn, Limit=2)
    kms.untag_resource(KeyId=arn, TagKeys=["name0"])
    second = kms.list_resource_tags(KeyId=arn, Marker=first["NextMarker"])
    assert second["Tags"] == tags(2, 2)


# Aliases


def own_aliases(kms: BaseClient) -> dict[str, Members]:
    listed = kms.list_aliases(Limit=100)["Aliases"]
    return {a["AliasName"]: a for a in listed if not a["AliasName"].startswith("alias/aws/")}


def test_life_of_an_alias(kms: BaseClient) -> None:
    one, two = new_key(kms), new_key(kms)
    kms.create_alias(AliasName="alias/app/key_1-x", TargetKeyId=one)
    made = own_aliases(kms)["alias/app/key_1-x"]
    assert made["TargetKeyId"] == one.rpartition("/")[2]
    assert made["CreationDate"] == made["LastUpdatedDate"] == lab.clock.now()
    code, _ = refusal(kms, "create_alias", AliasName="alias/app/key_1-x", TargetKeyId=two)
    assert code == "AlreadyExistsException"
    lab.clock.advance(hours=1)
    kms.update_alias(AliasName="alias/app/key_1-x", TargetKeyId=two)
    moved = own_aliases(kms)["alias/app/key_1-x"]
    assert moved["TargetKeyId"] == two.rpartition("/")[2]
    assert moved["CreationDate"] == made["CreationDate"]
    assert moved["LastUpdatedDate"] == made["LastUpdatedDate"] + timedelta(hours=1)
    assert kms.describe_key(KeyId="alias/app/key_1-x")["KeyMetadata"]["Arn"] == two
    kms.delete_alias(AliasName="alias/app/key_1-x")
    assert own_aliases(kms) == {}
    for operation, more in (("delete_alias", {}), ("update_alias", {"TargetKeyId": one})):
        code, _ = refusal(kms, operation, AliasName="alias/app/key_1-x", **more)
        assert code == "NotFoundException"
    assert kms.describe_key(KeyId=two)["KeyMetadata"]["KeyState"] == "Enabled"


@pytest.mark.parametrize(
    "name",
    [
        "noprefix",
        "alias/",
        "alias/aws/mine",
        "alias/a b",
        "alias/é",
        "alias/a:b",
        "alias/" + "n" * 251,
    ],
)
def test_alias_name_that_is_refused(kms: BaseClient, name: str) -> None:
    code, _ = refusal(kms, "create_alias", AliasName=name, TargetKeyId=new_key(kms))
    reserved = name.startswith("alias/aws/")
    assert code in (
        ["NotAuthorizedException"]
        if reserved
        else ["ValidationException", "InvalidAliasNameException"]
    )
    assert own_aliases(kms) == {}


def test_the_longest_alias_name(kms: BaseClient) -> None:
    kms.create_alias(AliasName="alias/" + "n" * 250, TargetKeyId=new_key(kms))


def test_fifty_aliases_of_a_key(kms: BaseClient) -> None:
    arn, other = new_key(kms), new_key(kms)
    for number in range(50):
        kms.create_alias(AliasName=f"alias/{number:02}", TargetKeyId=arn)
    code, _ = refusal(kms, "create_alias", AliasName="alias/50", TargetKeyId=arn)
    assert code == "LimitExceededException"
    kms.create_alias(AliasName="alias/50", TargetKeyId=other)
    # The quota is one of the key, however the alias comes to it.
    code, _ = refusal(kms, "update_alias", AliasName="alias/50", TargetKeyId=arn)
    assert code == "LimitExceededException"
    kms.update_alias(AliasName="alias/00", TargetKeyId=arn)


def test_an_alias_cannot_point_to_an_alias(kms: BaseClient) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=new_key(kms))
    for target in ("alias/a", f"{ARN}:alias/a"):
        code, _ = refusal(kms, "create_alias", AliasName="alias/b", TargetKeyId=target)
        assert code == "ValidationException"


@pytest.mark.parametrize(
    ("before", "after", "works"),
    [
        ((), (), True),
        ((), ("HMAC_256", "GENERATE_VERIFY_MAC"), False),
        ((), ("RSA_2048", "ENCRYPT_DECRYPT"), False),
        (("HMAC_256", "GENERATE_VERIFY_MAC"), ("HMAC_512", "GENERATE_VERIFY_MAC"), True),
        (("ECC_NIST_P256", "SIGN_VERIFY"), ("ECC_NIST_P384", "SIGN_VERIFY"), True),
        (("ECC_NIST_P256", "SIGN_VERIFY"), ("ML_DSA_44", "SIGN_VERIFY"), True),
        (("ECC_NIST_P256", "SIGN_VERIFY"), ("ECC_NIST_P256", "KEY_AGREEMENT"), False),
    ],
)
def test_an_alias_moves_between_keys_of_one_kind(
    kms: BaseClient, before: tuple[str, ...], after: tuple[str, ...], works: bool
) -> None:
    one, two = new_key(kms, *before), new_key(kms, *after)
    kms.create_alias(AliasName="alias/a", TargetKeyId=one)
    if works:
        kms.update_alias(AliasName="alias/a", TargetKeyId=two)
        assert kms.describe_key(KeyId="alias/a")["KeyMetadata"]["Arn"] == two
    else:
        code, _ = refusal(kms, "update_alias", AliasName="alias/a", TargetKeyId=two)
        assert code == "ValidationException"
        assert kms.describe_key(KeyId="alias/a")["KeyMetadata"]["Arn"] == one


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_aliases_in_pages(kms: BaseClient, limit: int) -> None:
    arn = new_key(kms)
    for number in range(5):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=arn)
    every = [a["AliasName"] for a in kms.list_aliases(Limit=100)["Aliases"]]
    assert {f"alias/{number}" for number in range(5)} < set(every)
    assert len(set(every)) == len(every)
    names = []
    for reply in pages(kms, "list_aliases", Limit=limit):
        names += [a["AliasName"] for a in reply["Aliases"]]
        assert len(reply["Aliases"]) <= limit
    assert names == every
    of_key = kms.list_aliases(KeyId=arn)["Aliases"]
    assert {a["AliasName"] for a in of_key} == {f"alias/{number}" for number in range(5)}
    assert kms.list_aliases(KeyId=new_key(kms))["Aliases"] == []
    assert refusal(kms, "list_aliases", Limit=101)[0] == "ValidationException"


# AWS managed keys


def test_an_aws_managed_key_is_made_by_describing_its_alias(kms: BaseClient) -> None:
    def listed() -> Members:
        aliases = kms.list_aliases(Limit=100)["Aliases"]
        return next(a for a in aliases if a["AliasName"] == "alias/aws/s3")

    assert set(listed()) == {"AliasName", "AliasArn"}
    assert kms.list_keys()["Keys"] == []
    made = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (made["KeyManager"], made["KeyState"]) == ("AWS", "Enabled")
    assert listed()["TargetKeyId"] == made["KeyId"]
    assert kms.describe_key(KeyId=f"{ARN}:alias/aws/s3")["KeyMetadata"] == made
    assert [key["KeyArn"] for key in kms.list_keys()["Keys"]] == [made["Arn"]]
    assert kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]["KeyId"] != made["KeyId"]
    code, _ = refusal(kms, "describe_key", KeyId="alias/aws/no-such-service")
    assert code == "NotFoundException"


def test_an_aws_managed_key_cannot_be_used_or_changed(kms: BaseClient) -> None:
    arn = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    own = new_key(kms)
    before = everything(kms)
    blob = kms.encrypt(KeyId=own, Plaintext=b"p")["CiphertextBlob"]
    for operation, request in {
        "encrypt": {"KeyId": arn, "Plaintext": b"p"},
        "generate_data_key": {"KeyId": "alias/aws/s3", "KeySpec": "AES_256"},
        "re_encrypt": {"CiphertextBlob": blob, "DestinationKeyId": arn},
        "disable_key": {"KeyId": arn},
        "enable_key": {"KeyId": arn},
        "schedule_key_deletion": {"KeyId": arn},
        "cancel_key_deletion": {"KeyId": arn},
        "update_key_description": {"KeyId": arn, "Description": "d"},
        "tag_resource": {"KeyId": arn, "Tags": [tag("a")]},
        "untag_resource": {"KeyId": arn, "TagKeys": ["a"]},
        "create_alias": {"AliasName": "alias/mine", "TargetKeyId": arn},
    }.items():
        assert refusal(kms, operation, **request)[0] == "AccessDeniedException", operation
    for operation, request in {
        "delete_alias": {"AliasName": "alias/aws/s3"},
        "update_alias": {"AliasName": "alias/aws/s3", "TargetKeyId": own},
    }.items():
        refusal(kms, operation, **request)
    assert everything(kms) == before
    kms.list_resource_tags(KeyId=arn)
    kms.get_key_policy(KeyId=arn)


# Pages of keys


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 1000])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_keys_in_pages(kms: BaseClient, count: int, limit: int) -> None:
    made = {new_key(kms) for _ in range(count)}
    listed = [
        [key["KeyArn"] for key in reply["Keys"]] for reply in pages(kms, "list_keys", Limit=limit)
    ]
    assert [len(page) for page in listed[:-1]] == [limit] * (len(listed) - 1)
    assert 0 < len(listed[-1]) <= limit
    every = [arn for page in listed for arn in page]
    assert set(every) == made
    assert len(every) == count


def test_botocores_paginators(kms: BaseClient) -> None:
    made = {new_key(kms) for _ in range(5)}
    paged = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert {key["KeyArn"] for page in paged for key in page["Keys"]} == made


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_key_deleted_between_two_pages(kms: BaseClient, which: int) -> None:
    for _ in range(5):
        new_key(kms)
    every = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    kms.schedule_key_deletion(KeyId=every[which], PendingWindowInDays=7)
    first = kms.list_keys(Limit=2)
    lab.clock.advance(days=7)
    second = kms.list_keys(Limit=1000, Marker=first["NextMarker"])
    seen = [key["KeyId"] for key in first["Keys"]] + [key["KeyId"] for key in second["Keys"]]
    assert seen == [key_id for place, key_id in enumerate(every) if place != which or which < 2]


@pytest.mark.parametrize("marker", ["zzz", "é", "e30=", "bnVsbA==", "WzFd", "eyJhZnRlciI6IDV9"])
def test_marker_that_no_reply_has_given(kms: BaseClient, marker: str) -> None:
    arn = new_key(kms)
    for operation, request in (
        ("list_keys", {}),
        ("list_aliases", {}),
        ("list_resource_tags", {"KeyId": arn}),
    ):
        code, _ = refusal(kms, operation, Marker=marker, **request)
        assert code == "InvalidMarkerException"


def test_limit_of_a_page(kms: BaseClient) -> None:
    unchecked = boto3.client("kms", config=Config(parameter_validation=False))
    for limit in (0, -1, 1001):
        code, message = refusal(unchecked, "list_keys", Limit=limit)
        assert code == "ValidationException"
        assert f"Value '{limit}' at 'limit'" in message


def test_owners_of_listed_keys(kms: BaseClient) -> None:
    arn = new_key(kms)
    for owners, expected in (
        (["SELF"], [arn]),
        (["OTHER_ACCOUNTS_VIA_RAM"], []),
        (["SELF", "OTHER_ACCOUNTS_VIA_RAM"], [arn]),
    ):
        reply = kms.list_keys(ResourceOwners=owners)
        assert [key["KeyArn"] for key in reply["Keys"]] == expected
    assert refusal(kms, "list_keys", ResourceOwners=["NOBODY"])[0] == "ValidationException"


# Identifiers


def by_any_identifier(kms: BaseClient) -> dict[str, tuple[str, Members]]:
    """Operations that take every form of KeyId: the key they are about, and their request."""
    symmetric = new_key(kms)
    signing = new_key(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    mac_key = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    blob = kms.encrypt(KeyId=symmetric, Plaintext=b"p")["CiphertextBlob"]
    return {
        "encrypt": (symmetric, {"Plaintext": b"p"}),
        "decrypt": (symmetric, {"CiphertextBlob": blob}),
        "generate_data_key": (symmetric, {"KeySpec": "AES_256"}),
        "generate_data_key_pair": (symmetric, {"KeyPairSpec": "ECC_NIST_P256"}),
        "sign": (signing, {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}),
        "generate_mac": (mac_key, {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}),
        "get_public_key": (signing, {}),
        "describe_key": (symmetric, {}),
    }


def test_every_form_of_identifier(kms: BaseClient) -> None:
    for number, (operation, (arn, request)) in enumerate(by_any_identifier(kms).items()):
        name = f"alias/{number}"
        kms.create_alias(AliasName=name, TargetKeyId=arn)
        for key_id in (arn.rpartition("/")[2], arn, name, f"{ARN}:{name}"):
            reply = getattr(kms, operation)(KeyId=key_id, **request)
            named = reply["KeyMetadata"]["Arn"] if operation == "describe_key" else reply["KeyId"]
            assert named == arn, (operation, key_id)
    multi_region = new_key(kms, MultiRegion=True)
    assert (
        kms.encrypt(KeyId=multi_region.rpartition("/")[2], Plaintext=b"p")["KeyId"] == multi_region
    )


WRONG_IDENTIFIERS: list[tuple[str, tuple[str, str | None]]] = [
    (ABSENT, ("NotFoundException", f"Key '{ARN}:key/{ABSENT}' does not exist")),
    (f"{ARN}:key/{ABSENT}", ("NotFoundException", f"Key '{ARN}:key/{ABSENT}' does not exist")),
    ("alias/none", ("NotFoundException", f"Alias {ARN}:alias/none is not found.")),
    (f"{ARN}:alias/none", ("NotFoundException", f"Alias {ARN}:alias/none is not found.")),
    ("none", ("NotFoundException", "Invalid keyId 'none'")),
    (ABSENT[:-1], ("NotFoundException", f"Invalid keyId '{ABSENT[:-1]}'")),
    (f"{ABSENT}\n", ("NotFoundException", None)),
    (f"{ARN}:key/none", ("NotFoundException", None)),
    (
        f"arn:aws:kms:eu-west-3:{ACCOUNT}:alias/none",
        ("NotFoundException", "Invalid arn eu-west-3"),
    ),
    (f"arn:aws:kms:us-east-1:999999999999:key/{ABSENT}", ("AccessDeniedException", None)),
    ("arn:aws:kms:us-east-1:999999999999:alias/none", ("AccessDeniedException", None)),
    ("k" * 2049, ("ValidationException", None)),
]


@pytest.mark.parametrize(("key_id", "answer"), WRONG_IDENTIFIERS, ids=lambda v: str(v)[:40])
def test_identifier_of_no_key(kms: BaseClient, key_id: str, answer: tuple[str, str | None]) -> None:
    for operation, (_, request) in by_any_identifier(kms).items():
        code, message = refusal(kms, operation, KeyId=key_id, **request)
        assert code == answer[0], operation
        assert answer[1] is None or message == answer[1], operation


@pytest.mark.parametrize(
    "arn",
    [
        "arn:",
        "arn:aws:kms",
        f"arn:aws:s3:us-east-1:{ACCOUNT}:key/",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:grant/",
        "arn:aws:kms:us-east-1::key/",
        f"arn:aws:kms::{ACCOUNT}:key/",
        f"arn:aws-cn:kms:us-east-1:{ACCOUNT}:key/",
    ],
)
def test_arn_of_something_else(kms: BaseClient, arn: str) -> None:
    key_id = new_key(kms).rpartition("/")[2]
    code, _ = refusal(kms, "describe_key", KeyId=arn + key_id)
    assert code in ("NotFoundException", "InvalidArnException")


def test_alias_where_only_a_key_will_do(kms: BaseClient) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=new_key(kms))
    before = everything(kms)
    for operation, request in {
        "disable_key": {},
        "enable_key": {},
        "schedule_key_deletion": {},
        "cancel_key_deletion": {},
        "update_key_description": {"Description": "d"},
        "tag_resource": {"Tags": [tag("a")]},
        "untag_resource": {"TagKeys": ["a"]},
        "list_resource_tags": {},
    }.items():
        for key_id in ("alias/a", f"{ARN}:alias/a"):
            assert refusal(kms, operation, KeyId=key_id, **request) == (
                "InvalidArnException",
                "Key Aliases are not supported for this operation.",
            ), operation
    assert everything(kms) == before


def test_management_stays_in_the_account(kms: BaseClient) -> None:
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
    before = everything(owner)
    for operation, request in {
        "disable_key": {},
        "schedule_key_deletion": {},
        "update_key_description": {"Description": "d"},
        "tag_resource": {"Tags": [tag("a")]},
    }.items():
        refusal(kms, operation, KeyId=arn, **request)
    assert everything(owner) == before
    assert kms.list_keys()["Keys"] == []
    # A bare key ID is looked for in the caller's own account only.
    code, _ = refusal(kms, "describe_key", KeyId=arn.rpartition("/")[2])
    assert code == "NotFoundException"


# Messages, digests and representatives

MESSAGE_TYPES: list[tuple[str, str, dict[str, list[int]]]] = [
    # key spec, algorithm, the message types with the lengths in bytes that are taken
    ("RSA_2048", PSS, {"RAW": [1, 32, 4096], "DIGEST": [32]}),
    ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_384", {"RAW": [1, 4096], "DIGEST": [48]}),
    ("RSA_2048", "RSASSA_PSS_SHA_512", {"RAW": [1, 4096], "DIGEST": [64]}),
    ("ECC_NIST_P256", "ECDSA_SHA_256", {"RAW": [1, 4096], "DIGEST": [32]}),
    ("ECC_NIST_P384", "ECDSA_SHA_384", {"RAW": [1, 4096], "DIGEST": [48]}),
    ("ECC_NIST_P521", "ECDSA_SHA_512", {"RAW": [1, 4096], "DIGEST": [64]}),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256", {"RAW": [1, 4096], "DIGEST": [32]}),
    ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", {"RAW": [1, 64, 4096]}),
    ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", {"DIGEST": [64]}),
    ("ML_DSA_44", "ML_DSA_SHAKE_256", {"RAW": [1, 64, 4096], "EXTERNAL_MU": [64]}),
    ("ML_DSA_65", "ML_DSA_SHAKE_256", {"RAW": [1, 64, 4096], "EXTERNAL_MU": [64]}),
    ("ML_DSA_87", "ML_DSA_SHAKE_256", {"RAW": [1, 64, 4096], "EXTERNAL_MU": [64]}),
]


@pytest.mark.parametrize(("key_spec", "algorithm", "taken"), MESSAGE_TYPES, ids=str)
def test_message_types(
    kms: BaseClient, key_spec: str, algorithm: str, taken: dict[str, list[int]]
) -> None:
    how = {"KeyId": new_key(kms, key_spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm}
    for message_type in kms.meta.service_model.shape_for("MessageType").enum:
        for length in (1, 31, 32, 33, 48, 63, 64, 65, 4096, 4097):
            message = {"Message": b"m" * length, "MessageType": message_type}
            raw = message_type == "RAW" and "RAW" in taken and length <= 4096
            if raw or length in taken.get(message_type, []):
                signature = kms.sign(**how, **message)["Signature"]
                assert kms.verify(Signature=signature, **how, **message)["SignatureValid"] is True
            else:
                for operation, more in (("sign", {}), ("verify", {"Signature": b"s"})):
                    code, _ = refusal(kms, operation, **how, **message, **more)
                    assert code == "ValidationException", (message_type, length)


def test_message_type_raw_is_the_default(kms: BaseClient) -> None:
    ed25519 = new_key(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    how = {"KeyId": ed25519, "Message": b"m", "SigningAlgorithm": "ED25519_SHA_512"}
    assert kms.sign(**how)["Signature"] == kms.sign(MessageType="RAW", **how)["Signature"]
    prehashed = how | {"SigningAlgorithm": "ED25519_PH_SHA_512", "Message": bytes(64)}
    assert refusal(kms, "sign", **prehashed)[0] == "ValidationException"


# The order in which KMS checks

SIGN = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
HMAC = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}


def test_the_form_is_checked_before_the_key(kms: BaseClient) -> None:
    for operation, request in {
        "encrypt": {"Plaintext": bytes(4097)},
        "decrypt": {"CiphertextBlob": bytes(6145)},
        "sign": SIGN | {"SigningAlgorithm": "NONE"},
        "generate_mac": HMAC | {"MacAlgorithm": "NONE"},
        "generate_data_key": {"KeySpec": "NONE"},
        "tag_resource": {"Tags": [tag("k" * 129)]},
    }.items():
        assert refusal(kms, operation, KeyId=ABSENT, **request)[0] == "ValidationException", (
            operation
        )


def test_several_faults_of_form_are_counted(kms: BaseClient) -> None:
    unchecked = boto3.client("kms", config=Config(parameter_validation=False))
    code, message = refusal(unchecked, "sign")
    assert code == "ValidationException"
    assert message.startswith("3 validation errors detected: ")
    for member in ("keyId", "message", "signingAlgorithm"):
        assert f"at '{member}' failed to satisfy constraint: Member must not be null" in message


def test_a_list_is_quoted_as_aws_quotes_it(kms: BaseClient) -> None:
    tokens = [f"t{number}" for number in range(11)]
    code, message = refusal(kms, "describe_key", KeyId=ABSENT, GrantTokens=tokens)
    assert (code, message) == (
        "ValidationException",
        f"1 validation error detected: Value '[{', '.join(tokens)}]' at 'grantTokens' failed to "
        "satisfy constraint: Member must have length less than or equal to 10",
    )


def test_the_key_is_looked_up_before_its_usage(kms: BaseClient) -> None:
    assert refusal(kms, "sign", KeyId=ABSENT, **SIGN)[0] == "NotFoundException"


def test_usage_is_checked_before_state(kms: BaseClient) -> None:
    arn = new_key(kms, "HMAC_224", "GENERATE_VERIFY_MAC")
    kms.disable_key(KeyId=arn)
    for operation, request in {
        "encrypt": {"Plaintext": b"p"},
        "generate_data_key": {"KeySpec": "AES_256"},
        "sign": SIGN,
    }.items():
        assert refusal(kms, operation, KeyId=arn, **request)[0] == "InvalidKeyUsageException"


def test_state_is_checked_before_the_algorithm(kms: BaseClient) -> None:
    mac_key = new_key(kms, "HMAC_224", "GENERATE_VERIFY_MAC")
    signing = new_key(kms, "ECC_NIST_P384", "SIGN_VERIFY")
    rsa = new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    requests: list[tuple[str, str, Members]] = [
        ("generate_mac", mac_key, HMAC),
        ("verify_mac", mac_key, HMAC | {"Mac": b"mac"}),
        ("sign", signing, SIGN),
        ("verify", signing, SIGN | {"Signature": b"s"}),
        ("encrypt", rsa, {"Plaintext": b"p"}),
        ("encrypt", rsa, {"Plaintext": bytes(4096), "EncryptionAlgorithm": OAEP}),
    ]
    for arn in (mac_key, signing, rsa):
        kms.disable_key(KeyId=arn)
    for operation, arn, request in requests:
        assert refusal(kms, operation, KeyId=arn, **request)[0] == "DisabledException", operation
    for arn in (mac_key, signing, rsa):
        kms.enable_key(KeyId=arn)
    for operation, arn, request in requests[:5]:
        code, _ = refusal(kms, operation, KeyId=arn, **request)
        assert code == "InvalidKeyUsageException", operation
    operation, arn, request = requests[5]
    assert refusal(kms, operation, KeyId=arn, **request)[0] == "ValidationException"


def test_wrong_signatures_and_macs_of_every_length(kms: BaseClient) -> None:
    mac_key = new_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    signing = new_key(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    for length in (1, 31, 32, 33, 64, 6144):
        code, _ = refusal(kms, "verify_mac", KeyId=mac_key, Mac=bytes(length), **HMAC)
        assert code == "KMSInvalidMacException"
        code, _ = refusal(kms, "verify", KeyId=signing, Signature=bytes(length), **SIGN)
        assert code == "KMSInvalidSignatureException"


def test_agreement_with_a_key_that_does_not_fit(kms: BaseClient) -> None:
    arn = new_key(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    how = {"KeyId": arn, "KeyAgreementAlgorithm": "ECDH"}
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    for peer in (
        p384.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        p384.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        p384.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        kms.get_public_key(KeyId=new_key(kms, "RSA_2048", "SIGN_VERIFY"))["PublicKey"],
        bytes(8192),
    ):
        assert (
            refusal(kms, "derive_shared_secret", PublicKey=peer, **how)[0] == "ValidationException"
        )


def test_decapsulation_rejects_only_a_wrong_length(kms: BaseClient) -> None:
    arn = new_key(kms, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    how = {"KeyId": arn, "EncapsulationAlgorithm": "ML_KEM"}
    reply = kms.encapsulate(**how)
    blob = reply["SharedSecretCiphertextBlob"]
    changed = bytes([blob[0] ^ 1]) + blob[1:]
    other = kms.decapsulate(SharedSecretCiphertextBlob=changed, **how)["SharedSecret"]
    assert len(other) == 32
    assert other != reply["SharedSecret"]
    for wrong in (blob[:-1], blob + b"x", bytes(1568)):
        code, message = refusal(kms, "decapsulate", SharedSecretCiphertextBlob=wrong, **how)
        assert (code, message) == ("InvalidCiphertextException", "")


def test_rsa_encryption_takes_no_context_and_names_its_key(kms: BaseClient) -> None:
    arn = new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    how = {"KeyId": arn, "EncryptionAlgorithm": OAEP}
    code, _ = refusal(kms, "encrypt", Plaintext=b"p", EncryptionContext=CONTEXT, **how)
    assert code in ("ValidationException", "InvalidCiphertextException")
    blob = kms.encrypt(Plaintext=b"p", **how)["CiphertextBlob"]
    code, _ = refusal(kms, "decrypt", CiphertextBlob=blob, EncryptionAlgorithm=OAEP)
    assert code == "ValidationException"
    other = how | {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    code, _ = refusal(kms, "decrypt", CiphertextBlob=blob, **other)
    assert code == "InvalidCiphertextException"
