"""The lab as the tests of KMS find it: opened once a module, empty for each test."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.client import BaseClient

from helpers import lab


@pytest.fixture(scope="module")
def opened() -> Iterator[BaseClient]:
    lab.open(seed=1)
    yield boto3.client("kms")
    lab.close()


@pytest.fixture
def kms(opened: BaseClient) -> BaseClient:
    """A client of an empty account whose clock stands still."""
    lab.reset()
    return opened
