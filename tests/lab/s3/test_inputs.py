"""Requests that say something odd: S3's answers, and never a stack of the lab's."""

import base64
from dataclasses import replace
from hashlib import md5
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.s3.models import s3_backends

from helpers import lab
from helpers.lab.account import ACCOUNT_ID

from .conftest import BUCKET, Account, code_of, told

URL = f"https://{BUCKET}.s3.amazonaws.com"
# The lab knows callers by their access keys; it verifies no signature.
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=LAB/20261124/us-east-1/s3/aws4_request"}
MIB_5 = 5 << 20


def digest(body: bytes) -> str:
    return base64.b64encode(md5(body, usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"ContentMD5": digest(b"other")}, "BadDigest"),
        ({"ContentMD5": "AAAA"}, "InvalidDigest"),
        ({"ChecksumCRC32": "AAAAAA=="}, "BadDigest"),
        ({"ChecksumSHA256": base64.b64encode(bytes(32)).decode()}, "BadDigest"),
        ({"ChecksumSHA1": "AAAA"}, "InvalidRequest"),
    ],
)
def test_a_body_that_is_not_the_one_promised(
    account: Account, members: dict[str, str], expected: str
) -> None:
    assert code_of(account.put_kms, key="o", body=b"body", **members) == expected
    assert code_of(account.get, key="o") == "NoSuchKey"
    upload = account.s3.create_multipart_upload(Bucket=BUCKET, Key="o")["UploadId"]
    part = {"Bucket": BUCKET, "Key": "o", "UploadId": upload, "PartNumber": 1, "Body": b"body"}
    assert code_of(account.s3.upload_part, **part, **members) == expected


def test_promises_that_are_kept(account: Account) -> None:
    reply = account.put_kms("o", b"body", ContentMD5=digest(b"body"), ChecksumCRC32="26gLsg==")
    assert (reply["ChecksumCRC32"], reply["ChecksumType"]) == ("26gLsg==", "FULL_OBJECT")
    head = account.head("o", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC32"], head["ChecksumType"]) == ("26gLsg==", "FULL_OBJECT")


def test_ranges_that_are_none(account: Account) -> None:
    """S3 passes over a range that it can't read."""
    account.put_kms("o", b"0123456789")
    for span in ("foo", "lines=1-2", "bytes=a-b", "bytes=3-1"):
        assert account.get("o", Range=span) == b"0123456789"
        assert account.head("o", Range=span)["ContentLength"] == 10
    assert code_of(account.get, key="o", Range="bytes=0-1", PartNumber=1) == "InvalidRequest"


def test_numbers_of_parts(account: Account) -> None:
    account.put_kms("o", b"simple")
    upload = account.s3.create_multipart_upload(Bucket=BUCKET, Key="m")["UploadId"]
    named = {"Bucket": BUCKET, "Key": "m", "UploadId": upload}
    for number in (-1, 0, 10_001):
        part = {"PartNumber": number, "Body": b"x"}
        assert code_of(account.s3.upload_part, **named, **part) == "InvalidArgument"
        assert code_of(account.get, key="o", PartNumber=number) == "InvalidArgument"
    etags = [
        account.s3.upload_part(**named, PartNumber=n, Body=body)["ETag"]
        for n, body in ((1, bytes(MIB_5)), (2, b"end"))
    ]
    parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]
    account.s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    head = account.head("m", PartNumber=2)
    assert (head["ContentLength"], head["PartsCount"]) == (3, 2)
    assert head["ContentRange"] == f"bytes {MIB_5}-{MIB_5 + 2}/{MIB_5 + 3}"
    assert account.get("m", PartNumber=2) == b"end"
    assert account.get("o", PartNumber=1) == b"simple"
    for key, number in (("m", 3), ("o", 2)):
        assert told(account.get, key=key, PartNumber=number) == (
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
            416,
        )
        assert told(account.head, key=key, PartNumber=number)[2] == 416


