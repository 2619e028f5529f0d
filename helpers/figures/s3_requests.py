"""Who asks whom when something is stored or read: the client, a service and KMS, downwards."""

from collections.abc import Mapping, Sequence
from typing import Any

from .picture import (
    BLUE,
    DARK_BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREY,
    PALE_ORANGE,
    QUIET,
    RULE,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

LANES = {"you": 12.0, "service": 46.0, "KMS": 88.0}
_LOOKS = {"you": (PALE_GREY, INK), "service": (PALE_ORANGE, ORANGE), "KMS": (PALE_BLUE, BLUE)}
STEP = 0.42  # inches a line


def s3_requests(exchanges: Sequence[Mapping[str, Any]], service: str = "S3") -> Picture:
    """Draw requests to S3 or another ``service``, and under each what that asked KMS.

    An exchange has ``request`` ("PutObject"), ``asked`` (a list of dicts with ``event``,
    ``context`` and ``reply``: what the audit trail says, and what comes back), ``inside`` (what
    the service does then) and ``answer`` (what the client gets).
    """
    lines = sum(3 + 2 * len(exchange["asked"]) for exchange in exchanges)
    height = 0.95 + STEP * lines
    figure, axes = canvas(8.6, height)
    step = 100 * STEP / height
    top = 100 - 100 * 0.42 / height
    for lane, x in LANES.items():
        fill, edge = _LOOKS[lane]
        name = service if lane == "service" else lane
        box(axes, x - 9, top - 25 / height, 18, 50 / height, name, fill=fill, edge=edge,
            size=11, weight="bold")  # fmt: skip
        axes.plot([x, x], [2, top - 25 / height], color=RULE, linewidth=1.4, zorder=0)
    y = top - 100 * 0.55 / height
    told = []
    for exchange in exchanges:
        _line(axes, "you", "service", y, exchange["request"], INK, bold=True)
        y -= step
        for asked in exchange["asked"]:
            _line(
                axes, "service", "KMS", y, asked["event"], BLUE, bold=True, under=asked["context"]
            )
            y -= step
            _line(axes, "KMS", "service", y, asked["reply"], BLUE, dashed=True)
            y -= step
        text(
            axes,
            LANES["service"],
            y,
            exchange["inside"],
            size=8.5,
            color=QUIET,
            backgroundcolor="w",
        )
        y -= step
        _line(axes, "service", "you", y, exchange["answer"], GREEN, dashed=True)
        y -= step
        kms = " and ".join(
            f"{asked['event']} with {asked['context']}, and gets back: {asked['reply']}"
            for asked in exchange["asked"]
        )
        told.append(
            f"{exchange['request']}: {service} asks KMS {kms or 'nothing'}; {exchange['inside']}; "
            f"the answer is {exchange['answer']}"
        )
    return Picture(figure, f"Requests between you, {service} and KMS. {'. '.join(told)}.")


def _line(
    axes: Any,
    start: str,
    end: str,
    y: float,
    words: str,
    color: str,
    *,
    bold: bool = False,
    dashed: bool = False,
    under: str = "",
) -> None:
    x, to = LANES[start], LANES[end]
    arrow(axes, (x, y), (to, y), color, linestyle="--" if dashed else "-")
    pixels = axes.figure.get_figheight()
    style = {"weight": "bold"} if bold else {}
    ink = DARK_BLUE if color == BLUE else INK
    text(axes, (x + to) / 2, y + 9.5 / pixels, words, size=9, color=ink, **style)
    if under:
        text(axes, (x + to) / 2, y - 9 / pixels, under, size=8, color=QUIET)
