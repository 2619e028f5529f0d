"""A class on a real JupyterHub, on this machine only: ``make load STUDENTS=40``.

Each student logs in, starts a server, opens a kernel, runs a lesson and does an exercise. When
half of the class is in the lesson, the hub is killed and started again. Afterwards everybody logs
in anew and finds the progress that was made. Exits with 1 if anybody failed.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat

from tests.binder.image import pss_mib
from tests.load.classroom import Classroom, servers
from tests.load.student import ROOT, Failed, Student

# What all share is counted in parts, so a small class says little about a large one.
MOST_MIB_A_STUDENT, FROM_STUDENTS = 210, 30
MOST_STUDENTS = 200
EXERCISE = ("00_read_disabled", "read_disabled")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--lesson", default="00_start_here")
    arguments = parser.parse_args()
    if not 1 <= arguments.students <= MOST_STUDENTS or arguments.runs < 1:
        parser.error(f"from 1 to {MOST_STUDENTS} students, and one run or more")
    results = []
    for number in range(1, arguments.runs + 1):
        result = run(arguments.students, ROOT / f"notebooks/{arguments.lesson}.ipynb")
        results.append(result)
        print(f"run {number}: {describe(result)}", flush=True)
        for failure in result["failures"][:10]:
            print("  ", failure.partition("\n")[0])
    kept = ROOT / "build" / "load.json"
    kept.parent.mkdir(exist_ok=True)
    before = json.loads(kept.read_text()) if kept.exists() else []
    kept.write_text(json.dumps([*before, *results], indent=2) + "\n")
    growth(before + results)
    large = [r for r in results if r["students"] >= FROM_STUDENTS]
    lean = all(r["mib_mean"] <= MOST_MIB_A_STUDENT for r in large)
    return 0 if lean and not any(r["failures"] for r in results) else 1


def run(count: int, lesson: Path) -> dict[str, Any]:
    """One class of ``count``; what happened, as plain data."""
    nb = nbformat.read(lesson, as_version=4)
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    solution = (ROOT / f"notebooks/solutions/{EXERCISE[0]}.py").read_text()
    # A short path: kernels' sockets are files, and their names have at most 107 letters.
    with (
        tempfile.TemporaryDirectory(prefix="class") as folder,
        Classroom(Path(folder)) as classroom,
    ):
        students = [Student(classroom.address, f"s{n:03}") for n in range(count)]
        in_lesson = threading.Semaphore(0)
        failures: list[str] = []
        took: dict[str, float] = {}
        memory: dict[str, float] = {}
        start = time.perf_counter()

        def attend(student: Student) -> None:
            try:
                student.log_in()
                student.start_server()
                student.open_kernel()
                in_lesson.release()
                student.run_lesson(cells)
                student.do_exercise(solution, EXERCISE[1])
                took[student.name] = time.perf_counter() - start
            except Exception as error:
                failures.append(f"{student.name}: {type(error).__name__}: {error}")
                in_lesson.release()

        def teacher() -> None:
            for _ in range(max(1, count // 2)):
                in_lesson.acquire()
            classroom.kill_hub()
            time.sleep(1)
            classroom.start_hub()

        with ThreadPoolExecutor(count + 1) as pool:
            restarted = pool.submit(teacher)
            list(pool.map(attend, students))
            restarted.result()
        # All kernels still run: this is what the class takes together.
        for pid, name in servers(classroom.homes).items():
            try:
                memory[name] = memory.get(name, 0) + pss_mib(pid)
            except OSError:
                continue
        for student in students:
            student.log_out_of_kernel()
            failures += _lost(student, classroom)
        if failures:
            print(classroom.log("hub"), classroom.log("proxy"), sep="\n")
    return {
        "students": count,
        "lesson": lesson.stem,
        "failures": failures,
        "seconds": round(max(took.values(), default=0.0), 1),
        "mib_mean": round(sum(memory.values()) / max(1, len(memory)), 1),
        "mib_largest": round(max(memory.values(), default=0.0), 1),
    }


def _lost(student: Student, classroom: Classroom) -> list[str]:
    """What the student misses after logging in again; nothing, if all is well."""
    again = Student(student.address, student.name)
    again.password = student.password
    try:
        again.log_in()
        again.start_server()
    except Failed as error:
        return [f"{student.name}, afterwards: {error}"]
    kept = list((classroom.homes / student.name).rglob("progress*.json"))
    if not any('"00-read-disabled"' in path.read_text() for path in kept):
        return [f"{student.name}, afterwards: the exercise's progress is lost"]
    return []


def describe(result: dict[str, Any]) -> str:
    """A result in one line."""
    return (
        f"{result['students']} students, {len(result['failures'])} failed, the last was done "
        f"after {result['seconds']} s; a student takes {result['mib_mean']} MiB, "
        f"at most {result['mib_largest']} (PSS; {MOST_MIB_A_STUDENT} on average is the target "
        f"from {FROM_STUDENTS} students)"
    )


def growth(results: list[dict[str, Any]]) -> None:
    """How the time grows from the smallest class that was tried to the largest."""
    times: dict[int, list[float]] = {}
    for result in results:
        if not result["failures"]:
            times.setdefault(result["students"], []).append(result["seconds"])
    if len(times) > 1:
        few, many = min(times), max(times)
        ratio = (sum(times[many]) / len(times[many])) / (sum(times[few]) / len(times[few]))
        print(f"from {few} to {many} students the time grows by {ratio:.1f}")


if __name__ == "__main__":
    sys.exit(main())
