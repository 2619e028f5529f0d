"""Large data under one data key, in authenticated frames.

A sealed message is a header, then frames. Integers are big-endian:

    offset    bytes  field
         0        4  magic, the letters KMSE
         4        1  format version, 1
         5        4  f, the plaintext bytes of every frame but the last
         9       32  salt, random for each message
        41        7  nonce prefix, random for each message
        48        2  k, the length of the encrypted data key
        50        2  c, the length of the encryption context
        52        k  encrypted data key, as KMS gave it
      52+k        c  encryption context: the pairs sorted, of each pair name and value in UTF-8,
                     each after its length in 2 bytes
    52+k+c       32  key commitment
    84+k+c     f+16  frame 0: ciphertext of f bytes, and its tag
       ...           frames 1, 2 and so on; the last holds what is left, 0 to f bytes, and its tag

HKDF-SHA-256 makes 64 bytes from the data key, with the salt, and as info every byte of the header
before the commitment. The first 32 are the message key, the other 32 the key commitment. So
another data key or one other byte in the header gives another commitment. It is compared, in
constant time, before anything is decrypted: no message opens under two keys.

Each frame is AES-256-GCM under the message key. No additional data: the key depends on the whole
header already. The nonce says where the frame belongs:

    offset    bytes  field
         0        7  nonce prefix
         7        4  number of the frame, from 0
        11        1  1 for the last frame, else 0

This is the STREAM construction: a frame is authentic only in its own place in its own message, and
no other than the last ends it. The salt gives each message a key of its own, so that one data key
may seal many messages and no nonce comes twice under one key. Overhead: 84+k+c bytes, and 16 for
each frame.

No byte of a frame is written before the frame is authenticated. But a fault is found when its frame
is reached, and THE FRAMES BEFORE IT ARE WRITTEN BY THEN. So write to a temporary file, and rename
it when `open_stream` has returned. `open` returns everything or nothing.

Sources: Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance" (STREAM); RFC 5869 (HKDF); NIST SP 800-38D (GCM).
"""

import os
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import SEEK_END, BytesIO
from itertools import accumulate
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"KMSE"
VERSION = 1
FIXED = struct.Struct(">4s B I 32s 7s H H")  # the first 52 bytes of the header
KEY_BYTES = 32
SALT_BYTES = 32
PREFIX_BYTES = 7
COMMITMENT_BYTES = 32
TAG_BYTES = 16
SMALL_FRAME = 4 << 10
LARGE_FRAME = 256 << 10  # read and result together stay in the cache of one core
MAX_FRAME = 16 << 20
MAX_FRAMES = 1 << 32
MAX_ENCRYPTED_KEY = 6144  # the longest CiphertextBlob that Decrypt takes
MAX_CONTEXT = 8192  # bytes, with the lengths

Unwrap = Callable[[bytes, dict[str, str]], bytes]
Crypt = Callable[[int, bool, memoryview, memoryview], None]


class Damaged(Exception):
    """What was read is not what was sealed; the message says what is wrong."""


@dataclass(frozen=True)
class Header:
    """The clear, authenticated beginning of a sealed message."""

    version: int
    frame_bytes: int
    salt: bytes
    nonce_prefix: bytes
    encrypted_data_key: bytes
    encryption_context: dict[str, str]
    commitment: bytes = b""

    def fields(self) -> list[tuple[str, int, bytes]]:
        """Name, offset and bytes of each field, in order."""
        context = _context_bytes(self.encryption_context)
        values = {
            "magic": MAGIC,
            "version": self.version.to_bytes(1),
            "frame_bytes": self.frame_bytes.to_bytes(4),
            "salt": self.salt,
            "nonce_prefix": self.nonce_prefix,
            "encrypted_data_key_length": len(self.encrypted_data_key).to_bytes(2),
            "encryption_context_length": len(context).to_bytes(2),
            "encrypted_data_key": self.encrypted_data_key,
            "encryption_context": context,
            "commitment": self.commitment,
        }
        offsets = accumulate(map(len, values.values()), initial=0)
        return list(zip(values, offsets, values.values(), strict=False))

    def to_bytes(self) -> bytes:
        return b"".join(value for _, _, value in self.fields())

    def derive(self, data_key: bytes) -> tuple[bytes, bytes]:
        """The message key and the key commitment, 32 bytes each."""
        info = replace(self, commitment=b"").to_bytes()
        derived = HKDF(SHA256(), KEY_BYTES + COMMITMENT_BYTES, self.salt, info).derive(data_key)
        return derived[:KEY_BYTES], derived[KEY_BYTES:]

    def nonce(self, number: int, last: bool) -> bytes:
        """The nonce of a frame, 12 bytes."""
        return self.nonce_prefix + number.to_bytes(4) + bytes([last])


