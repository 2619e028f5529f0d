"""A lesson on the account elsewhere: as a notebook in a kernel, its code cells only."""

import asyncio
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.notebooks.write import OwnKernelManager

from .conftest import OPEN, ROOT, STAY_HERE, Remote, environment


def lesson(number: str) -> NotebookNode:
    [path] = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    return nbformat.read(path, as_version=4)


def run_all(remote: Remote, number: str, *, first: str = OPEN, last: str = "") -> NotebookNode:
    """Run All, with a cell before the lesson's own. Raises CellExecutionError where it stops."""
    notebook = lesson(number)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    own = [nbformat.v4.new_code_cell(source) for source in (STAY_HERE, first)]
    notebook.cells = [*own, *cells, *([nbformat.v4.new_code_cell(last)] if last else [])]
    client = NotebookClient(
        notebook,
        kernel_manager_class=OwnKernelManager,
        timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(ROOT / "notebooks")}},
    )
    client.execute(env=environment(remote))
    return notebook


def text_of(cell: NotebookNode) -> str:
    """What a cell printed."""
    return "".join(each.get("text", "") for each in cell.outputs)


__all__ = ["Path", "asyncio", "lesson", "run_all", "text_of"]
