"""The bank as a whole: large enough, and serving every lesson and every domain of every exam."""

from collections import Counter

import pytest

from helpers import practice
from helpers.practice import bank, blueprints

QUESTIONS = bank.every_question()
FEWEST, FEWEST_SCENARIOS = 180, 60
LESSONS = [f"{number:02}" for number in range(12)]
DOMAINS = [(exam, d) for exam in practice.EXAMS for d in blueprints.blueprint(exam).domains]


def test_there_are_enough_questions() -> None:
    assert len(QUESTIONS) >= FEWEST


def test_there_are_enough_scenarios() -> None:
    assert sum(question.scenario for question in QUESTIONS) >= FEWEST_SCENARIOS


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_has_a_quiz_and_questions_for_the_exam(lesson: str) -> None:
    quiz = {question.id for question in bank.of_lesson(lesson)}
    further = {q.id for q in QUESTIONS if q.lesson == lesson} - quiz
    assert quiz and further


@pytest.mark.parametrize(("exam", "domain"), DOMAINS, ids=lambda part: str(part))
def test_every_domain_is_served(exam: str, domain: int) -> None:
    assert [question.id for question in QUESTIONS if domain in question.domains(exam)]


def test_every_kind_and_difficulty_is_there() -> None:
    kinds = Counter(question.kind for question in QUESTIONS)
    assert set(kinds) == set(bank.KINDS)
    assert {question.difficulty for question in QUESTIONS} == {1, 2, 3}
