"""Measured things beside a yardstick: bars on a logarithmic scale, labelled as ratios."""

from collections.abc import Mapping

from .picture import BLUE, INK, ORANGE, PAPER, QUIET, RULE, Picture

HATCHES = ("", "///", "...", "xx")
COLORS = (BLUE, ORANGE)


def ratios(
    groups: Mapping[str, Mapping[str, float]], yardstick: str, title: str, alt: str
) -> Picture:
    """Draw one panel a group; bars are multiples of ``yardstick``'s value, shortest first."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = max(len(values) for values in groups.values())
    figure = Figure(figsize=(8.8, 0.33 * rows + 1.25), facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.14, h_pad=0.12)
    figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold", color=INK)
    panels = figure.subplots(1, len(groups), squeeze=False)[0]
    for number, (axes, (name, values)) in enumerate(zip(panels, groups.items(), strict=True)):
        unit = values[yardstick]
        names = sorted(values, key=lambda item: values[item])
        shares = [values[item] / unit for item in names]
        axes.barh(
            range(len(names)),
            shares,
            color=COLORS[number % 2],
            hatch=HATCHES[number % 4],
            edgecolor=PAPER,
            height=0.68,
        )
        axes.set_xscale("log")
        axes.set_yticks(range(len(names)), names, fontsize=9, color=INK)
        axes.invert_yaxis()
        axes.set_title(name, fontsize=10, loc="left", color=INK)
        axes.set_xlim(min(shares) / 2, max(shares) * 12)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f} ×" if value >= 1 else "")
        axes.xaxis.set_minor_formatter(lambda *_: "")
        for row, share in enumerate(shares):
            axes.text(share * 1.15, row, times(share), va="center", fontsize=9, color=INK)
        axes.tick_params(axis="x", labelsize=8, colors=QUIET)
        axes.tick_params(axis="y", length=0)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(RULE)
    return Picture(figure, alt)


def times(share: float) -> str:
    """A ratio as its label: one decimal below ten, none above."""
    if share >= 100:
        return f"{share:,.0f} ×"
    return f"{share:.1f} ×" if share < 10 else f"{share:.0f} ×"
