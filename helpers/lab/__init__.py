"""A private AWS account in this process, for learners and tests.

    from helpers import lab
    lab.open()
    kms = boto3.client("kms")      # from here on plain boto3, as on AWS

Only the names below are for lessons to use.
"""

from collections.abc import Iterator
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

__all__ = [
    "ExpectedError",
    "LabError",
    "NothingSent",
    "as_role",
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


def open(seed: int | None = None, region: str = _account.DEFAULT_REGION) -> None:
    """Open the account: an empty one, in this process, reachable from every boto3 client.

    With a ``seed`` key ids, request ids and dates repeat from run to run; cryptographic
    randomness never does. Opening an open lab changes nothing. Raises LabError for a Region
    that AWS doesn't have, and for arguments of a wrong type.
    """
    if not isinstance(seed, int | None) or not isinstance(region, str):
        raise LabError("lab.open(seed=..., region=...): seed is a whole number, region a name.")
    account = _account.account
    if account.is_open:
        asked, kept = (seed, region), (account.seed, account.region)
        other = asked not in (kept, (None, _account.DEFAULT_REGION))
        hint = " For another seed or Region call lab.close() first." if other else ""
        print(f"The lab is open already (Region {account.region}). What is in it stays.{hint}")
        return
    account.open(seed, region)
    print(
        f"The lab is open: account {_account.ACCOUNT_ID}, Region {region}. "
        "Nothing leaves this machine, nothing costs money."
    )


def reset() -> None:
    """Empty the account and set the clock back to its start; seed and Region stay.

    Raises LabError if the lab is closed.
    """
    if not _account.account.is_open:
        raise LabError("The lab is closed. Open it with lab.open() first.")
    _account.account.reset()
    print("The lab is empty.")


def close() -> None:
    """Throw the account away and put this process's AWS settings back as they were."""
    _account.account.close()


def events(last: int = 20, region: str | None = None) -> _events.Events:
    """What CloudTrail would show of the account's KMS calls, oldest first, as a small table.

    The full records are the list's items; boto3's ``cloudtrail.lookup_events`` gives them too.
    """
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
    if not _account.account.is_open:
        raise LabError("The lab is closed. Open it with lab.open() first.")
    account_id = _account.ACCOUNT_ID if account is None else str(account)
    if len(account_id) != 12 or not (account_id.isascii() and account_id.isdecimal()):
        raise LabError(f"{account!r} is no account: give 12 digits, as text.")
    return _roles.as_role(name, policy, account_id, _account.account.region, _account.ACCOUNT_ID)


@contextmanager
def scratch() -> Iterator["boto3.Session"]:
    """A boto3 session in a new, empty account with all rights, to try something out beside.

    Nothing of it is seen in the lesson's account, and the ids that come next there stay the
    same. The clock is shared. Raises LabError if the lab is closed.
    """
    if not _account.account.is_open:
        raise LabError("The lab is closed. Open it with lab.open() first.")
    with _scratch.scratch(_account.account.region) as session:
        yield session


def explain(show: bool = True) -> _explain.Explanation:
    """Print why KMS allowed or denied the last request, and return the same as data.

    Every statement and grant that was looked at: ``=>`` decided, ``+`` matched, ``-`` did not,
    and why. With ``show=False`` nothing is printed, for a picture to be drawn from it.
    Raises LabError if there was no request yet.
    """
    explanation = _explain.explain()
    if explanation is None:
        raise LabError("There is nothing to explain yet: ask KMS for something first.")
    if show:
        print(explanation)
    return explanation
