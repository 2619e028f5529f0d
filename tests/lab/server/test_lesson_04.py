"""What lesson 04 says of the AWS Encryption SDK, by the SDK itself; and its messages by hand."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .conftest import ROOT, Client, Server, run_client

LESSON = ROOT / "notebooks" / "04_envelope_encryption.ipynb"
SCRIPT = Path(__file__).parent / "clients" / "use_lesson_04.py"
BLOCK = re.compile(r"```python\n(import aws_encryption_sdk\n.*?)```", re.S)
IMPORTS = """
import hmac
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
"""


def cells(kind: str) -> list[str]:
    notebook = nbformat.read(LESSON, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


@pytest.fixture(scope="module")
def report(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of the lesson's lines."""
    [lines] = [found for text in cells("markdown") for found in BLOCK.findall(text)]
    home: Path = tmp_path_factory.mktemp("home")
    done = run_client("python", str(SCRIPT), server.url, lines, home=home)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_lines_of_the_lesson_run(report: dict[str, Any]) -> None:
    assert report["plaintext"] == "Minutes"


def test_the_defaults_are_as_the_lesson_says(report: dict[str, Any]) -> None:
    assert report["strict"]
    assert report["signed"]
    assert (report["version"], report["suite"], report["frame_bytes"]) == (2, 0x0578, 4096)


def test_kms_does_not_read_a_message(report: dict[str, Any]) -> None:
    assert report["decrypt"] == report["re_encrypt"] == "InvalidCiphertextException"


def test_a_message_of_the_sdk_opens_by_hand(report: dict[str, Any], client: Client) -> None:
    names: dict[str, Any] = {}
    exec(IMPORTS, names)
    for function in ("split_message", "open_message"):
        [cell] = [cell for cell in cells("code") if f"def {function}(" in cell]
        definition = cell.partition("\nparts =")[0].partition("\nprint(")[0]
        exec(definition, names)
    message = base64.b64decode(report["by_hand"])
    opened = names["open_message"](client("kms"), message, report["context"])
    assert opened == b"take me apart"
    with pytest.raises(names["InvalidTag"]):
        names["open_message"](
            client("kms"), message[:-1] + bytes([message[-1] ^ 1]), report["context"]
        )
