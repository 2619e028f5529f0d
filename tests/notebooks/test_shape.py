"""Every stored lesson keeps every rule of ``shape.py``."""

from pathlib import Path

import pytest

from tests.notebooks import markdown, shape

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DOCUMENTS = [path for path in sorted(ROOT.glob("*.md")) if path.is_file()]


def test_the_first_lesson_is_there() -> None:
    assert (ROOT / "notebooks" / "00_start_here.ipynb").is_file()


@pytest.mark.parametrize("rule", shape.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson(path: Path, rule: shape.Rule) -> None:
    problems = list(rule(shape.read(path)))
    assert not problems, "\n".join([f"{path.name}: {rule.__doc__}", *problems])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_of_documents_resolve(path: Path) -> None:
    tokens = markdown.parse(path.read_text(encoding="utf-8"))
    assert list(shape.broken_links(path, tokens)) == []
