"""The exams as their guides describe them: a table, and a picture of their domains."""

from html import escape
from typing import TYPE_CHECKING

from .blueprints import Blueprint, blueprint
from .course import EXAMS, lessons

if TYPE_CHECKING:
    from helpers.figures import Picture

COLUMNS = ("Exam", "Name", "Questions", "Scored", "Minutes", "Pass mark", "Note")


class Guides(tuple[Blueprint, ...]):
    """Exams that show as a table."""

    def picture(self) -> "Picture":
        """Every exam's domains by weight, with those marked of which lessons name a task."""
        from helpers import figures

        return figures.exam_weights(
            {
                plan.exam: [
                    {
                        "number": number,
                        "name": domain.name,
                        "weight": domain.weight,
                        "named": number in named(plan.exam),
                    }
                    for number, domain in plan.domains.items()
                ]
                for plan in self
            }
        )

    def __repr__(self) -> str:
        return "\n".join(" | ".join(_row(plan)).rstrip(" |") for plan in self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _row(plan))}</tr>"
            for plan in self
        )
        head = "".join(f"<th scope='col'>{name}</th>" for name in COLUMNS)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def exam_guides() -> Guides:
    """The exams that the practice exam knows."""
    return Guides(blueprint(exam) for exam in EXAMS)


def named(exam: str) -> set[int]:
    """The domains of which a lesson names a task."""
    tasks = [task for lesson in lessons() for task in lesson["exams"].get(exam, [])]
    return {int(task.partition(".")[0]) for task in tasks if task[0].isdigit()}


def _row(plan: Blueprint) -> tuple[str, ...]:
    minutes = str(plan.minutes) if plan.minutes else "not said"
    note = f"{plan.note} As of {plan.date}.".strip()
    return (
        plan.exam,
        EXAMS[plan.exam],
        str(plan.questions),
        str(plan.scored),
        minutes,
        f"{plan.pass_mark} of 1,000",
        note,
    )
