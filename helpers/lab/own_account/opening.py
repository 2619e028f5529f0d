"""``lab.open(account="aws")``: said first, asked, and only then called."""

from ..account import account as lab_account
from ..errors import LabError
from . import state
from .account import OwnAccount
from .asking import confirmed, describe, plan


def open_own(
    profile: str | None,
    region: str | None,
    confirm: str | int | None,
    lesson: str | None,
    default_region: str,
) -> None:
    """See ``lab.open``. Raises LabError if anything is amiss, and then nothing is open."""
    if lab_account.is_open:
        raise LabError(
            "The lab is open, so every client acts there. Nothing was called. To work in your own "
            "account restart the kernel, or call lab.close(), and open that first."
        )
    if state.current is not None:
        print(state.current.still_open())
        return
    planned = plan(profile, region, default_region)
    print(describe(planned, lesson))
    own = OwnAccount(planned, confirmed(confirm))
    own.open()
    print(
        f"Open: account {own.account_id}, Region {own.region}, as {own.arn}. From here on boto3 "
        "calls AWS, and what it makes costs money until lab.clean_up()."
    )
