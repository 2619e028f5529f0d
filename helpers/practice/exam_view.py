"""The practice exam as a form: one question at a time, a clock, a pause, a review at the end."""

import asyncio
import math
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from . import pages, sittings
from .bank import Question
from .blueprints import pools

if TYPE_CHECKING:
    from .controls import Controls
    from .exams import Exam, Result

TICK_SECONDS = 5


def intro(exam: "Exam") -> str:
    """What this exam is, the same before and after. Also what a reader without a kernel sees."""
    plan = exam.plan
    there = pools(plan.exam)
    drawn = Counter(exam.domain_of.values())
    rows = "".join(
        f"<tr><th scope='row'>{number} {escape(domain.name)}</th><td>{domain.weight} %</td>"
        f"<td>{drawn[number]}</td></tr>"
        for number, domain in plan.domains.items()
    )
    none = [number for number in plan.domains if number not in there]
    fewer = [
        number
        for number, domain in plan.domains.items()
        if number in there and drawn[number] < len(exam.questions) * domain.weight // 100
    ]
    missing = ""
    if none:
        missing = (
            f" There are no questions for {_domains(none)} here; the others are drawn by weight."
        )
    if fewer and not exam.weakest and not none:
        missing = (
            f" For {_domains(fewer)} the course has fewer questions than the weight asks for; the "
            "other domains fill their seats."
        )
    return (
        f"<p><strong>{escape(repr(exam))}</strong> AWS's exam has {plan.questions} questions and a "
        f"pass mark of {plan.pass_mark} of 1,000. That is a scaled score, not a percentage, and it "
        f"covers far more than KMS.{missing} {escape(plan.note)}</p>"
        "<table><thead><tr><th scope='col'>Domain</th><th scope='col'>Weight</th>"
        f"<th scope='col'>Questions here</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _domains(numbers: list[int]) -> str:
    return f"domain{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def result_page(result: "Result") -> str:
    """Every question with the answer given, explanations and the way back to the lesson."""
    parts = []
    for number, (question, answer) in enumerate(result.answers, 1):
        right = answer is not None and question.is_right(answer)
        sign, word = (pages.RIGHT, "right") if right else (pages.WRONG, "wrong")
        word = word if answer is not None else "not answered"
        why = pages.explained(question, answer or _nothing(question), everything=True)
        parts.append(
            f"<details><summary>{sign} Question {number}, {word}: {pages.marked(question.stem)}"
            f"</summary>{why}<p>Read on in lesson {question.lesson}: {pages.link(question)}.</p>"
            f"{pages.how_we_know(question)}</details>"
        )
    return f"<p>It took {math.ceil(result.minutes_used)} min.</p>{''.join(parts)}"


def _nothing(question: Question) -> set[str] | list[str] | dict[str, str]:
    return {"ordering": [], "matching": {}}.get(question.kind, set())  # type: ignore[return-value]


class ExamView:
    """The widgets of one exam."""

    def __init__(self, exam: "Exam") -> None:
        import ipywidgets as widgets

        from .controls import button, page

        self.exam = exam
        self.at = 0
        self.controls: dict[int, Controls] = {}  # made when a question is first shown
        # No button is ever disabled: that would take the focus from whoever pressed it.
        self.clock_button = button("Start", self.go_or_pause, "Start or stop the clock")
        self.back_button = button("Previous", lambda: self.turn(self.at - 1), "Previous question")
        self.next_button = button("Next", lambda: self.turn(self.at + 1), "Next question")
        self.finish_button = button("Finish", self.finish, "Finish the exam and see the result")
        self.mark = widgets.Checkbox(description="Look at this one again", indent=False)
        self.mark.observe(self._on_mark, names="value")
        self.clock, self.message, self.stem = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.state, self.outcome = widgets.HTML(), widgets.HTML()
        self.place = widgets.VBox()
        self.sheet = widgets.VBox()
        self.turning = _row([self.back_button, self.next_button])
        self.resume_button = button("Go on with the paused one", self.go_on_with_paused)
        self.row = _row([self.clock_button, self.finish_button])
        self.intro = widgets.HTML(intro(exam))
        self.box = page([self.intro, self.clock, self.row, self.message, self.sheet])
        self._sure = False
        self._show()
        self._offer_paused()

    def go_or_pause(self) -> None:
        """Start, put the question away and stop the clock, or go on."""
        if self.exam.result:
            return
        if self.exam.running:
            self.exam.pause()
            words = "Paused. The clock stands, also while no kernel runs: practice.resume_exam."
            self.message.value = pages.alert("note", words)
        elif self._paused() and not self._sure:
            self._sure = True
            words = f"Paused: {self._paused()}. Press Start again to begin this one in its place."
            self.message.value = pages.alert("note", words)
            return
        else:
            self._sure = False
            self.exam.start()
            self.message.value = ""
            self._tick_on()
        self._show()

    def go_on_with_paused(self) -> None:
        """Change over to the exam of this name that was paused before, and start its clock."""
        kept = self._paused()
        if kept is None:
            return
        self.exam = type(self.exam).of(kept)
        self.at, self._sure = 0, False
        self.controls.clear()
        self.intro.value = intro(self.exam)
        self.go_or_pause()

    def _paused(self) -> sittings.Sitting | None:
        """Another exam of this name that was begun and not finished."""
        exam = self.exam
        kept = sittings.kept(exam.plan.exam) if exam.keep and not exam.started else None
        return kept if kept and kept.id != exam.id else None

    def _offer_paused(self) -> None:
        if kept := self._paused():
            self.message.value = f'<p role="status">Paused: {kept}.</p>'
            self.row.children = (self.clock_button, self.resume_button, self.finish_button)

    def turn(self, to: int) -> None:
        """Another question."""
        self.at = to % len(self.exam.questions)
        self._show()

    def finish(self) -> None:
        """Ask once if something is open, then mark."""
        if self.exam.result:
            return
        open_ones = len(self.exam.questions) - len(self.exam.answers)
        if open_ones and not self._sure and self.exam.seconds_left > 0:
            self._sure = True
            words = f"{open_ones} not answered yet. Press Finish again to finish all the same."
            self.message.value = pages.alert("note", words)
            return
        result = self.exam.finish()
        self.message.value = pages.alert("note", repr(result))
        self.outcome.value = result.picture()._repr_mimebundle_()[0]["text/html"]
        self.outcome.value += result_page(result)
        self._show()

    def _show(self) -> None:
        exam, total = self.exam, len(self.exam.questions)
        self._clock()
        self.clock_button.description = (
            "Pause" if exam.running else "Go on" if exam.started else "Start"
        )
        if exam.result:
            self.row.children = (self.finish_button,)
            self.sheet.children = (self.outcome,)
            return
        self.row.children = (self.clock_button, self.finish_button)
        if not exam.running:
            self.sheet.children = ()
            return
        question = exam.questions[self.at]
        asked = pages.asked(self.at + 1, total, question)
        self.stem.value = f'<div aria-live="polite">{asked}</div>'
        self.place.children = (self._controls().box,)
        self.mark.value = question.id in exam.marked
        self._state()
        self.sheet.children = (self.stem, self.place, self.mark, self.turning, self.state)

    def _controls(self) -> "Controls":
        from .controls import Controls

        if self.at not in self.controls:
            question = self.exam.questions[self.at]
            self.controls[self.at] = Controls(question, self._keep)
            if question.id in self.exam.answers:
                self.controls[self.at].fill(self.exam.answers[question.id])
        return self.controls[self.at]

    def _state(self) -> None:
        numbers = {question.id: number for number, question in enumerate(self.exam.questions, 1)}
        parts = [f"{len(self.exam.answers)} of {len(numbers)} answered"]
        if again := sorted(numbers[name] for name in self.exam.marked):
            parts.append(f"to look at again: {', '.join(map(str, again))}")
        self.state.value = f'<p role="status">{"; ".join(parts)}.</p>'

    def _keep(self) -> None:
        controls = self.controls[self.at]
        self._sure = False
        if not self.exam.running or self.exam.seconds_left <= 0:
            self._out_of_time()
        elif controls.answer:
            self.exam.answer(controls.question.id, controls.answer)
            self._state()
        else:
            self.exam.take_back(controls.question.id)
            self._state()

    def _on_mark(self, change: dict[str, bool]) -> None:
        name = self.exam.questions[self.at].id
        if change["new"] != (name in self.exam.marked):  # not when another question is shown
            self.exam.mark(name, change["new"])
        self._state()

    def _clock(self) -> None:
        left = math.ceil(self.exam.seconds_left)
        words = f"{left // 60} min {left % 60:02} s left"
        self.clock.value = f'<p role="timer"><strong>{words}</strong></p>'

    def _out_of_time(self) -> None:
        if self.exam.running and self.exam.seconds_left <= 0:
            self.finish()

    def _tick_on(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # no event loop: the clock is looked at whenever a button is pressed
        self._ticking = loop.create_task(self._tick())

    async def _tick(self) -> None:
        while self.exam.running:
            self._clock()
            self._out_of_time()
            await asyncio.sleep(TICK_SECONDS)


def _row(children: list[Any]) -> Any:
    import ipywidgets as widgets

    row = widgets.HBox(children)
    row.layout.flex_flow, row.layout.grid_gap = "row wrap", "8px"
    return row
