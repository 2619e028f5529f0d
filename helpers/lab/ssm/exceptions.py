"""Parameter Store's errors, and how it tells those of KMS.

Recorded of AWS: the texts below, and of what KMS refused the form of the text,
AccessDeniedException, and InvalidKeyId for a key or an alias that is missing and for a key
pending deletion. That a key which is disabled or has no material is InvalidKeyId too, says the
user guide. Not recorded: a key of another usage, whether errors of an advanced parameter read
the same, text that is not valid Unicode, and a value that is damaged at rest.
"""

from moto.core.exceptions import JsonRESTError
from moto.ssm.exceptions import SSMException

from ..kms.exceptions import KmsError

BAD_NAME = (
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can '
    "consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of "
    "letters, numbers and the following 3 symbols .-_"
)
TOO_LARGE = {
    "Standard": "Standard tier parameters support a maximum parameter value of 4096 characters. To "
    "create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. "
    "For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "parameter-store-advanced-parameters.html",
    "Advanced": "The specified parameter value is too large. Advanced-tier parameters support a "
    "maximum parameter value of 8192 characters.",
}
NO_WAY_BACK = (
    "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
    "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the "
    "advanced parameter and recreate it as a standard parameter. Be aware that standard "
    "parameters have a value limit of 4096 characters."
)


class Internal(JsonRESTError):
    """A fault of the server. Clients try again."""

    code = 500

    def __init__(self) -> None:
        super().__init__("InternalServerError", "An error occurred on the server side.")


def told(error: KmsError) -> Exception:
    """KMS's error as Parameter Store tells it."""
    if error.code in ("InvalidCiphertextException", "IncorrectKeyException"):
        return Internal()
    code = "AccessDeniedException" if error.code == "AccessDeniedException" else "InvalidKeyId"
    text = (
        f"{error.message} (Service: AWSKMS; Status Code: 400; Error Code: {error.code}; "
        f"Request ID: {error.request_id}; Proxy: null)"
    )
    return SSMException(code, text)


def invalid(text: str) -> SSMException:
    return SSMException("ValidationException", text)


def encoded(value: str | None) -> bytes:
    try:
        return (value or "").encode()
    except UnicodeEncodeError as error:
        text = "The value is not valid Unicode: half of a surrogate pair is in it."
        raise invalid(text) from error
