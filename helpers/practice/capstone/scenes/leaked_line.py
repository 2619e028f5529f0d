"""A plaintext data key in a log, and the files that it opens."""

import base64
import os
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from helpers import lab

from .. import asking

TEXTS = {
    "customers.enc": b"Customers of the firm: 312 names",
    "prices.enc": b"Prices for 2027",
    "wages.enc": b"Wages of November",
}
LEAKED = ("customers.enc", "wages.enc")


def seal(data_key: bytes, wrapped: bytes, batch: str, name: str, text: bytes) -> dict[str, Any]:
    """A file as the program writes it."""
    nonce = os.urandom(12)
    ciphertext = AESGCM(data_key).encrypt(nonce, text, name.encode())
    return {"batch": batch, "wrapped_key": wrapped, "nonce": nonce, "ciphertext": ciphertext}


def play(session: Any, account: str, waits: bool) -> dict[str, Any]:
    kms = session.client("kms")
    key_id = kms.create_key(Description="exports")["KeyMetadata"]["KeyId"]
    policy = asking.policy(asking.allow(["kms:GenerateDataKey", "kms:Decrypt"], "*"))
    program = lab.as_role("export-program", policy, account=account).client("kms")

    def data_key(batch: str) -> dict[str, Any]:
        context = {"batch": batch}
        reply: dict[str, Any] = program.generate_data_key(
            KeyId=key_id, KeySpec="AES_256", EncryptionContext=context
        )
        return reply

    keys = {"A": data_key("A"), "B": data_key("B")}
    files = {}
    for name, text in TEXTS.items():
        batch = "A" if name in LEAKED else "B"
        made = keys[batch]
        files[name] = seal(made["Plaintext"], made["CiphertextBlob"], batch, name, text)
    line = f"DEBUG data key: {base64.b64encode(keys['A']['Plaintext']).decode()}"
    return {"key_id": key_id, "log_line": line, "files": files}


def evidence(things: dict[str, Any], events: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (
        event
        for event in events
        if event["eventName"] == "GenerateDataKey"
        and asking.context_of(event).get("batch") == "A"
        and asking.concerns(event, things["key_id"])
    )
