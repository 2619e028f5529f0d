"""What every test of the lab may ask for."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from helpers import lab


@pytest.fixture
def kms() -> Iterator[Any]:
    """A KMS client in a fresh lab, which is thrown away afterwards."""
    lab.open()
    try:
        yield boto3.client("kms")
    finally:
        lab.close()
