"""Messages under one data key: what KMS bills, and what one leaked data key opens."""

from collections.abc import Sequence
from math import log10

from .picture import (
    BLUE,
    INK,
    ORANGE,
    PALE_GREY,
    PAPER,
    QUIET,
    Picture,
    bar_of,
    box,
    canvas,
    text,
)

Row = tuple[int, float, int]


def key_reuse(rows: Sequence[Row], chosen: int, title: str) -> Picture:
    """Draw the bill to the left and the exposure to the right, one row a choice.

    A row is (messages under one data key, USD a month, messages that one leaked key opens).
    ``chosen`` is the row marked, by its messages. Bars are logarithmic.
    """
    tall = 0.42 * len(rows) + 1.0
    figure, axes = canvas(8.8, tall, title)
    height = (100 - 98 / tall) / len(rows)
    top = 100 - 85 / tall
    text(axes, 36, top + 1, "KMS requests, USD a month", size=9.5, ha="right", va="bottom")
    text(axes, 50, top + 1, "messages\nper data key", size=8.5, va="bottom", color=QUIET)
    text(axes, 64, top + 1, "opened by one leaked data key", size=9.5, ha="left", va="bottom")
    most_cost, most_open = max(row[1] for row in rows), max(row[2] for row in rows)
    for place, (messages, cost, opened) in enumerate(rows):
        y = top - (place + 0.5) * height
        here = messages == chosen
        if here:
            box(axes, 2, y - height * 0.46, 96, height * 0.92, fill=PALE_GREY, edge=INK)
        weight = "bold" if here else "normal"
        text(axes, 50, y, f"{'▸ ' if here else ''}{messages:,}", size=10, weight=weight)
        left = _length(cost, most_cost, 0.01)
        bar_of(axes, 43 - left, y, left, height * 0.5, ORANGE, PAPER)
        text(axes, 42 - left, y, money(cost), size=9, ha="right", weight=weight)
        right = _length(opened, most_open, 1)
        bar_of(axes, 57, y, right, height * 0.5, BLUE, PAPER, "///")
        text(axes, 58 + right, y, f"{opened:,}", size=9, ha="left", weight=weight)
    told = "; ".join(
        f"{messages:,} message{'s' * (messages != 1)} per data key: "
        f"USD {money(cost)} a month, one leaked key opens {opened:,}"
        for messages, cost, opened in rows
        if messages == chosen
    )
    ends = f"From USD {money(rows[0][1])} and {rows[0][2]:,} to USD {money(rows[-1][1])} and "
    return Picture(figure, f"{title}. {told}. {ends}{rows[-1][2]:,} opened.")


def money(dollars: float) -> str:
    """Dollars with cents below a hundred; "under 0.01" for what a bill would not show."""
    if 0 < dollars < 0.005:
        return "under 0.01"
    return f"{dollars:,.2f}" if dollars < 100 else f"{dollars:,.0f}"


def _length(value: float, most: float, least: float) -> float:
    """The length of a logarithmic bar, 0 to 26."""
    if value <= least:
        return 0.6 if value > 0 else 0.0
    return 0.6 + 25 * log10(value / least) / max(log10(most / least), 1)
