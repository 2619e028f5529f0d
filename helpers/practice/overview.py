"""The map of the course with what is done, by lesson and by exam domain."""

from typing import TYPE_CHECKING, Any

from . import bank, store
from .blueprints import blueprint
from .course import EXAMS, lessons
from .exercises import all_exercises

if TYPE_CHECKING:
    from helpers.figures import Picture


def progress() -> "Picture":
    """Draw what has been passed: exercises and questions by lesson, questions by exam domain."""
    from helpers import figures

    return figures.progress_map(by_lesson(), by_domain())


def by_lesson() -> list[dict[str, Any]]:
    """Each lesson with ``number``, ``title``, ``ready``, ``questions`` and ``exercises``.

    Both are (passed, all).
    """
    questions, exercises = store.recorded("question"), store.recorded("exercise")
    all_ids = [exercise.id for exercise in all_exercises().values()]
    rows = []
    for lesson in lessons():
        number = lesson["number"]
        mine = [question.id for question in bank.of_lesson(number)]
        here = [exercise_id for exercise_id in all_ids if exercise_id.startswith(f"{number}-")]
        rows.append(
            {
                "number": number,
                "title": lesson["title"],
                "ready": lesson["ready"],
                "questions": (_passed(mine, questions), len(mine)),
                "exercises": (_passed(here, exercises), len(here)),
            }
        )
    return rows


def by_domain() -> list[tuple[str, str, int, int]]:
    """Exam, domain with its number, questions passed, questions there are; all that have any."""
    done = store.recorded("question")
    rows = []
    for exam in EXAMS:
        plan = blueprint(exam)
        for number, domain in plan.domains.items():
            mine = [q.id for q in bank.every_question() if number in q.domains(exam)]
            if mine:
                rows.append((exam, f"{number} {domain.name}", _passed(mine, done), len(mine)))
    return rows


def _passed(names: list[str], done: dict[str, dict[str, Any]]) -> int:
    return sum(bool(done.get(name, {}).get("once_passed")) for name in names)
