"""What the course made in the learner's own account, noted before it is made.

One line of JSON for each thing, in a file in the user's data folder. Tags on the things themselves
say the same; the file adds the Regions to look in, and what was under way when a kernel died.
``KMS_COURSE_OWN_ACCOUNT`` names another file. Ids and names only: no secrets, no data.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

VARIABLE = "KMS_COURSE_OWN_ACCOUNT"


@dataclass(frozen=True)
class Made:
    """A thing of the course. ``asked`` is the name that the lesson gave it."""

    kind: str  # key, alias, bucket, secret, parameter, role
    name: str
    region: str
    asked: str = ""


class Journal:
    """The journal of one account."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.things: set[Made] = set()
        self._unwritable = False
        for line in _lines():
            # A line that is only half there was the last one of a process that died.
            try:
                record = json.loads(line)
                if record.pop("account") == account_id:
                    gone = record.pop("gone", False)
                    self._take(Made(**record), gone)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    def _take(self, made: Made, gone: bool) -> None:
        (self.things.discard if gone else self.things.add)(made)

    def note(self, made: Made, *, gone: bool = False) -> None:
        """Note a thing before it is made, or that it was not made after all, or is gone."""
        if gone or made not in self.things:
            self._take(made, gone)
            record = {"account": self.account_id, **vars(made)} | ({"gone": True} if gone else {})
            self._write(json.dumps(record))

    def forget(self, kind: str, name: str) -> None:
        """Note that a thing is gone."""
        for made in self.all():
            if (made.kind, made.name) == (kind, name):
                self.note(made, gone=True)

    def all(self) -> tuple[Made, ...]:
        """What is there now; other threads may add meanwhile."""
        return tuple(self.things)

    def names(self, kind: str) -> set[str]:
        return {made.name for made in self.all() if made.kind == kind}

    def regions(self) -> set[str]:
        return {made.region for made in self.all()}

    def _write(self, line: str) -> None:
        path = _path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                # Begun on a new line: the last one may be half a line.
                file.write(f"\n{line}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            if not self._unwritable:
                self._unwritable = True
                print(
                    f"What the course makes can't be noted in {path} ({error.strerror}). "
                    "It is found by its tags, in the Regions that you name to lab.clean_up."
                )


def _lines() -> list[str]:
    try:
        return _path().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _path() -> Path:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else user_data_path("aws-kms-course") / "own_account.jsonl"
