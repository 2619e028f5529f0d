"""Lesson 01, two keys: encrypting outside AWS for KMS, signing a long message in KMS."""

import base64
import hashlib
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from .kit import Call, Misconception, exercise


@exercise(
    "01-encrypt-for-kms",
    "public_key_der, message",
    "KMS decrypts this as `RSAES_OAEP_SHA_256`. With another hash in either place it would have "
    "answered InvalidCiphertextException, and the sender would never know why.",
)
def encrypt_for_kms(call: Call) -> None:
    private = _private_key()
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for length in (1, 32, 190):
        message = os.urandom(length)
        ciphertext = call(
            der,
            message,
            returns=bytes,
            on_error={
                "AttributeError": Misconception(
                    "DER bytes are not a key yet",
                    "GetPublicKey gives the key as bytes in DER. Load them first.",
                )
            },
        )
        _check_oaep(private, message, ciphertext)
        if call(der, message, returns=bytes) == ciphertext:
            raise Misconception("No randomness", "The same message gave the same ciphertext twice.")


def _check_oaep(private: rsa.RSAPrivateKey, message: bytes, ciphertext: bytes) -> None:
    if ciphertext == message:
        raise Misconception("Not encrypted", "The message comes out as it went in.")
    if len(ciphertext) != 256:
        words = f"RSA-2048 gives 256 bytes; these are {len(ciphertext)}."
        if _base64(ciphertext):
            words += " They look like base64 text: KMS's client takes the bytes themselves."
        raise Misconception("Not an RSA ciphertext", words)
    sha1, sha256 = hashes.SHA1(), hashes.SHA256()
    if _rsa_opened(private, ciphertext, _oaep(sha256, sha256)) == message:
        return
    if _rsa_opened(private, ciphertext, _oaep(sha256, sha1)) == message:
        raise Misconception(
            "SHA-1 in MGF1",
            "OAEP uses a hash in two places. One of yours is right; the other is still SHA-1.",
        )
    if _rsa_opened(private, ciphertext, _oaep(sha1, sha256)) == message:
        raise Misconception(
            "SHA-1 in OAEP", "MGF1 has the right hash, but OAEP itself has still SHA-1."
        )
    if _rsa_opened(private, ciphertext, _oaep(sha1, sha1)) == message:
        raise Misconception(
            "SHA-1 in both places",
            "That is `RSAES_OAEP_SHA_1`. KMS knows it too, but the exercise asks for SHA-256.",
        )
    plain = pow(int.from_bytes(ciphertext), *_numbers(private)).to_bytes(256)
    if plain.lstrip(b"\0") == message.lstrip(b"\0"):
        raise Misconception("RSA without padding", "Without randomness RSA gives much away.")
    # PKCS #1 v1.5: 00 02, random bytes without a zero, 00, the message.
    if plain[:2] == b"\0\2" and plain.endswith(b"\0" + message):
        raise Misconception(
            "PKCS #1 v1.5 padding", "That is RSA's old padding for encryption. KMS refuses it."
        )
    raise Misconception(
        "It does not decrypt",
        "OAEP with SHA-256 in both places does not open it. Was it this public key, and no label?",
    )


@cache
def _private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _numbers(private: rsa.RSAPrivateKey) -> tuple[int, int]:
    numbers = private.private_numbers()
    return numbers.d, numbers.public_numbers.n


def _oaep(hash_: hashes.HashAlgorithm, mgf1_hash: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(mgf1_hash), algorithm=hash_, label=None)


def _rsa_opened(
    private: rsa.RSAPrivateKey, ciphertext: bytes, scheme: padding.AsymmetricPadding
) -> bytes | None:
    try:
        return private.decrypt(ciphertext, scheme)
    except ValueError:
        return None


def _base64(data: bytes) -> bool:
    try:
        return len(base64.b64decode(data, validate=True)) == 256
    except ValueError:
        return False


@exercise(
    "01-sign-film",
    "kms, key_id, film",
    "KMS saw 32 bytes instead of the film, and everyone who has the film and the public key can "
    "verify the signature, without AWS.",
    in_lab=True,
)
def sign_film(call: Call, kms: Any) -> None:
    key_id = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])
    for length in (100, 100_000):
        film = os.urandom(length)
        signature = call(
            kms,
            key_id,
            film,
            returns=bytes,
            on_error={
                "ValidationException": Misconception(
                    "KMS refuses this message",
                    "A message has at most 4,096 bytes, and a digest exactly as many as the hash "
                    "of the algorithm gives (SHA-256: 32). One of the two is not so.",
                )
            },
        )
        _check_signature(public, film, signature)


def _check_signature(public: Any, film: bytes, signature: bytes) -> None:
    digest = hashlib.sha256(film).digest()
    signed = {
        "right": digest,
        "twice": hashlib.sha256(digest).digest(),
        "text": hashlib.sha256(hashlib.sha256(film).hexdigest().encode()).digest(),
        "beginning": hashlib.sha256(film[:4096]).digest(),
    }
    verified = [name for name, value in signed.items() if _signed(public, signature, value)]
    if "right" in verified:
        return
    if "twice" in verified:
        raise Misconception(
            "Hashed twice",
            "KMS took your digest for a message and hashed it again. It verifies in KMS and "
            "nowhere else.",
        )
    if "text" in verified:
        raise Misconception(
            "The digest as text",
            "The hexadecimal text of the digest was signed, as if it were the message.",
        )
    if "beginning" in verified:
        raise Misconception(
            "Only the beginning is signed", "The rest of the film can be changed unnoticed."
        )
    raise Misconception(
        "The signature does not verify",
        "With the public key of `key_id`, ECDSA and SHA-256 refuse it for this film.",
    )


def _signed(public: ec.EllipticCurvePublicKey, signature: bytes, digest: bytes) -> bool:
    try:
        public.verify(signature, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True
