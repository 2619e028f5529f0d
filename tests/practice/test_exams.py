"""The practice exam: drawn by weight, timed, paused, marked, remembered."""

from collections import Counter
from html import escape
from pathlib import Path
from typing import Any

import pytest

from helpers import practice
from helpers.practice import bank, blueprints, pages, store
from helpers.practice.exam_view import ExamView
from helpers.practice.exams import Exam

SERVED = [exam for exam in practice.EXAMS if blueprints.pools(exam)]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def sitting(questions: int = 6, minutes: float = 10) -> tuple[Exam, Clock]:
    drawn = practice.exam("SCS-C03", questions=questions, seed=1)
    clock = Clock()
    pairs = [(question, drawn.domain_of[question.id]) for question in drawn.questions]
    return Exam(drawn.plan, pairs, minutes, clock), clock


def right_of(question: bank.Question) -> bank.Answer:
    return question.right


def test_every_exam_has_a_blueprint_whose_weights_make_a_whole() -> None:
    for exam in practice.EXAMS:
        plan = blueprints.blueprint(exam)
        assert sum(domain.weight for domain in plan.domains.values()) == 100
        assert list(plan.domains) == list(range(1, len(plan.domains) + 1))
        assert {domain.checked for domain in plan.domains.values()} <= {"primary", "second-hand"}
        assert plan.source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize("exam", SERVED)
def test_a_whole_exam_is_drawn_answered_and_scored(exam: str) -> None:
    most = len({q.id for pool in blueprints.pools(exam).values() for q in pool})
    taken = practice.exam(exam, questions=min(20, most), seed=7)
    assert len({question.id for question in taken.questions}) == min(20, most)
    assert all(taken.domain_of[q.id] in q.domains(exam) for q in taken.questions)
    for question in taken.questions[1:]:
        taken.answer(question.id, right_of(question))
    result = taken.finish()
    assert (result.right, result.total) == (len(taken.questions) - 1, len(taken.questions))
    assert result.share == pytest.approx(result.right / result.total)
    assert sum(asked for _, asked in result.by_domain.values()) == result.total
    assert f"{exam}: {result.right} of {result.total} right" in repr(result)


def test_the_same_seed_draws_the_same_questions() -> None:
    def ids(seed: int | None) -> list[str]:
        return [question.id for question in practice.exam("DVA-C03", 10, seed=seed).questions]

    assert ids(5) == ids(5)
    assert len({tuple(ids(seed)) for seed in range(8)}) > 1
    assert len({tuple(ids(None)) for _ in range(8)}) > 1


def test_seats_follow_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bank.every_question()[0]
    pool = [
        bank.Question(**{**vars(raw), "id": f"x-{task}-{n}", "exams": {"SCS-C03": [task]}})
        for task in ("1.1", "2.1", "3.1", "4.1", "5.1", "6.1")
        for n in range(60)
    ]
    monkeypatch.setattr(bank, "every_question", lambda: pool)
    plan = blueprints.blueprint("SCS-C03")
    drawn = blueprints.draw(plan, 50, 1, new_first=False)
    assert Counter(domain for _, domain in drawn) == {1: 8, 2: 7, 3: 9, 4: 10, 5: 9, 6: 7}
    # A domain that runs out leaves its seats to the others.
    monkeypatch.setattr(bank, "every_question", lambda: pool[:60] + pool[240:245])
    drawn = blueprints.draw(plan, 30, 1, new_first=False)
    assert Counter(domain for _, domain in drawn) == {1: 25, 5: 5}


def test_new_questions_first_if_asked_for(progress_file: Path) -> None:
    pools = blueprints.pools("DVA-C03").values()
    new = {question.id for pool in pools for question in pool[-5:]}
    for name in {question.id for pool in pools for question in pool} - new:
        store.record("question", name, passed=True)
    for seed in range(5):
        drawn = practice.exam("DVA-C03", 5, seed=seed, new_first=True)
        assert {question.id for question in drawn.questions} <= new


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"exam": "SCS-C02"}, "There is no exam 'SCS-C02': did you mean 'SCS-C03'"),
        ({"exam": "bar exam"}, "There is no exam 'bar exam': there is CLF-C02, SAA-C03"),
        ({"exam": None}, "There is no exam None"),
        ({"questions": 10_000}, r"questions for SCS-C03 so far, 10000 are too many\. Ask for"),
        ({"questions": 0}, "questions is 0: give a whole number, 1 or more"),
        ({"questions": 2.5}, "questions is 2.5"),
        ({"questions": True}, "questions is True"),
        ({"questions": "5"}, "questions is '5'"),
        ({"questions": 2, "minutes": 0}, "minutes is 0: give more than 0"),
        ({"questions": 2, "minutes": -1}, "minutes is -1"),
        ({"questions": 2, "minutes": 1e9}, "at most 600"),
        ({"questions": 2, "minutes": float("nan")}, "minutes is nan"),
        ({"questions": 2, "minutes": "ten"}, "minutes is 'ten': give a number"),
        ({"questions": 2, "seed": "x"}, "seed is 'x'"),
    ],
)
def test_what_makes_no_sense_is_said_in_words(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(practice.PracticeError, match=words):
        practice.exam(**arguments)


def test_an_exam_without_questions_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank, "every_question", lambda: [])
    with pytest.raises(practice.PracticeError, match="There are no questions for SOA-C03 yet"):
        practice.exam("SOA-C03", questions=1)


