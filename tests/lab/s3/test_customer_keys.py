"""SSE-C: the key comes with every request, and S3 keeps none."""

import base64
from hashlib import md5
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import lab

from .conftest import BUCKET, Account, code_of, told

KEY = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"c" * 32}
OTHER = KEY | {"SSECustomerKey": b"d" * 32}


@pytest.fixture
def allowing(account: Account) -> Account:
    account.allow_customer_keys()
    return account


def test_replies(allowing: Account) -> None:
    digest = base64.b64encode(md5(b"c" * 32, usedforsecurity=False).digest()).decode()
    upload = allowing.put("o", b"x", **KEY)
    for reply in (upload, allowing.head("o", **KEY)):
        assert reply["SSECustomerAlgorithm"] == "AES256"
        assert reply["SSECustomerKeyMD5"] == digest
        assert "ServerSideEncryption" not in reply
    assert upload["ETag"] != f'"{md5(b"x", usedforsecurity=False).hexdigest()}"'


def test_without_the_key(allowing: Account) -> None:
    allowing.put("o", b"x", **KEY)
    assert told(allowing.get, key="o") == (
        "InvalidRequest",
        "The object was stored using a form of Server Side Encryption. The correct parameters must "
        "be provided to retrieve the object.",
        400,
    )
    assert told(allowing.head, key="o")[2] == 400


def test_with_another_key(allowing: Account) -> None:
    allowing.put("o", b"x", **KEY)
    refusal = (
        "AccessDenied",
        "Requests specifying Server Side Encryption with Customer provided keys must provide the "
        "correct secret key.",
        403,
    )
    assert told(allowing.get, key="o", **OTHER) == refusal
    assert told(allowing.get, key="o", **KEY | {"SSECustomerKey": b"short"}) == refusal
    assert told(allowing.head, key="o", **OTHER)[2] == 403


def test_a_key_for_what_needs_none(allowing: Account) -> None:
    allowing.put("o", b"x")
    assert told(allowing.get, key="o", **KEY)[:2] == (
        "InvalidRequest",
        "The encryption parameters are not applicable to this object.",
    )


@pytest.mark.parametrize(
    ("header", "value", "code", "text"),
    [
        ("algorithm", None, "InvalidArgument", "must provide a valid encryption algorithm."),
        ("algorithm", "DES", "InvalidEncryptionAlgorithmError", "Supported value: AES256."),
        ("key", None, "InvalidArgument", "must provide an appropriate secret key."),
        ("key", "c2hvcnQ=", "InvalidArgument", "The calculated MD5 hash of the key did not match"),
        ("key", "*", "InvalidArgument", "The secret key was invalid for the specified"),
        ("key", "ké", "InvalidArgument", "The secret key was invalid for the specified"),
        ("key-MD5", None, "InvalidArgument", "must provide the client calculated MD5"),
        ("key-MD5", "AAAA", "InvalidArgument", "The calculated MD5 hash of the key did not match"),
    ],
)
def test_headers(allowing: Account, header: str, value: str | None, code: str, text: str) -> None:
    def change(request: Any, **_: Any) -> None:
        name = f"x-amz-server-side-encryption-customer-{header}"
        del request.headers[name]
        if value is not None:
            request.headers[name] = value

    allowing.s3.meta.events.register("before-sign.s3.PutObject", change)
    with pytest.raises(ClientError) as caught:
        allowing.put("o", b"x", **KEY)
    error: Any = caught.value.response["Error"]
    assert error["Code"] == code
    assert text in error["Message"]
    assert error["ArgumentName"] == "x-amz-server-side-encryption"


def test_a_short_key(allowing: Account) -> None:
    assert told(allowing.put, key="o", body=b"x", **KEY | {"SSECustomerKey": b"short"}) == (
        "InvalidArgument",
        "The secret key was invalid for the specified algorithm.",
        400,
    )


def test_a_new_bucket_refuses_them(account: Account) -> None:
    refused = (
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/admin is not authorized to perform: s3:PutObject on "
        f'resource: "arn:aws:s3:::{BUCKET}/o" because this bucket has blocked upload requests that '
        "specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a "
        "different server-side encryption type",
        403,
    )
    named = {"Bucket": BUCKET, "Key": "o"}
    assert told(account.s3.put_object, **named, **KEY) == refused
    assert told(account.s3.create_multipart_upload, **named, **KEY) == refused
    account.allow_customer_keys()
    upload = account.s3.create_multipart_upload(**named, **KEY)["UploadId"]
    account.configure(BlockedEncryptionTypes={"EncryptionType": ["SSE-C"]})
    part = {"UploadId": upload, "PartNumber": 1, "Body": b"x"}
    assert told(account.s3.upload_part, **named, **part, **KEY) == refused


def test_copies(allowing: Account) -> None:
    allowing.put("o", b"x", **KEY)
    copy = {"Bucket": BUCKET, "Key": "c", "CopySource": f"{BUCKET}/o"}
    source = {f"CopySource{name}": value for name, value in KEY.items()}
    assert code_of(allowing.s3.copy_object, **copy) == "InvalidRequest"
    allowing.s3.copy_object(**copy, **source, ServerSideEncryption="AES256")
    assert allowing.get("c") == b"x"
    allowing.s3.copy_object(**copy, **source, **OTHER)
    assert allowing.get("c", **OTHER) == b"x"


def test_uploads_in_parts(allowing: Account) -> None:
    upload = allowing.s3.create_multipart_upload(Bucket=BUCKET, Key="m", **KEY)
    named = {"Bucket": BUCKET, "Key": "m", "UploadId": upload["UploadId"]}
    part = {"PartNumber": 1, "Body": b"part"}
    must_include = (
        "InvalidRequest",
        "The multipart upload initiate requested encryption. Subsequent part requests must include "
        "the appropriate encryption parameters.",
        400,
    )
    assert told(allowing.s3.upload_part, **named, **part) == must_include
    assert told(allowing.s3.upload_part, **named, **part, **OTHER) == (
        "InvalidRequest",
        "The provided encryption parameters did not match the ones used originally.",
        400,
    )
    plain = allowing.s3.create_multipart_upload(Bucket=BUCKET, Key="m")["UploadId"]
    assert told(allowing.s3.upload_part, **named | part | KEY | {"UploadId": plain}) == must_include
    reply = allowing.s3.upload_part(**named, **part, **KEY)
    assert "ServerSideEncryption" not in reply
    listed = {"Parts": [{"PartNumber": 1, "ETag": reply["ETag"]}]}
    allowing.s3.complete_multipart_upload(**named, MultipartUpload=listed)
    assert allowing.get("m", **KEY) == b"part"


def test_the_key_is_not_kept(allowing: Account) -> None:
    allowing.put("o", b"x", **KEY)
    for value in lab.xray.s3_object(BUCKET, "o").values():
        assert value != b"c" * 32 and (not isinstance(value, bytes) or b"c" * 32 not in value)


def test_one_key_for_many_objects(allowing: Account) -> None:
    """Equal objects under one key are different at rest."""
    for name in ("a", "b"):
        allowing.put(name, b"equal", **KEY)
    first, second = (lab.xray.s3_object(BUCKET, name)["ciphertext"] for name in ("a", "b"))
    assert first != second
