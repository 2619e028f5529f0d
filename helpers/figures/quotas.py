"""Quotas: which of them a load fits into, and what a token bucket lets through each second."""

from collections.abc import Mapping, Sequence
from math import log10

from .picture import (
    BLUE,
    GREEN,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_RED,
    QUIET,
    RED,
    RULE,
    Picture,
    bar_of,
    box,
    canvas,
    text,
)

LEFT, RIGHT, MOST = 29.0, 80.0, 10  # the axis ends at 10 to the 10th
TICKS = {0: "1", 2: "100", 4: "10,000", 6: "1 million", 8: "100 million", 10: "10 billion"}


def quota_ladder(quotas: Mapping[str, float], load: float, title: str) -> Picture:
    """Draw quotas (name -> requests per second) and a load beside them, on a logarithmic axis."""
    tall = 0.4 * len(quotas) + 1.25
    figure, axes = canvas(8.9, tall, title)
    unit = 100 / tall
    bottom, top = 0.42 * unit, 100 - 0.72 * unit
    step = (top - bottom) / len(quotas)
    for power, words in TICKS.items():
        x = _at(10.0**power)
        axes.plot([x, x], [bottom, top], color=RULE, linewidth=0.8, zorder=0)
        text(axes, x, bottom - 0.16 * unit, words, size=8, color=QUIET)
    told = []
    for row, (name, quota) in enumerate(quotas.items()):
        y = top - step * (row + 0.5)
        fits = load <= quota
        text(axes, LEFT - 1.5, y, f"{name}\n{quota:,.0f}", size=8.6, ha="right", linespacing=1.2)
        bar_of(axes, LEFT, y, _at(quota) - LEFT, step * 0.42, PALE_BLUE, BLUE)
        words = "✓ fits" if fits else f"✗ {_times(load / quota)}"
        fill, edge = (PALE_GREEN, GREEN) if fits else (PALE_RED, RED)
        box(axes, RIGHT + 1.5, y - step * 0.33, 16.5, step * 0.66, words, size=8.6, fill=fill,
            edge=edge)  # fmt: skip
        told.append(f"{name}, {quota:,.0f}: {words[2:]}")
    x = _at(load)
    axes.plot([x, x], [bottom, top + 0.08 * unit], color=INK, linewidth=1.8, linestyle="--")
    text(axes, x, top + 0.2 * unit, f"{_amount(load)} per second", size=9, weight="bold",
         ha="right" if x > 60 else "center")  # fmt: skip
    return Picture(
        figure,
        f"{title}: {_amount(load)} requests per second, against quotas per second. "
        f"{'; '.join(told)}.",
    )


def _at(value: float) -> float:
    return LEFT + (RIGHT - LEFT) * log10(max(value, 1.0)) / MOST


def _amount(load: float) -> str:
    return f"{load:,.0f}" if load >= 1 else "under 1"


def _times(share: float) -> str:
    return f"{share:,.1f} times it" if share < 10 else f"{share:,.0f} times it"


def throttled(seconds: Sequence[tuple[int, int]], quota: int, title: str) -> Picture:
    """Draw what came and what got through, second by second: (requests, let through)."""
    figure, axes = canvas(8.9, 3.1, title)
    most = max([1, quota, *(asked for asked, _ in seconds)]) * 1.12
    bottom, height, left, width = 17.0, 58.0, 12.0, 84.0
    step = width / len(seconds)

    def at(value: float) -> float:
        return bottom + height * value / most

    for place, (asked, passed) in enumerate(seconds):
        x, middle = left + step * place, left + step * (place + 0.5)
        half = step * 0.36
        for low, high, fill, edge, hatch in (
            (0, passed, PALE_BLUE, BLUE, ""),
            (passed, asked, PALE_RED, RED, "////"),
        ):
            if high > low:
                tall = at(high) - at(low)
                bar_of(axes, middle - half, at(low) + tall / 2, 2 * half, tall, fill, edge, hatch)
        text(axes, x + step / 2, bottom - 5, str(place + 1), size=8.5, color=QUIET)
        if asked > passed:
            text(axes, middle, at(asked) + 3.2, f"{asked - passed:,}", size=8, color=INK)
    axes.plot([left, left + width], [bottom, bottom], color=RULE)
    axes.plot([left, left + width], [at(quota)] * 2, color=INK, linewidth=1.4, linestyle="--")
    text(axes, left - 1, at(quota), f"quota\n{quota:,}", size=8.5, ha="right")
    text(axes, left - 1, bottom - 5, "second", size=8.5, ha="right", color=QUIET)
    bar_of(axes, left, 4.5, 3, 4.5, PALE_BLUE, BLUE)
    text(axes, left + 4, 4.5, "let through", size=8.5, ha="left")
    bar_of(axes, left + 22, 4.5, 3, 4.5, PALE_RED, RED, "////")
    text(axes, left + 26, 4.5, "ThrottlingException (number above)", size=8.5, ha="left")
    asked, passed = (sum(column) for column in zip(*seconds, strict=True))
    box(axes, 70, 84, 27, 12, f"{passed:,} of {asked:,} let through", size=8.8, fill=PALE_GREY,
        edge=INK)  # fmt: skip
    each = ", ".join(f"{p:,} of {a:,}" for a, p in seconds)
    return Picture(
        figure,
        f"{title}. Quota {quota:,} per second. Let through, second by second: {each}. "
        f"Together {passed:,} of {asked:,}; {asked - passed:,} ended in ThrottlingException.",
    )
