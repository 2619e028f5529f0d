"""What an exercise is, and how its checker calls the learner's function.

A checker is a function with the name of the learner's. It calls that function as often as it
likes, on inputs of its own, and raises a Misconception by name when it sees one. It returns if
all is well. Its words never give the answer away.

    @exercise("01-seal", "key, message, context", "AES-GCM breaks when a nonce comes twice.")
    def seal(call: Call) -> None:
        sealed = call(key, message, context, returns=bytes)
        if ...:
            raise Misconception("Nonce reused", "...")
"""

import copy
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from botocore.exceptions import ClientError

from ..running import InputAsked, Outcome, TimeIsUp, line_of, run


class Misconception(Exception):
    """What is wrong, by name, and a few words on why. Raised by checkers."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(name)
        self.name, self.words = name, words


@dataclass(frozen=True)
class Exercise:
    """An exercise: its id ("01-seal"), the learner's function, and why the answer matters.

    ``in_lab``: the checker gets a KMS client as its second argument, in an account of its own.
    """

    id: str
    function: str
    parameters: tuple[str, ...]
    why: str
    in_lab: bool
    checker: Callable[..., None]


_EXERCISES: dict[str, Exercise] = {}


def exercise(
    id: str, parameters: str, why: str, *, in_lab: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare the decorated checker as the exercise ``id``.

    ``parameters`` are the names that the learner's function takes; ``why`` is the sentence that
    a right answer gets.
    """

    def declare(checker: Callable[..., None]) -> Callable[..., None]:
        name = checker.__name__
        names = tuple(part.strip() for part in parameters.split(","))
        if name in _EXERCISES and _EXERCISES[name].id != id:
            raise ValueError(f"two exercises ask for a function called {name}")
        _EXERCISES[name] = Exercise(id, name, names, why, in_lab, checker)
        return checker

    return declare


def all_exercises() -> dict[str, Exercise]:
    """Name of the learner's function -> exercise, of all lessons."""
    package = import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("lesson_"):
            import_module(f"{__package__}.{module.name}")
    return dict(_EXERCISES)


@dataclass
class Call:
    """Calls the learner's function for a checker, and says in words what goes wrong by itself."""

    function: Callable[..., Any]
    printed: str = field(default="")

    def __call__(
        self,
        *arguments: Any,
        returns: type | None = None,
        on_error: Mapping[str, Misconception] | None = None,
    ) -> Any:
        """What the function returns.

        Raises a Misconception if that is not of the type ``returns``, if the function is late,
        changes its arguments, or raises. ``on_error`` maps an AWS error code or the name of an
        exception to a better one.
        """
        changeable = [a for a in arguments if isinstance(a, dict | list | set | bytearray)]
        before = copy.deepcopy(changeable)
        outcome = self.outcome(*arguments)
        if outcome.error is not None:
            raise (on_error or {}).get(_code(outcome.error)) or self._raised(outcome.error)
        if changeable != before:
            raise Misconception(
                "An argument was changed",
                "Whoever calls your function still needs what they handed in. Work on a copy.",
            )
        if returns is not None:
            _require(outcome.value, returns, outcome.printed)
        return outcome.value

    def outcome(self, *arguments: Any) -> Outcome:
        """How the call ended, errors included. Raises a Misconception only if it is late."""
        outcome = run(self.function, arguments)
        self.printed = self.printed or outcome.printed
        if outcome.late:
            words = (
                "It took longer than a few seconds and was stopped. Is there a loop without end?"
            )
            if outcome.running:
                words = (
                    "It took longer than a few seconds and could not be stopped. Restart the "
                    "kernel (menu Kernel), then look for what it waits for."
                )
            raise Misconception("Not finished in time", words)
        return outcome

    def _raised(self, error: BaseException) -> Misconception:
        line = line_of(error, self.function)
        at = f" at the line `{line}`" if line and "`" not in line else ""
        if isinstance(error, ClientError):
            code, detail = _code(error), error.response["Error"].get("Message") or "no message"
            words = f"KMS answered `{code}`{at}: {detail}"
            if code in ("AccessDeniedException", "NotFoundException"):
                words += (
                    " (Your function is handed a `kms` and a key of its own. Does it use them?)"
                )
            return Misconception(f"KMS refused: {code}", words)
        if isinstance(error, InputAsked):
            return Misconception(
                "It asks for input", "Everything it needs comes in as arguments; use those."
            )
        if isinstance(error, SystemExit | KeyboardInterrupt | TimeIsUp):
            return Misconception(
                "It left by the emergency exit",
                f"Your function raised {type(error).__name__}{at}. Leave it with `return`.",
            )
        if isinstance(error, RecursionError):
            return Misconception(
                "It calls itself without end", "Your function calls itself again and again."
            )
        if ... in self.function.__code__.co_consts:
            return Misconception(
                "A `...` is left", f"It stands where your own code should, and stopped it{at}."
            )
        told = str(error).strip().replace("`", "'")[:300]
        return Misconception(
            f"It raised {type(error).__name__}",
            f"Your function stopped{at}" + (f" and said: {told}" if told else "."),
        )


def _code(error: BaseException) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__


def _require(value: Any, wanted: type, printed: str) -> None:
    """Raise the Misconception that fits if ``value`` is not of the type ``wanted``."""
    if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
        return
    kind, asked = type(value).__name__, wanted.__name__
    if value is ...:
        raise Misconception("A `...` is left", "It stands where your own code should.")
    if value is None and printed:
        raise Misconception(
            "Printed instead of returned",
            "`print` shows a value to a person; `return` hands it to the caller.",
        )
    if value is None:
        raise Misconception("It returns nothing", f"The exercise asks for `{asked}`.")
    if inspect.isawaitable(value) or inspect.isgenerator(value):
        value.close()
        raise Misconception(
            f"It returns a {kind}", f"Leave out `async` and `yield`; `return` the `{asked}`."
        )
    if isinstance(value, dict) and "ResponseMetadata" in value:
        raise Misconception(
            "The whole reply",
            "What KMS sends back is a dict of several members. Return only the one asked for.",
        )
    if wanted is bytes and isinstance(value, str):
        raise Misconception(
            "Text instead of bytes",
            "Keys, messages and ciphertext are bytes. As text, decoded or in hexadecimal, they "
            "are something else.",
        )
    if wanted is bytes and isinstance(value, bytearray | memoryview):
        raise Misconception(f"It returns a {kind}", "Make it `bytes(...)` at the end.")
    if wanted is bytes and isinstance(value, tuple | list):
        raise Misconception(
            "Several values instead of one",
            f"It returns a {kind} of {len(value)}. The exercise asks for one piece of bytes.",
        )
    raise Misconception(f"It returns {kind}", f"The exercise asks for `{asked}`.")
