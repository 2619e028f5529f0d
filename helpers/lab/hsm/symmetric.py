"""Encrypt and Decrypt under a symmetric backing key.

A backing key never encrypts data itself. Each call derives a one-time key from it and a
fresh nonce, so no AES-GCM key is used twice and no nonce limit is reached.
Source: AWS KMS Cryptographic Details, "Encrypt operation"; NIST SP 800-108 (counter mode,
HMAC-SHA-256); NIST SP 800-38D (GCM).
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from . import blob
from .context import canonical_context
from .errors import CiphertextInvalid

BACKING_KEY_BYTES = 32
DERIVED_KEY_BYTES = 32
KDF_LABEL = b"aws-kms-lab/encrypt"


def derive_key(backing_key: bytes, fixed_input: bytes) -> bytes:
    """SP 800-108 KDF in counter mode: 32 bytes from a backing key and the fixed input data."""
    return KBKDFHMAC(
        algorithm=hashes.SHA256(),
        mode=Mode.CounterMode,
        length=DERIVED_KEY_BYTES,
        rlen=4,
        llen=None,
        location=CounterLocation.BeforeFixed,
        label=None,
        context=None,
        fixed=fixed_input,
    ).derive(backing_key)


def one_time_key(backing_key: bytes, nonce: bytes) -> bytes:
    """The key of one message: label, a zero byte, the nonce and the length in bits go in."""
    length = (8 * DERIVED_KEY_BYTES).to_bytes(4)
    return derive_key(backing_key, KDF_LABEL + b"\x00" + nonce + length)


def encrypt(
    backing_key: bytes,
    *,
    account_id: str,
    key_id: str,
    key_material_id: str,
    plaintext: bytes,
    encryption_context: Mapping[str, str] | None = None,
) -> bytes:
    """Return the ciphertext blob of ``plaintext``; its layout is in ``blob``.

    ``account_id`` is 12 digits, ``key_material_id`` 64 hex digits.
    """
    header = blob.Header(
        account_id,
        key_id,
        key_material_id,
        nonce=os.urandom(blob.NONCE_BYTES),
        iv=os.urandom(blob.IV_BYTES),
    )
    raw = header.to_bytes()
    aead = AESGCM(one_time_key(backing_key, header.nonce))
    return raw + aead.encrypt(header.iv, plaintext, raw + canonical_context(encryption_context))


def decrypt(
    backing_key: bytes, ciphertext_blob: bytes, encryption_context: Mapping[str, str] | None = None
) -> bytes:
    """Return the plaintext. Raises CiphertextInvalid if blob, key or context don't match."""
    header, raw, sealed = blob.split(ciphertext_blob)
    aead = AESGCM(one_time_key(backing_key, header.nonce))
    try:
        return aead.decrypt(header.iv, sealed, raw + canonical_context(encryption_context))
    except InvalidTag as error:
        raise CiphertextInvalid("wrong key, wrong encryption context or changed bytes") from error
