"""The wire: who asks, whether he may, how the object is to be encrypted. The rest is moto's.

Source: S3 API reference, the operations named; "Error responses".
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse
from xml.parsers.expat import ExpatError

import xmltodict
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.s3.exceptions import MissingKey, MissingVersion, NoSuchUpload, S3ClientError
from moto.s3.models import s3_backends
from moto.utilities.aws_headers import gen_amzn_requestid_long
from moto.utilities.utils import get_partition

from . import authorization, inputs, updating
from .asking import ASKING
from .chunks import Chunks
from .errors import S3Error, malformed_xml
from .models import LabS3Backend
from .objects import Content, Reading, encryption_headers
from .sealing import request_headers
from .settings import CONTEXT, check_reading, customer_key_of
from .signatures import SignedResponse

# What is kept beside an object's content: to read it takes no key.
_BESIDE = {"acl", "tagging", "legal-hold", "retention"}


class LabS3Response(SignedResponse):
    """moto's operations, after a look at the caller's permissions, on encrypted objects."""

    @property
    def backend(self) -> LabS3Backend:
        return s3_backends[self.current_account][get_partition(self.region)]  # type: ignore[return-value]

    # Requests and answers

    def _key_response(self, request: Any, full_url: str) -> TYPE_RESPONSE:
        query = self._query()
        inputs.check_query(query)
        inputs.check_object(str(request.method), request.headers, query, self.parse_key_name())
        inputs.check_metadata(request.headers)
        return super()._key_response(request, full_url)

    def _bucket_response(self, request: Any, full_url: str) -> Any:
        inputs.check_query(self._query())
        return super()._bucket_response(request, full_url)

    def bucket_response(self, request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
        return self._answered(request, super().bucket_response, full_url, headers)

    def key_response(self, request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
        return self._answered(request, super().key_response, full_url, headers)

    def _answered(
        self, request: Any, answer: Callable[..., TYPE_RESPONSE], *arguments: Any
    ) -> TYPE_RESPONSE:
        """moto's answer; what it left unread is decrypted here."""
        token = ASKING.set(None)
        try:
            try:
                status, headers, body = answer(request, *arguments)
                if isinstance(body, Content):
                    body = bytes(body)
            except S3ClientError as error:
                status, headers, body = self.serialized(ActionResult(error))
            except ExpatError:
                status, headers, body = self.serialized(ActionResult(malformed_xml()))
        finally:
            ASKING.reset(token)
        if request.method == "HEAD" and status >= 300:
            body = ""
        return status, headers, body

    def serialized(self, action_result: ActionResult) -> TYPE_RESPONSE:
        """The lab's errors have their status and words; moto's are moto's."""
        error = action_result.result
        if not isinstance(error, S3Error):
            return super().serialized(action_result)
        headers: dict[str, Any] = {"content-type": "application/xml"}
        request_id = gen_amzn_requestid_long(headers)
        return error.status, headers, error.to_xml(request_id)

    # Permissions

    def _authenticate_and_authorize_s3_action(
        self, bucket_name: str | None = None, key_name: str | None = None
    ) -> None:
        query = self._query()
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

    def _question(self, action: str, bucket_name: str, key_name: str | None) -> tuple[Any, ...]:
        try:
            bucket = self.backend.get_bucket(bucket_name) if bucket_name else None
        except S3ClientError:
            bucket = None
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
        self._check(f"s3:GetObject{'Version' if version_id else ''}", bucket_name, key_name)
        key: Any = self.backend.get_object(bucket_name, key_name, version_id=version_id)
        if key is None:
            raise MissingVersion if version_id else MissingKey(key=key_name)
        inputs.check_copy_conditions(self.headers, key.etag, key.last_modified)
        return key

    # Reading

    def _get_key(self, validate_storage_class: bool = True) -> tuple[Any, bool]:
        """The object, ready to be read; whether it is missing is told to those who may list."""
        try:
            found, not_modified = super()._get_key(validate_storage_class)
        except MissingKey:
            self._check("s3:ListBucket", self.bucket_name, None)
            raise
        key: Any = found
        if _BESIDE & self._query().keys():
            return key, not_modified
        customer_key = customer_key_of(request_headers())
        check_reading(request_headers(), key.protection.algorithm, customer_key)
        if not_modified or not validate_storage_class:
            return key, not_modified
        return Reading(key, customer_key), False

    def get_object(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
        number = int(self.querystring.pop("partNumber", ["0"])[0])
        status, headers, content = super().get_object()
        if not number or not isinstance(content, Content):
            return status, headers, content
        of_upload = content.of_upload
        begin, end = inputs.part_of(number, content.part_sizes, headers, of_upload=of_upload)
        return 206, headers, content[begin:end]

    def _handle_range_header(
        self, request: Any, response_headers: dict[str, Any], response_content: Any
    ) -> TYPE_RESPONSE:
        if not str(request.headers.get("range")).startswith("bytes="):
            return 200, response_headers, response_content  # S3 knows no other unit
        return super()._handle_range_header(request, response_headers, response_content)

    def head_object(  # type: ignore[override]
        self, bucket_name: str, query: dict[str, Any], key_name: str, headers: Any
    ) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html"""
        number = int(query.pop("partNumber", ["0"])[0])
        status, answer, body = super().head_object(bucket_name, query, key_name, headers)
        if status == 404 and "x-amz-delete-marker" not in answer:
            self._check("s3:ListBucket", bucket_name, None)
        version_id = query.get("versionId", [None])[0]
        key: Any = self.backend.get_object(bucket_name, key_name, version_id=version_id)
        if status < 400 and key is not None:
            customer_key = customer_key_of(request_headers())
            check_reading(request_headers(), key.protection.algorithm, customer_key)
            with_checksum = headers.get("x-amz-checksum-mode") == "ENABLED"
            if customer_key or (with_checksum and key.checksum_algorithm):
                key.open(customer_key)
            if with_checksum:
                answer |= inputs.checksum_headers(key)
            if number and status == 200:
                status, sizes = 206, [part.size for part in key.stored.bodies]
                inputs.part_of(number, sizes, answer, of_upload=bool(key.multipart))
        return status, answer, body

    # Writing

    def _key_response_put(self, query: dict[str, Any], key_name: str) -> TYPE_RESPONSE:
        if "encryption" not in query:
            return super()._key_response_put(query, key_name)
        self._set_action("KEY", "PUT", query)
        self._authenticate_and_authorize_s3_action(self.bucket_name, key_name)
        return self.update_object_encryption(key_name, query.get("versionId", [None])[0])

    def put_object(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html"""
        self._check_body()
        status, headers, body = self._with_context(super().put_object())
        if any(name.startswith("x-amz-checksum-") for name in headers):
            headers["x-amz-checksum-type"] = "FULL_OBJECT"
        return status, headers, body

    def _check_body(self) -> None:
        body = self.body or b""
        inputs.check_digests(self.headers, body.pieces() if isinstance(body, Chunks) else [body])

    def _tagging_from_xml(self) -> dict[str, str]:
        """moto's; it expects a tag."""
        return super()._tagging_from_xml() if b"<Tag>" in self.body else {}

    def _get_checksum(self, response_headers: dict[str, Any]) -> tuple[str, str | None]:
        """moto's, and the checksum that a header gives without more."""
        algorithm, value = super()._get_checksum(response_headers)
        if not algorithm:
            algorithm, value = inputs.checksum_of(self.headers)
            if value:
                response_headers[f"x-amz-checksum-{algorithm.lower()}"] = value
        return algorithm, value or None

    def upload_part(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html"""
        self._check_body()
        return super().upload_part()

    def copy_object(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
        self._check_source()
        return self._with_context(super().copy_object())

    def upload_part_copy(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html"""
        source = self._check_source()
        if span := self.headers.get("x-amz-copy-source-range"):
            inputs.copied_range(span, source.size)
        return super().upload_part_copy()

    def _key_response_post(self, *arguments: Any) -> TYPE_RESPONSE:
        status, headers, body = super()._key_response_post(*arguments)
        if headers.get("x-amz-version-id") == "null":
            del headers["x-amz-version-id"]
        return self._with_context((status, headers, body))

    def _bucket_response_post(self, request: Any, bucket_name: str) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html"""
        if "delete" in self._query():
            return super()._bucket_response_post(request, bucket_name)
        inputs.check_form(self.headers, self.form_data)
        status, headers, body = super()._bucket_response_post(request, bucket_name)
        key_name = self.querystring["key"][0]
        key: Any = self.backend.get_object(bucket_name, key_name)
        headers |= {"ETag": key.etag, **encryption_headers(key.protection)}
        if int(status) != 201:
            return int(status), headers, body
        return 201, headers, inputs.post_answer(bucket_name, key_name, key.etag)

    def _with_context(self, response: TYPE_RESPONSE) -> TYPE_RESPONSE:
        """The answer with what it says of the encryption, the request's own context included."""
        status, headers, body = response
        asking = ASKING.get()
        if asking and status < 300:
            headers.update(asking.answer)
            if context := asking.headers.get(CONTEXT):
                headers[CONTEXT] = context
        return status, headers, body

    def update_object_encryption(self, key_name: str, version_id: str | None) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html"""
        owner = self.backend.get_bucket(self.bucket_name).account_id
        settings = updating.settings_of(self._xml().get("ObjectEncryption"), owner)
        self.backend.update_object_encryption(self.bucket_name, key_name, version_id, settings)
        return 200, {}, ""

    # The bucket's settings

    def _encryption_config_from_body(self) -> dict[str, Any]:
        found = self._xml().get("ServerSideEncryptionConfiguration")
        if not isinstance(found, dict):
            raise malformed_xml()
        return found

    def get_bucket_encryption(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html"""
        self.data["Action"] = "GetBucketEncryption"
        rule = self.backend.get_bucket_encryption(self.bucket_name)
        configuration = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
        return self.serialized(ActionResult(configuration))

    def _xml(self) -> dict[str, Any]:
        try:
            return xmltodict.parse(self.body)  # type: ignore[no-any-return]
        except Exception as error:
            raise malformed_xml() from error
