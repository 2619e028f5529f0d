"""An exam that is not finished, kept beside the progress: a new kernel goes on where it stopped.

One for each exam. It is kept after every answer and pause, as a whole, by ``store``; the clock
stands while no kernel runs. A record that can't be used (damaged, or of questions that are gone)
counts as none.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import bank, store
from .bank import Answer, Question
from .blueprints import Blueprint, blueprint
from .errors import PracticeError

if TYPE_CHECKING:
    from .exams import Exam


@dataclass(frozen=True)
class Sitting:
    """What is needed to go on. ``drawn`` are the questions with the domain of each."""

    id: str
    plan: Blueprint
    drawn: list[tuple[Question, int]]
    minutes: float
    used: float
    answers: dict[str, Answer]
    marked: set[str]
    weakest: bool
    on: str

    def __str__(self) -> str:
        left = max(0, round(self.minutes - self.used / 60))
        return (
            f"{self.plan.exam} of {self.on}: {len(self.answers)} of {len(self.drawn)} answered, "
            f"{left} min left"
        )


def keep(exam: "Exam") -> None:
    """Keep this exam as it stands, in place of an earlier one of the same name."""
    store.record(
        "sitting",
        exam.plan.exam,
        id=exam.id,
        on=datetime.now(UTC).date().isoformat(),
        drawn=[[question.id, exam.domain_of[question.id]] for question in exam.questions],
        minutes=exam.minutes,
        used=exam.minutes * 60 - exam.seconds_left,
        answers={name: _plain(answer) for name, answer in exam.answers.items()},
        marked=sorted(exam.marked),
        weakest=exam.weakest,
    )


def put_away(exam: "Exam") -> None:
    """There is nothing to go on with any more, if it was this exam."""
    if store.recorded("sitting").get(exam.plan.exam, {}).get("id") == exam.id:
        store.record("sitting", exam.plan.exam, finished=True)


def kept(exam: str) -> Sitting | None:
    """The exam of this name that was not finished. Raises PracticeError for no such exam."""
    plan = blueprint(exam)
    raw = store.recorded("sitting").get(exam)
    if not raw or raw.get("finished"):
        return None
    try:
        return _sitting(plan, raw)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _sitting(plan: Blueprint, raw: dict[str, Any]) -> Sitting | None:
    there = {question.id: question for question in bank.every_question()}
    drawn = [(there[name], int(domain)) for name, domain in raw["drawn"] if name in there]
    minutes, used = float(raw["minutes"]), float(raw["used"])
    if not drawn or not 0 < minutes < float("inf") or not 0 <= used <= minutes * 60:
        return None
    if any(domain not in plan.domains for _, domain in drawn):
        return None
    answers = {}
    for question, _ in drawn:
        if question.id in raw["answers"]:
            try:
                answer = _answer(question, raw["answers"][question.id])
                question.check(answer)
            except (PracticeError, TypeError, ValueError):
                continue  # the question was changed since
            answers[question.id] = answer
    marked = set(raw["marked"]) & {question.id for question, _ in drawn}
    weakest = raw.get("weakest") is True
    return Sitting(
        str(raw["id"]), plan, drawn, minutes, used, answers, marked, weakest, str(raw["on"])
    )


def _plain(answer: Answer) -> Any:
    return sorted(answer) if isinstance(answer, set | frozenset) else answer


def _answer(question: Question, plain: Any) -> Answer:
    if question.kind == "matching":
        return dict(plain)
    if not isinstance(plain, list):
        raise ValueError(f"no list: {plain!r}")
    return list(plain) if question.kind == "ordering" else set(plain)
