"""axe-core over a lesson as it stands after Run All: no serious fault in what is ours.

Ours is the text, the outputs and the widgets; the rest of the page is JupyterLab's.
"""

import json
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

from tests.browser import driving

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}
OURS = [".jp-RenderedMarkdown", ".jp-OutputArea-output"]
# JupyterLab's style underlines no links, and a lesson can't bring a style of its own.
NOT_OUR_RULES = {"link-in-text-block"}
# Markers that JupyterLab puts beside headings, and its colours for code.
NOT_OURS = [".jp-InternalAnchorLink", ".jp-RenderedMarkdown pre span"]
RUN_AXE = """async ([ours, notOurs]) => {
  const found = await axe.run(
    {include: ours.map(one => [one]), exclude: notOurs.map(one => [one])},
    {resultTypes: ['violations', 'passes']});
  const told = node => node.html.slice(0, 160) + '  ' + (node.any[0]?.message || '');
  return {
    faults: found.violations.map(({id, impact, help, nodes}) => (
      {id, impact, help, nodes: nodes.map(told)})),
    contrasts: found.passes.find(({id}) => id === 'color-contrast')?.nodes.length ?? 0,
  };
}"""
# What takes part in keyboard use, and the name that a screen reader says of it.
NAMELESS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.node
  .querySelectorAll(
    '.jp-OutputArea-output :is(button, input, select, textarea, summary, [tabindex])'))
  .filter(part => !(part.labels?.length || part.getAttribute('aria-label')
    || part.getAttribute('aria-labelledby') || part.textContent.trim()))
  .map(part => part.outerHTML.slice(0, 160))"""
# Links, buttons and inputs that Tab does not reach.
UNREACHABLE = """() => Array.from(window.jupyterapp.shell.currentWidget.content.node
  .querySelectorAll('.jp-OutputArea-output :is(button, input, select, textarea, summary)'))
  .filter(part => part.tabIndex < 0 || part.disabled)
  .map(part => part.outerHTML.slice(0, 160))"""


def check(page: Page) -> None:
    """Fails with axe's words on a serious fault, in either theme. Leaves the light theme."""
    page.evaluate(AXE)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    # JupyterLab's body has no height of its own, and axe takes what overflows it for hidden.
    page.add_style_tag(content="body { height: 100vh }")
    try:
        for theme in ("light", "dark"):
            driving.set_theme(page, theme)
            looked_at = 0
            # axe measures the contrast of what is in view.
            for part in range(driving.fit(page, 1280)):
                driving.scroll(page, part)
                serious, contrasts = faults(page)
                assert not serious, f"in the {theme} theme: {json.dumps(serious, indent=1)}"
                looked_at += contrasts
            assert looked_at > 50, "axe did not look at the text"
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(UNREACHABLE) == []
    finally:
        driving.set_theme(page, "light")


def faults(page: Page) -> tuple[list[dict[str, Any]], int]:
    """The serious faults, and of how many texts the contrast was good."""
    there = [part for part in OURS if page.locator(part).count()]
    found = page.evaluate(RUN_AXE, [there, NOT_OURS])
    serious = [
        fault
        for fault in found["faults"]
        if fault["impact"] in SERIOUS and fault["id"] not in NOT_OUR_RULES
    ]
    return serious, found["contrasts"]
