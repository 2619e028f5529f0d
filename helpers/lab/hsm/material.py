"""Making key material, and reading it back from the bytes an HSM stores.

Symmetric and HMAC material is raw bytes; a private key is PKCS#8 DER (ML-DSA and ML-KEM in
the seed form), a public key DER SubjectPublicKeyInfo, as the KMS API gives them.
Source: KMS API reference (CreateKey, GetPublicKey); RFC 5208, RFC 5280, RFC 9881, RFC 9935.
"""

import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from .errors import SpecUnavailable

RAW_BYTES = {
    "SYMMETRIC_DEFAULT": 32,
    "HMAC_224": 28,
    "HMAC_256": 32,
    "HMAC_384": 48,
    "HMAC_512": 64,
}

CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}

POST_QUANTUM: dict[str, Any] = {
    "ML_DSA_44": mldsa.MLDSA44PrivateKey,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey,
    "ML_KEM_768": mlkem.MLKEM768PrivateKey,
    "ML_KEM_1024": mlkem.MLKEM1024PrivateKey,
}


def generate(key_spec: str) -> bytes:
    """Return new key material for ``key_spec``: raw bytes, or a PKCS#8 DER private key.

    Raises SpecUnavailable for a spec that no library here implements (ML_KEM_512, SM2).
    """
    if key_spec in RAW_BYTES:
        return os.urandom(RAW_BYTES[key_spec])
    private_key: Any
    if key_spec in CURVES:
        private_key = ec.generate_private_key(CURVES[key_spec]())
    elif key_spec.startswith("RSA_"):
        private_key = rsa.generate_private_key(65537, int(key_spec.removeprefix("RSA_")))
    elif key_spec == "ECC_NIST_EDWARDS25519":
        private_key = ed25519.Ed25519PrivateKey.generate()
    elif key_spec in POST_QUANTUM:
        private_key = POST_QUANTUM[key_spec].generate()
    else:
        raise SpecUnavailable(key_spec)
    return private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def is_key_pair(key_spec: str) -> bool:
    """Whether the spec means a private and a public key."""
    return key_spec not in RAW_BYTES


def load_private_key(pkcs8: bytes) -> Any:
    """Load a private key that this HSM stored itself (so RSA primes aren't tested again)."""
    return load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)


def public_key_der(pkcs8: bytes) -> bytes:
    """Return the public half of a private key as DER SubjectPublicKeyInfo."""
    public_key = load_private_key(pkcs8).public_key()
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def load_public_key(spki: bytes) -> Any:
    """Load a DER SubjectPublicKeyInfo. Raises ValueError if it isn't one."""
    return load_der_public_key(spki)
