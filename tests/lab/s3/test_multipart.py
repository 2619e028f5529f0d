"""Uploads in parts, copies, versions."""

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from helpers import lab
from helpers.lab.s3.cipher import Body

from .conftest import BUCKET, Account, code_of, told
from .test_kinds import CUSTOMER, kinds, reading
from .test_two_gates import acting, allow

PART = 5 << 20


class Upload:
    """An upload in parts."""

    def __init__(self, s3: Any, key: str = "m", **members: Any) -> None:
        self.s3 = s3
        begun = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **members)
        self.named = {"Bucket": BUCKET, "Key": key, "UploadId": begun["UploadId"]}
        self.parts: dict[int, str] = {}

    def part(self, number: int, body: bytes, **members: Any) -> dict[str, Any]:
        reply = self.s3.upload_part(**self.named, PartNumber=number, Body=body, **members)
        self.parts[number] = reply["ETag"]
        return dict(reply)

    def complete(self) -> dict[str, Any]:
        listed = [{"PartNumber": n, "ETag": etag} for n, etag in sorted(self.parts.items())]
        return dict(
            self.s3.complete_multipart_upload(**self.named, MultipartUpload={"Parts": listed})
        )


def test_every_kind(account: Account) -> None:
    account.allow_customer_keys()
    first, second = os.urandom(PART), b"and the rest"
    for name, members in kinds(account).items():
        upload = Upload(account.s3, name, **members)
        upload.part(2, second, **reading(members))
        upload.part(1, first, **reading(members))
        assert upload.complete()["ETag"].endswith('-2"')
        assert account.get(name, **reading(members)) == first + second
        inside = lab.xray.s3_object(BUCKET, name)
        assert inside["parts"] == [PART, len(second)]
        assert first[:100] not in inside["ciphertext"]


def test_what_kms_is_asked(account: Account) -> None:
    upload = Upload(account.s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=account.key_arn)
    upload.part(1, b"x")
    upload.complete()
    context = {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}/m"}
    assert account.kms_calls() == [(n, context) for n in ("GenerateDataKey", "Decrypt", "Decrypt")]


def test_it_needs_decrypt(account: Account) -> None:
    """A small put passes with GenerateDataKey alone; parts do not."""
    writer = acting(allow(["s3:PutObject", "kms:GenerateDataKey"]))
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    writer.put_object(Bucket=BUCKET, Key="small", Body=b"x", **by_kms)
    upload = Upload(writer, **by_kms)
    assert "kms:Decrypt" in told(upload.part, number=1, body=b"x")[1]


def test_disabling_the_key_between_parts_loses_nothing(account: Account) -> None:
    upload = Upload(account.s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=account.key_arn)
    first = os.urandom(PART)
    upload.part(1, first)
    account.kms.disable_key(KeyId=account.key_id)
    assert code_of(upload.part, number=2, body=b"x") == "KMS.DisabledException"
    assert code_of(upload.complete) == "KMS.DisabledException"
    account.kms.enable_key(KeyId=account.key_id)
    upload.part(2, b"x")
    upload.complete()
    assert account.get("m") == first + b"x"


def test_the_bucket_s_default_when_it_began(account: Account) -> None:
    account.configure("aws:kms", account.key_arn)
    upload = Upload(account.s3)
    account.configure("AES256")
    assert upload.part(1, b"x")["SSEKMSKeyId"] == account.key_arn
    assert upload.complete()["SSEKMSKeyId"] == account.key_arn


def test_a_part_again_and_parts_left_out(account: Account) -> None:
    upload = Upload(account.s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=account.key_arn)
    upload.part(1, b"wrong")
    upload.part(1, b"right")
    upload.part(9, b"left out")
    del upload.parts[9]
    upload.complete()
    assert account.get("m") == b"right"


