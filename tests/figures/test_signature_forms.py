"""The parts of a signature are those of the bytes, whatever r and s are."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from helpers.figures.signature_forms import der_parts, raw_parts, signature_forms

FIRST_BYTES = (0, 1, 127, 128, 255)


@pytest.mark.parametrize("size", [32, 48, 66])
@pytest.mark.parametrize("r_begins", FIRST_BYTES)
@pytest.mark.parametrize("s_begins", FIRST_BYTES)
@pytest.mark.parametrize("rest", [b"\0", b"\x80"])
def test_the_parts_cover_every_byte(size: int, r_begins: int, s_begins: int, rest: bytes) -> None:
    tail = rest * (size - 2) + b"\x01"
    raw = bytes([r_begins]) + tail + bytes([s_begins]) + tail
    r, s = int.from_bytes(raw[:size]), int.from_bytes(raw[size:])
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
    alt = signature_forms(der, raw).alt
    assert f"DER, from KMS: {len(der)} bytes" in alt
    assert f"{2 * size} bytes" in alt
