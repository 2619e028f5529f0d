"""The parts of a signature are those of the bytes, whatever r and s are."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from helpers.figures.signature_forms import der_parts, raw_parts

FIRST_BYTES = (0, 1, 127, 128, 255)


@pytest.mark.parametrize("r_begins", FIRST_BYTES)
@pytest.mark.parametrize("s_begins", FIRST_BYTES)
@pytest.mark.parametrize("rest", [bytes(31), b"\x80" * 31, bytes(30) + b"\x01"])
def test_the_parts_cover_every_byte(r_begins: int, s_begins: int, rest: bytes) -> None:
    raw = bytes([r_begins]) + rest + bytes([s_begins]) + rest
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    der = encode_dss_signature(r, s)
    for parts, form in ((der_parts(der), der), (raw_parts(raw), raw)):
        at = 0
        numbers = dict.fromkeys("rs", 0)
        for kind, length in parts:
            assert length > 0
            if kind in numbers:
                numbers[kind] = int.from_bytes(form[at : at + length])
            if kind == "zero":
                assert form[at : at + length] == bytes(length)
            at += length
        assert at == len(form)
        assert numbers == {"r": r, "s": s}
