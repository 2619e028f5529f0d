"""The keys above one another: domain key, key material, derived keys, and what they encrypt."""

from collections.abc import Mapping, Sequence
from typing import Any

from .picture import (
    BLUE,
    GREEN,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PAPER,
    QUIET,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

LEFT, RIGHT = 14.5, 98.5
ROWS = {"domain key": 85, "KMS keys": 57, "one-time keys": 34.5, "ciphertext\nblobs": 17}
RELATIONS = {"encrypts ↓": 75, "derives ↓": 43, "encrypts ↓ ": 26.5}


def key_hierarchy(
    region: str, keys: Sequence[Mapping[str, Any]], blobs: Sequence[Mapping[str, str]]
) -> Picture:
    """Draw the keys of one Region as a tree.

    A key has ``name``, ``key_id`` and ``materials``, oldest first, each with ``key_material_id``
    and ``state``. A blob has ``key_material_id``, ``holds`` (what is encrypted in it) and, if that
    is a data key, ``below`` (what the data key encrypts outside KMS).
    """
    figure, axes = canvas(9.2, 5.6, f"Which key encrypts which, in {region}")
    for name, y in ROWS.items():
        text(axes, 1.5, y, name, size=9, ha="left", weight="bold")
    for name, y in RELATIONS.items():
        text(axes, 1.5, y, name, size=9, ha="left", color=QUIET)
    words = "domain key (256 bits, AES-GCM): in the HSMs' memory only"
    box(axes, LEFT, 80, RIGHT - LEFT, 9.5, words, size=10, weight="bold", line=2)
    below = {
        m["key_material_id"]: [b for b in blobs if b["key_material_id"] == m["key_material_id"]]
        for key in keys
        for m in key["materials"]
    }
    slot = (RIGHT - LEFT) / sum(max(1, len(found)) for found in below.values())
    x = float(LEFT)
    for key in keys:
        start = x
        for material in key["materials"]:
            found = below[material["key_material_id"]]
            width = slot * max(1, len(found))
            _material(axes, x, width, material)
            for place, blob in enumerate(found):
                _message(axes, x + slot * place, slot, x + width / 2, blob)
            x += width
        box(axes, start + 0.6, 46.5, x - start - 1.2, 26, fill="none", edge=QUIET, dashes="--")
        # On white, so that an arrow behind it doesn't run through the words.
        text(axes, start + 1.8, 67.3, f"{key['name']}\nkey {key['key_id'][:8]}…", size=8.5,
             ha="left", weight="bold", linespacing=1.2,
             bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5})  # fmt: skip
    return Picture(figure, _alt(region, keys, below))


def _material(axes: Any, x: float, width: float, material: Mapping[str, Any]) -> None:
    current = material["state"] == "CURRENT"
    arrow(axes, (x + width / 2, 80), (x + width / 2, 63))
    box(
        axes,
        x + 1.6,
        48.5,
        width - 3.2,
        14.5,
        f"material\n{material['key_material_id'][:8]}…\n{material['state']}",
        size=8.5,
        fill=PALE_BLUE if current else PAPER,
        edge=BLUE,
        line=2 if current else 1.2,
        dashes="-" if current else ":",
    )


def _message(axes: Any, x: float, slot: float, parent: float, blob: Mapping[str, str]) -> None:
    middle = x + slot / 2
    arrow(axes, (parent, 48.5), (middle, 39.5))
    box(axes, x + 1, 29.5, slot - 2, 10, "one-time\nkey", size=8.5, fill=PALE_ORANGE, edge=ORANGE)
    arrow(axes, (middle, 29.5), (middle, 23.5))
    box(axes, x + 1, 11.5, slot - 2, 12, blob["holds"].replace(", ", ",\n"), size=8.5,
        fill=PALE_GREEN, edge=GREEN)  # fmt: skip
    if blob.get("below"):
        arrow(axes, (middle, 11.5), (middle, 6.5), linestyle="--")
        text(axes, middle, 4, blob["below"], size=8.5)


def _alt(
    region: str,
    keys: Sequence[Mapping[str, Any]],
    below: Mapping[str, Sequence[Mapping[str, str]]],
) -> str:
    told = []
    for key in keys:
        materials = []
        for material in key["materials"]:
            found = [
                b["holds"] + (f" that encrypts {b['below']}" if b.get("below") else "")
                for b in below[material["key_material_id"]]
            ]
            materials.append(
                f"material {material['key_material_id'][:8]}… ({material['state']}), under it "
                + ("; ".join(found) or "nothing")
            )
        told.append(f"{key['name']}, key {key['key_id'][:8]}…: {'. Then '.join(materials)}")
    return (
        f"A tree of keys in {region}. On top the domain key, which encrypts every key material at "
        f"rest. {'. '.join(told)}. Between a material and each blob stands a one-time key, "
        "derived for that blob alone."
    )
