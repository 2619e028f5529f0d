"""One decision on a key: what each policy and each grant said, and what came of it."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from .picture import (
    GREEN,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_RED,
    QUIET,
    RED,
    RULE,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

# The source of a statement -> what the picture calls it. The first three are always drawn.
SOURCES = {
    "key policy": "key policy",
    "identity policy": "IAM policy",
    "grant": "grant",
    "permissions boundary": "boundary",
    "session policy": "session policy",
}
ALWAYS = 3
LEFT, MIDDLE, RIGHT = 3.0, 24.0, 97.0
WIDTH = 96  # letters in a line of a reason
ROW, LINE, PAD = 0.23, 0.17, 0.13  # inches
HEAD, FOOT = 0.55, 0.72


def access(caller: str, decision: Mapping[str, Any], note: str = "") -> Picture:
    """Draw one of the decisions that ``lab.explain`` gives.

    ``caller`` is who asked, in the reader's words; ``note`` says what else was special about the
    request. ``decision`` has ``action``, ``allowed``, ``words`` and ``statements``, each with
    ``source``, ``policy``, ``sid``, ``index``, ``effect``, ``matched``, ``reach``, ``why`` and
    ``decided``; or None, if no policy was asked.
    """
    was_asked = decision["statements"] is not None
    groups = _groups(decision["statements"] or [])
    heights = [_height(lines) for lines in groups.values()]
    inches = HEAD + sum(heights) + FOOT
    figure, axes = canvas(8.8, inches)
    unit = 100 / inches
    asked = f"{decision['action']}{f', {note}' if note else ''}"
    y = 100 - 0.27 * unit
    text(axes, LEFT, y, f"{caller} asks:", size=11, weight="bold", ha="left")
    text(axes, RIGHT, y, asked, size=11, ha="right", family="monospace")
    y -= (HEAD - 0.27) * unit
    told = []
    for (source, lines), height in zip(groups.items(), heights, strict=True):
        said = says(source, lines) if was_asked else "not asked"
        _group(axes, y, height, unit, SOURCES.get(source, source), said, lines)
        y -= height * unit
        told.append(f"{SOURCES.get(source, source)}: {said}{_told(lines)}")
    allowed = decision["allowed"]
    mark, fill, edge = ("✓", PALE_GREEN, GREEN) if allowed else ("✗", PALE_RED, RED)
    arrow(axes, (13, y), (13, y - 0.2 * unit))
    verdict = f"{mark}  {'ALLOWED' if allowed else 'DENIED'}: {decision['words']}"
    box(axes, LEFT, y - 0.6 * unit, RIGHT - LEFT, 0.4 * unit, verdict, fill=fill, edge=edge,
        size=10.5, weight="bold")  # fmt: skip
    verdict = f"{'Allowed' if allowed else 'Denied'}: {decision['words']}"
    return Picture(figure, f"{caller} asks for {asked}. {'; '.join(told)}. {verdict}.")


def says(source: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """What the statements of one source say together about the request."""
    if not lines:
        return "none there"
    matched = [line for line in lines if line["matched"]]
    if any(line["effect"] == "Deny" for line in matched):
        return "denies"
    if not matched:
        return "says nothing"
    if source == "key policy" and all(line["reach"] == "account" for line in matched):
        return "leaves it to IAM"
    return "allows"


def short(words: str) -> str:
    """The same sentence with ARNs cut to what tells them apart, and long lists of actions cut."""
    words = re.sub(
        r"arn:aws[\w-]*:(?:iam|sts)::(\d{12}):(?:assumed-)?((?:role|user)/[\w+=,.@-]+)[\w/+=,.@-]*",
        r"\2 in \1",
        words,
    )
    words = re.sub(r"arn:aws[\w-]*:iam::(\d{12}):root", r"account \1", words)
    words = re.sub(r"(Action [\w:*]+)((?: or [\w:*]+){3,})", _fewer, words)
    return re.sub(r"arn:aws[\w-]*:kms:[\w-]*:\d*:(key/[\w-]{8}|alias/\w+)[\w-]*", r"\1…", words)


def _fewer(found: re.Match[str]) -> str:
    """The first of many actions, and how many more there are."""
    return f"{found[1]} and {found[2].count(' or ')} more"


def _groups(statements: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {name: [] for name in list(SOURCES)[:ALWAYS]}
    for line in statements:
        groups.setdefault(line["source"], []).append(line)
    return groups


def _reason(line: Mapping[str, Any]) -> list[str]:
    return textwrap.wrap(short(line["why"]), WIDTH, break_on_hyphens=False)[:3]


def _height(lines: Sequence[Mapping[str, Any]]) -> float:
    rows = sum(ROW + LINE * len(_reason(line)) for line in lines)
    return max(rows, ROW + LINE) + 2 * PAD


def _group(
    axes: Axes,
    y: float,
    height: float,
    unit: float,
    name: str,
    said: str,
    lines: Sequence[Mapping[str, Any]],
) -> None:
    fill, edge = {
        "allows": (PALE_GREEN, GREEN),
        "denies": (PALE_RED, RED),
        "leaves it to IAM": (PALE_BLUE, INK),
    }.get(said, (PALE_GREY, QUIET))
    middle = y - height / 2 * unit
    box(axes, LEFT, middle - 0.24 * unit, 18, 0.48 * unit, fill=fill, edge=edge)
    text(axes, LEFT + 9, middle + 0.1 * unit, name, size=9, color=INK)
    text(axes, LEFT + 9, middle - 0.1 * unit, said, size=9, weight="bold")
    axes.plot([MIDDLE, RIGHT], [y - height * unit] * 2, color=RULE, linewidth=0.8)
    y -= PAD * unit
    if not lines:
        words = "" if said == "not asked" else "nothing to look at"
        text(axes, MIDDLE + 4, middle, words, size=8.8, ha="left", color=QUIET)
    for line in lines:
        mark = "=>" if line["decided"] else ("+" if line["matched"] else "-")
        weight = "bold" if line["matched"] else "normal"
        at = y - ROW / 2 * unit
        text(axes, MIDDLE, at, mark, size=9.5, ha="left", weight="bold", family="monospace")
        text(axes, MIDDLE + 4, at, _name(line), size=9.3, ha="left", weight=weight)
        y -= ROW * unit
        for words in _reason(line):
            text(axes, MIDDLE + 4, y - LINE * 0.4 * unit, words, size=8.2, ha="left", color=QUIET)
            y -= LINE * unit


def _name(line: Mapping[str, Any]) -> str:
    name = line["sid"] or f"statement {line['index'] + 1}"
    if line["source"] == "grant":
        name = f"grant {name[:8]}…"
    return f"{line['effect']}: {name}"


def _told(lines: Sequence[Mapping[str, Any]]) -> str:
    if not lines:
        return ""
    told = []
    for line in lines:
        verb = "decided" if line["decided"] else ("matched" if line["matched"] else "no match")
        told.append(f"{_name(line)}, {verb}: {short(line['why'])}")
    return f" ({'; '.join(told)})"
