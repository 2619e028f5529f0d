"""What crosses the line between a program and a key management service, cloud by cloud."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    QUIET,
    RULE,
    Picture,
    box,
    canvas,
    text,
)

Call = Mapping[str, Any]
# What it is: fill, edge, and how the edge is dashed.
LOOKS = {
    "data key": (PALE_ORANGE, ORANGE, "--"),
    "wrapped key": (PALE_BLUE, BLUE, "-"),
}
LEFT, RIGHT, CALL = 11.0, 98.0, 0.62
TITLE = "What crosses the line to the KMS"


def what_crosses(flows: Mapping[str, Mapping[str, Sequence[Call]]]) -> Picture:
    """Draw each call to a KMS: cloud -> what is done -> its calls.

    A call has ``operation``, ``sent`` and ``back``: what -> bytes, where what is "data key" (in
    the clear) or "wrapped key".
    """
    acts = list(next(iter(flows.values())))
    rows = {cloud: max(1, *map(len, done.values())) for cloud, done in flows.items()}
    tall = CALL * sum(rows.values()) + 0.16 * len(rows) + 1.45
    figure, axes = canvas(9.0, tall)
    width = (RIGHT - LEFT) / len(acts)
    unit = 100 / tall
    text(axes, 2, 100 - 0.28 * unit, TITLE, size=12, weight="bold", ha="left")
    for column, act in enumerate(acts):
        text(axes, LEFT + column * width + 1, 100 - 0.72 * unit, act, size=11, weight="bold",
             ha="left", va="baseline")  # fmt: skip
    y = 100 - 0.87 * unit
    for cloud, done in flows.items():
        axes.plot([2, RIGHT], [y, y], color=RULE, linewidth=1)
        text(axes, 2, y - 0.3 * unit, cloud, size=10.5, weight="bold", ha="left")
        for column, act in enumerate(acts):
            for place, call in enumerate(done[act]):
                _call(axes, LEFT + column * width, y - (0.08 + place * CALL) * unit, width, unit,
                      call)  # fmt: skip
        y -= (rows[cloud] * CALL + 0.16) * unit
    _legend(axes, 0.26 * unit, unit)
    return Picture(figure, _alt(flows))


def _call(axes: Axes, x: float, top: float, width: float, unit: float, call: Call) -> None:
    """The operation, and under it what went there and what came back."""
    text(axes, x + 1, top - 0.14 * unit, call["operation"], size=9, ha="left", weight="bold")
    y, at = top - 0.42 * unit, x + 1
    for sign, things in (("→", call["sent"]), ("←", call["back"])):
        if not things:
            continue
        text(axes, at + 0.7, y, sign, size=11)
        for what, size in things.items():
            fill, edge, dashes = LOOKS[what]
            box(axes, at + 1.8, y - 0.11 * unit, 6.0, 0.22 * unit, str(size), size=8.5, fill=fill,
                edge=edge, dashes=dashes, line=1.4,
                weight="bold" if what == "data key" else "normal")  # fmt: skip
            at += 6.6
        at += 3.2


def _legend(axes: Axes, y: float, unit: float) -> None:
    words = {"data key": "data key in the clear (inside TLS)", "wrapped key": "wrapped data key"}
    for x, what in ((2.0, "data key"), (38.0, "wrapped key")):
        fill, edge, dashes = LOOKS[what]
        box(axes, x, y - 0.1 * unit, 4, 0.2 * unit, fill=fill, edge=edge, dashes=dashes, line=1.4)
        text(axes, x + 5, y, words[what], size=8.5, ha="left", color=INK)
    text(axes, RIGHT, y, "bytes   → to the KMS   ← back", size=8.5, ha="right", color=QUIET)


def _alt(flows: Mapping[str, Mapping[str, Sequence[Call]]]) -> str:
    told = []
    for cloud, done in flows.items():
        acts = "; ".join(
            f"{act}: {', then '.join(map(_said, calls)) or 'no call'}"
            for act, calls in done.items()
        )
        told.append(f"{cloud}: {acts}.")
    return f"{TITLE}. {' '.join(told)}"


def _said(call: Call) -> str:
    def things(of: Mapping[str, int]) -> str:
        return " and ".join(
            f"a {what}{' in the clear' if what == 'data key' else ''} of {size} bytes"
            for what, size in of.items()
        )

    sent, back = things(call["sent"]) or "no key", things(call["back"]) or "none"
    return f"{call['operation']} sends {sent} and gets {back} back"
