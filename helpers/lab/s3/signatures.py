"""Who asks: the signature in the header, the query or a form; and the body as it was sent.

Source: S3 API reference, "Authenticating requests", signature versions 4 and 2.
"""

import re
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from moto.core.exceptions import InvalidClientTokenIdError
from moto.s3.responses import S3Response
from requests.structures import CaseInsensitiveDict

from ..caller import caller_of
from .asking import ASKING, Asking
from .chunks import Chunks
from .errors import S3Error
from .settings import SSE

SMALL_BYTES = 1 << 20

AWS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)")


class SignedResponse(S3Response):
    """moto's operations, with the caller of the request at hand known."""

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
        more = dict(self.form_data or {})
        if place == "REST-QUERY-STRING":  # a presigned URL may have headers in its query
            more |= {n: v[0] for n, v in self._query().items() if n.lower().startswith(SSE)}
        if more:
            headers = CaseInsensitiveDict(headers)
            headers.update(more)
        try:
            caller = caller_of(access_key, self.current_account, self.region) if signed_by else None
        except InvalidClientTokenIdError as error:
            message = "The AWS Access Key Id you provided does not exist in our records."
            raise S3Error("InvalidAccessKeyId", message, 403, AWSAccessKeyId=access_key) from error
        return Asking(headers, caller, signed_by, place, secure=self._is_secure())

    def _is_secure(self) -> bool:
        """Whether the request came by TLS. The lab's own server, on loopback, stands for it."""
        host = self.parsed_url.hostname or ""
        return self.parsed_url.scheme != "http" or not host.endswith(AWS_HOSTS)

    def _query(self) -> dict[str, list[str]]:
        return parse_qs(self.parsed_url.query, keep_blank_values=True)


def _decoded(body: bytes) -> bytes | Chunks:
    """An upload's body without the marks between its chunks: a small one as bytes."""
    chunks = Chunks(body) if body else b""
    return bytes(chunks) if len(chunks) < SMALL_BYTES else chunks
