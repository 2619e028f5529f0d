"""Looking where AWS never lets you: the HSM, a ciphertext blob, a secret or an object at rest.

Plain data, for lessons to print and figures to draw. Only for the lab: on AWS no operation
gives any of this; with one's own account open each function says so.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from .account import ACCOUNT_ID, account
from .errors import LabError
from .hsm import blob as blobs
from .hsm.errors import CiphertextInvalid
from .kms.exceptions import KmsError
from .kms.identifiers import find_key
from .kms.materials import pending_state
from .kms.models import LOCK, apply_time
from .own_account.lab_only import NotHere, said
from .partitions import partition_of
from .secretsmanager.replicas import at_rest

_WHY = "the x-ray. AWS lets nobody look inside."


def _only_in_the_lab(look: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    @wraps(look)
    def look_if_lab(*arguments: Any, **named: Any) -> Any:
        return NotHere(_WHY) if said(_WHY) else look(*arguments, **named)

    return look_if_lab


@_only_in_the_lab
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


@_only_in_the_lab
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


@_only_in_the_lab
def secret(secret_id: str, region: str | None = None) -> dict[str, Any]:
    """A secret as Secrets Manager keeps it: every version at rest, oldest first.

    Of each version: ``version_id``, ``stages``, ``key_arn``, ``encrypted_data_key``,
    ``encryption_context``, ``nonce`` and ``ciphertext`` (with its tag of 16 bytes at the end).
    Of a replica, what lies in its Region. Raises LabError if there is no such secret.
    """
    secrets: Any = secretsmanager_backends[ACCOUNT_ID][region or account.region].secrets
    if secret_id not in secrets:
        raise LabError(f"There is no secret {secret_id!r} to look into.")
    found = secrets[secret_id]
    versions = [
        {"version_id": version_id, "stages": list(version["version_stages"]), **vars(value)}
        for version_id, version in found.versions.items()
        for value in at_rest(found, version).values()
    ]
    return {"name": found.name, "arn": found.arn, "versions": versions}


@_only_in_the_lab
def s3_object(bucket: str, key: str, version_id: str | None = None) -> dict[str, Any]:
    """An object as S3 keeps it: ciphertext, and beside it the encrypted data key.

    ``server_side_encryption`` is "AES256", "aws:kms", "aws:kms:dsse" or "SSE-C". With KMS:
    ``key_arn``, ``encryption_context`` and ``encrypted_data_key`` (KMS's ciphertext blob; with
    ``bucket_key_enabled`` of the bucket key). ``wrapped_key`` is a key that S3 made itself, under
    the bucket key or S3's own root key; empty if there is none. ``ciphertext`` are all bytes at
    rest, ``parts`` the plaintext sizes of the parts. ``layers`` says how often it is encrypted.
    Raises LabError if there is no such object.
    """
    from moto.s3.exceptions import S3ClientError  # not before S3 is used: it takes its time
    from moto.s3.models import s3_backends

    backend: Any = s3_backends[ACCOUNT_ID][partition_of(account.region)]
    try:
        found = backend.get_object(bucket, key, version_id=version_id)
    except S3ClientError as error:
        raise LabError(f"There is no bucket {bucket!r} to look into: {error.message}.") from None
    if found is None:
        version = f" of version {version_id}" if version_id else ""
        raise LabError(f"There is no object {key!r}{version} in {bucket!r} to look into.")
    protection, bodies = found.protection, found.stored.bodies
    return {
        "bucket": bucket,
        "key": key,
        "version_id": found.version_id,
        "server_side_encryption": protection.algorithm,
        "key_arn": protection.key_arn,
        "encryption_context": dict(protection.encryption_context),
        "encrypted_data_key": protection.encrypted_data_key,
        "bucket_key_enabled": protection.bucket_key_enabled,
        "wrapped_key": protection.wrapped_key,
        "customer_key_md5": protection.customer_key_md5,
        "layers": bodies[0].layers,
        "size": found.stored.size,
        "parts": [body.size for body in bodies],
        "ciphertext": b"".join(body.at_rest() for body in bodies),
    }


@_only_in_the_lab
def parameter(name: str, region: str | None = None) -> dict[str, Any]:
    """A parameter as Parameter Store keeps it: every version at rest, oldest first.

    Of each version: ``version``, ``type``, ``tier`` and ``labels``. Of a String or StringList
    ``value``, for that lies in the clear. Of a SecureString ``key_arn``, ``encryption_context``
    and, if it is of the standard tier, ``ciphertext_blob``. Of the advanced tier ``message``
    (all bytes at rest, a message of the AWS Encryption SDK) and its parts: ``message_id``,
    ``encrypted_data_key`` and ``ciphertext`` (with its tag of 16 bytes at the end).
    Raises LabError if there is no such parameter.
    """
    # Half a second of imports, for those who look at one.
    from moto.ssm.models import ssm_backends

    backend: Any = ssm_backends[ACCOUNT_ID][region or account.region]
    with LOCK:
        found = list(backend.versions(name))
        if not found:
            raise LabError(f"There is no parameter {name!r} to look into.")
        versions = [_parameter_version(backend, each) for each in found]
    return {"name": found[-1].name, "arn": backend.arn_of(name), "versions": versions}


def _parameter_version(backend: Any, version: Any) -> dict[str, Any]:
    from .ssm import message
    from .ssm.models import SecureParameter

    seen = {
        "version": version.version,
        "type": version.parameter_type,
        "tier": version.tier,
        "labels": list(version.labels),
    }
    if not isinstance(version, SecureParameter):
        return seen | {"value": version.value}
    seen |= {"key_arn": version.key_arn, "encryption_context": backend.context_of(version)}
    if version.tier == "Standard":
        return seen | {"ciphertext_blob": version.sealed}
    parts = message.split(version.sealed)
    return seen | {
        "message": version.sealed,
        "message_id": parts.message_id,
        "encrypted_data_key": parts.encrypted_data_key,
        "ciphertext": parts.ciphertext,
    }
