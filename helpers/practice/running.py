"""Runs a learner's function: for a few seconds at most, whatever it raises, prints or changes.

The function runs in a thread of its own. That works in every kernel and on every system (alarm
signals don't), and costs nothing (a process would). A thread that is late is stopped by an
exception that Python raises in it.
"""

import ctypes
import io
import linecache
import threading
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest import mock

#: How long one call of a learner's function may take.
SECONDS = 5.0
_STOPPING_SECONDS = 1.0


class TimeIsUp(BaseException):
    """Raised in the thread of a function that is late. Not an Exception: those get caught."""


class InputAsked(Exception):
    """The function called input()."""


@dataclass(frozen=True)
class Outcome:
    """How a call ended: with a value, an error, or not in time (``late``).

    ``running``: it could not be stopped either.
    """

    value: Any = None
    error: BaseException | None = None
    late: bool = False
    running: bool = False
    printed: str = ""


def run(function: Callable[..., Any], arguments: Sequence[Any], seconds: float = 0) -> Outcome:
    """Call ``function``; raises nothing, not even for SystemExit. Default limit: ``SECONDS``."""
    ended: dict[str, Any] = {}

    def work() -> None:
        try:
            ended["value"] = function(*arguments)
        except BaseException as error:
            ended["error"] = error

    thread = threading.Thread(target=work, name="exercise", daemon=True)
    printed = io.StringIO()
    late = False
    # Python's own input() waits for the keyboard, a thing that nobody would notice here.
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        mock.patch("builtins.input", _refuse_input),
    ):
        thread.start()
        try:
            thread.join(seconds or SECONDS)
            late = thread.is_alive()
        except KeyboardInterrupt:  # the learner pressed stop
            late = True
        if late:
            _stop(thread)
    if late:
        return Outcome(late=True, running=thread.is_alive(), printed=printed.getvalue())
    return Outcome(ended.get("value"), ended.get("error"), printed=printed.getvalue())


def line_of(error: BaseException, function: Callable[..., Any]) -> str:
    """The learner's own line that raised ``error``, as text; empty if it isn't known."""
    code = getattr(function, "__code__", None)
    number, trace = 0, error.__traceback__
    while trace is not None and code is not None:
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            number = trace.tb_lineno
        trace = trace.tb_next
    return linecache.getline(code.co_filename, number).strip() if number else ""


def _stop(thread: threading.Thread) -> None:
    """Raise TimeIsUp in the thread, more than once: a bare ``except`` may swallow it."""
    pause = 0.02
    for _ in range(int(_STOPPING_SECONDS / pause)):
        if thread.ident is None or not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(TimeIsUp)
        )
        thread.join(pause)


def _refuse_input(*_: object) -> str:
    raise InputAsked("it asks for input()")
