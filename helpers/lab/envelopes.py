"""A small value under a data key of KMS, as AWS's services keep it at rest.

GenerateDataKey, AES-256-GCM with the plaintext key, which is dropped; the encrypted key stays
with the value. To read it KMS must decrypt the key again.
Source: Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12

# One operation of KMS for the caller: its name and members in, its reply out.
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


class Damaged(Exception):
    """What lies at rest is not what was put there."""


@dataclass(frozen=True)
class Envelope:
    """A value at rest: the encrypted data key, nonce, ciphertext and tag, and the context."""

    key_arn: str
    encrypted_data_key: bytes
    nonce: bytes
    ciphertext: bytes
    encryption_context: dict[str, str]

    def __bool__(self) -> bool:
        return True  # as the value it stands for


def seal(ask: Ask, key_id: str, plaintext: bytes, context: dict[str, str]) -> Envelope:
    """Encrypt under a new data key. Raises what ``ask`` raises."""
    request = {"KeyId": key_id, "KeySpec": "AES_256", "EncryptionContext": context}
    data_key = ask("GenerateDataKey", request)
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = AESGCM(data_key["Plaintext"]).encrypt(nonce, plaintext, _bound(context))
    return Envelope(data_key["KeyId"], data_key["CiphertextBlob"], nonce, ciphertext, context)


def unseal(ask: Ask, envelope: Envelope) -> bytes:
    """Decrypt. Raises what ``ask`` raises, and Damaged if the ciphertext was changed."""
    data_key = _data_key(ask, envelope)
    context = _bound(envelope.encryption_context)
    try:
        return AESGCM(data_key).decrypt(envelope.nonce, envelope.ciphertext, context)
    except InvalidTag as error:
        raise Damaged from error


def rewrap(ask: Ask, envelope: Envelope, key_id: str) -> Envelope:
    """The same value, its data key under another KMS key. Raises what ``ask`` raises."""
    request = {
        "KeyId": key_id,
        "Plaintext": _data_key(ask, envelope),
        "EncryptionContext": envelope.encryption_context,
    }
    wrapped = ask("Encrypt", request)
    return replace(envelope, key_arn=wrapped["KeyId"], encrypted_data_key=wrapped["CiphertextBlob"])


def _data_key(ask: Ask, envelope: Envelope) -> bytes:
    request = {
        "CiphertextBlob": envelope.encrypted_data_key,
        "KeyId": envelope.key_arn,
        "EncryptionContext": envelope.encryption_context,
    }
    plaintext: bytes = ask("Decrypt", request)["Plaintext"]
    return plaintext


def _bound(context: dict[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()
