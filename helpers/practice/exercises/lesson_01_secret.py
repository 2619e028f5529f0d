"""Lesson 01, one key: sealing with AES-GCM, checking a MAC."""

import hashlib
import os
import random
from collections import Counter
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .kit import Call, Misconception, exercise

TAG = 16


@exercise(
    "01-seal",
    "key, message, context",
    "With a fresh nonce each time, equal messages look different and nothing cancels out; with "
    "the context under the tag, a message can't be passed off in another place.",
)
def seal(call: Call) -> None:
    key = os.urandom(32)
    _check_ecb(call, key)
    for length in (44, random.randrange(50, 500), 1, 0):
        _check_sealed(call, key, os.urandom(length), b"order=%d" % random.randrange(10**6))
    message, context = b"the same message, twice", b"order=4711"
    first, second = (call(key, message, context, returns=bytes) for _ in range(2))
    if first[:12] == second[:12]:
        raise Misconception(
            "Nonce reused",
            "Two messages went out under the same key and nonce. Whoever knows one of them "
            "reads the other.",
        )
    if _repeats_with_random(call, key, message, context):
        raise Misconception(
            "A nonce that can be guessed",
            "It comes from Python's `random`, which repeats when it starts from the same state. "
            "Take randomness from the operating system.",
        )


def _check_sealed(call: Call, key: bytes, message: bytes, context: bytes) -> None:
    sealed = call(key, message, context, returns=bytes)
    if message and len(message) > 3 and message in sealed:
        raise Misconception("The message is readable", "It stands in the result as it came in.")
    if _opened(key, sealed[:12], sealed[12:], context) == message:
        return
    if _opened(key, sealed[:12], sealed[12:], None) == message:
        raise Misconception(
            "Context forgotten",
            "The message decrypts without the context, so nothing ties the two together.",
        )
    if _opened(key, sealed[:12], sealed[12:], None) in (context + message, message + context):
        raise Misconception(
            "Context encrypted instead of authenticated",
            "It became part of the message. It should stay outside, readable, under the tag.",
        )
    if _opened(key, sealed[:12], sealed[12:], message) == context:
        raise Misconception(
            "Message and context exchanged", "The context was encrypted, the message was not."
        )
    if len(sealed) == len(message) + TAG:
        raise Misconception(
            "The nonce is lost",
            "The result holds ciphertext and tag only. Whoever decrypts needs the nonce as "
            "well. It is no secret.",
        )
    if len(sealed) == len(message) + 12:
        raise Misconception(
            "No tag", "Twelve bytes longer than the message: a nonce, and no room for a tag."
        )
    if _opened(key, sealed[-12:], sealed[:-12], context) == message or (
        _opened(key, sealed[:12], sealed[28:] + sealed[12:28], context) == message
    ):
        raise Misconception(
            "Wrong order of the parts", "Asked for: the nonce, the ciphertext, the tag."
        )
    if any(_opened(key, sealed[:n], sealed[n:], context) == message for n in (8, 16, 24, 32)):
        raise Misconception(
            "Not a nonce of 12 bytes",
            "GCM's own length is 12 bytes; whoever receives the message cuts it there.",
        )
    raise Misconception(
        "It does not decrypt",
        "AES-GCM with the key, the first 12 bytes as nonce and the context refuses the rest. "
        "Was it this key?",
    )


def _check_ecb(call: Call, key: bytes) -> None:
    """Equal blocks of the message must not stay equal."""
    sealed = call(key, bytes(320), b"order=4711", returns=bytes)
    windows = Counter(sealed[at : at + 16] for at in range(len(sealed) - 15))
    if bytes(16) not in windows and max(windows.values(), default=0) > 1:
        raise Misconception(
            "ECB",
            "Equal blocks of the message stayed equal. The next section shows how much that "
            "gives away.",
        )


def _repeats_with_random(call: Call, key: bytes, message: bytes, context: bytes) -> bool:
    state = random.getstate()
    try:
        sealed = []
        for _ in range(2):
            random.seed(4711)
            sealed.append(call(key, message, context, returns=bytes))
    finally:
        random.setstate(state)
    return bool(sealed[0] == sealed[1])


def _opened(key: bytes, nonce: bytes, sealed: bytes, context: bytes | None) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, sealed, context)
    except (InvalidTag, ValueError):
        return None


@exercise(
    "01-genuine",
    "key, message, mac",
    "It takes equally long wherever a forged MAC differs, so the clock tells an attacker nothing.",
)
def genuine(call: Call) -> None:
    raises = Misconception(
        "An error instead of False", "A forged MAC is an ordinary answer here: `False`."
    )
    for length in (0, 25, random.randrange(30, 300)):
        key, message = os.urandom(32), os.urandom(length)
        right = _mac(key, message)
        if call(key, message, right, returns=bool) is not True:
            raise Misconception(
                "A genuine MAC is refused",
                "The MAC was HMAC with SHA-256 of the message under the key.",
            )
        forgeries = {
            "the first byte": bytes([right[0] ^ 1]) + right[1:],
            "the last byte": right[:-1] + bytes([right[-1] ^ 1]),
            "its length: only the first half came": right[:16],
            "its length: nothing came": b"",
            "its length: one byte more came": right + b"\0",
            "the key: it is a plain hash": hashlib.sha256(message).digest(),
        }
        for place, forged in forgeries.items():
            if call(key, message, forged, returns=bool, on_error={"InvalidSignature": raises}):
                raise Misconception(
                    "A forged MAC is accepted", f"It differed from the genuine one in {place}."
                )
        if call(key, message + b"!", right, returns=bool, on_error={"InvalidSignature": raises}):
            raise Misconception("A forged MAC is accepted", "The message had been changed.")
        watched = Watched(right)
        call(key, message, watched, returns=bool)
        if watched.compared:
            raise Misconception(
                "MAC compared with ==",
                "Whole or byte by byte, `==` stops at the first byte that differs. Who measures "
                "the time finds the right MAC, a byte after the other.",
            )


def _mac(key: bytes, message: bytes) -> bytes:
    maker = hmac.HMAC(key, hashes.SHA256())
    maker.update(message)
    return maker.finalize()


class Watched(bytes):
    """Bytes that notice being compared in a time that depends on them."""

    compared = False

    def __eq__(self, other: object) -> bool:
        self.compared = True
        return bytes(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        self.compared = True  # looked up in a set or a dict
        return hash(bytes(self))

    def __iter__(self) -> Any:
        self.compared = True  # byte by byte, with an early end or not
        return iter(bytes(self))

    def hex(self, *arguments: Any) -> "WatchedText":  # type: ignore[override]
        text = WatchedText(bytes(self).hex(*arguments))
        text.origin = self
        return text


class WatchedText(str):
    """The same for their hexadecimal text."""

    origin: Watched

    def __eq__(self, other: object) -> bool:
        self.origin.compared = True
        return str(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__
