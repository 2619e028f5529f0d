"""The wire: who asks, whether he may, how the object is to be encrypted. The rest is moto's.

Source: S3 API reference, the operations named; "Error responses".
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

import xmltodict
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import InvalidClientTokenIdError
from moto.core.responses import ActionResult
from moto.s3.exceptions import MissingKey, S3ClientError
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.utilities.aws_headers import gen_amzn_requestid_long
from moto.utilities.utils import get_partition

from ..caller import caller_of
from . import authorization, updating
from .asking import ASKING, Asking
from .chunks import Chunks
from .errors import S3Error, malformed_xml
from .models import LabS3Backend
from .objects import Content, Reading
from .settings import (
    CONTEXT,
    check_reading,
    customer_key_of,
)

SMALL_BYTES = 1 << 20

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)")


class LabS3Response(S3Response):
    """moto's operations, after a look at the caller's permissions, on encrypted objects."""

    @property
    def backend(self) -> LabS3Backend:
        return s3_backends[self.current_account][get_partition(self.region)]  # type: ignore[return-value]

    # Who asks

    def setup_class(self, request: Any, full_url: str | None = None, headers: Any = None) -> None:  # type: ignore[override]
        source = request.environ.get("wsgi.input")
        if isinstance(source, BytesIO):  # the body is in memory: that is where it is read
            request._cached_data = source.getvalue()
        super().setup_class(request, full_url, headers)
        ASKING.set(self._asking(request))

    def get_access_key(self) -> str:
        """The access key in the header, the query or the form; empty if nobody signed."""
        return self._signature()[0]

    def _signature(self) -> tuple[str, str, str]:
        """Access key, "AWS4" or "AWS2", and where the signature stands."""
        header = str(self.headers.get("Authorization", ""))
        if found := _CREDENTIAL.search(header):
            return found[1], "AWS4", "REST-HEADER"
        if header.startswith("AWS "):
            return header[4:].partition(":")[0], "AWS2", "REST-HEADER"
        query = parse_qs(self.parsed_url.query)
        form = {str(name).lower(): [str(value)] for name, value in (self.form_data or {}).items()}
        for fields, place in ((query, "REST-QUERY-STRING"), (form, "POST")):
            for name in ("X-Amz-Credential", "x-amz-credential"):
                if name in fields:
                    return fields[name][0].partition("/")[0], "AWS4", place
            for name in ("AWSAccessKeyId", "awsaccesskeyid"):
                if name in fields:
                    return fields[name][0], "AWS2", place
        return "", "", place

    def _handle_encoded_body(self, body: Any) -> Any:
        return _decoded(body)

    def _handle_v4_chunk_signatures(self, body: Any, content_length: int) -> Any:
        return _decoded(body)

    def _asking(self, request: Any) -> Asking:
        access_key, signed_by, place = self._signature()
        headers: Any = request.headers
        if self.form_data:
            headers = {**headers, **{str(k).lower(): v for k, v in self.form_data.items()}}
        try:
            caller = caller_of(access_key, self.current_account, self.region) if signed_by else None
        except InvalidClientTokenIdError as error:
            message = "The AWS Access Key Id you provided does not exist in our records."
            raise S3Error("InvalidAccessKeyId", message, 403, AWSAccessKeyId=access_key) from error
        return Asking(headers, caller, signed_by, place)

    # Requests and answers

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
            self._check(action, bucket_name, key_name)
        elif self.method != "POST" or not self.is_delete_keys():
            action = authorization.action_of(str(self.method), query, is_object=False)
            form_key = self.form_data.get("key") if self.method == "POST" else None
            self._check(action, bucket_name, form_key)

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

    def _query(self) -> dict[str, list[str]]:
        return parse_qs(self.parsed_url.query, keep_blank_values=True)

    def _bucket_response_delete_keys(
        self, bucket_name: str, authenticated: bool = True
    ) -> TYPE_RESPONSE:
        """Each object is asked for by itself; moto asks the bucket."""
        asking = ASKING.get()
        assert asking is not None
        asking.may_delete = lambda arn: authorization.is_allowed(
            *self._question("s3:DeleteObject", bucket_name, arn.partition("/")[2])
        )
        return super()._bucket_response_delete_keys(bucket_name, authenticated)

    def _check_source(self) -> None:
        """Of a copy: may the caller read the source?"""
        source = urlparse(str(self.headers.get("x-amz-copy-source")))
        bucket_name, _, key_name = unquote(source.path).lstrip("/").partition("/")
        version = "versionId" in parse_qs(source.query)
        self._check(f"s3:GetObject{'Version' if version else ''}", bucket_name, key_name)

    # Reading

    def _get_key(self, validate_storage_class: bool = True) -> tuple[Any, bool]:
        """The object, ready to be read; whether it is missing is told to those who may list."""
        try:
            found, not_modified = super()._get_key(validate_storage_class)
        except MissingKey:
            self._check("s3:ListBucket", self.bucket_name, None)
            raise
        key: Any = found
        customer_key = customer_key_of(self.headers)
        check_reading(self.headers, key.protection.algorithm, customer_key)
        if not_modified or not validate_storage_class:
            return key, not_modified
        return Reading(key, customer_key), False

    def get_object(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
        status, headers, content = super().get_object()
        number = self._get_int_param("partNumber")
        if not number or not isinstance(content, Content) or len(content.part_sizes) < 2:
            return status, headers, content
        return _part(number, headers, content)

    def head_object(  # type: ignore[override]
        self, bucket_name: str, query: dict[str, Any], key_name: str, headers: Any
    ) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html"""
        status, answer, body = super().head_object(bucket_name, query, key_name, headers)
        if status == 404 and "x-amz-delete-marker" not in answer:
            self._check("s3:ListBucket", bucket_name, None)
        version_id = query.get("versionId", [None])[0]
        key: Any = self.backend.get_object(bucket_name, key_name, version_id=version_id)
        if status < 400 and key is not None:
            customer_key = customer_key_of(headers)
            check_reading(headers, key.protection.algorithm, customer_key)
            with_checksum = headers.get("x-amz-checksum-mode") == "ENABLED"
            if customer_key or (with_checksum and key.checksum_algorithm):
                key.open(customer_key)
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
        return self._with_context(super().put_object())

    def copy_object(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
        self._check_source()
        return self._with_context(super().copy_object())

    def upload_part_copy(self) -> TYPE_RESPONSE:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html"""
        self._check_source()
        return super().upload_part_copy()

    def _key_response_post(self, *arguments: Any) -> TYPE_RESPONSE:
        status, headers, body = super()._key_response_post(*arguments)
        if headers.get("x-amz-version-id") == "null":
            del headers["x-amz-version-id"]
        return self._with_context((status, headers, body))

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


def _decoded(body: bytes) -> bytes | Chunks:
    """An upload's body without the marks between its chunks: a small one as bytes."""
    chunks = Chunks(body) if body else b""
    return bytes(chunks) if len(chunks) < SMALL_BYTES else chunks


def _part(number: int, headers: dict[str, Any], content: Content) -> TYPE_RESPONSE:
    """One part of an object that was uploaded in parts."""
    sizes = content.part_sizes
    if number > len(sizes):
        message = "The requested partnumber is not satisfiable"
        raise S3Error("InvalidPartNumber", message, 416)
    begin = sum(sizes[: number - 1])
    end = begin + sizes[number - 1]
    headers |= {
        "content-range": f"bytes {begin}-{end - 1}/{len(content)}",
        "content-length": str(end - begin),
        "x-amz-mp-parts-count": str(len(sizes)),
    }
    return 206, headers, content[begin:end]
