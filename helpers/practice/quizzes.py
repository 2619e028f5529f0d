"""A lesson's quiz, in one output: answered by keyboard, explained option by option, remembered."""

from typing import TYPE_CHECKING, Any

from . import pages, store
from .bank import Question, of_lesson
from .errors import PracticeError

if TYPE_CHECKING:
    import ipywidgets


def quiz(lesson: str) -> "Quiz":
    """The quiz of a lesson, as ``practice.quiz("01")``: the last value of a cell.

    Raises PracticeError if there is no such lesson, or it has no questions yet.
    """
    questions = of_lesson(lesson)
    if not questions:
        raise PracticeError(f"Lesson {lesson} has no questions yet.")
    return Quiz(f"Quiz of lesson {lesson}", questions)


class Quiz:
    """Questions that show together. Nothing is drawn before it is shown."""

    def __init__(self, title: str, questions: list[Question]) -> None:
        self.title = title
        self.questions = questions
        self.asked: list[Asked] = []
        self._score: Any = None

    @property
    def passed(self) -> int:
        """How many of the questions were ever answered right."""
        done = store.recorded("question")
        return sum(bool(done.get(q.id, {}).get("once_passed")) for q in self.questions)

    def view(self) -> "ipywidgets.VBox":
        """The live form, made anew: what was answered before is said, not filled in."""
        import ipywidgets as widgets

        from .controls import page

        total = len(self.questions)
        self._score = widgets.HTML()
        self.asked = [
            Asked(number, total, question, self._on_answer)
            for number, question in enumerate(self.questions, 1)
        ]
        self._on_answer()
        return page([*(item.box for item in self.asked), self._score])

    def _on_answer(self) -> None:
        words = f"Score: {self.passed} of {len(self.questions)} questions answered right."
        self._score.value = f'<p role="status" class="kms-score"><strong>{words}</strong></p>'

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        from .controls import bundle

        return bundle(self.view(), pages.folded(self.questions), repr(self))

    def __repr__(self) -> str:
        count = len(self.questions)
        return f"{self.title}: {count} question{'s' if count > 1 else ''}."


class Asked:
    """One question of a quiz with its buttons and what they said."""

    def __init__(self, number: int, total: int, question: Question, after: Any) -> None:
        import ipywidgets as widgets

        from .controls import Controls, button

        self.question = question
        self._after = after
        self.controls = Controls(question, self._clear)
        self.check_button = button("Check", self.check, f"Check the answer to question {number}")
        self.show_button = button(
            "Show the answer", self.show, f"Show the answer to question {number}"
        )
        self.result, self.why = widgets.HTML(), widgets.HTML()
        before = store.recorded("question").get(question.id, {}).get("once_passed")
        heading = pages.asked(number, total, question)
        if before:
            heading += '<p class="kms-before">✓ You have answered this one right before.</p>'
        row = widgets.HBox([self.check_button, self.show_button])
        row.layout.flex_flow, row.layout.grid_gap = "row wrap", "8px"
        self.box = widgets.VBox(
            [widgets.HTML(heading), self.controls.box, row, self.result, self.why]
        )

    def check(self) -> None:
        """Mark what is chosen now, say so, and keep it."""
        if missing := self.controls.missing:
            self.result.value, self.why.value = pages.alert("note", missing), ""
            return
        answer = self.controls.answer
        passed = self.question.is_right(answer)
        self.result.value = pages.verdict(self.question, answer)
        self.why.value = pages.explained(self.question, answer, everything=passed)
        if passed:
            self.why.value += pages.how_we_know(self.question)
        store.record("question", self.question.id, passed=passed)
        self._after()

    def show(self) -> None:
        """Every option's explanation. Not kept as an answer."""
        answer = self.controls.answer
        self.result.value = pages.alert("note", "The answer, with the reason for every option:")
        self.why.value = pages.explained(self.question, answer, everything=True)
        self.why.value += pages.how_we_know(self.question)

    def _clear(self) -> None:
        """The answer is being changed: what was said about the old one goes."""
        self.result.value = self.why.value = ""
