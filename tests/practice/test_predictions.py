"""Predictions: asked, kept, shown beside what happened, and the same for everyone when stored."""

from typing import Any

import pytest

from helpers import practice

OPTIONS = ["equal", "`different`"]


def buttons(shown: Any) -> list[Any]:
    return [child for child in shown.widget.children if hasattr(child, "click")]


def fixed(shown: Any) -> dict[str, str]:
    """What of a display bundle is stored in the lesson."""
    bundle = shown._repr_mimebundle_()
    view = bundle.pop("application/vnd.jupyter.widget-view+json")
    assert view["model_id"] == shown.widget.model_id
    return bundle


def test_chosen_and_kept(kept: dict) -> None:
    shown = practice.predict("99-blobs", "Are they?", OPTIONS)
    equal, different = buttons(shown)
    assert kept == {}
    different.click()
    assert kept == {"prediction": {"99-blobs": {"answer": "`different`"}}}
    assert different.description == "✓ `different`"
    assert equal.description == "equal"
    equal.click()
    assert kept["prediction"]["99-blobs"] == {"answer": "equal"}
    assert (equal.description, different.description) == ("✓ equal", "`different`")
    assert "You predict: equal" in shown.widget.children[-1].value
    assert 'role="status"' in shown.widget.children[-1].value


def test_an_earlier_choice_is_shown(kept: dict) -> None:
    kept["prediction"] = {"99-blobs": {"answer": "equal"}}
    assert buttons(practice.predict("99-blobs", "Are they?", OPTIONS))[0].description == "✓ equal"


@pytest.mark.parametrize("answer", ["no longer an option", None, 3, ["equal"]])
def test_an_answer_that_is_none_is_no_answer(answer: Any, kept: dict) -> None:
    kept["prediction"] = {"99-blobs": {"answer": answer}}
    shown = practice.predict("99-blobs", "Are they?", OPTIONS)
    assert [button.description for button in buttons(shown)] == OPTIONS
    assert "equal" in practice.happened("99-blobs", "equal").widget.value


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "You made no prediction."),
        ("equal", "As you predicted."),
        ("`different`", "You predicted: <code>different</code>."),
    ],
)
def test_compared(answer: str | None, words: str, kept: dict) -> None:
    if answer:
        kept["prediction"] = {"99-blobs": {"answer": answer}}
    practice.predict("99-blobs", "Are they?", OPTIONS)
    shown = practice.happened("99-blobs", "equal")
    assert words in shown.widget.value
    assert "What happened: equal" in shown.widget.value


def test_what_is_stored_is_the_same_for_everyone(kept: dict) -> None:
    before = (
        fixed(practice.predict("99-blobs", "Are they?", OPTIONS)),
        fixed(practice.happened("99-blobs", "equal")),
    )
    kept["prediction"] = {"99-blobs": {"answer": "`different`"}}
    after = (
        fixed(practice.predict("99-blobs", "Are they?", OPTIONS)),
        fixed(practice.happened("99-blobs", "equal")),
    )
    assert before == after
    asked, happened = before
    assert asked["text/plain"] == "Your prediction: Are they?\n( ) equal\n( ) `different`"
    assert "<li>equal</li><li><code>different</code></li>" in asked["text/html"]
    assert happened["text/plain"] == "What happened: equal"


def test_without_the_question_the_outcome_is_shown_all_the_same() -> None:
    assert "What happened: rain" in practice.happened("99-not-asked", "rain").widget.value


@pytest.mark.parametrize("options", [[], ["one"], ["same", "same"], ["one", "x" * 61], ["one", ""]])
def test_options_that_are_none(options: list[str]) -> None:
    with pytest.raises(ValueError, match="99-blobs"):
        practice.predict("99-blobs", "Are they?", options)


def test_an_outcome_that_nobody_could_predict_is_shown(kept: dict) -> None:
    practice.predict("99-blobs", "Are they?", OPTIONS)
    kept["prediction"] = {"99-blobs": {"answer": "equal"}}
    shown = practice.happened("99-blobs", "neither")
    assert "What happened: neither" in shown.widget.value
    assert "You predicted: equal" in shown.widget.value


def test_words_of_an_author_cannot_break_out() -> None:
    shown = practice.predict("99-html", "<script>", ["<b>", "&"])
    assert "<script>" not in fixed(shown)["text/html"]
    assert "<script>" not in shown.widget.children[0].value
