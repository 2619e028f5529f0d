"""An encrypted message in the format of the AWS Encryption SDK, made of one value.

Parameter Store keeps a large value as such a message. AWS doesn't say with which algorithm
suite; here it is the SDK's 0x0478: AES-256-GCM under a key that HKDF-SHA-512 derives from the
data key, with key commitment and without a signature. All of the value is one frame.
Source: AWS Encryption SDK Developer Guide, "Message format reference", "Algorithms reference".
"""

import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..envelopes import Ask, Damaged

VERSION, SUITE, FRAMED = b"\x02", b"\x04\x78", b"\x02"
PROVIDER = b"aws-kms"
FRAME_BYTES = 8192
MESSAGE_ID_BYTES = COMMITMENT_BYTES = 32
IV_BYTES, TAG_BYTES = 12, 16
# Every key is used for one header and one frame, so counting from 0 repeats no IV.
HEADER_IV, FIRST = bytes(IV_BYTES), (1).to_bytes(4)
FRAME_IV = (1).to_bytes(IV_BYTES)
LAST_FRAME = b"\xff\xff\xff\xff"


@dataclass(frozen=True)
class Message:
    """A message taken apart. ``header`` is all that ``header_tag`` authenticates."""

    encryption_context: dict[str, str]
    key_arn: str
    encrypted_data_key: bytes
    message_id: bytes
    commitment: bytes
    header: bytes
    header_tag: bytes
    ciphertext: bytes


def seal(
    ask: Ask, key_id: str, plaintext: bytes, encryption_context: dict[str, str]
) -> tuple[bytes, str]:
    """Encrypt under a new data key: the message, and the key's ARN. Raises what ``ask`` raises."""
    request = {"KeyId": key_id, "KeySpec": "AES_256", "EncryptionContext": encryption_context}
    data_key = ask("GenerateDataKey", request)
    message_id = os.urandom(MESSAGE_ID_BYTES)
    key, commitment = _derive(data_key["Plaintext"], message_id)
    pairs = [_sized(part.encode()) for pair in sorted(encryption_context.items()) for part in pair]
    context = len(encryption_context).to_bytes(2) + b"".join(pairs)
    named = (PROVIDER, data_key["KeyId"].encode(), data_key["CiphertextBlob"])
    header = b"".join(
        (
            VERSION,
            SUITE,
            message_id,
            _sized(context),
            (1).to_bytes(2),
            *map(_sized, named),
            FRAMED,
            FRAME_BYTES.to_bytes(4),
            commitment,
        )
    )
    header_tag = AESGCM(key).encrypt(HEADER_IV, b"", header)
    size = len(plaintext)
    body = AESGCM(key).encrypt(FRAME_IV, plaintext, _frame_data(message_id, size))
    frame = LAST_FRAME + FIRST + FRAME_IV + size.to_bytes(4) + body
    return header + header_tag + frame, data_key["KeyId"]


def unseal(ask: Ask, message: bytes, encryption_context: dict[str, str]) -> bytes:
    """Decrypt. Raises what ``ask`` raises, and Damaged if this is not what was put there."""
    parts = split(message)
    if parts.encryption_context != encryption_context:
        raise Damaged("the message is of another parameter")
    request = {
        "CiphertextBlob": parts.encrypted_data_key,
        "EncryptionContext": encryption_context,
    }
    key, commitment = _derive(ask("Decrypt", request)["Plaintext"], parts.message_id)
    if not hmac.compare_digest(commitment, parts.commitment):
        raise Damaged("the key is not the one that the message commits to")
    size = len(parts.ciphertext) - TAG_BYTES
    try:
        AESGCM(key).decrypt(HEADER_IV, parts.header_tag, parts.header)
        return AESGCM(key).decrypt(FRAME_IV, parts.ciphertext, _frame_data(parts.message_id, size))
    except InvalidTag as error:
        raise Damaged("the message does not authenticate") from error


def split(message: bytes) -> Message:
    """Take a message of ``seal`` apart. Raises Damaged for anything else."""
    reader = _Reader(message)
    reader.expect(VERSION + SUITE)
    message_id = reader.take(MESSAGE_ID_BYTES)
    context = _Reader(reader.sized())
    try:
        pairs = [
            (context.sized().decode(), context.sized().decode()) for _ in range(context.number(2))
        ]
        context.end()
        reader.expect((1).to_bytes(2) + _sized(PROVIDER))
        key_arn = reader.sized().decode()
    except UnicodeDecodeError as error:
        raise Damaged("the message holds bytes where text was") from error
    encrypted_data_key = reader.sized()
    reader.expect(FRAMED + FRAME_BYTES.to_bytes(4))
    commitment = reader.take(COMMITMENT_BYTES)
    header = reader.read
    header_tag = reader.take(TAG_BYTES)
    reader.expect(LAST_FRAME + FIRST + FRAME_IV)
    ciphertext = reader.take(reader.number(4) + TAG_BYTES)
    reader.end()
    return Message(
        dict(pairs),
        key_arn,
        encrypted_data_key,
        message_id,
        commitment,
        header,
        header_tag,
        ciphertext,
    )


class _Reader:
    """Bytes, read from left to right."""

    def __init__(self, content: bytes) -> None:
        self._content, self._place = content, 0

    @property
    def read(self) -> bytes:
        """All that was read so far."""
        return self._content[: self._place]

    def take(self, count: int) -> bytes:
        taken = self._content[self._place : self._place + count]
        if len(taken) < count:
            raise Damaged("the message is cut off")
        self._place += count
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count))

    def sized(self) -> bytes:
        return self.take(self.number(2))

    def expect(self, constant: bytes) -> None:
        if self.take(len(constant)) != constant:
            raise Damaged("the message has another form")

    def end(self) -> None:
        if self._place != len(self._content):
            raise Damaged("the message goes on after its end")


def _derive(data_key: bytes, message_id: bytes) -> tuple[bytes, bytes]:
    """The key that encrypts, and the one that commits to the data key."""

    def derive(info: bytes) -> bytes:
        return HKDF(SHA512(), length=32, salt=message_id, info=info).derive(data_key)

    return derive(SUITE + b"DERIVEKEY"), derive(b"COMMITKEY")


def _frame_data(message_id: bytes, size: int) -> bytes:
    return message_id + b"AWSKMSEncryptionClient Final Frame" + FIRST + size.to_bytes(8)


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(2) + content
