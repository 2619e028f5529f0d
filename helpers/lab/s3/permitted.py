"""May the caller do what the request asks? Asked before moto does it.

Source: S3 API reference, the operations' "Permissions".
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from moto.core.common_types import TYPE_RESPONSE
from moto.s3.exceptions import MissingKey, MissingVersion, NoSuchUpload, S3ClientError
from moto.s3.models import FakeBucket, s3_backends
from moto.utilities.utils import get_partition

from . import authorization, inputs
from .asking import ASKING
from .models import LabS3Backend
from .sealing import request_headers
from .signatures import SignedResponse


class PermittedResponse(SignedResponse):
    """moto's operations, for those who may."""

    @property
    def backend(self) -> LabS3Backend:
        return s3_backends[self.current_account][get_partition(self.region)]  # type: ignore[return-value]

    def _authenticate_and_authorize_s3_action(
        self, bucket_name: str | None = None, key_name: str | None = None
    ) -> None:
        query = self._query()
        expected = request_headers().get("x-amz-expected-bucket-owner")
        authorization.check_owner(self._bucket(bucket_name), expected)
        if bucket_name is None:
            self._check("s3:ListAllMyBuckets", "", None)
        elif key_name is not None:
            action = authorization.action_of(str(self.method), query, is_object=True)
            for each in (action, *authorization.more_actions(action, request_headers(), query)):
                self._check(each, bucket_name, key_name)
            self._check_upload(bucket_name, key_name, query)
        elif self.method != "POST" or not self.is_delete_keys():
            action = authorization.action_of(str(self.method), query, is_object=False)
            form_key = self.form_data.get("key") if self.method == "POST" else None
            self._check(action, bucket_name, form_key)

    def _check_upload(self, bucket_name: str, key_name: str, query: dict[str, list[str]]) -> None:
        """An upload is one object's: whoever may write another has no part in it."""
        upload_id = query.get("uploadId", [""])[0]
        upload = self.backend.get_bucket(bucket_name).multiparts.get(upload_id)
        if upload is not None and upload.key_name != key_name:
            raise NoSuchUpload(upload_id=upload_id)

    def _check(self, action: str, bucket_name: str, key_name: str | None) -> None:
        authorization.check(*self._question(action, bucket_name, key_name))

    def _bucket(self, bucket_name: str | None) -> FakeBucket | None:
        try:
            return self.backend.get_bucket(bucket_name) if bucket_name else None
        except S3ClientError:
            return None

    def _question(self, action: str, bucket_name: str, key_name: str | None) -> tuple[Any, ...]:
        bucket = self._bucket(bucket_name)
        query = self._query()
        upload_id = query.get("uploadId", [""])[0]
        upload = bucket.multiparts.get(upload_id) if bucket and upload_id else None
        return action, bucket, bucket_name, key_name, self.region, query, upload

    def _bucket_response_delete_keys(
        self, bucket_name: str, authenticated: bool = True
    ) -> TYPE_RESPONSE:
        """Each object is asked for by itself; moto asks the bucket."""
        asking = ASKING.get()
        assert asking is not None
        asked = iter(inputs.listed_objects(self.body))

        def may_delete(arn: str) -> bool:  # moto asks in the order of the list
            action = "s3:DeleteObjectVersion" if next(asked).get("VersionId") else "s3:DeleteObject"
            key_name = arn.partition("/")[2]
            return authorization.is_allowed(*self._question(action, bucket_name, key_name))

        asking.may_delete = may_delete
        return super()._bucket_response_delete_keys(bucket_name, authenticated)

    def _check_source(self) -> Any:
        """The source of a copy, if the caller may read it and it is as he expects."""
        source = urlparse(str(self.headers.get("x-amz-copy-source")))
        bucket_name, _, key_name = unquote(source.path).lstrip("/").partition("/")
        version_id = parse_qs(source.query).get("versionId", [None])[0]
        expected = self.headers.get("x-amz-source-expected-bucket-owner")
        authorization.check_owner(self._bucket(bucket_name), expected)
        self._check(f"s3:GetObject{'Version' if version_id else ''}", bucket_name, key_name)
        key: Any = self.backend.get_object(bucket_name, key_name, version_id=version_id)
        if key is None:
            self._check("s3:ListBucket", bucket_name, None)
            raise MissingVersion if version_id else MissingKey(key=key_name)
        inputs.check_copy_conditions(self.headers, key.etag, key.last_modified)
        return key
