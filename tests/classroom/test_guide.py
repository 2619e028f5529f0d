"""The guide and the plans: minutes add up, all parts are there, links lead somewhere."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest

from tests.notebooks import markdown
from tests.notebooks.shape import broken_links

ROOT = Path(__file__).resolve().parents[2]
CLASSROOM = ROOT / "classroom"
NOTEBOOKS = ROOT / "notebooks"
DATA = json.loads((ROOT / "helpers/practice/course.json").read_text(encoding="utf-8"))
COURSE: dict[str, dict[str, Any]] = {
    lesson["number"]: lesson for lesson in DATA["lessons"] + DATA["appendices"]
}
# Of a lesson that is still being written there is nothing to compare with.
READY = [number for number, lesson in COURSE.items() if lesson["ready"]]
PARTS = ["Minutes", "Draw", "Where learners stumble", "Ask", "Skip", "Show live"]
PLANS = {"two_hours": [120], "half_day": [240], "two_days": [480, 480]}
PAGES = sorted(CLASSROOM.rglob("*.md"))
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
NUMBER_WORDS = {"both": 2, "all three": 3, "all four": 4}


def page(number: str) -> str:
    return (CLASSROOM / "guide" / f"{number}.md").read_text(encoding="utf-8")


def part(text: str, name: str) -> str:
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no part {name}"
    return found[1].strip()


def table_rows(text: str) -> list[list[str]]:
    """The cells of each row of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def minutes_of(number: str) -> dict[str, int]:
    """Section -> minutes of its row; sections that share a row share its minutes."""
    found = {}
    for what, minutes in table_rows(part(page(number), "Minutes"))[:-1]:
        titles = [title for title, _ in LINK.findall(what)]
        for title in titles:
            found[title] = int(minutes) if title == titles[0] else 0
    return found


@cache
def cells(name: str) -> list[nbformat.NotebookNode]:
    return nbformat.read(NOTEBOOKS / name, as_version=4).cells


@cache
def headings(name: str) -> list[tuple[int, str]]:
    prose = "\n\n".join(cell.source for cell in cells(name) if cell.cell_type == "markdown")
    return markdown.headings(markdown.parse(prose))


