"""A setting of the bucket that changes what S3 tells KMS."""

from collections.abc import Iterable
from typing import Any

from helpers import lab

from .. import asking

CONTEXT = "kms:EncryptionContext:aws:s3:arn"


def set_default(s3: Any, bucket: str, key_arn: str, *, bucket_key: bool) -> None:
    """SSE-KMS with this key is the bucket's default, with or without a bucket key."""
    rule = {
        "ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": key_arn,
        },
        "BucketKeyEnabled": bucket_key,
    }
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def play(session: Any, account: str, waits: bool) -> dict[str, Any]:
    kms, s3 = session.client("kms"), session.client("s3")
    bucket, arn = f"reports-{account}", f"arn:aws:s3:::reports-{account}"
    key_arn = kms.create_key(Description="reports")["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=bucket)
    set_default(s3, bucket, key_arn, bucket_key=False)
    s3.put_object(Bucket=bucket, Key="october.csv", Body=b"October: 1,200")
    set_default(s3, bucket, key_arn, bucket_key=True)
    s3.put_object(Bucket=bucket, Key="november.csv", Body=b"November: 1,350")
    policy = asking.policy(
        asking.allow("s3:GetObject", f"{arn}/*"),
        asking.allow("kms:Decrypt", key_arn, Condition={"StringLike": {CONTEXT: f"{arn}/*"}}),
    )
    return {
        "bucket": bucket,
        "bucket_arn": arn,
        "key_arn": key_arn,
        "policy": policy,
        "accounting": lab.as_role("accounting", policy, account=account),
    }


def evidence(things: dict[str, Any], events: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (
        event
        for event in events
        if event["eventName"] == "Decrypt"
        and event.get("errorCode") == "AccessDenied"
        and asking.context_of(event).get("aws:s3:arn") == things["bucket_arn"]
    )
