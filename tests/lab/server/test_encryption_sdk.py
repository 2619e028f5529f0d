"""The AWS Encryption SDK for Python, unmodified, with its KMS keyring on the lab's server."""

from pathlib import Path
from typing import Any

import pytest

from .conftest import Server, run_script


@pytest.fixture(scope="module")
def report(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``clients/use_encryption_sdk.py`` saw."""
    home: Path = tmp_path_factory.mktemp("home")
    return run_script("use_encryption_sdk.py", server, home)


def test_what_was_encrypted_decrypts(report: dict[str, Any]) -> None:
    assert report["hidden"]
    assert report["decrypted"]


def test_the_message_names_key_and_context(report: dict[str, Any]) -> None:
    assert report["key_named"]
    assert report["context_kept"]


def test_a_wrong_context_fails_in_the_sdk_and_at_kms(report: dict[str, Any]) -> None:
    assert "Encryption context does not match" in report["wrong_context"]
    assert report["data_key_bytes"] == 32
    assert "InvalidCiphertextException" in report["wrong_context_at_kms"]


def test_a_disabled_key_fails_until_it_is_enabled(report: dict[str, Any]) -> None:
    assert "is disabled." in report["disabled"]
    assert "is disabled." in report["disabled_encrypt"]
    assert report["enabled_again"]
