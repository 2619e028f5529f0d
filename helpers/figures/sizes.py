"""How many bytes a kind of key costs: bars of parts, classical beside post-quantum."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    QUIET,
    Picture,
    bar_of,
    canvas,
    text,
)

LOOKS = ((PALE_BLUE, BLUE, ""), (PALE_ORANGE, ORANGE, "////"), (INK, INK, ""))
LEFT, RIGHT = 25.0, 80.0


def sizes(groups: Mapping[str, Mapping[str, Mapping[str, int]]], title: str) -> Picture:
    """Draw groups (heading -> name -> part -> bytes), all to one scale."""
    lines = sum(len(rows) + 1 for rows in groups.values())
    height = 0.27 * lines + 1.0
    figure, axes = canvas(8.8, height)
    text(axes, 2, 100 - 24 / height, title, size=12, weight="bold", ha="left")
    parts = list(dict.fromkeys(p for rows in groups.values() for r in rows.values() for p in r))
    largest = max(sum(row.values()) for rows in groups.values() for row in rows.values())
    step = 27 / height
    y = 100 - 48 / height
    x = LEFT
    for number, part in enumerate(parts):
        fill, edge, hatch = LOOKS[number]
        bar_of(axes, x, y, 3, step * 0.6, fill, edge, hatch)
        text(axes, x + 4, y, part, size=9, ha="left", color=INK)
        x += 7 + 1.35 * len(part)
    for heading, rows in groups.items():
        y -= step
        text(axes, 2, y, heading, size=9, weight="bold", ha="left", color=QUIET)
        for name, row in rows.items():
            y -= step
            text(axes, 3, y, name, size=9.5, ha="left")
            _bar(axes, y, step, row, parts, largest)
    return Picture(figure, f"{title}. {_told(groups)}")


def _bar(
    axes: Axes, y: float, step: float, row: Mapping[str, int], parts: Sequence[str], most: int
) -> None:
    x = LEFT
    for number, part in enumerate(parts):
        fill, edge, hatch = LOOKS[number]
        width = (RIGHT - LEFT) * row.get(part, 0) / most
        bar_of(axes, x, y, width, step * 0.66, fill, edge, hatch)
        x += width
    text(axes, x + 1, y, " + ".join(f"{row[p]:,}" for p in parts if p in row), size=9, ha="left")


def _told(groups: Mapping[str, Mapping[str, Mapping[str, int]]]) -> str:
    told = []
    for heading, rows in groups.items():
        each = "; ".join(
            f"{name} {' and '.join(f'{part} {size:,}' for part, size in row.items())}"
            for name, row in rows.items()
        )
        told.append(f"{heading}, bytes: {each}.")
    return " ".join(told)