def test_as_much_time_as_in_the_real_exam() -> None:
    assert practice.exam("SCS-C03", 10, seed=1).minutes == 26  # 170 minutes for 65
    assert practice.exam("DVA-C03", 10, seed=1).minutes == 20  # the guide says nothing


def test_the_clock_starts_stops_and_goes_on() -> None:
    exam, clock = sitting(minutes=10)
    clock.seconds += 50
    assert (exam.seconds_left, exam.started) == (600, False)
    exam.start()
    clock.seconds += 60
    assert exam.seconds_left == 540
    exam.pause()
    clock.seconds += 5000
    assert exam.seconds_left == 540
    with pytest.raises(practice.PracticeError, match=r"paused: resume\(\) first"):
        exam.answer(exam.questions[0].id, set())
    exam.resume()
    clock.seconds += 30
    assert exam.seconds_left == 510
    assert exam.finish().minutes_used == 1.5


def test_when_time_is_up_no_answer_is_taken() -> None:
    exam, clock = sitting(minutes=1)
    question = exam.questions[0]
    exam.answer(question.id, right_of(question))
    clock.seconds += 61
    assert exam.seconds_left == 0
    with pytest.raises(practice.PracticeError, match="Time is up"):
        exam.answer(exam.questions[1].id, right_of(exam.questions[1]))
    result = exam.finish()
    assert (result.right, result.minutes_used) == (1, 1)


def test_answers_can_be_changed_until_the_end_and_not_after() -> None:
    exam, _ = sitting()
    one = next(question for question in exam.questions if question.kind == "one")
    wrong = next(option.id for option in one.options if option.id not in one.right)
    exam.answer(one.id, {wrong})
    exam.answer(one.id, right_of(one))
    result = exam.finish()
    assert result.right == 1
    assert exam.finish() is result
    with pytest.raises(practice.PracticeError, match="finished"):
        exam.answer(one.id, {wrong})
    with pytest.raises(practice.PracticeError, match="finished"):
        exam.start()


def test_answers_that_make_no_sense_are_said_in_words() -> None:
    exam, _ = sitting()
    with pytest.raises(practice.PracticeError, match="no question in this exam 'x'"):
        exam.answer("x", set())
    with pytest.raises(practice.PracticeError, match="An answer to"):
        exam.answer(exam.questions[0].id, {"x"})
    assert not exam.started


def test_the_result_is_kept_with_its_history_and_the_answers(progress_file: Path) -> None:
    for answered in (1, 3):
        exam, _ = sitting()
        for question in exam.questions[:answered]:
            exam.answer(question.id, right_of(question))
        result = exam.finish()
    assert [(r["right"], r["total"]) for r in result.history] == [(1, 6), (3, 6)]
    assert set(result.history[0]) == {"exam", "on", "right", "total", "by_domain"}
    assert len(store.recorded("exam")) == 2
    recorded = [each["passed"] for each in store.recorded("question").values()]
    assert len(recorded) == 6 and recorded.count(True) == 3  # what was left open is not passed
    assert result.picture().alt.partition("oldest first: ")[2].count("of 6") == 2


def test_the_review_explains_every_question_and_leads_to_the_lesson() -> None:
    exam, _ = sitting()
    exam.answer(exam.questions[0].id, right_of(exam.questions[0]))
    page = exam.finish()._repr_mimebundle_()[0]["text/html"]
    assert page.count("not answered") == 5
    for question in exam.questions:
        assert escape(question.link) in page
        assert all(pages.marked(option.why) in page for option in question.options)


def test_the_exam_shows_the_same_words_each_time() -> None:
    first, second = (practice.exam("SCS-C03", 5, seed=3)._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert first["text/plain"] == "Practice exam SCS-C03: 5 questions in 13 minutes."
    assert "18 %" in first["text/html"]


def test_the_form_hides_the_question_until_start_and_while_paused() -> None:
    exam, clock = sitting(minutes=1)
    view = ExamView(exam)
    assert view.sheet.children == ()
    view.go_or_pause()
    assert "Question 1 of 6" in view.stem.value
    assert view.clock_button.description == "Pause"
    view.go_or_pause()
    assert view.sheet.children == ()
    view.go_or_pause()
    view.turn(-1)
    assert "Question 6 of 6" in view.stem.value
    view.mark.value = True
    assert "to look at again: 6" in view.state.value
    clock.seconds += 61
    view._out_of_time()
    assert exam.result is not None
    assert "of 6 right" in view.message.value


def test_the_form_keeps_answers_and_asks_before_it_finishes() -> None:
    exam, _ = sitting()
    view = ExamView(exam)
    view.go_or_pause()
    for number, question in enumerate(exam.questions[:-1]):  # the last one stays open
        view.turn(number)
        if question.kind == "one":
            for option, box in zip(
                question.options, view.controls[number].box.children, strict=True
            ):
                box.value = option.id in question.right
    ones = [question.id for question in exam.questions[:-1] if question.kind == "one"]
    assert sorted(exam.answers) == sorted(ones)
    view.finish()
    assert "Press Finish again" in view.message.value
    assert exam.result is None
    view.finish()
    assert exam.result is not None
    assert exam.result.right == len(ones)
    assert "<img" in view.outcome.value
