"""The appendix finds every verdict by itself, and finds what the course's data say."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from helpers import practice
from helpers.practice.articles import Claim

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "article_fact_check.ipynb"
CELLS = nbformat.read(PATH, as_version=4).cells
CLAIMS = practice.article().claims


def call_in(cell: NotebookNode) -> ast.Call | None:
    """The ``article.found(...)`` that the cell ends in."""
    if cell.cell_type != "code":
        return None
    last = ast.parse(cell.source).body[-1]
    value = last.value if isinstance(last, ast.Expr) else None
    found = isinstance(value, ast.Call) and ast.unparse(value.func) == "article.found"
    return value if found and isinstance(value, ast.Call) else None


ASKED = {
    ast.literal_eval(call.args[0]): (at, call)
    for at, cell in enumerate(CELLS)
    if (call := call_in(cell))
}


def test_every_claim_has_its_cell_in_the_articles_order() -> None:
    assert list(ASKED) == [claim.id for claim in CLAIMS]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_cell_found_the_verdict_of_the_data(claim: Claim) -> None:
    at, _ = ASKED[claim.id]
    [said] = [o.data["text/plain"] for o in CELLS[at].outputs if "data" in o]
    assert re.findall(r"^Verdict: \S (\w+)$", said, re.MULTILINE) == [claim.verdict]
    assert "own run" not in said


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_cell_does_not_write_its_verdict_down(claim: Claim) -> None:
    """What a part is comes from the cell; only what nothing can decide is said in a word."""
    _, call = ASKED[claim.id]
    given = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    for parts in given:
        values = parts.values if isinstance(parts, ast.Dict) else [parts.value]  # type: ignore[attr-defined]
        for value in values:
            if isinstance(value, ast.Constant):
                assert value.value == claim.verdict in ("opinion", "unverified")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_quote_stands_above_the_cell_word_for_word(claim: Claim) -> None:
    at, _ = ASKED[claim.id]
    assert f"> “{claim.quote}”" in CELLS[at - 1].source


def test_the_article_is_named_with_its_title_and_address() -> None:
    article = practice.article()
    prose = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")
    assert article.title in prose
    assert article.address in prose
