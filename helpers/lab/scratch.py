"""An account for a moment: where an exercise is checked, beside the one that a lesson works in."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.moto_api._internal import mock_random

from .kms.current import LAST
from .partitions import partition_of
from .roles import administrator


@contextmanager
def scratch(region: str) -> Iterator[boto3.Session]:
    """A session of the administrator of a new, empty account.

    Afterwards the lesson's account goes on as if nothing had been: the same ids come next, and
    ``lab.explain`` still explains the lesson's last request. The clock is one for all accounts.
    """
    names, last = mock_random.getstate(), list(LAST)
    # Ids of its own: an access key of this account must not be given out again in the lesson's.
    mock_random.seed(None)
    try:
        account_id = f"9{secrets.randbelow(10**11):011}"
        yield administrator(account_id, partition_of(region), region)
    finally:
        mock_random.setstate(names)
        LAST.clear()
        LAST.extend(last)
