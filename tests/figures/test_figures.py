"""Drawings say what they were given, to those who see them and to those who don't."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from helpers import figures
from helpers.figures.ratios import times

OUTCOMES = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): "created",
    ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"): "refused",
    ("SM2", "ENCRYPT_DECRYPT"): "not in this Region",
    ("SM2", "SIGN_VERIFY"): "refused",
}
LESSONS = [
    {"number": "00", "title": "One", "minutes": 5, "ready": True, "exams": {"A": ["1.1"]}},
    {"number": "01", "title": "Two", "minutes": 5, "ready": False, "exams": {"B": ["2.2", "3"]}},
]
PROGRESS = [
    {"number": "00", "title": "One", "ready": True, "questions": (3, 3), "exercises": (1, 2)},
    {"number": "01", "title": "Two", "ready": True, "questions": (0, 0), "exercises": (0, 0)},
    {"number": "02", "title": "Three", "ready": False, "questions": (0, 0), "exercises": (0, 0)},
]


DRAWINGS: dict[str, Callable[[], figures.Picture]] = {
    "boundary": lambda: figures.boundary([("Blob", "yours")], [("Key material", "never")]),
    "capabilities": lambda: figures.capabilities(OUTCOMES, ["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
    "course_map": lambda: figures.course_map(LESSONS, ["A", "B"]),
    "decision": lambda: figures.decision([("Is it?", "Take it", "why")], ("Other", "so"), "Which?"),
    "exam_result": lambda: figures.exam_result(
        "X-1", {"5 Data": (2, 3)}, [("2026-11-01", 0, 3), ("2026-11-24", 2, 3)]
    ),
    "gcm_message": lambda: figures.gcm_message(b"n" * 12, b"c" * 30, b"t" * 16, b"order=1"),
    "pixels": lambda: figures.pixels({"a": [[0, 255]], "b": [[255, 0]]}, alt="Two pictures."),
    "progress_map": lambda: figures.progress_map(PROGRESS, [("X-1", "5 Data", 1, 2)]),
    "ratios": lambda: figures.ratios(
        {"time": {"AES": 1e-6, "RSA": 5e-4}}, yardstick="AES", title="T", alt="Bars."
    ),
    "signing_paths": lambda: figures.signing_paths(
        [{"name": "once", "steps": ["film", "SHA-256"], "verifies": False}]
    ),
}
WORDS = {
    "boundary": ["Blob (yours)", "Key material (never)"],
    "capabilities": ["SYMMETRIC_DEFAULT: encrypt", "SM2: not in this Region"],
    "course_map": ["2 lessons", "A, B", "Ready now: 00 One"],
    "decision": ["Is it? Yes: Take it", "otherwise Other"],
    "exam_result": ["5 Data 2 of 3", "oldest first: 2026-11-01 0 of 3; 2026-11-24 2 of 3"],
    "gcm_message": ["nonce of 12 bytes", "ciphertext of 30 bytes", "tag of 16 bytes", "order=1"],
    "pixels": ["Two pictures."],
    "progress_map": ["00 One: 1 of 2 exercises, 3 of 3 questions", "X-1 5 Data: 1 of 2"],
    "ratios": ["Bars."],
    "signing_paths": ["once: film then SHA-256, the partner refuses"],
}


def test_every_drawing_is_tested() -> None:
    assert set(DRAWINGS) == set(figures.__all__) - {"Picture"}


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
