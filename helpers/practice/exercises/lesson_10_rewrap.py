"""Lesson 10: a data key moves to another wrapping key."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .kit import Call, Misconception, exercise

MEMBERS = {"kid", "wrapped_key", "nonce", "ciphertext"}


def _oaep(main: hashes.HashAlgorithm, mgf1: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(mgf1), algorithm=main, label=None)


RSA_OAEP_256 = _oaep(hashes.SHA256(), hashes.SHA256())
OTHER_PADDINGS = (
    _oaep(hashes.SHA1(), hashes.SHA1()),
    _oaep(hashes.SHA256(), hashes.SHA1()),
    _oaep(hashes.SHA1(), hashes.SHA256()),
    padding.PKCS1v15(),
)


@cache
def _private_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _unwrapped(key: rsa.RSAPrivateKey, wrapped: bytes, how: Any = RSA_OAEP_256) -> bytes | None:
    try:
        return key.decrypt(wrapped, how)
    except ValueError:
        return None


@exercise(
    "10-rewrap",
    "old_key, new_key, new_kid, envelope",
    "The data was not touched. But the data key was in your program for a moment, in the clear: "
    "with AWS, ReEncrypt would have kept it inside KMS.",
)
def rewrap(call: Call) -> None:
    old, new = _private_key(2048), _private_key(3072)
    for number in (1, 2):
        data_key, nonce = AESGCM.generate_key(256), os.urandom(12)
        envelope = {
            "kid": f"https://vault.example/keys/a/{number}",
            "wrapped_key": old.public_key().encrypt(data_key, RSA_OAEP_256),
            "nonce": nonce,
            "ciphertext": AESGCM(data_key).encrypt(nonce, b"pay 1,200 euros", None),
        }
        new_kid = f"https://vault.example/keys/b/{number}"
        moved = call(
            old,
            new.public_key(),
            new_kid,
            envelope,
            returns=dict,
            on_error={
                "ValueError": Misconception(
                    "Not RSA-OAEP-256",
                    "RSA refused. RSA-OAEP-256 uses SHA-256 in two places; what was wrapped so "
                    "opens only so, and with the key that it was wrapped for.",
                )
            },
        )
        _check_envelope(envelope, moved, new_kid, data_key, old, new)


def _check_envelope(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    new_kid: str,
    data_key: bytes,
    old: rsa.RSAPrivateKey,
    new: rsa.RSAPrivateKey,
) -> None:
    if any(value == data_key for value in after.values()):
        raise Misconception(
            "The data key lies in the open",
            "The new envelope holds the data key unwrapped. Whoever has it reads the data.",
        )
    if set(after) != MEMBERS:
        raise Misconception(
            "Other members than before",
            f"An envelope has {', '.join(sorted(MEMBERS))}. Yours has "
            f"{', '.join(map(str, after)) or 'none'}.",
        )
    wrapped = after["wrapped_key"]
    if not isinstance(wrapped, bytes):
        raise Misconception("The wrapped key is not bytes", "What RSA makes is bytes.")
    if wrapped == before["wrapped_key"] or _unwrapped(old, wrapped) == data_key:
        raise Misconception(
            "Still under the old key",
            "The old key opens the wrapped key, as before. Once it is deleted, the data is lost.",
        )
    found = _unwrapped(new, wrapped)
    if found is None and data_key in (_unwrapped(new, wrapped, how) for how in OTHER_PADDINGS):
        raise Misconception(
            "Not RSA-OAEP-256",
            "The new key opens it with another padding. RSA-OAEP-256 uses SHA-256 in two places.",
        )
    if found is None:
        raise Misconception(
            "The new key does not open it", "The wrapped key was not made with the new key."
        )
    if found == before["wrapped_key"]:
        raise Misconception(
            "Wrapped twice",
            "Inside is the old wrapped key, still wrapped: both keys are needed to read now.",
        )
    if (after["nonce"], after["ciphertext"]) != (before["nonce"], before["ciphertext"]):
        raise Misconception(
            "The data was encrypted again",
            "Nonce or ciphertext changed. For an invoice it matters little, for a terabyte much.",
        )
    if found != data_key:
        raise Misconception(
            "Another data key", "The key inside the new wrapping is not the one the data is under."
        )
    if after["kid"] != new_kid:
        raise Misconception(
            "The name of the old key is left",
            "Whoever reads the envelope asks the key that `kid` names, and that one can't open it.",
        )
