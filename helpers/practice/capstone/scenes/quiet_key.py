"""A key with two materials of the firm's own, one of which is gone."""

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from helpers import lab

from .. import asking

DAYS = 7


def bring(kms: Any, key_id: str, material: bytes, **members: Any) -> str:
    """Import 32 bytes, for ever unless told otherwise; the ID of the material."""
    asked = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public: Any = load_der_public_key(asked["PublicKey"])
    sha256 = hashes.SHA256()
    scheme = padding.OAEP(mgf=padding.MGF1(sha256), algorithm=sha256, label=None)
    if "ValidTo" not in members:
        members["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE"
    reply = kms.import_key_material(
        KeyId=key_id,
        ImportToken=asked["ImportToken"],
        EncryptedKeyMaterial=public.encrypt(material, scheme),
        **members,
    )
    return str(reply["KeyMaterialId"])


def play(session: Any, account: str, waits: bool, lost: int = 1) -> dict[str, Any]:
    """``lost``: how many of the two materials are gone."""
    kms = session.client("kms")
    key_id = kms.create_key(Origin="EXTERNAL", Description="payments")["KeyMetadata"]["KeyId"]
    materials = [os.urandom(32), os.urandom(32)]
    end = {"ValidTo": lab.clock.now() + timedelta(days=DAYS)}
    ids = [bring(kms, key_id, materials[0], **end)]
    blobs = [kms.encrypt(KeyId=key_id, Plaintext=b"a payment of 2025")["CiphertextBlob"]]
    ids.append(bring(kms, key_id, materials[1], ImportType="NEW_KEY_MATERIAL"))
    kms.rotate_key_on_demand(KeyId=key_id)
    blobs.append(kms.encrypt(KeyId=key_id, Plaintext=b"a payment of 2026")["CiphertextBlob"])
    if waits:
        lab.clock.advance(days=DAYS)
    else:
        for gone in ids[:lost]:
            kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=gone)
    # The safe holds what belongs to other keys as well.
    vault = dict(zip(ids, materials, strict=True)) | {os.urandom(32).hex(): os.urandom(32)}
    return {"key_id": key_id, "blobs": blobs, "vault": vault}


def evidence(things: dict[str, Any], events: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (
        event
        for event in events
        if event["eventName"] in ("DeleteExpiredKeyMaterial", "DeleteImportedKeyMaterial")
        and asking.concerns(event, things["key_id"])
    )
