"""Wrapping keys: how key material travels into an HSM.

The HSM makes an RSA pair for one import; the customer wraps key material under its public
half. RSAES wraps the material itself; RSA_AES_KEY_WRAP wraps it with AES-KWP under a fresh
AES key and puts that key, wrapped with RSA-OAEP, in front.
Source: KMS Developer Guide, "Encrypt the key material"; RFC 8017, RFC 5649; PKCS #11
CKM_RSA_AES_KEY_WRAP.
"""

from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from .asymmetric import rsa_decrypt
from .errors import CiphertextInvalid, MaterialInvalid
from .material import CURVES, POST_QUANTUM, RAW_BYTES, load_private_key

HYBRID = {
    "RSA_AES_KEY_WRAP_SHA_1": "RSAES_OAEP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256": "RSAES_OAEP_SHA_256",
}


def unwrap(wrapping_key: bytes, wrapped: bytes, wrapping_algorithm: str) -> bytes:
    """Return the key material that was wrapped for this private key (PKCS#8 DER).

    Raises CiphertextInvalid if it was wrapped for another key, in another way, or changed.
    """
    oaep = HYBRID.get(wrapping_algorithm)
    if oaep is None:
        return rsa_decrypt(wrapping_key, wrapped, wrapping_algorithm)
    modulus_bytes = (load_private_key(wrapping_key).key_size + 7) // 8
    aes_key = rsa_decrypt(wrapping_key, wrapped[:modulus_bytes], oaep)
    try:
        return keywrap.aes_key_unwrap_with_padding(aes_key, wrapped[modulus_bytes:])
    except (keywrap.InvalidUnwrap, ValueError) as error:
        raise CiphertextInvalid("AES-KWP unwrapping failed") from error


def check_material(key_spec: str, key_material: bytes) -> bytes:
    """Return the material in the form the HSM keeps, if it is material of this key spec.

    Symmetric and HMAC material must have exactly the spec's length; a private key must be
    PKCS#8 DER of the spec's size or curve. Raises MaterialInvalid if not.
    """
    if key_spec in RAW_BYTES:
        if len(key_material) != RAW_BYTES[key_spec]:
            raise MaterialInvalid(f"{key_spec} material has {RAW_BYTES[key_spec]} bytes")
        return key_material
    try:
        # Unlike the HSM's own keys this one is checked: primes, and a point on the curve.
        private_key = load_der_private_key(key_material, password=None)
    except Exception as error:  # cryptography raises several types for unreadable keys
        raise MaterialInvalid("this is not a private key in PKCS#8 DER") from error
    if key_spec.startswith("RSA_"):
        fits = isinstance(private_key, rsa.RSAPrivateKey) and private_key.key_size == int(
            key_spec.removeprefix("RSA_")
        )
    elif key_spec in CURVES:
        fits = isinstance(private_key, ec.EllipticCurvePrivateKey) and isinstance(
            private_key.curve, CURVES[key_spec]
        )
    elif key_spec in POST_QUANTUM:
        fits = isinstance(private_key, POST_QUANTUM[key_spec])
    else:
        fits = isinstance(private_key, ed25519.Ed25519PrivateKey)
    if not fits:
        raise MaterialInvalid(f"the private key is not {key_spec}")
    return key_material
