"""A ciphertext blob byte by byte: one line a field, and perhaps one byte struck."""

from collections.abc import Collection, Sequence

from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle

from .picture import (
    BLUE,
    DOTS_PER_INCH,
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
    box,
    canvas,
    text,
)

A_LINE = 16
WIDE = 8.9  # inches
# A letter of DejaVu Sans Mono is 0.602 of its size, here ten whole pixels, so that nothing is
# rounded; two digits and a gap are as wide as a cell.
GAP, LETTER_PIXELS = "   ", 10
SIZE = LETTER_PIXELS * 72 / DOTS_PER_INCH / 0.602
CELLS_AT, CELL = 35.8, 100 * (len(GAP) + 2) * LETTER_PIXELS / (WIDE * DOTS_PER_INCH)


def blob_layout(
    fields: Sequence[tuple[str, int, bytes]],
    hidden: Collection[str] = (),
    struck: int | None = None,
    answer: str = "",
) -> Picture:
    """Draw the fields of a blob: (name, first byte, bytes), as ``xray.blob`` gives them.

    Bytes of the fields named in ``hidden`` are drawn as dots: random ones, which no drawing
    repeats. ``struck`` is the place of a byte that was changed, ``answer`` what KMS said to it.
    """
    lines = sum(-(-len(value) // A_LINE) for _, _, value in fields)
    rows = lines + 2.6 + (1.8 if answer else 0)
    total = sum(len(value) for _, _, value in fields)
    figure, axes = canvas(WIDE, 0.3 * rows, f"A ciphertext blob of the lab: {total} bytes")
    step = 100 / rows
    y, hit, spans = 100 - step * 2.2, "", {}
    cells: dict[str, list[Rectangle]] = {PALE_GREY: [], PALE_BLUE: [], PALE_GREEN: []}
    for name, first, value in fields:
        fill = {"ciphertext": PALE_BLUE, "tag": PALE_GREEN}.get(name, PALE_GREY)
        part = {"ciphertext": "encrypted", "tag": "proof"}.get(name, "header, readable")
        last = first + len(value) - 1
        here = struck is not None and first <= struck <= last
        hit = name if here else hit
        where = str(first) if len(value) == 1 else f"{first} to {last}"
        text(axes, 14.5, y, name, size=9, ha="left", weight="bold" if here else "normal")
        text(axes, 34.8, y, where, size=8, ha="right", color=QUIET)
        top = y + step * 0.5
        for start in range(0, len(value), A_LINE):
            line = value[start : start + A_LINE]
            y -= step if start else 0
            # One text a line, spaced to fall into the cells: a text a byte takes 0.1 s longer.
            words = GAP.join("··" if name in hidden else f"{byte:02x}" for byte in line)
            text(axes, CELLS_AT + CELL * 0.3, y, words, size=SIZE, ha="left", family="monospace")
            for place in range(len(line)):
                cell = ((CELLS_AT + CELL * place, y - step * 0.42), CELL, step * 0.84)
                cells[fill].append(Rectangle(*cell))
                if first + start + place == struck:
                    mark = Rectangle(*cell, fill=False, edgecolor=RED, linewidth=2.6, zorder=3)
                    axes.add_patch(mark)
        upper, _ = spans.get(part, (top, top))
        spans[part] = (upper, y - step * 0.5)
        y -= step
    for fill, found in cells.items():
        edge = {PALE_BLUE: BLUE, PALE_GREEN: GREEN}.get(fill, INK)
        axes.add_collection(
            PatchCollection(found, facecolor=fill, edgecolor=edge, linewidth=0.5, zorder=0)
        )
    _parts(axes, spans)
    if hidden:
        text(axes, 82, 100 - step, "··  new in every blob", size=8.5, color=QUIET, ha="left")
    told = ""
    if answer:
        words = f"byte {struck}, in the {hit}, changed.  Decrypt: {answer}"
        box(axes, 15, step * 0.35, 83, step * 1.35, words, size=9.5, weight="bold",
            fill=PALE_RED, edge=RED)  # fmt: skip
        told = f" Byte {struck}, in the {hit}, is changed. Decrypt answers: {answer}."
    sizes = ", ".join(f"{name} {len(value)}" for name, _, value in fields)
    return Picture(
        figure,
        f"The layout of a ciphertext blob of {total} bytes, in order, with the bytes of each "
        f"field: {sizes}. All before the ciphertext is a readable header.{told}",
    )


def _parts(axes, spans: dict[str, tuple[float, float]]) -> None:  # type: ignore[no-untyped-def]
    """Name the header, the ciphertext and the tag at the left, each with a line down its side."""
    for part, (upper, lower) in spans.items():
        axes.plot([13.2, 13.2], [upper - 0.6, lower + 0.6], color=INK, linewidth=1.4)
        text(axes, 2, (upper + lower) / 2, part.replace(", ", ",\n"), size=9, ha="left")
        if lower > 8:
            axes.plot([2, 98], [lower, lower], color=RULE, linewidth=0.8)
