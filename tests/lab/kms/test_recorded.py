"""The lab answers what AWS was recorded to answer: codes, messages and members of replies.

Each row is one recorded answer of AWS. Where the service model of today has a member that an
old recording lacks (KeyMaterialId), the model wins. Lists that have grown since a recording
was made are compared up to where they begin.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from helpers import lab

REGION, ACCOUNT = "us-east-1", "123456789012"
ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}"
ABSENT = "01234567-89ab-cdef-0123-456789abcdef"
ABSENT_MULTI_REGION = "mrk-0123456789abcdef0123456789abcdef"
ONE_ERROR = "1 validation error detected: "
MAC_ALGORITHMS = "[HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]"
WRONG_KEY = "The key ID in the request does not identify a CMK that can perform this operation."
DRY_RUN = "The request would have succeeded, but the DryRun option is set."
PREFIX = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)
CONTEXT = {"purpose": "test"}
PSS = "RSASSA_PSS_SHA_256"

Members = dict[str, Any]


def spec(key_spec: str, key_usage: str) -> Members:
    return {"KeySpec": key_spec, "KeyUsage": key_usage}


RSA_SIGN = spec("RSA_2048", "SIGN_VERIFY")
RSA_ENCRYPT = spec("RSA_2048", "ENCRYPT_DECRYPT")
EC_SIGN = spec("ECC_NIST_P256", "SIGN_VERIFY")
EC_AGREE = spec("ECC_NIST_P256", "KEY_AGREEMENT")
HMAC_224 = spec("HMAC_224", "GENERATE_VERIFY_MAC")
HMAC_256 = spec("HMAC_256", "GENERATE_VERIFY_MAC")
ML_KEM = spec("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
EXTERNAL = {"Origin": "EXTERNAL"}
SYMMETRIC: Members = {}


@pytest.fixture(scope="module")
def opened() -> Iterator[BaseClient]:
    lab.open()
    yield boto3.client("kms")
    lab.close()


@pytest.fixture
def kms(opened: BaseClient) -> BaseClient:
    """A client of an empty account. Emptying a lab is much faster than opening one."""
    lab.reset()
    return opened


def new_key(kms: BaseClient, kind: Members) -> Members:
    return kms.create_key(**kind)["KeyMetadata"]


def without_metadata(reply: Members) -> Members:
    return {name: value for name, value in reply.items() if name != "ResponseMetadata"}


def refusal(call: Callable[..., Any], **members: Any) -> Members:
    with pytest.raises(ClientError) as caught:
        call(**members)
    return caught.value.response


def check_error(kms: BaseClient, response: Members, code: str, message: str) -> None:
    """Code, message, HTTP status, and ``message`` at the top only for errors of the model."""
    assert response["Error"] == {"Code": code, "Message": message}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    modelled = kms.meta.service_model.shape_for_error_code(code) is not None
    expected = {"Error", "ResponseMetadata"} | ({"message"} if modelled and message else set())
    assert set(response) == expected
    if "message" in response:
        assert response["message"] == message


# Section 1: key metadata

COMMON = {
    "AWSAccountId",
    "Arn",
    "CreationDate",
    "CustomerMasterKeySpec",
    "Description",
    "Enabled",
    "KeyId",
    "KeyManager",
    "KeySpec",
    "KeyState",
    "KeyUsage",
    "MultiRegion",
    "Origin",
}

METADATA: dict[str, tuple[Members, Members, set[str]]] = {
    # kind: request of CreateKey, members with these values, members with a value of their own
    "symmetric": (
        SYMMETRIC,
        {"EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "KeyUsage": "ENCRYPT_DECRYPT"},
        {"CurrentKeyMaterialId"},
    ),
    "HMAC_224": (HMAC_224, {"MacAlgorithms": ["HMAC_SHA_224"]}, set()),
    "HMAC_256": (HMAC_256, {"MacAlgorithms": ["HMAC_SHA_256"]}, set()),
    "P256": (EC_SIGN, {"SigningAlgorithms": ["ECDSA_SHA_256"]}, set()),
    "P256K1": (
        spec("ECC_SECG_P256K1", "SIGN_VERIFY"),
        {"SigningAlgorithms": ["ECDSA_SHA_256"]},
        set(),
    ),
    "P384": (
        spec("ECC_NIST_P384", "SIGN_VERIFY"),
        {"SigningAlgorithms": ["ECDSA_SHA_384"]},
        set(),
    ),
    "P521": (
        spec("ECC_NIST_P521", "SIGN_VERIFY"),
        {"SigningAlgorithms": ["ECDSA_SHA_512"]},
        set(),
    ),
    "RSA_4096": (
        spec("RSA_4096", "ENCRYPT_DECRYPT"),
        {"EncryptionAlgorithms": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]},
        set(),
    ),
    "external symmetric": (
        EXTERNAL,
        {
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "Origin": "EXTERNAL",
            "Enabled": False,
            "KeyState": "PendingImport",
        },
        set(),
    ),
    "external HMAC": (
        HMAC_256 | EXTERNAL,
        {
            "MacAlgorithms": ["HMAC_SHA_256"],
            "Origin": "EXTERNAL",
            "Enabled": False,
            "KeyState": "PendingImport",
        },
        set(),
    ),
    "external ECC": (
        EC_SIGN | EXTERNAL,
        {
            "SigningAlgorithms": ["ECDSA_SHA_256"],
            "Origin": "EXTERNAL",
            "Enabled": False,
            "KeyState": "PendingImport",
        },
        set(),
    ),
}


@pytest.mark.parametrize("kind", METADATA)
def test_metadata(kms: BaseClient, kind: str) -> None:
    request, values, own = METADATA[kind]
    metadata = new_key(kms, request)
    defaults = {
        "AWSAccountId": ACCOUNT,
        "Arn": f"{ARN}:key/{metadata['KeyId']}",
        "CustomerMasterKeySpec": request.get("KeySpec", "SYMMETRIC_DEFAULT"),
        "Description": "",
        "Enabled": True,
        "KeyManager": "CUSTOMER",
        "KeySpec": request.get("KeySpec", "SYMMETRIC_DEFAULT"),
        "KeyState": "Enabled",
        "KeyUsage": request.get("KeyUsage", "ENCRYPT_DECRYPT"),
        "MultiRegion": False,
        "Origin": "AWS_KMS",
    }
    assert set(metadata) == COMMON | set(values) | own
    assert isinstance(metadata["CreationDate"], datetime)
    fixed = {name: metadata[name] for name in defaults | values}
    assert fixed == defaults | values
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["KeyId"])
    if "CurrentKeyMaterialId" in own:
        assert re.fullmatch("[0-9a-f]{64}", metadata["CurrentKeyMaterialId"])
    described = kms.describe_key(KeyId=metadata["KeyId"])["KeyMetadata"]
    assert described == metadata, "DescribeKey returns the members that CreateKey returned"


def test_metadata_of_a_multi_region_key(kms: BaseClient) -> None:
    metadata = new_key(kms, {"MultiRegion": True})
    assert re.fullmatch("mrk-[0-9a-f]{32}", metadata["KeyId"])
    assert metadata["MultiRegion"] is True
    assert metadata["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": metadata["Arn"], "Region": REGION},
        "ReplicaKeys": [],
    }
    assert set(metadata) == COMMON | {
        "CurrentKeyMaterialId",
        "EncryptionAlgorithms",
        "MultiRegionConfiguration",
    }
    assert kms.describe_key(KeyId=metadata["Arn"])["KeyMetadata"] == metadata


def test_metadata_while_a_key_awaits_deletion(kms: BaseClient) -> None:
    before = new_key(kms, SYMMETRIC)
    reply = kms.schedule_key_deletion(KeyId=before["KeyId"])
    pending = kms.describe_key(KeyId=before["KeyId"])["KeyMetadata"]
    assert set(pending) == set(before) | {"DeletionDate"}
    assert (pending["Enabled"], pending["KeyState"]) == (False, "PendingDeletion")
    assert pending["DeletionDate"] == reply["DeletionDate"]
    kms.cancel_key_deletion(KeyId=before["KeyId"])
    after = kms.describe_key(KeyId=before["KeyId"])["KeyMetadata"]
    assert set(after) == set(before), "no DeletionDate after CancelKeyDeletion"
    assert (after["Enabled"], after["KeyState"]) == (False, "Disabled")


def test_metadata_of_an_aws_managed_key(kms: BaseClient) -> None:
    metadata = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert metadata["KeyManager"] == "AWS"
    assert (
        metadata["Description"]
        == "Default key that protects my S3 objects when no other key is defined"
    )


# Sections 2 to 6: refusals that need no more than a key

INVALID_ENUM = (
    "Value '{}' at '{}' failed to satisfy constraint: Member must satisfy enum value set: "
)
NOT_VALID = "{arn} key usage is {usage} which is not valid for {operation}."


def usage_error(usage: str, operation: str) -> str:
    return NOT_VALID.format(arn="{arn}", usage=usage, operation=operation)


def tags(count: int) -> list[dict[str, str]]:
    return [{"TagKey": f"name{number}", "TagValue": "value"} for number in range(count)]


def tag(name: str, value: str = "value") -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value}]


LONG_NAME, LONG_VALUE = "n" * 129, "v" * 257
PEER = ec.generate_private_key(ec.SECP256R1())
PEER_DER = PEER.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

# operation, key made for it (None: none; its ARN is {arn}), its state, request, code, message.
# KeyId is the made key's unless the request names another.
ERRORS: list[tuple[str, Members | None, str, Members, str, str]] = [
    # section 2
    ("describe_key", None, "", {"KeyId": ABSENT}, "NotFoundException",
     f"Key '{ARN}:key/{ABSENT}' does not exist"),
    ("describe_key", None, "", {"KeyId": f"{ARN}:key/{ABSENT}"}, "NotFoundException",
     f"Key '{ARN}:key/{ABSENT}' does not exist"),
    ("describe_key", None, "", {"KeyId": f"arn:aws:kms:eu-west-3:{ACCOUNT}:key/{ABSENT}"},
     "NotFoundException", "Invalid arn eu-west-3"),
    ("describe_key", None, "", {"KeyId": "fake-key-id"}, "NotFoundException",
     "Invalid keyId 'fake-key-id'"),
    ("describe_key", None, "", {"KeyId": "0123456789abcdef" * 2}, "NotFoundException",
     f"Invalid keyId '{'0123456789abcdef' * 2}'"),
    ("describe_key", None, "", {"KeyId": "mrk-fake-key-id"}, "NotFoundException",
     "Invalid keyId 'mrk-fake-key-id'"),
    ("describe_key", None, "", {"KeyId": ABSENT_MULTI_REGION}, "NotFoundException",
     f"Key '{ARN}:key/{ABSENT_MULTI_REGION}' does not exist"),
    ("generate_mac", None, "",
     {"KeyId": "key_id", "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"},
     "NotFoundException", "Invalid keyId 'key_id'"),
    ("verify_mac", None, "",
     {"KeyId": "key_id", "Message": b"m", "Mac": b"mac", "MacAlgorithm": "HMAC_SHA_256"},
     "NotFoundException", "Invalid keyId 'key_id'"),
    ("create_alias", SYMMETRIC, "", {"AliasName": "no-prefix"}, "ValidationException", PREFIX),
    # section 3
    ("tag_resource", SYMMETRIC, "", {"Tags": tag("a") + tag("a", "other")}, "TagException",
     "Duplicate tag keys"),
    ("create_key", None, "", {"Tags": tags(51)}, "TagException", "Too many tags"),
    ("create_key", None, "", {"Tags": tag("aws:name")}, "TagException",
     "Tags beginning with aws: are reserved"),
    ("create_key", None, "", {"Tags": tag("AWS:name")}, "TagException",
     "Tags beginning with aws: are reserved"),
    ("tag_resource", SYMMETRIC, "", {"Tags": tag("aws:name")}, "TagException",
     "Tags beginning with aws: are reserved"),
    ("tag_resource", SYMMETRIC, "", {"Tags": tag("AWS:name")}, "TagException",
     "Tags beginning with aws: are reserved"),
    ("create_key", None, "", {"Tags": tag(LONG_NAME)}, "ValidationException",
     f"{ONE_ERROR}Value '{LONG_NAME}' at 'tags.1.member.tagKey' failed to satisfy constraint: "
     "Member must have length less than or equal to 128"),
    ("create_key", None, "", {"Tags": tag("name", LONG_VALUE)}, "ValidationException",
     f"{ONE_ERROR}Value '{LONG_VALUE}' at 'tags.1.member.tagValue' failed to satisfy constraint: "
     "Member must have length less than or equal to 256"),
    # section 4
    ("generate_data_key", SYMMETRIC, "disabled", {"KeySpec": "AES_256"}, "DisabledException",
     "{arn} is disabled."),
    ("generate_data_key", SYMMETRIC, "pending deletion", {"KeySpec": "AES_256"},
     "KMSInvalidStateException", "{arn} is pending deletion."),
    ("schedule_key_deletion", SYMMETRIC, "pending deletion", {}, "KMSInvalidStateException",
     "{arn} is pending deletion."),
    ("encrypt", EXTERNAL, "", {"Plaintext": b"p"}, "KMSInvalidStateException",
     "{arn} is pending import."),
    # section 5
    ("encrypt", SYMMETRIC, "", {"Plaintext": bytes(4097)}, "ValidationException",
     f"{ONE_ERROR}Value at 'plaintext' failed to satisfy constraint: "
     "Member must have length less than or equal to 4096"),
    ("encrypt", RSA_ENCRYPT, "",
     {"Plaintext": bytes(215), "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, "ValidationException",
     "Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than 214 bytes."),
    ("encrypt", RSA_SIGN, "",
     {"Plaintext": b"p", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, "InvalidKeyUsageException",
     usage_error("SIGN_VERIFY", "Encrypt")),
    ("generate_data_key_pair", SYMMETRIC, "", {"KeyPairSpec": "RSA_2048", "DryRun": True},
     "DryRunOperationException", DRY_RUN),
    ("generate_data_key_pair_without_plaintext", SYMMETRIC, "",
     {"KeyPairSpec": "RSA_2048", "DryRun": True}, "DryRunOperationException", DRY_RUN),
    # section 6
    ("sign", RSA_SIGN, "",
     {"Message": b"short", "MessageType": "DIGEST", "SigningAlgorithm": PSS},
     "ValidationException", f"Digest is invalid length for algorithm {PSS}."),
    ("sign", HMAC_256, "", {"Message": b"m", "SigningAlgorithm": PSS}, "InvalidKeyUsageException",
     usage_error("GENERATE_VERIFY_MAC", "Sign")),
    ("verify", SYMMETRIC, "", {"Message": b"m", "Signature": b"s", "SigningAlgorithm": PSS},
     "InvalidKeyUsageException", usage_error("ENCRYPT_DECRYPT", "Verify")),
    ("generate_mac", SYMMETRIC, "", {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"},
     "InvalidKeyUsageException", usage_error("ENCRYPT_DECRYPT", "GenerateMac")),
    ("generate_mac", HMAC_224, "", {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"},
     "InvalidKeyUsageException", "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."),
    ("verify_mac", HMAC_224, "", {"Message": b"m", "Mac": b"mac", "MacAlgorithm": "HMAC_SHA_256"},
     "InvalidKeyUsageException", "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."),
    ("generate_mac", HMAC_256, "", {"Message": b"m", "MacAlgorithm": "INVALID"},
     "ValidationException",
     ONE_ERROR + INVALID_ENUM.format("INVALID", "macAlgorithm") + MAC_ALGORITHMS),
    ("verify_mac", HMAC_256, "", {"Message": b"m", "Mac": b"mac", "MacAlgorithm": "INVALID"},
     "ValidationException",
     ONE_ERROR + INVALID_ENUM.format("INVALID", "macAlgorithm") + MAC_ALGORITHMS),
    ("verify_mac", HMAC_256, "", {"Message": b"m", "Mac": b"mac", "MacAlgorithm": "HMAC_SHA_256"},
     "KMSInvalidMacException", ""),
    ("derive_shared_secret", EC_SIGN, "",
     {"KeyAgreementAlgorithm": "ECDH", "PublicKey": PEER_DER}, "InvalidKeyUsageException",
     usage_error("SIGN_VERIFY", "DeriveSharedSecret")),
    ("derive_shared_secret", SYMMETRIC, "",
     {"KeyAgreementAlgorithm": "ECDH", "PublicKey": PEER_DER}, "InvalidKeyUsageException",
     usage_error("ENCRYPT_DECRYPT", "DeriveSharedSecret")),
    ("derive_shared_secret", EC_AGREE, "",
     {"KeyAgreementAlgorithm": "INVALID", "PublicKey": PEER_DER}, "ValidationException",
     ONE_ERROR + INVALID_ENUM.format("INVALID", "keyAgreementAlgorithm") + "[ECDH]"),
    ("derive_shared_secret", EC_AGREE, "",
     {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"garbage"}, "ValidationException", ""),
    ("create_key", None, "", spec("RSA_2048", "KEY_AGREEMENT"), "ValidationException",
     "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048"),
    ("create_key", None, "", {"KeySpec": "HMAC_256"}, "ValidationException",
     "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."),
    ("generate_random", None, "", {}, "ValidationException", "NumberOfBytes is required."),
    ("generate_random", None, "", {"NumberOfBytes": 0}, "ValidationException",
     f"{ONE_ERROR}Value '0' at 'numberOfBytes' failed to satisfy constraint: "
     "Member must have value greater than or equal to 1"),
    ("generate_random", None, "", {"NumberOfBytes": 1025}, "ValidationException",
     f"{ONE_ERROR}Value '1025' at 'numberOfBytes' failed to satisfy constraint: "
     "Member must have value less than or equal to 1024"),
]  # fmt: skip


def unchecked_client() -> BaseClient:
    """A client that leaves it to KMS to find what is too short or missing."""
    return boto3.client("kms", config=Config(parameter_validation=False))


@pytest.mark.parametrize(
    "row", ERRORS, ids=[f"{row[0]}-{row[4]}-{number}" for number, row in enumerate(ERRORS)]
)
def test_refusal(kms: BaseClient, row: tuple[str, Members | None, str, Members, str, str]) -> None:
    operation, kind, state, request, code, message = row
    arn = ""
    if kind is not None:
        arn = new_key(kms, kind)["Arn"]
        request = {"TargetKeyId" if operation == "create_alias" else "KeyId": arn} | request
    if state == "disabled":
        kms.disable_key(KeyId=arn)
    elif state == "pending deletion":
        kms.schedule_key_deletion(KeyId=arn)
    call = getattr(unchecked_client(), operation)
    check_error(kms, refusal(call, **request), code, message.replace("{arn}", arn))


@pytest.mark.parametrize(
    ("request_members", "beginning"),
    [
        (
            {"KeySpec": "HMAC_random"},
            ONE_ERROR + INVALID_ENUM.format("HMAC_random", "keySpec") + "[",
        ),
        (
            spec("SYMMETRIC_DEFAULT", "RANDOM"),
            ONE_ERROR
            + INVALID_ENUM.format("RANDOM", "keyUsage")
            + "[ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC",
        ),
    ],
)
def test_refusal_that_lists_values(
    kms: BaseClient, request_members: Members, beginning: str
) -> None:
    response = refusal(kms.create_key, **request_members)
    assert response["Error"]["Code"] == "ValidationException"
    assert response["Error"]["Message"].startswith(beginning)
    assert "message" not in response


def test_a_key_of_another_region_does_not_exist_here(kms: BaseClient) -> None:
    there = new_key(boto3.client("kms", region_name="eu-central-1"), SYMMETRIC)
    response = refusal(kms.describe_key, KeyId=there["KeyId"])
    check_error(
        kms, response, "NotFoundException", f"Key '{ARN}:key/{there['KeyId']}' does not exist"
    )
    response = refusal(kms.describe_key, KeyId=there["Arn"])
    check_error(kms, response, "NotFoundException", "Invalid arn eu-central-1")


def test_encrypt_takes_every_identifier(kms: BaseClient) -> None:
    key = new_key(kms, SYMMETRIC)
    kms.create_alias(AliasName="alias/name", TargetKeyId=key["KeyId"])
    for key_id in (key["KeyId"], key["Arn"], "alias/name", f"{ARN}:alias/name"):
        assert kms.encrypt(KeyId=key_id, Plaintext=b"p")["KeyId"] == key["Arn"]


def test_tags_keep_their_order_and_are_updated_in_place(kms: BaseClient) -> None:
    key_id = new_key(kms, {"Tags": tag("b", "1") + tag("a", "2")})["KeyId"]
    kms.tag_resource(KeyId=key_id, Tags=tag("c", "3") + tag("b", "changed"))
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [
        *tag("b", "changed"),
        *tag("a", "2"),
        *tag("c", "3"),
    ]


# Section 5: ciphertexts


@pytest.mark.parametrize(
    "change",
    [
        {"EncryptionContext": {}},
        {"EncryptionContext": {"purpose": "other"}},
        {"EncryptionContext": {"Purpose": "test"}},
        {"EncryptionContext": {"purpose": "test", "more": "x"}},
        {"cut": -1},
        {"cut": 20},
        {"junk": b"\x00"},
    ],
    ids=str,
)
def test_decrypt_of_what_was_not_encrypted_so(kms: BaseClient, change: Members) -> None:
    key_id = new_key(kms, SYMMETRIC)["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"p", EncryptionContext=CONTEXT)["CiphertextBlob"]
    context = change.get("EncryptionContext", CONTEXT)
    blob = blob[: change.get("cut")] + change.get("junk", b"")
    response = refusal(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context)
    check_error(kms, response, "InvalidCiphertextException", "")
    response = refusal(
        kms.re_encrypt,
        CiphertextBlob=blob,
        SourceEncryptionContext=context,
        DestinationKeyId=key_id,
    )
    check_error(kms, response, "InvalidCiphertextException", "")


@pytest.mark.parametrize("kind", [HMAC_256, SYMMETRIC], ids=["HMAC key", "other symmetric key"])
def test_decrypt_with_another_key(kms: BaseClient, kind: Members) -> None:
    key_id, other = new_key(kms, SYMMETRIC)["KeyId"], new_key(kms, kind)["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"p")["CiphertextBlob"]
    response = refusal(kms.decrypt, CiphertextBlob=blob, KeyId=other)
    check_error(kms, response, "IncorrectKeyException", WRONG_KEY)
    response = refusal(
        kms.re_encrypt, CiphertextBlob=blob, SourceKeyId=other, DestinationKeyId=key_id
    )
    check_error(kms, response, "IncorrectKeyException", WRONG_KEY)


def test_re_encrypt_to_a_signing_key(kms: BaseClient) -> None:
    key_id, signing = new_key(kms, SYMMETRIC)["KeyId"], new_key(kms, EC_SIGN)["Arn"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"p")["CiphertextBlob"]
    response = refusal(kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=signing)
    message = f"{signing} key usage is SIGN_VERIFY which is not valid for ReEncryptTo."
    check_error(kms, response, "InvalidKeyUsageException", message)


@pytest.mark.parametrize(
    ("key_spec", "limits"),
    [
        ("RSA_2048", {"RSAES_OAEP_SHA_1": 214, "RSAES_OAEP_SHA_256": 190}),
        ("RSA_3072", {"RSAES_OAEP_SHA_1": 342, "RSAES_OAEP_SHA_256": 318}),
        ("RSA_4096", {"RSAES_OAEP_SHA_1": 470, "RSAES_OAEP_SHA_256": 446}),
    ],
)
def test_rsa_size_limits(kms: BaseClient, key_spec: str, limits: dict[str, int]) -> None:
    key_id = new_key(kms, spec(key_spec, "ENCRYPT_DECRYPT"))["KeyId"]
    for algorithm, limit in limits.items():
        most = b"x" * limit
        how = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
        blob = kms.encrypt(Plaintext=most, **how)["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob, **how)["Plaintext"] == most
        message = (
            f"Algorithm {algorithm} and key spec {key_spec} cannot encrypt data larger than "
            f"{limit} bytes."
        )
        response = refusal(kms.encrypt, Plaintext=most + b"x", **how)
        check_error(kms, response, "ValidationException", message)


def test_4096_bytes_are_allowed(kms: BaseClient) -> None:
    key_id = new_key(kms, SYMMETRIC)["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x" * 4096)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x" * 4096


# Replies: exactly these members


def test_replies_of_symmetric_keys(kms: BaseClient) -> None:
    key, other = new_key(kms, SYMMETRIC), new_key(kms, SYMMETRIC)
    arn, material = key["Arn"], key["CurrentKeyMaterialId"]
    encrypted = without_metadata(kms.encrypt(KeyId=key["KeyId"], Plaintext=b"p"))
    blob = encrypted.pop("CiphertextBlob")
    assert encrypted == {"EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "KeyId": arn}
    assert without_metadata(kms.decrypt(CiphertextBlob=blob)) == {
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyId": arn,
        "KeyMaterialId": material,
        "Plaintext": b"p",
    }
    moved = without_metadata(kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other["KeyId"]))
    new_blob = moved.pop("CiphertextBlob")
    assert moved == {
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationKeyMaterialId": other["CurrentKeyMaterialId"],
        "KeyId": other["Arn"],
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyId": arn,
        "SourceKeyMaterialId": material,
    }
    assert kms.decrypt(CiphertextBlob=new_blob, KeyId=other["KeyId"])["Plaintext"] == b"p"


def test_replies_of_data_keys(kms: BaseClient) -> None:
    key = new_key(kms, SYMMETRIC)
    same = {"KeyId": key["Arn"], "KeyMaterialId": key["CurrentKeyMaterialId"]}
    reply = without_metadata(kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256"))
    blob, plaintext = reply.pop("CiphertextBlob"), reply.pop("Plaintext")
    assert reply == same
    assert len(plaintext) == 32
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext
    reply = without_metadata(
        kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], KeySpec="AES_128")
    )
    assert len(kms.decrypt(CiphertextBlob=reply.pop("CiphertextBlob"))["Plaintext"]) == 16
    assert reply == same
    pair = {"KeyId": key["KeyId"], "KeyPairSpec": "ECC_NIST_P256"}
    reply = without_metadata(kms.generate_data_key_pair(**pair))
    blob, private, public = (
        reply.pop(name) for name in ("PrivateKeyCiphertextBlob", "PrivateKeyPlaintext", "PublicKey")
    )
    assert reply == same | {"KeyPairSpec": "ECC_NIST_P256"}
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == private
    reply = without_metadata(kms.generate_data_key_pair_without_plaintext(**pair))
    assert reply.pop("PrivateKeyCiphertextBlob")
    assert reply.pop("PublicKey") != public
    assert reply == same | {"KeyPairSpec": "ECC_NIST_P256"}


def test_replies_of_rsa_encryption(kms: BaseClient) -> None:
    key = new_key(kms, RSA_ENCRYPT)
    algorithm = "RSAES_OAEP_SHA_256"
    how = {"KeyId": key["KeyId"], "EncryptionAlgorithm": algorithm}
    encrypted = without_metadata(kms.encrypt(Plaintext=b"p", **how))
    blob = encrypted.pop("CiphertextBlob")
    assert encrypted == {"EncryptionAlgorithm": algorithm, "KeyId": key["Arn"]}
    decrypted = without_metadata(kms.decrypt(CiphertextBlob=blob, **how))
    # Only symmetric keys have more than one key material, and an id for each.
    assert decrypted == {"EncryptionAlgorithm": algorithm, "KeyId": key["Arn"], "Plaintext": b"p"}


def test_replies_of_signatures(kms: BaseClient) -> None:
    key = new_key(kms, RSA_SIGN)
    how = {"KeyId": key["KeyId"], "Message": b"m", "SigningAlgorithm": PSS}
    reply = without_metadata(kms.sign(**how))
    signature = reply.pop("Signature")
    assert reply == {"KeyId": key["Arn"], "SigningAlgorithm": PSS}
    assert without_metadata(kms.verify(Signature=signature, **how)) == {
        "KeyId": key["Arn"],
        "SignatureValid": True,
        "SigningAlgorithm": PSS,
    }
    for change in ({"Message": b"other"}, {"Signature": bytes(len(signature))}):
        response = refusal(kms.verify, **({"Signature": signature} | how | change))
        check_error(kms, response, "KMSInvalidSignatureException", "")
    response = refusal(kms.verify, **({"Signature": signature, "MessageType": "DIGEST"} | how))
    assert response["Error"]["Code"] == "ValidationException"
    public = without_metadata(kms.get_public_key(KeyId=key["KeyId"]))
    assert public["KeyId"] == key["Arn"]


def test_replies_of_macs(kms: BaseClient) -> None:
    key = new_key(kms, HMAC_256)
    how = {"KeyId": key["KeyId"], "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    reply = without_metadata(kms.generate_mac(**how))
    mac = reply.pop("Mac")
    assert reply == {"KeyId": key["Arn"], "MacAlgorithm": "HMAC_SHA_256"}
    assert without_metadata(kms.verify_mac(Mac=mac, **how)) == {
        "KeyId": key["Arn"],
        "MacAlgorithm": "HMAC_SHA_256",
        "MacValid": True,
    }
    response = refusal(kms.verify_mac, **({"Mac": mac} | how | {"Message": b"other"}))
    check_error(kms, response, "KMSInvalidMacException", "")


def test_replies_of_key_agreement(kms: BaseClient) -> None:
    key = new_key(kms, EC_AGREE)
    reply = without_metadata(
        kms.derive_shared_secret(
            KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=PEER_DER
        )
    )
    own = load_der_public_key(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
    assert isinstance(own, ec.EllipticCurvePublicKey)
    assert reply == {
        "KeyAgreementAlgorithm": "ECDH",
        "KeyId": key["Arn"],
        "KeyOrigin": "AWS_KMS",
        "SharedSecret": PEER.exchange(ec.ECDH(), own),
    }


def test_replies_of_encapsulation(kms: BaseClient) -> None:
    key = new_key(kms, ML_KEM)
    how = {"KeyId": key["KeyId"], "EncapsulationAlgorithm": "ML_KEM"}
    reply = without_metadata(kms.encapsulate(**how))
    secret, blob = reply.pop("SharedSecret"), reply.pop("SharedSecretCiphertextBlob")
    assert (len(secret), len(blob)) == (32, 1088)
    assert reply == {"KeyId": key["Arn"], "EncapsulationAlgorithm": "ML_KEM"}
    assert without_metadata(kms.decapsulate(SharedSecretCiphertextBlob=blob, **how)) == {
        "KeyId": key["Arn"],
        "EncapsulationAlgorithm": "ML_KEM",
        "SharedSecret": secret,
    }


def test_random_bytes(kms: BaseClient) -> None:
    reply = without_metadata(kms.generate_random(NumberOfBytes=1024))
    assert set(reply) == {"Plaintext"}
    assert len(reply["Plaintext"]) == 1024


@pytest.mark.parametrize("bits", [256, 384, 512])
def test_pss_salt_is_as_long_as_the_digest(kms: BaseClient, bits: int) -> None:
    key_id = new_key(kms, RSA_SIGN)["KeyId"]
    hash_type = {256: hashes.SHA256, 384: hashes.SHA384, 512: hashes.SHA512}[bits]()
    digest = hashlib.new(f"sha{bits}", b"m").digest()
    how = {"KeyId": key_id, "SigningAlgorithm": f"RSASSA_PSS_SHA_{bits}"}
    public_key = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])
    scheme = padding.PSS(mgf=padding.MGF1(hash_type), salt_length=bits // 8)
    for message, message_type in ((b"m", "RAW"), (digest, "DIGEST")):
        reply = kms.sign(Message=message, MessageType=message_type, **how)
        public_key.verify(reply["Signature"], digest, scheme, utils.Prehashed(hash_type))  # type: ignore[union-attr,call-arg,arg-type]
