"""How a practice exam went: by domain, and beside the ones before it."""

from collections.abc import Mapping, Sequence
from textwrap import shorten

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    GREEN,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    QUIET,
    RULE,
    Picture,
    bar_of,
    canvas,
    text,
)

SHOWN = 10  # of the exams so far
LONGEST_NAME = 42  # letters; the alt text has all of it


def exam_result(
    exam: str,
    domains: Mapping[str, tuple[int, int]],
    history: Sequence[tuple[str, int, int]],
) -> Picture:
    """Draw right ones of all asked, by domain; and the history, oldest first, this exam last.

    Without a history (of a rehearsal nothing is kept) there is only the first part.

    ``domains``: name -> (right, asked). ``history``: (day, right, asked).
    """
    history = list(history)[-SHOWN:]
    rows = len(domains) + (len(history) + 3.4 if history else 1.4)
    figure, axes = canvas(6.2, 0.32 * rows)
    step = 100 / rows
    y = 100 - step * 0.9
    text(axes, 2, y, f"{exam}, by domain", size=11, weight="bold", ha="left")
    for name, (right, asked) in domains.items():
        y -= step
        text(axes, 2, y, shorten(name, LONGEST_NAME, placeholder=" …"), size=9, ha="left")
        _share(axes, y, step, right, asked, (PALE_GREEN, GREEN, "////"))
    y -= step * 1.5
    if history:
        text(axes, 2, y, "Your exams so far", size=11, weight="bold", ha="left")
    for number, (day, right, asked) in enumerate(history, 1):
        y -= step
        last = number == len(history)
        words = f"{day}, this one" if last else day
        text(axes, 2, y, words, size=9.5, ha="left", weight="bold" if last else "normal")
        _share(axes, y, step, right, asked, (PALE_BLUE, BLUE, "...."))
    by_domain = "; ".join(f"{name} {right} of {asked}" for name, (right, asked) in domains.items())
    before = "; ".join(f"{day} {right} of {asked}" for day, right, asked in history)
    so_far = f" Exams so far, oldest first: {before}." if history else ""
    return Picture(figure, f"Result of a practice exam {exam}. By domain: {by_domain}.{so_far}")


def _share(
    axes: Axes, y: float, step: float, right: int, asked: int, look: tuple[str, str, str]
) -> None:
    height = step * 0.52
    bar_of(axes, 52, y, 28, height, PALE_GREY, RULE)
    if right:
        wide = 28 * right / asked
        bar_of(axes, 52, y, wide, height, *look)
    text(axes, 82, y, f"{right} of {asked}", size=9, ha="left", color=INK)
    text(axes, 98, y, f"{right / asked:.0%}", size=9, ha="right", color=QUIET)
