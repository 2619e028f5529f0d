"""The AWS CLI, unmodified, with the lab's S3: what lies at rest is KMS's business."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Server, run_client

Aws = Callable[..., Any]


@pytest.fixture
def aws(server: Server, tmp_path: Path) -> Aws:
    """aws("s3api", "put-object", ...): the JSON that the command prints, or its text."""

    def run(*arguments: str) -> Any:
        done = run_client(
            "aws", *arguments, "--endpoint-url", server.url, "--output=json", home=tmp_path
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    return run


@pytest.fixture
def refusal(server: Server, tmp_path: Path) -> Callable[..., str]:
    """What the CLI says when it fails."""

    def run(*arguments: str) -> str:
        done = run_client("aws", *arguments, "--endpoint-url", server.url, home=tmp_path)
        assert done.returncode, done.stdout
        return done.stderr.strip()

    return run


def test_cp_there_and_back(aws: Aws, refusal: Callable[..., str], tmp_path: Path) -> None:
    """A file large enough for parts, under a customer managed key; then without the key."""
    key = aws("kms", "create-key")["KeyMetadata"]["Arn"]
    aws("s3", "mb", "s3://cli-copies")
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(9 << 20))
    aws("s3", "cp", str(source), "s3://cli-copies/o", "--sse", "aws:kms", "--sse-kms-key-id", key)
    head = aws("s3api", "head-object", "--bucket", "cli-copies", "--key", "o")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    assert head["ETag"].endswith('-2"')
    aws("s3", "cp", "s3://cli-copies/o", str(target))
    assert target.read_bytes() == source.read_bytes()
    aws("kms", "disable-key", "--key-id", key)
    said = refusal("s3", "cp", "s3://cli-copies/o", str(target))
    assert "An error occurred (KMS.DisabledException)" in said and "is disabled." in said
    aws("kms", "enable-key", "--key-id", key)
    aws("s3", "rm", "s3://cli-copies/o")
    aws("s3", "rb", "s3://cli-copies")


def test_default_encryption(aws: Aws, tmp_path: Path) -> None:
    key = aws("kms", "create-key")["KeyMetadata"]["Arn"]
    bucket = ("--bucket", "cli-defaults")
    aws("s3api", "create-bucket", *bucket)
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    configuration = ("--server-side-encryption-configuration", json.dumps({"Rules": [rule]}))
    aws("s3api", "put-bucket-encryption", *bucket, *configuration)
    found = aws("s3api", "get-bucket-encryption", *bucket)["ServerSideEncryptionConfiguration"]
    assert found["Rules"] == [rule | {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}]
    body = tmp_path / "body"
    body.write_bytes(b"hello")
    put = aws("s3api", "put-object", *bucket, "--key", "o", "--body", str(body))
    assert (put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == (key, True)
    aws("s3api", "get-object", *bucket, "--key", "o", str(tmp_path / "got"))
    assert (tmp_path / "got").read_bytes() == b"hello"


def test_customer_keys(aws: Aws, refusal: Callable[..., str], tmp_path: Path) -> None:
    aws("s3", "mb", "s3://cli-customer")
    source = tmp_path / "source"
    source.write_bytes(b"hello")
    (tmp_path / "key").write_bytes(os.urandom(32))
    key = ("--sse-c", "AES256", "--sse-c-key", f"fileb://{tmp_path / 'key'}")
    copy = ("s3", "cp", str(source), "s3://cli-customer/o", *key)
    assert "(AccessDenied)" in refusal(*copy)
    rule = {"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    aws(
        *("s3api", "put-bucket-encryption", "--bucket", "cli-customer"),
        *("--server-side-encryption-configuration", json.dumps({"Rules": [rule]})),
    )
    aws(*copy)
    assert aws("s3", "cp", "s3://cli-customer/o", "-", *key) == "hello"
    assert "(400)" in refusal("s3", "cp", "s3://cli-customer/o", "-")


def test_a_presigned_url(aws: Aws, server: Server, tmp_path: Path) -> None:
    """Over plain HTTP, with a signature of version 4, which SSE-KMS wants."""
    from urllib.request import urlopen

    aws("s3", "mb", "s3://cli-presigned")
    source = tmp_path / "source"
    source.write_bytes(b"hello")
    aws("s3", "cp", str(source), "s3://cli-presigned/o", "--sse", "aws:kms")
    url = aws("s3", "presign", "s3://cli-presigned/o", "--region", "eu-central-1").strip()
    assert url.startswith(server.url) and "X-Amz-Signature" in url
    with urlopen(url, timeout=10) as reply:
        assert reply.read() == b"hello"
