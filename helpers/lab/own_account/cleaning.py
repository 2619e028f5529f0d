"""``lab.clean_up``: lists what the course made, takes it away when told to, says what remains."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from .finding import Found, Search
from .removing import DAYS, remove

if TYPE_CHECKING:
    from .account import OwnAccount

COLUMNS = ("what", "name", "Region", "made", "state")


class CleanUp(list[dict[str, Any]]):
    """What the course made: a dict each, with kind, name, region, made, state, until, problem.

    ``done`` says whether it was taken away; ``remains`` is what is left, in sentences.
    """

    def __init__(self, things: Iterable[Found], done: bool, remains: list[str]) -> None:
        columns = ("kind", "name", "region", "made", "state", "until", "problem")
        super().__init__({name: getattr(each, name) for name in columns} for each in things)
        self.done, self.remains = done, remains

    def __repr__(self) -> str:
        rows = [COLUMNS, *(_row(each) for each in self)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(line.rstrip() for line in lines)

    def _ipython_display_(self) -> None:
        """Nothing: ``lab.clean_up`` has printed it."""


def clean_up(
    own: "OwnAccount", really: bool, confirm: str | int | None, regions: Iterable[str]
) -> CleanUp:
    """See ``lab.clean_up``."""
    if confirm is not None and str(confirm).replace("-", "") != own.account_id:
        raise LabError(f"{confirm!r} is not the account that is open. Nothing was done.")
    asked = list(dict.fromkeys([own.region, *sorted(own.journal.regions()), *regions]))
    search = Search(own, asked).run()
    things, problems = search.things, search.problems
    to_do = [each for each in things if not _leaving(each)]
    where = f"account {own.account_id}, {', '.join(search.regions)}"
    if not things and not problems:
        print(f"Nothing of the course is in {where}.")
        return CleanUp([], False, [])
    if things:
        print(f"Made by the course in {where}:")
        print(CleanUp(things, False, []))
    if to_do and (really or confirm is not None or _told_to(own)):
        remove(own, things)
        print("\nCleaned up.")
        print(CleanUp(things, True, []))
        done = True
    else:
        done = False
        if to_do:
            print(
                "\nNothing was done. lab.clean_up(really=True) schedules the deletion of the keys "
                f"({DAYS} days) and removes the rest."
            )
    remains = list(_remains(things, problems))
    print("\n".join(["\nWhat remains:", *(f"- {each}" for each in remains)]))
    return CleanUp(things, done, remains)


def _told_to(own: "OwnAccount") -> bool:
    try:
        answer = input(f"To clean up, type the account's number, {own.account_id} (empty: don't): ")
    except (EOFError, OSError, NotImplementedError):  # no keyboard
        return False
    return answer.strip().replace("-", "") == own.account_id


def _leaving(found: Found) -> bool:
    return found.state.startswith("Pending") and found.state.endswith("Deletion")


def _remains(things: list[Found], problems: list[str]) -> Iterator[str]:
    for kind, then in (
        ("key", "until then they cost nothing, and kms.cancel_key_deletion keeps one"),
        ("secret", "until then they cost nothing, and their names are taken"),
    ):
        going = [each for each in things if each.kind == kind and _leaving(each)]
        if going:
            dates = ", ".join(sorted({each.until for each in going}))
            yield f"{len(going)} {kind}{'s' * (len(going) > 1)} pending deletion ({dates}); {then}"
    for each in things:
        if each.problem:
            yield f"{each.kind} {each.name} in {each.region}: {each.problem}"
        elif not _leaving(each) and each.state != "gone":
            yield f"{each.kind} {each.name} in {each.region}: still there"
    yield from problems
    yield (
        "AWS managed keys such as aws/s3, if a lesson used one: nobody can delete those, and they "
        "have no monthly price"
    )
    yield "the calls, in CloudTrail's event history, for 90 days"


def _row(each: dict[str, Any]) -> tuple[str, ...]:
    state = each["state"] + (f" until {each['until']}" if each["until"] else "")
    if each["problem"]:
        state = f"{state} {each['problem']}".strip()
    return each["kind"], each["name"], each["region"], each["made"], state or "there"