def test_errors(account: Account) -> None:
    upload = Upload(account.s3)
    upload.part(1, b"short")
    upload.part(2, b"x")
    assert code_of(upload.complete) == "EntityTooSmall"
    upload.parts = {1: '"00"'}
    assert code_of(upload.complete) == "InvalidPart"
    listed = {"Parts": [{"PartNumber": n, "ETag": '"00"'} for n in (2, 1)]}
    done = {**upload.named, "MultipartUpload": listed}
    assert code_of(account.s3.complete_multipart_upload, **done) in (
        "InvalidPart",
        "InvalidPartOrder",
    )
    nothing = {**upload.named, "UploadId": "none"}
    assert code_of(account.s3.upload_part, **nothing, PartNumber=1, Body=b"x") == "NoSuchUpload"
    assert code_of(account.s3.complete_multipart_upload, **nothing) in (
        "NoSuchUpload",
        "MalformedXML",
    )
    account.s3.abort_multipart_upload(**upload.named)
    assert code_of(account.s3.upload_part, **upload.named, PartNumber=1, Body=b"") == "NoSuchUpload"


def test_parts_by_number_and_ranges(account: Account) -> None:
    upload = Upload(account.s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=account.key_arn)
    whole = os.urandom(PART + 100)
    upload.part(1, whole[:PART])
    upload.part(2, whole[PART:])
    upload.complete()
    reply = account.s3.get_object(Bucket=BUCKET, Key="m", PartNumber=2)
    assert reply["Body"].read() == whole[PART:]
    assert (reply["PartsCount"], reply["ContentLength"]) == (2, 100)
    assert account.head("m", PartNumber=1)["PartsCount"] == 2
    span = f"bytes={PART - 10}-{PART + 9}"
    assert account.get("m", Range=span) == whole[PART - 10 : PART + 10]
    named = {"Bucket": BUCKET, "Key": "m"}
    assert told(account.s3.get_object, **named, PartNumber=3)[2] == 416


def test_checksums_of_parts(account: Account) -> None:
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    upload = Upload(account.s3, ChecksumAlgorithm="SHA256", **by_kms)
    upload.part(1, os.urandom(PART), ChecksumAlgorithm="SHA256")
    upload.part(2, b"x", ChecksumAlgorithm="SHA256")
    upload.complete()
    found = account.head("m", ChecksumMode="ENABLED")
    assert found["ChecksumSHA256"]
    whole = Upload(account.s3, "w", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    whole.part(1, b"123456789", ChecksumAlgorithm="CRC32")
    whole.complete()
    assert account.head("w", ChecksumMode="ENABLED")["ChecksumCRC32"] == "y/Q5Jg=="


def test_a_part_that_is_copied(account: Account) -> None:
    account.allow_customer_keys()
    account.put("source", b"0123456789", **CUSTOMER)
    upload = Upload(account.s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=account.key_arn)
    source = {f"CopySource{name}": value for name, value in CUSTOMER.items()}
    copied = account.s3.upload_part_copy(
        **upload.named,
        PartNumber=1,
        CopySource=f"{BUCKET}/source",
        CopySourceRange="bytes=2-5",
        **source,
    )
    upload.parts[1] = copied["CopyPartResult"]["ETag"]
    upload.complete()
    assert account.get("m") == b"2345"


def test_boto3_s_own_uploads(account: Account, tmp_path: Any) -> None:
    """upload_file makes parts in threads, download_file reads ranges in threads."""
    content = os.urandom(20 << 20)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    account.s3.upload_file(str(source), BUCKET, "big", ExtraArgs=by_kms)
    account.s3.download_file(BUCKET, "big", str(target))
    assert target.read_bytes() == content
    inside = lab.xray.s3_object(BUCKET, "big")
    assert len(inside["parts"]) > 1


@pytest.mark.parametrize("bucket_key", [False, True])
def test_versions_keep_their_own_keys(account: Account, bucket_key: bool) -> None:
    status = {"Status": "Enabled"}
    account.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=status)
    other = account.kms.create_key()["KeyMetadata"]["Arn"]
    keys = [None, account.key_arn, other]
    versions = []
    for number, key in enumerate(keys):
        members: dict[str, Any] = {}
        if key:
            members = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
            members["BucketKeyEnabled"] = bucket_key
        versions.append(account.put("o", b"%d" % number, **members)["VersionId"])
    for number, (key, version) in enumerate(zip(keys, versions, strict=True)):
        assert account.get("o", VersionId=version) == b"%d" % number
        assert account.head("o", VersionId=version).get("SSEKMSKeyId") == key
        assert lab.xray.s3_object(BUCKET, "o", version)["key_arn"] == (key or "")
    marker = account.s3.delete_object(Bucket=BUCKET, Key="o")
    assert marker["DeleteMarker"] is True
    assert code_of(account.get, key="o") == "NoSuchKey"
    account.s3.delete_object(Bucket=BUCKET, Key="o", VersionId=marker["VersionId"])
    assert account.get("o") == b"2"
    start = account.count()
    listed = account.s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert sorted(each["VersionId"] for each in listed) == sorted(versions)
    assert account.kms_calls(start) == [], "listing versions decrypts nothing"
    assert account.get("o", VersionId=versions[0]) == b"0"


