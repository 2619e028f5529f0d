"""The outcomes of plain moto as JSON on stdout: ``python -m tests.fidelity.stock``.

Run in a process of its own, in which nothing of the lab is.
"""

import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version

import boto3
from moto import mock_aws

from .case import Account, Case, outcome
from .cases import CASES

# One session for all, so that AWS's service models are read once.
SESSION = boto3.Session()


def stock_outcome(case: Case) -> str:
    """What moto as it is installed, with its defaults, answers in an empty account."""
    with mock_aws():
        boto3.DEFAULT_SESSION = SESSION
        # Nothing in moto's KMS depends on the time, so none has to pass.
        return outcome(case, Account(now=lambda: datetime.now(UTC), advance=lambda days: None))


def main() -> None:
    outcomes = {case.title: stock_outcome(case) for case in CASES}
    assert not any(name.partition(".")[0] == "helpers" for name in sys.modules)
    json.dump({"version": version("moto"), "outcomes": outcomes}, sys.stdout)


if __name__ == "__main__":
    main()
