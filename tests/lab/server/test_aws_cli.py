"""The AWS CLI, unmodified, does with the lab's server what AWS's documentation shows."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs_openssl

from .conftest import Server, run_client

Aws = Callable[..., Any]


@pytest.fixture
def aws(server: Server, tmp_path: Path) -> Aws:
    """aws("encrypt", "--key-id", ...): the JSON that the command prints."""

    def run(*arguments: str) -> Any:
        done = run_client(
            "aws", "kms", *arguments, "--endpoint-url", server.url, "--output=json", home=tmp_path
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    return run


@pytest.fixture
def refusal(server: Server, tmp_path: Path) -> Callable[..., str]:
    """What the CLI says when KMS refuses."""

    def run(*arguments: str) -> str:
        done = run_client("aws", "kms", *arguments, "--endpoint-url", server.url, home=tmp_path)
        assert done.returncode in (254, 255), done.stdout
        return done.stderr.strip()

    return run


def decoded(path: Path, base64_text: str) -> Path:
    """A file of the bytes that the CLI printed."""
    path.write_bytes(base64.b64decode(base64_text))
    return path


def openssl(*arguments: str | Path) -> str:
    """What openssl prints; it must succeed."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_encrypt_under_an_alias_and_decrypt(aws: Aws, tmp_path: Path) -> None:
    key = aws("create-key", "--description", "by the CLI")["KeyMetadata"]
    aws("create-alias", "--alias-name", "alias/cli", "--target-key-id", key["KeyId"])
    described = aws("describe-key", "--key-id", "alias/cli")["KeyMetadata"]
    assert described == key

    plaintext = tmp_path / "plaintext"
    plaintext.write_bytes(b"attack at dawn\n\x00\xff")
    file, context = f"fileb://{plaintext}", ("--encryption-context", "cook=Ada,recipe=soup")
    encrypted = aws("encrypt", "--key-id", "alias/cli", "--plaintext", file, *context)
    assert encrypted["KeyId"] == key["Arn"]
    blob = decoded(tmp_path / "blob", encrypted["CiphertextBlob"])
    decrypted = aws("decrypt", "--ciphertext-blob", f"fileb://{blob}", *context)
    assert base64.b64decode(decrypted["Plaintext"]) == plaintext.read_bytes()
    assert decrypted["KeyId"] == key["Arn"]


def test_a_data_key_and_its_encrypted_copy(aws: Aws, tmp_path: Path) -> None:
    key_id = aws("create-key")["KeyMetadata"]["KeyId"]
    data_key = aws("generate-data-key", "--key-id", key_id, "--key-spec", "AES_256")
    assert len(base64.b64decode(data_key["Plaintext"])) == 32
    blob = decoded(tmp_path / "blob", data_key["CiphertextBlob"])
    decrypted = aws("decrypt", "--ciphertext-blob", f"fileb://{blob}")
    assert decrypted["Plaintext"] == data_key["Plaintext"]


@needs_openssl
def test_sign_and_verify_with_kms_and_with_openssl(aws: Aws, tmp_path: Path) -> None:
    key = aws("create-key", "--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY")
    message = tmp_path / "message"
    message.write_bytes(b"I, Ada, owe you one soup.\n")
    common = ("--key-id", key["KeyMetadata"]["KeyId"])
    signing = (*common, "--message", f"fileb://{message}", "--signing-algorithm", "ECDSA_SHA_256")

    signature = decoded(tmp_path / "signature", aws("sign", *signing)["Signature"])
    assert aws("verify", *signing, "--signature", f"fileb://{signature}")["SignatureValid"] is True

    public_key = decoded(tmp_path / "public.der", aws("get-public-key", *common)["PublicKey"])
    said = openssl(
        *("dgst", "-sha256", "-verify", public_key, "-keyform", "DER"),
        *("-signature", signature, message),
    )
    assert said == "Verified OK\n"


@needs_openssl
def test_import_what_openssl_wrapped(aws: Aws, tmp_path: Path) -> None:
    key_id = aws("create-key", "--origin", "EXTERNAL")["KeyMetadata"]["KeyId"]
    parameters = aws(
        *("get-parameters-for-import", "--key-id", key_id),
        *("--wrapping-algorithm", "RSAES_OAEP_SHA_256", "--wrapping-key-spec", "RSA_3072"),
    )
    wrapping_key = decoded(tmp_path / "wrapping.der", parameters["PublicKey"])
    token = decoded(tmp_path / "token", parameters["ImportToken"])
    material, wrapped = tmp_path / "material", tmp_path / "wrapped"
    openssl("rand", "-out", material, "32")
    openssl(
        *("pkeyutl", "-encrypt", "-in", material, "-out", wrapped),
        *("-inkey", wrapping_key, "-keyform", "DER", "-pubin"),
        *("-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"),
        *("-pkeyopt", "rsa_mgf1_md:sha256"),
    )

    importing = ("import-key-material", "--key-id", key_id, "--import-token", f"fileb://{token}")
    importing += ("--encrypted-key-material", f"fileb://{wrapped}")
    aws(*importing, "--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    described = aws("describe-key", "--key-id", key_id)["KeyMetadata"]
    assert (described["KeyState"], described["Origin"]) == ("Enabled", "EXTERNAL")
    assert described["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"

    encrypted = aws("encrypt", "--key-id", key_id, "--plaintext", "hello")
    blob = decoded(tmp_path / "blob", encrypted["CiphertextBlob"])
    assert aws("decrypt", "--ciphertext-blob", f"fileb://{blob}")["Plaintext"] == "aGVsbG8="


def test_errors_show_aws_text(aws: Aws, refusal: Callable[..., str]) -> None:
    key = aws("create-key")["KeyMetadata"]
    aws("disable-key", "--key-id", key["KeyId"])
    assert refusal("encrypt", "--key-id", key["KeyId"], "--plaintext", "hello") == (
        "An error occurred (DisabledException) when calling the Encrypt operation: "
        f"{key['Arn']} is disabled."
    )
    assert refusal("describe-key", "--key-id", "alias/none").endswith(
        f"Alias arn:aws:kms:us-east-1:{key['AWSAccountId']}:alias/none is not found."
    )
    assert "(InvalidCiphertextException)" in refusal("decrypt", "--ciphertext-blob", "aGk=")
