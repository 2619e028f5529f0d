"""Kernels: how long a lesson runs, and how much memory the lab takes."""

import tempfile
from pathlib import Path

import nbformat

from .measuring import Benchmark, python, ratio, seconds

ROOT = Path(__file__).parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SANITIZE = str(ROOT / "tests/notebooks/sanitize.cfg")

MEMORY = """
import re
import boto3
{open_account}
kms = boto3.client("kms", region_name="us-east-1")
key_id = kms.create_key()["KeyMetadata"]["KeyId"]
kms.encrypt(KeyId=key_id, Plaintext=b"first")
status = open("/proc/self/smaps_rollup").read()
print("PSS", re.search(r"Pss:\\s+(\\d+)", status)[1])
"""


def _nbval_seconds(notebook: Path) -> float:
    return seconds(
        lambda: python(
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--nbval",
            "--nbval-current-env",
            "--nbval-sanitize-with",
            SANITIZE,
            str(notebook),
            cwd=str(ROOT),
        )
    )


def _trivial(folder: str, cells: int) -> Path:
    """A notebook of as many cells, each printing its number."""
    notebook = nbformat.v4.new_notebook()
    for number in range(1, cells + 1):
        output = nbformat.v4.new_output("stream", name="stdout", text=f"{number}\n")
        notebook.cells.append(
            nbformat.v4.new_code_cell(f"print({number})", execution_count=number, outputs=[output])
        )
    path = Path(folder, "trivial.ipynb")
    nbformat.write(notebook, path)
    return path


def lesson_over_trivial(lesson: Path) -> float:
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(lesson, as_version=4).cells)
    with tempfile.TemporaryDirectory() as folder:
        trivial = _trivial(folder, cells)
        return ratio(
            lambda: _nbval_seconds(lesson), lambda: _nbval_seconds(trivial), rounds=1, warm_up=0
        )


def memory_over_stock() -> float:
    """PSS of a kernel with the lab open and a key used, over the same with stock moto."""
    from jupyter_client.manager import start_new_kernel

    def kilobytes(open_account: str) -> float:
        manager, client = start_new_kernel(cwd=str(ROOT))
        try:
            printed: list[str] = []
            client.execute_interactive(
                MEMORY.format(open_account=open_account),
                timeout=60,
                output_hook=lambda m: printed.append(m["content"].get("text", "")),
            )
            return float("".join(printed).split("PSS ")[1])
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    return ratio(
        lambda: kilobytes("from helpers import lab\nlab.open()"),
        lambda: kilobytes("from moto import mock_aws\nmock_aws().start()"),
        rounds=3,
        warm_up=0,
    )


BENCHMARKS = {
    f"lesson_{lesson.stem[:2]}": Benchmark(
        f"{lesson.stem} under nbval over a notebook of as many trivial cells",
        2.5,
        lambda lesson=lesson: lesson_over_trivial(lesson),  # type: ignore[misc]
    )
    for lesson in LESSONS
} | {
    "memory": Benchmark(
        "memory of a kernel with the lab open over one with stock moto", 1.05, memory_over_stock
    ),
}
