"""A quiz and a practice exam in JupyterLab, by keyboard alone, in a notebook made for it.

Pictures go to ``build/screenshots/practice``.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from helpers.practice import bank
from tests.browser import driving
from tests.browser import test_lessons as lessons
from tests.browser.conftest import Jupyter
from tests.notebooks import write

pytestmark = pytest.mark.browser

CELLS = [
    "from helpers import practice",
    'practice.quiz("00")',
    'practice.exam("SCS-C03", questions=3, minutes=5, seed=1)',
    "practice.progress()",
]
MANY_KEYS = 60
# Words that run out of sight. A picture scrolls in a box of its own.
WIDER_THAN_ITS_PLACE = """box => Array.from(box.querySelectorAll('p, li, summary, label'))
  .filter(node => node.getBoundingClientRect().width
    && node.getBoundingClientRect().right > box.getBoundingClientRect().right + 1)
  .map(node => node.innerText)"""


@pytest.fixture(scope="module")
def notebook(jupyter: Jupyter) -> Path:
    """The notebook as cloned: run once, stored without widgets, untrusted."""
    path = jupyter.folder / "notebooks" / "practice.ipynb"
    nb = nbformat.v4.new_notebook()
    nb.cells.append(nbformat.v4.new_markdown_cell("# Practice\n\n## Quiz"))
    nb.cells += [nbformat.v4.new_code_cell(source) for source in CELLS]
    write.run(nb, path.parent)
    path.write_text(write.dumps(write.canonical(nb)), encoding="utf-8")
    return path


@pytest.fixture
def page(jupyter: Jupyter, browser: Browser, notebook: Path) -> Iterator[Page]:
    """The notebook, open in JupyterLab; nothing may be complained about on the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: lessons._hear(message, complaints))
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    try:
        driving.open_lesson(page, jupyter, notebook)
        yield page
        assert not complaints, "on the browser's console:\n" + "\n".join(complaints)
    finally:
        page.evaluate(driving.SHUT_DOWN)
        context.close()


def test_as_cloned_every_option_opens_and_says_why(page: Page) -> None:
    question = bank.of_lesson("00")[0]
    cell = page.locator(".jp-CodeCell").nth(1)
    option = cell.locator("details").first
    assert option.locator("summary").inner_text() == f"A. {question.options[0].text}"
    reason = option.locator("p")
    expect(reason).to_be_hidden()
    option.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(reason).to_be_visible()
    expect(reason).to_contain_text(question.options[0].why[:40])
    assert page.locator(".kms-practice").count() == 0  # no widget without a kernel
    lessons._photograph(page, "practice-as-cloned")


def test_a_quiz_by_keyboard_alone_and_again_after_a_restart(page: Page, jupyter: Jupyter) -> None:
    driving.run_all(page)
    lessons._look(page)
    lessons._photograph(page, "practice-live")
    quiz = page.locator(".jp-CodeCell").nth(1).locator(".kms-practice")
    question = bank.of_lesson("00")[0]
    expect(quiz.get_by_role("status")).to_have_text("Score: 0 of 8 questions answered right.")

    # From the cell's editor on, Tab and Space only.
    quiz.locator("xpath=ancestor::div[contains(@class,'jp-CodeCell')]").locator(
        ".cm-content"
    ).focus()
    page.keyboard.press("Escape")
    wrong = next(option for option in question.options if option.id not in question.right)
    right = next(option for option in question.options if option.id in question.right)

    _tab_to(page, quiz.get_by_role("checkbox", name=wrong.text, exact=True))
    page.keyboard.press("Space")
    _tab_to(page, quiz.get_by_role("button", name="Check").first)
    page.keyboard.press("Enter")
    said = quiz.get_by_role("alert").first
    expect(said).to_have_text("✗ Not right. Look below, and try again.")
    expect(quiz.locator(".kms-why").first).to_contain_text(wrong.why[:30])
    expect(quiz.get_by_role("status")).to_have_text("Score: 0 of 8 questions answered right.")
    page.screenshot(path=_picture("wrong"))

    _tab_to(page, quiz.get_by_role("checkbox", name=right.text, exact=True), back=True)
    page.keyboard.press("Space")
    expect(quiz.get_by_role("checkbox", name=wrong.text, exact=True)).not_to_be_checked()
    _tab_to(page, quiz.get_by_role("button", name="Check").first)
    page.keyboard.press("Space")
    expect(said).to_have_text("✓ Right.")
    expect(quiz.get_by_role("status")).to_have_text("Score: 1 of 8 questions answered right.")
    page.screenshot(path=_picture("right"))
    lessons._photograph(page, "practice-answered")

    stored = json.loads(jupyter.progress.read_text())["recorded"]["question"]
    assert stored == {question.id: {"passed": True, "once_passed": True}}

    driving.run_all(page)  # restarts the kernel
    page.wait_for_timeout(500)
    expect(quiz.get_by_role("status")).to_have_text("Score: 1 of 8 questions answered right.")
    expect(quiz.locator(".kms-before")).to_have_count(1)
    alt = page.locator(".jp-CodeCell").nth(3).locator("img").get_attribute("alt")
    assert "1 of 8 questions" in (alt or "")


