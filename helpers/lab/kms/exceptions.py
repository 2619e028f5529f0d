"""AWS KMS's errors, each a code and AWS's own words.

The words are those that AWS was recorded to answer. Where no record exists the message is
ours; the code is always the API reference's. Every KMS error has HTTP status 400.
"""

from moto.core.exceptions import ServiceException


class KmsError(ServiceException):
    """An answer of KMS that is an error. An empty ``message`` stays off the wire, as on AWS.

    ``request_id`` is there for a service that asked for its caller: some tell it.
    """

    request_id = ""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message)


def not_found(message: str) -> KmsError:
    return KmsError("NotFoundException", message)


def validation(message: str) -> KmsError:
    return KmsError("ValidationException", message)


def invalid_state(arn: str, state: str) -> KmsError:
    return KmsError("KMSInvalidStateException", f"{arn} is {state}.")


def disabled(arn: str) -> KmsError:
    return KmsError("DisabledException", f"{arn} is disabled.")


def invalid_key_usage(arn: str, key_usage: str, operation: str) -> KmsError:
    message = f"{arn} key usage is {key_usage} which is not valid for {operation}."
    return KmsError("InvalidKeyUsageException", message)


def incompatible_algorithm(algorithm: str, key_spec: str) -> KmsError:
    message = f"Algorithm {algorithm} is incompatible with key spec {key_spec}."
    return KmsError("InvalidKeyUsageException", message)


def wrong_origin(arn: str, origin: str) -> KmsError:
    message = f"{arn} origin is {origin} which is not valid for this operation."
    return KmsError("UnsupportedOperationException", message)


def invalid_ciphertext() -> KmsError:
    return KmsError("InvalidCiphertextException")


def incorrect_key() -> KmsError:
    message = "The key ID in the request does not identify a CMK that can perform this operation."
    return KmsError("IncorrectKeyException", message)


def ciphertext_of_unknown_key() -> KmsError:
    message = (
        "The ciphertext refers to a customer master key that does not exist, does not exist in "
        "this region, or you are not allowed to access."
    )
    return KmsError("AccessDeniedException", message)


def dry_run() -> KmsError:
    message = "The request would have succeeded, but the DryRun option is set."
    return KmsError("DryRunOperationException", message)


def no_library(key_spec: str) -> KmsError:
    """The one refusal that AWS doesn't make: no library here implements the algorithm."""
    other = " Use ML_KEM_768 or ML_KEM_1024." if key_spec.startswith("ML_KEM") else ""
    return KmsError(
        "UnsupportedOperationException",
        f"The lab can't make {key_spec} keys: the cryptography package does not implement the "
        f"algorithm. AWS does.{other}",
    )
