"""``practice.check``: from a learner's function to a message."""

import difflib
import dis
import inspect
from collections.abc import Callable
from typing import Any

from helpers import lab

from .. import store
from ..messages import Message
from . import answers
from .kit import Call, Exercise, Misconception, all_exercises


def check(function: Callable[..., Any]) -> Message:
    """Check the learner's ``function``; which exercise it answers, its name says.

    Returns a message, and never raises.
    """
    name = getattr(function, "__name__", None)
    if not inspect.isfunction(function) or name is None:
        return Message(
            "not checked",
            "Hand over the function itself",
            "Write its name, without brackets behind it: `practice.check(name)`.",
        )
    exercises = all_exercises()
    if name not in exercises:
        near = difflib.get_close_matches(name, exercises, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        return Message(
            "not checked",
            "No exercise asks for this function",
            f"Your function is called `{name}`. Keep the name that the exercise gives it.{hint}",
        )
    message = _checked(exercises[name], function)
    answers.checked(name, function, right=message.state == "correct")
    return message


def _checked(exercise: Exercise, function: Callable[..., Any]) -> Message:
    if not _started(function):
        return Message(
            "not started",
            "Not started yet",
            f"Write the body of `{exercise.function}` in place of the `...`. Run the cell.",
        )
    try:
        inspect.signature(function).bind(*exercise.parameters)
    except TypeError:
        return Message(
            "wrong",
            "Other parameters than asked for",
            f"Your function takes ({', '.join(inspect.signature(function).parameters)}); the "
            f"exercise calls it with ({', '.join(exercise.parameters)}).",
        )
    call = Call(function)
    try:
        if exercise.in_lab:
            with lab.scratch() as session:
                exercise.checker(call, session.client("kms"))
        else:
            exercise.checker(call)
    except Misconception as found:
        return Message("wrong", found.name, found.words, call.printed)
    except lab.LabError:
        return Message(
            "not checked",
            "The lab is closed",
            "This exercise is checked in the lab. Run the set-up cell at the top, then this.",
        )
    except Exception as error:
        # Ours to mend, but no reason to show a learner our insides.
        return Message(
            "not checked",
            "The check itself failed",
            f"That is a mistake in the course, not yours: {exercise.id}, {type(error).__name__}. "
            "Please report it.",
            call.printed,
        )
    store.record("exercise", exercise.id, passed=True)
    return Message("correct", "Correct", exercise.why, call.printed)


def _untouched() -> None: ...


def _documented() -> None:
    """With a docstring."""
    ...


def _steps(function: Callable[..., Any]) -> list[tuple[str, Any]]:
    return [
        (step.opname, step.argval)
        for step in dis.get_instructions(function)
        if step.opname not in ("RESUME", "NOP", "CACHE")
    ]


def _started(function: Callable[..., Any]) -> bool:
    """Whether the body does anything. ``...`` alone leaves nothing in the compiled function."""
    return _steps(function) not in (_steps(_untouched), _steps(_documented))
