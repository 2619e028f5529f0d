"""The lessons of the course, from the one data file that README and lesson 00 show too."""

import json
from importlib.resources import files
from typing import Any

_COURSE = json.loads(files(__package__).joinpath("course.json").read_text(encoding="utf-8"))

#: Where the course is published: owner/name on GitHub. ``make address`` changes it.
REPOSITORY: str = _COURSE["repository"]

#: Exam code -> name of the certification.
EXAMS: dict[str, str] = _COURSE["exams"]


def lessons() -> list[dict[str, Any]]:
    """The lessons in course order.

    Each has ``number``, ``title``, ``file`` (in notebooks/), ``minutes``, ``ready`` and
    ``exams``: exam code -> list of the task numbers in that exam's guide. A lesson that is
    ready also has ``needs``: the lessons before it that it builds on.
    """
    return [dict(lesson) for lesson in _COURSE["lessons"]]


def appendices() -> list[dict[str, Any]]:
    """What stands beside the lessons: numbered A, B, ...; with no exercises and no quiz."""
    return [dict(appendix) for appendix in _COURSE["appendices"]]


class Index(list[dict[str, Any]]):
    """The lessons that are ready, as a table: minutes, needs, exam tasks. Appendices below."""

    def __repr__(self) -> str:
        return "\n".join(
            f"{each['number']} {each['title']}: {each['minutes']} minutes, needs {each['needs']}; "
            f"{exam_tasks(each)}"
            for each in [*self, *appendices()]
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td>{each["number"]}</td><td><a href="{each["file"]}">{each["title"]}</a></td>'
            f"<td>{each['minutes']}</td><td>{each['needs']}</td><td>{exam_tasks(each)}</td></tr>"
            for each in [*self, *appendices()]
        )
        names = ("", "Lesson", "Minutes", "Needs", "Exam tasks")
        head = "".join(f'<th scope="col">{name}</th>' for name in names)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def index() -> Index:
    """The lessons that are ready, with what each needs and which exam tasks it serves."""
    return Index(lesson for lesson in lessons() if lesson["ready"])


def exam_tasks(lesson: dict[str, Any]) -> str:
    """The exam tasks of a lesson in one line: "SAA-C03 1.3 · DVA-C03 2.2"."""
    return " · ".join(f"{exam} {', '.join(tasks)}" for exam, tasks in lesson["exams"].items())
