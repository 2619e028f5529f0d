"""The fact check of an article: its claims, and what the cells of the appendix found of each.

The claims are data (``article.yaml``). A verdict is never written into the lesson: it follows from
what a cell found of each part of a claim, by one rule, and stands beside the verdict in the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as url_quote

import yaml

from .course import lessons
from .errors import PracticeError, known
from .messages import marked
from .quantities import Number, number

if TYPE_CHECKING:
    from helpers.figures import Picture

#: Verdict -> its sign. The words carry the meaning; signs and colours only repeat it.
VERDICTS = {
    "true": "✓",
    "imprecise": "≈",
    "outdated": "◷",
    "false": "✗",
    "opinion": "○",
    "unverified": "?",
}
#: What a part can be besides True or False: nothing that runs here can decide it.
UNDECIDED = ("opinion", "unverified")
_BORDERS = {"true": "#0b9165", "imprecise": "#b07d00", "outdated": "#b07d00", "false": "#d55e00"}


class _Numbers(dict[str, Number]):
    def __missing__(self, name: str) -> Number:
        return number(name)


@dataclass(frozen=True)
class Claim:
    """What the article says (``quote``), and what is so (``correct``, with its ``source``)."""

    id: str
    topic: str
    quote: str
    verdict: str
    correct: str
    source: str
    lesson: str
    section: str = ""

    @property
    def link(self) -> str:
        """The lesson that teaches it: its section, if that is known."""
        file = next(item["file"] for item in lessons() if item["number"] == self.lesson)
        anchor = url_quote(self.section.replace(" ", "-"), safe="-_.~!()")
        return f"{file}#{anchor}" if anchor else file

    @property
    def place(self) -> str:
        """The lesson that teaches it, in words."""
        title = next(item["title"] for item in lessons() if item["number"] == self.lesson)
        return f"lesson {self.lesson}, {self.section or title}"


@dataclass(frozen=True)
class Finding:
    """What a cell found of a claim: of each part whether it holds, and the verdict that follows."""

    claim: Claim
    parts: Mapping[str, bool | str]
    once: Mapping[str, bool]

    @property
    def verdict(self) -> str:
        """By the rule of ``verdict_of``."""
        return verdict_of(self.parts, self.once)

    @property
    def agrees(self) -> bool:
        """Is it the verdict that the course's data has?"""
        return self.verdict == self.claim.verdict

    def _lines(self) -> list[str]:
        words = {True: "✓ holds", False: "✗ does not hold", "opinion": "○ nobody can run that"}
        words["unverified"] = "? not looked at"
        told = [f"{words[value]}: {part}" for part, value in self.parts.items()]
        told += [f"{'◷ once' if value else '✗ never'}: {part}" for part, value in self.once.items()]
        return told

    def _doubt(self) -> str:
        if self.agrees:
            return ""
        return f"The course's own run found {self.claim.verdict}. Was this cell changed?"

    def __repr__(self) -> str:
        lines = [f"“{self.claim.quote}”", *(f"  {line}" for line in self._lines())]
        lines.append(f"Verdict: {VERDICTS[self.verdict]} {self.verdict}")
        lines += filter(None, [self._doubt(), f"What is so: {self.claim.correct}"])
        return "\n".join([*lines, f"Read on: {self.claim.place}. Source: {self.claim.source}"])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        claim = self.claim
        items = "".join(f"<li>{marked(line)}</li>" for line in self._lines())
        doubt = f"<p>{marked(self._doubt())}</p>" if self._doubt() else ""
        page = (
            f'<div style="border-left: 4px solid {_BORDERS.get(self.verdict, "#767e88")}; '
            f'padding: 4px 12px; margin: 4px 0; max-width: 46em"><p>“{escape(claim.quote)}”</p>'
            f'<ul style="list-style: none; padding-left: 0">{items}</ul>'
            f"<p><strong>{VERDICTS[self.verdict]} {self.verdict}</strong></p>{doubt}"
            f"<p>{marked(claim.correct)}</p><p>{_links(claim)}</p></div>"
        )
        return {"text/html": page, "text/plain": repr(self)}


