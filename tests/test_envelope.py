"""Frames under one data key: what was sealed opens, and nothing else does."""

import hashlib
import hmac
import io
import os
import re
import tempfile
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import envelope, lab
from helpers.envelope import Damaged

DATA_KEY = bytes(range(32))
ENCRYPTED = b"as KMS encrypted it"
CONTEXT = {"recipe": "soup", "cook": "Ada"}
MIB = 1 << 20
LARGE = 256 << 10

contexts = st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=4)


def unwrap(encrypted_data_key: bytes, encryption_context: dict[str, str]) -> bytes:
    return DATA_KEY


def seal(plaintext: bytes, frame_bytes: int | None = 16, **others: Any) -> bytes:
    arguments: dict[str, Any] = {
        "data_key": DATA_KEY,
        "encrypted_data_key": ENCRYPTED,
        "encryption_context": CONTEXT,
        "frame_bytes": frame_bytes,
    }
    return envelope.seal(plaintext, **(arguments | others))


def split(sealed: bytes) -> tuple[bytes, list[bytes]]:
    """The header's bytes, and the frames."""
    source = io.BytesIO(sealed)
    size = envelope.read_header(source).frame_bytes + 16
    start = source.tell()
    return sealed[:start], [sealed[at : at + size] for at in range(start, len(sealed), size)]


def fault(sealed: bytes, plaintext: bytes | None = None, frame_bytes: int = 16) -> str:
    """What Damaged says; what came out before is whole frames from the beginning."""
    target = io.BytesIO()
    with pytest.raises(Damaged) as caught:
        envelope.open_stream(io.BytesIO(sealed), target, unwrap)
    released = target.getvalue()
    assert len(released) % frame_bytes == 0
    if plaintext is not None:
        assert plaintext.startswith(released)
    return str(caught.value)