def seal_stream(
    source: BinaryIO,
    target: BinaryIO,
    *,
    data_key: bytes,
    encrypted_data_key: bytes,
    encryption_context: Mapping[str, str] | None = None,
    frame_bytes: int | None = None,
) -> None:
    """Encrypt ``source``, from where it stands to its end, to ``target``.

    ``data_key`` is 32 bytes, ``encrypted_data_key`` the same as KMS encrypted it, under
    ``encryption_context``. Without ``frame_bytes`` (1 to 16 MiB) up to 256 KiB is one frame, and
    more, or a source that can't tell its size, has frames of 256 KiB. Memory: two frames.
    Raises ValueError or TypeError for an argument that can't be, before anything is written.
    """
    _check_binary(source)
    _check_data_key(data_key)
    if not isinstance(encrypted_data_key, bytes):
        raise TypeError("encrypted_data_key must be bytes: KMS's CiphertextBlob, without base64")
    context = dict(encryption_context or {})
    frame_bytes = _suitable_frame(source) if frame_bytes is None else frame_bytes
    for what, value, low, high in (
        ("bytes in encrypted_data_key", len(encrypted_data_key), 1, MAX_ENCRYPTED_KEY),
        ("bytes in encryption_context", len(_context_bytes(context)), 0, MAX_CONTEXT),
        ("frame_bytes", frame_bytes, 1, MAX_FRAME),
    ):
        if not low <= value <= high:
            raise ValueError(f"{what}: {value:,} is not in the range {low} to {high:,}")
    salt, prefix = os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES)
    header = Header(VERSION, frame_bytes, salt, prefix, encrypted_data_key, context)
    message_key, commitment = header.derive(data_key)
    _write(target, replace(header, commitment=commitment).to_bytes())
    aead = AESGCM(message_key)

    def encrypt(number: int, last: bool, piece: memoryview, result: memoryview) -> None:
        aead.encrypt_into(header.nonce(number, last), piece, None, result)

    _each_frame(source, target, frame_bytes, TAG_BYTES, encrypt)


def open_stream(source: BinaryIO, target: BinaryIO, unwrap: Unwrap) -> dict[str, str]:
    """Decrypt ``source`` to ``target`` and return the encryption context.

    ``unwrap(encrypted_data_key, encryption_context)`` returns the data key, as KMS's Decrypt
    does. Both arguments come from the header and are not authenticated yet: this is the place to
    compare the context with what it should be. Raises what ``unwrap`` raises, and Damaged;
    whole frames may have been written by then.
    """
    header = read_header(source)
    data_key = unwrap(header.encrypted_data_key, dict(header.encryption_context))
    _check_data_key(data_key)
    message_key, commitment = header.derive(data_key)
    if not bytes_eq(commitment, header.commitment):
        raise Damaged("The key commitment differs: the header was changed, or the key is another.")
    aead = AESGCM(message_key)

    def decrypt(number: int, last: bool, piece: memoryview, result: memoryview) -> None:
        try:
            aead.decrypt_into(header.nonce(number, last), piece, None, result)
        except InvalidTag:
            raise Damaged(_fault(aead, header, number, last, piece)) from None

    _each_frame(source, target, header.frame_bytes + TAG_BYTES, -TAG_BYTES, decrypt)
    return header.encryption_context


def seal(plaintext: bytes, **arguments) -> bytes:
    """Encrypt bytes; the arguments are those of `seal_stream`."""
    target = BytesIO()
    seal_stream(BytesIO(plaintext), target, **arguments)
    return target.getvalue()


def open(sealed: bytes, unwrap: Unwrap) -> bytes:
    """Decrypt bytes: all of them, or Damaged."""
    target = BytesIO()
    open_stream(BytesIO(sealed), target, unwrap)
    return target.getvalue()


def read_header(source: BinaryIO) -> Header:
    """Read the header, and leave ``source`` at frame 0. Nothing is authenticated yet."""
    _check_binary(source)
    raw = _read(source, FIXED.size)
    magic, version, frame_bytes, salt, prefix, key_length, context_length = FIXED.unpack(raw)
    if magic != MAGIC:
        raise Damaged("This is not a sealed message: it doesn't begin with KMSE.")
    if version != VERSION:
        raise Damaged(f"The header says version {version}; this module reads version {VERSION}.")
    possible = 1 <= key_length <= MAX_ENCRYPTED_KEY and context_length <= MAX_CONTEXT
    if not (possible and 1 <= frame_bytes <= MAX_FRAME):
        raise Damaged("The header was changed: a length in it is out of range.")
    encrypted_data_key = _read(source, key_length)
    context, commitment = _read(source, context_length), _read(source, COMMITMENT_BYTES)
    pairs = _context(context)
    header = Header(version, frame_bytes, salt, prefix, encrypted_data_key, pairs, commitment)
    # Pairs in another order, or one twice, would read as the same context: one form alone counts.
    if header.to_bytes() != raw + encrypted_data_key + context + commitment:
        raise Damaged("The header was changed: its encryption context is not in order.")
    return header


