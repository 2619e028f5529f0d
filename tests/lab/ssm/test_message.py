"""The message in which an advanced parameter lies: its form, and that no byte of it may change."""

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.lab.envelopes import Damaged
from helpers.lab.ssm import message

CONTEXT = {"PARAMETER_ARN": "arn:aws:ssm:us-east-1:123456789012:parameter/a"}
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"


class Kms:
    """Gives out data keys, and takes them back with the context they were made for."""

    def __init__(self) -> None:
        self.made: dict[bytes, tuple[bytes, dict[str, str]]] = {}

    def ask(self, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        if operation == "GenerateDataKey":
            plaintext, blob = os.urandom(32), os.urandom(184)
            self.made[blob] = plaintext, members["EncryptionContext"]
            return {"Plaintext": plaintext, "CiphertextBlob": blob, "KeyId": KEY_ARN}
        assert operation == "Decrypt"
        blob = members["CiphertextBlob"]
        plaintext, context = self.made.get(blob, (bytes(32), members["EncryptionContext"]))
        assert context == members["EncryptionContext"]
        return {"Plaintext": plaintext}


@given(st.binary(max_size=8192))
@settings(max_examples=40, derandomize=True, database=None, deadline=None)
def test_what_goes_in_comes_out(plaintext: bytes) -> None:
    kms = Kms()
    sealed, key_arn = message.seal(kms.ask, "alias/x", plaintext, CONTEXT)
    assert key_arn == KEY_ARN
    assert message.unseal(kms.ask, sealed, CONTEXT) == plaintext
    assert len(plaintext) < 16 or plaintext not in sealed


def test_its_parts() -> None:
    kms = Kms()
    sealed, _ = message.seal(kms.ask, "alias/x", b"value", CONTEXT)
    parts = message.split(sealed)
    assert (parts.key_arn, parts.encryption_context) == (KEY_ARN, CONTEXT)
    assert parts.encrypted_data_key in kms.made
    assert sealed.startswith(parts.header + parts.header_tag)
    assert sealed.endswith(parts.ciphertext)
    assert len(parts.ciphertext) == len(b"value") + 16


def test_any_changed_byte_is_seen() -> None:
    kms = Kms()
    sealed, _ = message.seal(kms.ask, "alias/x", b"value", CONTEXT)
    for place in range(len(sealed)):
        for change in (1, 0x80):
            bad = bytearray(sealed)
            bad[place] ^= change
            with pytest.raises(Damaged):
                message.unseal(kms.ask, bytes(bad), CONTEXT)


@given(st.integers(min_value=0, max_value=419), st.binary(max_size=3))
@settings(max_examples=60, derandomize=True, database=None, deadline=None)
def test_cut_off_or_longer(length: int, more: bytes) -> None:
    kms = Kms()
    sealed, _ = message.seal(kms.ask, "alias/x", b"value", CONTEXT)
    for bad in (sealed[:length], sealed + b"\x00" + more):
        if bad != sealed:
            with pytest.raises(Damaged):
                message.unseal(kms.ask, bad, CONTEXT)


@given(st.binary(max_size=600))
@settings(max_examples=60, derandomize=True, database=None, deadline=None)
def test_what_is_no_message(content: bytes) -> None:
    for bad in (content, b"\x02\x04\x78" + content):
        with pytest.raises(Damaged):
            message.split(bad)


def test_a_message_of_another_parameter() -> None:
    kms = Kms()
    sealed, _ = message.seal(kms.ask, "alias/x", b"value", CONTEXT)
    with pytest.raises(Damaged):
        message.unseal(kms.ask, sealed, {"PARAMETER_ARN": "another"})
