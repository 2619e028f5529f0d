"""Looking where AWS never lets you: inside the HSM, a ciphertext blob, a secret at rest.

Plain data, for lessons to print and figures to draw. Only for the lab: on AWS no operation
gives any of this.
"""

from typing import Any

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from .account import ACCOUNT_ID, account
from .envelopes import Envelope
from .errors import LabError
from .hsm import blob as blobs
from .hsm.errors import CiphertextInvalid
from .kms.exceptions import KmsError
from .kms.identifiers import find_key
from .kms.materials import pending_state
from .kms.models import LOCK, apply_time


def key(key_id: str, region: str | None = None) -> dict[str, Any]:
    """A key as the HSM holds it: each material at rest, and opened.

    ``materials`` is oldest first; of each: ``key_material_id``, ``state``, ``exported_key_token``
    (the bytes at rest, under the domain key; None while absent) and ``key_material`` (what the
    token holds: 32 bytes, or a private key in PKCS#8 DER). ``region`` is the lab's, or the one
    that an ARN names. Raises LabError if there is no key.
    """
    if key_id.startswith("arn:") and f":{ACCOUNT_ID}:" not in key_id:
        raise LabError(f"{key_id} is not of this account, {ACCOUNT_ID}: look into a key of yours.")
    named = key_id.split(":")[3] if key_id.startswith("arn:") else ""
    region = region or named or account.region
    if region not in kms_backends[ACCOUNT_ID].regions:
        raise LabError(f"There is nothing to look into: AWS has no Region called {region!r}.")
    backend: Any = kms_backends[ACCOUNT_ID][region]
    with LOCK:
        apply_time()
        try:
            found = find_key(backend, key_id, "DescribeKey")
        except KmsError as error:
            raise LabError(f"There is nothing to look into: {error.message}") from None
        materials = []
        for each in found.all_materials:
            token = each.exported_key_token
            if each is found.pending:
                state = pending_state(found)
            else:
                state = "CURRENT" if each is found.current_material else "NON_CURRENT"
            materials.append(
                {
                    "key_material_id": each.key_material_id,
                    "state": state,
                    "exported_key_token": token,
                    "key_material": found.open_material(each) if token else None,
                }
            )
        return {
            "arn": found.arn,
            "key_id": found.key_id,
            "key_spec": found.key_spec,
            "state": found.state,
            "region": found.region,
            "materials": materials,
        }


def blob(ciphertext_blob: bytes) -> dict[str, Any]:
    """A symmetric ciphertext blob taken apart: each field, in order, as in ``hsm.blob``.

    ``fields`` is a list of (name, first byte, bytes). Raises LabError if it is no blob.
    """
    try:
        header, _, sealed = blobs.split(ciphertext_blob)
    except CiphertextInvalid:
        raise LabError("This is not a symmetric ciphertext blob of the lab.") from None
    names = [
        ("version", 1),
        ("account", 6),
        ("multi-Region", 1),
        ("key ID", 16),
        ("key material ID", 32),
        ("nonce", blobs.NONCE_BYTES),
        ("IV", blobs.IV_BYTES),
        ("check", blobs.CHECK_BYTES),
        ("ciphertext", len(sealed) - blobs.TAG_BYTES),
        ("tag", blobs.TAG_BYTES),
    ]
    fields, start = [], 0
    for name, length in names:
        fields.append((name, start, ciphertext_blob[start : start + length]))
        start += length
    return {
        "account_id": header.account_id,
        "key_id": header.key_id,
        "key_material_id": header.key_material_id,
        "nonce": header.nonce,
        "iv": header.iv,
        "ciphertext": sealed[: -blobs.TAG_BYTES],
        "tag": sealed[-blobs.TAG_BYTES :],
        "fields": fields,
    }


def secret(secret_id: str, region: str | None = None) -> dict[str, Any]:
    """A secret as Secrets Manager keeps it: every version at rest, oldest first.

    Of each version: ``version_id``, ``stages``, ``key_arn``, ``encrypted_data_key``,
    ``encryption_context``, ``nonce`` and ``ciphertext`` (with its tag of 16 bytes at the end).
    Raises LabError if there is no such secret.
    """
    secrets: Any = secretsmanager_backends[ACCOUNT_ID][region or account.region].secrets
    if secret_id not in secrets:
        raise LabError(f"There is no secret {secret_id!r} to look into.")
    found = secrets[secret_id]
    versions = [
        {"version_id": version_id, "stages": list(version["version_stages"]), **vars(value)}
        for version_id, version in found.versions.items()
        for value in version.values()
        if isinstance(value, Envelope)
    ]
    return {"name": found.name, "arn": found.arn, "versions": versions}