def _each_frame(source: BinaryIO, target: BinaryIO, size: int, growth: int, crypt: Crypt) -> None:
    """Read pieces of ``size`` bytes and write what ``crypt`` makes of them, frame by frame."""
    for number, (piece, last) in enumerate(_pieces(source, size)):
        if number == MAX_FRAMES:
            raise ValueError("The payload has more than 2**32 frames: seal it with larger ones.")
        if len(piece) + growth < 0:
            raise Damaged(f"The message is truncated: frame {number} is missing or cut off.")
        if number == 0:  # the first frame is the largest; its memory serves for all
            memory = memoryview(bytearray(len(piece) + growth))
        result = memory[: len(piece) + growth]
        crypt(number, last, piece, result)
        _write(target, result)


def _fault(aead: AESGCM, header: Header, number: int, last: bool, piece: memoryview) -> str:
    """Why a frame is not authentic: is it in another place of this message, at most 64 away?"""

    def belongs(place: int, as_last: bool) -> bool:
        try:
            aead.decrypt(header.nonce(place, as_last), piece, None)
        except InvalidTag:
            return False
        return True

    if belongs(number, not last):
        if last:
            return f"The message is truncated: frame {number} is not its last, but nothing follows."
        return f"Something was added: frame {number} is the message's last, but more follows."
    for place in range(max(0, number - 64), min(number + 65, MAX_FRAMES)):
        if belongs(place, False) or belongs(place, True):
            return (
                f"Frame {place} stands in the place of frame {number}:"
                " frames were reordered, repeated or left out."
            )
    return f"Frame {number} was changed or cut, or it belongs to another message."


def _pieces(source: BinaryIO, size: int) -> Iterator[tuple[memoryview, bool]]:
    """Pieces of ``size`` bytes and whether each is the last, which may be shorter or empty.

    They share their memory: each is good until the next.
    """
    if type(source) is BytesIO:  # in memory already: nothing is copied
        whole = memoryview(source.getvalue())[source.tell() :]
        source.seek(0, SEEK_END)
        for start in range(0, len(whole) or 1, size):
            yield whole[start : start + size], start + size >= len(whole)
        return
    memory, have = memoryview(bytearray(size + 1)), 0
    while True:  # one byte more is read than a piece has: is there another?
        have += _fill(source, memory[have:])
        yield memory[: min(have, size)], have <= size
        if have <= size:
            return
        memory[0], have = memory[size], 1


def _fill(source: BinaryIO, memory: memoryview) -> int:
    """Read until ``memory`` is full or the source ends, however little comes at a time."""
    done = 0
    while done < len(memory) and (count := source.readinto(memory[done:])) != 0:
        if count is None:
            raise BlockingIOError("the source has nothing yet: a non-blocking one can't be used")
        done += count
    return done


def _read(source: BinaryIO, size: int) -> bytes:
    memory = bytearray(size)
    if _fill(source, memoryview(memory)) < size:
        raise Damaged("The message is truncated: it ends within the header.")
    return bytes(memory)


def _write(target: BinaryIO, data: bytes | memoryview) -> None:
    """Write everything, even to a target that takes a part at a time."""
    data = memoryview(data)
    while data:
        if not (count := target.write(data)):
            raise BlockingIOError("the target takes no more: a non-blocking one can't be used")
        data = data[count:]


def _suitable_frame(source: BinaryIO) -> int:
    if not source.seekable():
        return LARGE_FRAME
    start = source.tell()
    size = source.seek(0, SEEK_END) - start
    source.seek(start)
    return LARGE_FRAME if size > LARGE_FRAME else max(SMALL_FRAME, size)


def _check_binary(source: BinaryIO) -> None:
    if not hasattr(source, "readinto"):
        raise TypeError("the source must give bytes, with readinto: open a file with mode 'rb'")


def _check_data_key(data_key: bytes) -> None:
    if not isinstance(data_key, bytes):
        raise TypeError("the data key must be bytes: KMS's Plaintext, without base64")
    if len(data_key) != KEY_BYTES:
        raise ValueError(f"the data key has {len(data_key)} bytes, not {KEY_BYTES} (AES_256)")


def _context_bytes(context: Mapping[str, str]) -> bytes:
    try:
        pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
        return b"".join(len(text).to_bytes(2) + text for pair in pairs for text in pair)
    except AttributeError:
        raise TypeError("encryption_context must map str to str") from None
    except (UnicodeEncodeError, OverflowError):
        raise ValueError("encryption_context: a text is over 65,535 bytes or not UTF-8") from None


def _context(raw: bytes) -> dict[str, str]:
    texts = []
    while raw:
        end = 2 + int.from_bytes(raw[:2])
        texts.append(raw[2:end])
        raw = raw[end:]
    try:
        words = [text.decode() for text in texts]
    except UnicodeDecodeError:
        raise Damaged("The header was changed: its encryption context is not UTF-8.") from None
    return dict(zip(words[::2], words[1::2], strict=False))
