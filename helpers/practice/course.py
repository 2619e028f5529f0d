"""The lessons of the course, from the one data file that README and lesson 00 show too."""

import json
from importlib.resources import files
from typing import Any

_COURSE = json.loads(files(__package__).joinpath("course.json").read_text(encoding="utf-8"))

#: Exam code -> name of the certification.
EXAMS: dict[str, str] = _COURSE["exams"]


def lessons() -> list[dict[str, Any]]:
    """The lessons in course order.

    Each has ``number``, ``title``, ``file`` (in notebooks/), ``minutes``, ``ready`` and
    ``exams``: exam code -> list of the task numbers in that exam's guide.
    """
    return [dict(lesson) for lesson in _COURSE["lessons"]]
