"""A prediction before a cell runs, and afterwards the prediction beside what happened.

Both are one display bundle: widgets for who has a kernel, and a fixed text for all others. What
somebody predicted is shown by the widget only, so the stored lesson is the same for everyone.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

from . import store
from .messages import Message, marked

LONGEST_OPTION = 60

# Buttons as wide as their words, and words that go on in the next line on a narrow screen.
_STYLE = (
    "<style>.kms-option {height: auto; white-space: normal; text-align: left; "
    "line-height: 1.4; padding: 4px 10px; width: auto; max-width: 100%} "
    ".kms-prediction p {margin: 4px 0; line-height: 1.5}</style>"
)


class Shown:
    """A display bundle: a widget, HTML for who has none, and plain text."""

    def __init__(self, widget: Any, page: str, text: str) -> None:
        self.widget, self.page, self.text = widget, page, text

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        view = self.widget._repr_mimebundle_(**options)
        view = view[0] if isinstance(view, tuple) else view
        return {**view, "text/html": self.page, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def predict(id: str, question: str, options: Sequence[str]) -> Shown:
    """Ask what the next cell will show: one button an option.

    ``id`` begins with the lesson's number ("01-ecb"). A prediction can be changed until it is
    compared; none need be made. Raises ValueError for fewer than two options, for equal ones and
    for very long ones.
    """
    if len(options) < 2 or len(set(options)) < len(options):
        raise ValueError(f"prediction {id}: two or more different options, not {list(options)}")
    if long := [option for option in options if not 0 < len(option) <= LONGEST_OPTION]:
        raise ValueError(f"prediction {id}: 1 to {LONGEST_OPTION} letters an option: {long[0]!r}")
    items = "".join(f"<li>{marked(option)}</li>" for option in options)
    page = f"<p><strong>Your prediction:</strong> {marked(question)}</p><ul>{items}</ul>"
    text = "\n".join([f"Your prediction: {question}", *(f"( ) {option}" for option in options)])
    return Shown(_buttons(id, question, options), page, text)


def happened(id: str, outcome: str) -> Shown:
    """Show what happened beside what was predicted; ``outcome`` is one of the options.

    Another outcome is shown as it is: cells that are run out of order make surprising ones.
    """
    text = f"What happened: {outcome}"
    page = f"<p><strong>What happened:</strong> {marked(outcome)}</p>"
    return Shown(_comparison(predicted(id), outcome), page, text)


def predicted(id: str) -> str | None:
    """The option that was chosen last, now or in an earlier session; None without one."""
    answer = store.recorded("prediction").get(id, {}).get("answer")
    return answer if isinstance(answer, str) else None


def _buttons(id: str, question: str, options: Sequence[str]) -> Any:
    import ipywidgets as widgets

    asked = widgets.HTML(
        f"{_STYLE}<p><strong>Your prediction:</strong> {marked(question)}</p>",
        layout={"max_width": "46em", "height": "auto"},
    )
    buttons = {option: widgets.Button(description=option) for option in options}
    told = widgets.HTML(layout={"height": "auto", "min_height": "2em"})

    def show(choice: str | None) -> None:
        for option, button in buttons.items():
            # A mark besides the colour of the border.
            button.description = f"✓ {option}" if option == choice else option
            button.layout.border = "2px solid" if option == choice else "2px solid transparent"
        kept = f"You predict: {escape(choice)}. Now run the next cell." if choice else ""
        told.value = f'<p role="status">{kept}</p>'

    def choose(option: str) -> None:
        store.record("prediction", id, answer=option)
        show(option)

    for option, button in buttons.items():
        button.add_class("kms-option")
        button.on_click(lambda _, option=option: choose(option))
    earlier = predicted(id)
    show(earlier if earlier in options else None)
    shown = widgets.VBox(
        [asked, *buttons.values(), told], layout={"align_items": "flex-start", "padding": "0 4px"}
    )
    shown.add_class("kms-prediction")
    return shown


def _comparison(prediction: str | None, outcome: str) -> Any:
    import ipywidgets as widgets

    if prediction is None:
        message = Message("not started", f"What happened: {outcome}", "You made no prediction.")
    elif prediction == outcome:
        message = Message("correct", f"What happened: {outcome}", "As you predicted.")
    else:
        message = Message(
            "wrong",
            f"What happened: {outcome}",
            f"You predicted: {prediction}. Such a surprise is worth a second look at the cell.",
        )
    return widgets.HTML(message._repr_mimebundle_()["text/html"])
