"""The wire: who asks, whether he may, how the object is to be encrypted. The rest is moto's.

Source: S3 API reference, the operations named; "Error responses".
"""

from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.s3.exceptions import LockNotEnabled, MissingKey, S3ClientError
from moto.utilities.aws_headers import gen_amzn_requestid_long

from . import authorization, inputs, updating
from .asking import ASKING
from .chunks import Chunks
from .errors import S3Error, invalid_argument, invalid_request, malformed_xml
from .objects import Content, Reading, encryption_headers
from .permitted import PermittedResponse
from .sealing import request_headers
from .settings import CONTEXT, check_reading, customer_key_of

# What is kept beside an object's content: to read it takes no key.
_BESIDE = {"acl", "tagging", "legal-hold", "retention"}


class LabS3Response(PermittedResponse):
    """moto's operations, after a look at the caller's permissions, on encrypted objects."""

    # Requests and answers

    def _key_response(self, request: Any, full_url: str) -> TYPE_RESPONSE:
        query = self._query()
        inputs.check_query(query)
        authorization.check_resource(str(request.method), query, is_object=True)
        inputs.check_object(str(request.method), request.headers, query, self.parse_key_name())
        inputs.check_metadata(request.headers)
        return super()._key_response(request, full_url)

    def _bucket_response(self, request: Any, full_url: str) -> Any:
        query = self._query()
        inputs.check_query(query)
        authorization.check_resource(str(request.method), query, is_object=False)
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

    def _key_response_get(self, query: dict[str, Any], key_name: str) -> TYPE_RESPONSE:
        """moto's, and GetObjectRetention, in whose place moto answers with the object.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html
        """
        if "retention" not in query:
            return super()._key_response_get(query, key_name)
        self._authenticate_and_authorize_s3_action(self.bucket_name, key_name)
        if not self.backend.get_bucket(self.bucket_name).object_lock_enabled:
            raise LockNotEnabled
        key, _ = self._get_key(validate_storage_class=False)
        return 200, {}, inputs.retention_answer(key)

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

    def _bucket_response_put(
        self, request: Any, bucket_name: str, querystring: dict[str, Any]
    ) -> str | TYPE_RESPONSE:
        """moto's, and the tags that CreateBucket may bring."""
        is_new = not querystring and bucket_name not in self.backend.buckets
        answer = super()._bucket_response_put(request, bucket_name, querystring)
        if is_new:
            body = self._xml() if self.body else {}
            found = ((body.get("CreateBucketConfiguration") or {}).get("Tags") or {}).get("Tag", [])
            tags = found if isinstance(found, list) else [found]
            # Also without any: moto would keep those of an earlier bucket of this name.
            pairs = {tag["Key"]: tag["Value"] or "" for tag in tags}
            self.backend.put_bucket_tagging(bucket_name, pairs)
        return answer

    def _tagging_from_xml(self) -> dict[str, str]:
        """moto's; it expects a tag."""
        found = self._xml().get("Tagging")
        if not isinstance(found, dict) or "TagSet" not in found:
            raise malformed_xml()
        try:
            return super()._tagging_from_xml() if found["TagSet"] else {}
        except (KeyError, TypeError) as error:
            raise malformed_xml() from error

    def _complete_multipart_body(self, body: bytes) -> Iterator[tuple[int, str]]:
        if not body:
            raise invalid_request("You must specify at least one part")
        try:
            yield from super()._complete_multipart_body(body)
        except (AttributeError, IndexError, ValueError) as error:
            raise malformed_xml() from error

    def _acl_from_headers(self, headers: dict[str, Any]) -> Any:
        try:
            return super()._acl_from_headers(headers)
        except AssertionError as error:
            raise invalid_argument("", "x-amz-acl", str(headers.get("x-amz-acl"))) from error
        except AttributeError as error:
            message = "Argument format not recognized"
            raise invalid_argument(message, "x-amz-grant") from error

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
