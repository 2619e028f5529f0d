"""Progress survives kills, damage, rush hours and disks that can't be written; and says so."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest
from filelock import FileLock

from helpers.practice import PracticeError, export_progress, import_progress, store

ROOT = Path(__file__).resolve().parents[2]
KILLS = 12


def start(script: str, path: Path, *arguments: str) -> subprocess.Popen[str]:
    """A second program that keeps progress in the same file."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=os.environ | {store.VARIABLE: str(path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_latest_result_is_kept_and_passed_stays_passed(progress_file: Path) -> None:
    store.record("question", "00-a", passed=False)
    assert store.recorded("question") == {"00-a": {"passed": False}}
    store.record("question", "00-a", passed=True, tries=2)
    store.record("question", "00-a", passed=False)
    assert store.recorded("question") == {"00-a": {"passed": False, "once_passed": True}}
    assert store.recorded("exercise") == {}


def test_only_passed_true_counts(progress_file: Path) -> None:
    store.record("exercise", "00-b", passed="yes")
    store.record("prediction", "00-c", said="two")
    assert "once_passed" not in store.recorded("exercise")["00-b"]
    assert store.recorded("prediction") == {"00-c": {"said": "two"}}


def test_the_file_holds_results_and_nothing_else(progress_file: Path) -> None:
    store.record("question", "00-a", passed=True)
    assert json.loads(progress_file.read_text()) == {
        "version": 1,
        "recorded": {"question": {"00-a": {"passed": True, "once_passed": True}}},
    }


@pytest.mark.parametrize("call", [store.recorded, lambda kind: store.record(kind, "x")])
def test_another_kind_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match="not one of exercise, question, prediction, exam"):
        call("quiz")  # type: ignore[operator]


def test_what_json_cannot_hold_is_refused(progress_file: Path) -> None:
    with pytest.raises(TypeError):
        store.record("question", "00-a", answer={1, 2})
    assert not progress_file.exists()


