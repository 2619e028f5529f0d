"""The two gates before an object: S3's permissions, then KMS's."""

from collections.abc import Mapping, Sequence
from typing import Any

from .picture import (
    GREEN,
    INK,
    PALE_GREEN,
    PALE_GREY,
    PALE_RED,
    QUIET,
    RED,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

COLUMNS = {"who": 3.0, "s3": 31.0, "kms": 55.0, "gets": 80.0}


def s3_gates(attempts: Sequence[Mapping[str, Any]], title: str = "") -> Picture:
    """Draw how far each request came.

    An attempt has ``who``, ``gates`` (a list of (action, allowed), as ``lab.explain`` found them,
    the S3 action first) and ``gets`` (what the caller got). A gate that is not in the list was not
    reached, or not there.
    """
    height = 0.72 + 0.62 * len(attempts)
    figure, axes = canvas(8.6, height)
    row = 100 * 0.62 / height
    y = 100 - 100 * 0.3 / height
    heads = {"who": title or "who asks", "s3": "gate 1: S3", "kms": "gate 2: KMS", "gets": "result"}
    for column, words in heads.items():
        text(axes, COLUMNS[column], y, words, size=9.5, weight="bold", ha="left", color=QUIET)
    y -= 100 * 0.48 / height
    told = []
    for attempt in attempts:
        text(axes, COLUMNS["who"], y, attempt["who"], size=9.5, weight="bold", ha="left")
        half = row * 0.36
        open_so_far = True
        for column, start in (("s3", 25.5), ("kms", 51.5)):
            gate = dict(zip(("s3", "kms"), attempt["gates"], strict=False)).get(column)
            if gate is None:
                words = "not asked" if open_so_far else "not reached"
                box(axes, COLUMNS[column], y - half, 20, 2 * half, words, size=8.5, fill="#ffffff",
                    edge=QUIET, dashes=":", color=QUIET)  # fmt: skip
                continue
            action, allowed = gate
            arrow(axes, (start, y), (COLUMNS[column] - 0.4, y))
            open_so_far = allowed
            box(
                axes,
                COLUMNS[column],
                y - half,
                20,
                2 * half,
                f"{action}\n{'✓ allowed' if allowed else '✗ denied'}",
                size=8.5,
                fill=PALE_GREEN if allowed else PALE_RED,
                edge=GREEN if allowed else RED,
            )
        if open_so_far:
            arrow(axes, (75.6, y), (COLUMNS["gets"] - 0.6, y))
        box(axes, COLUMNS["gets"], y - half, 17, 2 * half, attempt["gets"], size=9, weight="bold",
            fill=PALE_GREY, edge=INK)  # fmt: skip
        y -= row
        said = ", ".join(
            f"{action} {'allowed' if allowed else 'denied'}" for action, allowed in attempt["gates"]
        )
        told.append(f"{attempt['who']}: {said}, gets {attempt['gets']}".replace("\n", " "))
    return Picture(figure, f"Two gates, S3's and KMS's. {'; '.join(told)}.")
