"""Gives each cell that has none its place in the slides: ``make slides`` does this first.

A section is a slide, and goes on below where it is longer than a screen. Set-up, exercises, the
quiz and the sources are for the lesson itself and are left out. What a cell's metadata says already
stays: a teacher may move things in JupyterLab's property inspector ("Slide Type").
"""

import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = re.compile(
    r"^(Set up|Exercise\b.*|Quiz|What this (would )?costs?.*|Further reading)$", re.IGNORECASE
)
# In pixels, as course.css has them, about.
SCREEN, PICTURE, PROSE_LINE, CODE_LINE, ROW, BETWEEN = 740, 560, 34, 23, 42, 12
LETTERS_A_LINE = 95


def mark(nb: NotebookNode) -> None:
    """Write ``slideshow.slide_type`` into every cell without one."""
    left_out, filled = 0, 0  # the level of a heading that is left out; pixels on this screen
    for cell in nb.cells:
        heading = re.match(r"(#+) (.+)", cell.source) if cell.cell_type == "markdown" else None
        level = len(heading[1]) if heading else 0
        if heading and (not left_out or level <= left_out):
            left_out = level if LEFT_OUT.match(heading[2].strip()) else 0
        size = _height(cell)
        if left_out:
            kind = "skip"
        elif 0 < level <= 2:
            kind, filled = "slide", size
        elif level or filled + size > SCREEN:
            kind, filled = "subslide", size
        else:
            kind, filled = "-", filled + size
        cell.metadata.setdefault("slideshow", {}).setdefault("slide_type", kind)


def _height(cell: NotebookNode) -> int:
    """How much of a screen a cell takes."""
    if cell.cell_type == "markdown":
        lines = [1 + len(line) // LETTERS_A_LINE for line in cell.source.splitlines() if line]
        return sum(lines) * PROSE_LINE + cell.source.count("\n\n") * BETWEEN
    height = (1 + cell.source.count("\n")) * CODE_LINE + BETWEEN
    for output in cell.outputs:
        html = "".join(output.get("data", {}).get("text/html", ""))
        if "<img" in html or "image/png" in output.get("data", {}):
            height += PICTURE
        elif html:
            height += ROW * (1 + html.count("<tr") + html.count("<li") + html.count("<p"))
        else:
            text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
            height += (1 + "".join(text).count("\n")) * CODE_LINE
        height += BETWEEN
    return height


def main(paths: list[str]) -> int:
    """Mark these lessons, or all."""
    for path in map(Path, paths or sorted((ROOT / "notebooks").glob("*.ipynb"))):
        nb = nbformat.read(path, as_version=4)
        mark(nb)
        path.write_text(nbformat.writes(nb).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