def test_there_is_a_page_for_each_lesson() -> None:
    assert sorted(path.stem for path in (CLASSROOM / "guide").iterdir()) == sorted(COURSE)
    readme = (CLASSROOM / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\[(\w+)\]\(guide/(\w+)\.md\) \| (.+?) \|", readme)
    assert sorted(listed) == sorted((n, n, each["title"]) for n, each in COURSE.items())


@pytest.mark.parametrize("number", COURSE)
def test_a_page_has_all_parts(number: str) -> None:
    text = page(number)
    tokens = markdown.parse(text)
    lesson = COURSE[number]
    assert markdown.headings(tokens)[0] == (1, f"{number} · {lesson['title']}")
    assert [title for level, title in markdown.headings(tokens) if level == 2] == PARTS
    assert len(text.split()) < 900, "a teacher reads it the evening before"
    assert len(re.findall(r"^\d\. ", part(text, "Draw"), re.MULTILINE)) >= 3
    assert len(re.findall(r"^- ", part(text, "Where learners stumble"), re.MULTILINE)) >= 3
    questions = re.findall(r"^\d\. \*.+?[?\"”.]\* \S", part(text, "Ask"), re.MULTILINE)
    assert 3 <= len(questions) <= 5
    assert len(questions) == len(part(text, "Ask").splitlines()), "each question has its answer"
    assert LINK.search(part(text, "Skip"))
    assert len(re.findall(r"^- ", part(text, "Show live"), re.MULTILINE)) >= 2
    assert LINK.search(part(text, "Show live"))


@pytest.mark.parametrize("number", COURSE)
def test_minutes_are_those_of_the_course(number: str) -> None:
    *sections, together = table_rows(part(page(number), "Minutes"))
    assert together[0] == "Together"
    assert sum(int(minutes) for _, minutes in sections) == int(together[1])
    if COURSE[number]["ready"]:
        assert int(together[1]) == COURSE[number]["minutes"]


@pytest.mark.parametrize("number", READY)
def test_every_section_has_its_minutes(number: str) -> None:
    """In the lesson's order, and none is forgotten but the opening and the closing ones."""
    file = COURSE[number]["file"]
    sections = [title for level, title in headings(file) if level == 2]
    timed = list(minutes_of(number))
    assert timed == [title for title in sections if title in timed]
    untimed = {
        *("Set up", "What you can now say", "What this would cost on AWS", "Further reading"),
        *("The map of the course", "Your progress", "A full exam"),
    }
    assert set(sections) - set(timed) <= untimed


@pytest.mark.parametrize("number", READY)
def test_exercises_are_where_the_page_says(number: str) -> None:
    file = COURSE[number]["file"]
    inside, section = set(), ""
    for level, title in headings(file):
        if level == 2:
            section = title
        elif title.startswith("Exercise: "):
            inside.add(section)
    rows = table_rows(part(page(number), "Minutes"))
    marked = [LINK.findall(what)[-1][0] for what, _ in rows if "with an exercise" in what]
    assert set(marked) == inside


@pytest.mark.parametrize("number", READY)
def test_predictions_are_the_lessons_own(number: str) -> None:
    file = COURSE[number]["file"]
    source = "\n".join(cell.source for cell in cells(file) if cell.cell_type == "code")
    asked = set(re.findall(r'practice\.predict\(\s*"([^"]+)"', source))
    named = set(re.findall(r"`(\w\w?-[a-z][a-z0-9-]+)`", page(number)))
    assert named <= asked
    stumbled = set(re.findall(r"`(\d\d-[a-z0-9-]+)`", part(page(number), "Where learners stumble")))
    assert len(stumbled) >= min(len(asked), 4), "the predictions say where learners stumble"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(CLASSROOM).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    unwritten = [each["file"] for each in COURSE.values() if not each["ready"]]
    broken = [
        why
        for why in broken_links(path, markdown.parse(text))
        if not any(file in why for file in unwritten)
    ]
    assert not broken
    # The words of a link to a section are the section's.
    for title, url in LINK.findall(text):
        if ".ipynb#" in url:
            assert title.replace(" ", "-") == url.partition("#")[2]


class Block(NamedTuple):
    """A row of a plan."""

    begins: int
    minutes: int
    what: str
    exercises: str


def plan(name: str) -> Iterator[tuple[list[Block], Block]]:
    """For each day its blocks, and the row that ends it."""
    text = (CLASSROOM / "schedules" / f"{name}.md").read_text(encoding="utf-8")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        *blocks, end = [
            Block(int(begins[:2]) * 60 + int(begins[3:]), int(minutes), what, exercises)
            for begins, minutes, what, exercises in table_rows(table)
        ]
        yield blocks, end


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_adds_up(name: str) -> None:
    days = list(plan(name))
    assert [end.minutes for _, end in days] == PLANS[name]
    for blocks, end in days:
        for block, following in zip(blocks, [*blocks[1:], end], strict=True):
            assert block.begins + block.minutes == following.begins, block.what
        assert end.begins - blocks[0].begins == end.minutes == sum(b.minutes for b in blocks)
        # Nobody sits for more than two hours.
        sat = 0
        for block in blocks:
            sat = 0 if block.what in ("Break", "Lunch") else sat + block.minutes
            assert sat <= 120, block.what


@pytest.mark.parametrize("name", PLANS)
def test_a_block_has_the_time_that_its_sections_take(name: str) -> None:
    by_file = {each["file"]: number for number, each in COURSE.items()}
    for block in (block for blocks, _ in plan(name) for block in blocks):
        needed, titles = 0, []
        for title, url in LINK.findall(block.what):
            file, _, anchor = url.partition("#")
            number = by_file[Path(file).name]
            lesson = COURSE[number]
            if lesson["ready"]:
                titles += [heading for _, heading in headings(lesson["file"])]
            if anchor:
                assert f"{number}: " in block.what
                needed += minutes_of(number).get(title, 0)
            else:
                assert title == f"{number} · {lesson['title']}"
                needed += lesson["minutes"]
        if block.exercises != "without the exercise":
            assert block.minutes >= needed, block.what
        assert_exercises(block, titles)


def assert_exercises(block: Block, titles: list[str]) -> None:
    """Exercises that a plan names are in the lessons that it links."""
    if block.exercises in ("-", "", "without the exercise"):
        return
    there = [title.removeprefix("Exercise: ") for title in titles if title.startswith("Exercise")]
    if block.exercises in NUMBER_WORDS:
        assert len(there) == NUMBER_WORDS[block.exercises]
    elif titles:
        assert set(block.exercises.split("; ")) <= set(there)
