"""Exercises and predictions in the stored lessons: shown as solved, and solved as shown."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from helpers.practice.exercises.kit import Exercise, all_exercises
from tests.notebooks import write

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "notebooks" / "solutions"
# Lesson 12 is the practice exam: it asks about all the others and sets no exercises of its own.
# The appendices, whose names begin with no number, set none either.
PRACTICE_EXAM = "12"
LESSONS = [
    path
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    if path.name[:2] != PRACTICE_EXAM
]
CHECK = re.compile(r"^practice\.check\((\w+)\)$", re.MULTILINE)
SHOWN = re.compile(
    r"<details><summary>Solution</summary>\n\n```python\n(.*?\n)```\n\n</details>", re.S
)
# The capstone: two policies to build with, and one fix an incident.
MOST_EXERCISES = {"11": 8}
PREDICT = re.compile(r"""practice\.predict\(\s*"([^"]+)\"""")
HAPPENED = re.compile(r"""practice\.happened\(\s*"([^"]+)\"""")


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def exercises_of(path: Path) -> list[Exercise]:
    return [each for each in all_exercises().values() if each.id[:2] == path.name[:2]]


def text_of(cell: NotebookNode) -> str:
    """All that a cell's outputs say in plain text."""
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_asks_what_is_checked(path: Path) -> None:
    cells = [(at, name) for at, cell in enumerate(read(path).cells) if cell.cell_type == "code"
             for name in CHECK.findall(cell.source)]  # fmt: skip
    assert sorted(name for _, name in cells) == sorted(each.function for each in exercises_of(path))
    assert 2 <= len(cells) <= MOST_EXERCISES.get(path.name[:2], 4)
    for at, name in cells:
        cell, after = read(path).cells[at], read(path).cells[at + 1]
        assert "Not started yet" in text_of(cell)
        parameters = re.search(rf"def {name}\((.*?)\)", cell.source, re.S)
        assert parameters
        names = tuple(re.findall(r"(\w+)(?=\s*[:,]|$)", re.sub(r":[^,]*", "", parameters[1])))
        assert names == all_exercises()[name].parameters
        assert "<details><summary>Hint" in after.source, f"{name} has no hint"
        [shown] = SHOWN.findall(after.source)
        assert shown == (SOLUTIONS / f"{path.name[:2]}_{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_solutions_pass_in_the_lesson_and_change_nothing_else(path: Path) -> None:
    stored, solved = read(path), read(path)
    for cell in solved.cells:
        if cell.cell_type == "code" and (found := CHECK.search(cell.source)):
            file = SOLUTIONS / f"{path.name[:2]}_{found[1]}.py"
            cell.source = f"{file.read_text(encoding='utf-8')}\n\n{found[0]}"
    write.run(solved, path.parent)
    for before, after in zip(stored.cells, write.canonical(solved).cells, strict=True):
        if before.cell_type != "code":
            continue
        if found := CHECK.search(before.source):
            exercise = all_exercises()[found[1]]
            assert text_of(after) == f"✓ Correct\n{exercise.why}"
        elif "practice.progress()" in before.source or "practice.report()" in before.source:
            assert text_of(after) != text_of(before), "solved exercises don't count as progress"
        else:
            assert text_of(after) == text_of(before), "a solved exercise changed another cell"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_prediction_is_asked_once_and_then_compared(path: Path) -> None:
    source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    asked, compared = PREDICT.findall(source), HAPPENED.findall(source)
    assert len(asked) >= 2
    assert asked == compared  # in the same order
    assert len(set(asked)) == len(asked)
    assert all(each.startswith(path.name[:2] + "-") for each in asked)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_happened_could_be_predicted(path: Path) -> None:
    said = "\n".join(text_of(cell) for cell in read(path).cells if cell.cell_type == "code")
    questions = re.findall(r"^Your prediction: .+\n((?:\( \) .+\n?)+)", said, re.MULTILINE)
    outcomes = re.findall(r"^What happened: (.+)$", said, re.MULTILINE)
    assert len(questions) == len(outcomes)
    for options, outcome in zip(questions, outcomes, strict=True):
        assert f"( ) {outcome}" in options.splitlines()
