"""What a key's state allows.

One table for all operations, after the KMS Developer Guide, "Key states of AWS KMS keys".
Operations that aren't listed work in every state.
"""

from .exceptions import KmsError, disabled, invalid_state
from .key import Key

_WORDS = {
    "PendingDeletion": "pending deletion",
    "PendingReplicaDeletion": "pending replica deletion",
    "PendingImport": "pending import",
}
_LEAVING = {"PendingDeletion", "PendingReplicaDeletion"}

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
    "GetParametersForImport",
    "ImportKeyMaterial",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
}
_NOT_WHILE_PENDING = {"DisableKey", "EnableKey"}

# Need an enabled key; that a key without material can't be rotated by the calendar is told by
# its origin, not by its state.
_ENABLED = {"CreateGrant", "ReplicateKey", "RotateKeyOnDemand", "UpdatePrimaryRegion"}
_CALENDAR = {"DisableKeyRotation", "EnableKeyRotation"}


def check_state(key: Key, operation: str) -> None:
    """Return if ``key``'s state allows ``operation``; raise AWS's error if not."""
    if operation == "CancelKeyDeletion":
        if key.state not in _LEAVING:
            raise KmsError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    elif operation in CRYPTOGRAPHIC or operation in _ENABLED:
        if key.state == "Disabled":
            raise disabled(key.arn)
        if key.state != "Enabled":
            raise invalid_state(key.arn, _WORDS[key.state])
    elif operation in _CALENDAR and key.state == "Disabled":
        raise disabled(key.arn)
    elif (operation in _NOT_WHILE_PENDING and key.state in _WORDS) or (
        operation in (_NOT_WHILE_PENDING_DELETION | _CALENDAR) and key.state in _LEAVING
    ):
        raise invalid_state(key.arn, _WORDS[key.state])
