"""What the lab's S3 relies on in moto's, each point by name: an upgrade that moves one fails here.

And what moto's S3 does besides, which still works on encrypted objects.
"""

import gzip
import inspect
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from moto.core.request import Request
from moto.core.responses import BaseResponse
from moto.s3 import models
from moto.s3.models import FakeBucket, FakeKey, FakeMultipart, S3Backend, s3_backends
from moto.s3.responses import S3Response

from helpers import lab
from helpers.lab.account import ACCOUNT_ID
from helpers.lab.s3 import responses, urls
from helpers.lab.s3.models import LabS3Backend
from helpers.lab.s3.objects import LabKey, LabMultipart

from .conftest import BUCKET, Account, code_of

ROOT = Path(__file__).resolve().parents[3]


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


# Names


def test_objects_are_made_in_two_places() -> None:
    for function in (S3Backend.put_object, FakeMultipart.set_part):
        assert "FakeKey(" in inspect.getsource(function), "models.FakeKey is looked up when called"
    made = inspect.getsource(models).count(" = FakeKey(")
    assert made == 2, "moto makes objects elsewhere too: each must be the lab's"
    assert "FakeMultipart(" in inspect.getsource(S3Backend.create_multipart_upload)
    assert parameters(FakeKey.__init__)[:3] == ["self", "name", "value"]
    assert "self.value = value" in inspect.getsource(FakeKey.__init__)


def test_what_the_backend_is_asked() -> None:
    assert parameters(S3Backend.put_object)[1:10] == [
        "bucket_name",
        "key_name",
        "value",
        "storage",
        "etag",
        "multipart",
        "encryption",
        "kms_key_id",
        "bucket_key_enabled",
    ]
    assert parameters(S3Backend.create_multipart_upload)[-2:] == ["sse_encryption", "kms_key_id"]
    assert {"src_key", "provided_version_id", "mdirective"} <= set(
        parameters(S3Backend.copy_object)
    )
    source = inspect.getsource(S3Backend.complete_multipart_upload)
    assert "value, etag, checksum_details = multipart.complete(body)" in source
    assert "del bucket.multiparts[multipart_id]" in source
    assert FakeBucket("b", "1" * 12, "us-east-1").encryption is None, "the lab leaves it so"
    models.s3_backends.bucket_accounts.pop("b")


def test_hooks_of_the_responses() -> None:
    for name in (
        "_authenticate_and_authorize_s3_action",
        "_bucket_response_delete_keys",
        "_encryption_config_from_body",
        "_get_key",
        "_handle_encoded_body",
        "_handle_v4_chunk_signatures",
        "_key_response_post",
        "_key_response_put",
        "_set_action",
        "bucket_response",
        "copy_object",
        "get_bucket_encryption",
        "get_object",
        "head_object",
        "key_response",
        "put_object",
        "upload_part_copy",
    ):
        assert callable(getattr(S3Response, name)), f"LabS3Response overrides {name}"
    assert "self.form_data = request.form" in inspect.getsource(BaseResponse.setup_class)
    assert "key.value" in inspect.getsource(S3Response.get_object)
    assert "response_content[begin : end + 1]" in inspect.getsource(
        S3Response._handle_range_header
    ), "Content is sliced"
    assert "bucket.get_permission" in inspect.getsource(S3Response._key_response)


def test_a_body_in_memory_is_not_copied() -> None:
    request = Request.from_primitives("PUT", "https://bucket.s3.amazonaws.com/o", {}, b"body")
    source = request.environ["wsgi.input"]
    assert isinstance(source, BytesIO), "LabS3Response.setup_class reads it there"
    request._cached_data = b"seen"
    assert request.data == b"seen", "werkzeug's get_data looks at _cached_data first"
    assert issubclass(MockRawResponse, BytesIO), "an answer in bytes is shared, not copied"


def test_the_routes() -> None:
    backend = LabS3Backend(region_name="aws", account_id="1" * 12)
    assert backend._url_module is urls
    assert urls.url_paths.keys() == __import__("moto.s3.urls").s3.urls.url_paths.keys()
    assert all(route.__self__ is responses.LabS3Response for route in urls.url_paths.values())


def test_it_is_loaded_when_it_is_asked_for() -> None:
    script = (
        "import sys, boto3\nfrom helpers import lab\nlab.open()\n"
        "boto3.client('kms').create_key()\nprint('moto.s3.models' in sys.modules)\n"
        "boto3.client('s3').list_buckets()\nprint('moto.s3.models' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[1:] == ["False", "True"], done.stderr


def test_closing_gives_moto_its_own_s3_back() -> None:
    lab.open()
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    assert (models.FakeKey, models.FakeMultipart) == (LabKey, LabMultipart)
    assert type(s3_backends["123456789012"]["aws"]) is LabS3Backend
    lab.close()
    assert (models.FakeKey, models.FakeMultipart) == (FakeKey, FakeMultipart)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="o", Body=b"x")
        assert s3.get_object(Bucket=BUCKET, Key="o")["Body"].read() == b"x"
        assert type(s3_backends["123456789012"]["aws"]) is S3Backend