def test_a_copy_is_encrypted_anew(account: Account) -> None:
    account.put_kms("o", b"x" * 100)
    account.s3.copy_object(Bucket=BUCKET, Key="c", CopySource=f"{BUCKET}/o")
    assert account.head("c")["ServerSideEncryption"] == "AES256"
    account.s3.delete_object(Bucket=BUCKET, Key="o")
    assert account.get("c") == b"x" * 100
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    account.s3.copy_object(Bucket=BUCKET, Key="d", CopySource=f"{BUCKET}/c", **by_kms)
    start = account.count()
    account.s3.copy_object(Bucket=BUCKET, Key="e", CopySource=f"{BUCKET}/d", **by_kms)
    assert [name for name, _ in account.kms_calls(start)] == ["Decrypt", "GenerateDataKey"]
    assert account.get("e") == b"x" * 100


def test_a_copy_of_what_was_uploaded_in_parts_is_whole(account: Account) -> None:
    upload = Upload(account.s3)
    first = os.urandom(PART)
    upload.part(1, first)
    upload.part(2, b"x")
    upload.complete()
    account.s3.copy_object(Bucket=BUCKET, Key="c", CopySource=f"{BUCKET}/m")
    account.s3.delete_object(Bucket=BUCKET, Key="m")
    assert account.get("c") == first + b"x"
    assert lab.xray.s3_object(BUCKET, "c")["parts"] == [PART + 1]


def test_metadata_tags_and_dates_stay(account: Account) -> None:
    account.put_kms("o", b"x", Metadata={"colour": "red"}, Tagging="team=blue")
    found = account.head("o")
    assert found["Metadata"] == {"colour": "red"}
    assert found["LastModified"] == lab.clock.now()
    tags = account.s3.get_object_tagging(Bucket=BUCKET, Key="o")["TagSet"]
    assert tags == [{"Key": "team", "Value": "blue"}]


def test_conditional_requests(account: Account) -> None:
    etag = account.put_kms("o", b"x")["ETag"]
    start = account.count()
    assert told(account.get, key="o", IfNoneMatch=etag)[2] == 304
    assert account.kms_calls(start) == []
    assert code_of(account.get, key="o", IfMatch='"other"') == "PreconditionFailed"
    assert account.get("o", IfMatch=etag) == b"x"
    assert code_of(account.put_kms, key="o", body=b"y", IfNoneMatch="*") == "PreconditionFailed"


def test_threads_on_the_same_object(account: Account) -> None:
    bodies = [bytes([number]) * 2000 for number in range(8)]

    def work(number: int) -> bytes:
        account.put_kms("o", bodies[number], BucketKeyEnabled=number % 2 == 0)
        return account.get("o")

    account.put_kms("o", bodies[0])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, list(range(8)) * 5))
    assert set(found) <= set(bodies)


def test_what_nobody_can_reach_is_gone(account: Account) -> None:
    """moto keeps every object that there ever was; here an overwritten one frees its bytes."""

    def bodies() -> int:
        gc.collect()
        return sum(isinstance(thing, Body) for thing in gc.get_objects())

    start = bodies()
    for number in range(20):
        account.put_kms("o", b"%d" % number)
        upload = Upload(account.s3)
        upload.part(1, b"x")
        upload.part(1, b"y")
        upload.complete()
        aborted = Upload(account.s3)
        aborted.part(1, b"x")
        account.s3.abort_multipart_upload(**aborted.named)
        account.s3.copy_object(Bucket=BUCKET, Key="c", CopySource=f"{BUCKET}/o")
        account.s3.delete_object(Bucket=BUCKET, Key="c")
    assert bodies() == start + 2
