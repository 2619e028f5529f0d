"""RSA-OAEP encryption, ECDH key agreement and ML-KEM encapsulation.

Source: RFC 8017 (RSAES-OAEP), NIST SP 800-56A (ECC CDH), FIPS 203 (ML-KEM).
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from .errors import CiphertextInvalid, PeerKeyInvalid
from .material import load_private_key, load_public_key

OAEP_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "RSAES_OAEP_SHA_1": hashes.SHA1,
    "RSAES_OAEP_SHA_256": hashes.SHA256,
}

KEM_CIPHERTEXT_BYTES = {"ML_KEM_768": 1088, "ML_KEM_1024": 1568}


def oaep(encryption_algorithm: str) -> padding.OAEP:
    """KMS's OAEP: the same hash for the label and for MGF1, and an empty label."""
    hash_type = OAEP_HASHES[encryption_algorithm]
    return padding.OAEP(mgf=padding.MGF1(hash_type()), algorithm=hash_type(), label=None)


def oaep_limit(key_spec: str, encryption_algorithm: str) -> int:
    """The largest plaintext in bytes: k - 2h - 2 (RFC 8017, section 7.1.1)."""
    modulus_bytes = int(key_spec.removeprefix("RSA_")) // 8
    return modulus_bytes - 2 * OAEP_HASHES[encryption_algorithm].digest_size - 2


def rsa_encrypt(public_key: bytes, plaintext: bytes, encryption_algorithm: str) -> bytes:
    """Encrypt at most ``oaep_limit`` bytes under a DER public key."""
    return load_public_key(public_key).encrypt(plaintext, oaep(encryption_algorithm))


def rsa_decrypt(private_key: bytes, ciphertext: bytes, encryption_algorithm: str) -> bytes:
    """Decrypt, or raise CiphertextInvalid, which never says why (Manger's attack)."""
    try:
        return load_private_key(private_key).decrypt(ciphertext, oaep(encryption_algorithm))
    except ValueError as error:
        raise CiphertextInvalid("RSA-OAEP decryption failed") from error


def derive_shared_secret(private_key: bytes, peer_public_key: bytes) -> bytes:
    """Raw ECDH: the shared point's x coordinate, as long as the curve's field.

    Raises PeerKeyInvalid if the peer's key can't be read or is of another curve.
    """
    own = load_private_key(private_key)
    try:
        peer = load_public_key(peer_public_key)
        if not isinstance(peer, ec.EllipticCurvePublicKey):
            raise ValueError("not an elliptic curve key")
        return own.exchange(ec.ECDH(), peer)
    except Exception as error:  # cryptography raises several types for unreadable keys
        raise PeerKeyInvalid("the peer's public key does not fit") from error


def encapsulate(public_key: bytes) -> tuple[bytes, bytes]:
    """ML-KEM: return a new 32-byte shared secret and its ciphertext for the key's owner."""
    return load_public_key(public_key).encapsulate()


def decapsulate(private_key: bytes, ciphertext: bytes, key_spec: str) -> bytes:
    """ML-KEM: the 32-byte secret. A changed ciphertext gives other bytes, not an error.

    Only a wrong length raises CiphertextInvalid (implicit rejection, FIPS 203 section 6.3).
    """
    if len(ciphertext) != KEM_CIPHERTEXT_BYTES[key_spec]:
        raise CiphertextInvalid("the ciphertext's length does not fit the key spec")
    return load_private_key(private_key).decapsulate(ciphertext)
