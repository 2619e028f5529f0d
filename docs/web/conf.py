"""Sphinx: the lessons as web pages, from their stored outputs. Used by ``assemble.py``."""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent  # build/web/source, where assemble.py puts everything
_SITE = json.loads((HERE / "site.json").read_text(encoding="utf-8"))

project = _SITE["title"]
author = "The authors of the course"
copyright = "the authors. Prose CC BY 4.0, code MIT"
language = "en"

sys.path.insert(0, str(HERE))
extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx_copybutton", "anchors"]
root_doc = "index"
exclude_patterns = ["_build"]

# The outputs are those that the tests compare. Nothing runs here.
nb_execution_mode = "off"
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4
myst_heading_slug_func = "anchors.slug"

# Lines of code that can be copied, without the prompts of a shell.
copybutton_selector = "div.cell_input pre, div.highlight pre"

# Only on pages that have formulas, and from this site, never from another.
mathjax_path = "mathjax/tex-svg.js"

html_theme = "sphinx_book_theme"
html_title = _SITE["title"]
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_favicon = "_static/key.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system says
html_copy_source = False
html_show_sourcelink = False
html_last_updated_fmt = None
# GitHub Actions says which repository builds; elsewhere course.json does.
REPOSITORY = os.environ.get("GITHUB_REPOSITORY") or _SITE["repository"]
html_theme_options = {
    "repository_url": f"https://github.com/{REPOSITORY}",
    "repository_branch": "main",
    "use_repository_button": True,
    "use_issues_button": True,
    "use_download_button": False,
    "path_to_docs": "",
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "notebook_interface": "jupyterlab",
    },
    "navbar_persistent": [],  # one search box is enough
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "home_page_in_toc": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