def test_order_and_matches_by_keyboard(page: Page, jupyter: Jupyter) -> None:
    driving.run_all(page)
    quiz = page.locator(".jp-CodeCell").nth(1).locator(".kms-practice")
    numbers = {question.kind: n for n, question in enumerate(bank.of_lesson("00"))}
    for kind in ("ordering", "matching"):
        question = bank.of_lesson("00")[numbers[kind]]
        for option in question.options:
            field = quiz.get_by_label(option.text.replace("`", ""), exact=True)
            if option is question.options[0]:
                field.focus()
            _tab_to(page, field)
            if kind == "ordering":
                times = question.right.index(option.id) + 1
            else:
                times = list(question.matches).index(question.right[option.id]) + 1
            for _ in range(times):
                page.keyboard.press("ArrowUp")
        page.screenshot(path=_picture(kind))
        check = quiz.get_by_role("button", name="Check").nth(numbers[kind])
        _tab_to(page, check)
        page.keyboard.press("Enter")
        expect(quiz.get_by_role("alert").filter(has_text="Right.").first).to_be_visible()
        page.wait_for_timeout(300)
        stored = json.loads(jupyter.progress.read_text())["recorded"]["question"]
        assert stored[question.id]["passed"] is True


def test_an_exam_from_start_to_result(page: Page, jupyter: Jupyter) -> None:
    driving.run_all(page)
    exam = page.locator(".jp-CodeCell").nth(2).locator(".kms-practice")
    exam.scroll_into_view_if_needed()
    start = exam.get_by_role("button", name="Start")
    start.focus()
    page.keyboard.press("Enter")
    expect(exam.get_by_text("Question 1 of 3.")).to_be_visible()
    page.screenshot(path=_picture("exam"))

    # The same button, which keeps the focus: pause, and go on.
    page.keyboard.press("Enter")
    expect(exam.get_by_text("Question 1 of 3.")).to_have_count(0)  # a pause is no time to think
    expect(exam.get_by_role("button", name="Go on")).to_be_focused()
    page.keyboard.press("Enter")
    expect(exam.get_by_text("Question 1 of 3.")).to_be_visible()

    clock = exam.get_by_role("timer")
    before = clock.inner_text()
    page.wait_for_timeout(6000)
    assert clock.inner_text() != before  # it goes without anyone pressing a button

    exam.get_by_role("button", name="Finish").focus()
    page.keyboard.press("Enter")
    expect(exam.get_by_role("alert")).to_contain_text("3 not answered yet")
    page.keyboard.press("Enter")
    expect(exam.get_by_role("alert")).to_contain_text("SCS-C03: 0 of 3 right (0%)")
    expect(exam.locator("img")).to_have_attribute("alt", re.compile("Result of a practice exam"))
    lessons._photograph(page, "practice-exam-result")
    page.set_viewport_size({"width": 480, "height": 1000})
    assert exam.evaluate(WIDER_THAN_ITS_PLACE) == []
    page.set_viewport_size({"width": 1280, "height": 1000})
    review = exam.locator("details").first
    review.locator("summary").first.focus()
    page.keyboard.press("Enter")
    link = review.get_by_role("link").first
    expect(link).to_be_visible()
    with page.context.expect_page() as opened:
        link.focus()
        page.keyboard.press("Enter")
    lesson = opened.value
    lesson.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context?.path")
    where = lesson.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    assert re.match(r"notebooks/\d\d_", where)
    lesson.close()


def test_a_paused_exam_goes_on_after_a_restart(page: Page) -> None:
    driving.run_all(page)
    exam = page.locator(".jp-CodeCell").nth(2).locator(".kms-practice")
    exam.get_by_role("button", name="Start").focus()
    page.keyboard.press("Enter")
    expect(exam.get_by_text("Question 1 of 3.")).to_be_visible()
    mark = exam.get_by_role("checkbox", name="Look at this one again")
    mark.focus()
    page.keyboard.press("Space")
    expect(exam.get_by_role("status")).to_contain_text("to look at again: 1")
    exam.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(exam.get_by_role("alert")).to_contain_text("The clock stands")

    driving.run_all(page)  # restarts the kernel
    expect(exam.get_by_role("status")).to_contain_text("Paused: SCS-C03 of")
    page.screenshot(path=_picture("paused"))
    resume = exam.get_by_role("button", name="Go on with the paused one")
    resume.focus()
    page.keyboard.press("Enter")
    expect(exam.get_by_text("Question 1 of 3.")).to_be_visible()
    expect(mark).to_be_checked()
    expect(resume).to_have_count(0)
    page.screenshot(path=_picture("resumed"))
    exam.get_by_role("button", name="Finish").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(exam.get_by_role("alert")).to_contain_text("of 3 right")


def _tab_to(page: Page, wanted: Locator, back: bool = False) -> None:
    """Presses Tab until ``wanted`` has the focus: a keyboard reaches it."""
    for _ in range(MANY_KEYS):
        if _has_focus(wanted):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def _has_focus(wanted: Locator) -> bool:
    return bool(wanted.evaluate("node => node === document.activeElement"))


def _picture(name: str) -> Path:
    folder = lessons.SCREENSHOTS / "practice"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"
