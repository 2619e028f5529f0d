"""The kit: whatever a learner's function does, ``check`` answers in words and never raises."""

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from helpers import lab, practice
from helpers.practice import running
from helpers.practice.exercises import Call, Exercise, Misconception, checking, exercise, kit
from helpers.practice.exercises.kit import all_exercises
from helpers.practice.messages import Message
from tests.practice.learner import learner


@pytest.fixture
def doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exercise for these tests: ``doubled(numbers)`` gives each number twice."""
    monkeypatch.setattr(kit, "_EXERCISES", all_exercises())

    @exercise("99-doubled", "numbers, factor", "Two is more than one.")
    def doubled(call: Call) -> None:
        if call([1, 2], 2, returns=list) != [2, 4]:
            raise Misconception("Not doubled", "They should be `twice` as much.")


def checked(source: str, name: str = "doubled") -> Message:
    return practice.check(learner(source, name))


def body(code: str) -> Message:
    """The answer to a function with this body."""
    indented = "\n".join("    " + line for line in code.splitlines())
    return checked(f"def doubled(numbers, factor):\n{indented}\n")


RIGHT = "return [factor * number for number in numbers]"


def test_right(doubled: None, kept: dict) -> None:
    message = body(RIGHT)
    assert (message.state, message.title, message.words) == (
        "correct",
        "Correct",
        "Two is more than one.",
    )
    assert kept == {"exercise": {"99-doubled": {"passed": True}}}


@pytest.mark.parametrize(
    "code", ["...", "pass", '"""Words."""\n...', '"""Words."""', "return None"]
)
def test_untouched(code: str, doubled: None, kept: dict) -> None:
    message = body(code)
    assert message.state == "not started"
    assert "`doubled`" in message.words
    assert kept == {}


@pytest.mark.parametrize(
    ("code", "title", "words"),
    [
        ("return list(numbers)", "Not doubled", "twice"),
        ("numbers = numbers", "It returns nothing", "`list`"),
        ("print([2, 4])", "Printed instead of returned", "`return`"),
        ("return ...", "A `...` is left", "your own code"),
        ("numbers = ...\nreturn [*numbers]", "A `...` is left", "`return [*numbers]`"),
        ("return tuple(numbers)", "It returns tuple", "`list`"),
        ("return {'ResponseMetadata': {}}", "The whole reply", "members"),
        ("yield 1", "It returns a generator", "`yield`"),
        ("numbers.append(3)\nreturn [2, 4]", "An argument was changed", "copy"),
        ("return 1 / 0", "It raised ZeroDivisionError", "`return 1 / 0`"),
        ("return undefined", "It raised NameError", "'undefined' is not defined"),
        ("raise SystemExit(3)", "It left by the emergency exit", "SystemExit"),
        ("import sys\nsys.exit()", "It left by the emergency exit", "`sys.exit()`"),
        ("raise KeyboardInterrupt", "It left by the emergency exit", "KeyboardInterrupt"),
        ("return doubled(numbers, factor)", "It calls itself without end", "again"),
        ("return input('number? ')", "It asks for input", "arguments"),
        ("raise ExceptionGroup('many', [ValueError()])", "It raised ExceptionGroup", "many"),
    ],
)
def test_told_in_words(code: str, title: str, words: str, doubled: None, kept: dict) -> None:
    message = body(code)
    assert message.state == "wrong"
    assert message.title == title
    assert words in message.words
    _no_insides(message)
    assert kept == {}


def test_a_coroutine(doubled: None) -> None:
    message = checked("async def doubled(numbers, factor):\n    return [2, 4]\n")
    assert message.title == "It returns a coroutine"


@pytest.mark.parametrize(
    "parameters", ["", "numbers", "numbers, factor, more", "*, numbers, factor"]
)
def test_other_parameters(parameters: str, doubled: None) -> None:
    message = checked(f"def doubled({parameters}):\n    return [2, 4]\n")
    assert message.title == "Other parameters than asked for"
    assert "(numbers, factor)" in message.words


def test_more_parameters_with_defaults_are_fine(doubled: None) -> None:
    assert checked(f"def doubled(numbers, factor, more=1):\n    {RIGHT}\n").state == "correct"


@pytest.mark.parametrize("thing", [None, 3, [2, 4], print, sys, type("Doubled", (), {})])
def test_not_a_function(thing: Any) -> None:
    message = practice.check(thing)
    assert (message.state, message.title) == ("not checked", "Hand over the function itself")


def test_an_unknown_name_gets_a_suggestion(doubled: None) -> None:
    message = checked("def dobled(numbers, factor): return 1", "dobled")
    assert message.state == "not checked"
    assert "`doubled`" in message.words


def test_what_it_prints_is_shown_in_the_message_only(
    doubled: None, capsys: pytest.CaptureFixture[str]
) -> None:
    message = body(f"print('now at', numbers)\nimport sys\nprint('x', file=sys.stderr)\n{RIGHT}")
    assert message.state == "correct"
    assert message.printed == "now at [1, 2]\nx\n"
    assert "now at [1, 2]" in repr(message)
    assert capsys.readouterr() == ("", "")


# Time


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SECONDS", 0.2)


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "n = 0\nwhile True:\n    try:\n        n += 1\n    except Exception:\n        pass",
        "import itertools\nfor n in itertools.count(): numbers = [n]",
        "import time\nwhile True: time.sleep(0.01)",
    ],
)
def test_a_loop_without_end_is_stopped(code: str, doubled: None, hasty: None) -> None:
    before, threads = time.monotonic(), threading.active_count()
    message = body(code)
    assert time.monotonic() - before < 3
    assert message.title == "Not finished in time"
    assert "stopped" in message.words
    assert threading.active_count() == threads


def test_what_cannot_be_stopped_is_left_behind(doubled: None, hasty: None) -> None:
    message = body("import time\ntime.sleep(3)\nreturn [2, 4]")
    assert message.title == "Not finished in time"
    assert "Restart the kernel" in message.words


def test_stubborn_loops_end_too(doubled: None, hasty: None) -> None:
    stubborn = (
        "for n in range(3):\n    try:\n        while True: pass\n    except BaseException: pass"
    )
    assert body(stubborn).title == "Not finished in time"


def test_check_works_beside_the_main_thread(doubled: None, hasty: None) -> None:
    found: list[Message] = []
    worker = threading.Thread(target=lambda: found.append(body("while True: pass")))
    worker.start()
    worker.join(10)
    assert [message.title for message in found] == ["Not finished in time"]


def test_output_and_input_are_as_before_after_a_late_function(doubled: None, hasty: None) -> None:
    import builtins

    before = (sys.stdout, sys.stderr, builtins.input)
    body("while True: pass")
    assert (sys.stdout, sys.stderr, builtins.input) == before


# The lab, and mistakes of ours


def test_a_closed_lab_is_told() -> None:
    lab.close()
    source = "def keep_after_all(kms, key_id):\n    kms.enable_key(KeyId=key_id)\n"
    message = checked(source, "keep_after_all")
    assert (message.state, message.title) == ("not checked", "The lab is closed")


def test_a_refusal_of_kms_is_told_with_its_code(open_lab: None) -> None:
    source = "def keep_after_all(kms, key_id):\n    kms.describe_key(KeyId='alias/none')\n"
    message = checked(source, "keep_after_all")
    assert message.title == "KMS refused: NotFoundException"
    assert "`kms`" in message.words
    _no_insides(message)


def test_a_fault_of_a_checker_is_ours_and_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, kept: dict
) -> None:
    def broken(call: Call) -> None:
        raise KeyError("inside")

    faulty = Exercise("99-doubled", "doubled", ("numbers", "factor"), "", False, broken)
    monkeypatch.setattr(checking, "all_exercises", lambda: {"doubled": faulty})
    message = body(RIGHT)
    assert (message.state, message.title) == ("not checked", "The check itself failed")
    assert "99-doubled" in message.words
    _no_insides(message)
    assert kept == {}


def test_two_exercises_cannot_share_a_name(doubled: None) -> None:
    with pytest.raises(ValueError, match="doubled"):
        exercise("98-other", "x", "")(_named("doubled"))


def test_every_exercise_is_whole() -> None:
    for name, each in all_exercises().items():
        assert name == each.function
        assert each.id[:3].rstrip("-").isdigit()
        assert each.why.endswith(".")
        assert len(each.why) < 250


# Messages


@pytest.mark.parametrize("state", ["not started", "correct", "wrong", "not checked"])
def test_a_message_is_said_and_not_only_coloured(state: Any) -> None:
    bundle = Message(state, "A title", "Some `code` <here>.", "printed <b>")._repr_mimebundle_()
    assert 'role="alert"' in bundle["text/html"]
    assert "<code>code</code> &lt;here&gt;" in bundle["text/html"]
    assert "printed &lt;b&gt;" in bundle["text/html"]
    assert "A title" in bundle["text/plain"]
    signs = {Message(s, "x")._repr_mimebundle_()["text/plain"] for s in _STATES}
    assert len(signs) == len(_STATES)


_STATES: tuple[Any, ...] = ("not started", "correct", "wrong", "not checked")


def _named(name: str) -> Callable[[Call], None]:
    def checker(call: Call) -> None: ...

    checker.__name__ = name
    return checker


def _no_insides(message: Message) -> None:
    """No stack, no file, no line of ours."""
    for words in (message.title, message.words):
        for trace in (
            "Traceback",
            "File ",
            ".py",
            "helpers",
            "line 1",
            "/helpers",
            "site-packages",
        ):
            assert trace not in words, words
