"""The domain key: what stands between backing keys and the disk.

AWS keeps a 256-bit AES-GCM domain key in the memory of a Region's HSMs and stores
every HSM backing key encrypted under it, as an exported key token (EKT).
Source: AWS KMS Cryptographic Details, "Domains and the domain state".
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import CiphertextInvalid

NONCE_BYTES = 12
TAG_BYTES = 16


class Domain:
    """One Region's HSMs. The domain key is made here and has no way out."""

    def __init__(self) -> None:
        self._aead = AESGCM(AESGCM.generate_key(bit_length=256))

    def seal(self, key_material: bytes, key_material_id: str) -> bytes:
        """Return the exported key token of ``key_material``: nonce, ciphertext, 16-byte tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, key_material, key_material_id.encode())

    def open(self, exported_key_token: bytes, key_material_id: str) -> bytes:
        """Return the key material in a token. Raises CiphertextInvalid if it is another's."""
        if len(exported_key_token) < NONCE_BYTES + TAG_BYTES:
            raise CiphertextInvalid("this is not an exported key token")
        nonce, sealed = exported_key_token[:NONCE_BYTES], exported_key_token[NONCE_BYTES:]
        try:
            return self._aead.decrypt(nonce, sealed, key_material_id.encode())
        except InvalidTag as error:
            raise CiphertextInvalid("the exported key token is damaged") from error
