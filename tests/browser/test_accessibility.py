"""A check that can't fail proves nothing. The lessons themselves are looked at in test_lessons."""

import pytest
from playwright.sync_api import Browser

from tests.browser import axe
from tests.browser.conftest import Jupyter

pytestmark = pytest.mark.browser


def test_axe_finds_what_it_should(jupyter: Jupyter, browser: Browser) -> None:
    """A check that can't fail proves nothing: pale text and a nameless button are found."""
    context = browser.new_context()
    page = context.new_page()
    try:
        page.set_content(
            '<main><div class="jp-OutputArea-output" style="background:#fff">'
            '<p style="color:#bbb">pale</p><button></button><img src="data:,"></div></main>'
        )
        page.evaluate(axe.AXE)
        assert {fault["id"] for fault in axe.faults(page)[0]} == {
            "button-name",
            "color-contrast",
            "image-alt",
        }
    finally:
        context.close()
