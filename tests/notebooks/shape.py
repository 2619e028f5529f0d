"""The rules a stored lesson keeps. Each rule yields what is wrong, in words for the author.

``test_shape.py`` asks every rule about every lesson; ``test_shape_rules.py`` shows that
each rule notices what it is for.
"""

import ast
import html
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode

from helpers import practice
from tests.notebooks import markdown, write

ALLOWED_PACKAGES = {
    "boto3",
    "botocore",
    "cryptography",
    "matplotlib",
    "requests",  # a presigned URL is used by plain HTTP
    "tink",  # Google's envelope encryption; lessons run without it too
    *sys.stdlib_module_names,
}
ALLOWED_HELPERS = {"envelope", "figures", "lab", "practice"}
# "Needs" and the rest are looked up by these names in the table at the top of a lesson.
FACTS = ("Minutes", "Needs", "Exam objectives")
LONGEST_LESSON_MINUTES = 60
# The one lesson that may take longer: the capstone, by its number in course.json.
CAPSTONE, CAPSTONE_MINUTES = "11", 85
LARGEST_OUTPUT_BYTES = 300_000
LARGEST_FILE_BYTES = 1_500_000
SHORTEST_ALT = 15  # letters; less is a label, not a description

UNWANTED_WORDS = {
    re.compile(r"\bsimply\b", re.IGNORECASE): "'simply': it is not simple to everyone",
    re.compile(r"\bTODO\b"): "'TODO': do it or open an issue",
    re.compile(r"\bCMKs?\b", re.IGNORECASE): "'CMK': AWS says 'KMS key' now",
}
QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|`[^`\n]*`|^>.*$", re.MULTILINE)
CODE = re.compile(r"^(`{3,}).*?^\1`*$|(`+)(?!`).+?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
MACHINE_TRACES = {
    re.compile(r"(?<![\w.:/-])/(home|root|Users|tmp|var|usr|opt|private|mnt|work)/\w"): "a path",
    re.compile(r"\b[A-Z]:\\\w"): "a path",
    re.compile(r"\bat 0x[0-9a-fA-F]{6,}|\b0x(7f|55|56)[0-9a-f]{10}\b"): "a memory address",
    re.compile(r"\bpid[ =:]+\d+|\bipykernel_\d+", re.IGNORECASE): "a process id",
}
PIXELS = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=]+")
IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class Lesson(NamedTuple):
    """A stored lesson: its file, the file's text, and the notebook in it."""

    path: Path
    text: str
    nb: NotebookNode

    @property
    def code(self) -> list[tuple[int, NotebookNode]]:
        """The code cells with their place in the notebook, from 1."""
        return [(i, c) for i, c in enumerate(self.nb.cells, 1) if c.cell_type == "code"]

    @property
    def prose(self) -> list[markdown.Token]:
        """The Markdown of all cells as one flow."""
        cells = (c for c in self.nb.cells if c.cell_type == "markdown")
        return [token for cell in cells for token in markdown.parse(cell.source)]


Rule = Callable[[Lesson], Iterable[str]]


def read(path: Path) -> Lesson:
    """The lesson stored at ``path``, as it is: not upgraded to a newer format."""
    text = path.read_text(encoding="utf-8")
    return Lesson(path, text, nbformat.reads(text, as_version=nbformat.NO_CONVERT))


def valid(lesson: Lesson) -> Iterator[str]:
    """A notebook of format 4.5 or later, which is the first with cell ids."""
    if (lesson.nb.nbformat, lesson.nb.nbformat_minor) < (4, 5):
        yield f"format {lesson.nb.nbformat}.{lesson.nb.nbformat_minor}, not 4.5"
    try:
        nbformat.validate(lesson.nb)
    except nbformat.ValidationError as error:
        yield str(error)


def canonical(lesson: Lesson) -> Iterator[str]:
    """Stored by ``make notebooks``, not by an editor."""
    if lesson.text != write.dumps(write.canonical(lesson.nb)):
        yield "not in canonical form: run make notebooks"


def executed(lesson: Lesson) -> Iterator[str]:
    """Every code cell ran, in order, in a fresh kernel. nbval skips cells that did not run."""
    for number, (i, cell) in enumerate(lesson.code, 1):
        if cell.execution_count != number:
            yield f"cell {i}: execution_count is {cell.execution_count}, not {number}"


def outputs_stored(lesson: Lesson) -> Iterator[str]:
    """A cell that surely shows something has it stored: readers on GitHub have no kernel."""
    for i, cell in lesson.code:
        if not cell.outputs and _shows(_tree(cell)):
            yield f"cell {i}: shows something, but no output is stored"


def no_stray_errors(lesson: Lesson) -> Iterator[str]:
    """Errors are content, warnings are not."""
    for i, cell in lesson.code:
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in _tags(cell):
                yield f"cell {i}: stored error {output.ename} without the tag raises-exception"
            if output.output_type == "stream" and output.name == "stderr":
                yield f"cell {i}: writes to stderr: {output.text[:80]!r}"


def one_title(lesson: Lesson) -> Iterator[str]:
    """One H1, at the very top, and no heading skips a level."""
    found = markdown.headings(lesson.prose)
    levels = [level for level, _ in found]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of level 1, not one"
    first = lesson.nb.cells[0] if lesson.nb.cells else None
    if not first or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell does not begin with the title"
    for above, (level, title) in zip([0, *levels], found, strict=False):
        if level > above + 1:
            yield f"heading {title!r} skips from level {above} to {level}"


def opening(lesson: Lesson) -> Iterator[str]:
    """Promise, facts and numbered objectives, all before the first code cell."""
    cells = lesson.nb.cells
    code_at = next((i for i, c in enumerate(cells) if c.cell_type == "code"), len(cells))
    tokens = [token for c in cells[:code_at] for token in markdown.parse(c.source)]
    promise = tokens[1] if len(tokens) > 1 else None
    if not promise or promise["type"] != "paragraph" or len(markdown.plain(promise)) > 250:
        yield "no promise of one line under the title"
    tables = [markdown.table(token) for token in tokens if token["type"] == "table"]
    facts = next((table for table in tables if FACTS[0] in table), {})
    for name in FACTS:
        if not facts.get(name):
            yield f"no {name!r} in a table before the first code cell"
    minutes, most = re.findall(r"\d+", facts.get("Minutes", "")), most_minutes(lesson)
    if not minutes or max(map(int, minutes)) > most:
        yield f"Minutes says no number up to {most}"
    numbered = [t for t in tokens if t["type"] == "list" and t["attrs"]["ordered"]]
    if not any(len(t["children"]) >= 2 for t in numbered):
        yield "no numbered objectives before the first code cell"


def most_minutes(lesson: Lesson) -> int:
    """How long the lesson may take. Which lesson a file is, course.json says."""
    numbers = {each["file"]: each["number"] for each in practice.lessons()}
    if numbers.get(lesson.path.name) == CAPSTONE:
        return CAPSTONE_MINUTES
    return LONGEST_LESSON_MINUTES


def closing(lesson: Lesson) -> Iterator[str]:
    """Claims at the end, and where to read on."""
    claims = markdown.section(lesson.prose, "What you can now say")
    if not any(token["type"] == "list" for token in claims or []):
        yield "no list under '## What you can now say'"
    reading = markdown.section(lesson.prose, "Further reading")
    if not any(url.startswith("https://") for url in markdown.links(reading or [])):
        yield "no link under '## Further reading'"


def set_up(lesson: Lesson) -> Iterator[str]:
    """The first code cell opens the lab, seeded so that outputs repeat."""
    first = _tree(lesson.code[0][1]) if lesson.code else ast.Module(body=[], type_ignores=[])
    calls = [node for node in ast.walk(first) if _is_call(node, "lab", "open")]
    if not calls:
        yield "the first code cell does not call lab.open("
    elif not any(keyword.arg == "seed" for call in calls for keyword in call.keywords):
        yield "lab.open( has no seed"


def plain_python(lesson: Lesson) -> Iterator[str]:
    """No magics or shell lines (they differ between systems), and no line ends in ';'."""
    for i, cell in lesson.code:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield f"cell {i}: not plain Python: {error.msg}"
        if any(line.rstrip().endswith(";") for line in cell.source.splitlines()):
            yield f"cell {i}: a line ends in ';', which nbval does not honour"


def imports(lesson: Lesson) -> Iterator[str]:
    """Only what a learner has on AWS, and the lab's public face."""
    for i, cell in lesson.code:
        for node in ast.walk(_tree(cell)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module == "helpers":
                names = [f"helpers.{a.name}" for a in node.names if a.name not in ALLOWED_HELPERS]
            elif isinstance(node, ast.ImportFrom):
                names = ["." * node.level + (node.module or "")]
            else:
                continue
            for name in names:
                if name.partition(".")[0] not in ALLOWED_PACKAGES:
                    yield f"cell {i}: imports {name}"


def pictures_described(lesson: Lesson) -> Iterator[str]:
    """Every picture has alt text where a reader's software finds it.

    JupyterLab gives an image/png output no alt attribute, whatever its metadata says. It
    prefers text/html in the same bundle, and keeps an <img alt> there. Other programs look into
    the output's metadata, so the same words stand there too.
    """
    for i, cell in lesson.code:
        for output in cell.outputs:
            data = output.get("data", {})
            page = _joined(data.get("text/html", ""))
            tags = IMG.findall(page)
            if any(mime.startswith("image/") for mime in data) and not tags:
                yield f"cell {i}: an image output without <img alt> in text/html beside it"
            for tag in tags:
                alt = ALT.search(tag)
                if not alt or len((alt[1] or alt[2] or "").strip()) < SHORTEST_ALT:
                    yield f"cell {i}: a picture whose alt text says nothing"
                elif "image/png" in data and html.unescape(alt[1] or alt[2]) != _stored_alt(output):
                    yield f"cell {i}: the output's metadata has not the alt text of its <img>"
    for token in markdown.walk(lesson.prose):
        if token["type"] == "image" and len(markdown.plain(token).strip()) < SHORTEST_ALT:
            yield f"picture {token['attrs']['url'][:60]} has no alt text"
        if token["type"] in ("block_html", "inline_html"):
            for tag in IMG.findall(token["raw"]):
                alt = ALT.search(tag)
                if not alt or len((alt[1] or alt[2] or "").strip()) < SHORTEST_ALT:
                    yield f"picture {tag[:60]} has no alt text"


def no_accidental_mathematics(lesson: Lesson) -> Iterator[str]:
    """At most one bare $ a cell: Jupyter sets what stands between two of them as mathematics.

    In code it does not.
    """
    for i, cell in enumerate(lesson.nb.cells):
        text = CODE.sub("", cell.source)
        if cell.cell_type == "markdown" and len(re.findall(r"(?<!\\)\$", text)) > 1:
            yield f"cell {i}: two dollar signs; write USD, or escape them"


def no_machine_traces(lesson: Lesson) -> Iterator[str]:
    """Outputs say nothing about the machine they were made on."""
    for i, cell in lesson.code:
        for output in cell.outputs:
            for text in _texts(output):
                for pattern, what in MACHINE_TRACES.items():
                    if found := pattern.search(PIXELS.sub("", text)):
                        yield f"cell {i}: the output holds {what}: {found[0]!r}"


def small(lesson: Lesson) -> Iterator[str]:
    """Quick to clone, to open and to show on GitHub."""
    if (size := len(lesson.text.encode())) > LARGEST_FILE_BYTES:
        yield f"the file has {size} bytes, more than {LARGEST_FILE_BYTES}"
    for i, cell in lesson.code:
        for output in cell.outputs:
            if (size := len(json.dumps(output))) > LARGEST_OUTPUT_BYTES:
                yield f"cell {i}: an output of {size} bytes, more than {LARGEST_OUTPUT_BYTES}"


def words(lesson: Lesson) -> Iterator[str]:
    """Words that do not occur. In prose, quoted history may name a CMK."""
    for i, cell in enumerate(lesson.nb.cells, 1):
        text = QUOTED.sub("", cell.source) if cell.cell_type == "markdown" else cell.source
        yield from (f"cell {i}: {why}" for word, why in UNWANTED_WORDS.items() if word.search(text))


def links_resolve(lesson: Lesson) -> Iterator[str]:
    """Relative links lead to files that are there, and #anchors to headings that are there."""
    return broken_links(lesson.path, lesson.prose)


RULES: tuple[Rule, ...] = (
    valid,
    canonical,
    executed,
    outputs_stored,
    no_stray_errors,
    one_title,
    opening,
    closing,
    set_up,
    plain_python,
    imports,
    pictures_described,
    no_accidental_mathematics,
    no_machine_traces,
    small,
    words,
    links_resolve,
)


def broken_links(path: Path, tokens: list[markdown.Token]) -> Iterator[str]:
    """Links in ``tokens``, written in the file ``path``, that lead nowhere in this repository."""
    for url in markdown.links(tokens):
        if re.match(r"[a-z][a-z0-9+.-]*:", url):
            continue
        name, _, anchor = unquote(url).partition("#")
        target = (path.parent / name) if name else path
        if not target.exists():
            yield f"link {url}: there is no {name}"
        elif anchor and target.suffix in (".ipynb", ".md") and anchor not in _anchors(target):
            yield f"link {url}: {target.name} has no heading for #{anchor}"


def _anchors(path: Path) -> set[str]:
    if path.suffix == ".ipynb":
        tokens = read(path).prose
        # JupyterLab and GitHub's notebook view: spaces become hyphens, nothing else changes.
        slugs = [title.replace(" ", "-") for _, title in markdown.headings(tokens)]
    else:
        tokens = markdown.parse(path.read_text(encoding="utf-8"))
        # GitHub's Markdown: lower case, and punctuation goes.
        slugs = [
            re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            for _, title in markdown.headings(tokens)
        ]
    return {*slugs, *markdown.html_ids(tokens)}


def _tree(cell: NotebookNode) -> ast.Module:
    """The cell's code; empty when it isn't Python, which ``plain_python`` tells."""
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _shows(tree: ast.Module) -> bool:
    """Prints or displays on its top level, or ends in a value. A call's value may be None."""
    values = [node.value for node in tree.body if isinstance(node, ast.Expr)]
    for value in values:
        name = value.func if isinstance(value, ast.Call) else None
        if isinstance(name, ast.Name) and name.id in ("print", "display"):
            return True
        if _is_call(value, "plt", "show"):
            return True
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or isinstance(last.value, ast.Call):
        return False
    return not (isinstance(last.value, ast.Constant) and last.value.value in (None, ...))


def _is_call(node: ast.AST, owner: str, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == owner
    )


def _tags(cell: NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags


def _stored_alt(output: NotebookNode) -> str:
    alt: str = output.get("metadata", {}).get("image/png", {}).get("alt", "")
    return alt


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _texts(output: NotebookNode) -> Iterator[str]:
    """What of an output is text: all but pictures."""
    if output.output_type == "stream":
        yield _joined(output.text)
    elif output.output_type == "error":
        yield "\n".join([output.evalue, *output.traceback])
    else:
        for mime, value in output.data.items():
            if not mime.startswith("image/") or mime == "image/svg+xml":
                yield value if isinstance(value, str) else json.dumps(value)
