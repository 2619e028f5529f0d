"""What AWS was recorded to answer about SSE-KMS in S3 (February 2026)."""

from hashlib import md5
from typing import Any

import boto3
import pytest

from .conftest import BUCKET, Account, code_of, told

ABSENT = "12345678-1234-1234-1234-123456789012"


@pytest.mark.parametrize("operation", ["get", "put"])
def test_disabled_key(account: Account, operation: str) -> None:
    account.put_kms("o", b"x")
    account.kms.disable_key(KeyId=account.key_id)
    call: Any = account.get if operation == "get" else account.put_kms
    members = {"key": "o"} | ({"body": b"y"} if operation == "put" else {})
    assert told(call, **members) == (
        "KMS.DisabledException",
        f"{account.key_arn} is disabled.",
        400,
    )
    account.kms.enable_key(KeyId=account.key_id)
    assert account.get("o") == b"x"


def test_key_pending_deletion(account: Account) -> None:
    account.put_kms("o", b"x")
    account.kms.schedule_key_deletion(KeyId=account.key_id)
    assert told(account.get, key="o")[:2] == (
        "KMS.KMSInvalidStateException",
        f"{account.key_arn} is pending deletion.",
    )


@pytest.mark.parametrize("operation", ["put_object", "create_multipart_upload", "copy_object"])
def test_no_key_id(account: Account, operation: str) -> None:
    account.put("source", b"x")
    more = {"put_object": {"Body": b"x"}, "copy_object": {"CopySource": f"{BUCKET}/source"}}
    assert told(
        getattr(account.s3, operation),
        Bucket=BUCKET,
        Key="o",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId="fake-key-id",
        **more.get(operation, {}),
    )[:2] == ("KMS.NotFoundException", "Invalid keyId 'fake-key-id'")


def test_absent_keys(account: Account) -> None:
    here = f"arn:aws:kms:us-east-1:123456789012:key/{ABSENT}"
    for named in (ABSENT, here):
        assert told(account.put_kms, key="o", body=b"x", SSEKMSKeyId=named)[:2] == (
            "KMS.NotFoundException",
            f"Key '{here}' does not exist",
        )


def test_a_key_of_another_region(account: Account) -> None:
    other = boto3.client("kms", region_name="eu-west-1").create_key()["KeyMetadata"]
    assert told(account.put_kms, key="o", body=b"x", SSEKMSKeyId=other["Arn"])[:2] == (
        "KMS.NotFoundException",
        "Invalid arn eu-west-1",
    )
    here = other["Arn"].replace("eu-west-1", "us-east-1")
    assert told(account.put_kms, key="o", body=b"x", SSEKMSKeyId=other["KeyId"])[:2] == (
        "KMS.NotFoundException",
        f"Key '{here}' does not exist",
    )


def test_a_key_for_sse_s3(account: Account) -> None:
    with pytest.raises(account.s3.exceptions.ClientError) as caught:
        account.configure("AES256", account.key_id)
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidArgument"
    assert error["ArgumentName"] == "ApplyServerSideEncryptionByDefault"
    assert error["Message"] == (
        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
        "aws:kms:dsse"
    )


@pytest.mark.parametrize("count", [0, 2])
def test_one_rule_and_no_other_number(account: Account, count: int) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert told(
        account.s3.put_bucket_encryption,
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={"Rules": [rule] * count},
    )[:2] == (
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


def test_replies_name_the_key_by_its_arn(account: Account) -> None:
    """A bare key ID becomes the ARN; a bucket key that is off is not mentioned."""
    replies = [account.put_kms("o", b"x", SSEKMSKeyId=account.key_id), account.head("o")]
    replies.append(account.s3.get_object(Bucket=BUCKET, Key="o"))
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_id}
    replies.append(account.s3.copy_object(Bucket=BUCKET, Key="c", CopySource="bucket/o", **by_kms))
    upload = account.s3.create_multipart_upload(Bucket=BUCKET, Key="m", **by_kms)
    named = {"Bucket": BUCKET, "Key": "m", "UploadId": upload["UploadId"]}
    part = account.s3.upload_part(**named, PartNumber=1, Body=b"x")
    listed = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    done = account.s3.complete_multipart_upload(**named, MultipartUpload=listed)
    for reply in (*replies, upload, part, done):
        assert reply["ServerSideEncryption"] == "aws:kms"
        assert reply["SSEKMSKeyId"] == account.key_arn
        assert "BucketKeyEnabled" not in reply
    assert "VersionId" not in done


def test_the_etag_is_no_md5(account: Account) -> None:
    digest = f'"{md5(b"x", usedforsecurity=False).hexdigest()}"'
    assert account.put("plain", b"x")["ETag"] == digest
    assert account.put_kms("o", b"x")["ETag"] != digest
    assert account.put_kms("o", b"x", ServerSideEncryption="aws:kms:dsse")["ETag"] != digest


def test_the_default_is_sse_s3(account: Account) -> None:
    assert account.rule()["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert account.rule()["BucketKeyEnabled"] is False
    assert account.put("o", b"x")["ServerSideEncryption"] == "AES256"
    for _ in range(2):
        reply = account.s3.delete_bucket_encryption(Bucket=BUCKET)
        assert reply["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_the_configuration_keeps_the_identifier(account: Account) -> None:
    account.put("before", b"x")
    account.configure("aws:kms", account.key_id)
    by_default = account.rule()["ApplyServerSideEncryptionByDefault"]
    assert by_default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": account.key_id}
    assert account.put("after", b"x")["SSEKMSKeyId"] == account.key_arn
    assert account.head("before")["ServerSideEncryption"] == "AES256"


def test_the_aws_managed_key_serves_all_buckets(account: Account) -> None:
    account.s3.create_bucket(Bucket="second")
    arns = {
        account.s3.put_object(Bucket=bucket, Key="o", Body=b"x", ServerSideEncryption="aws:kms")[
            "SSEKMSKeyId"
        ]
        for bucket in (BUCKET, "second")
    }
    (arn,) = arns
    metadata = account.kms.describe_key(KeyId=arn)["KeyMetadata"]
    assert metadata["KeyManager"] == "AWS"
    assert metadata["Description"] == (
        "Default key that protects my S3 objects when no other key is defined"
    )
    assert account.kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"] == arn


def test_sse_s3_knows_no_bucket_key(account: Account) -> None:
    account.configure("AES256", BucketKeyEnabled=True)
    assert "BucketKeyEnabled" not in account.put("o", b"x")


def test_copies_in_place(account: Account) -> None:
    account.put_kms("o", b"x")
    copied = account.s3.copy_object(
        Bucket=BUCKET, Key="o", CopySource="bucket/o", ServerSideEncryption="aws:kms"
    )
    assert copied["SSEKMSKeyId"] != account.key_arn
    copied = account.s3.copy_object(Bucket=BUCKET, Key="o", CopySource="bucket/o")
    assert copied["ServerSideEncryption"] == "AES256"
    assert account.get("o") == b"x"
    again = {"Bucket": BUCKET, "Key": "o", "CopySource": "bucket/o"}
    assert code_of(account.s3.copy_object, **again) == "InvalidRequest"
