"""The web edition in Chromium: nothing is asked of another host, search and dark mode work."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT
from tests.web import edition

pytestmark = pytest.mark.browser
SCREENSHOTS = ROOT / "build" / "screenshots"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """No line a request."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    html = edition.build(tmp_path_factory.mktemp("web"))
    handler = functools.partial(Quiet, directory=str(html))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", html
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    yield context.new_page()
    context.close()


def test_no_request_to_another_host(site: tuple[str, Path], page: Page) -> None:
    address, html = site
    asked: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: asked.add(request.url))
    page.on(
        "console",
        lambda m: complaints.append(f"{m.text} {m.location}") if m.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    for path in edition.pages_in(html):
        page.goto(f"{address}/{path.relative_to(html).as_posix()}")
        page.wait_for_load_state("networkidle")
        broken = page.evaluate(
            "() => [...document.images].filter(i => !i.complete || !i.naturalWidth || !i.alt)"
            ".map(i => i.outerHTML.slice(0, 80))"
        )
        assert broken == [], path.name
    assert len(asked) > 20
    assert {url for url in asked if not url.startswith((address, "data:"))} == set()
    assert complaints == []


def test_search_finds_a_lesson(site: tuple[str, Path], page: Page) -> None:
    page.goto(f"{site[0]}/search.html?q=multipart")
    found = page.locator("#search-results a[href*='06_sse_kms_for_s3']").first
    expect(found).to_be_visible(timeout=15_000)


def test_formulas_are_set_by_our_own_copy_of_mathjax(
    site: tuple[str, Path], page: Page, tmp_path: Path
) -> None:
    """No lesson needs it today: so on a page of its own."""
    address, html = site
    script = "_static/mathjax/tex-svg.js"
    (html / "formula.html").write_text(
        f'<!doctype html><title>f</title><script src="{script}"></script><p>\\(x^2\\)</p>'
    )
    page.goto(f"{address}/formula.html")
    expect(page.locator("mjx-container svg")).to_be_visible(timeout=15_000)
    (html / "formula.html").unlink()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 480])
def test_it_can_be_read(site: tuple[str, Path], browser: Browser, scheme: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{site[0]}/notebooks/06_sse_kms_for_s3.html#Quiz")
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    page.wait_for_timeout(500)
    # The anchor of JupyterLab's form led to the quiz.
    assert page.evaluate("window.scrollY") > 1000
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"web-{width}-{scheme}.png")
    # The page itself does not scroll sideways.
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    faint = page.evaluate(CONTRAST)
    assert faint == []
    context.close()


# Text of the quiz whose contrast with its ground is less than 4.5 (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('.cell_output summary, .cell_output p, .cell_output code')]
    .filter(node => node.offsetParent)
    .map(node => {
      const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.innerText.slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""
