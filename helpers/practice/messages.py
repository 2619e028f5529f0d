"""What a check answers: a sign, a title and a few words, for eyes and for screen readers."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

State = Literal["not started", "correct", "wrong", "not checked"]

# The sign and the border tell the same; neither is needed to understand the words.
SIGNS: dict[State, str] = {"not started": "○", "correct": "✓", "wrong": "✗", "not checked": "!"}
# Each has 3:1 against the page in the light and in the dark theme.
BORDERS: dict[State, str] = {
    "not started": "#767e88",
    "correct": "#0b9165",
    "wrong": "#d55e00",
    "not checked": "#767e88",
}
LONGEST_PRINT = 600


@dataclass(frozen=True)
class Message:
    """The answer to one check. ``printed`` is what the learner's function printed."""

    state: State
    title: str
    words: str = ""
    printed: str = ""

    def __repr__(self) -> str:
        text = f"{SIGNS[self.state]} {self.title}\n{self.words}".rstrip()
        if self.printed:
            text += f"\nYour function printed:\n{_shortened(self.printed)}"
        return text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        body = f"<strong>{SIGNS[self.state]} {marked(self.title)}</strong>"
        if self.words:
            body += f"<br>{marked(self.words)}"
        if self.printed:
            body += f"<br>Your function printed:<pre>{escape(_shortened(self.printed))}</pre>"
        page = (
            f'<div role="alert" style="border-left: 4px solid {BORDERS[self.state]}; '
            f'padding: 4px 12px; margin: 4px 0; max-width: 46em">{body}</div>'
        )
        return {"text/html": page, "text/plain": repr(self)}


def marked(words: str) -> str:
    """Words as HTML, with `code` between backticks set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))


def _shortened(printed: str) -> str:
    printed = printed.rstrip()
    return printed if len(printed) <= LONGEST_PRINT else printed[:LONGEST_PRINT] + " …"
