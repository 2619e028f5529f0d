"""A lesson on the account elsewhere: as a notebook in a kernel, its code cells only."""

import json
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.notebooks.write import OwnKernelManager

from .conftest import OPEN, ROOT, STAY_HERE, Remote, environment

# What the lesson made and asked, as its own kernel knows: the last line of the last cell.
COUNT = """
import json
from helpers.lab.own_account import state
_own = state.current
_made = _own.journal.all()
_requests = 0
for _region in _own.journal.regions() | {_own.region}:
    for _page in _own.client("cloudtrail", _region).get_paginator("lookup_events").paginate():
        _requests += len(_page["Events"])
print(json.dumps({
    "keys": sum(each.kind == "key" for each in _made),
    "secrets": sum(each.kind == "secret" for each in _made),
    "requests": _requests,
}))
"""


def run_all(remote: Remote, number: str, *, first: str = OPEN, last: str = COUNT) -> NotebookNode:
    """Run All, with cells around the lesson's own. Raises CellExecutionError where it stops."""
    [path] = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return run_cells(remote, first, *(cell.source for cell in cells), last)


def run_cells(remote: Remote, *sources: str) -> NotebookNode:
    """Run these cells, in a kernel that can't leave this machine."""
    cells = [nbformat.v4.new_code_cell(source) for source in (STAY_HERE, *sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        notebook,
        kernel_manager_class=OwnKernelManager,
        timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(ROOT / "notebooks")}},
    ).execute(env=environment(remote))
    return notebook


def text_of(*cells: NotebookNode) -> str:
    """What cells printed."""
    return "".join(each.get("text", "") for cell in cells for each in cell.outputs)


def counted_in(notebook: NotebookNode) -> dict[str, Any]:
    """What COUNT found."""
    found: dict[str, Any] = json.loads(text_of(notebook.cells[-1]).splitlines()[-1])
    return found
