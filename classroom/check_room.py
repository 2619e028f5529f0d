"""Is this machine ready for a class? ``make check-room``, or ``python classroom/check_room.py``.

Looks at versions, a port, disk, memory and the browser, then opens every lesson in a JupyterLab of
its own and runs it once in a fresh kernel. Asks nothing of the network. Exits with 1 if there is a
problem.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started by its path, Python knows this file's folder only
    sys.path.insert(0, str(ROOT))

from classroom import machine  # noqa: E402 (only now can it be found)

LOWEST, HIGHEST = (3, 11), (3, 14)  # README and Makefile say the same
LAB_PORT = 8888  # JupyterLab's; if it is taken, JupyterLab tries the next ones
MIB = 1 << 20
STUDENT_MIB = 210  # measured: python -m tests.load
SPARE = 500 * MIB  # temporary files of a lesson (04 writes 130 MiB), the browser's, fonts
MOST_STUDENTS = 1000
INSTALL = "python -m pip install -r requirements.txt (make lab does it)"

OK, WARNING, PROBLEM = "ok", "warning", "problem"


class Finding(NamedTuple):
    """One row of the table: how it is, what was looked at, what was found, what to do."""

    state: str
    what: str
    found: str
    advice: str = ""


def python_version(version: tuple[int, ...]) -> Finding:
    """Whether the course runs on this Python."""
    found = ".".join(map(str, version[:3]))
    if LOWEST <= version[:2] <= HIGHEST:
        return Finding(OK, "Python", found)
    wanted = " to ".join(".".join(map(str, edge)) for edge in (LOWEST, HIGHEST))
    return Finding(
        PROBLEM, "Python", found, f"install Python {wanted}, and make .venv anew with it"
    )


def installed_version(name: str) -> str | None:
    """The version of a package that is installed here, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def pinned(requirements: Path) -> Iterator[str]:
    """The requirements in a file and in those that it names with -r, one text each."""
    for line in requirements.read_text(encoding="utf-8").splitlines():
        text = line.split(" #")[0].strip()
        option, _, rest = text.partition(" ")
        if option in ("-r", "--requirement"):
            yield from pinned(requirements.parent / rest.strip())
        elif text and not text.startswith(("#", "-")):
            yield text


def packages(
    requirements: Path, version_of: Callable[[str], str | None] = installed_version
) -> list[Finding]:
    """A row for each package that is not as pinned; one row if all are."""
    try:
        from packaging.requirements import Requirement
    except ImportError:  # JupyterLab brings it: without it nothing is installed
        return [Finding(PROBLEM, "packages", "not installed", INSTALL)]
    rows, count = [], 0
    for text in pinned(requirements):
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        count += 1
        version = version_of(wanted.name)
        if version is None:
            rows.append(Finding(PROBLEM, wanted.name, "not installed", INSTALL))
        elif not wanted.specifier.contains(version, prereleases=True):
            rows.append(
                Finding(PROBLEM, wanted.name, f"{version}, pinned {wanted.specifier}", INSTALL)
            )
    return rows or [Finding(OK, "packages", f"{count} as pinned in {requirements.name}")]


def helpers_folder(folder: str | None, course: Path = ROOT) -> Finding:
    """Whether lessons import the helpers of this copy of the course."""
    if folder is None:
        return Finding(PROBLEM, "helpers", "lessons can't import them", INSTALL)
    if Path(folder).resolve() == (course / "helpers").resolve():
        return Finding(OK, "helpers", "those of this folder")
    return Finding(
        WARNING, "helpers", f"those of {folder}", "run pip here, or use that copy of the course"
    )


def find_helpers() -> str | None:
    """The folder that ``from helpers import lab`` finds, asked where lessons run."""
    code = "import importlib.util as u; print(u.find_spec('helpers').submodule_search_locations[0])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "notebooks", capture_output=True, text=True
    )
    return done.stdout.strip() or None


def port(number: int, free: bool, next_free: int | None, chosen: bool = False) -> Finding:
    """A port on loopback. ``chosen``: it must be this one."""
    what = f"port {number}"
    if free:
        return Finding(OK, what, "free on 127.0.0.1")
    if chosen or next_free is None:
        advice = "end what uses it, or name another: --port"
        return Finding(PROBLEM, what, "in use", advice)
    advice = f"nothing: JupyterLab takes the next free one, {next_free}; or end what uses it"
    return Finding(WARNING, what, "in use", advice)


def disk(folder: str, free: int, needed: int) -> Finding:
    """Room for what a class writes."""
    found = f"{free // MIB:,} MiB free, {-(-needed // MIB):,} needed"
    if free >= needed:
        return Finding(OK, f"disk, {folder}", found)
    return Finding(PROBLEM, f"disk, {folder}", found, "free some, or move the course")


def disk_needed(course: Path, students: int) -> int:
    """Bytes: for each student a copy of the lessons and its checkpoints, and some to spare."""
    notebooks = course / "notebooks"
    size = sum(path.stat().st_size for path in notebooks.rglob("*") if path.is_file())
    return students * 2 * size + SPARE


