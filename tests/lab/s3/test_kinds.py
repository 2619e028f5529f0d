"""The kinds of encryption: what is asked, what is answered, what lies at rest."""

import base64
import gc
import json
from typing import Any

import boto3
import pytest

from helpers import lab
from helpers.lab.s3.objects import LabKey

from .conftest import BUCKET, Account, code_of, told

CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"c" * 32}
SECRET = b"a secret that nobody may find in the clear " * 40


def kinds(account: Account) -> dict[str, dict[str, Any]]:
    """Every kind of encryption, as members of PutObject."""
    kms = {"ServerSideEncryption": "aws:kms"}
    own = {"SSEKMSKeyId": account.key_arn}
    return {
        "SSE-S3": {},
        "SSE-S3, asked for": {"ServerSideEncryption": "AES256"},
        "SSE-KMS, aws/s3": kms,
        "SSE-KMS": kms | own,
        "SSE-KMS, bucket key": kms | own | {"BucketKeyEnabled": True},
        "DSSE-KMS": own | {"ServerSideEncryption": "aws:kms:dsse"},
        "SSE-C": CUSTOMER,
    }


def reading(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name.startswith("SSECustomer")}


def test_what_goes_in_comes_out(account: Account) -> None:
    account.allow_customer_keys()
    for name, members in kinds(account).items():
        account.put(name, SECRET, **members)
        assert account.get(name, **reading(members)) == SECRET
        assert account.head(name, **reading(members))["ContentLength"] == len(SECRET)


def test_nothing_of_the_plaintext_is_in_the_store(account: Account) -> None:
    account.allow_customer_keys()
    for name, members in kinds(account).items():
        account.put(name, SECRET, **members)
        inside = lab.xray.s3_object(BUCKET, name)
        assert SECRET[:20] not in inside["ciphertext"]
        assert len(inside["ciphertext"]) == len(SECRET) + 16 * inside["layers"]
    gc.collect()
    ours = SECRET[:30]
    for key in [thing for thing in gc.get_objects() if isinstance(thing, LabKey)]:
        assert not vars(key)["_value_buffer"].read()
        for value in vars(key).values():
            assert not isinstance(value, bytes) or ours not in value


def test_at_rest(account: Account) -> None:
    account.allow_customer_keys()
    for name, members in kinds(account).items():
        account.put(name, SECRET, **members)
    inside = {name: lab.xray.s3_object(BUCKET, name) for name in kinds(account)}
    arn = f"arn:aws:s3:::{BUCKET}/SSE-KMS"
    plain = inside["SSE-KMS"]
    assert plain["encryption_context"] == {"aws:s3:arn": arn}
    assert plain["key_arn"] == account.key_arn
    blob = lab.xray.blob(plain["encrypted_data_key"])
    assert blob["key_id"] == account.key_id
    assert (plain["wrapped_key"], plain["layers"]) == (b"", 1)
    bucket_key = inside["SSE-KMS, bucket key"]
    assert bucket_key["encryption_context"] == {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}"}
    assert len(bucket_key["wrapped_key"]) == 12 + 32 + 16
    twice = inside["DSSE-KMS"]
    assert (twice["layers"], len(twice["wrapped_key"])) == (2, 60)
    assert inside["SSE-S3"]["key_arn"] == "" and inside["SSE-S3"]["encrypted_data_key"] == b""
    assert inside["SSE-C"]["server_side_encryption"] == "SSE-C"


def test_the_encrypted_data_key_opens_with_kms_alone(account: Account) -> None:
    """What stays with the object is a ciphertext blob as any other: its context is the ARN."""
    account.put_kms("o", b"x")
    inside = lab.xray.s3_object(BUCKET, "o")
    blob = {"CiphertextBlob": inside["encrypted_data_key"]}
    opened = account.kms.decrypt(**blob, EncryptionContext=inside["encryption_context"])
    assert len(opened["Plaintext"]) == 32
    assert code_of(account.kms.decrypt, **blob) == "InvalidCiphertextException"


