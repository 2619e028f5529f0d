"""Answers as a learner writes them: source text, run as a cell of its own."""

import ast
import linecache
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from helpers import practice
from helpers.practice.exercises.kit import all_exercises

SOLUTIONS = Path(__file__).resolve().parents[2] / "notebooks" / "solutions"
_cells = count()


def learner(source: str, name: str) -> Callable[..., Any]:
    """The function ``name`` that the cell ``source`` defines; tracebacks find its lines."""
    file = f"cell-{next(_cells)}"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {}
    exec(compile(source, file, "exec"), names)
    function: Callable[..., Any] = names[name]
    return function


def solution(name: str) -> str:
    """The source of the solution file that defines the function ``name``."""
    [path] = SOLUTIONS.glob(f"??_{name}.py")
    return path.read_text(encoding="utf-8")


def cell(name: str, code: str, before: str = "") -> str:
    """The cell that defines the learner's function with this body, and stands after ``before``."""
    parameters = ", ".join(all_exercises()[name].parameters)
    body = "\n".join("    " + line for line in code.splitlines())
    return f"{before}\nKEPT = {{}}\n\ndef {name}({parameters}):\n{body}\n"


def cases(wrong: Mapping[str, Mapping[str, list[str]]]) -> list[Any]:
    """Parameters (function, misconception, body) for a test of each wrong answer."""
    return [
        pytest.param(name, title, code, id=f"{name}-{title}-{number}")
        for name, titles in wrong.items()
        for title, codes in titles.items()
        for number, code in enumerate(codes)
    ]


def check_right(name: str, code: str) -> None:
    """The cell ``code`` is a right answer."""
    message = practice.check(learner(code, name))
    assert message.state == "correct", message


def check_told(name: str, title: str, code: str, kept: dict) -> None:
    """The cell ``code`` gets the misconception ``title``, and the message gives nothing away."""
    message = practice.check(learner(code, name))
    assert (message.state, message.title) == ("wrong", title), message
    assert kept == {}
    answer = [line for line in _lines_of_the_answer(name) if line not in code]
    gives_away = [line for line in answer if line in message.words]
    assert not gives_away, "the message gives the answer"


def checked(
    wrong: Mapping[str, Mapping[str, list[str]]], also_right: list[Any], before: str
) -> tuple[Callable[..., None], Callable[..., None]]:
    """A lesson's two tests: each wrong answer is told by name, each other right one is right.

    Answers are bodies of functions and stand after ``before``.
    """

    @pytest.mark.parametrize(("name", "title", "code"), cases(wrong))
    def told(name: str, title: str, code: str, open_lab: None, kept: dict) -> None:
        check_told(name, title, cell(name, code, before), kept)

    @pytest.mark.parametrize(("name", "code"), also_right)
    def right(name: str, code: str, open_lab: None) -> None:
        check_right(name, cell(name, code, before))

    return told, right


def _lines_of_the_answer(name: str) -> list[str]:
    """The statements of the solution's body, as they would be copied."""
    [function] = [
        node for node in ast.parse(solution(name)).body if isinstance(node, ast.FunctionDef)
    ]
    return [ast.unparse(node) for node in ast.walk(function) if isinstance(node, ast.Call)]
