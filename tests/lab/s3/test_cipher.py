"""The bytes at rest, alone: any size, any range, any damage."""

import os
from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.lab.envelopes import Damaged
from helpers.lab.s3 import cipher
from helpers.lab.s3.cipher import TAG_BYTES, Body, seal, unseal

FRAME = 16


@pytest.fixture(autouse=True, scope="module")
def small_frames() -> Iterator[None]:
    """Frames of 16 bytes: their borders come often."""
    with mock.patch.object(cipher, "FRAME_BYTES", FRAME):
        yield


def keys(layers: int) -> list[bytes]:
    return [os.urandom(32) for _ in range(layers)]


def opened(under: list[bytes], body: Body, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(unseal(under, body, start, stop))


pieces = st.lists(st.binary(max_size=40), max_size=6)


@given(pieces=pieces, layers=st.integers(1, 2), data=st.data())
def test_round_trip(pieces: list[bytes], layers: int, data: st.DataObject) -> None:
    plaintext, under = b"".join(pieces), keys(layers)
    body = seal(under, pieces)
    assert body.size == len(plaintext)
    assert len(body.at_rest()) == body.stored_bytes
    assert opened(under, body) == plaintext
    start = data.draw(st.integers(0, len(plaintext)))
    stop = data.draw(st.integers(start, len(plaintext)))
    assert opened(under, body, start, stop) == plaintext[start:stop]
    body.close()


@settings(deadline=None)
@given(size=st.integers(0, 50), layers=st.integers(1, 2), data=st.data())
def test_every_changed_byte_is_noticed(size: int, layers: int, data: st.DataObject) -> None:
    under = keys(layers)
    body = seal(under, [os.urandom(size)])
    at_rest = body.at_rest()
    position = data.draw(st.integers(0, len(at_rest) - 1))
    body.damage(position, at_rest[position] ^ data.draw(st.integers(1, 255)))
    with pytest.raises(Damaged):
        opened(under, body)
    body.close()


def rearranged(body: Body, frames: list[int], size: int) -> Body:
    """The same body with other frames."""
    stored = FRAME + TAG_BYTES
    at_rest = body.at_rest()
    other = Body(body.salt, body.layers)
    other.size = size
    for number in frames:
        other.append(at_rest[number * stored : (number + 1) * stored])
    return other


@pytest.mark.parametrize("frames", [[1, 0, 2], [0, 0, 2], [0, 1], [0, 1, 1], [2], [0, 1, 2, 2], []])
def test_frames_cannot_be_moved_or_cut_off(frames: list[int]) -> None:
    under = keys(1)
    body = seal(under, [os.urandom(3 * FRAME)])
    assert len(opened(under, rearranged(body, [0, 1, 2], 3 * FRAME))) == 3 * FRAME
    with pytest.raises(Damaged):
        opened(under, rearranged(body, frames, len(frames) * FRAME))


def test_another_key_opens_nothing() -> None:
    body = seal(keys(1), [b"x"])
    with pytest.raises(Damaged):
        opened(keys(1), body)


def test_equal_plaintexts_differ_at_rest() -> None:
    under = keys(1)
    first, second = (seal(under, [b"equal"]).at_rest() for _ in range(2))
    assert first != second


def test_a_plaintext_that_breaks_off_leaves_nothing_open() -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        seal(keys(1), broken())
