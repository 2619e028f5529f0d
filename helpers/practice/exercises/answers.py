"""``practice.answer``: the learner's function where it is right, the course's own elsewhere.

So a lesson that builds on an exercise goes on, whether the exercise was done or not.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import known
from .kit import all_exercises

SOLUTIONS = Path(__file__).resolve().parents[3] / "notebooks" / "solutions"

#: Name of the exercise's function -> the learner's, as the last check of this kernel found right.
_right: dict[str, Callable[..., Any]] = {}


def checked(name: str, function: Callable[..., Any], *, right: bool) -> None:
    """Remember what a check found."""
    if right:
        _right[name] = function
    else:
        _right.pop(name, None)


def answer(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` itself if its last check in this kernel said Correct, else the solution's.

    Raises PracticeError if no exercise asks for it.
    """
    exercises = all_exercises()
    name = known(getattr(function, "__name__", function), list(exercises), "exercise")
    if _right.get(name) is function:
        return function
    file = SOLUTIONS / f"{exercises[name].id[:2]}_{name}.py"
    names: dict[str, Any] = {}
    exec(compile(file.read_text(encoding="utf-8"), file.name, "exec"), names)
    solution: Callable[..., Any] = names[name]
    return solution