def test_an_upload_belongs_to_one_object(account: Account) -> None:
    """Who may write an object has no part in the upload of another."""
    upload = account.s3.create_multipart_upload(Bucket=BUCKET, Key="theirs")["UploadId"]
    named = {"Bucket": BUCKET, "Key": "mine", "UploadId": upload}
    part = {"PartNumber": 1, "Body": b"x"}
    for call, more in (
        (account.s3.upload_part, part),
        (account.s3.list_parts, {}),
        (account.s3.abort_multipart_upload, {}),
        (account.s3.complete_multipart_upload, {"MultipartUpload": {"Parts": []}}),
    ):
        assert code_of(call, **named, **more) == "NoSuchUpload"


def test_sources_of_copies(account: Account) -> None:
    etag = account.put_kms("o", b"12345")["ETag"]
    copy = {"Bucket": BUCKET, "Key": "c", "CopySource": f"{BUCKET}/o"}
    call = account.s3.copy_object
    assert code_of(call, **copy | {"CopySource": BUCKET}) == "InvalidArgument"
    assert code_of(call, **copy, CopySourceIfMatch='"no"') == "PreconditionFailed"
    later = lab.clock.now().replace(year=2030)
    assert code_of(call, **copy, CopySourceIfModifiedSince=later) == "PreconditionFailed"
    earlier = later.replace(year=2020)
    assert code_of(call, **copy, CopySourceIfUnmodifiedSince=earlier) == "PreconditionFailed"
    call(**copy, CopySourceIfMatch=etag, CopySourceIfUnmodifiedSince=earlier)
    upload = account.s3.create_multipart_upload(Bucket=BUCKET, Key="c")["UploadId"]
    part = copy | {"UploadId": upload, "PartNumber": 1}
    for span in ("bytes=2-", "bytes=2-5", "2-3"):
        refused = code_of(account.s3.upload_part_copy, **part, CopySourceRange=span)
        assert refused == "InvalidArgument"
    absent = part | {"CopySource": f"{BUCKET}/absent"}
    assert code_of(account.s3.upload_part_copy, **absent) == "NoSuchKey"


def test_more_than_s3_keeps(account: Account) -> None:
    account.put("k" * 1024, b"x")
    assert code_of(account.put, key="k" * 1025, body=b"x") == "KeyTooLongError"
    account.put("o", b"x", Metadata={"a": "v" * 2047})
    assert (
        code_of(account.put, key="o", body=b"x", Metadata={"a": "v" * 2048}) == "MetadataTooLarge"
    )


def test_what_lies_beside_an_object_takes_no_key(account: Account) -> None:
    account.allow_customer_keys()
    account.put_kms("o", b"x", Tagging="a=b")
    account.put("c", b"x", SSECustomerAlgorithm="AES256", SSECustomerKey=b"c" * 32)
    account.kms.disable_key(KeyId=account.key_arn)
    before = account.count()
    for key in ("o", "c"):
        named = {"Bucket": BUCKET, "Key": key}
        assert account.s3.get_object_acl(**named)["Grants"]
        account.s3.get_object_tagging(**named)
        account.s3.put_object_tagging(**named, Tagging={"TagSet": []})
        assert account.s3.get_object_tagging(**named)["TagSet"] == []
    assert account.count() == before


def test_a_checksum_of_a_copy_under_a_customers_key(account: Account) -> None:
    account.allow_customer_keys()
    account.put("o", b"x")
    theirs = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"c" * 32}
    copy = {
        "Bucket": BUCKET,
        "Key": "c",
        "CopySource": f"{BUCKET}/o",
        "ChecksumAlgorithm": "SHA256",
    }
    assert account.s3.copy_object(**copy, **theirs)["CopyObjectResult"]["ChecksumSHA256"]
    assert account.get("c", **theirs) == b"x"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/o?foo=bar", 405, "MethodNotAllowed"),
        ("POST", "/?foo=bar", 412, "PreconditionFailed"),
        ("POST", "/o?select&select-type=2", 400, "MalformedXML"),
        ("POST", "/o?restore", 400, "MalformedXML"),
        ("POST", "/?delete", 400, "MalformedXML"),
        ("PUT", "/?acl", 400, "MalformedXML"),
        ("PUT", "/o?tagging", 400, "MalformedXML"),
        ("PUT", "/?encryption", 400, "MalformedXML"),
        ("PUT", "/o?uploadId=u&partNumber=x", 400, "InvalidArgument"),
        ("GET", "/?list-type=2&max-keys=x", 400, "InvalidArgument"),
        ("DELETE", "/absent?tagging", 404, "NoSuchKey"),
    ],
)
def test_requests_that_no_client_makes(
    account: Account, method: str, path: str, status: int, code: str
) -> None:
    account.put("o", b"x")
    found = requests.request(method, URL + path, headers=SIGNED, timeout=10)
    assert found.status_code == status
    assert f"<Code>{code}</Code>" in found.text


