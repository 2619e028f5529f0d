"""A picture that moves: a drawing function, and controls for its arguments.

    def draw(byte: int, hash: str) -> Picture: ...
    figures.live(draw, byte=figures.slider("byte", 0, 71, 16), hash=figures.choice("hash", [...]))

Shown as one bundle: the widget for who has a kernel; the picture of the first values, with its
alt text, for all others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .picture import Picture


@dataclass(frozen=True)
class Slider:
    """A whole number from ``low`` to ``high``."""

    label: str
    low: int
    high: int
    value: int


@dataclass(frozen=True)
class Choice:
    """One of the ``options``: what a person reads -> what the drawing function gets."""

    label: str
    options: Mapping[str, Any]
    value: str


def slider(label: str, low: int, high: int, value: int | None = None) -> Slider:
    """A slider. Raises ValueError if ``value`` is not between ``low`` and ``high``."""
    start = low if value is None else value
    if not low <= start <= high or low == high:
        raise ValueError(f"slider {label!r}: {start} is not between {low} and {high}")
    return Slider(label, low, high, start)


def choice(
    label: str, options: Sequence[str] | Mapping[str, Any], value: str | None = None
) -> Choice:
    """A choice of words, or of words that stand for values. The first one, unless told otherwise.

    Raises ValueError if ``value`` is none of them.
    """
    named = dict(options) if isinstance(options, Mapping) else {name: name for name in options}
    start = next(iter(named), "") if value is None else value
    if start not in named:
        raise ValueError(f"choice {label!r}: {start!r} is none of {list(named)}")
    return Choice(label, named, start)


class Live:
    """A drawing function with its controls, as one display bundle."""

    def __init__(
        self, draw: Callable[..., Picture], controls: Mapping[str, Slider | Choice]
    ) -> None:
        self._draw, self._controls = draw, dict(controls)
        self.picture = self.drawn({name: each.value for name, each in controls.items()})
        self.widget = _widget_class()(
            controls=[_specification(name, each) for name, each in controls.items()],
            values={name: each.value for name, each in controls.items()},
            **_shown(self.picture),
        )
        self.widget.observe(self._redraw, "values")

    def drawn(self, values: Mapping[str, Any]) -> Picture:
        """The picture for these positions of the controls."""
        arguments = {}
        for name, control in self._controls.items():
            value = values[name]
            arguments[name] = control.options[value] if isinstance(control, Choice) else value
        return self._draw(**arguments)

    def _redraw(self, change: Mapping[str, Any]) -> None:
        try:
            shown = _shown(self.drawn(change["new"]))
        except Exception as error:  # the drawing function is the lesson's, and may be the reader's
            shown = {"trouble": f"The drawing failed: {type(error).__name__}: {error}"}
        with self.widget.hold_sync():
            self.widget.set_trait("drawn", self.widget.drawn + 1)
            for name, value in shown.items():
                self.widget.set_trait(name, value)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = self.picture._repr_mimebundle_()
        view, _ = self.widget._repr_mimebundle_(**options)
        return {**view, **data}, metadata

    def __repr__(self) -> str:
        return self.picture.alt


def live(draw: Callable[..., Picture], **controls: Slider | Choice) -> Live:
    """Show ``draw``'s picture with a control for each of its arguments.

    ``draw`` is called at once and after each change, with one argument a control, and returns a
    Picture whose alt text says what these values show.
    """
    if not controls:
        raise ValueError("figures.live(draw, name=figures.slider(...)): at least one control")
    return Live(draw, controls)


def _shown(picture: Picture) -> dict[str, Any]:
    return {"png": picture.quick_png(), "alt": picture.alt, "width": picture.width, "trouble": ""}


def _specification(name: str, control: Slider | Choice) -> dict[str, Any]:
    if isinstance(control, Slider):
        return {
            "name": name,
            "kind": "slider",
            "label": control.label,
            "low": control.low,
            "high": control.high,
        }
    return {
        "name": name,
        "kind": "choice",
        "label": control.label,
        "options": list(control.options),
    }


@cache
def _widget_class() -> type[Any]:
    """The widget, made when the first lab is shown: lessons that only draw need no widgets."""
    import anywidget
    import traitlets

    class LivePicture(anywidget.AnyWidget):
        """Controls and a picture in the browser; ``live.js`` is its other half."""

        _esm = files(__package__).joinpath("live.js").read_text(encoding="utf-8")
        controls = traitlets.List().tag(sync=True)
        values = traitlets.Dict().tag(sync=True)
        png = traitlets.Bytes().tag(sync=True)
        alt = traitlets.Unicode().tag(sync=True)
        width = traitlets.Int().tag(sync=True)
        trouble = traitlets.Unicode().tag(sync=True)
        drawn = traitlets.Int().tag(sync=True)

    return LivePicture
