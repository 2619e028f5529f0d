"""Run lessons in fresh kernels and store them canonically: ``make notebooks``.

Canonical means that running an unchanged lesson again gives the same bytes, so a
diff shows what changed in the lesson and nothing else.
"""

import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from traitlets import default

CELL_TIMEOUT_SECONDS = 120

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    # No version: a lesson stored from Python 3.11 or 3.14 has the same bytes.
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
# What an author sets on purpose. The rest (timings, folded, scrolled) is an editor's trace.
KEPT_CELL_METADATA = ("slideshow", "tags")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class OwnKernelSpec(KernelSpecManager):
    """Knows one kernel: the interpreter that runs this, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


class OwnKernelManager(AsyncKernelManager):
    """Starts that kernel, and talks to it encrypted, for otherwise the kernel warns."""

    @default("kernel_spec_manager")
    def _own(self) -> KernelSpecManager:
        return OwnKernelSpec(parent=self)

    @default("transport_encryption")
    def _encrypted(self) -> str:
        return "auto"


def run(nb: NotebookNode, folder: Path) -> None:
    """Execute every cell of ``nb`` in a fresh kernel whose working directory is ``folder``.

    The kernel starts with no progress: what its author has passed must not show in a lesson.
    """
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(
        nb,
        kernel_manager_class=OwnKernelManager,
        timeout=CELL_TIMEOUT_SECONDS,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    ).execute(env=os.environ | {"KMS_COURSE_PROGRESS": ":memory:"})


def canonical(nb: NotebookNode) -> NotebookNode:
    """The one form in which a lesson is stored. Keeps cells and outputs; changes nothing else."""
    return nbformat.from_dict(
        {
            "cells": _with_ids([_cell(cell) for cell in nb.cells]),
            "metadata": METADATA,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def dumps(nb: NotebookNode) -> str:
    """The text of a notebook file, laid out as JupyterLab lays it out."""
    text: str = nbformat.writes(nb)
    return text.rstrip("\n") + "\n"


def write(path: Path) -> None:
    """Run the lesson at ``path`` and store it. A lesson that fails is left as it was."""
    nb = nbformat.read(path, as_version=4)
    run(nb, path.parent)
    path.write_text(dumps(canonical(nb)), encoding="utf-8", newline="\n")


def _cell(cell: NotebookNode) -> dict:
    kept = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
    result = {"cell_type": cell.cell_type, "metadata": kept, "source": cell.source}
    if "attachments" in cell:
        result["attachments"] = cell.attachments
    if cell.cell_type == "code":
        result["execution_count"] = cell.execution_count
        result["outputs"] = _merge_streams([out for raw in cell.outputs for out in _output(raw)])
    return result


def _output(output: NotebookNode) -> list[dict]:
    """The output as stored: a list, because one that was only a widget view is dropped."""
    stored: dict = json.loads(json.dumps(output))
    if stored["output_type"] == "error":
        # The frames name files of this machine. The last line is what a reader needs.
        message = ANSI_COLOUR.sub("", f"{stored['ename']}: {stored['evalue']}")
        stored["traceback"] = [message]
    if "data" in stored:
        # A view points at a model that lives only in the kernel; without it, it shows an error.
        stored["data"].pop(WIDGET_VIEW, None)
        if not stored["data"]:
            return []
    return [stored]


def _merge_streams(outputs: list[dict]) -> list[dict]:
    """One stdout and one stderr between two other outputs.

    The kernel sends what is printed in portions whose number depends on timing, and the
    order of the two streams depends on timing as well.
    """
    merged: list[dict] = []
    portion: dict[str, str] = {}

    def flush() -> None:
        for name in sorted(portion, reverse=True):  # stdout, then stderr
            merged.append({"name": name, "output_type": "stream", "text": portion[name]})
        portion.clear()

    for output in outputs:
        if output["output_type"] == "stream":
            portion[output["name"]] = portion.get(output["name"], "") + output["text"]
        else:
            flush()
            merged.append(output)
    flush()
    return merged


def _with_ids(cells: list[dict]) -> list[dict]:
    """Ids from the cells' own text: a cell put in between changes no other cell's id."""
    seen: dict[str, int] = {}
    for cell in cells:
        text = f"{cell['cell_type']}\0{cell['source']}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    return cells


def main(paths: list[str]) -> int:
    """Write each lesson in turn; the exit status is the number that failed."""
    failed = 0
    for path in map(Path, paths):
        before = path.read_bytes()
        start = time.perf_counter()
        try:
            write(path)
        except CellExecutionError as error:
            failed += 1
            print(f"{path}: a cell failed, the file is left as it was\n{error}", file=sys.stderr)
            continue
        change = "unchanged" if path.read_bytes() == before else "written"
        print(f"{path}: {change}, {time.perf_counter() - start:.1f} s")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
