"""What an exam asks: its domains, their weights, and how questions are drawn by them."""

import random
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from . import bank, store, weakness
from .course import EXAMS
from .errors import PracticeError, known


@dataclass(frozen=True)
class Domain:
    """A part of an exam; ``weight`` is its share of what is scored, in per cent."""

    name: str
    weight: int
    checked: str


@dataclass(frozen=True)
class Blueprint:
    """An exam as its guide describes it. ``minutes`` is None where the guide says nothing."""

    exam: str
    questions: int
    scored: int
    minutes: int | None
    pass_mark: int
    domains: dict[int, Domain]
    source: str
    date: str
    note: str = ""

    def minutes_for(self, questions: int) -> int:
        """As much time a question as in the exam; two minutes where that is not known."""
        each = self.minutes / self.questions if self.minutes else 2
        return max(1, round(questions * each))


def blueprint(exam: str) -> Blueprint:
    """The exam of this code. Raises PracticeError, with codes that come close, for another."""
    known(exam, list(EXAMS), "exam")
    return _all()[exam]


def pools(exam: str) -> dict[int, list[bank.Question]]:
    """Domain -> the questions of the bank that serve it, for those domains that have any."""
    found: dict[int, list[bank.Question]] = {}
    for question in bank.every_question():
        for domain in question.domains(exam):
            found.setdefault(domain, []).append(question)
    return dict(sorted(found.items()))


def questions_for(exam: str) -> int:
    """How many questions the bank has for this exam."""
    return len({question.id for pool in pools(exam).values() for question in pool})


def draw(
    plan: Blueprint, count: int, seed: int | None, new_first: bool, weakest: bool = False
) -> list[tuple[bank.Question, int]]:
    """``count`` questions, each with the domain it was drawn for, by the domains' weights.

    Seats go one by one to the domain that is furthest behind its weight (Sainte-Laguë), as long as
    it has questions left. With ``weakest`` all seats go first to what was answered wrong, then to
    what stands closest to it (``weakness.rank``). Raises PracticeError if the bank has not so many.
    """
    left = pools(plan.exam)
    there = questions_for(plan.exam)
    if not there:
        raise PracticeError(f"There are no questions for {plan.exam} yet.")
    if count > there:
        raise PracticeError(
            f"There are {there} questions for {plan.exam} so far, {count} are too many. "
            f"Ask for questions={there} or fewer."
        )
    mixed = random.Random(seed)
    done = store.recorded("question") if new_first else {}
    turns = weakness.rank(weakness.weaknesses().answers) if weakest else {}
    for pool in left.values():
        mixed.shuffle(pool)
        pool.sort(key=lambda question: bool(done.get(question.id, {}).get("once_passed")))
        pool.sort(key=lambda question: turns.get(question.id, 0))
    seats = dict.fromkeys(left, 0)
    drawn: list[tuple[bank.Question, int]] = []
    taken: set[str] = set()
    while len(drawn) < count:
        for domain in left:
            left[domain] = [question for question in left[domain] if question.id not in taken]
        open_ones = [domain for domain in left if left[domain]]
        turn = min(turns.get(left[domain][0].id, 0) for domain in open_ones)
        open_ones = [d for d in open_ones if turns.get(left[d][0].id, 0) == turn]
        domain = max(open_ones, key=lambda d: plan.domains[d].weight / (2 * seats[d] + 1))
        question = left[domain].pop(0)
        taken.add(question.id)
        seats[domain] += 1
        drawn.append((question, domain))
    mixed.shuffle(drawn)
    return drawn


@cache
def _all() -> dict[str, Blueprint]:
    text = files(__package__).joinpath("exams.yaml").read_text(encoding="utf-8")
    return {exam: _blueprint(exam, raw) for exam, raw in yaml.safe_load(text).items()}


def _blueprint(exam: str, raw: dict[str, Any]) -> Blueprint:
    domains = {number: Domain(**domain) for number, domain in raw.pop("domains").items()}
    return Blueprint(exam=exam, domains=domains, **raw)
