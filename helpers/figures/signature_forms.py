"""One ECDSA signature written in two ways: DER, as KMS gives it, and r and s side by side."""

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PALE_RED,
    QUIET,
    RED,
    Picture,
    bar_of,
    canvas,
    text,
)

LOOKS = {
    "form": (PALE_ORANGE, ORANGE, "////"),
    "zero": (PALE_RED, RED, "xxxx"),
    "r": (PALE_BLUE, BLUE, ""),
    "s": (PALE_GREEN, GREEN, ""),
}
LONGEST = 72  # bytes: DER of two numbers of 32 bytes, each with a zero before it
IN_TOKENS = {64: "ES256", 96: "ES384", 132: "ES512"}


def signature_forms(der: bytes, raw: bytes) -> Picture:
    """Draw the parts of ``der`` and of ``raw``, the same signature, byte by byte to one scale."""
    longest = max(LONGEST, len(der))
    rows = [
        (f"DER, from KMS: {len(der)} bytes", der_parts(der)),
        (f"r ‖ s, for {IN_TOKENS[len(raw)]}: {len(raw)} bytes", raw_parts(raw)),
    ]
    figure, axes = canvas(8.8, 3.5, "One signature, two forms")
    told = []
    for y, (name, parts) in zip((55, 22), rows, strict=True):
        text(axes, 3, y + 22, name, size=10, weight="bold", ha="left")
        x = 3.0
        for kind, length in parts:
            fill, edge, hatch = LOOKS[kind]
            width = 94 * length / longest
            bar_of(axes, x, y + 8, width, 16, fill, edge, hatch)
            if kind in "rs" and length > 6:
                text(axes, x + width / 2, y + 8, f"{kind}, {length} bytes", size=9.5)
            x += width
        told.append(f"{name} ({', '.join(map(_told, parts))})")
    for x, kind, words in (
        (3, "form", "type and length of what follows"),
        (42, "zero", "zero byte: “not negative” in DER, padding in r ‖ s"),
    ):
        fill, edge, hatch = LOOKS[kind]
        bar_of(axes, x, 9.5, 3, 7, fill, edge, hatch)
        text(axes, x + 4, 9.5, words, size=8.8, ha="left", color=INK)
    text(axes, 97, 88, "to scale", size=8.5, ha="right", color=QUIET)
    return Picture(figure, f"One signature in two forms. {'. '.join(told)}.")


def der_parts(der: bytes) -> list[tuple[str, int]]:
    """What stands where in a DER signature: (form, zero, r or s; how many bytes)."""
    at = 3 if der[1] == 0x81 else 2  # from 128 bytes on the length takes a byte more
    parts = [("form", at)]
    for name in "rs":
        length = der[at + 1]
        zeros = int(length > 1 and der[at + 2] == 0)
        parts += [("form", 2), ("zero", zeros), (name, length - zeros)]
        at += 2 + length
    return [part for part in parts if part[1]]


def raw_parts(raw: bytes) -> list[tuple[str, int]]:
    """The same of r and s side by side, each half as long as the whole."""
    half = len(raw) // 2
    parts = []
    for name, number in (("r", raw[:half]), ("s", raw[half:])):
        length = len(number.lstrip(b"\0"))
        parts += [("zero", half - length), (name, length)]
    return [part for part in parts if part[1]]


def _told(part: tuple[str, int]) -> str:
    kind, length = part
    words = {"form": "type and length", "zero": "zero"}.get(kind, kind)
    return f"{words} {length}"
