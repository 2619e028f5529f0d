"""The check of the room: each finding from made-up facts, and one real quick run."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from classroom import check_room, machine, opening
from classroom.check_room import MIB, OK, PROBLEM, WARNING, Finding

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ((3, 10, 14), PROBLEM),
        ((3, 11, 0), OK),
        ((3, 14, 9), OK),
        ((3, 15, 0), PROBLEM),
        ((4, 0, 0), PROBLEM),
    ],
)
def test_python(version: tuple[int, int, int], state: str) -> None:
    finding = check_room.python_version(version)
    assert finding.state == state
    assert finding.found == ".".join(map(str, version))
    assert bool(finding.advice) == (state == PROBLEM)


def test_the_range_of_python_is_that_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"\((\d), (\d+)\) <= sys.version_info\[:2\] <= \((\d), (\d+)\)", makefile)
    assert found
    numbers = [int(each) for each in found.groups()]
    assert [*check_room.LOWEST, *check_room.HIGHEST] == numbers


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/kernel.txt").write_text(
        "boto3==1.2.3\nmoto[s3,ssm]==5.0  # exact\ntink==1.0; sys_platform == 'plan9'\n-e .\n"
    )
    path = tmp_path / "requirements.txt"
    path.write_text("# the lab\njupyterlab==4.6.6\n\n-r more/kernel.txt  # the rest\n")
    return path


def test_packages_as_pinned(requirements: Path) -> None:
    versions = {"jupyterlab": "4.6.6", "boto3": "1.2.3", "moto": "5.0"}
    [finding] = check_room.packages(requirements, versions.get)
    assert finding.state == OK
    assert finding.found.startswith("3 ")


def test_each_package_that_is_not_as_pinned_is_named(requirements: Path) -> None:
    versions = {"jupyterlab": "4.6.6", "boto3": "1.2.4"}
    found = {each.what: each for each in check_room.packages(requirements, versions.get)}
    assert set(found) == {"boto3", "moto"}
    assert all(each.state == PROBLEM and "pip install" in each.advice for each in found.values())
    assert "1.2.4" in found["boto3"].found and "1.2.3" in found["boto3"].found
    assert found["moto"].found == "not installed"


def test_the_courses_own_requirements_are_read_to_the_end() -> None:
    names = {re.split(r"[\[=]", text)[0] for text in check_room.pinned(ROOT / "requirements.txt")}
    assert {"jupyterlab", "boto3", "moto", "filelock"} <= names


def test_installed_version() -> None:
    assert check_room.installed_version("no-such-package-at-all") is None
    assert check_room.installed_version("nbformat") == nbformat.__version__


def test_helpers(tmp_path: Path) -> None:
    assert check_room.helpers_folder(None).state == PROBLEM
    assert check_room.helpers_folder(str(ROOT / "helpers")).state == OK
    assert check_room.helpers_folder(str(tmp_path / "helpers")).state == WARNING


def test_port() -> None:
    assert check_room.port(8888, True, 8889).state == OK
    taken = check_room.port(8888, False, 8890)
    assert taken.state == WARNING and "8890" in taken.advice
    assert check_room.port(8888, False, None).state == PROBLEM
    assert check_room.port(8000, False, 8001, chosen=True).state == PROBLEM


def test_a_port_in_use_is_seen() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert not machine.port_is_free(number)
        assert check_room.look_at_port(number).state == PROBLEM
    assert machine.port_is_free(number)


def test_disk(tmp_path: Path) -> None:
    assert check_room.disk("course", 800 * MIB, 800 * MIB).state == OK
    short = check_room.disk("course", 100 * MIB, 800 * MIB)
    assert short.state == PROBLEM
    assert "100 MiB" in short.found and "800" in short.found and short.advice
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/00.ipynb").write_bytes(bytes(MIB))
    assert check_room.disk_needed(tmp_path, 30) - check_room.disk_needed(tmp_path, 10) == 40 * MIB
    assert machine.free_disk(tmp_path) > 0


@pytest.mark.parametrize(
    ("mib", "students", "state"),
    [
        (6299, 30, PROBLEM),
        (6300, 30, WARNING),
        (7900, 30, OK),
        (209, 1, PROBLEM),
        (400, 1, OK),
        (None, 30, WARNING),
    ],
)
def test_memory(mib: int | None, students: int, state: str) -> None:
    finding = check_room.memory(None if mib is None else mib * MIB, students)
    assert finding.state == state
    assert bool(finding.advice) == (state != OK)
    if state == PROBLEM:
        assert f"enough for {mib // 210 if mib else 0}" in finding.advice


def test_memory_of_this_machine() -> None:
    free = machine.free_memory()
    assert free is None or free > 0


def test_pages_of_a_mac() -> None:
    text = (
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
        "Pages free:                               1000.\n"
        "Pages active:                           500000.\n"
        "Pages inactive:                           2000.\n"
    )
    assert machine.mac_pages(text) == 3000 * 16384
    assert machine.mac_pages("nothing known") is None


def test_browsers(tmp_path: Path) -> None:
    assert check_room.browsers([]).state == WARNING
    found = check_room.browsers([("Firefox", "150.0"), ("Chrome", "156.0.1")])
    assert found.state == OK
    assert found.found == "Firefox 150.0, Chrome 156.0.1"


def test_the_version_of_a_browser(tmp_path: Path) -> None:
    # On Windows it is read beside the program, never asked.
    for version in ("99.0.1.2", "156.0.8078.79", "Dictionaries"):
        (tmp_path / version).mkdir()
    assert machine.browser_version(tmp_path / "chrome.exe") == "156.0.8078.79"
    (tmp_path / "application.ini").write_text("[App]\nName=Firefox\nVersion=150.0.1\n")
    assert machine.browser_version(tmp_path / "firefox.exe") == "150.0.1"
    assert "does not start" in machine.browser_version(tmp_path / "nothing")


def notebook(path: Path, *sources: str, tags: list[str] | None = None) -> Path:
    nb = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_markdown_cell("# A lesson")]
    nb.cells += [nbformat.v4.new_code_cell(s, metadata={"tags": tags or []}) for s in sources]
    nbformat.write(nb, path)
    return path


def test_a_lesson_that_fails_says_where(tmp_path: Path) -> None:
    path = notebook(tmp_path / "bad.ipynb", "x = 1", "y = x / 0", "open('late', 'w')")
    failure, seconds = opening.run_lesson(path)
    assert failure == "cell 3: ZeroDivisionError: division by zero"
    assert seconds > 0
    assert not (tmp_path / "late").exists()
    finding = check_room.lesson_run("bad.ipynb", failure, seconds)
    assert finding.state == PROBLEM and finding.advice


def test_a_lesson_that_runs(tmp_path: Path) -> None:
    path = notebook(tmp_path / "good.ipynb", "1 / 0", tags=["raises-exception"])
    failure, seconds = opening.run_lesson(path)
    assert failure == ""
    assert check_room.lesson_run("good.ipynb", failure, seconds).state == OK


def test_a_kernel_that_dies(tmp_path: Path) -> None:
    path = notebook(tmp_path / "dies.ipynb", "import os\nos._exit(1)")
    assert opening.run_lesson(path)[0].startswith("cell 2: the kernel died")


def test_a_cell_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "CELL_SECONDS", 2)
    path = notebook(tmp_path / "endless.ipynb", "import time\ntime.sleep(60)")
    assert opening.run_lesson(path)[0] == "cell 2: no end after 2 s"


def test_a_lesson_that_is_no_notebook(tmp_path: Path) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text("{")
    assert opening.run_lesson(path)[0].startswith("can't be read")
    assert opening.run_lesson(tmp_path / "gone.ipynb")[0].startswith("can't be read")


def test_lessons_that_the_server_cannot_open(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    notebook(tmp_path / "notebooks/good.ipynb", "1")
    (tmp_path / "notebooks/broken.ipynb").write_text("{")
    found = dict(opening.open_lessons(["good.ipynb", "broken.ipynb", "gone.ipynb"], tmp_path))
    assert found.pop("good.ipynb") == ""
    assert found == {"broken.ipynb": "the server answers 400", "gone.ipynb": found["gone.ipynb"]}
    assert "404" in found["gone.ipynb"]
    assert check_room.lesson_opened("gone.ipynb", found["gone.ipynb"]).state == PROBLEM


def test_a_problem_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    rows = [Finding(OK, "a", "fine"), Finding(WARNING, "b", "so so", "look")]
    monkeypatch.setattr(check_room, "look", lambda arguments: iter(rows))
    assert check_room.main([]) == 0
    assert "The room is ready." in capsys.readouterr().out
    rows.append(Finding(PROBLEM, "c", "bad", "mend it"))
    assert check_room.main([]) == 1
    out = capsys.readouterr().out
    assert "ok: 1, warning: 1, problem: 1." in out and "-> mend it" in out


def test_a_check_that_fails_itself_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise PermissionError("not allowed here")

    def lessons(names: list[str], quick: bool) -> Iterator[Finding]:
        yield Finding(OK, "the last", "")

    monkeypatch.setattr(machine, "free_memory", broken)
    monkeypatch.setattr(check_room, "look_at_lessons", lessons)
    arguments = check_room.parse(["--quick"])
    findings = list(check_room.look(arguments))
    assert Finding(PROBLEM, "check", "PermissionError: not allowed here", "report it") in findings
    assert findings[-1].what == "the last"


@pytest.mark.parametrize("wrong", [["--students", "0"], ["--port", "70000"], ["--students", "x"]])
def test_wrong_arguments(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        check_room.main(wrong)
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_real_quick_run_from_anywhere(tmp_path: Path) -> None:
    """As make check-room starts it: by its path, here from another folder, without a network."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, str(ROOT / "classroom/check_room.py"), "--quick", "--students", "2"],
        cwd=tmp_path,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    for name in check_room.course_files():
        assert re.search(rf"^ok +open {re.escape(name)} +opens$", done.stdout, re.MULTILINE)
    assert "for 2 students" in done.stdout
    assert " run " not in done.stdout
    assert done.stdout.rstrip().endswith("The room is ready.")
