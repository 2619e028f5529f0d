"""S3's buckets and objects: moto's, with encryption at rest.

Where moto would keep an object's bytes, ciphertext stands. Encryption is decided when an object is
written, by the request and else by the bucket; changing the bucket changes no object.
Source: S3 User Guide, "Setting default server-side encryption behavior for Amazon S3 buckets".
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from typing import Any

from moto.s3.exceptions import (
    CopyObjectMustChangeSomething,
    MissingKey,
    MissingVersion,
    NoSuchUpload,
)
from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend
from moto.s3.utils import compute_checksum

from ..clock import clock
from . import bucket_policies, configuration
from .asking import ASKING
from .errors import access_denied, invalid_request
from .objects import LabKey, LabMultipart, Reading, Stored, encryption_headers, keyring_of
from .sealing import (
    Plaintext,
    answer_with,
    open_keys,
    open_upload,
    request_headers,
    seal_body,
    seal_object,
    settings_for,
)
from .settings import (
    AES256,
    BUCKET_KEY,
    COPY_SOURCE_CUSTOMER,
    KEY_ID,
    KMS,
    SSE,
    SSE_C,
    Settings,
    customer_key_of,
)


class LabS3Backend(S3Backend):
    """Takes the place of moto's backend."""

    @property
    def _url_module(self) -> Any:
        # moto's own would load its module anew.
        return import_module(".urls", __package__)

    @cached_property
    def urls(self) -> Any:  # type: ignore[override]
        return super().urls

    def create_bucket(self, bucket_name: str, *args: Any, **kwargs: Any) -> FakeBucket:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
        bucket = super().create_bucket(bucket_name, *args, **kwargs)
        bucket.creation_date = clock.now()
        return bucket

    def put_bucket_encryption(self, bucket_name: str, encryption: dict[str, Any]) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html"""
        configuration.put(self.get_bucket(bucket_name), encryption)

    def get_bucket_encryption(self, bucket_name: str) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html"""
        return configuration.rule_of(self.get_bucket(bucket_name))

    def delete_bucket_encryption(self, bucket_name: str) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html"""
        configuration.delete(self.get_bucket(bucket_name))

    def put_bucket_policy(self, bucket_name: str, policy: bytes) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""
        bucket_policies.check(self.get_bucket(bucket_name), policy)
        super().put_bucket_policy(bucket_name, policy)

    def log_incoming_request(self, request: Any, bucket_name: str) -> None:
        """An access log is S3's own object: it is no business of the request that it tells of."""
        token = ASKING.set(None)
        try:
            super().log_incoming_request(request, bucket_name)
        finally:
            ASKING.reset(token)

    def put_object(  # type: ignore[override]
        self,
        bucket_name: str,
        key_name: str,
        value: Plaintext | Stored,
        storage: str | None = None,
        etag: str | None = None,
        multipart: LabMultipart | None = None,
        encryption: str | None = None,
        kms_key_id: str | None = None,
        bucket_key_enabled: Any = None,
        **more: Any,
    ) -> LabKey:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html"""
        bucket = self.get_bucket(bucket_name)
        if not isinstance(value, Stored):
            without_request = {SSE: encryption, KEY_ID: kms_key_id, BUCKET_KEY: bucket_key_enabled}
            settings = settings_for(bucket, key_name, without_request)
            value, etag = seal_object(bucket, key_name, settings, value)
            multipart = None
        protection = value.protection
        try:
            key: Any = super().put_object(
                bucket_name,
                key_name,
                value,  # type: ignore[arg-type]
                storage=storage,
                etag=etag,
                multipart=multipart,
                encryption=None if protection.algorithm == SSE_C else protection.algorithm,
                kms_key_id=protection.key_arn or None,
                bucket_key_enabled=protection.bucket_key_enabled or None,
                **more,
            )
        except BaseException:
            value.close()
            raise
        if more.get("checksum_value"):
            key.checksum_type = "FULL_OBJECT"
        return key  # type: ignore[no-any-return]

    def delete_object_tagging(
        self, bucket_name: str, key_name: str, version_id: str | None = None
    ) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html"""
        if self.get_object(bucket_name, key_name, version_id=version_id) is None:
            raise MissingKey(key=key_name)
        super().delete_object_tagging(bucket_name, key_name, version_id)

    def copy_object(  # type: ignore[override]
        self,
        src_key: LabKey,
        dest_bucket_name: str,
        dest_key_name: str,
        storage: str | None = None,
        encryption: str | None = None,
        mdirective: str | None = None,
        website_redirect_location: str | None = None,
        provided_version_id: str | None = None,
        **more: Any,
    ) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
        bucket = self.get_bucket(dest_bucket_name)
        headers = request_headers()
        in_place = src_key.name == dest_key_name and src_key.bucket_name == dest_bucket_name
        changes = (
            storage,
            encryption,
            mdirective == "REPLACE",
            website_redirect_location,
            customer_key_of(headers),
            src_key.protection.algorithm != AES256,
            configuration.default_of(bucket).is_own,
            bucket.is_versioned and provided_version_id,
        )
        if in_place and not any(changes):
            raise CopyObjectMustChangeSomething
        super().copy_object(
            Reading(src_key, customer_key_of(headers, COPY_SOURCE_CUSTOMER)),  # type: ignore[arg-type]
            dest_bucket_name,
            dest_key_name,
            storage=storage,
            # moto asks again whether anything changes, with less to go by.
            encryption=encryption or AES256,
            mdirective=mdirective,
            website_redirect_location=website_redirect_location,
            provided_version_id=provided_version_id,
            **more,
        )

    def create_multipart_upload(  # type: ignore[override]
        self, bucket_name: str, key_name: str, *args: Any, **kwargs: Any
    ) -> LabMultipart:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html"""
        bucket = self.get_bucket(bucket_name)
        *others, encryption, kms_key_id = args
        settings = settings_for(bucket, key_name, {SSE: encryption, KEY_ID: kms_key_id})
        protection, _ = keyring_of(bucket.account_id, bucket.region_name).make(
            settings, bucket, key_name
        )
        multipart: Any = super().create_multipart_upload(
            bucket_name,
            key_name,
            *others,
            sse_encryption=None if protection.algorithm == SSE_C else protection.algorithm,
            kms_key_id=protection.key_arn or None,
            **kwargs,
        )
        multipart.protection = protection
        multipart.was_asked = bool(request_headers().get(SSE))
        answer_with(encryption_headers(protection))
        return multipart  # type: ignore[no-any-return]

    def upload_part(
        self, bucket_name: str, multipart_id: str, part_id: int, value: Plaintext | None
    ) -> LabKey:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html"""
        bucket = self.get_bucket(bucket_name)
        multipart = upload_of(bucket, multipart_id)
        protection = multipart.protection
        if part_id < 1:
            raise NoSuchUpload(upload_id=multipart_id)
        value = value or b""
        keys = open_upload(bucket, multipart, customer_key_of(request_headers()))
        body, etag = seal_body(keys, value, with_md5=protection.algorithm == AES256)
        part: Any = multipart.set_part(part_id, Stored(protection, [body]))  # type: ignore[arg-type]
        part._etag, part.bucket_name = etag, bucket_name
        if algorithm := multipart.composite_checksum:
            part.checksum_bytes = compute_checksum(bytes(value), algorithm, encode_base64=False)
        return part  # type: ignore[no-any-return]

    def upload_part_copy(  # type: ignore[override]
        self,
        dest_bucket_name: str,
        multipart_id: str,
        part_id: int,
        src_bucket_name: str,
        src_key_name: str,
        src_version_id: str | None,
        start_byte: int | None,
        end_byte: int | None,
    ) -> LabKey:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html"""
        upload_of(self.get_bucket(dest_bucket_name), multipart_id)
        source: Any = self.get_object(src_bucket_name, src_key_name, version_id=src_version_id)
        content = source.open(customer_key_of(request_headers(), COPY_SOURCE_CUSTOMER))
        if start_byte is not None and end_byte is not None:
            content = content[start_byte : end_byte + 1]
        return self.upload_part(dest_bucket_name, multipart_id, part_id, content)

    def complete_multipart_upload(
        self, bucket_name: str, multipart_id: str, body: Iterator[tuple[int, str]]
    ) -> LabKey:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""
        bucket = self.get_bucket(bucket_name)
        multipart = upload_of(bucket, multipart_id)
        customer_key = customer_key_of(request_headers())
        if multipart.protection.algorithm != SSE_C or customer_key:
            # AWS reads the parts before it completes the upload: KMS must decrypt.
            multipart.keys = open_keys(bucket, multipart.protection, customer_key)
        try:
            key: Any = super().complete_multipart_upload(bucket_name, multipart_id, body)
        finally:
            multipart.keys = ()
        answer_with(encryption_headers(multipart.protection))
        return key  # type: ignore[no-any-return]

    def update_object_encryption(
        self, bucket_name: str, key_name: str, version_id: str | None, settings: Settings
    ) -> None:
        """Put the object's data key under another KMS key. The object's bytes stay as they are.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
        """
        bucket = self.get_bucket(bucket_name)
        key: Any = self.get_object(bucket_name, key_name, version_id=version_id)
        if key is None:
            raise MissingVersion if version_id else MissingKey(key=key_name)
        operation = "The UpdateObjectEncryption operation"
        if key.protection.algorithm not in (AES256, KMS):
            raise invalid_request(
                f"{operation} doesn't support source objects with the encryption type DSSE-KMS or "
                "SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported."
            )
        if key.is_locked(governance_bypass=False):
            raise access_denied(
                "The encryption type for the specified object can’t be updated because that object "
                "is protected by S3 Object Lock."
            )
        keyring = keyring_of(bucket.account_id, bucket.region_name)
        protection = keyring.move(key.protection, bucket, key_name, settings)
        key.stored = replace(key.stored, protection=protection)
        key.encryption, key.kms_key_id = protection.algorithm, protection.key_arn
        key.bucket_key_enabled = protection.bucket_key_enabled or None

    def _set_delete_marker(self, bucket_name: str, key_name: str) -> FakeDeleteMarker:
        marker = super()._set_delete_marker(bucket_name, key_name)
        marker.last_modified = clock.now().replace(tzinfo=None)
        return marker


def upload_of(bucket: Any, multipart_id: str) -> LabMultipart:
    """The upload with this id. Raises NoSuchUpload."""
    multipart: LabMultipart | None = bucket.multiparts.get(multipart_id)
    if multipart is None:
        raise NoSuchUpload(upload_id=multipart_id)
    return multipart