@given(st.binary(max_size=200), st.integers(1, 70), st.binary(min_size=1, max_size=40), contexts)
def test_what_was_sealed_opens(
    plaintext: bytes, frame_bytes: int, encrypted: bytes, context: dict[str, str]
) -> None:
    sealed = seal(plaintext, frame_bytes, encrypted_data_key=encrypted, encryption_context=context)
    asked = []

    def ask(*arguments: Any) -> bytes:
        asked.append(arguments)
        return DATA_KEY

    target = io.BytesIO()
    assert envelope.open_stream(io.BytesIO(sealed), target, ask) == context
    assert asked == [(encrypted, context)]
    assert target.getvalue() == plaintext == envelope.open(sealed, unwrap)
    header, frames = split(sealed)
    assert len(frames) == max(1, -(-len(plaintext) // frame_bytes))
    assert len(sealed) == len(plaintext) + len(header) + 16 * len(frames)


@given(st.binary(max_size=80), st.integers(1, 40), st.data())
def test_no_byte_can_change(plaintext: bytes, frame_bytes: int, data: st.DataObject) -> None:
    sealed = bytearray(seal(plaintext, frame_bytes))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    fault(bytes(sealed), plaintext, frame_bytes)


@given(st.binary(max_size=80), st.integers(1, 40), st.data())
def test_nothing_can_be_cut_off_or_put_in(
    plaintext: bytes, frame_bytes: int, data: st.DataObject
) -> None:
    sealed = seal(plaintext, frame_bytes)
    at = data.draw(st.integers(0, len(sealed)))
    assume(at < len(sealed))
    fault(sealed[:at], plaintext, frame_bytes)
    more = data.draw(st.binary(min_size=1, max_size=40))
    for changed in (sealed[:at] + more + sealed[at:], sealed + more):
        fault(changed, plaintext, frame_bytes)
    until = data.draw(st.integers(at + 1, len(sealed)))
    fault(sealed[:at] + sealed[until:], plaintext, frame_bytes)


@given(st.binary(max_size=80), st.integers(1, 40), st.data())
def test_frames_have_one_order(plaintext: bytes, frame_bytes: int, data: st.DataObject) -> None:
    sealed = seal(plaintext, frame_bytes)
    header, frames = split(sealed)
    changed = header + b"".join(data.draw(st.lists(st.sampled_from(frames), max_size=8)))
    assume(changed != sealed)
    fault(changed, plaintext, frame_bytes)


@given(st.binary(max_size=80), st.integers(1, 40), st.data())
def test_frames_of_another_message_under_the_same_data_key(
    plaintext: bytes, frame_bytes: int, data: st.DataObject
) -> None:
    header, frames = split(seal(plaintext, frame_bytes))
    other_header, other_frames = split(seal(plaintext, frame_bytes))
    assert header != other_header
    fault(header + b"".join(other_frames), plaintext, frame_bytes)
    at = data.draw(st.integers(0, len(frames) - 1))
    frames[at] = other_frames[at]
    assert "another message" in fault(header + b"".join(frames), plaintext, frame_bytes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h, f: h, "truncated: frame 0 is missing"),
        (lambda h, f: h[:-1], "truncated: it ends within the header"),
        (lambda h, f: b"", "truncated: it ends within the header"),
        (lambda h, f: b"x" * 200, "not a sealed message"),
        (lambda h, f: h[:4] + b"\x02" + h[5:], "version 2; this module reads version 1"),
        (lambda h, f: h[:5] + bytes(4) + h[9:], "a length in it is out of range"),
        (lambda h, f: h[:5] + b"\xff" + h[6:], "a length in it is out of range"),
        (lambda h, f: h[:48] + b"\xff" + h[49:], "a length in it is out of range"),
        (lambda h, f: h[:50] + b"\xff" + h[51:], "a length in it is out of range"),
        (lambda h, f: h.replace(b"Ada", b"Eve") + b"".join(f), "key commitment differs"),
        (lambda h, f: h.replace(b"Ada", b"A\xff\xff") + b"".join(f), "not UTF-8"),
        (lambda h, f: h.replace(b"KMS enc", b"kms enc") + b"".join(f), "key commitment differs"),
        (lambda h, f: h[:-1] + bytes([h[-1] ^ 1]) + b"".join(f), "key commitment differs"),
        (lambda h, f: h + b"".join(f[:-1]), "truncated: frame 2 is not its last"),
        (lambda h, f: h + b"".join(f)[:-1], "Frame 3 was changed or cut"),
        (lambda h, f: h + b"".join(f[:3]) + f[3][:15], "truncated: frame 3 is missing or cut"),
        (lambda h, f: h + f[0] + f[2] + f[1] + f[3], "Frame 2 stands in the place of frame 1"),
        (lambda h, f: h + b"".join(f[1:]), "Frame 1 stands in the place of frame 0"),
        (lambda h, f: h + f[0] + b"".join(f), "Frame 0 stands in the place of frame 1"),
        (lambda h, f: h + b"".join(f) + f[3], "frame 3 is the message's last, but more follows"),
        (lambda h, f: h + f[3], "Frame 3 stands in the place of frame 0"),
    ],
)
def test_the_fault_is_named(change: Any, message: str) -> None:
    plaintext = bytes(range(64))
    assert message in fault(change(*split(seal(plaintext))), plaintext)


def test_the_context_has_one_form() -> None:
    """Pairs in another order, or an odd text that reading would drop, are a changed header."""
    sealed = seal(b"", encryption_context={"a": "b", "c": "d"}, encrypted_data_key=b"\0\1x")
    pairs = b"\0\1a\0\1b", b"\0\1c\0\1d"
    assert b"".join(pairs) in sealed
    assert "not in order" in fault(sealed.replace(b"".join(pairs), pairs[1] + pairs[0]))
    longer = sealed[:51] + bytes([sealed[51] + 3]) + sealed[52:]
    assert "not in order" in fault(longer.replace(pairs[0], b"\0\1x" + pairs[0]))


