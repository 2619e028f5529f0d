"""The life of a key: its states, the calls that lead from one to another, and a walk through it."""

from collections.abc import Sequence
from math import hypot

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
    PAPER,
    QUIET,
    RED,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

WIDTH, HEIGHT = 17.0, 13.0
# State -> where its middle is, fill and edge.
STATES = {
    "no key yet": (11.5, 84, PAPER, QUIET),
    "Enabled": (45, 84, PALE_GREEN, GREEN),
    "Disabled": (89, 84, PALE_GREY, INK),
    "PendingImport": (11.5, 20, PALE_BLUE, BLUE),
    "PendingDeletion": (55, 20, PALE_ORANGE, ORANGE),
    "gone": (89, 20, PAPER, RED),
}


def key_life(
    moves: Sequence[tuple[str, str, str]], walk: Sequence[tuple[str, str]] = ()
) -> Picture:
    """Draw the states of a key and the ``moves`` between them: (from, call, to).

    A state is one of STATES. ``walk``: what was called in turn on a new key, each with the state
    that followed, or the code of the error; where it ends is marked.
    """
    figure, axes = canvas(8.8, 4.7 if not walk else 5.9)
    lifted = 0.0 if not walk else 21.0
    here = next((end for _, end in reversed(walk) if end in STATES), "Enabled") if walk else ""
    pairs = {(start, end) for start, _, end in moves}
    for start, call, end in moves:
        _move(axes, start, call, end, (end, start) in pairs, lifted)
    for state in dict.fromkeys(s for start, _, end in moves for s in (start, end)):
        x, y, fill, edge = STATES[state]
        y = _raised(y, lifted)
        box(axes, x - WIDTH / 2, y - HEIGHT / 2, WIDTH, HEIGHT, fill=fill, edge=edge,
            line=3.4 if state == here else 1.3, dashes="--" if fill == PAPER else "-")  # fmt: skip
        text(axes, x, y, state, size=10, weight="bold")
        if state == here:
            above = STATES[state][1] > 50
            words = "▼ the key is here" if above else "▲ the key is here"
            side = HEIGHT / 2 + 2.8 if above else -HEIGHT / 2 - 2.8
            text(axes, x, y + side, words, size=9, weight="bold")
    for place, (call, end) in enumerate(walk):
        refused = end not in STATES
        x = 3 + place * 95 / len(walk)
        words = f"{place + 1}. {call}\n{'✗ ' + end if refused else '→ ' + end}"
        box(axes, x, 3, 95 / len(walk) - 2, 15, words, size=9, fill=PAPER,
            edge=RED if refused else GREEN, dashes="--" if refused else "-")  # fmt: skip
    told = "; ".join(f"from {start} by {call} to {end}" for start, call, end in moves)
    alt = f"The states of a KMS key and what leads from one to another: {told}."
    if walk:
        steps = "; ".join(
            f"{call}: {'refused, ' + end if end not in STATES else end}" for call, end in walk
        )
        alt = f"A walk through the states of a KMS key. It begins Enabled. {steps}. It ends {here}."
    return Picture(figure, alt)


def _raised(y: float, lifted: float) -> float:
    """The height of a state when the lowest part of the card is kept free."""
    return lifted + y * (100 - lifted) / 100


def _move(axes: Axes, start: str, call: str, end: str, both_ways: bool, lifted: float) -> None:
    (x0, y0, *_), (x1, y1, *_) = STATES[start], STATES[end]
    y0, y1 = _raised(y0, lifted), _raised(y1, lifted)
    # Two ways between the same states lie side by side, each to the left of who walks it.
    length = hypot(x1 - x0, y1 - y0)
    aside = 3.4 if both_ways else 0.0
    over = (-(y1 - y0) / length * aside, (x1 - x0) / length * aside)
    here, there = (x0 + over[0], y0 + over[1]), (x1 + over[0], y1 + over[1])
    begin = _edge_point((x0, y0), here, there)
    finish = _edge_point((x1, y1), there, here)
    arrow(axes, begin, finish, QUIET)
    level = y0 == y1
    share = 0.5 if level or not both_ways else 0.3
    x, y = begin[0] + (finish[0] - begin[0]) * share, begin[1] + (finish[1] - begin[1]) * share
    if level and both_ways:
        y += 2.6 if x1 > x0 else -2.6
    frame = {"facecolor": PAPER, "edgecolor": PAPER, "pad": 1.2}
    text(axes, x, y, call, size=8, bbox=frame)


def _edge_point(
    middle: tuple[float, float], inside: tuple[float, float], outside: tuple[float, float]
) -> tuple[float, float]:
    """Where the line from a point inside a state's box to one outside of it leaves the box."""
    share = 1.0
    for axis, half in ((0, WIDTH / 2), (1, HEIGHT / 2)):
        way = outside[axis] - inside[axis]
        if way:
            border = middle[axis] + (half if way > 0 else -half)
            share = min(share, (border - inside[axis]) / way)
    return (
        inside[0] + (outside[0] - inside[0]) * share,
        inside[1] + (outside[1] - inside[1]) * share,
    )
