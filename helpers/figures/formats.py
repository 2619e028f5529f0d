"""Two formats of encrypted messages part by part: the course's own, and the Encryption SDK's."""

from collections.abc import Sequence

from .envelopes import message_parts
from .picture import Picture

TAG_BYTES = 16
KINDS = {
    "encrypted_data_key": "key",
    "encrypted data key": "key",
    "ciphertext": "ciphertext",
    "commitment": "check",
    "header tag": "check",
    "tag": "check",
}
FILE_REMARKS = {
    "magic": "KMSE: says which format this is",
    "frame_bytes": "plaintext bytes of every frame but the last: {}",
    "salt": "random; data key and salt give the file's own key",
    "nonce_prefix": "random, for the nonces of the frames",
    "encrypted_data_key": "only KMS opens it",
    "encryption_context": "for KMS, in the clear",
    "commitment": "fits this data key and this header only",
}
MESSAGE_REMARKS = {
    "algorithm suite": "0x{hex}: AES-256-GCM, key derivation, key commitment",
    "message ID": "random; salt of the key derivation",
    "context": "for KMS, in the clear",
    "provider": "{text}",
    "key ARN": "{text}",
    "encrypted data key": "the blob of KMS",
    "content type": "{}: in frames",
    "frame length": "plaintext bytes of every frame but the last: {}",
    "commitment": "fits this data key only",
    "header tag": "notices a change in all of the above",
    "last frame follows": "ffffffff",
    "IV": "the nonce: here the frame's number once more",
    "ciphertext": "as long as the plaintext",
    "tag": "notices a change in the frame",
}
LONGEST_TEXT = 46


def framed_file(header: Sequence[tuple[str, int, bytes]], frames: Sequence[int]) -> Picture:
    """Draw a file of ``helpers.envelope``: the header's fields, and the frames by their bytes.

    ``header`` is what ``Header.fields()`` gives: (name, offset, bytes).
    """
    parts = [
        (name.replace("_", " "), len(value), _kind(name), _remark(FILE_REMARKS, name, value))
        for name, _, value in header
    ]
    for number, length in enumerate(frames):
        last = ", the last" if number == len(frames) - 1 else ""
        remark = f"{length - TAG_BYTES:,} of ciphertext, {TAG_BYTES} of tag{last}"
        parts.append((f"frame {number}", length, "ciphertext", remark))
    return message_parts("A file in frames", parts)


def sdk_message(parts: Sequence[tuple[str, bytes]]) -> Picture:
    """Draw a message of the AWS Encryption SDK from its parts, (name, bytes), in order."""
    drawn = [
        (name, len(value), _kind(name), _remark(MESSAGE_REMARKS, name, value))
        for name, value in parts
    ]
    return message_parts("A message of the AWS Encryption SDK", drawn)


def _kind(name: str) -> str:
    return KINDS.get(name, "form")


def _remark(remarks: dict[str, str], name: str, value: bytes) -> str:
    """What to say of a part: its remark, or the number that it is."""
    words = remarks.get(name, "{}")
    text = value.decode(errors="replace") if "{text}" in words else ""
    if len(text) > LONGEST_TEXT:
        text = "…" + text[1 - LONGEST_TEXT :]
    number = int.from_bytes(value[:8])  # what is longer is no number, and no remark shows it
    return words.format(f"{number:,}", hex=value.hex(), text=text)
