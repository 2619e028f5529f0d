"""A learner with a keyboard and no mouse: predicts, does an exercise, moves a live picture."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import driving
from tests.browser.conftest import ROOT, Jupyter

pytestmark = pytest.mark.browser

LESSON = ROOT / "notebooks" / "01_symmetric_and_asymmetric_keys.ipynb"
SOLUTIONS = ROOT / "notebooks" / "solutions"
SCREENSHOTS = ROOT / "build" / "screenshots" / "practice"
PICTURES = {
    "predicted": 'practice.predict(\n    "01-gcm-length"',
    "happened": 'practice.happened("01-gcm-length"',
    "surprised": 'practice.happened("01-where-noticed"',
    "correct": "practice.check(seal)",
    "wrong": "practice.check(encrypt_for_kms)",
    "live": "figures.live(\n    flipped",
    "choice": "figures.live(\n    room",
}
CELL_WITH = """text => window.jupyterapp.shell.currentWidget.content.widgets.findIndex(
  cell => cell.model.type === 'code' && cell.model.sharedModel.getSource().includes(text))"""
SELECT = """at => {
  const {content} = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = at;
  content.mode = 'command';
  content.node.focus();
}"""
RUNNING_ENDS = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status
  === 'idle'"""


@pytest.fixture(scope="module")
def page(jupyter: Jupyter, browser: Browser) -> Iterator[Page]:
    """Lesson 01 after Run All."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    driving.open_lesson(page, jupyter, LESSON)
    driving.run_all(page)
    yield page
    _photograph(page)
    page.evaluate(driving.SHUT_DOWN)
    context.close()


def _photograph(page: Page) -> None:
    """What the tests left, for people to look at: in both themes, wide and narrow."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for theme, width in (("light", 1280), ("dark", 1280), ("light", 480)):
        driving.set_theme(page, theme)
        page.set_viewport_size({"width": width, "height": 1000})
        for name, text in PICTURES.items():
            at = page.evaluate(CELL_WITH, text)
            shown = page.locator(".jp-Notebook .jp-Cell").nth(at)
            shown.scroll_into_view_if_needed()
            shown.screenshot(path=SCREENSHOTS / f"{theme}-{width}-{name}.png")
    driving.set_theme(page, "light")


def cell(page: Page, text: str) -> Locator:
    """The code cell whose source has ``text``, selected as if by the arrow keys."""
    at = page.evaluate(CELL_WITH, text)
    assert at >= 0, f"no cell with {text}"
    page.evaluate(SELECT, at)
    return page.locator(".jp-Notebook .jp-Cell").nth(at)


def run_again(page: Page, text: str) -> Locator:
    found = cell(page, text)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(RUNNING_ENDS)
    return found


def write(page: Page, text: str, source: str) -> Locator:
    """Replace the source of a cell by the keyboard, and run it."""
    found = cell(page, text)
    page.keyboard.press("Enter")  # into the cell
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(RUNNING_ENDS)
    return found


def test_a_live_picture_follows_the_arrow_keys(page: Page) -> None:
    shown = cell(page, "figures.live(\n    flipped")
    picture = shown.get_by_role("img")
    expect(picture).to_have_attribute("alt", re.compile(r"byte 4 of the ciphertext.*Pay 900 euros"))
    shown.get_by_role("slider", name="byte").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(picture).to_have_attribute("alt", re.compile("byte 11 of the nonce"))
    page.keyboard.press("ArrowUp")
    expect(picture).to_have_attribute("alt", re.compile("byte 0 of the ciphertext"))
    expect(shown.get_by_role("slider", name="byte")).to_be_focused()
    page.keyboard.press("End")
    expect(picture).to_have_attribute("alt", re.compile(r"byte 15 of the tag.*Pay 100 euros"))
    assert picture.evaluate("image => image.complete && image.naturalWidth > 600")


def test_a_choice_redraws(page: Page) -> None:
    shown = cell(page, "figures.live(\n    room")
    shown.get_by_label("hash").focus()
    page.keyboard.press("ArrowUp")
    expect(shown.get_by_role("img")).to_have_attribute(
        "alt", re.compile("RSAES_OAEP_SHA_1"), timeout=10_000
    )
    expect(shown.get_by_role("img")).to_have_attribute("alt", re.compile("191 bytes fit"))
    shown.get_by_label("RSA").select_option("4096 bits")
    expect(shown.get_by_role("img")).to_have_attribute("alt", re.compile("At most 470"))


def test_a_mistake_in_the_drawing_function_is_told_in_words(page: Page) -> None:
    source = "figures.live(lambda n: 1 / n, n=figures.slider('n', 0, 3, 1))"
    broken = source.replace(
        "1 / n", "figures.pixels({'a': [[255 // n]]}, alt=f'One pixel of {n}.')"
    )
    shown = write(page, "practice.check(sign_film)", broken)
    expect(shown.get_by_role("img")).to_have_attribute("alt", "One pixel of 1.")
    shown.get_by_role("slider", name="n").focus()
    page.keyboard.press("ArrowLeft")
    expect(shown.get_by_role("alert")).to_contain_text("The drawing failed: ZeroDivisionError")
    page.keyboard.press("End")
    expect(shown.get_by_role("img")).to_have_attribute("alt", "One pixel of 3.")
    expect(shown.get_by_role("alert")).to_have_text("")


