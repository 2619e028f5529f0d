"""An account with a bucket and a key, for the tests of S3."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from helpers import lab

BUCKET = "bucket"


@dataclass(frozen=True)
class Account:
    """Clients of a fresh lab, its bucket's name and a customer managed key."""

    s3: Any
    kms: Any
    key_arn: str

    @property
    def key_id(self) -> str:
        return self.key_arn.rpartition("/")[2]

    def put(self, key: str, body: bytes, **members: Any) -> dict[str, Any]:
        return dict(self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, **members))

    def put_kms(self, key: str, body: bytes, **members: Any) -> dict[str, Any]:
        """Put an object under the customer managed key."""
        by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.key_arn}
        return self.put(key, body, **by_kms | members)

    def get(self, key: str, **members: Any) -> bytes:
        return bytes(self.s3.get_object(Bucket=BUCKET, Key=key, **members)["Body"].read())

    def head(self, key: str, **members: Any) -> dict[str, Any]:
        return dict(self.s3.head_object(Bucket=BUCKET, Key=key, **members))

    def configure(self, algorithm: str | None = None, key: str | None = None, **rule: Any) -> None:
        """Put the bucket's encryption configuration."""
        if algorithm:
            rule["ApplyServerSideEncryptionByDefault"] = {"SSEAlgorithm": algorithm} | (
                {"KMSMasterKeyID": key} if key else {}
            )
        self.s3.put_bucket_encryption(
            Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )

    def allow_customer_keys(self) -> None:
        """Unblock SSE-C."""
        self.configure(BlockedEncryptionTypes={"EncryptionType": ["NONE"]})

    def rule(self) -> dict[str, Any]:
        found = self.s3.get_bucket_encryption(Bucket=BUCKET)
        (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
        return dict(rule)

    def kms_calls(self, start: int = 0) -> list[tuple[str, dict[str, str]]]:
        """What S3 asked KMS: operation and encryption context, oldest first."""
        found = []
        for event in lab.events(last=1000)[start:]:
            if event["userIdentity"].get("invokedBy") == "s3.amazonaws.com":
                parameters = event["requestParameters"]
                found.append((event["eventName"], parameters.get("encryptionContext", {})))
        return found

    def count(self) -> int:
        return len(lab.events(last=1000))


@pytest.fixture
def account() -> Iterator[Account]:
    lab.open(seed=1)
    try:
        lab.reset()
        # A fault at rest is answered once: the tests don't wait for a client to try again.
        s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
        kms = boto3.client("kms")
        s3.create_bucket(Bucket=BUCKET)
        yield Account(s3, kms, kms.create_key()["KeyMetadata"]["Arn"])
    finally:
        lab.close()


def code_of(call: Any, **members: Any) -> str:
    """The code of the error that the call ends with."""
    return told(call, **members)[0]


def told(call: Any, **members: Any) -> tuple[str, str, int]:
    """Code, text and HTTP status of the error that the call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    error = caught.value.response["Error"]
    return (
        error["Code"],
        error["Message"],
        caught.value.response["ResponseMetadata"]["HTTPStatusCode"],
    )
