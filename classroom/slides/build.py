"""Slides of every lesson, offline: ``make slides``, then open build/slides/index.html.

What a slide shows is the lesson's cells and stored outputs; which cells, and where a slide begins,
is in the cells' metadata (see mark.py).
"""

import html
import json
import shutil
import sys
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def main() -> int:
    output = ROOT / "build" / "slides"
    shutil.rmtree(output, ignore_errors=True)
    names = build(output)
    print(
        f"Slides of {len(names)} lessons: open {output / 'index.html'}. S shows a teacher's notes."
    )
    return 0


def build(output: Path) -> list[str]:
    """Write the pages into ``output``; the lessons' names."""
    output.mkdir(parents=True)
    shutil.copytree(HERE / "vendor", output / "vendor")
    theme = output / "vendor/reveal.js/dist/theme"
    theme.mkdir()
    shutil.copy(HERE / "course.css", theme / "course.css")
    exporter = SlidesExporter(
        template_name="course",
        extra_template_basedirs=[str(HERE / "templates")],
        reveal_url_prefix="vendor/reveal.js",
        reveal_theme="course",
        embed_images=True,
    )
    links = []
    course = json.loads((ROOT / "helpers/practice/course.json").read_text(encoding="utf-8"))
    lessons = [lesson for lesson in course["lessons"] if lesson["ready"]]
    for lesson in lessons:
        nb = nbformat.read(ROOT / "notebooks" / lesson["file"], as_version=4)
        nb.metadata["title"] = lesson["title"]
        page, _ = exporter.from_notebook_node(nb)
        name = f"{Path(lesson['file']).stem}.html"
        # From lesson to lesson, slides lead to slides.
        for other in lessons:
            page = page.replace(f'href="{other["file"]}', f'href="{Path(other["file"]).stem}.html')
        (output / name).write_text(page, encoding="utf-8")
        title = html.escape(f"{lesson['number']} {lesson['title']}")
        links.append(f'<li><a href="{name}">{title}</a> ({lesson["minutes"]} minutes)</li>')
    (output / "index.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Slides: AWS KMS</title>'
        '<body style="font: 20px/1.6 system-ui, sans-serif; margin: 2em auto; max-width: 40em">'
        f"<h1>AWS KMS, hands on: slides</h1><ol style='list-style: none'>{''.join(links)}</ol>\n",
        encoding="utf-8",
    )
    return [lesson["file"] for lesson in lessons]


if __name__ == "__main__":
    sys.exit(main())
