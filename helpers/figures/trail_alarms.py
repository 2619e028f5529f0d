"""Which rules over the audit trail ring, and at which of its events."""

from collections.abc import Sequence

from .picture import INK, ORANGE, PALE_GREY, QUIET, RULE, Picture, canvas, text

LEFT, RIGHT = 36.0, 97.0
ROW = 0.42
MOST_TOLD = 3


def trail_alarms(
    events: Sequence[tuple[str, str]], rules: Sequence[tuple[str, Sequence[int]]], title: str = ""
) -> Picture:
    """Draw the events as columns, in time, and a row for each rule with its alarms.

    An event is (date, name). A rule is (what it watches, the places of the events at which it
    rings).
    """
    height = 1.15 + ROW * len(rules)
    figure, axes = canvas(9.2, height, title)
    unit = 100 / height
    step = (RIGHT - LEFT) / max(len(events), 1)
    top, bottom = 100 - 0.62 * unit, 0.42 * unit
    days: list[tuple[str, int]] = []
    for place, (day, _) in enumerate(events):
        if not days or days[-1][0] != day:
            days.append((day, place))
    for number, (day, place) in enumerate(days):
        end = days[number + 1][1] if number + 1 < len(days) else len(events)
        if number % 2 == 0:
            axes.axvspan(
                LEFT + step * place,
                LEFT + step * end,
                bottom / 100,
                top / 100,
                color=PALE_GREY,
                linewidth=0,
            )
        middle = LEFT + step * (place + end) / 2
        if (end - place) * step > 9:
            text(axes, middle, bottom - 0.2 * unit, day, size=8.5, color=QUIET)
    told = []
    for row, (name, rings) in enumerate(rules):
        y = top - ROW * unit * (row + 0.5)
        axes.plot([LEFT, RIGHT], [y, y], color=RULE, linewidth=0.9, zorder=1)
        text(axes, 3, y, name, size=8.8, ha="left")
        for place in rings:
            x = LEFT + step * (place + 0.5)
            axes.plot(x, y, marker="^", color=ORANGE, markeredgecolor=INK, markersize=9, zorder=3)
        where = ", ".join(f"{events[place][1]} on {events[place][0]}" for place in rings)
        told.append(f"{name}: {_few(rings, where)}")
    alt = f"{len(events)} events of the trail, {len(rules)} rules. {'; '.join(told)}."
    return Picture(figure, alt)


def _few(rings: Sequence[int], where: str) -> str:
    """Where a rule rings, if it rings seldom enough to be told."""
    if len(rings) > MOST_TOLD:
        return f"{len(rings)} times"
    return where or "silent"
