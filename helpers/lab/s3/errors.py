"""S3's errors: code, HTTP status and AWS's words.

Source: S3 API reference, "Error responses"; the words as callers of S3 report them.
"""

from xml.sax.saxutils import escape

from moto.s3.exceptions import S3ClientError

from ..kms.exceptions import KmsError


class S3Error(S3ClientError):
    """An answer of S3 that is an error; ``details`` are further elements of its XML."""

    def __init__(self, code: str, message: str, status: int = 400, **details: str) -> None:
        super().__init__(code, message)
        self.status = status
        self.details = details

    def to_xml(self, request_id: str) -> str:
        """The body of the answer."""
        elements = {"Code": self.code, "Message": self.message, **self.details}
        inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error>{inside}<RequestId>{request_id}</RequestId></Error>"
        )


def invalid_argument(message: str, name: str, value: str = "") -> S3Error:
    return S3Error("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def invalid_request(message: str) -> S3Error:
    return S3Error("InvalidRequest", message)


def access_denied(message: str = "Access Denied") -> S3Error:
    return S3Error("AccessDenied", message, 403)


def malformed_xml() -> S3Error:
    message = (
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
    return S3Error("MalformedXML", message)


def internal_error() -> S3Error:
    """What lies at rest is not what was put there."""
    message = "We encountered an internal error. Please try again."
    return S3Error("InternalError", message, 500)


def of_kms(error: KmsError) -> S3Error:
    """KMS's error as S3 passes it on. Recorded: Disabled, KMSInvalidState, NotFound."""
    if error.code == "AccessDeniedException":
        return access_denied(error.message)
    return S3Error(f"KMS.{error.code}", error.message)
