"""A private AWS account in this process, for learners and tests.

    from helpers import lab
    lab.open()
    kms = boto3.client("kms")      # from here on plain boto3, as on AWS

The same lessons on an AWS account of one's own, only when asked for by name and confirmed:

    lab.open(account="aws", profile="sandbox")
    lab.clean_up()

Only the names below are for lessons to use.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import account as _account
from . import events as _events
from . import explain as _explain
from . import roles as _roles
from . import scratch as _scratch
from . import xray
from .clock import clock
from .errors import LabError, NothingSent
from .expect import ExpectedError, expect_error
from .own_account import lab_only as _lab_only
from .own_account import state as _state

__all__ = [
    "ExpectedError",
    "LabError",
    "NothingSent",
    "as_role",
    "clean_up",
    "clock",
    "close",
    "events",
    "expect_error",
    "explain",
    "open",
    "reset",
    "scratch",
    "xray",
]

if TYPE_CHECKING:
    import boto3

    from .own_account.cleaning import CleanUp


class _Default(str):
    """A Region that nobody asked for."""


_REGION = _Default(_account.DEFAULT_REGION)
_CLOSED = "The lab is closed. Open it with lab.open() first."


def open(
    seed: int | None = None,
    region: str = _REGION,
    *,
    account: str | None = None,
    profile: str | None = None,
    confirm: str | int | None = None,
    lesson: str | None = None,
) -> None:
    """Open the account: an empty one, in this process, reachable from every boto3 client.

    With a ``seed`` key ids, request ids and dates repeat from run to run; cryptographic
    randomness never does. Opening an open lab changes nothing. Raises LabError for a Region
    that AWS doesn't have, and for arguments of a wrong type.

    ``account="aws"`` opens your own account on the real service instead, as ``profile`` of your
    AWS settings names it. It shows what it is about to do and what ``lesson`` ("06") costs, and
    calls nothing before you gave the account's number: as ``confirm``, or when it asks.
    """
    if not isinstance(seed, int | None) or not isinstance(region, str):
        raise LabError("lab.open(seed=..., region=...): seed is a whole number, region a name.")
    if account is not None:
        if account != "aws":
            raise LabError(f'lab.open(account=...) is "aws" or left out, not {account!r}.')
        from .own_account import opening

        named = None if isinstance(region, _Default) else region
        opening.open_own(profile, named, confirm, lesson, default_region=_account.DEFAULT_REGION)
        return
    if (profile, confirm, lesson) != (None, None, None):
        raise LabError('profile, confirm and lesson are for your own account: account="aws".')
    if _state.current is not None:
        print(_state.current.still_open())
        return
    lab = _account.account
    if lab.is_open:
        asked, kept = (seed, region), (lab.seed, lab.region)
        other = asked not in (kept, (None, _account.DEFAULT_REGION))
        hint = " For another seed or Region call lab.close() first." if other else ""
        print(f"The lab is open already (Region {lab.region}). What is in it stays.{hint}")
        return
    lab.open(seed, region)
    print(
        f"The lab is open: account {_account.ACCOUNT_ID}, Region {region}. "
        "Nothing leaves this machine, nothing costs money."
    )


def reset() -> None:
    """Empty the account and set the clock back to its start; seed and Region stay.

    Your own account stays as it is: ``clean_up`` is for that. Raises LabError if the lab is closed.
    """
    if _state.acting():
        print(
            "Your own account is not emptied by this. lab.clean_up() lists what the course has "
            "made; clean up before you run a lesson a second time."
        )
        return
    if not _account.account.is_open:
        raise LabError(_CLOSED)
    _account.account.reset()
    print("The lab is empty.")


def clean_up(
    really: bool = False, *, confirm: str | int | None = None, regions: Iterable[str] = ()
) -> "CleanUp":
    """List what the course made in your own account; take it away when told to; say what remains.

    Told to by ``really=True``, by the account's number as ``confirm``, or when it asks. Keys are
    scheduled for deletion in 7 days, and so are secrets; buckets are emptied and removed, roles and
    parameters deleted. What has not the course's tag is never touched. ``regions``: further ones
    to look in, for what was made from another machine. Raises LabError if no account of your own
    is open.
    """
    if not _state.acting() or _state.current is None:
        raise LabError(
            "clean_up is for your own AWS account, and none is open. In the lab nothing costs "
            "money; lab.reset() empties it."
        )
    from .own_account.cleaning import clean_up

    return clean_up(_state.current, really, confirm, regions)


def close() -> None:
    """Throw the account away and put this process's AWS settings back as they were.

    What the course made in your own account stays there: ``clean_up`` first.
    """
    _account.account.close()
    if _state.current is not None:
        _state.current.close()


def events(last: int = 20, region: str | None = None) -> _events.Events:
    """What CloudTrail would show of the account's KMS calls, oldest first, as a small table.

    The full records are the list's items; boto3's ``cloudtrail.lookup_events`` gives them too.

    Of your own account: CloudTrail's event history of KMS since you opened it.
    """
    if _state.acting() and _state.current is not None:
        from .own_account.trail import events_of

        own = _state.current
        return _events.Events(events_of(own, region or own.region, last))
    return _events.events(_account.ACCOUNT_ID, region or _account.account.region, last)


def as_role(
    name: str, policy: dict[str, Any] | str | None = None, account: str | None = None
) -> "boto3.Session":
    """Act as the role ``name``: a boto3 session, whose clients call as this role.

    The role is made by IAM and assumed by STS, with ``policy`` as its one IAM policy: a dict or
    JSON text; without one IAM allows it nothing. ``account`` is the number of another account
    to make it in. Asked for again, the role stays and gets the new policy. Raises LabError if
    the lab is closed, and for what is no role name, policy or account.
    """
    if _state.acting() and _state.current is not None:
        from .own_account.roles import as_role

        return as_role(_state.current, name, policy, account)
    if not _account.account.is_open:
        raise LabError(_CLOSED)
    account_id = _account.ACCOUNT_ID if account is None else str(account)
    if len(account_id) != 12 or not (account_id.isascii() and account_id.isdecimal()):
        raise LabError(f"{account!r} is no account: give 12 digits, as text.")
    return _roles.as_role(name, policy, account_id, _account.account.region, _account.ACCOUNT_ID)


@contextmanager
def scratch() -> Iterator["boto3.Session"]:
    """A boto3 session in a new, empty account with all rights, to try something out beside.

    Nothing of it is seen in the lesson's account, and the ids that come next there stay the
    same. The clock is shared. Raises LabError if the lab is closed.
    With your own account open it is an account of the lab all the same: nothing is sent to AWS.
    """
    with _in_lab(), _scratch.scratch(_account.account.region) as session:
        yield session


@contextmanager
def _in_lab() -> Iterator[None]:
    """The lab, open; for a moment also beside the learner's own account."""
    if not _state.acting() or _state.current is None:
        if not _account.account.is_open:
            raise LabError(_CLOSED)
        yield
        return
    _state.current.tell_of_scratch()
    _account.account.open(None, _state.current.region)
    try:
        yield
    finally:
        _account.account.close()


def explain(show: bool = True) -> _explain.Explanation | _lab_only.NotHere:
    """Print why KMS allowed or denied the last request, and return the same as data.

    Every statement and grant that was looked at: ``=>`` decided, ``+`` matched, ``-`` did not,
    and why. With ``show=False`` nothing is printed, for a picture to be drawn from it.
    Raises LabError if there was no request yet. AWS tells nobody: with your own account open it
    says so.
    """
    if _lab_only.said(why := "why a request was allowed or denied. AWS does not tell."):
        return _lab_only.NotHere(why)
    explanation = _explain.explain()
    if explanation is None:
        raise LabError("There is nothing to explain yet: ask KMS for something first.")
    if show:
        print(explanation)
    return explanation
