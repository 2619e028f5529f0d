"""Lesson 11: with every exercise solved its report is complete; with none it says what is open."""

import re
from pathlib import Path
from typing import Any

import pytest

from helpers import lab, practice
from helpers.practice import store
from helpers.practice.capstone import incidents, record
from helpers.practice.exercises import answers
from tests.notebooks import shape

ROOT = Path(__file__).resolve().parents[2]
LESSON = ROOT / "notebooks" / "11_capstone.ipynb"
CELLS = [cell.source for _, cell in shape.read(LESSON).code]
CHECK = re.compile(r"^practice\.check\((\w+)\)$", re.MULTILINE)
BEFORE_THE_REPORT = CELLS[: CELLS.index("practice.report()")]


def solution(name: str) -> str:
    return (ROOT / "notebooks" / "solutions" / f"11_{name}.py").read_text(encoding="utf-8")


def forget() -> None:
    """What a fresh kernel would not know."""
    record.forget()
    for kept in (incidents._played, answers._right, store._unwritten):
        kept.clear()


def report_of(cells: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The report after these cells ran in a kernel that has shown nothing yet."""
    monkeypatch.setenv("KMS_COURSE_PROGRESS", ":memory:")
    forget()
    names: dict[str, Any] = {}
    try:
        for cell in cells:
            exec(compile(cell, "lesson 11", "exec"), names)
        return practice.report()
    finally:
        lab.close()
        forget()


def solved(cell: str) -> str:
    found = CHECK.search(cell)
    return f"{solution(found[1])}\n\n{found[0]}" if found else cell


def test_solved_the_report_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of([solved(cell) for cell in BEFORE_THE_REPORT], monkeypatch)
    assert report.complete, report.markdown
    assert report.summary == "10 of 10 steps done, 6 of 6 incidents mended: complete."
    assert all("cause: " in row[4] and "fix: " in row[4] for row in report.incidents)
    lines = [line for line in report.markdown.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1 and len(lines) == 18
    assert report._repr_html_().count("<tr>") == 17


def test_unsolved_it_says_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(BEFORE_THE_REPORT, monkeypatch)
    assert report.summary == "8 of 10 steps done, 0 of 6 incidents mended."
    assert all("cause: " in row[4] for row in report.incidents)


def test_one_incident_mended_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [solved(cell) if "def mend_reader" in cell else cell for cell in BEFORE_THE_REPORT]
    report = report_of(cells, monkeypatch)
    assert [row[2] for row in report.incidents] == ["✓ done", *["○ open"] * 5]
