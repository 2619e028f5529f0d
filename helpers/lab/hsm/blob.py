"""The symmetric ciphertext blob: who made it, how, and the encrypted bytes.

AWS doesn't publish its format, only that the header names the backing key in the clear
and is authenticated (AWS KMS Cryptographic Details, "Working with data keys"). This one
does the same. All integers are big-endian:

    offset  bytes  field
         0      1  format version, 1
         1      6  account number
         7      1  1 if the key is a multi-Region key, else 0
         8     16  key ID, the UUID's 128 bits
        24     32  key material ID: which backing key of that KMS key
        56     16  nonce N of the key derivation
        72     12  initialisation vector of AES-256-GCM
        84      4  check: the first bytes of the header's SHA-256
        88    n+16 ciphertext of the n plaintext bytes, and its tag

The check tells damage from a foreign key, before any key is looked up. It proves nothing: the
tag does, which covers the whole header.
"""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from .errors import CiphertextInvalid

VERSION = 1
NONCE_BYTES = 16
IV_BYTES = 12
TAG_BYTES = 16
CHECK_BYTES = 4
HEADER_BYTES = 88


@dataclass(frozen=True)
class Header:
    """The clear, authenticated part of a ciphertext blob."""

    account_id: str
    key_id: str
    key_material_id: str
    nonce: bytes
    iv: bytes

    def to_bytes(self) -> bytes:
        multi_region = self.key_id.startswith("mrk-")
        fields = b"".join(
            (
                bytes([VERSION]),
                int(self.account_id).to_bytes(6),
                bytes([multi_region]),
                UUID(hex=self.key_id.removeprefix("mrk-")).bytes,
                bytes.fromhex(self.key_material_id),
                self.nonce,
                self.iv,
            )
        )
        return fields + _check(fields)


def split(ciphertext_blob: bytes) -> tuple[Header, bytes, bytes]:
    """Take a blob apart: its header, the header's bytes, and ciphertext with tag.

    Raises CiphertextInvalid for anything that can't be a blob. Nothing is authenticated yet.
    """
    raw = ciphertext_blob[:HEADER_BYTES]
    fields = raw[:-CHECK_BYTES]
    whole = len(ciphertext_blob) >= HEADER_BYTES + TAG_BYTES
    if not whole or raw[0] != VERSION or raw[7] > 1 or raw[-CHECK_BYTES:] != _check(fields):
        raise CiphertextInvalid("this is not a ciphertext blob")
    key_id = raw[8:24].hex()
    header = Header(
        account_id=f"{int.from_bytes(raw[1:7]):012d}",
        key_id=f"mrk-{key_id}" if raw[7] else str(UUID(hex=key_id)),
        key_material_id=raw[24:56].hex(),
        nonce=raw[56:72],
        iv=raw[72:84],
    )
    return header, raw, ciphertext_blob[HEADER_BYTES:]


def _check(fields: bytes) -> bytes:
    return sha256(fields).digest()[:CHECK_BYTES]
