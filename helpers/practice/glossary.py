"""The terms of the course, from one data file: looked up in a lesson, or written as a page."""

from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

import yaml

from .course import lessons
from .errors import PracticeError, known

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"
_HEAD = """# Glossary

Every term with the lesson that shows it. Written from `helpers/practice/glossary.yaml` by
`make glossary`; change it there.

"""


@dataclass(frozen=True)
class Term:
    """A term: what it means, other names, and the lesson and heading that show it."""

    term: str
    means: str
    lesson: str
    section: str
    also: str = ""

    def __str__(self) -> str:
        also = f" ({self.also})" if self.also else ""
        return f"{self.term}{also}: {self.means} Lesson {self.lesson}, {self.section}."

    def _repr_html_(self) -> str:
        also = f" ({escape(self.also)})" if self.also else ""
        return (
            f"<p><strong>{escape(self.term)}</strong>{also}: {_code(escape(self.means))} "
            f'<a href="{self.link()}">Lesson {self.lesson}, {escape(self.section)}</a></p>'
        )

    def link(self) -> str:
        """From one lesson to the heading in another: JupyterLab keeps capitals."""
        return f"{_file(self.lesson)}#{self.section.replace(' ', '-')}"


def glossary(term: str) -> Term:
    """What a term means. Raises PracticeError, with terms that come close, for another."""
    by_name = {each.term.casefold(): each for each in terms()}
    if not isinstance(term, str):
        raise PracticeError("practice.glossary(term): a term is text, such as 'data key'.")
    return by_name[known(term.casefold(), list(by_name), "term")]


@cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the alphabet."""
    text = files(__package__).joinpath("glossary.yaml").read_text(encoding="utf-8")
    return tuple(sorted((Term(**raw) for raw in yaml.safe_load(text)), key=_sorted_by))


def page() -> str:
    """The glossary as Markdown, to be read on GitHub."""
    lines = []
    for each in terms():
        also = f" ({each.also})" if each.also else ""
        lines.append(
            f"**{each.term}**{also}  \n{each.means} "
            f"→ [Lesson {each.lesson}, *{each.section}*](../notebooks/{each.link()})\n"
        )
    return _HEAD + "\n".join(lines)


def write() -> None:
    """Write docs/glossary.md (make glossary)."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(terms())} terms")


def _sorted_by(term: Term) -> str:
    return term.term.casefold()


def _file(number: str) -> str:
    return next(str(lesson["file"]) for lesson in lessons() if lesson["number"] == number)


def _code(text: str) -> str:
    parts = text.split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
