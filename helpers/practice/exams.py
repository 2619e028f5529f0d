"""The practice exam: drawn by domain weight, timed, paused, marked. ``exam_view`` shows it."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import sittings, store
from .bank import Answer, Question
from .blueprints import Blueprint, blueprint, draw, questions_for
from .errors import PracticeError, known

if TYPE_CHECKING:
    from helpers.figures import Picture

LONGEST_MINUTES = 600


FULL = "full"


def exam(
    exam: str = "SCS-C03",
    questions: int | str = 20,
    minutes: float | None = None,
    seed: int | None = None,
    new_first: bool = False,
    weakest: bool = False,
    keep: bool = True,
) -> "Exam":
    """A practice exam, as the last value of a cell. Its clock starts with the Start button.

    ``questions="full"`` asks as many as AWS's exam, or says that there are fewer here. ``minutes``
    is by default what the real exam gives for so many questions. The same ``seed`` draws the same
    questions. ``new_first`` draws in each domain what you haven't answered right yet before the
    rest; ``weakest`` in all of them what you answered wrong, and then what stands close to it.
    ``keep=False`` is a rehearsal: nothing of it gets into your record. Once started, an exam takes
    the place of a paused one of the same name. Raises PracticeError for an exam that isn't served,
    for more questions than there are, and for numbers that make no sense.
    """
    plan = blueprint(exam)
    full = questions == FULL
    if full:
        questions = max(1, min(plan.questions, questions_for(exam)))
    if not isinstance(questions, int) or isinstance(questions, bool) or questions < 1:
        raise PracticeError(
            f"questions is {questions!r}: give a whole number, 1 or more, or {FULL!r}."
        )
    if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int | float)):
        raise PracticeError(f"minutes is {minutes!r}: give a number.")
    if minutes is not None and not 0 < minutes <= LONGEST_MINUTES:
        raise PracticeError(f"minutes is {minutes}: give more than 0, at most {LONGEST_MINUTES}.")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise PracticeError(f"seed is {seed!r}: give a whole number, or none.")
    if new_first and weakest:
        raise PracticeError("new_first and weakest each want to be first: choose one of them.")
    drawn = draw(plan, questions, seed, new_first, weakest)
    taken = Exam(plan, drawn, float(minutes or plan.minutes_for(questions)))
    taken.full, taken.weakest, taken.keep = full, weakest, keep
    return taken


def resume_exam(exam: str = "SCS-C03") -> "Exam":
    """The exam of this name that you paused, or that its kernel left: its clock stands.

    Questions, answers, marks and the time used are kept. Raises PracticeError if there is none.
    """
    kept = sittings.kept(exam)
    if kept is None:
        raise PracticeError(
            f"There is no {exam} exam to go on with. practice.exam({exam!r}) draws a new one."
        )
    return Exam.of(kept)


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
        self.full = self.weakest = False  # as many questions as AWS asks? weak spots first?
        self.keep = True  # does it get into the learner's record?
        self.id = secrets.token_hex(4)
        self._now = now
        self._used = 0.0  # seconds until the last pause
        self._since: float | None = None  # when the clock last started; None while it stands

    @classmethod
    def of(cls, kept: sittings.Sitting, now: Callable[[], float] = time.monotonic) -> "Exam":
        """The exam that was kept, paused."""
        exam = cls(kept.plan, kept.drawn, kept.minutes, now)
        exam.id, exam.weakest = kept.id, kept.weakest
        exam.answers, exam.marked = dict(kept.answers), set(kept.marked)
        exam._used = max(kept.used, 1e-6)  # it was started
        return exam

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
            self._put_down()

    resume = start

    def pause(self) -> None:
        """Stop the clock. Questions can't be answered until it goes on."""
        if self.running:
            self._stop_clock()
            self._put_down()

    def mark(self, question_id: str, again: bool = True) -> None:
        """Mark a question to look at again, or take the mark back."""
        known(question_id, [question.id for question in self.questions], "question in this exam")
        (self.marked.add if again else self.marked.discard)(question_id)
        if self.started:
            self._put_down()

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
        self._put_down()

    def take_back(self, question_id: str) -> None:
        """The question is open again."""
        if not self.result and self.answers.pop(question_id, None) is not None:
            self._put_down()

    def finish(self) -> Result:
        """Mark everything. What was not answered counts as wrong, as in the exam.

        So it does in the learner's record, where it is a weak spot until it is answered right.
        """
        if self.result:
            return self.result
        self._stop_clock()
        scores: dict[int, list[int]] = {}
        for question in self.questions:
            given = self.answers.get(question.id)
            right = given is not None and question.is_right(given)
            score = scores.setdefault(self.domain_of[question.id], [0, 0])
            score[0] += right
            score[1] += 1
            if self.keep:
                store.record("question", question.id, passed=right)
        by_domain = {domain: (right, asked) for domain, (right, asked) in sorted(scores.items())}
        mine = self._record(by_domain) if self.keep else []
        self.result = Result(
            self.plan,
            by_domain,
            min(self._used, self.minutes * 60) / 60,
            tuple((question, self.answers.get(question.id)) for question in self.questions),
            tuple(mine),
        )
        return self.result

    def _stop_clock(self) -> None:
        if self._since is not None:
            self._used += self._now() - self._since
            self._since = None

    def _put_down(self) -> None:
        if self.keep and not self.result:
            sittings.keep(self)

    def _record(self, by_domain: dict[int, tuple[int, int]]) -> list[dict[str, Any]]:
        """Keep the result, put the sitting away; the results of this exam so far, this one last."""
        sittings.put_away(self)
        store.record(
            "exam",
            f"{self.plan.exam}-{secrets.token_hex(4)}",
            exam=self.plan.exam,
            on=datetime.now(UTC).date().isoformat(),
            right=sum(right for right, _ in by_domain.values()),
            total=len(self.questions),
            by_domain={str(domain): score for domain, score in by_domain.items()},
        )
        return [r for r in store.recorded("exam").values() if r.get("exam") == self.plan.exam]

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        from .controls import bundle
        from .exam_view import ExamView, intro

        return bundle(ExamView(self).box, intro(self), repr(self))

    def __repr__(self) -> str:
        count = len(self.questions)
        first = ", weak spots first" if self.weakest else ""
        short = ""
        if self.full and count < self.plan.questions:
            short = (
                f" AWS's has {self.plan.questions} questions. The course has only {count} for it "
                "so far: all of them are asked, in a shorter time to match."
            )
        return (
            f"Practice exam {self.plan.exam}: {count} question{'s' if count > 1 else ''} in "
            f"{self.minutes:g} minutes{first}.{short}"
        )
