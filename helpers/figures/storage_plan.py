"""Who may do what with a bucket and its key: the plan of an encrypted store, as it is built."""

from collections.abc import Mapping, Sequence

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

ROW, TOP = 0.62, 0.75


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
    for x, words in ((13, "roles"), (51, "bucket"), (84.5, "key")):
        text(axes, x, 100 - 0.3 * unit, words, size=9.5, weight="bold", color=QUIET)
    bottom = 0.2 * unit
    tall = 100 - TOP * unit * 0.75 - bottom
    box(axes, 38, bottom, 26, tall, fill=PALE_BLUE, edge=BLUE)
    box(axes, 72, bottom, 25, tall, fill=PALE_GREEN, edge=GREEN)
    _settings(axes, 39.5, bucket, unit)
    _settings(axes, 73.5, key, unit)
    told = []
    step = tall / len(roles)
    for place, (name, in_s3, with_key) in enumerate(roles):
        y = bottom + tall - step * (place + 0.5)
        box(axes, 3, y - 0.27 * unit, 20, 0.54 * unit, name, size=9, weight="bold", fill=PALE_GREY)
        if in_s3:
            arrow(axes, (23, y), (37.6, y), color=INK)
            text(axes, 30.2, y + 0.17 * unit, in_s3, size=7.6)
        if with_key:
            words = f"key: {with_key}"
            text(axes, 30.2, y - 0.17 * unit, words, size=7.6, color=QUIET)
        told.append(f"{name}: in S3 {in_s3 or 'nothing'}, with the key {with_key or 'nothing'}")
    arrow(axes, (64.4, 50), (71.6, 50), color=INK)
    text(axes, 68, 50 + 0.28 * unit, "asks as\nthe caller", size=7.6)
    settings = "; ".join(
        f"{what}: " + ", ".join(f"{name} {value}" for name, value in values.items())
        for what, values in (("The bucket", bucket), ("The key", key))
    )
    alt = f"Encrypted storage. {'; '.join(told)}. {settings}. S3 asks the key as the caller."
    return Picture(figure, alt.replace("\n", " "))


def _settings(axes: object, x: float, settings: Mapping[str, str], unit: float) -> None:
    y = 100 - (TOP + 0.12) * unit
    for name, value in settings.items():
        text(axes, x, y, name, size=7.8, ha="left", color=QUIET)  # type: ignore[arg-type]
        text(axes, x, y - 0.19 * unit, value, size=8.8, ha="left")  # type: ignore[arg-type]
        y -= 0.46 * unit