def form(fields: dict[str, str], **more: Any) -> requests.Response:
    client = boto3.client("s3", config=Config(signature_version="s3v4"))
    conditions = [{name: value} for name, value in fields.items()]
    post = client.generate_presigned_post(BUCKET, "o", Fields=fields, Conditions=conditions)
    return requests.post(post["url"], post["fields"], files={"file": b"posted"}, timeout=10, **more)


def test_forms(account: Account) -> None:
    sse = "x-amz-server-side-encryption"
    found = form({sse: "aws:kms", f"{sse}-aws-kms-key-id": account.key_arn})
    assert (found.status_code, found.headers[sse]) == (204, "aws:kms")
    assert found.headers[f"{sse}-aws-kms-key-id"] == account.key_arn
    assert found.headers["ETag"] == account.head("o")["ETag"]
    created = form({"success_action_status": "201"})
    assert created.status_code == 201
    assert f"<Bucket>{BUCKET}</Bucket><Key>o</Key>" in created.text
    post = requests.post(URL, {"a": "b"}, files={"file": b"x"}, headers=SIGNED, timeout=10)
    assert (post.status_code, "<Code>InvalidArgument</Code>" in post.text) == (400, True)


def test_a_form_with_a_customers_key(account: Account) -> None:
    start = "x-amz-server-side-encryption-customer"
    fields = {
        f"{start}-algorithm": "AES256",
        f"{start}-key": base64.b64encode(b"c" * 32).decode(),
        f"{start}-key-MD5": digest(b"c" * 32),
    }
    assert form(fields).status_code == 403
    account.allow_customer_keys()
    assert form(fields).headers[f"{start}-algorithm"] == "AES256"
    assert account.get("o", SSECustomerAlgorithm="AES256", SSECustomerKey=b"c" * 32) == b"posted"


def test_headers_in_the_query_of_a_presigned_url(account: Account) -> None:
    """The older signature puts them there: the object is not left without KMS in silence."""
    older = boto3.client("s3", config=Config(signature_version="s3"))
    members = {"Bucket": BUCKET, "Key": "o", "ServerSideEncryption": "aws:kms"}
    url = older.generate_presigned_url("put_object", Params=members)
    found = requests.put(url, b"x", timeout=10)
    assert (found.status_code, "require AWS Signature Version 4" in found.text) == (400, True)
    newer = boto3.client("s3", config=Config(signature_version="s3v4"))
    url = newer.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "o"})
    found = requests.put(f"{url}&x-amz-server-side-encryption=aws:kms", b"x", timeout=10)
    assert found.headers["x-amz-server-side-encryption"] == "aws:kms"


def test_a_body_that_is_missing(account: Account) -> None:
    upload = account.s3.create_multipart_upload(Bucket=BUCKET, Key="m")["UploadId"]
    with pytest.raises(ClientError) as caught:
        account.s3.complete_multipart_upload(Bucket=BUCKET, Key="m", UploadId=upload)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "InvalidRequest",
        "You must specify at least one part",
    )


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (
            "o?encryption",
            "<ObjectEncryption><SSE-KMS>x</SSE-KMS></ObjectEncryption>",
            "MalformedXML",
        ),
        (
            "o?encryption",
            "<ObjectEncryption><SSE-KMS><KMSKeyArn><b/></KMSKeyArn></SSE-KMS></ObjectEncryption>",
            "InvalidRequest",
        ),
        ("o?tagging", "<Tagging><TagSet><Tag/></TagSet></Tagging>", "MalformedXML"),
        (
            "o?tagging",
            "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
            "MalformedXML",
        ),
        (
            "?encryption",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
            "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID><a/></KMSMasterKeyID>"
            "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
            "MalformedXML",
        ),
    ],
)
def test_elements_that_are_none(account: Account, path: str, body: str, code: str) -> None:
    account.put("o", b"x")
    found = requests.put(f"{URL}/{path}", body, headers=SIGNED, timeout=10)
    assert (found.status_code, f"<Code>{code}</Code>" in found.text) == (400, True)


