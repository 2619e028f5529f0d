"""UpdateObjectEncryption: another key for the data key, and nothing else."""

import os
from typing import Any

import pytest

from helpers import lab

from .conftest import BUCKET, Account, code_of, told
from .test_kinds import CUSTOMER
from .test_two_gates import acting, allow


def update(account: Account, key: str, arn: str, s3: Any = None, **members: Any) -> None:
    (s3 or account.s3).update_object_encryption(
        Bucket=BUCKET, Key=key, ObjectEncryption={"SSEKMS": {"KMSKeyArn": arn, **members}}
    )


def other_key(account: Account) -> str:
    return str(account.kms.create_key()["KeyMetadata"]["Arn"])


@pytest.mark.parametrize("before", ["SSE-S3", "SSE-KMS", "bucket key"])
@pytest.mark.parametrize("bucket_key", [False, True])
def test_the_bytes_stay(account: Account, before: str, bucket_key: bool) -> None:
    body = os.urandom(3000)
    if before == "SSE-S3":
        account.put("o", body)
    else:
        account.put_kms("o", body, BucketKeyEnabled=before == "bucket key")
    old, head = lab.xray.s3_object(BUCKET, "o"), account.head("o")
    lab.clock.advance(days=1)
    arn = other_key(account)
    update(account, "o", arn, BucketKeyEnabled=bucket_key)
    new, after = lab.xray.s3_object(BUCKET, "o"), account.head("o")
    assert new["ciphertext"] == old["ciphertext"]
    assert new["encrypted_data_key"] != old["encrypted_data_key"]
    assert (after["ServerSideEncryption"], after["SSEKMSKeyId"]) == ("aws:kms", arn)
    assert after.get("BucketKeyEnabled", False) is bucket_key
    assert (after["ETag"], after["LastModified"]) == (head["ETag"], head["LastModified"])
    assert account.get("o") == body
    if before != "SSE-S3":
        account.kms.disable_key(KeyId=account.key_id)
        assert account.get("o") == body, "the old key is needed no more"


def test_what_kms_is_asked(account: Account) -> None:
    account.put("a", b"x")
    account.put_kms("b", b"x")
    start = account.count()
    arn = other_key(account)
    for key in ("a", "b"):
        update(account, key, arn)
    assert [name for name, _ in account.kms_calls(start)] == ["Encrypt", "ReEncrypt"]


def test_permissions(account: Account) -> None:
    account.put_kms("o", b"x")
    arn = other_key(account)
    mover = acting(allow(["kms:*", "s3:PutObject"]))
    assert (
        "s3:UpdateObjectEncryption" in told(update, account=account, key="o", arn=arn, s3=mover)[1]
    )
    mover = acting(allow(["s3:*", "kms:ReEncryptFrom"]))
    assert "kms:ReEncryptTo" in told(update, account=account, key="o", arn=arn, s3=mover)[1]
    assert account.get("o") == b"x"
    update(account, "o", arn, acting(allow(["s3:UpdateObjectEncryption", "kms:ReEncrypt*"])))


def test_refusals(account: Account) -> None:
    account.allow_customer_keys()
    account.put("c", b"x", **CUSTOMER)
    account.put_kms("d", b"x", ServerSideEncryption="aws:kms:dsse")
    account.put("o", b"x")
    for key in ("c", "d"):
        code, text, _ = told(update, account=account, key=key, arn=account.key_arn)
        assert code == "InvalidRequest" and "DSSE-KMS or SSE-C" in text
    assert code_of(update, account=account, key="none", arn=account.key_arn) == "NoSuchKey"
    code, text, _ = told(
        update, account=account, key="o", arn=f"arn:aws:kms:us-east-1:x:{'k' * 20}"
    )
    assert code == "InvalidRequest" and "valid Amazon Web Services KMS key" in text
    elsewhere = account.key_arn.replace("123456789012", "222222222222")
    code, text, status = told(update, account=account, key="o", arn=elsewhere)
    assert (code, status) == ("AccessDenied", 403) and "owned by the same account" in text
    account.kms.disable_key(KeyId=account.key_id)
    assert code_of(update, account=account, key="o", arn=account.key_arn) == "KMS.DisabledException"
    assert account.head("o")["ServerSideEncryption"] == "AES256"


def test_a_version(account: Account) -> None:
    status = {"Status": "Enabled"}
    account.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=status)
    first = account.put("o", b"1")["VersionId"]
    account.put("o", b"2")
    account.s3.update_object_encryption(
        Bucket=BUCKET,
        Key="o",
        VersionId=first,
        ObjectEncryption={"SSEKMS": {"KMSKeyArn": account.key_arn}},
    )
    assert account.head("o", VersionId=first)["ServerSideEncryption"] == "aws:kms"
    assert account.head("o")["ServerSideEncryption"] == "AES256"
