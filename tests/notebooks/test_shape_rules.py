"""Each rule of ``shape.py`` notices what it is for: a good lesson, broken in one place."""

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks import shape, write

OPENING = """\
# A lesson

You will be able to say what a lesson holds.

| Minutes | Needs | Exam objectives |
|---|---|---|
| 20 | nothing | SCS-C03 5.2 |

1. Open the lab.
2. Close it.
"""
SET_UP = "import boto3\n\nfrom helpers import lab\n\nlab.open(seed=1)"
CLOSING = """\
## What you can now say

- A lesson opens the lab.

## Further reading

- [A source](https://example.org/) and [the first part](#A-lesson).
"""
PICTURE = '<img alt="A key in a box, with an arrow to a letter." src="data:image/png;base64,AAAA">'


def good() -> NotebookNode:
    text = new_output("stream", name="stdout", text="The lab is open.\n")
    picture = new_output("display_data", data={"text/html": PICTURE, "text/plain": "a key"})
    return new_notebook(
        cells=[
            new_markdown_cell(OPENING),
            new_code_cell(SET_UP, execution_count=1, outputs=[text]),
            new_markdown_cell('## A part\n\nAWS once said "CMK".'),
            new_code_cell("display(1)", execution_count=2, outputs=[picture]),
            new_markdown_cell(CLOSING),
        ]
    )


def problems(rule: shape.Rule, nb: NotebookNode, folder: Path) -> list[str]:
    path = folder / "lesson.ipynb"
    path.write_text(write.dumps(nb), encoding="utf-8")
    return list(rule(shape.read(path)))


@pytest.mark.parametrize("rule", shape.RULES, ids=lambda rule: rule.__name__)
def test_a_good_lesson_keeps(rule: shape.Rule, tmp_path: Path) -> None:
    assert problems(rule, write.canonical(good()), tmp_path) == []


def source(index: int, old: str, new: str) -> Callable[[NotebookNode], None]:
    """Replaces words of one cell."""

    def change(nb: NotebookNode) -> None:
        assert old in nb.cells[index].source
        nb.cells[index].source = nb.cells[index].source.replace(old, new)

    return change


def output(index: int, **kwargs: object) -> Callable[[NotebookNode], None]:
    """Replaces the output of one cell."""

    def change(nb: NotebookNode) -> None:
        nb.cells[index].outputs = [new_output(**kwargs)] if kwargs else []

    return change


def attribute(index: int, name: str, value: object) -> Callable[[NotebookNode], None]:
    def change(nb: NotebookNode) -> None:
        nb.cells[index][name] = value

    return change


def stdout(text: str) -> Callable[[NotebookNode], None]:
    return output(1, output_type="stream", name="stdout", text=text)


def html(page: str) -> Callable[[NotebookNode], None]:
    return output(3, output_type="display_data", data={"text/html": page, "text/plain": ""})


