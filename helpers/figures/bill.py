"""A month's bill: a bar for each part, what it is made of, and the sum."""

from collections.abc import Sequence

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    QUIET,
    RULE,
    Picture,
    bar_of,
    canvas,
    text,
)

LOOKS = ((PALE_BLUE, BLUE, ""), (PALE_ORANGE, ORANGE, "///"), (PALE_GREEN, GREEN, "..."))
LEFT, ROOM = 30, 52


def bill(parts: Sequence[tuple[str, float, str]], title: str) -> Picture:
    """Draw a bill in US dollars a month. A part: (what, amount, how it came about)."""
    rows = len(parts)
    figure, axes = canvas(8.8, 0.72 * rows + 1.15, title)
    height = 74 / rows
    largest = max(amount for _, amount, _ in parts) or 1.0
    for row, (what, amount, how) in enumerate(parts):
        y = 86 - height * (row + 0.5)
        fill, edge, hatch = LOOKS[row % len(LOOKS)]
        text(axes, LEFT - 2, y + height * 0.14, what, size=10, weight="bold", ha="right")
        width = ROOM * amount / largest
        if width:
            bar_of(axes, LEFT, y + height * 0.14, width, height * 0.36, fill, edge, hatch)
        text(axes, LEFT + width + 1, y + height * 0.14, dollars(amount), size=9.5, ha="left")
        text(axes, LEFT, y - height * 0.25, how, size=8.4, ha="left", color=QUIET)
    axes.axvline(LEFT, 0.14, 0.86, color=RULE, linewidth=1)
    total = sum(amount for _, amount, _ in parts)
    words = f"together {dollars(total)} a month"
    text(axes, LEFT, 7, words, size=11, weight="bold", ha="left", color=INK)
    told = "; ".join(f"{what}: {dollars(amount)}, {how}" for what, amount, how in parts)
    return Picture(figure, f"{title}. {told}. {words[0].upper() + words[1:]}.")


def dollars(amount: float) -> str:
    """An amount as a label."""
    return f"USD {amount:,.2f}"
