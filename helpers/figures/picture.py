"""A finished drawing: PNG bytes and the words for those who can't see it.

All drawings share one look: a white card that reads the same in the light and the dark theme,
colours that the colour-blind tell apart (Okabe and Ito), and a second sign (hatching, a mark,
a word) wherever a colour means something, so that grey print loses nothing.
"""

from base64 import b64encode
from functools import cached_property
from html import escape
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from PIL import Image

INK = "#1b1f24"
QUIET = "#59636e"
RULE = "#d0d7de"
PAPER = "#ffffff"
DARK_BLUE = "#005a8d"  # for words: 4.5:1 on PALE_BLUE too, which BLUE is not
BLUE, SKY, GREEN = "#0072b2", "#56b4e9", "#009e73"
ORANGE, RED, YELLOW = "#e69f00", "#d55e00", "#f0e442"
PALE_BLUE, PALE_GREEN, PALE_ORANGE, PALE_GREY = "#dcecf7", "#d9f0e8", "#fbeed2", "#f2f4f6"
PALE_RED = "#fbe3da"

DOTS_PER_INCH = 144
SHOWN_AT = 96
COLORS = 96
SMALLEST_READABLE = 620


class Picture:
    """PNG bytes with alt text; the alt text is also the plain-text form of the output."""

    def __init__(self, figure: Figure, alt: str) -> None:
        self._figure = figure
        self.alt = " ".join(alt.split())
        self.width = round(figure.get_figwidth() * SHOWN_AT)

    @cached_property
    def png(self) -> bytes:
        """The picture as it is stored: few colours, so that notebooks stay small."""
        with Image.open(BytesIO(self.quick_png())) as image:
            reduced = image.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        small = BytesIO()
        reduced.save(small, format="PNG", optimize=True)
        return small.getvalue()

    def quick_png(self) -> bytes:
        """The same picture three times as large in bytes, and made in half the time."""
        drawn = BytesIO()
        self._figure.savefig(
            drawn, format="png", dpi=DOTS_PER_INCH, pil_kwargs={"compress_level": 1}
        )
        return drawn.getvalue()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The picture for every reader: JupyterLab takes alt text only from HTML."""
        encoded = b64encode(self.png).decode()
        # On a narrow screen the picture scrolls, for small print can't shrink with it.
        narrowest = min(self.width, SMALLEST_READABLE)
        page = (
            f'<div style="overflow-x: auto"><img src="data:image/png;base64,{encoded}" '
            f'alt="{escape(self.alt)}" width="{self.width}" '
            f'style="max-width: 100%; min-width: {narrowest}px; height: auto"></div>'
        )
        bundle = {"text/html": page, "image/png": encoded, "text/plain": self.alt}
        return bundle, {"image/png": {"alt": self.alt, "width": self.width}}

    def __repr__(self) -> str:
        return self.alt


def canvas(width: float, height: float, title: str = "") -> tuple[Figure, Axes]:
    """A white card of ``width`` x ``height`` inches with axes from 0 to 100 in both directions."""
    figure = Figure(figsize=(width, height), facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.axis("off")
    if title:
        text(axes, 3, 95, title, size=12, weight="bold", ha="left", va="top")
    return figure, axes


def text(axes: Axes, x: float, y: float, words: str, size: float = 10, **style: Any) -> None:
    """Words at a point, centred unless told otherwise."""
    style = {"ha": "center", "va": "center", "color": INK, "linespacing": 1.35} | style
    axes.text(x, y, words, fontsize=size, **style)


def box(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    words: str = "",
    *,
    fill: str = PALE_GREY,
    edge: str = INK,
    **style: Any,
) -> None:
    """A rounded box with its lower left corner at (x, y), with words in the middle."""
    hatch, line, dashes = style.pop("hatch", None), style.pop("line", 1.2), style.pop("dashes", "-")
    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=1.2",
            mutation_aspect=axes.figure.get_figwidth() / axes.figure.get_figheight(),
            facecolor=fill,
            edgecolor=edge,
            linewidth=line,
            linestyle=dashes,
            hatch=hatch,
        )
    )
    if words:
        text(axes, x + width / 2, y + height / 2, words, **style)


def bar_of(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    edge: str,
    hatch: str = "",
) -> None:
    """A bar from x to the right, with its middle at the height y."""
    axes.add_patch(
        Rectangle(
            (x, y - height / 2), width, height, facecolor=fill, edgecolor=edge, hatch=hatch or None
        )
    )


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str = INK, **style: Any
) -> None:
    """An arrow from one point to another."""
    style = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.4} | style
    axes.add_patch(FancyArrowPatch(start, end, color=color, shrinkA=0, shrinkB=0, **style))
