"""Slides: every cell says where it goes, and what is marked by hand stays."""

import copy
from pathlib import Path

import nbformat
import pytest

from classroom.slides import build, mark
from tests.notebooks import markdown, write

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
KINDS = {"slide", "subslide", "fragment", "-", "skip", "notes"}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_cell_is_marked(path: Path) -> None:
    nb = nbformat.read(path, as_version=4)
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in nb.cells]
    assert set(kinds) <= KINDS, "make slides marks what has no mark"
    assert kinds[0] == "slide"
    shown = [cell.source for cell, kind in zip(nb.cells, kinds, strict=True) if kind != "skip"]
    assert not any("practice.check(" in source for source in shown)
    assert any("What you can now say" in source for source in shown)
    # A section begins a slide: its heading is the first thing in its cell.
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            tokens = markdown.parse(cell.source)
            levels = [level for level, _ in markdown.headings(tokens)]
            assert len(levels) <= 1, cell.source[:60]


def test_marks_made_by_hand_stay() -> None:
    nb = nbformat.v4.new_notebook()
    nb.cells = [
        nbformat.v4.new_markdown_cell("# A title"),
        nbformat.v4.new_markdown_cell("## A section"),
        nbformat.v4.new_code_cell("x = 1", metadata={"slideshow": {"slide_type": "fragment"}}),
        nbformat.v4.new_markdown_cell("### Exercise: one\n\nDo it."),
        nbformat.v4.new_code_cell("practice.check(f)"),
        nbformat.v4.new_markdown_cell("## Next"),
        nbformat.v4.new_code_cell("\n".join(["x"] * 60)),
    ]
    mark.mark(nb)
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in nb.cells]
    assert kinds == ["slide", "slide", "fragment", "skip", "skip", "slide", "subslide"]
    again = copy.deepcopy(nb)
    mark.mark(again)
    assert again == nb


def test_make_notebooks_keeps_the_marks() -> None:
    nb = nbformat.read(LESSONS[0], as_version=4)
    kept = write.canonical(nb)
    assert [cell.metadata for cell in kept.cells] == [cell.metadata for cell in nb.cells]


def test_pages_ask_nothing_of_the_network(tmp_path: Path) -> None:
    names = build.build(tmp_path / "slides")
    assert len(names) == len(LESSONS)
    for page in (tmp_path / "slides").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        for call in ('src="http', "src='http", "@import", 'rel="stylesheet" href="http'):
            assert call not in text, page.name
    assert (tmp_path / "slides/vendor/reveal.js/dist/reveal.js").is_file()
