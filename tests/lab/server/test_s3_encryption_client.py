"""The S3 Encryption Client for Python, unmodified: the lab's KMS, and S3 beside it."""

from pathlib import Path
from typing import Any

import pytest

from .conftest import Server, run_script


@pytest.fixture(scope="module")
def report(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``clients/use_s3_encryption_client.py`` saw."""
    home: Path = tmp_path_factory.mktemp("home")
    return run_script("use_s3_encryption_client.py", server, home)


def test_what_was_put_is_got(report: dict[str, Any]) -> None:
    assert report["decrypted"]


def test_s3_holds_ciphertext_and_the_wrapped_key(report: dict[str, Any]) -> None:
    assert report["hidden"]
    assert {"x-amz-3", "x-amz-w"} <= set(report["metadata"])  # the data key, how it is wrapped


def test_a_wrong_context_fails(report: dict[str, Any]) -> None:
    assert "encryption context does not match" in report["wrong_context"]


def test_a_disabled_key_fails(report: dict[str, Any]) -> None:
    assert "DisabledException" in report["disabled"]
    assert report["disabled"].endswith("is disabled.")
