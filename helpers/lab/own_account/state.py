"""Which account the process acts on: the lab's, or one's own."""

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from .account import OwnAccount

# The learner's own account while it is open; None nearly always.
current: Optional["OwnAccount"] = None


def acting() -> bool:
    """Whether boto3 calls the learner's own account now.

    Inside ``lab.scratch`` it calls the lab, also while the own account is open.
    """
    if current is None:
        return False
    from ..account import account  # which imports the clock, which asks here

    return not account.is_open
