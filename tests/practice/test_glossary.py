"""The glossary: one file, a page made from it, every term in the lesson that is named."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

from helpers import practice
from helpers.practice.glossary import PAGE, Term, page, terms

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@cache
def lesson(number: str) -> tuple[list[str], str]:
    """The headings of a lesson, and all its text in small letters."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE), text.casefold()


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.term)
def test_a_term_is_where_it_is_said_to_be(term: Term) -> None:
    headings, text = lesson(term.lesson)
    assert term.section in headings
    names = [*re.split(r" and | \(", term.term), term.also]
    assert any(name.casefold().rstrip(")") in text for name in names if name)
    assert term.means.endswith(".") and len(term.means) < 200


def test_terms_are_unique() -> None:
    names = [term.term.casefold() for term in terms()]
    assert len(set(names)) == len(names)


def test_the_page_is_written_from_the_file() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "Write docs/glossary.md: make glossary"


def test_a_term_is_looked_up() -> None:
    found = practice.glossary("Data Key")
    assert "GenerateDataKey" in str(found) and found.link() in found._repr_html_()
    with pytest.raises(practice.PracticeError, match="did you mean 'data key'"):
        practice.glossary("datakey")


def test_the_index_lists_what_is_ready() -> None:
    ready = [each["number"] for each in practice.lessons() if each["ready"]]
    assert [each["number"] for each in practice.index()] == ready
    assert all(
        f"{each['number']} {each['title']}" in repr(practice.index()) for each in practice.index()
    )
