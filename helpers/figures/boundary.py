"""What leaves KMS and what stays inside: a wall, and the things on either side of it."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    DARK_BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PAPER,
    QUIET,
    Picture,
    arrow,
    box,
    canvas,
    text,
)


def boundary(leaves: Sequence[tuple[str, str]], stays: Sequence[tuple[str, str]]) -> Picture:
    """Draw KMS's wall. Each item is a thing and a remark: ("Ciphertext blob", "you keep it")."""
    figure, axes = canvas(8.6, 4.9, "What leaves KMS, and what never does")
    box(axes, 3, 4, 43, 81, fill=PALE_BLUE, edge=BLUE, line=2.4)
    text(axes, 5, 80.5, "Inside: stays, or leaves only encrypted", size=9.5, weight="bold",
         ha="left", color=DARK_BLUE)  # fmt: skip
    text(axes, 62, 80.5, "Outside: your program, S3, anyone", size=9.5, weight="bold", ha="left")
    gate = 42.0
    box(
        axes,
        43,
        gate - 13,
        9,
        26,
        "KMS\nAPI",
        size=10,
        weight="bold",
        fill=PAPER,
        edge=BLUE,
        line=2.4,
    )
    for y, (thing, remark) in zip(_places(len(stays)), stays, strict=True):
        _item(axes, 5, y, 35, thing, remark, PALE_ORANGE, ORANGE)
    for y, (thing, remark) in zip(_places(len(leaves)), leaves, strict=True):
        _item(axes, 62, y, 36, thing, remark, PALE_GREEN, GREEN)
        arrow(axes, (52.4, gate + (y - gate) * 0.25), (61.4, y), GREEN, linewidth=1.8)
    inside = "; ".join(f"{thing} ({remark})" for thing, remark in stays)
    outside = "; ".join(f"{thing} ({remark})" for thing, remark in leaves)
    return Picture(
        figure,
        f"A wall around KMS with one gate, the API. Inside: {inside}. Leaves through the gate: "
        f"{outside}.",
    )


def _places(count: int) -> list[float]:
    """Heights of ``count`` items, spread over the wall."""
    step = 72 / count
    return [77 - step * (place + 0.5) for place in range(count)]


def _item(
    axes: Axes, x: float, y: float, width: float, thing: str, remark: str, fill: str, edge: str
) -> None:
    box(axes, x, y - 5, width, 10, fill=fill, edge=edge)
    text(axes, x + 1.5, y + 1.9, thing, size=9.5, weight="bold", ha="left", color=INK)
    text(axes, x + 1.5, y - 2.2, remark, size=8.5, ha="left", color=QUIET)
