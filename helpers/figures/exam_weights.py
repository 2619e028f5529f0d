"""The exams side by side: a bar each, cut into domains by weight."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .picture import BLUE, INK, PALE_BLUE, PALE_GREY, QUIET, RULE, Picture, canvas, text

ROW = 0.92  # inches
LEFT, RIGHT = 11, 98
LETTERS_PER_POINT = 1.05  # of weight: how many letters fit into a part, a line
MOST_LINES = 4


def exam_weights(exams: Mapping[str, Sequence[Mapping[str, Any]]]) -> Picture:
    """Draw each exam's domains: ``number``, ``name``, ``weight`` in per cent, ``named``.

    ``named``: do lessons of the course name a task of this domain? Such parts have a hatched edge.
    """
    rows = len(exams) + 0.5
    figure, axes = canvas(8.8, ROW * rows)
    step = 100 / rows
    y = 100 - step * 0.25
    axes.add_patch(Rectangle((LEFT, y - step * 0.1), 4, step * 0.2, facecolor=PALE_BLUE,
                             edgecolor=BLUE, linewidth=1.2))  # fmt: skip
    _hatching(axes, LEFT, y - step * 0.1, 4, step * 0.1)
    text(axes, LEFT + 5, y, "hatched edge: a lesson names a task of this domain", size=9,
         ha="left", color=QUIET)  # fmt: skip
    y += step * 0.25
    for exam, domains in exams.items():
        y -= step
        text(axes, 1.5, y, exam, size=9.5, weight="bold", ha="left")
        x, whole = float(LEFT), sum(domain["weight"] for domain in domains)
        for domain in domains:
            wide = (RIGHT - LEFT) * domain["weight"] / whole
            named = domain["named"]
            axes.add_patch(
                Rectangle(
                    (x, y - step * 0.43),
                    wide,
                    step * 0.86,
                    facecolor=PALE_BLUE if named else PALE_GREY,
                    edgecolor=BLUE if named else RULE,
                    linewidth=1.2,
                )
            )
            if named:
                _hatching(axes, x, y - step * 0.43, wide, step * 0.09)
            lines = wrap(domain["name"], max(8, int(domain["weight"] * LETTERS_PER_POINT)))
            name = "\n".join(lines[:MOST_LINES]) + (" …" if len(lines) > MOST_LINES else "")
            head = f"{domain['number']}: {domain['weight']} %"
            text(axes, x + wide / 2, y + step * 0.31, head, size=8.5, weight="bold", color=INK)
            text(axes, x + wide / 2, y - step * 0.06, name, size=7, color=INK, linespacing=1.1)
            x += wide
    return Picture(figure, _alt(exams))


def _hatching(axes: Axes, x: float, y: float, wide: float, tall: float) -> None:
    axes.add_patch(
        Rectangle((x, y), wide, tall, facecolor=PALE_BLUE, edgecolor=BLUE, hatch="//////",
                  linewidth=0)
    )  # fmt: skip


def _alt(exams: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    told = []
    for exam, domains in exams.items():
        parts = ", ".join(
            f"{d['number']} {d['name']} {d['weight']} %{' (named)' if d['named'] else ''}"
            for d in domains
        )
        told.append(f"{exam}: {parts}")
    return (
        f"The domains of {len(exams)} exams by weight; named are those of which lessons name "
        f"tasks. {'; '.join(told)}."
    )
