"""The fact check of an article: its data, the rule for a verdict, and what a finding says."""

from typing import Any

import pytest

from helpers import practice
from helpers.practice import articles as fact_check
from tests.notebooks import markdown, shape
from tests.test_readme import ROOT

ARTICLE = practice.article()
LONGEST_QUOTE = 200  # letters: a sentence, or two short ones
RAW = {
    "id": "x",
    "topic": "X",
    "quote": "x",
    "verdict": "true",
    "correct": "x",
    "source": "https://example.org/",
    "lesson": "00",
}


def test_every_claim_is_there_once_and_short() -> None:
    ids = [claim.id for claim in ARTICLE.claims]
    assert len(set(ids)) == len(ids) == len({claim.quote for claim in ARTICLE.claims})
    assert len(ids) >= 33
    assert all(len(claim.quote) <= LONGEST_QUOTE for claim in ARTICLE.claims)
    assert {claim.verdict for claim in ARTICLE.claims} == set(fact_check.VERDICTS)


@pytest.mark.parametrize("claim", ARTICLE.claims, ids=lambda claim: claim.id)
def test_a_claim_leads_to_the_lesson_that_teaches_it(claim: fact_check.Claim) -> None:
    lesson = next(x for x in practice.lessons() if x["number"] == claim.lesson)
    assert claim.link.partition("#")[0] == lesson["file"]
    if lesson["ready"]:
        link = markdown.parse(f"[x]({claim.link})")
        assert list(shape.broken_links(ROOT / "notebooks" / "x.ipynb", link)) == []
    if int(claim.lesson) <= 6:
        assert claim.section


def test_numbers_come_from_the_one_file() -> None:
    said = " ".join(claim.correct for claim in ARTICLE.claims)
    assert str(practice.number("quota_symmetric_large")) in said
    assert str(practice.number("fips_certificate")) in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("parts", "once", "verdict"),
    [
        ({"a": True, "b": True}, {}, "true"),
        ({"a": True, "b": False}, {}, "imprecise"),
        ({"a": True, "b": False}, {"c": True}, "imprecise"),
        ({"a": False, "b": False}, {}, "false"),
        ({"a": False}, {"c": True}, "outdated"),
        ({"a": False}, {"c": False}, "false"),
        ({"a": False}, {"c": True, "d": False}, "false"),
        ({"a": True}, {"c": True}, "true"),
        ({"a": True, "b": "opinion"}, {}, "opinion"),
        ({"a": "unverified"}, {}, "unverified"),
    ],
)
def test_the_verdict_follows_from_the_parts(
    parts: dict[str, Any], once: dict[str, bool], verdict: str
) -> None:
    assert fact_check.verdict_of(parts, once) == verdict


@pytest.mark.parametrize("parts", [{}, {"a": "true"}, {"a": None}, {"a": 1}, {"a": "false"}])
def test_parts_that_are_none_are_refused_in_words(parts: dict[str, Any]) -> None:
    check = practice.article()
    with pytest.raises(practice.PracticeError, match="each True, False, 'opinion' or 'unverified'"):
        check.found("fips", parts)
    with pytest.raises(practice.PracticeError, match="former times is True or False"):
        check.found("fips", {"a": False}, once={"b": "yes"})  # type: ignore[dict-item]
    with pytest.raises(practice.PracticeError, match=r"no claim 'fipps': did you mean 'fips'\?"):
        check.found("fipps", {"a": True})
    assert check.findings == {}


def test_a_finding_tells_parts_verdict_and_what_is_so() -> None:
    check = practice.article()
    found = check.found("fips", {"it is 140-2": False}, once={"it was": True})
    shown = found._repr_mimebundle_()
    assert found.agrees
    for words in (
        "✗ does not hold: it is 140-2",
        "◷ once: it was",
        "outdated",
        found.claim.correct,
    ):
        assert words in shown["text/plain"]
        assert fact_check.escape(words) in shown["text/html"]
    assert found.claim.source in shown["text/html"]
    other = check.found("fips", {"it is 140-2": True})
    assert "The course's own run found outdated" in repr(other)


def test_the_picture_shows_what_was_found_and_not_what_the_data_say() -> None:
    check = practice.article()
    assert f"{len(check.claims)} not run yet" in check.picture().alt
    check.found("billions", {"x": True})
    assert "true 1 (27 Billions" in check.picture().alt
    assert practice.article().findings == {}


def test_the_table_has_every_claim() -> None:
    page = ARTICLE.table()._repr_html_()
    assert all(fact_check.escape(claim.quote) in page for claim in ARTICLE.claims)
    assert page.count("<tr>") == len(ARTICLE.claims) + 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"verdict": "wrong"}, "verdict 'wrong'"),
        ({"verdict": True}, "not text: verdict"),
        ({"quote": ""}, "not text: quote"),
        ({"lesson": "99"}, "lesson '99'"),
        ({"source": "a book"}, "source 'a book'"),
    ],
)
def test_data_that_do_not_fit_are_noticed(wrong: dict[str, Any], why: str) -> None:
    fact_check._claim(RAW)
    with pytest.raises(ValueError, match=why):
        fact_check._claim(RAW | wrong)
    with pytest.raises(TypeError):
        fact_check._claim(RAW | {"hint": "x"})
