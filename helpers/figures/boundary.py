"""What leaves KMS and what stays inside: a wall, and the things on either side of it."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    QUIET,
    RED,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

ROW = 12.5


def boundary(leaves: Sequence[tuple[str, str]], stays: Sequence[tuple[str, str]]) -> Picture:
    """Draw KMS's wall. Each item is a thing and a remark: ("Ciphertext blob", "you keep it")."""
    figure, axes = canvas(8.6, 4.9, "What leaves KMS, and what never does")
    box(axes, 3, 6, 44, 78, fill=PALE_BLUE, edge=BLUE, line=2.4)
    text(axes, 5, 80, "Inside KMS's HSMs", size=10.5, weight="bold", ha="left", color=BLUE)
    _rows(axes, stays, 6, PALE_ORANGE, ORANGE)
    _rows(axes, leaves, 59, PALE_GREEN, GREEN)
    text(axes, 59, 80, "Outside: your program, S3, anyone", size=10.5, weight="bold", ha="left")
    for row in range(len(leaves)):
        y = 66.5 - row * ROW
        arrow(axes, (47.6, y), (58, y), GREEN, linewidth=2)
    for row in range(len(stays)):
        y = 66.5 - row * ROW
        axes.plot([45.7, 45.7], [y - 4, y + 4], color=RED, linewidth=4, solid_capstyle="butt")
    text(
        axes,
        97,
        2.8,
        "→ crosses the wall     ❙ stops at the wall",
        size=8.5,
        color=QUIET,
        ha="right",
    )
    inside = "; ".join(f"{thing} ({remark})" for thing, remark in stays)
    outside = "; ".join(f"{thing} ({remark})" for thing, remark in leaves)
    return Picture(figure, f"A wall around KMS. Never leaves: {inside}. Leaves: {outside}.")


def _rows(axes: Axes, items: Sequence[tuple[str, str]], x: float, fill: str, edge: str) -> None:
    for row, (thing, remark) in enumerate(items):
        y = 61.5 - row * ROW
        box(axes, x, y, 38, 10, fill=fill, edge=edge)
        text(axes, x + 1.5, y + 6.9, thing, size=10, weight="bold", ha="left", color=INK)
        text(axes, x + 1.5, y + 2.9, remark, size=8.5, ha="left", color=QUIET)
