"""Secrets Manager's errors, and what it says where KMS refuses. Texts are recorded answers of AWS.

Not recorded: text that is not valid Unicode, a resource policy that can't be read, and a value
that is damaged at rest.
"""

import base64

from moto.secretsmanager.exceptions import SecretsManagerClientError

from ..kms.exceptions import KmsError

MOST_BYTES = 65536
CANNOT = {
    "encrypt": (
        "EncryptionFailure",
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. "
        "Check that the KMS key is available, enabled, and not in an invalid state.",
    ),
    "decrypt": (
        "DecryptionFailure",
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    ),
}


def check_value(secret_string: str | None, secret_binary: str | None) -> None:
    """One value or none, of a size that AWS takes. Binary is base64 text, as moto has it."""
    if secret_string is not None and secret_binary is not None:
        raise failure(
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value in the same "
            "secret.",
        )
    if secret_string is not None:
        member, value = "secretString", _encoded(secret_string)
    elif secret_binary is not None:
        member, value = "secretBinary", base64.b64decode(secret_binary)
    else:
        return
    if not 1 <= len(value) <= MOST_BYTES:
        bound = f"less than or equal to {MOST_BYTES}" if value else "greater than or equal to 1"
        raise failure(
            "ValidationException",
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
            f"Member must have length {bound}",
        )


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        message = "The value is not valid Unicode: half of a surrogate pair is in it."
        raise failure("ValidationException", message) from error


def marked_for_deletion() -> SecretsManagerClientError:
    text = "You can't perform this operation on the secret because it was marked for deletion."
    return failure("InvalidRequestException", text)


def malformed_policy(detail: str) -> SecretsManagerClientError:
    text = f"This resource policy contains invalid Json. ({detail})"
    return failure("MalformedPolicyDocumentException", text)


def told(purpose: str, error: KmsError) -> SecretsManagerClientError:
    """KMS's error in the words of Secrets Manager."""
    if error.code == "AccessDeniedException":
        return failure("AccessDeniedException", "Access to KMS is not allowed")
    if error.code in ("NotFoundException", "InvalidArnException"):
        return failure("InvalidParameterException", error.message)
    return failure(*CANNOT[purpose])


def failure(code: str, message: str) -> SecretsManagerClientError:
    return SecretsManagerClientError(code, message)
