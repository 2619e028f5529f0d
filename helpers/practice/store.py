"""What was answered and passed, in one small JSON file in the user's data folder.

The file holds ids and results, nothing about the person. It is replaced as a whole, under a lock,
so that a killed kernel or two notebooks at once lose nothing. A damaged file is kept aside. Where
nothing can be written, results live as long as the kernel. No function here fails for what the
disk does: it says so, once, and goes on.

``KMS_COURSE_PROGRESS`` names another file, or ``:memory:`` for none: every kernel then starts
empty, which is how stored outputs repeat.
"""

import json
import os
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from .errors import PracticeError

KINDS = ("exercise", "question", "prediction", "exam", "sitting")
VARIABLE = "KMS_COURSE_PROGRESS"
MEMORY = ":memory:"
VERSION = 1
LOCK_SECONDS = 5

#: kind -> item id -> latest result
Records = dict[str, dict[str, dict[str, Any]]]

_unwritten: Records = {}  # what this process could not, or was told not to, put on the disk
_told: set[str] = set()


class _Unusable(Exception):
    """The file can't be used as it is; the message is for the learner."""


def record(kind: str, item_id: str, **result: object) -> None:
    """Keep the latest result of an item. ``passed=True`` counts as done, then and ever after.

    ``kind`` is one of KINDS. ``result`` is what JSON can hold. Raises ValueError for another kind
    and TypeError for another result; never for the disk.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    _merge({kind: {item_id: json.loads(json.dumps(result))}})


def recorded(kind: str) -> dict[str, dict[str, Any]]:
    """Item id -> its latest result, with ``once_passed`` if any result said ``passed=True``."""
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    return _everything().get(kind, {})


def export_progress(file: str | os.PathLike[str] | None = None) -> str:
    """All progress as JSON text; with ``file`` written there too. For Binder, whose disk forgets.

    Raises PracticeError if the file can't be written.
    """
    text = _dumps(_everything())
    if file is not None:
        try:
            Path(file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise PracticeError(f"{file} can't be written: {_why(error)}.") from None
        print(f"Your progress is in {file}. Keep it, and read it back with import_progress.")
    return text


def import_progress(source: str | bytes | os.PathLike[str]) -> None:
    """Add progress that ``export_progress`` gave: its text or bytes, or the file it wrote.

    What was passed on either side stays passed. Raises PracticeError for anything else, and then
    changes nothing.
    """
    raw = source
    if isinstance(source, os.PathLike) or (
        isinstance(source, str) and not source.lstrip().startswith("{")
    ):
        try:
            raw = Path(source).read_bytes()
        except (OSError, ValueError) as error:
            why = _why(error) if isinstance(error, OSError) else error
            raise PracticeError(f"{str(source)[:80]!r} can't be read: {why}.") from None
    try:
        brought = _loads(raw)  # type: ignore[arg-type]
    except _Unusable as error:
        raise PracticeError(f"This is no progress of this course: {error}.") from None
    _merge(brought, overwrite=False)
    print(f"Taken over: {sum(map(len, brought.values()))} results.")


def _everything() -> Records:
    stored: Records = {}
    path = _path()
    try:
        if path and path.exists():
            stored = _read(path)
    except _Unusable as error:
        assert path is not None
        _set_aside(path, str(error))
    except OSError as error:
        _tell(f"Your stored progress can't be read: {_why(error)}.")
    return _joined(stored, _unwritten)


def _merge(new: Records, overwrite: bool = True) -> None:
    path = _path()
    if path is None:
        _keep_in_memory(new, overwrite)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
            try:
                stored = _read(path) if path.exists() else {}
            except _Unusable as error:
                stored = {}
                if not _set_aside(path, str(error), locked=True):
                    _keep_in_memory(new, overwrite)
                    return
            both = _joined(_joined(stored, _unwritten), new, overwrite)
            _replace(path, _dumps(both))
            _unwritten.clear()
    except Timeout:
        _keep_in_memory(new, overwrite)
        _tell("Your progress is in use by another program. It is kept in this kernel for now.")
    except OSError as error:
        _keep_in_memory(new, overwrite)
        _tell(f"Your progress can't be stored ({_why(error)}). It is kept until this kernel ends.")


def _keep_in_memory(new: Records, overwrite: bool) -> None:
    both = _joined(_unwritten, new, overwrite)
    _unwritten.clear()
    _unwritten.update(both)


def _joined(old: Records, new: Records, overwrite: bool = True) -> Records:
    """Both; of the same item the newer result (or the older, if it isn't to be overwritten)."""
    both: Records = {kind: dict(items) for kind, items in old.items()}
    for kind, items in new.items():
        there = both.setdefault(kind, {})
        for item_id, result in items.items():
            before = there.pop(item_id, {})
            latest = result if overwrite or not before else before
            once = any(r.get("passed") is True or r.get("once_passed") for r in (before, result))
            there[item_id] = dict(latest) | ({"once_passed": True} if once else {})
    return both


def _read(path: Path) -> Records:
    return _loads(path.read_bytes())


def _loads(raw: str | bytes) -> Records:
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        data = json.loads(text)
    except (ValueError, RecursionError, AttributeError, TypeError):
        raise _Unusable("it is not JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("version"), int):
        raise _Unusable("it has no version")
    if data["version"] > VERSION:
        raise _Unusable("a newer version of this course wrote it")
    records = data.get("recorded")
    if not isinstance(records, dict) or not all(
        isinstance(items, dict) and all(isinstance(result, dict) for result in items.values())
        for items in records.values()
    ):
        raise _Unusable("its results are not what this course writes")
    return records


def _dumps(records: Records) -> str:
    return json.dumps({"version": VERSION, "recorded": records}, indent=1, ensure_ascii=False)


def _replace(path: Path, text: str) -> None:
    """All or nothing: whoever reads sees the old file or the new one. Only under the lock."""
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def _set_aside(path: Path, why: str, locked: bool = False) -> bool:
    """Rename a file that can't be used, and say so. False if even that can't be done."""
    if not locked:
        try:
            with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
                return _set_aside(path, why, locked=True)
        except (Timeout, OSError):
            _tell(f"Your stored progress can't be used ({why}), nor moved.")
            return False
    try:
        _read(path)
        return True  # another process was quicker, and it is whole again
    except FileNotFoundError:
        return True
    except (_Unusable, OSError):
        pass
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    try:
        os.replace(path, aside)
    except OSError as error:
        _tell(f"Your stored progress can't be used ({why}), nor moved ({_why(error)}).")
        return False
    _tell(f"Your stored progress could not be used ({why}): it is kept as {aside.name}.")
    return True


def _path() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named == MEMORY:
        return None
    return Path(named) if named else user_data_path("aws-kms-course") / "progress.json"


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _tell(words: str) -> None:
    """Say it once in a kernel: the tenth question need not repeat it."""
    if words not in _told:
        _told.add(words)
        print(words)
