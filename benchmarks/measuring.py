"""Measuring two things alternately, so that the machine's moods hit both alike."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Benchmark:
    """A ratio and the most it may be; measuring may leave notes, to be shown beside it."""

    what: str
    target: float
    measure: Callable[[], float]
    notes: list[str] = field(default_factory=list)


def seconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def ratio(
    first: Callable[[], float], second: Callable[[], float], rounds: int, *, warm_up: int = 1
) -> float:
    """The median of first()/second(), each pair measured back to back."""
    for _ in range(warm_up):
        first()
        second()
    return statistics.median(first() / second() for _ in range(rounds))


def python(*arguments: str, cwd: str | None = None) -> str:
    """Run this interpreter in a fresh process and return what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)[:200]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
