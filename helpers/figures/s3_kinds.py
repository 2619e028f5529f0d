"""Which key opens which, from a master key down to the object: one row a kind of encryption."""

from collections.abc import Mapping, Sequence
from typing import Any

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
    QUIET,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

_LOOKS = {"KMS": (PALE_BLUE, BLUE), "S3": (PALE_ORANGE, ORANGE), "you": (PALE_GREEN, GREEN)}
_HOLDERS = {"KMS": "in KMS", "S3": "in S3", "you": "with you"}


def s3_kinds(kinds: Sequence[Mapping[str, Any]]) -> Picture:
    """Draw each kind's chains of keys.

    A kind has ``name``, ``note`` (such as how often KMS was asked) and ``chains``: one a layer of
    encryption. A chain is a list of (key, holder) from the top down; ``holder`` is where it is
    kept: "KMS", "S3" or "you". Below the first, a key is stored only under the one before it.
    """
    rows = sum(max(1, len(kind["chains"])) for kind in kinds)
    height = 0.35 + 0.52 * rows + 0.16 * len(kinds)
    figure, axes = canvas(8.6, height)
    inch = 100 / height
    y = 100 - 0.2 * inch
    told = []
    for kind in kinds:
        chains = kind["chains"]
        block = 0.52 * inch * len(chains)
        text(axes, 3, y - block / 2 + 0.09 * inch, kind["name"], size=10, weight="bold", ha="left")
        text(axes, 3, y - block / 2 - 0.12 * inch, kind["note"], size=8.5, color=QUIET, ha="left")
        for place, chain in enumerate(chains):
            middle = y - 0.26 * inch - 0.52 * inch * place
            width = 15.5
            x = 31.0 + (3 - len(chain)) * (width + 3)
            for key, holder in chain:
                fill, edge = _LOOKS[holder]
                words = f"{key}\n{_HOLDERS[holder]}"
                box(axes, x, middle - 0.21 * inch, width, 0.42 * inch, words, size=8.5, fill=fill,
                    edge=edge)  # fmt: skip
                arrow(axes, (x + width, middle), (x + width + 3, middle))
                x += width + 3
        low = y - block + 0.06 * inch
        box(axes, 86.5, low, 10.5, block - 0.12 * inch, "object", size=9, weight="bold",
            fill=PALE_GREY, edge=INK)  # fmt: skip
        y -= block + 0.16 * inch
        ways = " and ".join(
            "under " + " under ".join(f"{key} ({holder})" for key, holder in reversed(chain))
            for chain in chains
        ).replace("\n", " ")
        told.append(f"{kind['name']}, {kind['note']}: the object is {ways}")
    return Picture(figure, f"Keys over an object in S3. {'. '.join(told)}.")
