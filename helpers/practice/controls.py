"""One question as widgets: reached, answered and checked by keyboard alone.

Checkboxes, not radio buttons: a radio group of ipywidgets makes each option its own tab stop
without saying that they belong together. Number fields, not drop-down lists: where the focus is on
a list, JupyterLab takes the arrow keys and letters for its own (it moves to the next cell, or makes
one). In a field that is typed in it leaves them alone.
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
            fits = sorted(values) == list(range(1, len(ids) + 1))
            return [item for _, item in sorted(zip(values, ids, strict=True))] if fits else []
        if self.question.kind == "matching":
            names = ["", *self.question.matches]
            pairs = zip(ids, values, strict=True)
            return {item: names[value] for item, value in pairs if value}
        return {item for item, value in zip(ids, values, strict=True) if value}

    def fill(self, answer: Answer) -> None:
        """Show an answer that was given before, without telling anybody that it changed."""
        ids = [option.id for option in self.question.options]
        names = ["", *self.question.matches]
        self._quiet = True
        for item, control in zip(ids, self._inputs, strict=True):
            if isinstance(answer, dict):
                control.value = names.index(answer.get(item, ""))
            elif isinstance(answer, list):
                control.value = answer.index(item) + 1 if item in answer else 0
            else:
                control.value = item in answer
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
            return f"Give each a place of its own, 1 to {len(self._inputs)}."
        if kind == "matching" and len(answer) < len(self.question.options):
            return f"Give each a match, 1 to {len(self.question.matches)}."
        return ""

    def _checkboxes(self) -> list[Any]:
        return [
            widgets.Checkbox(
                description=pages.marked(option.text), description_allow_html=True, indent=False
            )
            for option in self.question.options
        ]

    def _places(self) -> list[Any]:
        return self._numbers(len(self.question.options))

    def _matches(self) -> list[Any]:
        return self._numbers(len(self.question.matches))

    def _numbers(self, most: int) -> list[Any]:
        return [
            widgets.BoundedIntText(
                description=pages.marked(option.text),
                description_allow_html=True,
                style={"description_width": "initial"},
                min=0,
                max=most,
            )
            for option in self.question.options
        ]

    def _on_change(self, change: dict[str, Any]) -> None:
        if self._quiet:
            return
        if self.question.kind == "one" and change["new"]:
            self._quiet = True
            for control in self._inputs:
                control.value = control is change["owner"]
            self._quiet = False
        self._changed()


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
