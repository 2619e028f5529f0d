"""The exams side by side: a bar each, cut into domains by weight."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from matplotlib.patches import Rectangle

from .picture import BLUE, INK, PALE_BLUE, PALE_GREY, QUIET, RULE, Picture, canvas, text

ROW = 0.62  # inches
LEFT, RIGHT = 11, 98
LETTERS_PER_POINT = 0.62  # of weight: how many letters fit into a part, a line


def exam_weights(exams: Mapping[str, Sequence[Mapping[str, Any]]]) -> Picture:
    """Draw each exam's domains: ``number``, ``name``, ``weight`` in per cent, ``named``.

    ``named``: do lessons of the course name a task of this domain? Such parts have a hatched edge.
    """
    rows = len(exams) + 0.9
    figure, axes = canvas(8.8, ROW * rows)
    step = 100 / rows
    y = 100 - step * 0.35
    text(axes, LEFT, y, "hatched edge: the lessons name tasks of this domain", size=9, ha="left",
         color=QUIET)  # fmt: skip
    y += step * 0.2
    for exam, domains in exams.items():
        y -= step
        text(axes, 1.5, y, exam, size=9.5, weight="bold", ha="left")
        x, whole = float(LEFT), sum(domain["weight"] for domain in domains)
        for domain in domains:
            wide = (RIGHT - LEFT) * domain["weight"] / whole
            named = domain["named"]
            axes.add_patch(
                Rectangle(
                    (x, y - step * 0.4),
                    wide,
                    step * 0.8,
                    facecolor=PALE_BLUE if named else PALE_GREY,
                    edgecolor=BLUE if named else RULE,
                    linewidth=1.2,
                )
            )
            if named:
                axes.add_patch(
                    Rectangle((x, y - step * 0.4), wide, step * 0.1, facecolor=PALE_BLUE,
                              edgecolor=BLUE, hatch="//////", linewidth=0)
                )  # fmt: skip
            lines = wrap(domain["name"], max(8, round(domain["weight"] * LETTERS_PER_POINT * 1.3)))
            name = "\n".join(lines[:2]) + (" …" if len(lines) > 2 else "")
            head = f"{domain['number']}: {domain['weight']} %"
            text(axes, x + wide / 2, y + step * 0.24, head, size=8.5, weight="bold", color=INK)
            text(axes, x + wide / 2, y - step * 0.06, name, size=7, color=INK, linespacing=1.1)
            x += wide
    return Picture(figure, _alt(exams))


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
