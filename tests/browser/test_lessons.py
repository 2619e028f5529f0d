"""Every lesson in a real JupyterLab: as cloned, then Run All, then looked at.

Pictures for people go to ``build/screenshots``: each whole lesson in the light theme, wide
and narrow, and in the dark theme, and the same in slices that fit a screen.
"""

import math
import re
import shutil
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.conftest import ROOT, Jupyter

pytestmark = pytest.mark.browser

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCREENSHOTS = ROOT / "build" / "screenshots"
RUN_ALL_SECONDS = 15
PATIENCE_SECONDS = 60  # how long we look on before we give up
VIEWS = [("light", 1280), ("light", 480), ("dark", 1280)]
SLICE_HEIGHT = 1600
TALLEST_PICTURE = 16_000  # Chromium draws no taller ones

# JupyterLab's own words on the console, each with where it comes from.
NOISE = [
    # The debugger asks a kernel that Run All is just restarting.
    re.compile(r"^Could not restore the debugger state: Canceled future for debug_request"),
]

# The notebook in front, as plain data: what a person sees of each code cell.
CELLS = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  return panel.content.widgets.map((cell, at) => ({
    at: at + 1,
    type: cell.model.type,
    count: cell.model.type === 'code' ? cell.model.executionCount : null,
    tags: cell.model.getMetadata('tags') || [],
    errors: cell.model.type !== 'code' ? [] : cell.model.outputs.toJSON()
      .filter(output => output.output_type === 'error')
      .map(output => output.ename + ': ' + output.evalue),
  }));
}"""
FINISHED = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const kernel = panel.sessionContext.session?.kernel;
  const code = panel.content.widgets.filter(cell => cell.model.type === 'code');
  const failed = cell => !(cell.model.getMetadata('tags') || []).includes('raises-exception')
    && cell.model.outputs.toJSON().some(output => output.output_type === 'error');
  // After a failure JupyterLab leaves out the cells that follow.
  return kernel?.status === 'idle'
    && (code.some(failed) || code.every(cell => cell.model.executionCount !== null));
}"""
# JupyterLab shows an error in place of what it cannot draw.
BAD_OUTPUT = "text=/Error displaying widget|Loading widget|Error rendering/"
PICTURES_WITHOUT_ALT = """() => Array.from(
  window.jupyterapp.shell.currentWidget.content.node.querySelectorAll('img'))
  .filter(img => !img.alt.trim() || !img.complete || !img.naturalWidth)
  .map(img => img.outerHTML.slice(0, 120))"""
# In pixels: what JupyterLab puts around the notebook, and how tall the notebook is.
FRAME_AND_CONTENT = """() => {
  const view = window.jupyterapp.shell.currentWidget.content.node
    .querySelector('.jp-WindowedPanel-outer');
  const last = Array.from(view.querySelectorAll('.jp-Cell')).at(-1);
  const end = last.getBoundingClientRect().bottom - view.getBoundingClientRect().top;
  return [window.innerHeight - view.clientHeight, Math.ceil(end + view.scrollTop + 20)];
}"""
SCROLL = """part => {
  const view = window.jupyterapp.shell.currentWidget.content.node
    .querySelector('.jp-WindowedPanel-outer');
  view.scrollTop = part * view.clientHeight;
}"""


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson(path: Path, jupyter: Jupyter, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: _hear(message, complaints))
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    try:
        _open(page, jupyter, path)
        _as_cloned(page)
        seconds = _run_all(page)
        _look(page)
        _photograph(page, path.stem)
        assert not complaints, "on the browser's console:\n" + "\n".join(complaints)
        print(f"{path.name}: Run All took {seconds:.1f} s")
        assert seconds < RUN_ALL_SECONDS, f"Run All took {seconds:.1f} s"
    finally:
        _shut_down_kernel(page)
        context.close()


def _hear(message: ConsoleMessage, complaints: list[str]) -> None:
    text = f"{message.text} ({message.location.get('url', '')})"
    if message.type == "error" and not any(noise.search(text) for noise in NOISE):
        complaints.append(text)


def _open(page: Page, jupyter: Jupyter, path: Path) -> None:
    page.goto(f"{jupyter.url}/lab/tree/notebooks/{path.name}?reset&token={jupyter.token}")
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext")
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.ready; }")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status"
        " === 'idle'",
        timeout=PATIENCE_SECONDS * 1000,
    )
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def _as_cloned(page: Page) -> None:
    """Before anything ran, in an untrusted notebook, the stored pictures are there."""
    _pictures_are_described(page)


def _run_all(page: Page) -> float:
    # The stored counts must not pass for ours.
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    start = time.monotonic()
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:restart-run-all'); }")
    try:
        page.wait_for_function(FINISHED, timeout=PATIENCE_SECONDS * 1000, polling=50)
    finally:
        seconds = time.monotonic() - start
        failed = [
            f"cell {cell['at']}: {error}"
            for cell in page.evaluate(CELLS)
            for error in cell["errors"]
            if "raises-exception" not in cell["tags"]
        ]
        assert not failed, "\n".join(failed)
    return seconds


def _look(page: Page) -> None:
    page.wait_for_timeout(500)  # widgets draw themselves after the kernel is idle
    cells = [cell for cell in page.evaluate(CELLS) if cell["type"] == "code"]
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
        _set_theme(page, theme)
        parts = _fit(page, width)
        for part in range(parts):
            page.evaluate(SCROLL, part)
            page.wait_for_timeout(300)
            path = folder / (f"{view}.png" if parts == 1 else f"{view}-{part + 1}.png")
            page.screenshot(path=path)
            _slice(path)
    _set_theme(page, "light")


def _slice(path: Path) -> None:
    """Cuts a tall picture into ones that can be read without zooming."""
    folder = path.with_suffix("")
    folder.mkdir()
    with Image.open(path) as picture:
        for number, top in enumerate(range(0, picture.height, SLICE_HEIGHT), 1):
            bottom = min(top + SLICE_HEIGHT, picture.height)
            picture.crop((0, top, picture.width, bottom)).save(folder / f"{number:02}.png")


def _set_theme(page: Page, theme: str) -> None:
    wanted = f"JupyterLab {theme.title()}"
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", wanted
    )
    page.wait_for_function(
        "theme => document.body.dataset.jpThemeName === theme"
        " && !document.getElementById('jp-splash-theme')",
        arg=wanted,
    )
    page.wait_for_timeout(300)  # the theme's style sheet and its fade


def _fit(page: Page, width: int) -> int:
    """Makes the window as tall as the lesson, and says in how many windows all of it is seen."""
    height = 1000
    for _ in range(3):  # text wraps anew when the scroll bar goes
        page.set_viewport_size({"width": width, "height": min(height, TALLEST_PICTURE)})
        page.wait_for_timeout(300)
        frame, content = page.evaluate(FRAME_AND_CONTENT)
        height = frame + content
    return max(1, math.ceil(content / (min(height, TALLEST_PICTURE) - frame)))


def _shut_down_kernel(page: Page) -> None:
    page.evaluate("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.shutdown()")
