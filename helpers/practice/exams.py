"""The practice exam: drawn by domain weight, timed, paused, marked. ``exam_view`` shows it."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import store
from .bank import Answer, Question
from .blueprints import Blueprint, blueprint, draw
from .errors import PracticeError, known

if TYPE_CHECKING:
    from helpers.figures import Picture

LONGEST_MINUTES = 600


def exam(
    exam: str = "SCS-C03",
    questions: int = 20,
    minutes: float | None = None,
    seed: int | None = None,
    new_first: bool = False,
) -> "Exam":
    """A practice exam, as the last value of a cell. Its clock starts with the Start button.

    ``minutes`` is by default what the real exam gives for so many questions. The same ``seed``
    draws the same questions. ``new_first`` draws what you haven't answered right yet before the
    rest. Raises PracticeError for an exam that isn't served, for more questions than there are,
    and for numbers that make no sense.
    """
    plan = blueprint(exam)
    if not isinstance(questions, int) or isinstance(questions, bool) or questions < 1:
        raise PracticeError(f"questions is {questions!r}: give a whole number, 1 or more.")
    if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int | float)):
        raise PracticeError(f"minutes is {minutes!r}: give a number.")
    if minutes is not None and not 0 < minutes <= LONGEST_MINUTES:
        raise PracticeError(f"minutes is {minutes}: give more than 0, at most {LONGEST_MINUTES}.")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise PracticeError(f"seed is {seed!r}: give a whole number, or none.")
    drawn = draw(plan, questions, seed, new_first)
    return Exam(plan, drawn, float(minutes or plan.minutes_for(questions)))


@dataclass(frozen=True)
class Result:
    """How an exam went. ``by_domain``: domain number -> (right, asked)."""

    plan: Blueprint
    by_domain: dict[int, tuple[int, int]]
    minutes_used: float
    answers: tuple[tuple[Question, Answer | None], ...]
    history: tuple[dict[str, Any], ...]

    @property
    def right(self) -> int:
        """Questions answered right."""
        return sum(right for right, _ in self.by_domain.values())

    @property
    def total(self) -> int:
        """Questions asked."""
        return sum(asked for _, asked in self.by_domain.values())

    @property
    def share(self) -> float:
        """Right ones among all, from 0 to 1."""
        return self.right / self.total

    def picture(self) -> "Picture":
        """The result by domain, and the results before it."""
        from helpers import figures

        names = {f"{d} {self.plan.domains[d].name}": score for d, score in self.by_domain.items()}
        earlier = [(str(r["on"]), int(r["right"]), int(r["total"])) for r in self.history]
        return figures.exam_result(self.plan.exam, names, earlier)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        from .exam_view import result_page

        picture, _ = self.picture()._repr_mimebundle_()
        page = f"<p><strong>{self!r}</strong></p>{picture['text/html']}{result_page(self)}"
        return {"text/html": page, "text/plain": repr(self)}, {}

    def __repr__(self) -> str:
        parts = [
            f"{self.plan.domains[domain].name} {right} of {asked}"
            for domain, (right, asked) in self.by_domain.items()
        ]
        return (
            f"{self.plan.exam}: {self.right} of {self.total} right ({self.share:.0%}). "
            f"By domain: {'; '.join(parts)}."
        )


class Exam:
    """One sitting. All that the buttons do can be done in code as well."""

    def __init__(
        self,
        plan: Blueprint,
        drawn: list[tuple[Question, int]],
        minutes: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self.questions = [question for question, _ in drawn]
        self.domain_of = {question.id: domain for question, domain in drawn}
        self.minutes = minutes
        self.answers: dict[str, Answer] = {}
        self.marked: set[str] = set()
        self.result: Result | None = None
        self._now = now
        self._used = 0.0  # seconds until the last pause
        self._since: float | None = None  # when the clock last started; None while it stands

    @property
    def running(self) -> bool:
        """Is the clock going?"""
        return self._since is not None

    @property
    def started(self) -> bool:
        """Was it ever going?"""
        return self.running or self._used > 0

    @property
    def seconds_left(self) -> float:
        """Of the time given; never less than 0."""
        going = self._now() - self._since if self._since is not None else 0.0
        return max(0.0, self.minutes * 60 - self._used - going)

    def start(self) -> None:
        """Start the clock, or let it go on after a pause."""
        if self.result:
            raise PracticeError("This exam is finished. Draw a new one with practice.exam.")
        if not self.running:
            self._since = self._now()

    resume = start

    def pause(self) -> None:
        """Stop the clock. Questions can't be answered until it goes on."""
        if self._since is not None:
            self._used += self._now() - self._since
            self._since = None

    def answer(self, question_id: str, answer: Answer) -> None:
        """Keep an answer; it can be changed until the end. The first one starts the clock.

        ``answer`` is as in ``bank``: a set of option ids, a list, or a dict. Raises PracticeError
        for another form, for a question that isn't in this exam, while paused, and when time is up.
        """
        known(question_id, [question.id for question in self.questions], "question in this exam")
        if self.result:
            raise PracticeError("This exam is finished.")
        if not self.running and self.started:
            raise PracticeError("The exam is paused: resume() first.")
        if self.seconds_left <= 0:
            raise PracticeError("Time is up: finish() gives the result.")
        next(q for q in self.questions if q.id == question_id).check(answer)
        self.start()
        self.answers[question_id] = answer

    def finish(self) -> Result:
        """Mark everything. What was not answered counts as wrong, as in the exam."""
        if self.result:
            return self.result
        self.pause()
        scores: dict[int, list[int]] = {}
        for question in self.questions:
            given = self.answers.get(question.id)
            right = given is not None and question.is_right(given)
            score = scores.setdefault(self.domain_of[question.id], [0, 0])
            score[0] += right
            score[1] += 1
            if given is not None:
                store.record("question", question.id, passed=right)
        by_domain = {domain: (right, asked) for domain, (right, asked) in sorted(scores.items())}
        store.record(
            "exam",
            f"{self.plan.exam}-{secrets.token_hex(4)}",
            exam=self.plan.exam,
            on=datetime.now(UTC).date().isoformat(),
            right=sum(right for right, _ in by_domain.values()),
            total=len(self.questions),
            by_domain={str(domain): score for domain, score in by_domain.items()},
        )
        mine = [r for r in store.recorded("exam").values() if r.get("exam") == self.plan.exam]
        self.result = Result(
            self.plan,
            by_domain,
            min(self._used, self.minutes * 60) / 60,
            tuple((question, self.answers.get(question.id)) for question in self.questions),
            tuple(mine),
        )
        return self.result

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        from .controls import bundle
        from .exam_view import ExamView, intro

        return bundle(ExamView(self).box, intro(self), repr(self))

    def __repr__(self) -> str:
        count = len(self.questions)
        return (
            f"Practice exam {self.plan.exam}: {count} question{'s' if count > 1 else ''} in "
            f"{self.minutes:g} minutes."
        )
