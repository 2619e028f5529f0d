"""Parameter Store and Secrets Manager on the lab's server: the AWS CLI, the Encryption SDK."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Server, run_client, run_script

Aws = Callable[..., Any]


@pytest.fixture
def aws(server: Server, tmp_path: Path) -> Aws:
    """aws("ssm", "get-parameter", ...): the JSON that the command prints, or what it refuses."""

    def run(*arguments: str) -> Any:
        where = ("--endpoint-url", server.url, "--output=json")
        done = run_client("aws", *arguments, *where, home=tmp_path)
        return json.loads(done.stdout or "{}") if done.returncode == 0 else done.stderr.strip()

    return run


def test_a_secure_string_with_the_cli(aws: Aws, tmp_path: Path) -> None:
    key = aws("kms", "create-key")["KeyMetadata"]["Arn"]
    put = ("ssm", "put-parameter", "--name", "MyParameter", "--type", "SecureString")
    assert aws(*put, "--value", "secret_value", "--key-id", key)["Version"] == 1
    get = ("ssm", "get-parameter", "--name", "MyParameter")
    blob = tmp_path / "blob"
    blob.write_bytes(base64.b64decode(aws(*get)["Parameter"]["Value"]))
    assert aws(*get, "--with-decryption")["Parameter"]["Value"] == "secret_value"
    context = f"PARAMETER_ARN={aws(*get)['Parameter']['ARN']}"
    decrypt = ("kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}")
    opened = aws(*decrypt, "--encryption-context", context)
    assert base64.b64decode(opened["Plaintext"]) == b"secret_value"
    aws("kms", "disable-key", "--key-id", key)
    refused = aws(*get, "--with-decryption")
    assert f"(InvalidKeyId) when calling the GetParameter operation: {key} is disabled." in refused


def test_a_secret_with_the_cli(aws: Aws) -> None:
    aws("secretsmanager", "create-secret", "--name", "db", "--secret-string", "hunter2")
    got = aws("secretsmanager", "get-secret-value", "--secret-id", "db")
    assert got["SecretString"] == "hunter2"


def test_the_encryption_sdk_opens_an_advanced_parameter(server: Server, tmp_path: Path) -> None:
    report = run_script("use_parameter_store.py", server, tmp_path)
    assert set(report) == {"1", "4097", "8192"}
    for seen in report.values():
        assert seen == {"opened": True, "context": True, "suite": 0x0478}
