"""What was tried and how it ended: a table of marks and error codes."""

from collections.abc import Mapping, Sequence

from .picture import (
    DARK_BLUE,
    INK,
    PALE_BLUE,
    QUIET,
    RULE,
    Picture,
    box,
    canvas,
    text,
)

LEFT, RIGHT = 29, 98


def outcomes(
    found: Mapping[tuple[str, str], str],
    groups: Mapping[str, Sequence[str]],
    columns: Sequence[str],
    title: str,
) -> Picture:
    """Draw the outcome of each (row, column): "OK", or the code of the error.

    ``groups``: heading -> the rows under it, in order. A column's name may have two lines.
    """
    lines = sum(len(rows) + 1 for rows in groups.values())
    head = 0.16 * max(name.count("\n") for name in columns)  # inches
    figure, axes = canvas(8.8, 0.27 * lines + 1.05 + head)
    height = figure.get_figheight()
    text(axes, 2, 100 - 100 * 0.25 / height, title, size=12, weight="bold", ha="left")
    step = (RIGHT - LEFT) / len(columns)
    row_height = 100 * 0.27 / height
    y = 100 - 100 * (0.62 + head / 2) / height
    size = 8.2 if head else 9.5  # long names: neighbours must not touch
    for column, name in enumerate(columns):
        text(axes, LEFT + step * (column + 0.5), y, name, size=size, weight="bold")
    y -= row_height * 0.6 + 100 * head / 2 / height
    for heading, rows in groups.items():
        y -= row_height
        text(axes, 2, y + row_height * 0.42, heading, size=9, weight="bold", ha="left", color=QUIET)
        for row in rows:
            y -= row_height
            axes.axhline(y + row_height, 0.02, 0.98, color=RULE, linewidth=0.8)
            text(axes, 3, y + row_height / 2, row, size=9, ha="left", family="monospace")
            for column, name in enumerate(columns):
                x = LEFT + step * (column + 0.5)
                outcome = found[row, name]
                if outcome == "OK":
                    box(axes, x - step * 0.4, y + row_height * 0.14, step * 0.8, row_height * 0.72,
                        fill=PALE_BLUE, edge=PALE_BLUE)  # fmt: skip
                    text(axes, x, y + row_height / 2, "✓", size=10, color=DARK_BLUE)
                else:
                    words = "✗ " + outcome.removesuffix("Exception")
                    text(axes, x, y + row_height / 2, words, size=7.6, color=INK)
    return Picture(figure, f"Table: {title}. {_told(found, groups, columns)}")


def _told(
    found: Mapping[tuple[str, str], str],
    groups: Mapping[str, Sequence[str]],
    columns: Sequence[str],
) -> str:
    """The table in words; rows of a group that end alike are told together."""
    parts = []
    for heading, rows in groups.items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for row in rows:
            alike.setdefault(tuple(found[row, name] for name in columns), []).append(row)
        lines = []
        for outcome, names in alike.items():
            by_outcome: dict[str, list[str]] = {}
            for name, code in zip(columns, outcome, strict=True):
                by_outcome.setdefault(code, []).append(" ".join(name.split()))
            told = ", ".join(f"{code} with {' and '.join(c)}" for code, c in by_outcome.items())
            lines.append(f"{', '.join(names)}: {told}")
        parts.append(f"{heading}. {'; '.join(lines)}.")
    return " ".join(parts)
