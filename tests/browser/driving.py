"""Opening a lesson in JupyterLab and running it, for all tests in this folder."""

import math
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Jupyter

PATIENCE_SECONDS = 60  # how long we look on before we give up
TALLEST_WINDOW = 16_000  # Chromium draws no taller pictures

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
SHUT_DOWN = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.shutdown()"

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


def open_lesson(page: Page, jupyter: Jupyter, path: Path) -> None:
    """Open the lesson and wait for its kernel."""
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


def run_all(page: Page) -> float:
    """Restart the kernel, run all cells, and return the seconds it took."""
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


def set_theme(page: Page, theme: str) -> None:
    """JupyterLab's "light" or "dark" theme."""
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


def fit(page: Page, width: int) -> int:
    """Makes the window as tall as the lesson, and says in how many windows all of it is seen."""
    height = 1000
    for _ in range(3):  # text wraps anew when the scroll bar goes
        page.set_viewport_size({"width": width, "height": min(height, TALLEST_WINDOW)})
        page.wait_for_timeout(300)
        frame, content = page.evaluate(FRAME_AND_CONTENT)
        height = frame + content
    return max(1, math.ceil(content / (min(height, TALLEST_WINDOW) - frame)))


def scroll(page: Page, part: int) -> None:
    """Show one of the windows that ``fit`` counted."""
    page.evaluate(SCROLL, part)
    page.wait_for_timeout(300)
