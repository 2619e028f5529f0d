"""A whole practice exam for each exam name: as long as AWS's, answered and scored."""

from itertools import cycle

import pytest

from helpers import practice
from helpers.practice import bank, blueprints, store
from helpers.practice.exam_view import intro
from tests.practice.test_exams import right_of


def wrong_of(question: bank.Question) -> bank.Answer:
    """An answer of the right form that is not right."""
    ids = [option.id for option in question.options]
    if isinstance(question.right, dict):
        others = [name for name in question.matches if name != question.right[ids[0]]]
        return dict(question.right) | {ids[0]: others[0]}
    if isinstance(question.right, list):
        return question.right[::-1]
    if question.kind == "one":
        return {next(name for name in ids if name not in question.right)}
    return set(question.right) - {min(question.right)}


@pytest.mark.parametrize("exam", practice.EXAMS)
def test_there_are_as_many_questions_as_in_the_real_exam(exam: str) -> None:
    taken = practice.exam(exam, questions="full", seed=1)
    plan = blueprints.blueprint(exam)
    assert len(taken.questions) == plan.questions
    assert taken.minutes == (plan.minutes or 2 * plan.questions)
    assert "The course has only" not in repr(taken)


@pytest.mark.parametrize("how", ["all right", "all wrong", "a mix", "left open"])
@pytest.mark.parametrize("exam", practice.EXAMS)
def test_a_full_exam_is_drawn_answered_and_scored(exam: str, how: str) -> None:
    taken = practice.exam(exam, questions="full", seed=7)
    questions = taken.questions
    assert len({question.id for question in questions}) == len(questions)
    assert all(taken.domain_of[q.id] in q.domains(exam) for q in questions)
    turn = cycle([True, True, False])
    expected: dict[int, list[bool]] = {}
    for question in questions:
        good = {"all right": True, "all wrong": False, "left open": False}.get(how, next(turn))
        if how != "left open":
            taken.answer(question.id, right_of(question) if good else wrong_of(question))
        expected.setdefault(taken.domain_of[question.id], []).append(good)
    result = taken.finish()
    assert result.by_domain == {d: (sum(e), len(e)) for d, e in sorted(expected.items())}
    assert result.total == len(questions)
    assert result.right == {
        "all right": result.total,
        "a mix": sum(map(sum, expected.values())),
    }.get(how, 0)
    assert len(practice.weaknesses(result).wrong) == result.total - result.right
    answered = store.recorded("question")
    assert len(answered) == result.total  # what was left open stands there as not passed
    for question in questions:
        given = taken.answers.get(question.id)
        passed = given is not None and question.is_right(given)
        assert answered[question.id]["passed"] is passed


def test_fewer_than_in_the_real_exam_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [question for question in bank.every_question() if question.domains("SCS-C03")][:9]
    monkeypatch.setattr(bank, "every_question", lambda: few)
    taken = practice.exam("SCS-C03", questions="full", seed=1)
    words = "AWS's has 65 questions. The course has only 9 for it so far"
    assert words in repr(taken)
    assert words.replace("'", "&#x27;") in intro(taken)
    assert taken.minutes == 24
    assert words not in repr(practice.exam("SCS-C03", questions=9, seed=1))
    monkeypatch.setattr(bank, "every_question", lambda: [])
    with pytest.raises(practice.PracticeError, match="no questions for SCS-C03 yet"):
        practice.exam("SCS-C03", questions="full")


def test_a_domain_with_too_few_questions_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bank.every_question()[0]
    pool = [
        bank.Question(**{**vars(raw), "id": f"x-{d}-{n}", "exams": {"SAA-C03": [f"{d}.1"]}})
        for d, many in ((1, 60), (2, 60), (3, 2), (4, 60))
        for n in range(many)
    ]
    monkeypatch.setattr(bank, "every_question", lambda: pool)
    words = "For domain 3 the course has fewer questions than the weight asks for"
    assert words in intro(practice.exam("SAA-C03", questions="full", seed=1))
    assert "fewer questions" not in intro(practice.exam("SAA-C03", questions=8, seed=1))
    few = [question for question in pool if question.domains("SAA-C03") != [4]]
    monkeypatch.setattr(bank, "every_question", lambda: few)
    assert "no questions for domain 4 here" in intro(practice.exam("SAA-C03", 8, seed=1))


@pytest.mark.parametrize("exam", practice.EXAMS)
def test_what_a_full_exam_stores_stays_small(exam: str) -> None:
    shown, _ = practice.exam(exam, questions="full", seed=1)._repr_mimebundle_()
    assert len(shown["text/html"]) + len(shown["text/plain"]) < 4000
