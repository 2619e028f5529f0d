"""The web edition: puts lessons and pages together and lets Sphinx build them.

    python docs/web/assemble.py [--output build/web]

What the pages show is what is stored in the notebooks: nothing is executed here. Links out of the
pages (to a test, say) lead to the repository.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
COURSE = json.loads((ROOT / "helpers/practice/course.json").read_text(encoding="utf-8"))
PAGES = ("docs/glossary.md", "docs/fidelity.md", "docs/own_account.md")
# A link, with what stands before it and where it leads: in Markdown, beside code, which may look
# like one; and in an output's HTML.
OWN = r"(?P<to>(?!https?:|mailto:|#)[^)\"\s]+)"
LINKS = {
    ".md": re.compile(rf"(?P<code>```.*?```|`[^`\n]*`)|(?P<before>\]\(){OWN}", re.DOTALL),
    ".html": re.compile(rf"(?P<code>(?!))|(?P<before>href=\"){OWN}"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "web")
    parser.add_argument("--links", action="store_true", help="check links out of the pages")
    arguments = parser.parse_args()
    output: Path = arguments.output.resolve()
    shutil.rmtree(output, ignore_errors=True)
    assemble(output / "source")
    if arguments.links:
        check = [sys.executable, "-m", "sphinx", "-q", "-b", "linkcheck"]
        return subprocess.run([*check, output / "source", output / "links"], check=False).returncode
    # -W: a warning is an error, --keep-going: but all of them are shown.
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run([*sphinx, output / "source", output / "html"], check=False)
    if not done.returncode:
        print(f"The web edition is in {output / 'html'}: open index.html there.")
    return done.returncode


def assemble(source: Path) -> None:
    """Everything that Sphinx reads, in the layout of the repository, so that links hold."""
    pages = [f"notebooks/{name}" for name in notebooks()] + list(PAGES)
    (source / "notebooks").mkdir(parents=True)
    (source / "docs").mkdir()
    for page in pages:
        text = (ROOT / page).read_text(encoding="utf-8")
        if page.endswith(".ipynb"):
            text = json.dumps(lesson(json.loads(text), page, pages))
        else:
            text = relinked(text, page, pages, ".md")
        (source / page).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "docs/images", source / "docs/images")
    shutil.copytree(HERE / "_static", source / "_static")
    (source / "_static/mathjax").mkdir()
    shutil.copy(mathjax(), source / "_static/mathjax")
    for module in ("conf.py", "anchors.py"):
        shutil.copy(HERE / module, source)
    (source / "index.md").write_text(front_page(pages), encoding="utf-8")
    site = {"title": "AWS KMS, hands on", "repository": COURSE["repository"]}
    (source / "site.json").write_text(json.dumps(site), encoding="utf-8")


def mathjax() -> Path:
    """MathJax in one file, as an installed package carries it: it is too large to keep here."""
    package = distribution("sphinx-mathjax-offline")
    [file] = [file for file in package.files or [] if file.name == "tex-svg.js"]
    return Path(str(package.locate_file(file)))


def notebooks() -> list[str]:
    """The lessons that are ready, then the appendix, as names of files."""
    ready = [lesson["file"] for lesson in COURSE["lessons"] if lesson["ready"]]
    return ready + [each["file"] for each in COURSE["appendices"]]


def lesson(nb: dict[str, Any], page: str, pages: list[str]) -> dict[str, Any]:
    """A lesson with the links of its prose and of its outputs' HTML put right."""
    for cell in nb["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = relinked("".join(cell["source"]), page, pages, ".md")
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html")
            if html is not None:
                output["data"]["text/html"] = relinked("".join(html), page, pages, ".html")
    return nb


def relinked(text: str, page: str, pages: list[str], form: str) -> str:
    """``text`` of ``page``, its links to other pages kept, all others led to the repository.

    In HTML a page is named by what Sphinx makes of it; in Markdown Sphinx does that itself.
    """

    def put_right(link: re.Match[str]) -> str:
        if link["code"]:
            return link[0]
        path, mark, anchor = link["to"].partition("#")
        target = (ROOT / page).parent.joinpath(path).resolve()
        if not target.is_relative_to(ROOT) or not target.exists():
            raise SystemExit(f"{page}: a link leads to {link['to']!r}, which does not exist.")
        inside = target.relative_to(ROOT).as_posix()
        if inside.startswith("docs/images/"):
            return link[0]
        if inside in pages:
            if form == ".html":
                path = re.sub(r"\.(ipynb|md)$", ".html", path)
            return f"{link['before']}{path}{mark}{anchor}"
        kind = "tree" if target.is_dir() else "blob"
        address = f"https://github.com/{COURSE['repository']}/{kind}/main/{inside}"
        return f"{link['before']}{address}{mark}{anchor}"

    return LINKS[form].sub(put_right, text)


def front_page(pages: list[str]) -> str:
    """README's opening, then the table of contents."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    opening = readme.partition("\n## Start in 30 seconds")[0]
    opening = re.sub(r"^\[!\[.*\n", "", opening, flags=re.MULTILINE)  # badges
    lines = [relinked(opening, "README.md", pages, ".md"), ""]
    appendix = {f"notebooks/{each['file']}" for each in COURSE["appendices"]}
    parts = {
        "Lessons": [p for p in pages if p.endswith(".ipynb") and p not in appendix],
        "Appendix": [p for p in pages if p not in PAGES and p in appendix] + list(PAGES),
    }
    for caption, members in parts.items():
        names = "\n".join(re.sub(r"\.(ipynb|md)$", "", member) for member in members)
        lines += ["```{toctree}", f":caption: {caption}", ":maxdepth: 1", "", names, "```", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
