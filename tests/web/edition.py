"""Builds the web edition once for a run of tests, and reads its pages."""

import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "docs" / "bin" / "python"


def build(output: Path) -> Path:
    """The folder of pages. A warning of Sphinx fails the build, and so the test."""
    command = [PYTHON, ROOT / "docs/web/assemble.py", "--output", output]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return output / "html"


def pages_in(html: Path) -> list[Path]:
    """The pages; a theme keeps templates of its own among its static files."""
    return sorted(path for path in html.rglob("*.html") if "_static" not in path.parts)


class Page(HTMLParser):
    """What a page names: ``ids``, ``links`` (of ``a``), ``pictures`` and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for every tag of the page."""
        named = dict(attrs)
        self.tags.append(tag)
        self.ids |= {value for key, value in attrs if key == "id" and value}
        if tag == "a" and named.get("href"):
            self.links.append(str(named["href"]))
        if tag == "img":
            self.pictures.append(named)
        if tag in ("script", "img", "iframe") and named.get("src"):
            self.loads.append(str(named["src"]))
        if tag == "link" and "canonical" not in str(named.get("rel")) and named.get("href"):
            self.loads.append(str(named["href"]))


def broken_links(pages: dict[Path, Page]) -> Iterator[str]:
    """Links within the edition that lead to no page, or to no place on it."""
    for page in pages.values():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            if target not in pages and not target.is_file():
                yield f"{page.path.name}: {link} leads to no file"
            elif parts.fragment and target in pages:
                names = {parts.fragment, unquote(parts.fragment)}
                if not names & pages[target].ids and not link.startswith("#"):
                    yield f"{page.path.name}: {link} leads to no place on {target.name}"
