"""The questions: read from ``questions/``, put in a fixed order, and marked.

``questions/NN.yaml`` is lesson NN's quiz. ``questions/exam/NN.yaml`` has further questions about
what the lesson shows, which only the practice exam asks.

What an answer is depends on the kind of question:
``one`` and ``several``   the set of the ids chosen,
``ordering``              the list of all ids, first to last,
``matching``              option id -> id of the match.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import yaml

from .course import lessons
from .errors import PracticeError, known

try:  # ten times as fast, but not in every build of PyYAML
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

KINDS = ("one", "several", "ordering", "matching")

Answer = set[str] | list[str] | dict[str, str]


@dataclass(frozen=True)
class Option:
    """One option, or one left side of a matching, with the reason why it is right or wrong."""

    id: str
    text: str
    why: str


@dataclass(frozen=True)
class Question:
    """One question. ``options`` and ``matches`` stand in the order in which they are shown."""

    id: str
    lesson: str
    section: str
    exams: dict[str, list[str]]
    kind: str
    stem: str
    options: tuple[Option, ...]
    right: Answer
    difficulty: int
    source: str
    matches: dict[str, str] = field(default_factory=dict)
    proof: str = ""
    fact: str = ""
    scenario: bool = False

    @property
    def task(self) -> str:
        """What to do, in words."""
        return {
            "one": "Choose one answer.",
            "several": f"Choose {len(self.right)} answers.",
            "ordering": "Put these in order.",
            "matching": "Choose a match for each.",
        }[self.kind]

    @property
    def link(self) -> str:
        """The lesson's section, as a link from any other lesson."""
        file = next(item["file"] for item in lessons() if item["number"] == self.lesson)
        return f"{file}#{quote(self.section.replace(' ', '-'), safe='-_.~!()')}"

    def domains(self, exam: str) -> list[int]:
        """The domains of ``exam`` that this question serves."""
        return sorted({int(task.partition(".")[0]) for task in self.exams.get(exam, [])})

    def right_ones(self, answer: Answer) -> dict[str, bool]:
        """Option id -> was it dealt with rightly? An option rightly left out counts as right."""
        self.check(answer)
        if isinstance(answer, dict) and isinstance(self.right, dict):
            return {o.id: answer.get(o.id) == self.right[o.id] for o in self.options}
        if isinstance(answer, list) and isinstance(self.right, list):
            places = {item: place for place, item in enumerate(answer)}
            return {item: places.get(item) == place for place, item in enumerate(self.right)}
        return {o.id: (o.id in answer) == (o.id in self.right) for o in self.options}

    def is_right(self, answer: Answer) -> bool:
        """All of it, or nothing: as in the exams, no part of a mark is given."""
        return all(self.right_ones(answer).values())

    def check(self, answer: Answer) -> None:
        """Raises PracticeError if ``answer`` has not the form that this kind of question takes."""
        ids = {option.id for option in self.options}
        form = {
            "one": "a set with one of",
            "several": "a set of",
            "ordering": "a list of all of",
            "matching": "a dict with a match for each of",
        }[self.kind]
        wrong = PracticeError(f"An answer to {self.id} is {form} {', '.join(sorted(ids))}.")
        if self.kind == "matching":
            fits = isinstance(answer, dict) and set(answer) <= ids
            if fits and isinstance(answer, dict) and not set(answer.values()) <= set(self.matches):
                raise PracticeError(f"Matches for {self.id} are {', '.join(sorted(self.matches))}.")
        elif self.kind == "ordering":
            fits = isinstance(answer, list) and set(answer) <= ids
        else:
            fits = isinstance(answer, set | frozenset) and set(answer) <= ids
            fits = fits and (self.kind == "several" or len(answer) <= 1)
        if not fits:
            raise wrong


def of_lesson(lesson: str) -> list[Question]:
    """A lesson's quiz in the order of its file. Raises PracticeError for another lesson."""
    numbers = [item["number"] for item in lessons()]
    known(lesson, numbers, "lesson")
    return list(_read(f"{lesson}.yaml"))


def every_question() -> list[Question]:
    """The whole bank, in course order: each lesson's quiz, then what only the exam asks."""
    return [
        question
        for item in lessons()
        for folder in ("", "exam/")
        for question in _read(f"{folder}{item['number']}.yaml")
    ]


@cache
def _read(name: str) -> tuple[Question, ...]:
    file = files(__package__).joinpath("questions", *name.split("/"))
    if not file.is_file():
        return ()
    return tuple(map(question, yaml.load(file.read_text(encoding="utf-8"), Loader)))


def question(raw: dict[str, Any]) -> Question:
    """A question from its data, its options shuffled by its id."""
    fields = dict(raw)
    options = [Option(**option) for option in fields.pop("options")]
    matches = list(fields.pop("matches", {}).items())
    right = fields.pop("right")
    if fields["kind"] in ("one", "several"):
        right = frozenset(right)
    order: list[Option] = shuffled(options, fields["id"], lambda option: option.id)
    if fields["kind"] == "ordering" and [option.id for option in order] == right:
        order = order[1:] + order[:1]  # shown in order, it would need no thought
    return Question(
        **fields,
        options=tuple(order),
        matches=dict(shuffled(matches, fields["id"], lambda match: match[0])),
        right=right,
    )


def shuffled(items: list[Any], seed: str, name: Callable[[Any], str]) -> list[Any]:
    """The same order for the same seed and names, whatever the order they came in."""

    def key(item: Any) -> bytes:
        return hashlib.sha256(f"{seed}/{name(item)}".encode()).digest()

    return sorted(items, key=key)
