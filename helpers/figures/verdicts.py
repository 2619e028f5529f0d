"""The verdicts on many claims: a row each, a column for every verdict, and their counts."""

from collections import Counter
from collections.abc import Mapping, Sequence

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
    RULE,
    Picture,
    box,
    canvas,
    text,
)

ROW = 0.23  # inches
LEFT, RIGHT = 35, 99
# fill, edge, hatch: told apart in grey by the column, the sign and the hatching
LOOKS = {
    "true": (PALE_GREEN, GREEN, None),
    "imprecise": (PALE_ORANGE, ORANGE, "...."),
    "outdated": (PALE_ORANGE, ORANGE, "----"),
    "false": (PALE_RED, RED, "////"),
}
OTHER = (PALE_GREY, QUIET, None)


def verdicts(found: Sequence[tuple[str, str]], signs: Mapping[str, str]) -> Picture:
    """Draw each (topic, verdict), in order; an empty verdict means that nothing was found yet.

    ``signs``: verdict -> its sign, in the order of the columns.
    """
    rows = len(found) + 3.2
    figure, axes = canvas(8.6, ROW * rows)
    step, wide = 100 / rows, (RIGHT - LEFT) / len(signs)
    counts = Counter(verdict for _, verdict in found)
    y = 100 - step * 0.9
    for column, (verdict, sign) in enumerate(signs.items()):
        x = LEFT + wide * (column + 0.5)
        text(axes, x, y, f"{sign} {verdict}", size=8.6, weight="bold")
        text(axes, x, y - step, str(counts[verdict]), size=9, color=QUIET)
    y -= step * 1.2
    for number, (topic, verdict) in enumerate(found, 1):
        y -= step
        axes.axhline(y + step / 2, 0.02, 0.98, color=RULE, linewidth=0.6)
        text(axes, 5, y, str(number), size=8.5, ha="right", color=QUIET)
        text(axes, 7, y, topic, size=9, ha="left", color=INK if verdict else QUIET)
        if not verdict:
            text(axes, LEFT + wide / 2, y, "not run yet", size=8, color=QUIET)
            continue
        column = list(signs).index(verdict)
        fill, edge, hatch = LOOKS.get(verdict, OTHER)
        middle = LEFT + wide * (column + 0.5)
        box(
            axes,
            middle - wide * 0.3,
            y - step * 0.32,
            wide * 0.36,
            step * 0.64,
            fill=fill,
            edge=edge,
            hatch=hatch,
        )
        text(axes, middle + wide * 0.2, y, signs[verdict], size=10, weight="bold")
    return Picture(figure, _alt(found, signs, counts))


def _alt(
    found: Sequence[tuple[str, str]], signs: Mapping[str, str], counts: Mapping[str, int]
) -> str:
    parts = []
    for verdict in signs:
        topics = [f"{n} {topic}" for n, (topic, mine) in enumerate(found, 1) if mine == verdict]
        if topics:
            parts.append(f"{verdict} {counts[verdict]} ({'; '.join(topics)})")
    rest = sum(not verdict for _, verdict in found)
    missing = f" {rest} not run yet." if rest else ""
    return f"Verdicts on {len(found)} claims: {', '.join(parts) or 'none yet'}.{missing}"