@given(st.binary(min_size=32, max_size=32))
def test_another_key_is_found_before_anything_is_decrypted(other: bytes) -> None:
    assume(other != DATA_KEY)
    sealed, target = seal(b"secret"), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "AESGCM", None)
        with pytest.raises(Damaged, match="or the key is another"):
            envelope.open_stream(io.BytesIO(sealed), target, lambda *_: other)
    assert not target.getvalue()


def hkdf(salt: bytes, key: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, 64 bytes: extract, then expand twice."""
    extracted = hmac.digest(salt, key, hashlib.sha256)
    first = hmac.digest(extracted, info + b"\x01", hashlib.sha256)
    return first + hmac.digest(extracted, first + info + b"\x02", hashlib.sha256)


def by_hand(plaintext: bytes, salt: bytes, prefix: bytes) -> bytes:
    """The message as the table says it, in frames of 4 bytes: how the known answer was made."""
    context = b"\0\4cook\0\3Ada\0\6recipe\0\4soup"
    lengths = bytes([0, len(ENCRYPTED), 0, len(context)])
    header = b"KMSE\x01\0\0\0\4" + salt + prefix + lengths + ENCRYPTED + context
    derived = hkdf(salt, DATA_KEY, header)
    pieces = [plaintext[at : at + 4] for at in range(0, len(plaintext), 4)]
    message = header + derived[32:]
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        nonce = prefix + bytes([0, 0, 0, number, last])
        message += AESGCM(derived[:32]).encrypt(nonce, piece, None)
    return message


KNOWN = bytes.fromhex(
    "4b4d53450100000004404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e"
    "5f60616263646566001300196173204b4d5320656e637279707465642069740004636f6f6b000341"
    "646100067265636970650004736f7570121f8e7f2a1b040492d6431cacafb400797823c5312bf6f4"
    "b6f4d09b42b2611b8bbfd3c2b0b2b9c092cb54e84d0f3860467002d7cdb4c765d701f34e1ca24abe"
    "8e439a0af606bdec59db04f3467c1e117a103f572208bd1f4b97"
)


def test_known_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made by `by_hand` with salt 64, 65, ... 95 and nonce prefix 96, ... 102."""
    random = iter((bytes(range(64, 96)), bytes(range(96, 103))))
    assert by_hand(b"0123456789", bytes(range(64, 96)), bytes(range(96, 103))) == KNOWN
    assert envelope.open(KNOWN, unwrap) == b"0123456789"
    monkeypatch.setattr(os, "urandom", lambda size: next(random))
    assert seal(b"0123456789", 4) == KNOWN


def test_the_fields_cover_the_header() -> None:
    header, _ = split(KNOWN)
    parsed = envelope.read_header(io.BytesIO(KNOWN))
    fields = parsed.fields()
    assert b"".join(value for _, _, value in fields) == header == parsed.to_bytes()
    assert [offset for _, offset, _ in fields] == [0, 4, 5, 9, 41, 48, 50, 52, 71, 96]
    for name, offset, value in fields:
        assert header[offset : offset + len(value)] == value, name
    assert (parsed.frame_bytes, parsed.encryption_context) == (4, CONTEXT)
    assert [parsed.nonce(258, last)[7:] for last in (False, True)] == [
        b"\0\0\1\2\0",
        b"\0\0\1\2\1",
    ]


def test_every_message_has_its_own_salt_and_prefix() -> None:
    headers = [envelope.read_header(io.BytesIO(seal(b""))) for _ in range(50)]
    assert len({header.salt for header in headers}) == 50
    assert len({header.nonce_prefix for header in headers}) == 50
    assert len({header.derive(DATA_KEY) for header in headers}) == 50


def test_no_nonce_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    used = []

    class Watched:
        def __init__(self, key: bytes) -> None:
            self._key, self._aead = key, AESGCM(key)

        def encrypt_into(self, nonce: bytes, *others: Any) -> int:
            used.append((self._key, nonce))
            return self._aead.encrypt_into(nonce, *others)

    monkeypatch.setattr(envelope, "AESGCM", Watched)
    for size in (0, 1, 64, 65, 5000):
        seal(bytes(size))
    assert len(set(used)) == len(used) == 1 + 1 + 4 + 5 + 313


@pytest.mark.parametrize(
    ("size", "frame_bytes"),
    [(0, 4096), (1, 4096), (4097, 4097), (LARGE, LARGE), (LARGE + 1, LARGE), (3 * MIB, LARGE)],
)
def test_the_frame_is_chosen_by_the_payload(size: int, frame_bytes: int) -> None:
    header, frames = split(seal(bytes(size), None))
    assert envelope.read_header(io.BytesIO(header)).frame_bytes == frame_bytes
    assert len(frames) == max(1, -(-size // LARGE))


class Slow(io.RawIOBase):
    """Gives and takes a few bytes at a time, and can't be sought."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), 7, len(self.data))
        buffer[:size], self.data = self.data[:size], self.data[size:]
        return size

    def write(self, data: Any) -> int:
        self.data += data[:5]
        return len(data[:5])


@given(st.binary(max_size=100), st.sampled_from([None, 1, 16]))
def test_a_source_that_gives_little_at_a_time(plaintext: bytes, frame_bytes: int | None) -> None:
    sealed, opened = Slow(), Slow()
    arguments: Any = {"data_key": DATA_KEY, "encrypted_data_key": ENCRYPTED}
    envelope.seal_stream(Slow(plaintext), sealed, frame_bytes=frame_bytes, **arguments)
    if frame_bytes is None:
        assert envelope.read_header(io.BytesIO(sealed.data)).frame_bytes == LARGE
    assert envelope.open_stream(Slow(sealed.data), opened, unwrap) == {}
    assert opened.data == plaintext


def test_a_pipe_and_files() -> None:
    plaintext = os.urandom(3 * LARGE // 2)
    read_end, write_end = os.pipe()
    arguments: Any = {"data_key": DATA_KEY, "encrypted_data_key": ENCRYPTED}

    def send() -> None:
        with open(write_end, "wb", buffering=0) as target:
            envelope.seal_stream(io.BytesIO(plaintext), target, **arguments)

    sender = threading.Thread(target=send)
    sender.start()
    with tempfile.TemporaryDirectory() as folder:
        with open(read_end, "rb") as source, Path(folder, "opened").open("wb") as target:
            envelope.open_stream(source, target, unwrap)
        sender.join()
        assert Path(folder, "opened").read_bytes() == plaintext


def test_a_source_is_read_from_where_it_stands() -> None:
    source, sealed = io.BytesIO(b"before and after"), io.BytesIO(b"kept, ")
    source.seek(7)
    sealed.seek(6)
    envelope.seal_stream(source, sealed, data_key=DATA_KEY, encrypted_data_key=ENCRYPTED)
    assert source.read() == b""
    sealed.seek(6)
    opened = io.BytesIO()
    envelope.open_stream(sealed, opened, unwrap)
    assert opened.getvalue() == b"and after"


class Endless(io.RawIOBase):
    """So many zero bytes, which take no memory; or what takes bytes and drops them."""

    def __init__(self, size: int = 0) -> None:
        self.left = size

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.left)
        self.left -= size
        return size

    def write(self, data: Any) -> int:
        return len(data)


def test_memory_does_not_grow_with_the_payload(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    with path.open("wb") as target:
        envelope.seal_stream(
            Endless(24 * MIB), target, data_key=DATA_KEY, encrypted_data_key=ENCRYPTED
        )
    tracemalloc.start()
    try:
        envelope.seal_stream(
            Endless(24 * MIB), Endless(), data_key=DATA_KEY, encrypted_data_key=ENCRYPTED
        )
        with path.open("rb") as source:
            envelope.open_stream(source, Endless(), unwrap)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * LARGE


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"data_key": "text"}, TypeError, "the data key must be bytes"),
        ({"data_key": bytes(16)}, ValueError, "the data key has 16 bytes, not 32 (AES_256)"),
        ({"encrypted_data_key": "text"}, TypeError, "encrypted_data_key must be bytes"),
        ({"encrypted_data_key": b""}, ValueError, "bytes in encrypted_data_key: 0 is not in"),
        ({"encrypted_data_key": bytes(6145)}, ValueError, "range 1 to 6,144"),
        ({"encryption_context": {"a": 1}}, TypeError, "encryption_context must map str to str"),
        ({"encryption_context": {"a": "b" * 8192}}, ValueError, "range 0 to 8,192"),
        ({"encryption_context": {"a": "b" * 70000}}, ValueError, "over 65,535 bytes"),
        ({"encryption_context": {"a": "\ud800"}}, ValueError, "not UTF-8"),
        ({"frame_bytes": 0}, ValueError, "frame_bytes: 0 is not in the range 1 to 16,777,216"),
        ({"frame_bytes": 1 << 25}, ValueError, "frame_bytes: 33,554,432 is not in the range"),
        ({"source": io.StringIO("text")}, TypeError, "open a file with mode 'rb'"),
    ],
)
def test_bad_arguments_are_named_before_anything_is_written(
    arguments: Any, error: type[Exception], message: str
) -> None:
    good: Any = {
        "source": io.BytesIO(b"x"),
        "target": io.BytesIO(),
        "data_key": DATA_KEY,
        "encrypted_data_key": ENCRYPTED,
    }
    with pytest.raises(error, match=re.escape(message)):
        envelope.seal_stream(**(good | arguments))
    assert not good["target"].getvalue()


@pytest.mark.parametrize(
    ("answer", "error"), [("text", TypeError), (bytes(16), ValueError), (None, TypeError)]
)
def test_what_unwrap_returns_is_checked(answer: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="the data key"):
        envelope.open(seal(b"x"), lambda *_: answer)


def test_the_longest_context_and_encrypted_data_key() -> None:
    longest = {"a": "b" * (8192 - 5)}
    sealed = seal(b"x", encryption_context=longest, encrypted_data_key=bytes(6144))
    assert envelope.open(sealed, unwrap) == b"x"


def test_a_stream_that_does_not_block_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking "nothing yet" for the end would seal a part as if it were the whole."""
    arguments: Any = {"data_key": DATA_KEY, "encrypted_data_key": ENCRYPTED}
    for method, message in (("readinto", "the source"), ("write", "the target")):
        monkeypatch.setattr(Slow, method, lambda *_: None)
        source = Slow() if method == "readinto" else io.BytesIO()
        target = io.BytesIO() if method == "readinto" else Slow()
        with pytest.raises(BlockingIOError, match=message):
            envelope.seal_stream(source, target, **arguments)


def test_more_frames_than_the_counter_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "MAX_FRAMES", 3)
    seal(bytes(48))
    with pytest.raises(ValueError, match="seal it with larger ones"):
        seal(bytes(49))


def test_with_kms_a_changed_context_fails_at_kms() -> None:
    lab.open()
    try:
        kms = boto3.client("kms", region_name="us-east-1")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        reply = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=CONTEXT)
        sealed = envelope.seal(
            b"salt and leeks",
            data_key=reply["Plaintext"],
            encrypted_data_key=reply["CiphertextBlob"],
            encryption_context=CONTEXT,
        )

        def decrypt(encrypted_data_key: bytes, encryption_context: dict[str, str]) -> bytes:
            return kms.decrypt(
                CiphertextBlob=encrypted_data_key, EncryptionContext=encryption_context
            )["Plaintext"]

        assert envelope.open(sealed, decrypt) == b"salt and leeks"
        with pytest.raises(ClientError) as caught:
            envelope.open(sealed.replace(b"Ada", b"Eve"), decrypt)
        assert caught.value.response["Error"]["Code"] == "InvalidCiphertextException"
    finally:
        lab.close()
