"""What secrets cost in a month, kept in one way or another."""

from collections.abc import Mapping, Sequence

from .picture import (
    BLUE,
    GREEN,
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

LOOKS = ((PALE_ORANGE, ORANGE, "///"), (PALE_GREEN, GREEN, "..."), (PALE_BLUE, BLUE, ""))
LEFT, ROOM = 25, 60


def secret_bill(ways: Mapping[str, Sequence[tuple[str, float]]], title: str) -> Picture:
    """Draw a bar a way, in US dollars a month, made of the same parts in the same order.

    ``ways``: the way's name -> its parts, each (what, amount).
    """
    rows = len(ways)
    height = 0.5 * rows + 1.15
    figure, axes = canvas(8.8, height, title)
    step = 100 * 0.5 / height
    top = 100 - 100 * 0.62 / height
    most = max(sum(amount for _, amount in parts) for parts in ways.values()) or 1.0
    told = []
    for row, (way, parts) in enumerate(ways.items()):
        y = top - step * (row + 0.5)
        text(axes, LEFT - 1.5, y, way, size=9.5, ha="right", weight="bold")
        x = float(LEFT)
        for place, (_, amount) in enumerate(parts):
            width = ROOM * amount / most
            if width:
                bar_of(axes, x, y, width, step * 0.52, *LOOKS[place % len(LOOKS)])
            x += width
        total = sum(amount for _, amount in parts)
        text(axes, x + 1, y, f"USD {total:,.2f}", size=9.5, ha="left")
        of = ", ".join(f"{what} {amount:,.2f}" for what, amount in parts)
        told.append(f"{way}: USD {total:,.2f} ({of})")
    axes.plot([LEFT, LEFT], [top, top - step * rows], color=RULE, linewidth=1)
    x, y = float(LEFT), 100 * 0.2 / height
    for place, (what, _) in enumerate(next(iter(ways.values()))):
        fill, edge, hatch = LOOKS[place % len(LOOKS)]
        bar_of(axes, x, y, 3.5, 100 * 0.16 / height, fill, edge, hatch)
        text(axes, x + 4.5, y, what, size=8.8, ha="left", color=QUIET)
        x += 8 + 1.05 * len(what)
    return Picture(figure, f"{title}. {'; '.join(told)}.")
