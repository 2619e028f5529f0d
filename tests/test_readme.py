"""README says what is there: the course's lessons, a picture from lesson 00, code that runs."""

import base64
import re
from pathlib import Path

import nbformat
import pytest
from jupyterlab_server.config import get_page_config

from helpers import lab, practice
from helpers.practice.course import appendices, exam_tasks

ROOT = Path(__file__).parent.parent
COURSE = [*practice.lessons(), *appendices()]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_lessons_is_the_course_file() -> None:
    rows = re.findall(
        r"^\| (\d\d|[A-Z]) \| (.+?) \| (.+?) \| (.*?)\| (.+?) \|$", README, re.MULTILINE
    )
    expected = []
    for lesson in COURSE:
        title, minutes, needs = lesson["title"], "to come", ""
        if lesson["ready"]:
            title, minutes = f"[{title}](notebooks/{lesson['file']})", str(lesson["minutes"])
            needs = f"{lesson['needs']} "
        expected.append((lesson["number"], title, minutes, needs, exam_tasks(lesson)))
    assert rows == expected


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson["number"])
def test_a_lesson_is_ready_when_its_file_is_there(lesson: dict) -> None:
    path = ROOT / "notebooks" / lesson["file"]
    assert path.exists() == lesson["ready"]
    if lesson["ready"]:
        title, table = nbformat.read(path, as_version=4).cells[0].source.split("\n", 1)
        assert title == f"# {lesson['number']} · {lesson['title']}"
        assert f"| {lesson['minutes']} |" in table
        for exam, tasks in lesson["exams"].items():
            assert f"{exam} {', '.join(tasks)}" in table


def test_the_picture_is_the_one_that_lesson_00_drew() -> None:
    lesson = nbformat.read(ROOT / "notebooks/00_start_here.ipynb", as_version=4)
    drawn = {
        output.data["image/png"].replace("\n", "")
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    }
    shown = (ROOT / "docs/images/boundary.png").read_bytes()
    assert base64.b64encode(shown).decode() in drawn


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.+?)```", README, re.DOTALL)
    assert example
    try:
        exec(compile(example[1], "README.md", "exec"), {})
    finally:
        lab.close()
    assert "NotFoundException" in capsys.readouterr().out


def test_jupyterlab_does_not_ask_for_the_network() -> None:
    """Its plugin for news and updates would, in a box over the first lesson."""
    disabled = get_page_config([])["disabledExtensions"]
    assert "@jupyterlab/apputils-extension:announcements" in disabled