@dataclass
class FactCheck:
    """The article, its claims, and what was found so far."""

    title: str
    published: str
    address: str
    claims: tuple[Claim, ...]
    findings: dict[str, Finding] = field(default_factory=dict)

    def found(
        self,
        claim: str,
        parts: Mapping[str, bool | str],
        once: Mapping[str, bool] | None = None,
    ) -> Finding:
        """Say of each part of a claim whether it holds today, as the cell found it.

        A part is True, False, "opinion" or "unverified". ``once`` has what held in former times.
        Raises PracticeError for a claim that isn't there, and for parts that are none of these.
        """
        by_id = {each.id: each for each in self.claims}
        known(claim, list(by_id), "claim")
        verdict_of(parts, once or {})
        self.findings[claim] = Finding(by_id[claim], dict(parts), dict(once or {}))
        return self.findings[claim]

    def picture(self) -> "Picture":
        """Every claim with the verdict that was found; those whose cell didn't run have none."""
        from helpers import figures

        return figures.verdicts(
            [
                (each.topic, self.findings[each.id].verdict if each.id in self.findings else "")
                for each in self.claims
            ],
            VERDICTS,
        )

    def table(self) -> "Table":
        """All claims with verdict, correct statement and source, as the data has them."""
        return Table(self.claims)

    def __repr__(self) -> str:
        return (
            f"“{self.title}”, published {self.published} (its address ends in {self.address}): "
            f"{len(self.claims)} claims."
        )


class Table(tuple[Claim, ...]):
    """Claims that show as a table."""

    def __repr__(self) -> str:
        return "\n".join(
            f"{number} {VERDICTS[claim.verdict]} {claim.verdict}: {claim.topic}"
            for number, claim in enumerate(self, 1)
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{number}</th><td>“{escape(claim.quote)}”</td>"
            f"<td>{VERDICTS[claim.verdict]}&nbsp;{claim.verdict}</td>"
            f"<td>{marked(claim.correct)} {_links(claim)}</td></tr>"
            for number, claim in enumerate(self, 1)
        )
        names = ("", "The article", "Verdict", "What is so")
        head = "".join(f"<th scope='col'>{name}</th>" for name in names)
        head = head.replace("<th scope='col'></th>", "<td></td>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def article() -> FactCheck:
    """The article and its claims, with nothing found yet."""
    return FactCheck(**_data())


def verdict_of(parts: Mapping[str, bool | str], once: Mapping[str, bool] | None = None) -> str:
    """The verdict on a claim from its parts.

    A part that nothing can decide decides: a claim that rests on taste is an opinion. All parts
    hold: true. Some do: imprecise. None does: outdated if all held once, false if not.
    Raises PracticeError if there are no parts, or one is something else.
    """
    values = list(parts.values())
    told = "give parts: what the claim says, each True, False, 'opinion' or 'unverified'."
    if not values or any(not isinstance(v, bool) and v not in UNDECIDED for v in values):
        raise PracticeError(f"The parts are {parts!r}: {told}")
    if any(not isinstance(value, bool) for value in (once or {}).values()):
        raise PracticeError(f"once is {once!r}: what held in former times is True or False.")
    for word in UNDECIDED:
        if word in values:
            return word
    if all(values):
        return "true"
    if any(values):
        return "imprecise"
    return "outdated" if once and all(once.values()) else "false"


def _links(claim: Claim) -> str:
    away = 'target="_blank" rel="noopener"'
    return (
        f'Read on: <a href="{escape(claim.link)}" {away}>{escape(claim.place)}</a>. '
        f'<a href="{escape(claim.source)}" {away}>Source of claim {escape(claim.id)}</a>.'
    )


@cache
def _read() -> dict[str, Any]:
    text = files(__package__).joinpath("article.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)
    return raw | {"claims": tuple(_claim(each) for each in raw["claims"])}


def _data() -> dict[str, Any]:
    return dict(_read())


def _claim(raw: dict[str, Any]) -> Claim:
    """A claim from its data. Raises ValueError for what is no text, verdict or lesson."""
    if odd := [name for name, value in raw.items() if not isinstance(value, str) or not value]:
        raise ValueError(f"claim {raw.get('id')}: not text: {', '.join(odd)}")
    if raw["verdict"] not in VERDICTS:
        raise ValueError(f"claim {raw['id']}: verdict {raw['verdict']!r}")
    if raw["lesson"] not in [item["number"] for item in lessons()]:
        raise ValueError(f"claim {raw['id']}: lesson {raw['lesson']!r}")
    if not raw["source"].startswith("https://"):
        raise ValueError(f"claim {raw['id']}: source {raw['source']!r}")
    return Claim(**raw | {"correct": raw["correct"].format_map(_Numbers())})