PNG = {"image/png": "AAAA", "text/plain": "<Figure>"}
ALT_IN_METADATA = {"image/png": {"alt": "A key in a box, with an arrow."}}
BROKEN = [
    (shape.valid, attribute(1, "outputs", [{"output_type": "nonsense"}])),
    (shape.valid, lambda nb: nb.update(nbformat_minor=4)),
    (shape.canonical, lambda nb: nb.metadata.update(widgets={})),
    (shape.canonical, lambda nb: nb.metadata.language_info.update(version="3.12.1")),
    (shape.canonical, attribute(1, "id", "mine")),
    (shape.canonical, attribute(1, "metadata", {"execution": {"iopub.status.busy": "now"}})),
    (shape.executed, attribute(3, "execution_count", None)),
    (shape.executed, attribute(3, "execution_count", 3)),
    (shape.outputs_stored, output(3)),
    (shape.outputs_stored, lambda nb: (output(3)(nb), source(3, "display(1)", "1 + 1")(nb))),
    (shape.no_stray_errors, output(3, output_type="error", ename="E", evalue="")),
    (shape.no_stray_errors, output(3, output_type="stream", name="stderr", text="warned")),
    (shape.one_title, source(2, "## A part", "# A part")),
    (shape.one_title, source(2, "## A part", "### A part")),
    (shape.one_title, source(0, "# A lesson", "A lesson")),
    (shape.opening, source(0, "You will be able to say what a lesson holds.\n\n", "")),
    (shape.opening, source(0, "Needs", "Wants")),
    (shape.opening, source(0, "| 20 |", "| 61 |")),
    (shape.opening, source(0, "| 20 |", "| some |")),
    (shape.opening, source(0, "1. Open the lab.\n2. Close it.", "- Open the lab.")),
    (shape.closing, source(4, "What you can now say", "Summary")),
    (shape.closing, source(4, "https://example.org/", "other.md")),
    (shape.set_up, source(1, "lab.open(seed=1)", "lab.reset()")),
    (shape.set_up, source(1, "seed=1", "")),
    (shape.plain_python, source(3, "display(1)", "!openssl version")),
    (shape.plain_python, source(3, "display(1)", "%matplotlib inline")),
    (shape.plain_python, source(3, "display(1)", "display(1);")),
    (shape.imports, source(1, "import boto3", "import moto")),
    (shape.imports, source(1, "import boto3", "import helpers.lab.hsm")),
    (shape.imports, source(1, "from helpers import lab", "from helpers.lab import hsm")),
    (shape.imports, source(1, "from helpers import lab", "from helpers import lab, secret")),
    (shape.pictures_described, output(3, output_type="display_data", data=PNG)),
    (
        shape.pictures_described,
        output(3, output_type="display_data", data=PNG, metadata=ALT_IN_METADATA),
    ),
    (
        shape.pictures_described,
        output(3, output_type="display_data", data=PNG | {"text/html": PICTURE}),
    ),
    (shape.pictures_described, html('<img src="data:image/png;base64,AAAA">')),
    (shape.pictures_described, html('<img alt="plot" src="data:image/png;base64,AAAA">')),
    (shape.pictures_described, source(2, "AWS", "![](key.png) AWS")),
    (shape.pictures_described, source(2, "AWS", '<img src="key.png"> AWS')),
    (shape.no_accidental_mathematics, source(2, "AWS", "AWS costs $1, or $2")),
    (shape.no_machine_traces, stdout("saved to /home/me/key.pem")),
    (shape.no_machine_traces, stdout("saved to C:\\Users\\me")),
    (shape.no_machine_traces, stdout("<object at 0x7f3a5c0d2e10>")),
    (shape.no_machine_traces, stdout("pid 4711")),
    (shape.no_machine_traces, html("<p>/tmp/ipykernel_12/1.py</p>")),
    (shape.small, stdout("x" * 300_001)),
    (shape.small, source(2, "AWS", "long " * 300_001)),
    (shape.words, source(2, "AWS", "Simply, AWS")),
    (shape.words, source(2, "AWS", "TODO: AWS")),
    (shape.words, source(2, '"CMK"', "a CMK")),
    (shape.words, source(3, "display(1)", "cmk = display(1)")),
    (shape.links_resolve, source(4, "#A-lesson", "#Another-lesson")),
    (shape.links_resolve, source(4, "#A-lesson", "99_gone.ipynb")),
    (shape.links_resolve, source(4, "#A-lesson", "lesson.ipynb#a-lesson")),
]


@pytest.mark.parametrize(
    ("rule", "breaks"), BROKEN, ids=[f"{rule.__name__}-{i}" for i, (rule, _) in enumerate(BROKEN)]
)
def test_a_broken_lesson_is_noticed(
    rule: shape.Rule, breaks: Callable[[NotebookNode], None], tmp_path: Path
) -> None:
    nb = write.canonical(good())
    breaks(nb)
    path = tmp_path / "lesson.ipynb"
    # Not through nbformat, which would refuse or mend what is broken on purpose.
    path.write_text(json.dumps(nb), encoding="utf-8")
    if rule is shape.canonical:
        path.write_text(write.dumps(nb), encoding="utf-8")
    assert list(rule(shape.read(path)))


def test_every_rule_is_shown_to_notice_something() -> None:
    assert {rule for rule, _ in BROKEN} == set(shape.RULES)


def test_what_is_allowed(tmp_path: Path) -> None:
    nb = good()
    nb.cells[
        3
    ].source = "import matplotlib.pyplot as plt\nfrom cryptography import x509\nplt.show()"
    nb.cells[2].source = "## A part\n\n> In 2021 a CMK became a KMS key.\n\nSee [it](#A-part)."
    nb.cells[2].source += " `$A` or `$B`, USD or $.\n\n```sh\necho $A `date` $B\n```\n"
    nb.cells[1].outputs[0].text = "arn:aws:iam::111122223333:root CustomerMasterKeySpec 0x10001"
    nb = nbformat.from_dict(write.canonical(nb))
    for rule in shape.RULES:
        assert problems(rule, nb, tmp_path) == []


@pytest.mark.parametrize(
    ("file", "minutes", "kept"),
    [
        ("11_capstone.ipynb", 85, True),
        ("11_capstone.ipynb", 86, False),
        ("06_sse_kms_for_s3.ipynb", 60, True),
        ("06_sse_kms_for_s3.ipynb", 61, False),
        ("11_another.ipynb", 61, False),
    ],
)
def test_only_the_capstone_takes_longer_than_an_hour(
    file: str, minutes: int, kept: bool, tmp_path: Path
) -> None:
    nb = good()
    source(0, "| 20 |", f"| {minutes} |")(nb)
    path = tmp_path / file
    path.write_text(write.dumps(write.canonical(nb)), encoding="utf-8")
    assert (list(shape.opening(shape.read(path))) == []) == kept
