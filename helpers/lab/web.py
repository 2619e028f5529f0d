"""The account behind HTTP: moto's server application, and a wire that clients can rely on.

moto's application chooses the service by the request's signature. Here requests that are not
signed as they should be get AWS's answer instead of another service's, whatever the lab can't
do is said in the words of the service's protocol, and connections are kept alive.
"""

import io
import json
import re
import traceback
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from flask import Flask
from moto.backends import list_of_moto_modules
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.exceptions import InternalServerError
from werkzeug.serving import DechunkedInput
from werkzeug.wrappers import Response

from .errors import LabError

Environ = dict[str, Any]

# A single upload to S3 may be 5 GiB on AWS. Here it is held in memory.
MOST_BYTES = 1 << 30

_SIGNATURE = "AWS4-HMAC-SHA256"
_SIGNED = re.compile(
    rf"{_SIGNATURE} Credential=[^/,\s]+/\d{{8}}/[A-Za-z0-9-]+/(?P<service>[A-Za-z0-9_-]+)"
    r"/aws4_request(?:,|\s|$)"
)
_KMS_TARGET = "TrentService."


class Refused(Exception):
    """The request is answered with an error before any service sees it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Application(DomainDispatcherApplication):
    """Every service of the account as one WSGI application."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._service_at = lru_cache(maxsize=1000)(self._find_service)
        self._modules = frozenset([*list_of_moto_modules(), "moto_api"])

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        try:
            _check_signature(environ)
            return super().__call__(environ, start_response)
        except Refused as refused:
            response = _error(environ, refused.code, str(refused))
        except (LabError, NotImplementedError) as error:
            response = _error(environ, "NotInTheLab", f"The lab does not answer this: {error}")
        except Exception:  # a bug, said on stderr; the server goes on
            traceback.print_exc()
            message = "The lab's server failed. Its terminal says why."
            response = _error(environ, "InternalFailure", message, 500)
        return response(environ, start_response)

    def get_backend_for_host(self, host: str | None) -> str | None:
        """The service at a host. Raises LookupError for none."""
        # moto's own reads its folder from disk each time, and says on stdout what it can't find.
        return host and self._service_at(host)

    def _find_service(self, host: str) -> str:
        if host in self._modules:
            return host
        for service, pattern in self.backend_url_patterns:
            if pattern.match(f"http://{host}"):
                return service
        raise LookupError(host)

    def get_application(self, environ: Environ) -> Flask:
        """The application of the service that the request is for. Raises Refused for none."""
        try:
            return super().get_application(environ)
        except Exception as error:
            # moto trips over requests for services that it doesn't know or can't load.
            why = f"No service of the lab answers there ({type(error).__name__}: {error})."
            raise Refused("NotInTheLab", why) from error


def _check_signature(environ: Environ) -> None:
    """Refuse, as AWS does, what is signed for no service or, with KMS's target, not for KMS.

    Signatures themselves aren't verified: any secret key will do.
    """
    _presigned_for_kms(environ)
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    for_kms = environ.get("HTTP_X_AMZ_TARGET", "").startswith(_KMS_TARGET)
    if for_kms and not authorization:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    if not for_kms and _SIGNATURE not in authorization:
        return  # unsigned, or signed the older way: moto knows which services allow that
    signed = _SIGNED.match(authorization)
    if not signed:
        message = "Authorization header requires a 'Credential' parameter with a full scope."
        raise Refused("IncompleteSignatureException", message)
    if for_kms and signed["service"].lower() != "kms":
        message = "Credential should be scoped to correct service: 'kms'."
        raise Refused("InvalidSignatureException", message)


def _presigned_for_kms(environ: Environ) -> None:
    """Treat a request to KMS that is signed in its query as if it were signed in its header."""
    query = environ.get("QUERY_STRING", "")
    if "X-Amz-Credential" not in query or "HTTP_AUTHORIZATION" in environ:
        return
    credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
    if credential.endswith("/kms/aws4_request"):
        environ["HTTP_AUTHORIZATION"] = f"{_SIGNATURE} Credential={credential}"


def _error(environ: Environ, code: str, message: str, status: int = 400) -> Response:
    """An error in the JSON protocol or in XML, whichever the request speaks."""
    if "HTTP_X_AMZ_TARGET" in environ or "json" in environ.get("CONTENT_TYPE", ""):
        body = json.dumps({"__type": code, "message": message})
        return Response(body, status, content_type="application/x-amz-json-1.1")
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(f"<ErrorResponse>{error}</ErrorResponse>", status, content_type="text/xml")


class Handler(MotoRequestHandler):
    """One connection: requests one after the other, until the client closes or falls silent.

    werkzeug's own handler closes after every request, for fear of a body that nobody read.
    This one reads the body before anything else, and writes each answer in one piece.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered; flushed after each answer
    timeout = 60  # seconds of silence

    def run_wsgi(self) -> None:
        """Answer one request."""
        try:
            body = self._read_body()
        except ValueError as error:  # what follows on this connection can't be told apart
            self.close_connection = True
            self.send_error(HTTPStatus.BAD_REQUEST, str(error))
            return
        environ = self.make_environ()
        environ |= {
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
            "CONTENT_LENGTH": str(len(body)),
        }
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        self._write(environ, Response.from_app(self._application, environ, buffered=True))

    def _application(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        try:
            return self.server.app(environ, start_response)
        except Exception:
            traceback.print_exc()
            return InternalServerError()(environ, start_response)

    def _read_body(self) -> bytes:
        """The request's body. Raises ValueError if its length makes no sense."""
        encoding = self.headers.get("Transfer-Encoding", "").strip().lower()
        if encoding not in ("", "identity", "chunked"):
            raise ValueError("Unknown transfer encoding")
        if encoding == "chunked":
            return self._read_chunks()
        text = self.headers.get("Content-Length", "0").strip()
        if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) > MOST_BYTES:
            raise ValueError("Bad content length")
        body = self.rfile.read(int(text))
        if len(body) < int(text):
            raise ValueError("The body ended early")
        return body

    def _read_chunks(self) -> bytes:
        chunks = DechunkedInput(self.rfile)
        body = bytearray()
        try:
            while block := chunks.read(1 << 20):
                body += block
                if len(body) > MOST_BYTES:
                    raise ValueError("The body is too long")
        except OSError as error:
            raise ValueError("Bad chunks") from error
        return bytes(body)

    def _write(self, environ: Environ, response: Response) -> None:
        body = response.get_data()
        bodiless = response.status_code in (204, 304) or response.status_code < 200
        self.send_response(response.status_code, response.status.partition(" ")[2])
        for name, value in response.headers:
            if name.lower() not in ("connection", "content-length", "date", "server"):
                self.send_header(name, value)
        if not bodiless:
            length = response.headers.get("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            self.wfile.write(body)

    def handle_expect_100(self) -> bool:
        """Tell the client to go on, at once: it waits for that."""
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that isn't HTTP. Whatever it was, it is the client's error."""
        super().send_error(code if code < 500 else HTTPStatus.BAD_REQUEST, message, explain)

    def log(self, type: str, message: str, *args: Any) -> None:
        """No line a request: stdout says ready, stderr says what went wrong."""
