"""One bit of a message changed: where it stands, and what decryption says."""

from collections.abc import Mapping

from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
    PALE_RED,
    PAPER,
    QUIET,
    RED,
    Picture,
    box,
    canvas,
    text,
)

LOOKS = [(PALE_ORANGE, ORANGE), (PALE_BLUE, BLUE), (PALE_GREEN, GREEN), (PALE_GREY, INK)]


def flipped_bit(
    parts: Mapping[str, bytes], byte: int, bit: int, checked: str | None, unchecked: str
) -> Picture:
    """Draw a message of several parts with one bit flipped.

    ``byte`` counts from 0 over all parts, ``bit`` from 0, the lowest. ``checked`` is what
    decryption gave, None if the tag was refused; ``unchecked`` what it gives without the tag.
    """
    figure, axes = canvas(8.8, 3.1, f"Bit {bit} of byte {byte} flipped, counted from 0")
    total = sum(map(len, parts.values()))
    step = 94 / total
    start, hit, within = 0, "", 0
    for (name, value), (fill, edge) in zip(parts.items(), LOOKS, strict=False):
        left, width = 3 + start * step, len(value) * step
        cells = [
            Rectangle((3 + place * step, 56), step, 16)
            for place in range(start, start + len(value))
        ]
        axes.add_collection(
            PatchCollection(cells, facecolor=fill, edgecolor=edge, linewidth=0.5, clip_on=False)
        )
        struck = start <= byte < start + len(value)
        if struck:
            hit, within = name, byte - start
        weight = "bold" if struck else "normal"
        text(axes, left + width / 2, 78, f"{name}, {len(value)} bytes", size=9.5, weight=weight)
        start += len(value)
    x = 3 + (byte + 0.5) * step
    axes.add_patch(
        Rectangle((x - step / 2, 54), step, 20, facecolor=RED, edgecolor=INK, linewidth=1.4)
    )
    place = min(max(x, 12), 88)
    text(axes, place, 49, f"byte {within} of the {hit}", size=9, weight="bold")
    refused = checked is None
    verdict = "✗ InvalidTag: nothing comes out" if checked is None else f"✓ {printable(checked)}"
    text(axes, 3, 31, "AES-GCM checks the tag:", size=9.5, ha="left")
    box(axes, 32, 24, 65, 14, verdict, size=9.5, weight="bold",
        fill=PALE_RED if refused else PALE_GREEN, edge=RED if refused else GREEN)  # fmt: skip
    text(axes, 3, 12, "Without that check:", size=9.5, ha="left")
    box(axes, 32, 5, 65, 14, printable(unchecked), size=9.5, family="monospace",
        fill=PAPER, edge=QUIET)  # fmt: skip
    sizes = ", ".join(f"{name} {len(value)}" for name, value in parts.items())
    return Picture(
        figure,
        f"A message of {total} bytes: {sizes}. Bit {bit} of byte {byte} is flipped, byte {within} "
        f"of the {hit}. AES-GCM: {verdict}. Without its check: {printable(unchecked)}",
    )


def printable(words: str) -> str:
    """The words, with a dot for what can't be shown."""
    return "".join(letter if " " <= letter <= "~" else "·" for letter in words)
