"""The incidents: each is played in an account, told as a ticket, and found in the trail.

A ticket says what somebody saw, never the cause. The cause is in the account and in its trail.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..errors import PracticeError
from ..messages import marked
from . import asking
from .scenes import (
    auditor,
    bucket_setting,
    leaked_line,
    one_policy,
    quiet_key,
    three_scheduled,
)


@dataclass(frozen=True)
class Incident:
    """One incident as it stands in an account; ``incident["bucket"]`` is a thing of it."""

    number: int
    title: str
    ticket: str
    things: dict[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        if name not in self.things:
            raise PracticeError(
                f"Incident {self.number} has no {name!r}. It has {', '.join(self.things)}."
            )
        return self.things[name]

    def __repr__(self) -> str:
        return f"Ticket {self.number}: {self.title}\n{self.ticket}\nAt hand: {self._at_hand}"

    @property
    def _at_hand(self) -> str:
        return ", ".join(self.things)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        page = (
            '<div style="border: 1px solid #767e88; border-left-width: 4px; padding: 4px 12px; '
            'margin: 4px 0; max-width: 46em">'
            f"<strong>Ticket {self.number}: {escape(self.title)}</strong><br>"
            f"{marked(self.ticket)}<br>At hand: <code>{escape(self._at_hand)}</code></div>"
        )
        return {"text/html": page, "text/plain": repr(self)}


@dataclass(frozen=True)
class Scene:
    """How an incident is played and what shows its cause.

    ``play(session, account, waits)`` sets it up and returns its things. With ``waits`` the lab's
    clock may be moved; without, what time would do is done at once. ``evidence(things, events)``
    gives the events that show the cause.
    """

    title: str
    ticket: str
    exercise: str
    play: Callable[[Any, str, bool], dict[str, Any]]
    evidence: Callable[[dict[str, Any], list[dict[str, Any]]], Iterable[dict[str, Any]]]


SCENES: dict[int, Scene] = {
    1: Scene(
        "a report that nobody can open",
        "Accounting reads october.csv as on every day. november.csv, put this morning, ends in "
        "403. Nobody touched a policy. The storage team says it only made the bucket cheaper.",
        "11-mend-reader",
        bucket_setting.play,
        bucket_setting.evidence,
    ),
    2: Scene(
        "the archive is unreadable",
        "Since this morning nobody can open anything in the archive. The objects are listed as "
        "always. Whoever did it: nobody says a word.",
        "11-save-key",
        three_scheduled.play,
        three_scheduled.evidence,
    ),
    3: Scene(
        "payments stand still",
        "Overnight, without any deployment, the payments program stopped: it can neither read old "
        "payments nor encrypt new ones. It must not happen again.",
        "11-bring-material",
        quiet_key.play,
        quiet_key.evidence,
    ),
    4: Scene(
        "the administrator is locked out",
        "The account's administrator wants to look at the key of the contracts, and is refused. "
        "IAM allows everything. Last week somebody moved things around.",
        "11-reopen",
        one_policy.play,
        one_policy.evidence,
    ),
    5: Scene(
        "a line too many in a log",
        "An export program ran in debug mode. Its log, readable to the whole office, has a line "
        "`data key: ...` with 32 bytes in base64. Three encrypted files lie on a share.",
        "11-replace-leaked",
        leaked_line.play,
        leaked_line.evidence,
    ),
    6: Scene(
        "the auditor gets nothing",
        "The auditor's firm has an account of its own. Its role may read the ledgers, says its "
        "IAM policy. Our bucket policy says so too. Still it gets 403.",
        "11-admit-auditor",
        auditor.play,
        auditor.evidence,
    ),
}
_played: dict[int, Incident] = {}


def incident(number: int) -> Incident:
    """Play an incident in the lesson's account, and show its ticket.

    Raises PracticeError for a number that there isn't.
    """
    if number not in SCENES:
        raise PracticeError(f"There is no incident {number!r}: there are 1 to {len(SCENES)}.")
    session = asking.here()
    _played[number] = play(number, session, asking.account_of(session), waits=True)
    return _played[number]


def play(number: int, session: Any, account: str, *, waits: bool = False) -> Incident:
    """Play an incident in the account of ``session``."""
    scene = SCENES[number]
    return Incident(number, scene.title, scene.ticket, scene.play(session, account, waits))


def played() -> dict[int, Incident]:
    """The incidents that this kernel played in the lesson's account."""
    return dict(_played)


def evidence_of(incident: Incident, session: Any) -> dict[str, Any] | None:
    """The event that shows the incident's cause, if the trail has it.

    Looks in the trail of ``session``, and for what happened elsewhere, in the caller's.
    """
    events = asking.trail(incident.things.get("auditor", session))
    return asking.first(SCENES[incident.number].evidence(incident.things, events))
