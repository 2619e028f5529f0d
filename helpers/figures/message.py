"""Messages byte by byte, images pixel by pixel, and the way from a message to a signature."""

from collections.abc import Mapping, Sequence
from typing import Any

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
    QUIET,
    RED,
    Picture,
    arrow,
    box,
    canvas,
    text,
)


def gcm_message(nonce: bytes, ciphertext: bytes, tag: bytes, additional_data: bytes) -> Picture:
    """Draw the parts of one AES-GCM message, as wide as they are long."""
    figure, axes = canvas(8.6, 2.9, "One AES-GCM message, part by part")
    parts = [
        ("nonce", nonce, PALE_ORANGE, ORANGE, "in the clear,\nnever twice"),
        ("ciphertext", ciphertext, PALE_BLUE, BLUE, "as long as\nthe plaintext"),
        ("tag", tag, PALE_GREEN, GREEN, "proof that nothing\nwas changed"),
    ]
    total = sum(len(value) for _, value, *_ in parts)
    x = 3.0
    for name, value, fill, edge, remark in parts:
        width = 94 * len(value) / total
        box(axes, x, 47, width - 0.8, 33, fill=fill, edge=edge)
        middle = x + width / 2 - 0.4
        text(axes, middle, 73, name, size=10, weight="bold")
        text(axes, middle, 64, f"{len(value)} bytes", size=9)
        text(axes, middle, 54, value.hex()[:8] + "…", size=9, family="monospace")
        text(axes, middle, 37, remark, size=8.5, color=QUIET)
        x += width
    box(axes, 3, 8, 93.2, 18, fill="#ffffff", edge=GREEN, dashes="--")
    words = additional_data.decode()
    text(axes, 50, 17, f"additional data, not sent along, covered by the tag:  {words}", size=9.5)
    return Picture(
        figure,
        f"An AES-GCM message: a nonce of {len(nonce)} bytes, a ciphertext of {len(ciphertext)} "
        f"bytes, a tag of {len(tag)} bytes. The additional data {words} is not part of the message "
        "but the tag covers it.",
    )


def pixels(images: Mapping[str, Sequence[Sequence[int]]], alt: str) -> Picture:
    """Draw grey images (rows of values 0 to 255) side by side, each under its name."""
    figure, axes = canvas(2.7 * len(images) + 0.3, 3.1)
    width = 100 / len(images)
    for place, (name, image) in enumerate(images.items()):
        inner = figure.add_axes(((place * width + 2) / 100, 0.03, (width - 4) / 100, 0.84))
        inner.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        inner.set_xticks([])
        inner.set_yticks([])
        text(axes, place * width + width / 2, 94, name, size=10.5, weight="bold")
    return Picture(figure, alt)


def signing_paths(paths: Sequence[Mapping[str, Any]], judge: str = "partner") -> Picture:
    """Draw how often a message was hashed before it was signed, and what a verifier said.

    ``judge`` is the verifier. A path has ``name``, ``steps`` (words from left to right) and
    ``verifies`` (bool).
    """
    figure, axes = canvas(8.6, 0.95 * len(paths) + 0.5)
    height = 92 / len(paths)
    for row, path in enumerate(paths):
        y = 96 - height * (row + 1)
        text(axes, 3, y + height * 0.78, path["name"], size=10, weight="bold", ha="left")
        steps = path["steps"]
        step = 78 / len(steps)
        for place, words in enumerate(steps):
            x = 3 + place * step
            hashing = words.startswith("SHA")
            box(
                axes,
                x,
                y + height * 0.08,
                step - 4,
                height * 0.48,
                words,
                size=9,
                fill=PALE_ORANGE if hashing else PALE_GREY,
                edge=ORANGE if hashing else INK,
            )
            arrow(axes, (x + step - 4, y + height * 0.32), (x + step, y + height * 0.32))
        good = path["verifies"]
        box(
            axes,
            81,
            y + height * 0.08,
            16,
            height * 0.48,
            f"{judge}\n{'✓ verifies' if good else '✗ refuses'}",
            size=9.5,
            weight="bold",
            fill=PALE_GREEN if good else PALE_RED,
            edge=GREEN if good else RED,
        )
    verdicts = {True: f"the {judge} verifies", False: f"the {judge} refuses"}
    told = "; ".join(
        f"{path['name']}: {' then '.join(path['steps'])}, {verdicts[path['verifies']]}"
        for path in paths
    )
    return Picture(figure, f"Ways from a message to a signature. {told}.")