def test_in_memory_nothing_is_written_and_a_new_kernel_starts_empty(tmp_path: Path) -> None:
    script = (
        "from helpers.practice import store\n"
        "print(len(store.recorded('question')))\n"
        "store.record('question', 'a', passed=True)\n"
        "print(len(store.recorded('question')))\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {store.VARIABLE: store.MEMORY, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == ["0", "1"]
    assert list(tmp_path.iterdir()) == []


def test_without_the_variable_it_is_the_users_data_folder() -> None:
    with mock.patch.dict(os.environ):
        del os.environ[store.VARIABLE]
        path = store._path()
    assert path is not None
    assert path.parts[-2:] == ("aws-kms-course", "progress.json")


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (b"", "it is not JSON"),
        (b'{"version": 1, "recorded": {"ques', "it is not JSON"),
        (b"\xff\xfe\x00", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[1, 2]", "it has no version"),
        (b'{"version": 99, "recorded": {}}', "a newer version of this course wrote it"),
        (b'{"version": 1, "recorded": {"question": {"a": 1}}}', "not what this course writes"),
        (b'{"version": 1}', "not what this course writes"),
    ],
    ids=["empty", "cut off", "not text", "deep", "a list", "newer", "a number", "nothing"],
)
@pytest.mark.parametrize("first", ["read", "write"])
def test_a_damaged_file_is_kept_aside_and_told(
    progress_file: Path,
    damage: bytes,
    why: str,
    first: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress_file.parent.mkdir()
    progress_file.write_bytes(damage)
    if first == "read":
        assert store.recorded("question") == {}
    store.record("question", "00-a", passed=True)
    said = capsys.readouterr().out
    assert why in said
    assert said.count("\n") == 1
    assert "kept as progress.damaged-1.json" in said
    assert progress_file.with_name("progress.damaged-1.json").read_bytes() == damage
    assert store.recorded("question")["00-a"]["passed"] is True


def test_a_second_damaged_file_does_not_replace_the_first(progress_file: Path) -> None:
    progress_file.parent.mkdir()
    for damage in ("one", "two"):
        progress_file.write_text(damage)
        store.record("question", "00-a", passed=True)
    kept = sorted(progress_file.parent.glob("*damaged*"))
    assert [path.read_text() for path in kept] == ["one", "two"]


@pytest.mark.parametrize("place", ["a folder in its place", "a file in its folder's place"])
def test_where_nothing_can_be_written_the_kernel_remembers(
    progress_file: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if place == "a folder in its place":
        (progress_file / "x").mkdir(parents=True)
        (progress_file.parent / "progress.json.new").mkdir()  # so that it can't be moved aside
        with mock.patch("os.replace", side_effect=OSError(30, "Read-only file system")):
            store.record("question", "00-a", passed=True)
    else:
        progress_file.parent.write_text("in the way")
        store.record("question", "00-a", passed=True)
    assert capsys.readouterr().out.startswith("Your ")
    assert store.recorded("question")["00-a"]["passed"] is True


def test_a_read_only_disk_is_told_once(
    progress_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.record("question", "00-before", passed=True)
    with mock.patch.object(
        store, "_replace", side_effect=OSError(30, "Read-only file system")
    ) as refused:
        for number in range(3):
            store.record("question", f"00-{number}", passed=True)
        assert refused.call_count == 3
        assert len(store.recorded("question")) == 4
    assert capsys.readouterr().out == (
        "Your progress can't be stored (read-only file system). It is kept until this kernel "
        "ends.\n"
    )
    store.record("question", "00-after", passed=True)  # the disk is back: nothing is lost
    assert len(json.loads(progress_file.read_text())["recorded"]["question"]) == 5


@pytest.mark.parametrize("file", ["whole", "damaged"])
def test_what_cannot_even_be_looked_at_is_told(
    progress_file: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    progress_file.parent.mkdir()
    progress_file.write_text("{" if file == "damaged" else export_progress())
    refused = PermissionError(13, "Permission denied")
    where = "os.replace" if file == "damaged" else "pathlib.Path.read_bytes"
    with mock.patch(where, side_effect=refused):
        assert store.recorded("question") == {}
    assert "permission denied" in capsys.readouterr().out


def test_a_damaged_file_under_a_lock_that_never_opens_is_told(
    progress_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    progress_file.parent.mkdir()
    progress_file.write_text("{")
    with mock.patch.object(store, "LOCK_SECONDS", 0.1), FileLock(f"{progress_file}.lock"):
        assert store.recorded("question") == {}
    assert "can't be used (it is not JSON), nor moved" in capsys.readouterr().out


def test_a_lock_that_never_opens_is_told(
    progress_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    progress_file.parent.mkdir()
    with mock.patch.object(store, "LOCK_SECONDS", 0.1), FileLock(f"{progress_file}.lock"):
        store.record("question", "00-a", passed=True)
    assert "in use by another program" in capsys.readouterr().out
    assert "00-a" in store.recorded("question")


def test_two_programs_at_once_lose_nothing(progress_file: Path) -> None:
    script = (
        "import sys\nfrom helpers.practice import store\n"
        "for n in range(40): store.record('question', f'{sys.argv[1]}-{n}', passed=True)\n"
    )
    writers = [start(script, progress_file, name) for name in ("a", "b", "c")]
    assert [writer.communicate(timeout=60)[0] for writer in writers] == [""] * 3
    assert len(store.recorded("question")) == 120


def test_a_kill_at_any_moment_loses_nothing_that_was_kept(progress_file: Path) -> None:
    script = (
        "import itertools, sys\nfrom helpers.practice import store\n"
        "for n in itertools.count():\n"
        "    store.record('question', f'{sys.argv[1]}-{n}', passed=True, text='x' * 2000)\n"
        "    print(n, flush=True)\n"
    )
    kept = 0
    for round_ in range(KILLS):
        with start(script, progress_file, str(round_)) as writer:
            assert writer.stdout is not None
            said = [int(writer.stdout.readline())]
            time.sleep(0.002 * round_)  # another moment each time
            writer.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            said += map(int, writer.stdout.read().split())
        kept += len(said)
        there = store.recorded("question")
        assert {f"{round_}-{n}" for n in said} <= set(there)
        assert len(there) >= kept
    assert not list(progress_file.parent.glob("*damaged*"))


def test_export_and_import_bring_it_to_another_machine(
    progress_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.record("question", "00-a", passed=True)
    store.record("exercise", "00-b", passed=False)
    text = export_progress()
    file = tmp_path / "mine.json"
    assert export_progress(file) == text == file.read_text()
    assert f"Your progress is in {file}" in capsys.readouterr().out
    for source in (text, text.encode(), file, str(file)):
        progress_file.unlink()
        store.record("question", "00-c", passed=True)
        import_progress(source)
        assert set(store.recorded("question")) == {"00-a", "00-c"}
        assert store.recorded("exercise")["00-b"] == {"passed": False}
        assert "Taken over: 2 results." in capsys.readouterr().out


def test_what_was_passed_on_either_side_stays_passed(progress_file: Path) -> None:
    store.record("question", "00-a", passed=True)
    elsewhere = export_progress()
    progress_file.unlink()
    store.record("question", "00-a", passed=False)
    import_progress(elsewhere)
    assert store.recorded("question")["00-a"] == {"passed": False, "once_passed": True}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{", "This is no progress of this course: it is not JSON"),
        (b"\xff", "This is no progress of this course: it is not JSON"),
        ("{}", "it has no version"),
        ('{"version": 2, "recorded": {}}', "a newer version"),
        ("nowhere.json", "'nowhere.json' can't be read: no such file"),
        ("a\0b", "can't be read"),
        (17, "it is not JSON"),
    ],
)
def test_what_is_no_progress_changes_nothing(progress_file: Path, source: object, why: str) -> None:
    store.record("question", "00-a", passed=True)
    before = progress_file.read_bytes()
    with pytest.raises(PracticeError, match=why):
        import_progress(source)  # type: ignore[arg-type]
    assert progress_file.read_bytes() == before


def test_an_export_that_cannot_be_written_says_so(progress_file: Path, tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match=r"can't be written: is a directory\."):
        export_progress(tmp_path)
