"""The course at a glance: lessons in rows, exams in columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from .picture import BLUE, INK, PALE_BLUE, PALE_GREY, QUIET, RULE, Picture, box, canvas, text


def course_map(lessons: Sequence[Mapping[str, Any]], exams: Sequence[str]) -> Picture:
    """Draw the lessons with their minutes and the exam tasks that each serves.

    A lesson is a mapping with ``number``, ``title``, ``minutes``, ``ready`` and ``exams``
    (exam code -> list of task numbers).
    """
    figure, axes = canvas(8.8, 0.36 * len(lessons) + 0.75)
    left, step = 50, 49 / len(exams)
    row_height = 88 / len(lessons)
    for column, exam in enumerate(exams):
        text(axes, left + step * (column + 0.5), 95.5, exam, size=9, weight="bold")
    for row, lesson in enumerate(lessons):
        y = 91 - row_height * (row + 0.5)
        axes.axhline(y + row_height / 2, 0.02, 0.98, color=RULE, linewidth=0.8)
        color, weight = (INK, "bold") if lesson["ready"] else (QUIET, "normal")
        text(axes, 3, y, lesson["number"], size=10, ha="left", color=color, family="monospace")
        text(axes, 8, y, lesson["title"], size=10, ha="left", color=color, weight=weight)
        when = f"{lesson['minutes']} min" if lesson["ready"] else "to come"
        text(axes, left - 1, y, when, size=8.5, ha="right", color=QUIET)
        for column, exam in enumerate(exams):
            tasks = lesson["exams"].get(exam)
            if tasks:
                x = left + step * column + 0.6
                box(
                    axes,
                    x,
                    y - row_height * 0.36,
                    step - 1.2,
                    row_height * 0.72,
                    ", ".join(tasks),
                    size=8,
                    fill=PALE_BLUE if lesson["ready"] else PALE_GREY,
                    edge=BLUE if lesson["ready"] else RULE,
                )
    ready = [f"{item['number']} {item['title']}" for item in lessons if item["ready"]]
    return Picture(
        figure,
        f"Map of the course: {len(lessons)} lessons against the exams {', '.join(exams)}, with the "
        f"exam tasks that each lesson serves. Ready now: {'; '.join(ready)}.",
    )
