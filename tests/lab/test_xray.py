"""The x-ray shows what is really there: with what it shows, a blob opens by hand."""

import hmac
import os
from collections.abc import Iterator

import boto3
import pytest
from botocore.client import BaseClient
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from helpers import lab


@pytest.fixture
def kms() -> Iterator[BaseClient]:
    lab.open(seed=1)
    yield boto3.client("kms")
    lab.close()


def test_a_blob_opens_by_hand(kms: BaseClient) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    plaintext = os.urandom(40)
    ciphertext_blob = kms.encrypt(KeyId=key_id, Plaintext=plaintext)["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key_id)
    parts = lab.xray.blob(ciphertext_blob)
    assert parts["key_id"] == key_id
    [backing_key] = [
        material["key_material"]
        for material in lab.xray.key(key_id)["materials"]
        if material["key_material_id"] == parts["key_material_id"]
    ]
    # SP 800-108 in counter mode with one block, from the standard library.
    fixed = b"aws-kms-lab/encrypt" + b"\x00" + parts["nonce"] + (256).to_bytes(4)
    one_time_key = hmac.digest(backing_key, (1).to_bytes(4) + fixed, "sha256")
    header = b"".join(value for name, _, value in parts["fields"][:8])
    sealed = parts["ciphertext"] + parts["tag"]
    opened = AESGCM(one_time_key).decrypt(parts["iv"], sealed, header + bytes(4))
    assert opened == plaintext


def test_the_fields_are_the_blob(kms: BaseClient) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    ciphertext_blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    fields = lab.xray.blob(ciphertext_blob)["fields"]
    assert b"".join(value for _, _, value in fields) == ciphertext_blob
    assert [start for _, start, _ in fields] == [0, 1, 7, 8, 24, 56, 72, 84, 88, 89]


def test_materials_at_rest_are_not_the_material(kms: BaseClient) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.rotate_key_on_demand(KeyId=key_id)
    seen = lab.xray.key(key_id)
    assert [m["state"] for m in seen["materials"]] == ["NON_CURRENT", "CURRENT"]
    for material in seen["materials"]:
        assert len(material["key_material"]) == 32
        assert material["key_material"] not in material["exported_key_token"]
    assert seen["materials"][0]["key_material"] != seen["materials"][1]["key_material"]


def test_material_that_is_not_there(kms: BaseClient) -> None:
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    assert lab.xray.key(key_id)["materials"] == []


FOREIGN = "arn:aws:kms:us-east-1:222222222222:key/11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("wrong", ["alias/none", "nonsense", FOREIGN])
def test_nothing_to_see(kms: BaseClient, wrong: str) -> None:
    with pytest.raises(lab.LabError):
        lab.xray.key(wrong)
    with pytest.raises(lab.LabError):
        lab.xray.blob(b"no blob at all")


def test_a_key_of_another_region_by_its_arn(kms: BaseClient) -> None:
    arn = boto3.client("kms", region_name="eu-west-1").create_key()["KeyMetadata"]["Arn"]
    assert lab.xray.key(arn)["region"] == "eu-west-1"
    with pytest.raises(lab.LabError, match="nowhere-1"):
        lab.xray.key("alias/a", region="nowhere-1")