@pytest.mark.parametrize(
    "part",
    ["", "<PartNumber>x</PartNumber><ETag>y</ETag>", "<PartNumber>1</PartNumber>", "<PartNumber/>"],
)
def test_parts_that_are_none(account: Account, part: str) -> None:
    upload = account.s3.create_multipart_upload(Bucket=BUCKET, Key="m")["UploadId"]
    body = f"<CompleteMultipartUpload><Part>{part}</Part></CompleteMultipartUpload>"
    found = requests.post(f"{URL}/m?uploadId={upload}", body, headers=SIGNED, timeout=10)
    assert (found.status_code, "<Code>MalformedXML</Code>" in found.text) == (400, True)


def test_headers_that_say_nothing(account: Account) -> None:
    account.put("source", b"x")
    copy = {"x-amz-copy-source": f"{BUCKET}/source", "x-amz-copy-source-if-modified-since": "soon"}
    assert requests.put(f"{URL}/copy", headers=SIGNED | copy, timeout=10).status_code == 200
    assert code_of(account.put, key="o", body=b"x", ServerSideEncryption="") == "InvalidArgument"
    assert code_of(account.put, key="o", body=b"x", ACL="nobody") == "InvalidArgument"
    assert code_of(account.put, key="o", body=b"x", GrantRead="nobody") == "InvalidArgument"
    assert code_of(account.get, key="o") == "NoSuchKey"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/o?tagging&uploadId=u&partNumber=1"),
        ("PUT", "/o?encryption&tagging"),
        ("POST", "/o?restore&uploadId=u"),
        ("GET", "/?policy&acl"),
    ],
)
def test_two_things_at_once(account: Account, method: str, path: str) -> None:
    """What is done would not be what was asked for permission."""
    account.put("o", b"x")
    found = requests.request(method, URL + path, headers=SIGNED, timeout=10)
    assert found.status_code == 400
    assert "Conflicting query string parameters" in found.text


def test_an_empty_id_names_nothing(account: Account) -> None:
    account.put("o", b"x")
    lister = lab.as_role(
        "lister",
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "s3:ListMultipartUploadParts", "Resource": "*"}
            ],
        },
    )
    key = lister.get_credentials().access_key
    credential = f"AWS4-HMAC-SHA256 Credential={key}/20261124/us-east-1/s3/aws4_request"
    headers = {"Authorization": credential}
    found = requests.get(f"{URL}/o?uploadId=", headers=headers, timeout=10)
    assert found.status_code == 403


def test_retention(account: Account) -> None:
    """Who may read how long an object is kept does not read the object."""
    account.put("o", b"x")
    assert code_of(account.s3.get_object_retention, Bucket=BUCKET, Key="o") == "InvalidRequest"
    account.s3.create_bucket(Bucket="locking", ObjectLockEnabledForBucket=True)
    named = {"Bucket": "locking", "Key": "o"}
    account.s3.put_object(**named, Body=b"x")
    call = account.s3.get_object_retention
    assert code_of(call, **named) == "NoSuchObjectLockConfiguration"
    until = lab.clock.now().replace(year=2030, microsecond=0)
    wanted = {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    account.s3.put_object_retention(**named, Retention=wanted)
    assert call(**named)["Retention"] == wanted


def test_a_damaged_data_key(account: Account) -> None:
    """KMS's complaint about it is none of the caller's."""
    account.put_kms("o", b"x")
    key: Any = s3_backends[ACCOUNT_ID]["aws"].get_bucket(BUCKET).keys["o"]
    blob = key.protection.encrypted_data_key
    for position in range(0, len(blob), 17):
        damaged = blob[:position] + bytes([blob[position] ^ 1]) + blob[position + 1 :]
        key.stored.protection = replace(key.protection, encrypted_data_key=damaged)
        assert told(account.get, key="o")[::2] == ("InternalError", 500)
        key.stored.protection = replace(key.protection, encrypted_data_key=blob)
    assert account.get("o") == b"x"
