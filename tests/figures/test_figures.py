"""Drawings say what they were given, to those who see them and to those who don't."""

from io import BytesIO

import pytest
from PIL import Image

from helpers import figures
from helpers.figures.ratios import times
from tests.figures.drawings import DRAWINGS, WORDS


def test_every_drawing_is_tested() -> None:
    assert set(DRAWINGS) == set(figures.__all__) - {"Picture", "choice", "live", "slider"}


@pytest.mark.parametrize("name", DRAWINGS)
def test_alt_text_says_what_is_drawn(name: str) -> None:
    alt = DRAWINGS[name]().alt
    assert all(words in alt for words in WORDS[name]), alt


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_reader_gets_the_picture(name: str) -> None:
    picture = DRAWINGS[name]()
    data, metadata = picture._repr_mimebundle_()
    assert data["text/plain"] == picture.alt == metadata["image/png"]["alt"]
    assert data["image/png"] in data["text/html"]
    assert 'alt="' in data["text/html"]


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_values_give_the_same_bytes(name: str) -> None:
    assert DRAWINGS[name]().png == DRAWINGS[name]().png


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_white_card_with_dark_ink_in_both_themes(name: str) -> None:
    with Image.open(BytesIO(DRAWINGS[name]().png)) as image:
        assert image.format == "PNG"
        assert "transparency" not in image.info
        grey = image.convert("L")
    corners = [(0, 0), (grey.width - 1, 0), (0, grey.height - 1)]
    assert all(grey.getpixel(corner) >= 250 for corner in corners)
    darkest, _ = grey.getextrema()
    assert darkest < 60


def test_alt_text_cannot_break_out_of_the_page() -> None:
    picture = figures.pixels({"a": [[0]]}, alt='"><script>alert(1)</script>')
    data, _ = picture._repr_mimebundle_()
    assert "<script>" not in data["text/html"]


@pytest.mark.parametrize(
    ("share", "words"), [(1, "1.0 ×"), (9.94, "9.9 ×"), (57.4, "57 ×"), (1234.5, "1,234 ×")]
)
def test_ratios_are_labelled_as_multiples(share: float, words: str) -> None:
    assert times(share) == words
