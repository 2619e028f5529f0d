"""What axe can't see, because it is inside a picture: contrast, and colour as the only sign."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from helpers.figures.picture import Picture
from tests.figures.drawings import DRAWINGS

LEAST_CONTRAST = 4.5


@pytest.fixture(params=DRAWINGS)
def figure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Figure:
    """The matplotlib figure behind a drawing, drawn once."""
    seen: list[Figure] = []
    original = Picture.__init__

    def keep(self: Picture, figure: Figure, alt: str) -> None:
        seen.append(figure)
        original(self, figure, alt)

    monkeypatch.setattr(Picture, "__init__", keep)
    DRAWINGS[request.param]()
    seen[0].canvas.draw()
    return seen[0]


def words(figure: Figure) -> list[Text]:
    found = figure.findobj(Text)
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def luminance(color: Any) -> float:
    """Relative luminance, WCAG 2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))


def contrast(one: Any, other: Any) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_in_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_all_words_stand_out_from_what_is_behind_them(figure: Figure) -> None:
    texts = words(figure)
    boxes = [text.get_window_extent() for text in texts]
    for text in texts:
        text.set_alpha(0)  # not set_visible: the layout would change
    figure.canvas.draw()
    page = np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3]  # type: ignore[attr-defined]
    for text, extent in zip(texts, boxes, strict=True):
        behind = page[int(extent.y0) : int(extent.y1) + 1, int(extent.x0) : int(extent.x1) + 1]
        if not behind.size:
            continue  # a label of an axis beyond its end: matplotlib draws none
        colors, counts = np.unique(behind.reshape(-1, 3), axis=0, return_counts=True)
        background = colors[counts.argmax()] / 255
        found = contrast(text.get_color(), background)  # of the opaque colour
        assert found >= LEAST_CONTRAST, (
            f"{text.get_text()!r}: {found:.2f} ({to_hex(text.get_color())} on {to_hex(background)})"
        )


def test_colour_is_never_the_only_sign(figure: Figure) -> None:
    """Boxes of different colours also differ in their words, their hatching or their line."""
    texts = [(text.get_text(), text.get_window_extent()) for text in words(figure)]
    looks = defaultdict(set)
    for box in figure.findobj(FancyBboxPatch):
        edge = box.get_window_extent()
        said = tuple(
            sorted(
                text
                for text, extent in texts
                if edge.x0 <= (extent.x0 + extent.x1) / 2 <= edge.x1
                and edge.y0 <= (extent.y0 + extent.y1) / 2 <= edge.y1
            )
        )
        sign = (said, box.get_hatch(), str(box.get_linestyle()))
        looks[sign].add((to_hex(box.get_facecolor()), to_hex(box.get_edgecolor())))
    assert [sign for sign, colors in looks.items() if len(colors) > 1] == []
