"""Lesson 10 runs where Tink is missing, as on Windows, and says so in a sentence."""

from pathlib import Path

import nbformat

from tests.notebooks import write

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "10_choosing_a_kms.ipynb"
HIDE_TINK = "import sys\nsys.modules['tink'] = None"


def test_it_runs_without_tink() -> None:
    lesson = nbformat.read(LESSON, as_version=4)
    lesson.cells.insert(0, nbformat.v4.new_code_cell(HIDE_TINK))
    write.run(lesson, LESSON.parent)  # raises if a cell does
    printed = [
        output.get("text", "")
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert sum("Tink is not installed" in text for text in printed) == 2
    assert not any(output.startswith("Google  Decrypt") for output in printed)
