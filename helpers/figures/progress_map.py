"""What has been done: lessons in rows, and below them the domains of the exams."""

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from matplotlib.axes import Axes

from .picture import GREEN, INK, PALE_GREEN, PALE_GREY, QUIET, RULE, Picture, bar_of, canvas, text

ROW = 0.3  # inches
LONGEST_NAME = 56  # letters; the alt text has all of it


def progress_map(
    lessons: Sequence[Mapping[str, Any]], domains: Sequence[tuple[str, str, int, int]]
) -> Picture:
    """Draw (passed, all) of questions and exercises by lesson, and of questions by exam domain.

    A lesson has ``number``, ``title``, ``ready``, ``questions`` and ``exercises``, the last two as
    (passed, all). A domain is exam, name, passed, all.
    """
    rows = len(lessons) + len(domains) + 3.6
    figure, axes = canvas(7.6, ROW * rows)
    step = 100 / rows
    y = 100 - step * 0.9
    text(axes, 3, y, "By lesson", size=11, weight="bold", ha="left")
    text(axes, 63, y, "exercises", size=9, color=QUIET)
    text(axes, 86, y, "questions", size=9, color=QUIET)
    for lesson in lessons:
        y -= step
        ready = lesson["ready"]
        color = INK if ready else QUIET
        axes.axhline(y + step / 2, 0.02, 0.98, color=RULE, linewidth=0.6)
        text(axes, 3, y, lesson["number"], size=9.5, ha="left", color=color, family="monospace")
        text(axes, 8, y, lesson["title"], size=9.5, ha="left", color=color)
        if not ready:
            text(axes, 86, y, "to come", size=8.5, color=QUIET)
            continue
        if not lesson["exercises"][1] and not lesson["questions"][1]:
            text(axes, 86, y, "none of its own", size=8.5, color=QUIET)
            continue
        _bar(axes, 54, y, 18, step, *lesson["exercises"])
        _bar(axes, 76, y, 20, step, *lesson["questions"])
    y -= step * 1.6
    text(axes, 3, y, "By exam domain", size=11, weight="bold", ha="left")
    before = ""
    for exam, name, passed, total in domains:
        y -= step
        axes.axhline(y + step / 2, 0.02, 0.98, color=RULE, linewidth=0.6)
        if exam != before:
            text(axes, 3, y, exam, size=9, ha="left", weight="bold")
        before = exam
        text(axes, 16, y, shorten(name, LONGEST_NAME, placeholder=" …"), size=9.5, ha="left")
        _bar(axes, 76, y, 20, step, passed, total)
    return Picture(figure, _alt(lessons, domains))


def _bar(
    axes: Axes, x: float, y: float, width: float, step: float, passed: int, total: int
) -> None:
    if not total:
        text(axes, x + width / 2, y, "none yet", size=8.5, color=QUIET)
        return
    bar, height = width - 9, step * 0.5
    bar_of(axes, x, y, bar, height, PALE_GREY, RULE)
    if passed:
        filled = bar * passed / total
        bar_of(axes, x, y, filled, height, PALE_GREEN, GREEN, "////")
    done = passed == total
    words = f"{passed} of {total}" + (" ✓" if done else "")
    weight = "bold" if done else "normal"
    text(axes, x + bar + 1.2, y, words, size=8.5, ha="left", weight=weight)


def _alt(lessons: Sequence[Mapping[str, Any]], domains: Sequence[tuple[str, str, int, int]]) -> str:
    ready = [
        f"{lesson['number']} {lesson['title']}: "
        + ", ".join(
            f"{lesson[what][0]} of {lesson[what][1]} {what}"
            for what in ("exercises", "questions")
            if lesson[what][1]
        )
        for lesson in lessons
        if lesson["ready"] and (lesson["exercises"][1] or lesson["questions"][1])
    ]
    served = [f"{exam} {name}: {passed} of {total}" for exam, name, passed, total in domains]
    return (
        f"Progress. By lesson: {'; '.join(ready)}. "
        f"Questions answered right, by exam domain: {'; '.join(served)}."
    )
