"""The bytes of an object at rest: frames of AES-256-GCM under the object's data key.

AWS doesn't publish its format. This one keeps its promises: nothing of the plaintext is at rest,
a changed byte is noticed, a range is read without reading the rest.

A body's own key comes from the data key and a random salt (HKDF-SHA-256), so that a data key may
serve several bodies: the parts of an upload, the objects of one customer's key. The nonce of a
frame is its number and whether it is the last one, so that no frame can be moved, left out or
cut off. With two data keys (DSSE-KMS) every frame is encrypted twice.
Source: RFC 5869 (HKDF); NIST SP 800-38D (GCM); Hoang, Reyhanitabar, Rogaway and Vizár,
"Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (STREAM).
"""

import mmap
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..envelopes import Damaged

FRAME_BYTES = 1 << 20
TAG_BYTES = 16
SALT_BYTES = 32
WINDOW_FRAMES = 8
# Bodies up to this size are kept in memory, larger ones in a temporary file.
MEMORY_BYTES = 1 << 22

Buffer = bytes | bytearray | memoryview


class Body:
    """One plaintext at rest: ``size`` is the plaintext's, ``layers`` how often it is encrypted."""

    def __init__(self, salt: bytes, layers: int) -> None:
        self.salt = salt
        self.layers = layers
        self.size = 0
        self._file: Any = BytesIO()

    @property
    def frame_count(self) -> int:
        return max(1, -(-self.size // FRAME_BYTES))

    @property
    def stored_bytes(self) -> int:
        """How many bytes lie at rest."""
        return self.size + self.frame_count * self.layers * TAG_BYTES

    def append(self, frame: bytes) -> None:
        """Put a frame behind the others; what gets large goes on the disk."""
        if self._in_memory and self._file.tell() + len(frame) > MEMORY_BYTES:
            kept, self._file = self._file, TemporaryFile()  # noqa: SIM115
            self._file.write(kept.getbuffer())
        self._file.write(frame)

    def frames(self, first: int, stop: int) -> Iterator[memoryview]:
        """Some frames as they lie at rest, not copied; of a file a few are looked at at a time."""
        stored = FRAME_BYTES + self.layers * TAG_BYTES
        for number in range(first, stop, WINDOW_FRAMES):
            begin, end = number * stored, min(stop, number + WINDOW_FRAMES) * stored
            with self._looked_at(begin, min(end, self.stored_bytes)) as view:
                for start in range(0, len(view), stored):
                    with view[start : start + stored] as frame:
                        yield frame

    @contextmanager
    def _looked_at(self, begin: int, end: int) -> Iterator[memoryview]:
        if self._in_memory:
            with self._file.getbuffer() as whole, whole[begin:end] as view:
                yield view
            return
        self._file.flush()
        skipped = begin % mmap.ALLOCATIONGRANULARITY
        with (
            mmap.mmap(
                self._file.fileno(),
                end - begin + skipped,
                access=mmap.ACCESS_READ,
                offset=begin - skipped,
            ) as mapped,
            memoryview(mapped) as whole,
            whole[skipped:] as view,
        ):
            yield view

    def at_rest(self) -> bytes:
        """A copy of all that lies at rest."""
        return b"".join(bytes(frame) for frame in self.frames(0, self.frame_count))

    def damage(self, position: int, byte: int) -> None:
        """Change one byte at rest, as a failing disk would."""
        self._file.seek(position)
        self._file.write(bytes([byte]))
        self._file.flush()

    def close(self) -> None:
        """Throw the bytes away."""
        self._file.close()

    __del__ = close

    @property
    def _in_memory(self) -> bool:
        return isinstance(self._file, BytesIO)


def seal(keys: Sequence[bytes], plaintext: Iterable[Buffer]) -> Body:
    """Encrypt a plaintext that comes in pieces, under one data key or two."""
    body = Body(os.urandom(SALT_BYTES), len(keys))
    ciphers = _ciphers(keys, body.salt)
    number, waiting = 0, b""
    try:
        for frame in _frames(plaintext):
            if number:
                body.append(_encrypt(ciphers, number - 1, False, waiting))
            number, waiting = number + 1, frame
            body.size += len(frame)
        body.append(_encrypt(ciphers, max(number - 1, 0), True, waiting))
    except BaseException:
        body.close()
        raise
    return body


def unseal(
    keys: Sequence[bytes], body: Body, start: int = 0, stop: int | None = None
) -> Iterator[bytes]:
    """Decrypt the bytes from ``start`` up to ``stop``, in pieces. Raises Damaged."""
    stop = body.size if stop is None else min(stop, body.size)
    for begin in range(start, max(stop, start + 1), FRAME_BYTES):
        piece = bytearray(max(min(begin + FRAME_BYTES, stop) - begin, 0))
        unseal_into(memoryview(piece), keys, body, begin)
        yield bytes(piece)


def unseal_into(target: memoryview, keys: Sequence[bytes], body: Body, start: int) -> None:
    """Fill ``target`` with the plaintext from ``start`` on. Raises Damaged.

    A frame is decrypted where it is wanted; only of the first and last one there may be more
    than is wanted. An empty body is looked at all the same.
    """
    ciphers = _ciphers(keys, body.salt)
    last = body.frame_count - 1
    first, skipped = divmod(start, FRAME_BYTES)
    stop = min((start + max(len(target), 1) - 1) // FRAME_BYTES, last) + 1
    done = 0
    for number, frame in enumerate(body.frames(first, stop), first):
        size = FRAME_BYTES if number < last else body.size - last * FRAME_BYTES
        if len(frame) != size + body.layers * TAG_BYTES:
            raise Damaged
        wanted = min(size - skipped, len(target) - done)
        if wanted == size:
            with target[done : done + size] as place:
                _decrypt(ciphers, number, number == last, frame, place)
        else:
            whole = bytearray(size)
            _decrypt(ciphers, number, number == last, frame, memoryview(whole))
            target[done : done + wanted] = whole[skipped : skipped + wanted]
        done, skipped, first = done + wanted, 0, number + 1
    if first != stop:
        raise Damaged


def _ciphers(keys: Sequence[bytes], salt: bytes) -> list[AESGCM]:
    return [
        AESGCM(HKDF(SHA256(), 32, salt, b"S3 object, layer %d" % layer).derive(key))
        for layer, key in enumerate(keys)
    ]


def _frames(plaintext: Iterable[Buffer]) -> Iterator[Buffer]:
    """The same bytes in frames of equal size; only the last one may be shorter."""
    rest = bytearray()
    for piece in plaintext:
        view = memoryview(piece)
        if rest:
            missing = FRAME_BYTES - len(rest)
            rest += view[:missing]
            view = view[missing:]
            if len(rest) < FRAME_BYTES:
                continue
            yield bytes(rest)
            rest.clear()
        whole = len(view) - len(view) % FRAME_BYTES
        for start in range(0, whole, FRAME_BYTES):
            yield view[start : start + FRAME_BYTES]
        rest += view[whole:]
    if rest:
        yield bytes(rest)


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")


def _encrypt(ciphers: Sequence[AESGCM], number: int, is_last: bool, frame: Buffer) -> bytes:
    nonce = _nonce(number, is_last)
    for cipher in ciphers:
        frame = cipher.encrypt(nonce, frame, None)
    return bytes(frame)


def _decrypt(
    ciphers: Sequence[AESGCM], number: int, is_last: bool, frame: memoryview, target: memoryview
) -> None:
    nonce = _nonce(number, is_last)
    try:
        for cipher in reversed(ciphers[1:]):
            frame = memoryview(cipher.decrypt(nonce, frame, None))
        ciphers[0].decrypt_into(nonce, frame, None, target)
    except InvalidTag as error:
        raise Damaged from error
