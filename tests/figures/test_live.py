"""A picture that moves: its bundle, its redraws, and what goes wrong in a drawing function."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import figures

PARTS = {"nonce": bytes(12), "ciphertext": bytes(44), "tag": bytes(16)}


def draw(size: int, name: str) -> figures.Picture:
    return figures.pixels({name: [[255 // size]]}, alt=f"One pixel of {size}, called {name}.")


def shown(**more: Any) -> Any:
    return figures.live(
        draw,
        size=figures.slider("size of it", 0, 9, 3),
        name=figures.choice("name", {"first": "A", "second": "B"}),
        **more,
    )


def test_one_bundle_for_every_reader() -> None:
    live = shown()
    data, metadata = live._repr_mimebundle_()
    alt = "One pixel of 3, called A."
    assert data["text/plain"] == alt == metadata["image/png"]["alt"] == repr(live)
    assert f'alt="{alt}"' in data["text/html"]
    assert data["image/png"] in data["text/html"]
    model = data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert model == live.widget.model_id


def test_the_stored_bundle_is_the_same_each_time() -> None:
    def stored() -> dict[str, Any]:
        data, _ = shown()._repr_mimebundle_()
        del data["application/vnd.jupyter.widget-view+json"]
        return dict(data)

    assert stored() == stored()


def test_the_browser_gets_controls_with_labels() -> None:
    slider, choice = shown().widget.controls
    assert slider == {"name": "size", "kind": "slider", "label": "size of it", "low": 0, "high": 9}
    assert choice == {
        "name": "name",
        "kind": "choice",
        "label": "name",
        "options": ["first", "second"],
    }


def test_a_redraw_takes_picture_and_words_along() -> None:
    widget = shown().widget
    before = widget.png
    widget.values = {"size": 5, "name": "second"}
    assert widget.alt == "One pixel of 5, called B."
    assert widget.png != before
    assert (widget.drawn, widget.trouble) == (1, "")


def test_what_goes_wrong_in_a_redraw_is_told_and_passes() -> None:
    widget = shown().widget
    widget.values = {"size": 0, "name": "first"}
    assert widget.trouble.startswith("The drawing failed: ZeroDivisionError")
    assert (widget.alt, widget.drawn) == ("One pixel of 3, called A.", 1)
    widget.values = {"size": 1, "name": "first"}
    assert (widget.trouble, widget.drawn) == ("", 2)


def test_what_goes_wrong_at_first_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        figures.live(lambda n: draw(n, "x"), n=figures.slider("n", 0, 3))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: figures.slider("n", 0, 3, 4), "4 is not between 0 and 3"),
        (lambda: figures.slider("n", 3, 3), "not between"),
        (lambda: figures.choice("n", ["a"], "b"), "'b' is none of"),
        (lambda: figures.choice("n", []), "none of"),
        (lambda: figures.live(draw), "at least one control"),
    ],
)
def test_mistakes_of_an_author(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@settings(max_examples=15, deadline=None)
@given(byte=st.integers(0, 71), bit=st.integers(0, 7))
def test_the_words_name_the_part_that_was_hit(byte: int, bit: int) -> None:
    alt = figures.flipped_bit(PARTS, byte, bit, None, "text").alt
    if byte < 12:
        assert f"byte {byte} of the nonce" in alt
    elif byte < 56:
        assert f"byte {byte - 12} of the ciphertext" in alt
    else:
        assert f"byte {byte - 56} of the tag" in alt
    assert f"Bit {bit} of byte {byte} is flipped" in alt


def test_a_message_that_passes_is_not_called_refused() -> None:
    alt = figures.flipped_bit(PARTS, 0, 0, "all is well", "x").alt
    assert "✓ all is well" in alt
    assert "InvalidTag" not in alt


@pytest.mark.parametrize(
    ("size", "fits", "words"), [(190, True, "190 bytes fit"), (200, False, "10 too many")]
)
def test_room_under_oaep(size: int, fits: bool, words: str) -> None:
    assert words in figures.oaep_room(256, "SHA-256", 32, size, fits, None).alt


def test_drawing_alone_loads_no_widgets() -> None:
    script = (
        "import sys\n"
        "from helpers import figures, lab, practice\n"
        "figures.pixels({'a': [[0]]}, alt='One pixel.')\n"
        "print('ipywidgets' in sys.modules, 'anywidget' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
