"""Questions from top to bottom, an answer beside each."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from .picture import BLUE, GREEN, PALE_BLUE, PALE_GREEN, QUIET, Picture, arrow, box, canvas, text


def decision(
    steps: Sequence[tuple[str, str, str]], otherwise: tuple[str, str], title: str
) -> Picture:
    """Draw a chain of yes/no questions.

    ``steps``: (question, what to take if yes, why). ``otherwise``: (what to take, why).
    """
    rows = len(steps) + 1
    figure, axes = canvas(8.8, 0.86 * rows + 0.55, title)
    height = 86 / rows
    for row, (question, take, why) in enumerate(steps):
        y = 87 - height * (row + 1)
        middle = y + height * 0.6
        box(
            axes,
            3,
            y + height * 0.26,
            44,
            height * 0.68,
            question,
            size=9.5,
            fill=PALE_BLUE,
            edge=BLUE,
        )
        arrow(axes, (47, middle), (56, middle))
        text(axes, 51.2, middle + height * 0.17, "yes", size=8.5, color=QUIET)
        _answer(axes, 56, y, height, take, why)
        arrow(axes, (25, y + height * 0.26), (25, y - height * 0.06))
        text(axes, 27.4, y + height * 0.1, "no", size=8.5, color=QUIET)
    y = 87 - height * rows
    _answer(axes, 3, y, height, *otherwise)
    told = "; ".join(f"{question} Yes: {take}" for question, take, _ in steps)
    return Picture(figure, f"Decision chart: {title} {told}; otherwise {otherwise[0]}.")


def _answer(axes: Axes, x: float, y: float, height: float, take: str, why: str) -> None:
    box(axes, x, y + height * 0.26, 41, height * 0.68, fill=PALE_GREEN, edge=GREEN)
    text(axes, x + 20.5, y + height * 0.73, take, size=9.5, weight="bold")
    text(axes, x + 20.5, y + height * 0.44, why, size=8.2, color=QUIET)
