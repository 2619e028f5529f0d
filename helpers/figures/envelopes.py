"""Envelopes: two ways to a data key, a message's parts in order, and frames out of order."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
    PALE_RED,
    PAPER,
    QUIET,
    RED,
    RULE,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

# Kind of a part -> its look. The kinds are named in words beside each part too.
PARTS = {
    "form": (PALE_GREY, INK),
    "key": (PALE_ORANGE, ORANGE),
    "ciphertext": (PALE_BLUE, BLUE),
    "check": (PALE_GREEN, GREEN),
}


def two_flows(flows: Mapping[str, Sequence[tuple[str, str]]]) -> Picture:
    """Draw what a program does itself and what it asks KMS for, one column a way.

    A step is (who, what it does): who is "program" or "KMS". Each step of KMS is one request.
    """
    rows = max(map(len, flows.values()))
    figure, axes = canvas(8.8, 0.52 * rows + 1.05)
    top, width = 100 - 62 / (0.52 * rows + 1.05), 94 / len(flows)
    height = (top - 3) / rows
    for column, (name, steps) in enumerate(flows.items()):
        left = 3 + column * width
        calls = sum(who == "KMS" for who, _ in steps)
        text(axes, left, 96, f"{name}: {_times(calls, 'call')} to KMS", size=11, weight="bold",
             ha="left", va="top")  # fmt: skip
        for lane, place in (("your program", 0.0), ("KMS", 0.56)):
            text(axes, left + place * width, top + 2, lane, size=9, color=QUIET, ha="left",
                 va="bottom")  # fmt: skip
        middle = left + 0.235 * width
        axes.plot([middle, middle], [top, top - len(steps) * height], color=RULE, zorder=0)
        for row, (who, what) in enumerate(steps):
            y = top - (row + 1) * height
            _step(axes, left, y, width, height, row + 1, who == "KMS", what)
    told = " ".join(
        f"{name}, {_times(sum(who == 'KMS' for who, _ in steps), 'call')} to KMS: "
        + "; ".join(f"{n} {who}: {what}" for n, (who, what) in enumerate(steps, 1))
        + "."
        for name, steps in flows.items()
    )
    return Picture(figure, f"Two ways side by side. {told}")


def _step(
    axes: Axes,
    left: float,
    y: float,
    width: float,
    height: float,
    number: int,
    kms: bool,
    what: str,
) -> None:
    at, size = (left + 0.56 * width, 0.40 * width) if kms else (left, 0.47 * width)
    fill, edge = (PALE_ORANGE, ORANGE) if kms else (PALE_GREY, INK)
    box(axes, at, y + height * 0.14, size, height * 0.74, f"{number}  {what}", size=8.8,
        fill=fill, edge=edge, weight="bold" if kms else "normal")  # fmt: skip
    if kms:
        middle = y + height * 0.5
        program = left + 0.235 * width
        arrow(axes, (program, middle + height * 0.15), (at, middle + height * 0.15))
        arrow(axes, (at, middle - height * 0.15), (program, middle - height * 0.15))


def _times(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def message_parts(title: str, parts: Sequence[tuple[str, int, str, str]]) -> Picture:
    """Draw the parts of a message from top to bottom, as they follow each other.

    A part is (name, bytes, kind, remark); the kind is "form", "key", "ciphertext" or "check".
    """
    rows = len(parts)
    tall = 0.285 * rows + 1.0
    figure, axes = canvas(8.8, tall)
    whole = f"{title}: {sum(part[1] for part in parts):,} bytes"
    text(axes, 3, 100 - 16 / tall, whole, size=12, weight="bold", ha="left", va="top")
    height = (100 - 82 / tall) / rows
    top, start = 100 - 68 / tall, 0
    text(axes, 12, top + 0.5, "byte", size=8.5, color=QUIET, ha="right", va="bottom")
    for row, (name, size, kind, remark) in enumerate(parts):
        y = top - (row + 1) * height
        fill, edge = PARTS[kind]
        text(axes, 12, y + height / 2, f"{start:,}", size=8.5, color=QUIET, ha="right")
        box(axes, 13.5, y + height * 0.08, 34, height * 0.84, fill=fill, edge=edge)
        text(axes, 14.8, y + height / 2, name, size=9, ha="left", weight="bold")
        text(axes, 46.5, y + height / 2, f"{size:,}", size=9, ha="right")
        text(axes, 49.5, y + height / 2, remark, size=8.8, color=INK, ha="left")
        start += size
    told = "; ".join(
        f"{name} {_times(size, 'byte')}" + f" ({remark})" * bool(remark)
        for name, size, _, remark in parts
    )
    return Picture(figure, f"{title}, {start:,} bytes, in order: {told}.")


def frame_orders(
    rows: Sequence[tuple[str, Sequence[str], Mapping[str, bool]]], whole: Sequence[str]
) -> Picture:
    """Draw sequences of frames, and who noticed that one is not as it was sealed.

    A row is (what was done, the frames' names in order, reader -> whether it opened the file).
    ``whole`` is the order in which they were sealed.
    """
    readers = list(rows[0][2])
    tall = 0.43 * len(rows) + 0.6
    figure, axes = canvas(8.8, tall)
    height = (100 - 55 / tall) / len(rows)
    columns = [82 - 17 * (len(readers) - 1) + 17 * place for place in range(len(readers))]
    for x, reader in zip(columns, readers, strict=True):
        text(axes, x + 7, 97, reader, size=9.5, weight="bold", va="top")
    told = []
    for row, (done, frames, opened) in enumerate(rows):
        y = 100 - 48 / tall - (row + 1) * height
        text(axes, 3, y + height / 2, done, size=9.5, ha="left")
        for place, frame in enumerate(frames):
            moved = place >= len(whole) or whole[place] != frame
            box(axes, 25 + place * 5.6, y + height * 0.12, 4.8, height * 0.76, frame, size=9,
                fill=PALE_ORANGE if moved else PALE_BLUE, edge=ORANGE if moved else BLUE,
                dashes="--" if moved else "-")  # fmt: skip
        for place in range(len(frames), len(whole)):
            box(axes, 25 + place * 5.6, y + height * 0.12, 4.8, height * 0.76, fill=PAPER,
                edge=RULE, dashes=":")  # fmt: skip
        harmless = list(frames) == list(whole)
        for x, reader in zip(columns, readers, strict=True):
            fine = opened[reader] == harmless
            words = "✓ opens" if opened[reader] else "✗ refuses"
            words += "" if fine else " !"
            box(axes, x, y + height * 0.12, 14.5, height * 0.76, words, size=9,
                fill=PALE_GREEN if fine else PALE_RED, edge=GREEN if fine else RED,
                weight="normal" if fine else "bold")  # fmt: skip
        said = ", ".join(f"{r} {'opens' if o else 'refuses'}" for r, o in opened.items())
        told.append(f"{done} ({' '.join(frames) or 'no frame'}): {said}")
    return Picture(figure, f"Frames of a file, and who opens it. {'; '.join(told)}.")
