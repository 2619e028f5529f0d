"""A quiz: what is shown without a kernel, and what the form says to right and wrong answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import practice
from helpers.practice import bank, store
from helpers.practice.quizzes import Asked, Quiz

ROOT = Path(__file__).resolve().parents[2]


def shown(lesson: str = "00") -> Quiz:
    quiz = practice.quiz(lesson)
    quiz.view()
    return quiz


def by_kind(quiz: Quiz, kind: str) -> Asked:
    return next(asked for asked in quiz.asked if asked.question.kind == kind)


def choose(asked: Asked, answer: bank.Answer) -> None:
    """Set the controls as a learner would."""
    question, fields = asked.question, asked.controls.box.children
    for option, field in zip(question.options, fields, strict=True):
        if isinstance(answer, list):
            field.value = answer.index(option.id) + 1
        elif isinstance(answer, dict):
            field.value = list(question.matches).index(answer[option.id]) + 1
        else:
            field.value = option.id in answer


def test_the_bundle_is_the_same_whatever_the_progress(progress_file: Path) -> None:
    before, _ = practice.quiz("00")._repr_mimebundle_()
    for question in bank.of_lesson("00"):
        store.record("question", question.id, passed=True)
    after, _ = practice.quiz("00")._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert set(before) == {view, "text/html", "text/plain"}
    for mime in ("text/html", "text/plain"):
        assert before[mime] == after[mime]
    assert before["text/plain"] == "Quiz of lesson 00: 8 questions."


def test_without_a_kernel_every_option_says_whether_and_why() -> None:
    page = practice.quiz("01")._repr_mimebundle_()[0]["text/html"]
    questions = bank.of_lesson("01")
    options = sum(len(question.options) for question in questions)
    assert page.count("<details>") == options + len(questions)  # and one: how we know
    ones = [question for question in questions if question.kind in ("one", "several")]
    assert page.count("✓ Right.") == sum(len(question.right) for question in ones)
    for asked in questions:
        assert asked.proof.strip().splitlines()[-1].replace('"', "&quot;")[:20] in page
    assert len(page) < 30_000


def test_a_right_answer_is_told_explained_counted_and_kept(progress_file: Path) -> None:
    for kind in bank.KINDS:
        quiz = shown()
        asked = by_kind(quiz, kind)
        passed = quiz.passed
        choose(asked, asked.question.right)
        asked.check()
        assert 'role="alert"' in asked.result.value
        assert "Right." in asked.result.value
        for option in asked.question.options:
            assert option.why.split()[-1] in asked.why.value.replace("</code>", "")
        assert "How we know" in asked.why.value
        assert quiz.passed == passed + 1
        assert f"Score: {passed + 1} of 8 questions" in quiz._score.value
        assert store.recorded("question")[asked.question.id]["passed"] is True
    assert len(json.loads(progress_file.read_text())["recorded"]["question"]) == 4


def test_a_wrong_answer_is_explained_without_giving_the_right_one_away() -> None:
    asked = by_kind(shown(), "one")
    (right,) = [o for o in asked.question.options if o.id in asked.question.right]
    wrong = next(o for o in asked.question.options if o.id not in asked.question.right)
    choose(asked, {wrong.id})
    asked.check()
    assert "✗" in asked.result.value
    assert "Not right." in asked.result.value
    assert wrong.why in asked.why.value
    assert right.why[:20] not in asked.why.value
    assert store.recorded("question") == {asked.question.id: {"passed": False}}


def test_a_wrong_order_says_what_is_not_yet_in_place_and_no_more() -> None:
    asked = by_kind(shown(), "ordering")
    right = asked.question.right
    assert isinstance(right, list)
    choose(asked, [right[1], right[0], *right[2:]])
    asked.check()
    assert "2 of 4 are in their place" in asked.result.value
    assert asked.why.value.count("not yet") == 2
    assert not any(option.why[:15] in asked.why.value for option in asked.question.options)


def test_a_wrong_match_says_how_many_fit() -> None:
    asked = by_kind(shown(), "matching")
    choose(asked, dict.fromkeys(asked.question.right, next(iter(asked.question.matches))))
    asked.check()
    assert "1 of 3 are matched rightly" in asked.result.value


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("one", "Choose an answer first."),
        ("several", "Choose 2 answers; 0 are chosen."),
        ("ordering", "Give each a place of its own, 1 to 4."),
        ("matching", "Give each a match, 1 to 3."),
    ],
)
def test_nothing_chosen_is_no_answer(kind: str, words: str) -> None:
    asked = by_kind(shown(), kind)
    asked.check()
    assert words in asked.result.value
    assert store.recorded("question") == {}


def test_the_same_place_twice_is_no_order() -> None:
    asked = by_kind(shown(), "ordering")
    for field in asked.controls.box.children:
        field.value = 1
    asked.check()
    assert "a place of its own" in asked.result.value


def test_showing_the_answer_explains_all_and_counts_nothing() -> None:
    for kind in bank.KINDS:
        asked = by_kind(shown(), kind)
        asked.show()
        assert asked.why.value.count("<li>") == len(asked.question.options)
    assert store.recorded("question") == {}


def test_of_one_answer_only_one_box_stays_checked() -> None:
    asked = by_kind(shown(), "one")
    for box in asked.controls.box.children:
        box.value = True
    assert [box.value for box in asked.controls.box.children] == [False, False, False, True]


def test_what_was_said_goes_when_the_answer_changes() -> None:
    asked = by_kind(shown(), "one")
    asked.check()
    assert asked.result.value
    asked.controls.box.children[0].value = True
    assert asked.result.value == asked.why.value == ""


def test_what_was_passed_before_is_said_and_not_filled_in(progress_file: Path) -> None:
    store.record("question", bank.of_lesson("00")[0].id, passed=True)
    quiz = shown()
    assert "answered this one right before" in quiz.asked[0].box.children[0].value
    assert not any(box.value for box in quiz.asked[0].controls.box.children)
    assert "Score: 1 of 8" in quiz._score.value


@pytest.mark.parametrize(
    ("lesson", "words"),
    [
        ("1", "There is no lesson '1'"),
        (1, "There is no lesson 1"),
        ("02", "Lesson 02 has no questions yet."),
        (None, "There is no lesson None"),
    ],
)
def test_a_lesson_without_a_quiz_is_said_in_words(lesson: object, words: str) -> None:
    if lesson == "02" and bank.of_lesson("02"):
        lesson, words = "12", "Lesson 12 has no questions yet."
    with pytest.raises(practice.PracticeError, match=words) as raised:
        practice.quiz(lesson)  # type: ignore[arg-type]
    assert raised.value._render_traceback_() == [f"PracticeError: {raised.value}"]


def test_practice_is_light_to_import_and_the_lab_does_without_it() -> None:
    script = (
        "import sys\n{}\n"
        "print([n for n in ('ipywidgets', 'anywidget', 'matplotlib', 'helpers.practice')"
        " if n in sys.modules])"
    )
    for line, loaded in (
        ("from helpers import practice", "['helpers.practice']"),
        ("from helpers import lab; lab.open(); lab.close()", "[]"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script.format(line)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == loaded
