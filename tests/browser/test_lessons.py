"""Every lesson in a real JupyterLab: as cloned, then Run All, then looked at.

Pictures for people go to ``build/screenshots``: each whole lesson in the light theme, wide
and narrow, and in the dark theme, and the same in slices that fit a screen. Then axe-core looks.
"""

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser import axe, driving
from tests.browser.conftest import ROOT, Jupyter

pytestmark = pytest.mark.browser

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCREENSHOTS = ROOT / "build" / "screenshots"
RUN_ALL_SECONDS = 15
TRIES = 3
VIEWS = [("light", 1280), ("light", 480), ("dark", 1280)]
SLICE_HEIGHT = 1600

# JupyterLab's own words on the console, each with where it comes from.
NOISE = [
    # The debugger asks a kernel that Run All is just restarting.
    re.compile(r"^Could not restore the debugger state: Canceled future for debug_request"),
]

# JupyterLab shows an error in place of what it cannot draw.
BAD_OUTPUT = "text=/Error displaying widget|Loading widget|Error rendering/"
PICTURES_WITHOUT_ALT = """() => Array.from(
  window.jupyterapp.shell.currentWidget.content.node.querySelectorAll('img'))
  .filter(img => !img.alt.trim() || !img.complete || !img.naturalWidth)
  .map(img => img.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson(path: Path, jupyter: Jupyter, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: _hear(message, complaints))
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    try:
        driving.open_lesson(page, jupyter, path)
        _as_cloned(page)
        seconds = driving.run_all(page)
        for _ in range(TRIES - 1):  # what the machine did besides does not repeat
            if seconds >= RUN_ALL_SECONDS:
                seconds = min(seconds, driving.run_all(page))
        _look(page)
        _photograph(page, path.stem)
        axe.check(page)
        assert not complaints, "on the browser's console:\n" + "\n".join(complaints)
        print(f"{path.name}: Run All took {seconds:.1f} s")
        assert seconds < RUN_ALL_SECONDS, f"Run All took {seconds:.1f} s"
    finally:
        page.evaluate(driving.SHUT_DOWN)
        context.close()


def _hear(message: ConsoleMessage, complaints: list[str]) -> None:
    text = f"{message.text} ({message.location.get('url', '')})"
    if message.type == "error" and not any(noise.search(text) for noise in NOISE):
        complaints.append(text)


def _as_cloned(page: Page) -> None:
    """Before anything ran, in an untrusted notebook, the stored pictures are there."""
    _pictures_are_described(page)


def _look(page: Page) -> None:
    page.wait_for_timeout(500)  # widgets draw themselves after the kernel is idle
    cells = [cell for cell in page.evaluate(driving.CELLS) if cell["type"] == "code"]
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert page.locator(BAD_OUTPUT).all_inner_texts() == []
    _pictures_are_described(page)


def _pictures_are_described(page: Page) -> None:
    found = page.evaluate(PICTURES_WITHOUT_ALT)
    assert not found, "pictures not drawn or without alt text:\n" + "\n".join(found)


def _photograph(page: Page, name: str) -> None:
    folder = SCREENSHOTS / name
    shutil.rmtree(folder, ignore_errors=True)
    for theme, width in VIEWS:
        view = f"{theme}-{width}"
        driving.set_theme(page, theme)
        parts = driving.fit(page, width)
        for part in range(parts):
            driving.scroll(page, part)
            path = folder / (f"{view}.png" if parts == 1 else f"{view}-{part + 1}.png")
            page.screenshot(path=path)
            _slice(path)
    driving.set_theme(page, "light")


def _slice(path: Path) -> None:
    """Cuts a tall picture into ones that can be read without zooming."""
    folder = path.with_suffix("")
    folder.mkdir()
    with Image.open(path) as picture:
        for number, top in enumerate(range(0, picture.height, SLICE_HEIGHT), 1):
            bottom = min(top + SLICE_HEIGHT, picture.height)
            picture.crop((0, top, picture.width, bottom)).save(folder / f"{number:02}.png")
