"""The slides in Chromium, from files, without a network: every slide can be read."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from classroom.slides import build, mark
from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser
SCREENSHOTS = ROOT / "build" / "screenshots"
CURRENT = """() => {
  const slide = Reveal.getCurrentSlide();
  return {letters: slide.innerText.trim().length, pictures: slide.querySelectorAll('img').length,
          hidden: slide.scrollWidth - slide.clientWidth,
          below: slide.scrollHeight - slide.clientHeight};
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("slides") / "slides"
    build.build(output)
    return output


@pytest.mark.parametrize(
    "lesson", sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")), ids=lambda path: path.stem
)
def test_every_slide_shows_something(folder: Path, browser: Browser, lesson: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.goto((folder / f"{lesson.stem}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    count = page.evaluate("Reveal.getTotalSlides()")
    assert count > 5
    long = 0
    for number in range(count):
        now = page.evaluate(CURRENT)
        assert now["letters"] or now["pictures"], f"slide {number + 1} is empty"
        long += now["below"] > 2
        if number in (0, count // 2):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"slides-{lesson.stem}-{number + 1}.png")
        page.evaluate("Reveal.next()")
    assert page.evaluate("Reveal.isLastSlide()")
    assert long <= count / 5, f"{long} of {count} slides are longer than the screen"
    assert complaints == []
    assert {url for url in asked if not url.startswith(("file:", "data:"))} == set()
    context.close()


def test_a_lesson_without_marks_is_noticed() -> None:
    assert mark.LEFT_OUT.match("Exercise: a policy for one reader")
    assert not mark.LEFT_OUT.match("One put, one get")