def test_what_is_moved_fast_ends_at_the_last_place(page: Page) -> None:
    shown = cell(page, "figures.live(\n    flipped")
    slider = shown.get_by_role("slider", name="byte")
    for place in range(72):
        slider.evaluate(
            "(one, place) => { one.value = place; one.dispatchEvent(new Event('input')); }", place
        )
    expect(shown.get_by_role("img")).to_have_attribute("alt", re.compile("of byte 71 is flipped"))
    expect(slider).to_have_value("71")


def test_a_surprise_and_a_wrong_answer_are_told(page: Page) -> None:
    asked = cell(page, 'practice.predict(\n    "01-where-noticed"')
    asked.get_by_role("button", name="in the tag only").focus()
    page.keyboard.press("Enter")
    expect(asked.get_by_role("status")).to_contain_text("You predict")
    happened = run_again(page, 'practice.happened("01-where-noticed"')
    expect(happened.get_by_role("alert")).to_contain_text("✗ What happened: in all four")
    source = (
        "def encrypt_for_kms(public_key_der, message):\n"
        "    print(len(message), 'bytes')\n"
        "    return load_der_public_key(public_key_der).encrypt(message, mixed)\n"
        "practice.check(encrypt_for_kms)"
    )
    answered = write(page, "practice.check(encrypt_for_kms)", source)
    expect(answered.get_by_role("alert")).to_contain_text("✗ SHA-1 in MGF1")


def test_a_prediction_is_kept_and_shown_beside_what_happened(page: Page) -> None:
    asked = cell(page, 'practice.predict(\n    "01-gcm-length"')
    happened = run_again(page, 'practice.happened("01-gcm-length"')
    expect(happened.get_by_role("alert")).to_contain_text("You made no prediction.")

    option = asked.get_by_role("button", name="44 bytes")
    option.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(option).to_be_focused()
    page.keyboard.press("Space")
    expect(asked.get_by_role("status")).to_have_text(
        "You predict: 44 bytes. Now run the next cell."
    )
    expect(asked.get_by_role("button", name="✓ 44 bytes")).to_be_visible()

    happened = run_again(page, 'practice.happened("01-gcm-length"')
    expect(happened.get_by_role("alert")).to_contain_text("What happened: 60 bytes")
    expect(happened.get_by_role("alert")).to_contain_text("You predicted: 44 bytes.")
    asked.get_by_role("button", name="60 bytes").focus()
    page.keyboard.press("Enter")
    expect(asked.get_by_role("status")).to_contain_text("You predict: 60 bytes.")
    happened = run_again(page, 'practice.happened("01-gcm-length"')
    expect(happened.get_by_role("alert")).to_contain_text("As you predicted.")


def test_an_exercise_is_answered_by_keyboard(page: Page, jupyter: Jupyter) -> None:
    untouched = cell(page, "practice.check(seal)")
    expect(untouched.get_by_role("alert")).to_contain_text("Not started yet")
    wrong = "def seal(key, message, context): return AESGCM(key).encrypt(nonce, message, context)\n"
    answered = write(page, "practice.check(seal)", wrong + "practice.check(seal)")
    expect(answered.get_by_role("alert")).to_contain_text("The nonce is lost")
    right = (SOLUTIONS / "01_seal.py").read_text(encoding="utf-8")
    answered = write(page, "practice.check(seal)", right + "practice.check(seal)")
    expect(answered.get_by_role("alert")).to_contain_text("✓ Correct")
    stored = json.loads(jupyter.progress.read_text())["recorded"]["exercise"]
    assert stored["01-seal"] == {"passed": True, "once_passed": True}


def test_an_endless_loop_ends_with_a_message(page: Page) -> None:
    endless = "def genuine(key, message, mac):\n    while True:\n        pass\n"
    answered = write(page, "practice.check(genuine)", endless + "practice.check(genuine)")
    expect(answered.get_by_role("alert")).to_contain_text("Not finished in time", timeout=15_000)
    right = (SOLUTIONS / "01_genuine.py").read_text(encoding="utf-8")
    answered = write(page, "practice.check(genuine)", right + "practice.check(genuine)")
    expect(answered.get_by_role("alert")).to_contain_text("✓ Correct")


def test_what_was_passed_is_there_after_a_restart(page: Page) -> None:
    """The last test here: it restarts the kernel. The map counts from the stored file."""
    driving.run_all(page)
    ask = "from helpers import practice\nprint(practice.progress().alt)\n"
    told = write(page, 'practice.quiz("01")', ask)
    expect(told).to_contain_text("01 Symmetric and asymmetric keys: 2 of 4 exercises")