# What moto's S3 does besides


def test_listing_tagging_and_acls(account: Account) -> None:
    for name in ("a/1", "a/2", "b/1"):
        account.put_kms(name, b"x")
    listed = account.s3.list_objects_v2(Bucket=BUCKET, Prefix="a/")
    assert [(each["Key"], each["Size"]) for each in listed["Contents"]] == [("a/1", 1), ("a/2", 1)]
    grouped = account.s3.list_objects_v2(Bucket=BUCKET, Delimiter="/")
    assert [each["Prefix"] for each in grouped["CommonPrefixes"]] == ["a/", "b/"]
    named = {"Bucket": BUCKET, "Key": "a/1"}
    account.s3.put_object_tagging(**named, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert account.s3.get_object_tagging(**named)["TagSet"] == [{"Key": "k", "Value": "v"}]
    account.s3.put_object_acl(**named, ACL="public-read")
    attributes = account.s3.get_object_attributes(**named, ObjectAttributes=["ETag", "ObjectSize"])
    assert attributes["ObjectSize"] == 1
    account.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "a/1"}, {"Key": "b/1"}]})
    assert account.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


def test_keys_with_every_kind_of_name(account: Account) -> None:
    for name in ("räksmörgås", "a b+c", "%2F", "x?y=z", "deep/er/still", "trailing/"):
        account.put_kms(name, name.encode())
        assert account.get(name) == name.encode()
        assert account.kms_calls()[-1][1] == {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}/{name}"}


def test_locked_objects(account: Account) -> None:
    account.s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    named = {"Bucket": "locked", "Key": "o"}
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    version = account.s3.put_object(**named, Body=b"x", **by_kms)["VersionId"]
    account.s3.put_object_legal_hold(**named, LegalHold={"Status": "ON"})
    assert code_of(account.s3.delete_object, **named, VersionId=version) == "AccessDenied"
    wanted = {"SSEKMS": {"KMSKeyArn": account.key_arn}}
    update = account.s3.update_object_encryption
    assert code_of(update, **named, ObjectEncryption=wanted) == "AccessDenied"
    assert account.s3.get_object(**named)["Body"].read() == b"x"


def test_select_reads_through_the_encryption(account: Account) -> None:
    lines = b'{"a": 1}\n{"a": 2}\n'
    for body, compression in ((lines, "NONE"), (gzip.compress(lines), "GZIP")):
        account.put_kms("lines", body)
        reply = account.s3.select_object_content(
            Bucket=BUCKET,
            Key="lines",
            Expression="SELECT COUNT(*) FROM S3Object",
            ExpressionType="SQL",
            InputSerialization={"JSON": {"Type": "LINES"}, "CompressionType": compression},
            OutputSerialization={"JSON": {"RecordDelimiter": ","}},
        )
        records = [e["Records"]["Payload"] for e in reply["Payload"] if "Records" in e]
        assert b"2" in b"".join(records)


def test_access_logs_are_s3_s_own_objects(account: Account) -> None:
    """A log is written for each request; it is no part of the request, nor of its encryption."""
    account.s3.create_bucket(Bucket="access-log")
    account.s3.put_bucket_acl(Bucket="access-log", ACL="log-delivery-write")
    target = {"TargetBucket": "access-log", "TargetPrefix": "l/"}
    account.s3.put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus={"LoggingEnabled": target})
    account.put_kms("o", b"x")
    account.get("o")
    found = account.s3.list_objects_v2(Bucket="access-log")["Contents"]
    head = account.s3.head_object(Bucket="access-log", Key=found[-1]["Key"])
    assert head["ServerSideEncryption"] == "AES256"


def test_other_services_write_and_read_objects(account: Account) -> None:
    """CloudFormation's buckets have their encryption; what moto writes is encrypted too."""
    backend: Any = s3_backends["123456789012"]["aws"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    backend.put_bucket_encryption(BUCKET, {"Rule": rule})
    made = backend.put_object(BUCKET, "by-a-service", b"report")
    assert made.value == b"report"
    assert account.head("by-a-service")["ServerSideEncryption"] == "aws:kms"
    assert account.get("by-a-service") == b"report"


def test_buckets_of_templates(account: Account) -> None:
    """CloudFormation's BucketEncryption, with all its members."""
    rule = {
        "ServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": account.key_arn,
        },
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    properties = {
        "BucketName": "of-template",
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]},
    }
    FakeBucket.create_from_cloudformation_json(
        "of-template", {"Properties": properties}, ACCOUNT_ID, "us-east-1"
    )
    found = account.s3.get_bucket_encryption(Bucket="of-template")
    (found_rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert found_rule == {
        "ApplyServerSideEncryptionByDefault": rule.pop("ServerSideEncryptionByDefault"),
        **rule,
    }
    reply = account.s3.put_object(Bucket="of-template", Key="o", Body=b"x")
    assert (reply["SSEKMSKeyId"], reply["BucketKeyEnabled"]) == (account.key_arn, True)
