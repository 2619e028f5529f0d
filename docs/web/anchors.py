"""A Sphinx extension: headings can be reached as in JupyterLab, where the lessons' links lead."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def slug(title: str) -> str:
    """JupyterLab's form of a heading in a link: hyphens for spaces, capitals kept."""
    return title.strip().replace(" ", "-")


def add_anchors(app: Sphinx, doctree: nodes.document) -> None:
    """Each section gets its second name, which the links inside outputs need."""
    seen = {name for section in doctree.findall(nodes.section) for name in section["ids"]}
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        name = slug(title.astext()) if title else ""
        if name and name not in seen:
            section["ids"].append(name)
            seen.add(name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.connect("doctree-read", add_anchors)
    return {"parallel_read_safe": True}
