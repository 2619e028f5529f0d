"""Lesson 05: its rule of what can be imported is the lab's; without openssl it says the same."""

import ast
import os
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)

from helpers import lab
from helpers.lab.hsm import material
from tests.needs import needs_openssl
from tests.notebooks import shape

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "05_imported_key_material.ipynb"
CELLS = [cell.source for _, cell in shape.read(LESSON).code]
WRAPPING_KEYS = ("RSA_2048", "RSA_3072", "RSA_4096")
ALGORITHMS = (
    "RSAES_OAEP_SHA_256",
    "RSAES_OAEP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSAES_PKCS1_V1_5",
)
HASHES = {"SHA-256": hashes.SHA256(), "SHA-1": hashes.SHA1()}
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
USAGES = {"SYM": "ENCRYPT_DECRYPT", "RSA": "ENCRYPT_DECRYPT", "ECC": "SIGN_VERIFY"}


@cache
def rule() -> dict[str, Any]:
    """``can_import`` and ``MATERIAL_BYTES`` as the lesson defines them."""
    [source] = [cell for cell in CELLS if "def can_import(" in cell]
    wanted = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) or getattr(node, "name", "") == "can_import"
    ][:2]
    names: dict[str, Any] = {}
    exec(compile(ast.Module(wanted, []), "lesson 05", "exec"), names)
    return names


@cache
def key_material(spec: str) -> bytes:
    if spec in CURVES:
        key: Any = ec.generate_private_key(CURVES[spec])
    elif spec.startswith("ECC"):
        key = ed25519.Ed25519PrivateKey.generate()
    elif spec.startswith("RSA"):
        key = rsa.generate_private_key(65537, int(spec[4:]))
    else:
        return os.urandom(rule()["MATERIAL_BYTES"][spec])
    der: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der


wrapping_pair = cache(material.generate)


@pytest.fixture
def kms() -> Iterator[BaseClient]:
    lab.open()
    try:
        yield boto3.client("kms")
    finally:
        lab.close()


@pytest.fixture
def quick_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrapping pair a size: making a new one for each of hundreds of tries takes minutes."""
    monkeypatch.setattr(material, "generate", wrapping_pair)


def tried(
    kms: BaseClient, spec: str, wrapping_key: str, algorithm: str, mgf1: str
) -> tuple[str, str]:
    """The operation that refuses and its code, or "", "OK"."""
    usage = USAGES.get(spec[:3], "GENERATE_VERIFY_MAC")
    created = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)
    key_id = created["KeyMetadata"]["KeyId"]
    try:
        parameters = kms.get_parameters_for_import(
            KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_key
        )
        first = HASHES["SHA-1" if algorithm.endswith("_1") else "SHA-256"]
        scheme = padding.OAEP(mgf=padding.MGF1(HASHES[mgf1]), algorithm=first, label=None)
        public: Any = load_der_public_key(parameters["PublicKey"])
        if algorithm.startswith("RSAES"):
            wrapped = public.encrypt(key_material(spec), scheme)
        else:
            aes_key = os.urandom(32)
            wrapped = public.encrypt(aes_key, scheme)
            wrapped += keywrap.aes_key_wrap_with_padding(aes_key, key_material(spec))
        kms.import_key_material(
            KeyId=key_id,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrapped,
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
    except ClientError as error:
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingImport"
        return error.operation_name, error.response["Error"]["Code"]
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"
    return "", "OK"


@pytest.mark.parametrize("spec", rule()["MATERIAL_BYTES"])
def test_the_rule_says_what_the_lab_does(spec: str, kms: BaseClient, quick_pairs: None) -> None:
    for wrapping_key in WRAPPING_KEYS:
        for algorithm in ALGORITHMS:
            for mgf1 in HASHES:
                chosen = (spec, wrapping_key, algorithm, mgf1)
                *said, why = rule()["can_import"](*chosen)
                assert tuple(said) == tried(kms, *chosen), chosen
                assert why


@pytest.mark.parametrize("spec", rule()["MATERIAL_BYTES"])
def test_the_lengths_in_the_lesson_are_true(spec: str) -> None:
    tolerance = 8 if spec.startswith("RSA") else 0
    assert abs(len(key_material(spec)) - rule()["MATERIAL_BYTES"][spec]) <= tolerance


def test_the_rule_covers_every_spec_that_can_be_imported(kms: BaseClient) -> None:
    specs = kms.meta.service_model.shape_for("KeySpec").enum
    elsewhere = {"SM2"} | {spec for spec in specs if spec.startswith(("ML_DSA", "ML_KEM"))}
    assert set(rule()["MATERIAL_BYTES"]) == set(specs) - elsewhere


def said_by_the_openssl_cell(capsys: pytest.CaptureFixture[str]) -> str:
    """What the cell prints when the lesson is run as far as it."""
    last = next(place for place, cell in enumerate(CELLS) if "def with_openssl(" in cell)
    names: dict[str, Any] = {}
    try:
        for cell in CELLS[:last]:
            exec(compile(cell, "lesson 05", "exec"), names)
        capsys.readouterr()
        exec(compile(CELLS[last], "lesson 05", "exec"), names)
    finally:
        lab.close()
    return capsys.readouterr().out


@needs_openssl
def test_without_openssl_the_answers_are_the_same(
    quick_pairs: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KMS_COURSE_PROGRESS", ":memory:")
    with_it = said_by_the_openssl_cell(capsys)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    without = said_by_the_openssl_cell(capsys)
    program = re.compile("wrapped here by: (.*)")
    assert program.findall(with_it) == ["openssl"]
    assert program.findall(without) == ["cryptography (no suitable openssl here)"]
    assert program.sub("", with_it) == program.sub("", without)
    assert without.count("InvalidCiphertextException") == 1 and without.count(" OK ") == 2
