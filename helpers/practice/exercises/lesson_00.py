"""Lesson 00: reading under a disabled key, a data key beside the data, a deletion taken back."""

import os
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .kit import Call, Misconception, exercise

FILES = ("order.enc", "order.key")


@exercise(
    "00-read-disabled",
    "kms, key_id, ciphertext_blob",
    "A disabled key opens nothing, and whoever may enable it decides again. Naming the key kept "
    "blobs from somebody else's key out.",
    in_lab=True,
)
def read_disabled(call: Call, kms: Any) -> None:
    for length in (1, 40):
        text = os.urandom(length)
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key_id, Plaintext=text)["CiphertextBlob"]
        kms.disable_key(KeyId=key_id)
        plaintext = call(
            kms,
            key_id,
            blob,
            returns=bytes,
            on_error={
                "DisabledException": Misconception(
                    "Decrypted while the key was disabled",
                    "A disabled key does nothing, not even for you. What must happen first?",
                )
            },
        )
        if plaintext != text:
            raise Misconception(
                "Not the plaintext",
                "What your function returns is not what was encrypted. Look at the members of "
                "the reply.",
            )
        state = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        if state == "Enabled":
            raise Misconception(
                "The key was left enabled",
                "Somebody had disabled it for a reason. Leave it as you found it.",
            )
        if state != "Disabled":
            raise Misconception("The key was left in another state", f"It is now {state}.")

    foreign_key = kms.create_key()["KeyMetadata"]["KeyId"]
    foreign = kms.encrypt(KeyId=foreign_key, Plaintext=b"not yours")["CiphertextBlob"]
    if call.outcome(kms, key_id, foreign).value == b"not yours":
        raise Misconception(
            "The key was not named",
            "Your function also decrypted a blob that another key had made. A blob names its "
            "key itself, so KMS asks no more, unless you say which key you mean.",
        )


@exercise(
    "00-files-for-disk",
    "kms, key_id, order",
    "A thief of the disk has nothing: the key that opens the order is on it only encrypted, and "
    "KMS decides who gets it opened. This is envelope encryption, lesson 04.",
    in_lab=True,
)
def files_for_disk(call: Call, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    used = set()
    for length in (50, 50, 5000):
        order = b"order 4711: " + os.urandom(length)
        files = call(
            kms,
            key_id,
            order,
            returns=dict,
            on_error={
                "ValidationException": Misconception(
                    "An order longer than 4,096 bytes",
                    "Encrypt takes no more in one call. Let KMS make the key, and encrypt the "
                    "order yourself.",
                )
            },
        )
        used.add(_opened_by_kms(kms, key_id, order, files))
    if len(used) < 3:
        raise Misconception(
            "One data key for several orders",
            "Whoever learns that one key reads all of them. Ask for a fresh one each time.",
        )


def _opened_by_kms(kms: Any, key_id: str, order: bytes, files: dict[Any, Any]) -> bytes:
    """The data key, if the files are what they should be."""
    wrong = [name for name, value in files.items() if not isinstance(value, bytes)]
    if wrong:
        raise Misconception("A file that is not bytes", f"The value of {wrong[0]!r} is not bytes.")
    if any(order in value for value in files.values()):
        raise Misconception("The order is readable", "A file holds the order in plaintext.")
    if _thief_reads(order, list(files.values())):
        raise Misconception(
            "Plaintext key stored beside the data",
            "Whoever takes the disk takes the key with it, as the thief above did. Only the "
            "encrypted copy may be kept.",
        )
    if set(files) != set(FILES):
        raise Misconception(
            "Other files than asked for",
            f"The dict should have the names {' and '.join(map(repr, FILES))}, and no other.",
        )
    encrypted, stored_key = files["order.enc"], files["order.key"]
    if _decrypted(kms, None, encrypted) == order:
        raise Misconception(
            "KMS encrypted the order itself",
            "Then the data key is of no use, and no order may have more than 4,096 bytes. "
            "Encrypt the order yourself, with AES-GCM.",
        )
    data_key = _decrypted(kms, None, stored_key)
    if data_key is None:
        raise Misconception(
            "The key is lost",
            "KMS can't open 'order.key', so nobody will ever read the order. Which member of the "
            "reply does KMS open?",
        )
    if _decrypted(kms, key_id, stored_key) is None:
        raise Misconception("Another KMS key", "Your function was handed the `key_id` to use.")
    if _gcm(data_key, encrypted[:12], encrypted[12:]) == order:
        return data_key
    if len(encrypted) == len(order) + 16:
        raise Misconception(
            "The nonce is lost",
            "'order.enc' holds the encrypted order alone. Without its nonce nobody decrypts it. "
            "A nonce is no secret.",
        )
    if _gcm(data_key, encrypted[-12:], encrypted[:-12]) == order:
        raise Misconception(
            "Wrong order of the parts", "The nonce comes first, as on the stolen disk above."
        )
    raise Misconception(
        "The stored key does not open the order",
        "KMS opens 'order.key', but what comes out does not decrypt 'order.enc'. Did both come "
        "from the same data key, and did the order?",
    )


def _thief_reads(order: bytes, files: list[bytes]) -> bool:
    """Whether 32 bytes that follow each other somewhere on the disk open a file on it."""
    keys = {value[at : at + 32] for value in files for at in range(max(1, len(value) - 31))}
    keys = {key for key in keys if len(key) == 32}
    sealed = [value for value in files if len(value) >= len(order) + 16]
    for value in sealed:
        splits = [(value[:12], value[12:])] + ([(f, value) for f in files if len(f) == 12])
        if any(_gcm(key, *split) == order for key in keys for split in splits):
            return True
    return False


def _gcm(key: bytes, nonce: bytes, sealed: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, sealed, None)
    except (InvalidTag, ValueError):
        return None


def _decrypted(kms: Any, key_id: str | None, blob: bytes) -> bytes | None:
    """What KMS makes of the blob; None if it refuses."""
    named = {"KeyId": key_id} if key_id else {}
    if not 1 <= len(blob) <= 6144:
        return None
    try:
        plaintext: bytes = kms.decrypt(CiphertextBlob=blob, **named)["Plaintext"]
    except ClientError:
        return None
    return plaintext


@exercise(
    "00-keep-after-all",
    "kms, key_id",
    "Cancelling a deletion leaves the key Disabled, so that nothing starts to use it unnoticed. "
    "A classic in exams, and at night.",
    in_lab=True,
)
def keep_after_all(call: Call, kms: Any) -> None:
    for days in (7, 30):
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
        call(
            kms,
            key_id,
            on_error={
                "KMSInvalidStateException": Misconception(
                    "Not possible in the state PendingDeletion",
                    "A key that waits for its deletion can do one thing only: be kept after all. "
                    "Begin with that.",
                )
            },
        )
        state = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        if state == "PendingDeletion":
            raise Misconception(
                "Still waiting for its deletion", "The key's state is still PendingDeletion."
            )
        if state != "Enabled":
            raise Misconception(
                "Cancelled, but not usable",
                f"The key's state is now {state}. The deletion is off, but it encrypts nothing.",
            )
