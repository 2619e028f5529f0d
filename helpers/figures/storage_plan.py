"""Who may do what with a bucket and its key: the plan of an encrypted store, as it is built."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    GREEN,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    QUIET,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

TOP = 0.75


def storage_plan(
    roles: Sequence[tuple[str, str, str]],
    bucket: Mapping[str, str],
    key: Mapping[str, str],
) -> Picture:
    """Draw the roles at the left, the bucket in the middle, the key at the right.

    A role is (name, what it may in S3, what it may with the key); an empty text means nothing.
    ``bucket`` and ``key`` are settings: name -> value.
    """
    height = max(TOP + 0.95 * len(roles), TOP + 0.5 * len(bucket) + 0.3, TOP + 0.5 * len(key) + 0.3)
    figure, axes = canvas(9.2, height)
    unit = 100 / height  # of one inch
    for x, words in ((16.5, "roles"), (56, "bucket"), (86, "key")):
        text(axes, x, 100 - 0.3 * unit, words, size=9.5, weight="bold", color=QUIET)
    bottom = 0.2 * unit
    tall = 100 - TOP * unit * 0.75 - bottom
    box(axes, 44, bottom, 24, tall, fill=PALE_BLUE, edge=BLUE)
    box(axes, 75, bottom, 22, tall, fill=PALE_GREEN, edge=GREEN)
    _settings(axes, 45.5, bucket, unit)
    _settings(axes, 76.5, key, unit)
    told = []
    step = tall / len(roles)
    for place, (name, in_s3, with_key) in enumerate(roles):
        y = bottom + tall - step * (place + 0.5)
        box(axes, 3, y - 0.3 * unit, 27, 0.6 * unit, fill=PALE_GREY)
        text(axes, 16.5, y + 0.12 * unit, name, size=9, weight="bold")
        words = f"with the key: {with_key or 'nothing'}"
        text(axes, 16.5, y - 0.13 * unit, words, size=7.4, color=QUIET)
        if in_s3:
            arrow(axes, (30, y), (43.6, y), color=INK)
            text(axes, 36.6, y + 0.15 * unit, in_s3, size=7.6)
        told.append(f"{name}: in S3 {in_s3 or 'nothing'}, with the key {with_key or 'nothing'}")
    arrow(axes, (68.4, 50), (74.6, 50), color=INK)
    text(axes, 71.5, 50 + 0.28 * unit, "asks as\nthe caller", size=7.4)
    settings = "; ".join(
        f"{what}: " + ", ".join(f"{name} {value}" for name, value in values.items())
        for what, values in (("The bucket", bucket), ("The key", key))
    )
    alt = f"Encrypted storage. {'; '.join(told)}. {settings}. S3 asks the key as the caller."
    return Picture(figure, alt.replace("\n", " "))


def _settings(axes: Axes, x: float, settings: Mapping[str, str], unit: float) -> None:
    y = 100 - (TOP + 0.12) * unit
    for name, value in settings.items():
        text(axes, x, y, name, size=7.8, ha="left", color=QUIET)
        text(axes, x, y - 0.19 * unit, value, size=8.8, ha="left")
        y -= 0.46 * unit
