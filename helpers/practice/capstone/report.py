"""The report: what this run has shown, step by step and incident by incident."""

from dataclasses import dataclass
from html import escape

from .. import store
from . import asking, record
from .incidents import SCENES, evidence_of, played
from .steps import STEPS

DONE, OPEN = "✓ done", "○ open"
# Built, and confirmed by the account, but not with an answer of the learner's own.
BORROWED = "◐ verified, with the course's policy"
LEFT, LONGEST_UNBROKEN = "text-align: left", 20
HEADS = ("", "Step or incident", "Result", "Time in the lab", "Evidence in the trail")


@dataclass(frozen=True)
class Report:
    """Rows of (number, name, result, time, evidence); a table for eyes, Markdown as text."""

    steps: list[tuple[str, ...]]
    incidents: list[tuple[str, ...]]

    @property
    def complete(self) -> bool:
        """Whether nothing is open."""
        return all(row[2] == DONE for row in [*self.steps, *self.incidents])

    @property
    def summary(self) -> str:
        done = [sum(row[2] == DONE for row in rows) for rows in (self.steps, self.incidents)]
        told = (
            f"{done[0]} of {len(self.steps)} steps done, "
            f"{done[1]} of {len(self.incidents)} incidents mended"
        )
        return f"{told}: complete." if self.complete else f"{told}."

    @property
    def markdown(self) -> str:
        """The whole report as Markdown, to keep: ``Path("report.md").write_text(...)``."""
        lines = [f"## Report\n\n{self.summary}\n", _line(HEADS), "|---" * len(HEADS) + "|"]
        return "\n".join([*lines, *(_line(row) for row in [*self.steps, *self.incidents])]) + "\n"

    def __repr__(self) -> str:
        return self.markdown

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="{LEFT}">{escape(name)}</th>' for name in HEADS)
        rows = [*self.steps, *self.incidents]
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        page = f'<div style="overflow-x: auto">{table}</div>'
        return f"<p><strong>{escape(self.summary)}</strong></p>{page}"


def report() -> Report:
    """The report of this kernel's run: which steps the account confirmed, which fixes held."""
    return Report(_steps(), _incidents())


def _steps() -> list[tuple[str, ...]]:
    shown, passed, rows = record.steps(), _passed(), []
    for number, step in STEPS.items():
        proof = shown.get(number)
        result, when = (DONE, proof.when) if proof else (OPEN, "-")
        if proof and step.exercise and step.exercise not in passed:
            result = BORROWED
        seen = _told(proof) if proof and proof.event_id else "-"
        rows.append((f"step {number}", step.name, result, when, seen))
    return rows


def _incidents() -> list[tuple[str, ...]]:
    fixes, passed, rows = record.fixes(), _passed(), []
    for number, scene in SCENES.items():
        here = played().get(number)
        event = evidence_of(here, asking.here()) if here else None
        cause = record.proof_of(event) if event else None
        when, seen = (cause.when, f"cause: {_told(cause)}") if cause else ("-", "-")
        fixed = number in fixes or scene.exercise in passed
        if number in fixes:
            seen += f"; fix: {_told(fixes[number])}"
        rows.append((f"incident {number}", scene.title, DONE if fixed else OPEN, when, seen))
    return rows


def _passed() -> set[str]:
    """The ids of the exercises that were once right."""
    return {name for name, kept in store.recorded("exercise").items() if kept.get("once_passed")}


def _told(proof: record.Proof) -> str:
    return f"{proof.event_name} {proof.event_id}"


def _cell(words: str) -> str:
    """A table's cell; numbers and times stay on one line."""
    whole = "; white-space: nowrap" if len(words) <= LONGEST_UNBROKEN else ""
    return f'<td style="{LEFT}{whole}">{escape(words)}</td>'


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