def test_xray_of_nothing(account: Account) -> None:
    for bucket, key in (("nowhere", "o"), (BUCKET, "nothing")):
        with pytest.raises(lab.LabError, match="to look into"):
            lab.xray.s3_object(bucket, key)


@pytest.mark.parametrize("named", ["key_id", "key_arn", "alias", "alias_arn"])
def test_each_identifier(account: Account, named: str) -> None:
    account.kms.create_alias(AliasName="alias/mine", TargetKeyId=account.key_id)
    names = {
        "key_id": account.key_id,
        "key_arn": account.key_arn,
        "alias": "alias/mine",
        "alias_arn": "arn:aws:kms:us-east-1:123456789012:alias/mine",
    }
    reply = account.put_kms("o", b"x", SSEKMSKeyId=names[named])
    assert reply["SSEKMSKeyId"] == account.key_arn


def test_rotation_and_aliases_leave_objects_readable(account: Account) -> None:
    account.kms.create_alias(AliasName="alias/mine", TargetKeyId=account.key_id)
    account.put_kms("o", b"x", SSEKMSKeyId="alias/mine")
    account.kms.rotate_key_on_demand(KeyId=account.key_id)
    other = account.kms.create_key()["KeyMetadata"]["KeyId"]
    account.kms.update_alias(AliasName="alias/mine", TargetKeyId=other)
    assert account.get("o") == b"x"


def test_a_deleted_key_orphans_the_object(account: Account) -> None:
    account.put_kms("o", b"x")
    account.kms.schedule_key_deletion(KeyId=account.key_id, PendingWindowInDays=7)
    lab.clock.advance(days=7)
    assert told(account.get, key="o")[:2] == (
        "KMS.NotFoundException",
        f"Key '{account.key_arn}' does not exist",
    )
    assert account.head("o")["SSEKMSKeyId"] == account.key_arn
    account.s3.delete_object(Bucket=BUCKET, Key="o")


def test_imported_material_that_expired(account: Account) -> None:
    key = account.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    assert told(account.put_kms, key="o", body=b"x", SSEKMSKeyId=key)[:2] == (
        "KMS.KMSInvalidStateException",
        f"{key} is pending import.",
    )


def test_an_asymmetric_key(account: Account) -> None:
    spec = {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}
    key = account.kms.create_key(**spec)["KeyMetadata"]["Arn"]
    code = code_of(account.put_kms, key="o", body=b"x", SSEKMSKeyId=key)
    assert code == "KMS.InvalidKeyUsageException"


def context(pairs: Any) -> str:
    return base64.b64encode(json.dumps(pairs).encode()).decode()


def test_further_encryption_context(account: Account) -> None:
    asked = context({"dept": "hr"})
    assert (
        account.put_kms("o", b"x", SSEKMSEncryptionContext=asked)["SSEKMSEncryptionContext"]
        == asked
    )
    assert account.get("o") == b"x"
    expected = {"dept": "hr", "aws:s3:arn": f"arn:aws:s3:::{BUCKET}/o"}
    assert account.kms_calls() == [("GenerateDataKey", expected), ("Decrypt", expected)]


@pytest.mark.parametrize("header", ["nonsense", context(["a"]), context({"a": 1})])
def test_a_context_that_is_none(account: Account, header: str) -> None:
    code, text, _ = told(account.put_kms, key="o", body=b"x", SSEKMSEncryptionContext=header)
    assert code == "InvalidArgument"
    assert "shall be Base64-encoded UTF-8 string holding JSON" in text


def test_headers_that_do_not_fit(account: Account) -> None:
    for members in (
        {"ServerSideEncryption": "AES256", "SSEKMSKeyId": account.key_arn},
        {"SSEKMSKeyId": account.key_arn},
        {"ServerSideEncryption": "rot13"},
        CUSTOMER | {"ServerSideEncryption": "AES256"},
    ):
        assert code_of(account.put, key="o", body=b"x", **members) == "InvalidArgument"
    assert code_of(account.get, key="o") == "NoSuchKey"


