"""Who holds what at each step of an import, and which materials a key has over time."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    DARK_BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
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

# How a thing looks: fill, edge, hatch. Key material in the clear stands out, also in grey.
LOOKS = {
    "secret": (PALE_ORANGE, ORANGE, None),
    "sealed": (PALE_GREEN, GREEN, "...."),
    "public": (PALE_BLUE, BLUE, None),
}
STATES = {
    "CURRENT": (PALE_GREEN, GREEN, "encrypts, decrypts"),
    "NON_CURRENT": (PALE_BLUE, BLUE, "decrypts"),
    "PENDING_ROTATION": (PALE_ORANGE, ORANGE, "waits for rotation"),
    "absent": (PALE_RED, RED, "not there"),
}


def custody(steps: Sequence[Mapping[str, Any]]) -> Picture:
    """Draw what the customer and KMS hold after each step.

    A step has ``step`` (its name), ``sent`` (what travels, or ""), ``to`` ("KMS" or "you"),
    ``you`` and ``kms`` (lists of (words, kind)), and ``state``, the KMS key's. A kind is
    "secret" (key material in the clear), "sealed" (wrapped or encrypted) or "public".
    """
    rows = len(steps)
    figure, axes = canvas(9.2, 1.12 * rows + 0.75)
    text(axes, 25, 97, "You hold", size=11, weight="bold")
    text(axes, 83, 97, "KMS holds", size=11, weight="bold")
    height = 93 / rows
    for row, step in enumerate(steps):
        y = 94 - height * (row + 1)
        axes.axhline(y + height, 0.02, 0.98, color=RULE, linewidth=0.8)
        middle = y + height / 2
        text(axes, 2, middle, f"{row + 1}", size=15, ha="left", color=DARK_BLUE, weight="bold")
        _holdings(axes, 5, y, 41, height, step["you"])
        text(axes, 57, middle + height * 0.3, step["step"], size=8.6, weight="bold")
        if step["sent"]:
            ends = ((49, middle), (65, middle))
            arrow(axes, *(ends if step["to"] == "KMS" else ends[::-1]))
            text(axes, 57, middle - height * 0.24, step["sent"], size=7.8, color=QUIET)
        _holdings(axes, 68.5, y, 30, height, step["kms"])
        text(axes, 83, y + height * 0.1, f"the key: {step['state']}", size=7.8, color=QUIET)
    told = "; ".join(
        f"{number} {step['step']}: you hold {_told(step['you'])}, KMS holds {_told(step['kms'])}, "
        f"the key is {step['state']}"
        for number, step in enumerate(steps, 1)
    )
    return Picture(figure, f"Who holds what, after each step of an import. {told}.")


def _told(holdings: Sequence[tuple[str, str]]) -> str:
    return " and ".join(words.replace("\n", " ") for words, _ in holdings) or "nothing"


def _holdings(
    axes: Axes, x: float, y: float, width: float, height: float, held: Sequence[tuple[str, str]]
) -> None:
    """Boxes side by side; a thing has the same look wherever it is."""
    if not held:
        text(axes, x + width / 2, y + height / 2, "nothing", size=8.5, color=QUIET, style="italic")
        return
    step = width / len(held)
    for place, (words, kind) in enumerate(held):
        fill, edge, hatch = LOOKS[kind]
        left, bottom, wide, high = x + place * step, y + height * 0.2, step - 1, height * 0.64
        thick = 2.2 if kind == "secret" else 1.2
        box(axes, left, bottom, wide, high, fill=fill, edge=edge, hatch=hatch, line=thick)
        if hatch:  # a plain middle, so that the words stay readable
            box(axes, left + 0.9, bottom + high * 0.14, wide - 1.8, high * 0.72, fill=fill,
                edge=fill, line=0)  # fmt: skip
        text(axes, left + wide / 2, bottom + high / 2, words, size=7.8,
             weight="bold" if kind == "secret" else "normal")  # fmt: skip


def key_materials(moments: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Picture:
    """Draw which materials a key has, moment by moment from left to right.

    A moment has ``when``, ``state`` (the key's) and ``rotations``, the list that
    ListKeyRotations gives with ALL_KEY_MATERIAL. ``names``: key material ID -> what to call it.
    """
    figure, axes = canvas(9.2, 0.78 * len(names) + 1.45)
    step = 86 / len(moments)
    height = 58 / len(names)
    told = []
    for row, name in enumerate(names.values()):
        text(axes, 2, 72 - height * (row + 0.5), name, size=9.5, ha="left", weight="bold")
    for column, moment in enumerate(moments):
        x = 13 + column * step
        middle = x + step / 2
        text(axes, middle, 91, moment["when"], size=8.8, weight="bold")
        usable = moment["state"] == "Enabled"
        sign = "✓" if usable else "✗"
        text(axes, middle, 77.5, f"{sign} {moment['state']}", size=9,
             color=INK if usable else "#a33b00", weight="normal" if usable else "bold")  # fmt: skip
        said = []
        for row, (identifier, name) in enumerate(names.items()):
            found = [r for r in moment["rotations"] if r["KeyMaterialId"] == identifier]
            bottom = 72 - height * (row + 1)
            if not found:
                text(axes, middle, bottom + height / 2, "–", color=QUIET)
                continue
            state = found[0]["KeyMaterialState"]
            there = found[0]["ImportState"] == "IMPORTED"
            fill, edge, remark = STATES[state if there else "absent"]
            remark = "there, of no use now" if there and not usable else remark
            dashes, hatch = ("-", None) if there else ("--", None)
            box(axes, x + 0.6, bottom + height * 0.1, step - 1.2, height * 0.8, fill=fill,
                edge=edge, dashes=dashes, hatch=hatch)  # fmt: skip
            text(axes, middle, bottom + height * 0.64, state, size=min(7.8, step * 0.42),
                 weight="bold")  # fmt: skip
            text(axes, middle, bottom + height * 0.34, remark, size=min(7.8, step * 0.44))
            said.append(f"{name} {state}, {remark}")
        when = moment["when"].replace("\n", " ")
        told.append(f"{when}: {'; '.join(said) or 'no material'}; the key is {moment['state']}")
    box(axes, 13, 3, 86, 7, fill=PALE_GREY, edge=PALE_GREY)
    text(axes, 56, 6.5, "time goes to the right", size=8, color=QUIET)
    return Picture(figure, f"Key materials over time. {'. '.join(told)}.")
