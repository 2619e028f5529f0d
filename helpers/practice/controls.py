"""One question as widgets: reached, answered and checked by keyboard alone.

Checkboxes, not radio buttons: a radio group of ipywidgets makes each option its own tab stop
without saying that they belong together. Order and matches are chosen from drop-down lists, which
every keyboard and screen reader knows.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import ipywidgets as widgets

from . import pages
from .bank import Answer, Question

STYLE = files(__package__).joinpath("style.css").read_text(encoding="utf-8")


class Controls:
    """The inputs of one question. ``box`` is shown; ``answer`` is what they say now."""

    def __init__(self, question: Question, changed: Callable[[], None] | None = None) -> None:
        self.question = question
        self._changed = changed or (lambda: None)
        self._quiet = False
        if question.kind == "ordering":
            self._inputs = self._places()
        elif question.kind == "matching":
            self._inputs = self._matches()
        else:
            self._inputs = self._checkboxes()
        for control in self._inputs:
            control.observe(self._on_change, names="value")
        self.box = widgets.VBox(self._inputs)

    @property
    def answer(self) -> Answer:
        """The answer so far; see ``bank`` for its forms. Nothing chosen is an empty one."""
        values = [control.value for control in self._inputs]
        ids = [option.id for option in self.question.options]
        if self.question.kind == "ordering":
            return values if all(values) else []
        if self.question.kind == "matching":
            return {item: value for item, value in zip(ids, values, strict=True) if value}
        return {item for item, value in zip(ids, values, strict=True) if value}

    @answer.setter
    def answer(self, answer: Answer) -> None:
        self._quiet = True
        ids = [option.id for option in self.question.options]
        for place, control in enumerate(self._inputs):
            if isinstance(answer, list):
                control.value = answer[place] if place < len(answer) else ""
            elif isinstance(answer, dict):
                control.value = answer.get(ids[place], "")
            else:
                control.value = ids[place] in answer
        self._quiet = False

    @property
    def missing(self) -> str:
        """What is still to be done before this can be checked; empty if nothing is."""
        answer, kind = self.answer, self.question.kind
        if kind == "one" and not answer:
            return "Choose an answer first."
        if kind == "several" and len(answer) != len(self.question.right):
            return f"Choose {len(self.question.right)} answers; {len(answer)} are chosen."
        if kind == "ordering" and not answer:
            return "Choose an item for every place first."
        if kind == "ordering" and len(set(answer)) < len(answer):
            return "One item stands in two places."
        if kind == "matching" and len(answer) < len(self.question.options):
            return "Choose a match for each first."
        return ""

    def freeze(self, frozen: bool = True) -> None:
        """Take no more answers, or take them again."""
        for control in self._inputs:
            control.disabled = frozen

    def _checkboxes(self) -> list[Any]:
        return [
            widgets.Checkbox(
                description=pages.marked(option.text), description_allow_html=True, indent=False
            )
            for option in self.question.options
        ]

    def _places(self) -> list[Any]:
        lettered = zip(pages.LETTERS, self.question.options, strict=False)
        items = [(f"{letter}. {_plain(o.text)}", o.id) for letter, o in lettered]
        return [_dropdown(f"Place {place}", items) for place in range(1, len(items) + 1)]

    def _matches(self) -> list[Any]:
        items = [(_plain(text), name) for name, text in self.question.matches.items()]
        return [_dropdown(pages.marked(option.text), items) for option in self.question.options]

    def _on_change(self, change: dict[str, Any]) -> None:
        if self._quiet:
            return
        if self.question.kind == "one" and change["new"]:
            self._quiet = True
            for control in self._inputs:
                control.value = control is change["owner"]
            self._quiet = False
        self._changed()


def _dropdown(label: str, items: list[tuple[str, str]]) -> widgets.Dropdown:
    return widgets.Dropdown(
        description=label,
        description_allow_html=True,
        style={"description_width": "initial"},
        options=[("choose …", ""), *items],
        value="",
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def button(words: str, action: Callable[[], None], tip: str = "") -> widgets.Button:
    """A button that does ``action``; ``tip`` tells it from others with the same words."""
    made = widgets.Button(description=words, tooltip=tip or words)
    made.on_click(lambda _: action())
    return made


def page(children: list[Any]) -> widgets.VBox:
    """The outermost box, with the style that every part of the kit shares."""
    box = widgets.VBox([widgets.HTML(f"<style>{STYLE}</style>"), *children])
    box.add_class("kms-practice")
    return box


def bundle(view: Any, html: str, plain: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """One output: the live view, HTML for readers without a kernel, and words that never change."""
    data = view._repr_mimebundle_()
    widget = {key: value for key, value in data.items() if "widget-view" in key}
    return {**widget, "text/html": html, "text/plain": plain}, {}