def test_reading_takes_no_encryption_headers(account: Account) -> None:
    account.put_kms("o", b"x")

    def add(request: Any, **_: Any) -> None:
        request.headers["x-amz-server-side-encryption"] = "aws:kms"

    account.s3.meta.events.register("before-sign.s3.GetObject", add)
    assert told(account.get, key="o") == (
        "InvalidArgument",
        "x-amz-server-side-encryption header is not supported for this operation.",
        400,
    )


def test_events_name_who_asked_and_for_what(account: Account) -> None:
    account.put_kms("o", b"x")
    account.get("o")
    for event, name in zip(lab.events()[-2:], ("GenerateDataKey", "Decrypt"), strict=True):
        assert event["eventName"] == name
        assert event["userIdentity"]["userName"] == "admin"
        assert event["userIdentity"]["invokedBy"] == "s3.amazonaws.com"
        assert event["sourceIPAddress"] == "s3.amazonaws.com"
        assert event["requestParameters"]["encryptionContext"] == {
            "aws:s3:arn": f"arn:aws:s3:::{BUCKET}/o"
        }
        assert event["resources"][0]["ARN"] == account.key_arn


def test_sse_s3_asks_kms_nothing(account: Account) -> None:
    account.put("o", b"x")
    account.get("o")
    assert account.kms_calls() == []


def test_the_bucket_s_region_is_the_key_s(account: Account) -> None:
    frankfurt = boto3.client("s3", region_name="eu-central-1")
    place = {"LocationConstraint": "eu-central-1"}
    frankfurt.create_bucket(Bucket="frankfurt", CreateBucketConfiguration=place)
    kms = boto3.client("kms", region_name="eu-central-1")
    key = kms.create_key()["KeyMetadata"]
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["KeyId"]}
    reply = frankfurt.put_object(Bucket="frankfurt", Key="o", Body=b"x", **by_kms)
    assert reply["SSEKMSKeyId"] == key["Arn"]
    # Whatever Region the client was made for: the bucket is where it is.
    assert account.s3.get_object(Bucket="frankfurt", Key="o")["Body"].read() == b"x"


def test_blocked_kinds(account: Account) -> None:
    """A new bucket refuses SSE-C, as since April 2026; what lies there stays readable."""
    assert account.rule()["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    assert told(account.put, key="o", body=b"x", **CUSTOMER)[::2] == ("AccessDenied", 403)
    upload = {"Bucket": BUCKET, "Key": "m"}
    assert code_of(account.s3.create_multipart_upload, **upload, **CUSTOMER) == "AccessDenied"
    account.allow_customer_keys()
    assert account.rule()["BlockedEncryptionTypes"] == {"EncryptionType": ["NONE"]}
    account.put("o", b"x", **CUSTOMER)
    account.configure("aws:kms")
    assert account.rule()["BlockedEncryptionTypes"] == {"EncryptionType": ["NONE"]}
    account.configure(BlockedEncryptionTypes={"EncryptionType": ["SSE-C"]})
    assert code_of(account.put, key="p", body=b"x", **CUSTOMER) == "AccessDenied"
    assert account.get("o", **CUSTOMER) == b"x"


@pytest.mark.parametrize("types", [["NONE", "SSE-C"], ["SSE-KMS"]])
def test_kinds_that_cannot_be_blocked(account: Account, types: list[str]) -> None:
    rule = {"BlockedEncryptionTypes": {"EncryptionType": types}}
    assert code_of(account.configure, **rule) == "MalformedXML"


def test_the_configuration_is_not_checked_with_kms(account: Account) -> None:
    account.configure("aws:kms", "no-key-at-all")
    assert told(account.put, key="o", body=b"x")[:2] == (
        "KMS.NotFoundException",
        "Invalid keyId 'no-key-at-all'",
    )
    assert account.put("o", b"x", ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
