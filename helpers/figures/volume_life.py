"""A disk volume under a KMS key: what is there after each step, and whether the disk works."""

from collections.abc import Mapping, Sequence
from typing import Any

from .picture import (
    GREEN,
    INK,
    ORANGE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
    PALE_RED,
    QUIET,
    RED,
    Picture,
    box,
    canvas,
    text,
)

LEFT = 21
ROWS = {
    "key": "KMS key",
    "grant": "grant for\nthe service",
    "in_memory": "plaintext data key\nin the host",
    "disk": "write and read",
}


def volume_life(moments: Sequence[Mapping[str, Any]], title: str) -> Picture:
    """Draw a column a step.

    A moment has ``step`` (a few words), ``key`` (the key's state), ``grant`` and ``in_memory``
    (whether they are there), and ``disk`` ("OK", why it doesn't work, or "" if it is detached).
    """
    height = 3.7
    figure, axes = canvas(8.8, height, title)
    step = (99 - LEFT) / len(moments)
    row = 14.5
    for number, name in enumerate(ROWS):
        y = 56 - number * (row + 2)
        text(axes, LEFT - 1.5, y + row / 2, ROWS[name], size=9, ha="right", weight="bold")
        for column, moment in enumerate(moments):
            words, fill, edge, dashes = _cell(name, moment[name])
            box(axes, LEFT + column * step + 0.6, y, step - 1.2, row, words, size=8.4, fill=fill,
                edge=edge, dashes=dashes, color=QUIET if dashes == ":" else INK)  # fmt: skip
    for column, moment in enumerate(moments):
        x = LEFT + (column + 0.5) * step
        words = f"{column + 1}\n{moment['step']}"
        text(axes, x, 72.5, words, size=8.8, weight="bold", va="bottom")
    told = "; ".join(f"{n} {_told(moment)}" for n, moment in enumerate(moments, 1))
    return Picture(figure, f"{title}. {told}.")


def _cell(name: str, value: Any) -> tuple[str, str, str, str]:
    """Words, fill, edge and line of one box."""
    if name == "key":
        fine = value == "Enabled"
        return value, PALE_GREEN if fine else PALE_RED, GREEN if fine else RED, "-"
    if name == "disk" and value:
        if value == "OK":
            return "✓ works", PALE_GREEN, GREEN, "-"
        words = "✗ " + str(value).replace("Exception", "\nException")
        return words, PALE_RED, RED, "--"
    if value:
        return "✓ there", PALE_ORANGE, ORANGE, "-"
    return "not attached" if name == "disk" else "–", PALE_GREY, QUIET, ":"


def _told(moment: Mapping[str, Any]) -> str:
    disk = {"": "the disk is detached", "OK": "the disk works"}.get(
        moment["disk"], f"the disk does not work: {moment['disk']}"
    )
    return " ".join(
        f"{moment['step']}: the key is {moment['key']}, "
        f"{'a' if moment['grant'] else 'no'} grant, "
        f"{'a' if moment['in_memory'] else 'no'} plaintext data key in the host, "
        f"{disk}".split()
    )
