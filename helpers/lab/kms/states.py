"""What a key's state allows.

One table for all operations, after the KMS Developer Guide, "Key states of AWS KMS keys".
Operations that aren't listed work in every state.
"""

from .exceptions import KmsError, disabled, invalid_state
from .models import Key

_WORDS = {"PendingDeletion": "pending deletion", "PendingImport": "pending import"}

# Need an enabled key: every use of its key material.
CRYPTOGRAPHIC = {
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "VerifyMac",
}

# Work on a disabled key and on one without material, but not on one that is about to go.
_NOT_WHILE_PENDING_DELETION = {
    "CreateAlias",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
}
_NOT_WHILE_PENDING = {"DisableKey", "EnableKey"}


def check_state(key: Key, operation: str) -> None:
    """Return if ``key``'s state allows ``operation``; raise AWS's error if not."""
    if operation == "CancelKeyDeletion":
        if key.state != "PendingDeletion":
            raise KmsError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    elif operation in CRYPTOGRAPHIC:
        if key.state == "Disabled":
            raise disabled(key.arn)
        if key.state != "Enabled":
            raise invalid_state(key.arn, _WORDS[key.state])
    elif (operation in _NOT_WHILE_PENDING and key.state in _WORDS) or (
        operation in _NOT_WHILE_PENDING_DELETION and key.state == "PendingDeletion"
    ):
        raise invalid_state(key.arn, _WORDS[key.state])
