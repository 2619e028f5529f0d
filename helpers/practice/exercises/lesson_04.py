"""Lesson 04: an envelope opened, frames opened in their places, data keys used again."""

import os
from collections import Counter
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .kit import Call, Misconception, exercise

NONCE = 12


@exercise(
    "04-open-envelope",
    "kms, key_id, envelope, context",
    "One call to KMS for 32 bytes, and the data never left your program. The key you named and "
    "the context keep out envelopes that are genuine, but not the one you meant.",
    in_lab=True,
)
def open_envelope(call: Call, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    context = {"document": "minutes", "month": "11"}
    for length in (9000, 40, 0):
        data = os.urandom(length)
        envelope = _sealed(kms, key_id, data, context)
        if call(kms, key_id, envelope, context, returns=bytes, on_error=OPENING) != data:
            raise Misconception(
                "Not the data", "What your function returns is not what was put into the envelope."
            )
    data = b"pay 100 euros to Ada"
    changed = bytearray(_sealed(kms, key_id, data, context))
    changed[-1] ^= 1
    if call.outcome(kms, key_id, bytes(changed), context).error is None:
        raise Misconception(
            "A changed envelope is opened",
            "One bit of the tag was changed, and your function returned all the same.",
        )
    without = _sealed(kms, key_id, data, {})
    if call.outcome(kms, key_id, without, context).error is None:
        raise Misconception(
            "Context tried and left out",
            "An envelope that was made without a context opened where one was asked for.",
        )
    foreign_key = kms.create_key()["KeyMetadata"]["KeyId"]
    foreign = _sealed(kms, foreign_key, data, context)
    if call.outcome(kms, key_id, foreign, context).error is None:
        raise Misconception(
            "The key was not named",
            "Your function also opened an envelope under somebody else's key. A blob names its "
            "key itself, so KMS asks no more, unless you say which key you mean.",
        )


OPENING = {
    "InvalidCiphertextException": Misconception(
        "KMS refuses the key's part",
        "These bytes, this key and this context do not belong together. Is it exactly the "
        "encrypted data key that you send, without the length before it and the nonce behind "
        "it, and does the context go along?",
    ),
    "ValidationException": Misconception(
        "Too much was sent to KMS",
        "KMS opens the data key and nothing else. The data stays with you.",
    ),
    "InvalidTag": Misconception(
        "AES-GCM refuses the data's part",
        "KMS opened the data key. Then what came as nonce or as ciphertext was not. Look again "
        "at where each begins and ends.",
    ),
}


def _sealed(kms: Any, key_id: str, data: bytes, context: dict[str, str]) -> bytes:
    reply = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
    nonce, wrapped = os.urandom(NONCE), reply["CiphertextBlob"]
    sealed = AESGCM(reply["Plaintext"]).encrypt(nonce, data, None)
    return len(wrapped).to_bytes(2) + wrapped + nonce + sealed


@exercise(
    "04-open-frames",
    "data_key, prefix, frames",
    "Every frame opens in its own place only, and only the last one as the last. Cutting off, "
    "exchanging, repeating: all of it is noticed.",
)
def open_frames(call: Call) -> None:
    data_key, prefix = os.urandom(32), os.urandom(7)
    for texts in ([b"pay 10. ", b"pay 20. ", b"pay 30. ", b""], [b"only one"], [b"."] * 300):
        outcome = call.outcome(data_key, prefix, _frames(data_key, prefix, texts))
        if type(outcome.error).__name__ == "InvalidTag":
            raise _misread(call, data_key, prefix, texts)
        opened = call(data_key, prefix, _frames(data_key, prefix, texts), returns=bytes)
        if opened != b"".join(texts):
            raise Misconception(
                "Not the data", "The frames were genuine; what came back is not what was in them."
            )
    texts = [b"pay 10 to A. ", b"pay 20 to B. ", b"pay 30 to C. ", b"pay nobody else."]
    one, two, three, four = _frames(data_key, prefix, texts)
    changed = bytes([two[0] ^ 1]) + two[1:]
    attacks = {
        "A changed frame is opened": ([one, changed, three, four], "One bit of it was changed."),
        "A cut-off file is opened": ([one, two, three], "The last frame was missing."),
        "Nothing at all is opened": ([], "The list was empty. A genuine file has a last frame."),
        "Exchanged frames are opened": ([two, one, three, four], "Frames 0 and 1 were exchanged."),
        "A repeated frame is opened": ([one, two, two, three, four], "Frame 1 came twice."),
        "More after the end is opened": ([one, two, three, four, four], "The last came twice."),
    }
    for name, (frames, words) in attacks.items():
        if call.outcome(data_key, prefix, frames).error is None:
            raise Misconception(name, f"{words} Your function returned, and raised no error.")


def _frames(
    data_key: bytes, prefix: bytes, texts: list[bytes], first: int = 0, order: Any = "big"
) -> list[bytes]:
    aes, end = AESGCM(data_key), len(texts) - 1
    return [
        aes.encrypt(prefix + (first + n).to_bytes(4, order) + bytes([n == end]), text, None)
        for n, text in enumerate(texts)
    ]


def _misread(call: Call, data_key: bytes, prefix: bytes, texts: list[bytes]) -> Misconception:
    """Which other nonce the learner's function reads genuine frames with."""

    def reads(frames: list[bytes]) -> bool:
        return call.outcome(data_key, prefix, frames).value == b"".join(texts)

    aes, end = AESGCM(data_key), len(texts) - 1

    def other(flag: Any) -> list[bytes]:
        return [
            aes.encrypt(prefix + n.to_bytes(4) + bytes([flag(n)]), text, None)
            for n, text in enumerate(texts)
        ]

    if reads(_frames(data_key, prefix, texts, first=1)):
        return Misconception("Counted from 1", "The first frame has the number 0.")
    if reads(_frames(data_key, prefix, texts, order="little")):
        return Misconception(
            "Numbers the wrong way round", "Big-endian: the byte that counts most comes first."
        )
    if reads(other(lambda n: 0)):
        return Misconception(
            "No frame is the last", "The last byte of the nonce is 1 in one frame. In which?"
        )
    if reads(other(lambda n: 1)) or reads(other(lambda n: n != end)):
        return Misconception(
            "The wrong frames are the last", "The last byte of the nonce is 1 in one frame only."
        )
    return Misconception(
        "Genuine frames are refused",
        "AES-GCM says InvalidTag for frames as they were sealed. Is each nonce of 12 bytes put "
        "together as the table says?",
    )


@exercise(
    "04-seal-many",
    "kms, key_id, messages, messages_per_key",
    "Few calls, and a leaked data key opens no more messages than you allowed. The nonce is new "
    "for each message, which matters most where a key is used again.",
    in_lab=True,
)
def seal_many(call: Call, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    for count, per_key in ((7, 3), (4, 1), (3, 10), (6, 3), (0, 5)):
        messages = [b"message %d: " % n + os.urandom(20) for n in range(count)]
        asked = Counter[str]()

        def counted(model: Any, asked: Counter[str] = asked, **_: Any) -> None:
            asked[model.name] += 1

        kms.meta.events.register("before-call.kms", counted)
        try:
            sealed = call(kms, key_id, list(messages), per_key, returns=list)
        finally:
            kms.meta.events.unregister("before-call.kms", counted)
        _check_sealed(kms, key_id, messages, sealed)
        keys = Counter(wrapped for wrapped, _, _ in sealed)
        least = -(-count // per_key)
        if keys and max(keys.values()) > per_key:
            raise Misconception(
                "A data key is used too often",
                f"{max(keys.values())} messages under one data key; {per_key} were allowed.",
            )
        if len(keys) > least or sum(asked.values()) > least:
            raise Misconception(
                "More calls than needed",
                f"{count} messages with {per_key} under a data key take {least} calls to KMS; "
                f"your function made {sum(asked.values())}.",
            )


def _check_sealed(kms: Any, key_id: str, messages: list[bytes], sealed: list[Any]) -> None:
    """That each message opens, with a nonce of its own under its data key."""
    if len(sealed) != len(messages):
        raise Misconception(
            "Not one for each message",
            f"{len(messages)} messages went in, {len(sealed)} came out.",
        )
    used = set()
    for message, parts in zip(messages, sealed, strict=True):
        whole = isinstance(parts, tuple | list) and len(parts) == 3
        if not whole or not all(isinstance(part, bytes) for part in parts):
            raise Misconception(
                "Not three pieces of bytes",
                "Each item has the encrypted data key, the nonce and the ciphertext, all bytes.",
            )
        wrapped, nonce, ciphertext = parts
        if len(wrapped) == 32:
            raise Misconception(
                "Plaintext key stored beside the data",
                "32 bytes: that is the data key itself. Whoever finds it reads the messages.",
            )
        try:
            data_key = kms.decrypt(CiphertextBlob=wrapped, KeyId=key_id)["Plaintext"]
        except kms.exceptions.ClientError as error:
            raise Misconception(
                "KMS does not open the data key",
                "Which member of the reply does KMS open, and which key were you handed?",
            ) from error
        if data_key == message:
            raise Misconception(
                "KMS encrypted the messages themselves",
                "Then each needs a call, to write and to read. Let KMS make data keys.",
            )
        try:
            opened = AESGCM(data_key).decrypt(nonce, ciphertext, None)
        except (InvalidTag, ValueError):
            opened = None
        if opened != message:
            raise Misconception(
                "A message does not open",
                "KMS opens its data key, but with it and its nonce the message does not come back. "
                "Do the three belong together, and are the messages in order?",
            )
        if (data_key, nonce) in used:
            raise Misconception(
                "Nonce reused",
                "Two messages under one data key have one nonce. Whoever knows one of them reads "
                "the other, as lesson 01 showed.",
            )
        used.add((data_key, nonce))
