"""Rotation: the materials of a key along the calendar, and what they cost over the years."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .picture import (
    BLUE,
    DARK_BLUE,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREY,
    QUIET,
    RULE,
    Picture,
    bar_of,
    box,
    canvas,
    text,
)

FROM, TO = 20.0, 95.0


def rotation_timeline(
    materials: Sequence[Mapping[str, Any]],
    now: datetime,
    next_rotation: datetime | None = None,
    blobs: Sequence[tuple[str, datetime, str]] = (),
) -> Picture:
    """Draw when each material of a key encrypts, and that all of them go on decrypting.

    A material, oldest first, has ``key_material_id``, ``since`` (a datetime) and ``why``
    ("created", "AUTOMATIC", "ON_DEMAND"). A blob is its name, its date and its material.
    """
    figure, axes = canvas(8.9, 1.5 + 0.55 * len(materials), "The materials of one key, in time")
    start, end = materials[0]["since"], max(filter(None, (now, next_rotation)))

    def at(date: datetime) -> float:
        return FROM + (TO - FROM) * ((date - start) / (end - start))

    step = 68 / len(materials)
    rows = {}
    for number, material in enumerate(materials, 1):
        y = rows[material["key_material_id"]] = 84 - step * number + step / 2
        since = material["since"]
        until = materials[number]["since"] if number < len(materials) else now
        text(axes, 2, y, f"{number}  {material['key_material_id'][:8]}…", size=9, ha="left",
             family="monospace")  # fmt: skip
        bar_of(axes, at(since), y, at(now) - at(since), step * 0.2, PALE_GREY, QUIET, "....")
        bar_of(axes, at(since), y, at(until) - at(since), step * 0.5, PALE_BLUE, BLUE)
        words = f"{material['why']} {_day(since)}"
        late = at(since) > 70
        text(axes, at(since) + (-0.8 if late else 0.2), y + step * 0.42, words, size=8,
             ha="right" if late else "left", color=DARK_BLUE)  # fmt: skip
    for name, date, material_id in blobs:
        axes.plot([at(date) + 0.6], [rows[material_id]], marker="D", color=ORANGE,
                  markeredgecolor=INK, markersize=8)  # fmt: skip
        text(axes, at(date) + 2, rows[material_id], name, size=8.5, ha="left")
    for date, words, y in ((now, "now", 86.5), (next_rotation, "next rotation", 93)):
        if date:
            axes.plot([at(date)] * 2, [15, y - 2], color=INK, linewidth=1, linestyle="--")
            text(axes, at(date), y, f"{words} {_day(date)}", size=8, ha="right")
    _legend(axes, bool(blobs))
    axes.plot([FROM, TO], [14, 14], color=RULE)
    return Picture(figure, _timeline_alt(materials, now, next_rotation, blobs))


def _legend(axes: Any, with_blobs: bool) -> None:
    bar_of(axes, 20, 6.5, 4, 5, PALE_BLUE, BLUE)
    text(axes, 25, 6.5, "encrypts and decrypts", size=8.5, ha="left")
    bar_of(axes, 47, 6.5, 4, 3, PALE_GREY, QUIET, "....")
    text(axes, 52, 6.5, "decrypts only", size=8.5, ha="left")
    if with_blobs:
        axes.plot([70], [6.5], marker="D", color=ORANGE, markeredgecolor=INK, markersize=8)
        text(axes, 72, 6.5, "a blob, in the row of its material", size=8.5, ha="left")


def _timeline_alt(
    materials: Sequence[Mapping[str, Any]],
    now: datetime,
    next_rotation: datetime | None,
    blobs: Sequence[tuple[str, datetime, str]],
) -> str:
    told = "; ".join(
        f"{number} {m['key_material_id'][:8]}… since {_day(m['since'])} ({m['why']})"
        for number, m in enumerate(materials, 1)
    )
    made = "".join(
        f" Blob {name} of {_day(date)} belongs to {material_id[:8]}…."
        for name, date, material_id in blobs
    )
    later = f" Next rotation: {_day(next_rotation)}." if next_rotation else ""
    return (
        f"Timeline of {len(materials)} materials of one key: {told}. Each encrypts until the next "
        f"one comes, and decrypts until now, {_day(now)}.{later}{made}"
    )


def rotation_cost(
    years: int, period_days: int | None, rotations: Sequence[float], monthly: Sequence[float]
) -> Picture:
    """Draw the number of materials and the monthly price over the years.

    ``rotations`` are their dates in years from the start; ``monthly`` is the price in US dollars
    after 0, 1, 2 ... rotations, and its last value holds for all further ones.
    """
    how = f"rotated every {period_days} days" if period_days else "never rotated"
    figure, axes = canvas(8.9, 3.3, f"A key {how}, after {_years(years)}")
    edges = [0.0, *rotations, years + 0.03 * years]  # a little more: a last step is to be seen
    prices = [monthly[min(n, len(monthly) - 1)] for n in range(len(rotations) + 1)]
    counts = [float(n) for n in range(1, len(rotations) + 2)]
    for left, name, values, fill, edge, hatch in (
        (6, "key materials", counts, PALE_BLUE, BLUE, ""),
        (37, "USD a month", prices, "#fbeed2", ORANGE, "////"),
    ):
        inner = figure.add_axes((left / 100, 0.2, 0.255, 0.53))
        inner.stairs(values, edges, fill=True, facecolor=fill, edgecolor=edge, hatch=hatch)
        inner.stairs(values, edges, color=edge, linewidth=1.8)
        inner.set_ylim(0, max(values) * 1.3)
        inner.set_xlim(0, edges[-1])
        inner.set_title(name, fontsize=10, loc="left", color=INK)
        inner.set_xlabel("years", fontsize=8.5, color=QUIET)
        inner.yaxis.get_major_locator().set_params(integer=True)
        inner.xaxis.get_major_locator().set_params(integer=True)
        inner.tick_params(labelsize=8, colors=QUIET)
        for side in ("top", "right"):
            inner.spines[side].set_visible(False)
    ends = [*rotations, float(years)]
    paid = 12 * sum(
        price * (end - start) for price, start, end in zip(prices, edges, ends, strict=False)
    )
    said = (
        f"{len(rotations)} {'rotation' if len(rotations) == 1 else 'rotations'}",
        f"{len(counts)} {'material' if len(counts) == 1 else 'materials'}",
        f"USD {prices[-1]:.2f} a month now",
        f"USD {paid:,.2f} paid in all",
        f"USD {12 * years * monthly[0]:,.2f} without rotation",
    )
    box(axes, 68, 18, 29, 58, "\n".join(said), size=10, fill=PALE_GREY, edge=INK, linespacing=1.9)
    return Picture(figure, f"A key {how}, after {_years(years)}: {', '.join(said)}.")


def _day(date: datetime) -> str:
    """In UTC: botocore gives the reader's own time."""
    return f"{date.astimezone(UTC):%Y-%m-%d}"


def _years(years: int) -> str:
    return "1 year" if years == 1 else f"{years} years"
