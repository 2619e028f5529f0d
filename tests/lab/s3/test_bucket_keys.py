"""Bucket keys: fewer calls of KMS, and what they cost in control."""

from typing import Any

import pytest

from helpers import lab
from helpers.lab.s3.data_keys import BUCKET_KEY_LIFETIME

from .conftest import BUCKET, Account, code_of

MINUTES = BUCKET_KEY_LIFETIME.total_seconds() / 60
OF_BUCKET = {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}"}


@pytest.fixture
def bucket_keys(account: Account) -> Account:
    account.configure("aws:kms", account.key_arn, BucketKeyEnabled=True)
    return account


def names(calls: list[tuple[str, Any]]) -> list[str]:
    return [name for name, _ in calls]


def test_one_call_serves_many_objects(bucket_keys: Account) -> None:
    for number in range(5):
        assert bucket_keys.put(str(number), b"x")["BucketKeyEnabled"] is True
    assert bucket_keys.kms_calls() == [("GenerateDataKey", OF_BUCKET)]
    for number in range(5):
        assert bucket_keys.get(str(number)) == b"x"
    assert bucket_keys.kms_calls()[1:] == [("Decrypt", OF_BUCKET)]


def test_without_them_every_object_costs_a_call(account: Account) -> None:
    for number in range(5):
        account.put_kms(str(number), b"x")
        account.get(str(number))
    assert names(account.kms_calls()) == ["GenerateDataKey", "Decrypt"] * 5


def test_the_objects_keys_differ(bucket_keys: Account) -> None:
    for name in ("a", "b"):
        bucket_keys.put(name, b"equal")
    first, second = (lab.xray.s3_object(BUCKET, name) for name in ("a", "b"))
    assert first["encrypted_data_key"] == second["encrypted_data_key"]
    assert first["wrapped_key"] != second["wrapped_key"]
    assert first["ciphertext"] != second["ciphertext"]


def test_they_live_for_a_while(bucket_keys: Account) -> None:
    bucket_keys.put("a", b"x")
    lab.clock.advance(minutes=MINUTES - 1)
    bucket_keys.put("b", b"x")
    assert len(bucket_keys.kms_calls()) == 1
    lab.clock.advance(minutes=1)
    bucket_keys.put("c", b"x")
    assert names(bucket_keys.kms_calls()) == ["GenerateDataKey"] * 2
    assert {bucket_keys.get(name) for name in "abc"} == {b"x"}


def test_each_requester_asks_for_its_own(bucket_keys: Account) -> None:
    bucket_keys.put("a", b"x")
    everything = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [everything]}
    for role in ("one", "two", "one"):
        s3 = lab.as_role(role, document).client("s3")
        s3.put_object(Bucket=BUCKET, Key="b", Body=b"x")
        assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"x"
    assert names(bucket_keys.kms_calls()).count("GenerateDataKey") == 3
    assert names(bucket_keys.kms_calls()).count("Decrypt") == 2


def test_while_they_live_the_key_is_not_asked_again(bucket_keys: Account) -> None:
    bucket_keys.put("a", b"x")
    bucket_keys.get("a")
    bucket_keys.kms.disable_key(KeyId=bucket_keys.key_id)
    assert bucket_keys.get("a") == b"x"
    lab.clock.advance(minutes=MINUTES)
    assert code_of(bucket_keys.get, key="a") == "KMS.DisabledException"
    assert code_of(bucket_keys.put, key="b", body=b"x") == "KMS.DisabledException"


def test_a_request_overrides_the_bucket(bucket_keys: Account) -> None:
    assert "BucketKeyEnabled" not in bucket_keys.put_kms("a", b"x", BucketKeyEnabled=False)
    assert bucket_keys.put_kms("b", b"x")["BucketKeyEnabled"] is True
    bucket_keys.configure("aws:kms", bucket_keys.key_arn)
    assert "BucketKeyEnabled" not in bucket_keys.put("c", b"x")
    assert bucket_keys.put_kms("d", b"x", BucketKeyEnabled=True)["BucketKeyEnabled"] is True
    assert bucket_keys.head("b")["BucketKeyEnabled"] is True


def test_dsse_has_none(bucket_keys: Account) -> None:
    reply = bucket_keys.put_kms("o", b"x", ServerSideEncryption="aws:kms:dsse")
    assert "BucketKeyEnabled" not in reply
    assert bucket_keys.kms_calls()[0][1] == {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}/o"}


def test_buckets_and_keys_have_their_own(bucket_keys: Account) -> None:
    other = bucket_keys.kms.create_key()["KeyMetadata"]["Arn"]
    bucket_keys.put("a", b"x")
    bucket_keys.put_kms("b", b"x", SSEKMSKeyId=other)
    bucket_keys.s3.create_bucket(Bucket="second")
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": other, "BucketKeyEnabled": True}
    bucket_keys.s3.put_object(Bucket="second", Key="a", Body=b"x", **by_kms)
    assert names(bucket_keys.kms_calls()) == ["GenerateDataKey"] * 3
