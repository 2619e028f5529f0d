"""What two parties send each other until both hold the same secret."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    GREEN,
    INK,
    PALE_GREEN,
    PALE_GREY,
    QUIET,
    RULE,
    Picture,
    arrow,
    box,
    canvas,
    text,
)


def exchanges(ways: Sequence[Mapping[str, Any]], left: str, right: str, title: str) -> Picture:
    """Draw ways to a shared secret, one panel each.

    A way has ``name``, ``sent`` (a list of (sender, what, how many bytes), the sender being
    ``left`` or ``right``) and ``both`` (what both sides hold in the end).
    """
    most = max(len(way["sent"]) for way in ways)
    figure, axes = canvas(8.8, 2.6 + 0.5 * most, title)
    width = 94 / len(ways)
    for place, way in enumerate(ways):
        _panel(axes, 3 + place * width, width - 4, way, left, right, most)
    told = []
    for way in ways:
        sent = "; ".join(f"{who} sends {what}, {size:,} bytes" for who, what, size in way["sent"])
        total = sum(size for *_, size in way["sent"])
        told.append(f"{way['name']}: {sent}; {total:,} bytes on the wire; both hold {way['both']}")
    return Picture(figure, f"{title}. {'. '.join(told)}.")


def _panel(
    axes: Axes, x: float, width: float, way: Mapping[str, Any], left: str, right: str, most: int
) -> None:
    text(axes, x, 79.5, way["name"], size=10.5, weight="bold", ha="left")
    ends = {left: x + width * 0.13, right: x + width * 0.87}
    for name, middle in ends.items():
        box(axes, middle - width * 0.13, 61, width * 0.26, 11, name, size=9.5, fill=PALE_GREY)
        axes.plot([middle, middle], [24, 61], color=RULE, linewidth=1.2, zorder=0)
    step = 36 / most
    for row, (who, what, size) in enumerate(way["sent"]):
        y = 59 - step * (row + 0.75)
        other = right if who == left else left
        arrow(axes, (ends[who], y), (ends[other], y), color=BLUE)
        label = f"{what}, {size:,} bytes"
        text(axes, x + width / 2, y + 4, label, size=9, color=INK)
    box(axes, x, 11, width, 12, f"both: {way['both']}", size=9.5, fill=PALE_GREEN, edge=GREEN)
    total = sum(size for *_, size in way["sent"])
    words = f"on the wire: {total:,} bytes, and never the secret"
    text(axes, x + width / 2, 5, words, size=8.8, color=QUIET)
