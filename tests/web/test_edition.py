"""The web edition, as files: every lesson is there, links lead somewhere, pictures have words."""

import json
from pathlib import Path

import nbformat
import pytest

from tests.web import edition

LESSONS = sorted((edition.ROOT / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.skipif(not edition.PYTHON.exists(), reason="make docs has not run")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, edition.Page]:
    html = edition.build(tmp_path_factory.mktemp("web"))
    return {path: edition.Page(path) for path in edition.pages_in(html)}


def lesson_page(pages: dict[Path, edition.Page], lesson: Path) -> edition.Page:
    return next(page for path, page in pages.items() if path.name == f"{lesson.stem}.html")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_its_stored_outputs(pages: dict[Path, edition.Page], lesson: Path) -> None:
    page = lesson_page(pages, lesson)
    text = page.path.read_text(encoding="utf-8")
    stored = nbformat.read(lesson, as_version=4)
    htmls = ["".join(o.get("data", {}).get("text/html", "")) for o in _outputs(stored)]
    described = sum(html.count("<img") for html in htmls)
    pictures = [picture for picture in page.pictures if picture.get("alt")]
    assert len(pictures) >= described
    assert all(len(str(picture["alt"])) > 5 for picture in page.pictures)
    folded = sum(html.count("<details") for html in htmls)
    assert page.tags.count("details") >= folded
    assert "Error displaying widget" not in text
    assert "widget-view" not in text


def _outputs(nb: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in nb.cells for output in cell.get("outputs", [])]


def test_links_lead_somewhere(pages: dict[Path, edition.Page]) -> None:
    assert list(edition.broken_links(pages)) == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text('<a href="gone.html">a</a><a href="page.html#gone">b</a><h1 id="here">c</h1>')
    found = list(edition.broken_links({path: edition.Page(path)}))
    assert len(found) == 2


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, edition.Page]) -> None:
    foreign = {
        load
        for page in pages.values()
        for load in page.loads
        if load.startswith(("http:", "https:", "//"))
    }
    assert foreign == set()


def test_a_lesson_can_be_launched(pages: dict[Path, edition.Page]) -> None:
    course = json.loads((edition.ROOT / "helpers/practice/course.json").read_text())
    for lesson in LESSONS:
        links = lesson_page(pages, lesson).links
        launch = [link for link in links if link.startswith("https://mybinder.org/v2/gh/")]
        assert any(f"lab/tree/notebooks/{lesson.name}" in link for link in launch), links[:20]
    assert course["repository"].count("/") == 1


def test_no_page_of_a_lesson_that_is_not_ready(pages: dict[Path, edition.Page]) -> None:
    names = {path.stem for path in pages if path.parent.name == "notebooks"}
    assert names == {lesson.stem for lesson in LESSONS}