def memory(available: int | None, students: int) -> Finding:
    """Room for everybody's server and kernel at once."""
    needed = students * STUDENT_MIB
    many = f"{students} student{'s' * (students > 1)}"
    if available is None:
        advice = f"{many} need {needed:,} MiB: look yourself"
        return Finding(WARNING, "memory", "this system doesn't say", advice)
    free = available // MIB
    found = f"{free:,} MiB free, {needed:,} needed for {many}"
    if free < needed:
        room = f"it is enough for {free // STUDENT_MIB}"
        return Finding(PROBLEM, "memory", found, f"{room}: end programs, or take a larger machine")
    if free < needed * 1.25:
        return Finding(WARNING, "memory", found, "tight: end programs that nobody needs")
    return Finding(OK, "memory", found)


def browsers(found: list[tuple[str, str]]) -> Finding:
    """Something to look at JupyterLab with. On a server without a screen it may be missing."""
    if found:
        return Finding(OK, "browser", ", ".join(f"{name} {version}" for name, version in found))
    advice = "install Chrome, Edge, Firefox or Chromium, unless learners bring their own"
    return Finding(WARNING, "browser", "none found", advice)


def lesson_opened(name: str, failure: str) -> Finding:
    """A lesson as the server gives it."""
    if not failure:
        return Finding(OK, f"open {name}", "opens")
    return Finding(PROBLEM, f"open {name}", failure, "fetch the course anew")


def lesson_run(name: str, failure: str, seconds: float) -> Finding:
    """A lesson, run from top to bottom."""
    if not failure:
        return Finding(OK, f"run {name}", f"{seconds:.1f} s")
    advice = "open it and run this cell; git status tells if the lesson was changed"
    return Finding(PROBLEM, f"run {name}", failure, advice)


def course_files(course: Path = ROOT) -> list[str]:
    """File names of the lessons that are ready, appendices too."""
    data = json.loads((course / "helpers/practice/course.json").read_text(encoding="utf-8"))
    return [each["file"] for each in data["lessons"] + data["appendices"] if each["ready"]]


def look(arguments: argparse.Namespace) -> Iterator[Finding]:
    """All findings, one after the other, the quick ones first."""
    students, names = arguments.students, course_files()
    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: [python_version(sys.version_info[:3])],
        lambda: packages(ROOT / "requirements.txt"),
        lambda: [helpers_folder(find_helpers())],
        lambda: [look_at_port(arguments.port)],
        lambda: [disk("course", machine.free_disk(ROOT), disk_needed(ROOT, students))],
        lambda: [disk("temporary files", machine.free_disk(tempfile.gettempdir()), SPARE)],
        lambda: [memory(machine.free_memory(), students)],
        lambda: [browsers(machine.find_browsers())],
        lambda: look_at_lessons(names, arguments.quick),
    ]
    for check in checks:
        try:
            yield from check()
        except Exception as error:  # that is a finding, too, and a stack would help nobody here
            yield Finding(PROBLEM, "check", f"{type(error).__name__}: {error}", "report it")


def look_at_port(chosen: int | None) -> Finding:
    number = chosen or LAB_PORT
    others = range(number + 1, min(number + 51, 65536))
    next_free = next(filter(machine.port_is_free, others), None)
    return port(number, machine.port_is_free(number), next_free, chosen=chosen is not None)


def look_at_lessons(names: list[str], quick: bool) -> Iterator[Finding]:
    try:
        from classroom import opening
    except ImportError:
        yield Finding(PROBLEM, "lessons", "JupyterLab is missing or incomplete", INSTALL)
        return
    for name, failure in opening.open_lessons(names):
        yield lesson_opened(name, failure)
    if not quick:
        for name in names:
            yield lesson_run(name, *opening.run_lesson(ROOT / "notebooks" / name))


def row(finding: Finding) -> str:
    """A line of the table."""
    line = f"{finding.state:8} {finding.what:42} {finding.found}"
    return f"{line}\n{'':8} {'':42} -> {finding.advice}" if finding.advice else line


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="check_room.py", description=__doc__)
    parser.add_argument("--students", type=int, default=1, help="who share this machine (1)")
    parser.add_argument("--port", type=int, help=f"the port it must be (JupyterLab: {LAB_PORT})")
    parser.add_argument("--quick", action="store_true", help="open the lessons, don't run them")
    arguments = parser.parse_args(argv)
    if not 1 <= arguments.students <= MOST_STUDENTS:
        parser.error(f"--students: 1 to {MOST_STUDENTS}")
    if arguments.port is not None and not 1 <= arguments.port <= 65535:
        parser.error("--port: 1 to 65535")
    return arguments


def main(argv: list[str] | None = None) -> int:
    arguments = parse(argv)
    # Outcomes of lessons are the same for everybody, and nobody's progress is touched.
    os.environ |= {"KMS_COURSE_PROGRESS": ":memory:", "JUPYTER_PREFER_ENV_PATH": "1"}
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a console that lacks a letter shows ?
    counts = dict.fromkeys((OK, WARNING, PROBLEM), 0)
    try:
        for finding in look(arguments):
            counts[finding.state] += 1
            print(row(finding), flush=True)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130
    summary = ", ".join(f"{state}: {count}" for state, count in counts.items())
    print(f"\n{summary}.", end=" ")
    print("Mend the problems first." if counts[PROBLEM] else "The room is ready.")
    return 1 if counts[PROBLEM] else 0


if __name__ == "__main__":
    raise SystemExit(main())
