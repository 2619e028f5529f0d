"""Signatures and MACs.

Source: KMS API reference (Sign, GenerateMac); RFC 8017 (PSS with a salt as long as the
digest, PKCS #1 v1.5), FIPS 186-5 (ECDSA, EdDSA), RFC 8032 (Ed25519ph), FIPS 204 (ML-DSA with
an external mu), RFC 2104 (HMAC).
"""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from .errors import MacInvalid, SignatureInvalid
from .material import load_private_key, load_public_key

RAW, DIGEST, EXTERNAL_MU = "RAW", "DIGEST", "EXTERNAL_MU"
MU_BYTES = 64

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "SHA_224": hashes.SHA224,
    "SHA_256": hashes.SHA256,
    "SHA_384": hashes.SHA384,
    "SHA_512": hashes.SHA512,
}


def hash_type(algorithm: str) -> type[hashes.HashAlgorithm]:
    """The hash that a signing or MAC algorithm's name ends in."""
    return HASHES[algorithm[-len("SHA_256") :]]


def sign(private_key: bytes, message: bytes, message_type: str, signing_algorithm: str) -> bytes:
    """Return the signature of ``message`` (RAW), of a digest (DIGEST) or of mu (EXTERNAL_MU)."""
    key = load_private_key(private_key)
    if signing_algorithm == "ML_DSA_SHAKE_256":
        return key.sign_mu(message) if message_type == EXTERNAL_MU else key.sign(message)
    if signing_algorithm == "ED25519_SHA_512":
        return key.sign(message)
    if signing_algorithm == "ED25519_PH_SHA_512":
        return _ed25519ph_sign(
            key.private_bytes_raw(), key.public_key().public_bytes_raw(), message
        )
    return key.sign(message, *_scheme(signing_algorithm, message_type))


def verify(
    public_key: bytes, message: bytes, signature: bytes, message_type: str, signing_algorithm: str
) -> None:
    """Return if the signature is right; raise SignatureInvalid if not."""
    key = load_public_key(public_key)
    try:
        if signing_algorithm == "ML_DSA_SHAKE_256":
            check = key.verify_mu if message_type == EXTERNAL_MU else key.verify
            check(signature, message)
        elif signing_algorithm == "ED25519_SHA_512":
            key.verify(signature, message)
        elif signing_algorithm == "ED25519_PH_SHA_512":
            _ed25519ph_verify(key.public_bytes_raw(), message, signature)
        elif signing_algorithm.startswith("RSA") and len(signature) != (key.key_size + 7) // 8:
            # RFC 8017, section 8.1.2, step 1; openssl would overlook leading zeros.
            raise SignatureInvalid("an RSA signature is as long as the modulus")
        else:
            key.verify(signature, message, *_scheme(signing_algorithm, message_type))
    except (InvalidSignature, ValueError) as error:
        raise SignatureInvalid("the signature does not verify") from error


def _scheme(signing_algorithm: str, message_type: str) -> tuple[Any, ...]:
    """Padding and hash, as ``cryptography`` takes them, of an RSA or ECDSA algorithm."""
    hash_algorithm = hash_type(signing_algorithm)()
    hashed = utils.Prehashed(hash_algorithm) if message_type == DIGEST else hash_algorithm
    if signing_algorithm.startswith("ECDSA"):
        return (ec.ECDSA(hashed),)
    if signing_algorithm.startswith("RSASSA_PSS"):
        salt_length = hash_algorithm.digest_size
        return padding.PSS(mgf=padding.MGF1(hash_algorithm), salt_length=salt_length), hashed
    return padding.PKCS1v15(), hashed


def _ed25519ph_sign(seed: bytes, public_key: bytes, message: bytes) -> bytes:
    # Imported here: only this algorithm needs libsodium, and loading it takes a while.
    from nacl import bindings

    state = bindings.crypto_sign_ed25519ph_state()
    bindings.crypto_sign_ed25519ph_update(state, message)
    return bindings.crypto_sign_ed25519ph_final_create(state, seed + public_key)


def _ed25519ph_verify(public_key: bytes, message: bytes, signature: bytes) -> None:
    from nacl import bindings, exceptions

    state = bindings.crypto_sign_ed25519ph_state()
    bindings.crypto_sign_ed25519ph_update(state, message)
    try:
        if len(signature) != bindings.crypto_sign_BYTES:
            raise SignatureInvalid("an Ed25519 signature has 64 bytes")
        if not bindings.crypto_sign_ed25519ph_final_verify(state, signature, public_key):
            raise SignatureInvalid("the signature does not verify")
    except exceptions.CryptoError as error:
        raise SignatureInvalid("the signature does not verify") from error


def generate_mac(key_material: bytes, message: bytes, mac_algorithm: str) -> bytes:
    """Return HMAC(key, message), as long as the algorithm's hash."""
    mac = hmac.HMAC(key_material, hash_type(mac_algorithm)())
    mac.update(message)
    return mac.finalize()


def verify_mac(key_material: bytes, message: bytes, mac: bytes, mac_algorithm: str) -> None:
    """Return if the MAC is right, compared in constant time; raise MacInvalid if not."""
    expected = hmac.HMAC(key_material, hash_type(mac_algorithm)())
    expected.update(message)
    try:
        expected.verify(mac)
    except InvalidSignature as error:
        raise MacInvalid("the MAC does not verify") from error
