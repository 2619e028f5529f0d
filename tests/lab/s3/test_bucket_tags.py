"""Tags that CreateBucket brings.

Source: S3 API reference, CreateBucketConfiguration.
"""

from typing import Any

import boto3
import pytest

from helpers import lab


def tags(s3: Any, bucket: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
@pytest.mark.parametrize("given", [{"a": "b"}, {"a": "b", "c": ""}], ids=str)
def test_create_bucket_with_tags(kms: Any, region: str, given: dict[str, str]) -> None:
    s3 = boto3.client("s3", region_name=region)
    configuration: dict[str, Any] = {"Tags": [{"Key": k, "Value": v} for k, v in given.items()]}
    if region != "us-east-1":
        configuration["LocationConstraint"] = region
    s3.create_bucket(Bucket="tagged", CreateBucketConfiguration=configuration)
    assert tags(s3, "tagged") == given


def test_a_bucket_without_tags(kms: Any) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="plain")
    with lab.expect_error("NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket="plain")


def test_a_later_bucket_of_the_same_name_has_no_tags(kms: Any) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(
        Bucket="again", CreateBucketConfiguration={"Tags": [{"Key": "a", "Value": "b"}]}
    )
    s3.delete_bucket(Bucket="again")
    s3.create_bucket(Bucket="again")
    with lab.expect_error("NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket="again")
