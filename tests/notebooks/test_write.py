"""The canonical writer, on small notebooks in a temporary folder."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.practice import bank, store
from tests.notebooks import write

PRINTS_IN_PORTIONS = """\
import sys, time
print("one")
sys.stdout.flush()
time.sleep(0.3)
print("warned", file=sys.stderr, flush=True)
time.sleep(0.3)
print("two")
"""
SHOWS_A_WIDGET = """\
import ipywidgets
from IPython.display import display
slider = ipywidgets.IntSlider(3)
view = slider._repr_mimebundle_()
display({**view, "text/plain": "a slider at 3"}, raw=True)
"""
ONLY_A_VIEW = """\
display({"application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2}},
        raw=True)
"""


def save(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "lesson.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def outputs(path: Path) -> list[list[nbformat.NotebookNode]]:
    nb = nbformat.read(path, as_version=4)
    return [cell.outputs for cell in nb.cells if cell.cell_type == "code"]


def test_runs_numbers_and_keeps_outputs(tmp_path: Path) -> None:
    path = save(tmp_path, new_markdown_cell("# T"), new_code_cell("1 + 1"), new_code_cell("x = 1"))
    write.write(path)
    nb = nbformat.read(path, as_version=4)
    assert [cell.get("execution_count") for cell in nb.cells] == [None, 1, 2]
    assert nb.cells[1].outputs[0].data == {"text/plain": "2"}
    nbformat.validate(nb)


def test_what_the_author_has_passed_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KMS_COURSE_PROGRESS", str(tmp_path / "progress.json"))
    store.record("question", bank.of_lesson("00")[0].id, passed=True)
    path = save(tmp_path, new_code_cell("from helpers import practice\npractice.progress()"))
    write.write(path)
    assert "00 Start here: 0 of" in outputs(path)[0][0].data["text/plain"]


def test_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    cells = (new_code_cell(PRINTS_IN_PORTIONS), new_code_cell(SHOWS_A_WIDGET), new_code_cell("6*7"))
    path = save(tmp_path, *cells)
    write.write(path)
    first = path.read_bytes()
    write.write(path)
    assert path.read_bytes() == first


def test_streams_are_merged_and_ordered(tmp_path: Path) -> None:
    path = save(tmp_path, new_code_cell(PRINTS_IN_PORTIONS))
    write.write(path)
    [[out, err]] = outputs(path)
    assert (out.name, out.text) == ("stdout", "one\ntwo\n")
    assert (err.name, err.text) == ("stderr", "warned\n")


def test_prints_stay_on_their_side_of_a_display() -> None:
    stream = [new_output("stream", name="stdout", text=text) for text in ("a", "b", "c")]
    shown = new_output("display_data", data={"text/plain": "picture"})
    cell = new_code_cell("", outputs=[stream[0], stream[1], shown, stream[2]])
    [result] = write.canonical(new_notebook(cells=[cell])).cells
    assert [out.get("text", "shown") for out in result.outputs] == ["ab", "shown", "c"]


def test_no_widget_state_and_no_view(tmp_path: Path) -> None:
    path = save(tmp_path, new_code_cell(SHOWS_A_WIDGET), new_code_cell(ONLY_A_VIEW))
    write.write(path)
    assert list(nbformat.read(path, as_version=4).metadata) == ["kernelspec", "language_info"]
    [[shown], nothing] = outputs(path)
    assert shown.data == {"text/plain": "a slider at 3"}
    assert nothing == []


def test_only_an_authors_metadata_is_kept() -> None:
    cell = new_code_cell("1", metadata={"tags": ["t"], "execution": {}, "scrolled": True})
    language = {"name": "python", "version": "3.12.1"}
    nb = new_notebook(cells=[cell], metadata={"widgets": {}, "language_info": language})
    result = write.canonical(nb)
    assert result.cells[0].metadata == {"tags": ["t"]}
    assert result.metadata == write.METADATA


def test_a_cell_put_in_between_changes_no_other_id() -> None:
    cells = [new_markdown_cell("a"), new_code_cell("b"), new_code_cell("b")]
    before = [cell.id for cell in write.canonical(new_notebook(cells=cells)).cells]
    cells.insert(1, new_code_cell("new"))
    after = [cell.id for cell in write.canonical(new_notebook(cells=cells)).cells]
    assert len(set(after)) == 4
    assert [after[0], *after[2:]] == before


def test_an_error_is_stored_without_this_machines_paths(tmp_path: Path) -> None:
    cell = new_code_cell("import json\njson.loads('{')", metadata={"tags": ["raises-exception"]})
    path = save(tmp_path, cell)
    write.write(path)
    [[error]] = outputs(path)
    assert error.output_type == "error"
    assert error.traceback == [f"JSONDecodeError: {error.evalue}"]


def test_a_failing_lesson_is_reported_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path, new_code_cell("1 / 0"))
    before = path.read_bytes()
    assert write.main([str(path)]) == 1
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_runs_with_this_interpreter_in_the_lessons_folder(tmp_path: Path) -> None:
    path = save(
        tmp_path, new_code_cell("import os, sys; print(sys.executable); print(os.getcwd())")
    )
    write.write(path)
    [[out]] = outputs(path)
    assert out.text.splitlines() == [sys.executable, str(tmp_path.resolve())]
