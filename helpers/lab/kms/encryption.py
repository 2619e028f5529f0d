"""Encrypt, Decrypt and ReEncrypt.

Each operation finds the key, checks usage, state and algorithm in AWS's order, and then asks
the HSM. With DryRun everything is checked and nothing is answered.
"""

from contextlib import suppress
from typing import Any

from ..hsm import asymmetric, blob, symmetric
from ..hsm.errors import CiphertextInvalid
from . import specs
from .access import (
    check_algorithm,
    check_key,
    check_no_recipient,
    key_for,
    stop_if_dry_run,
)
from .authorization import refusal_elsewhere
from .current import CURRENT
from .exceptions import (
    KmsError,
    ciphertext_of_unknown_key,
    incorrect_key,
    invalid_ciphertext,
    validation,
)
from .identifiers import backend_of, find_key, look_up, touch
from .key import Key, KeyMaterial
from .models import LabKmsBackend

Request = dict[str, Any]
Reply = dict[str, Any]


def encrypt(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html"""
    key = key_for(backend, request["KeyId"], "Encrypt", key_usage=specs.ENCRYPT_DECRYPT)
    algorithm = request.get("EncryptionAlgorithm", specs.SYMMETRIC)
    context = request.get("EncryptionContext")
    _check_encryption(key, algorithm, context, request["Plaintext"])
    stop_if_dry_run(request)
    ciphertext_blob = encrypt_under(key, request["Plaintext"], algorithm, context)
    if algorithm == specs.SYMMETRIC:
        CURRENT.get().key_material_id = key.current_material.key_material_id
    return {"CiphertextBlob": ciphertext_blob, "KeyId": key.arn, "EncryptionAlgorithm": algorithm}


def decrypt(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html"""
    check_no_recipient(request)
    algorithm = request.get("EncryptionAlgorithm", specs.SYMMETRIC)
    plaintext, key, material = _decrypt(
        backend,
        request,
        "Decrypt",
        request.get("KeyId"),
        algorithm,
        request.get("EncryptionContext"),
    )
    stop_if_dry_run(request)
    reply = {"KeyId": key.arn, "Plaintext": plaintext, "EncryptionAlgorithm": algorithm}
    return reply | _material_id("KeyMaterialId", key, material)


def re_encrypt(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html"""
    source_algorithm = request.get("SourceEncryptionAlgorithm", specs.SYMMETRIC)
    algorithm = request.get("DestinationEncryptionAlgorithm", specs.SYMMETRIC)
    context = request.get("DestinationEncryptionContext")
    destination = request["DestinationKeyId"]
    with suppress(KmsError):  # what is wrong with it is told when its turn comes
        CURRENT.get().destination = look_up(backend, destination, "ReEncryptTo")
    plaintext, source, material = _decrypt(
        backend,
        request,
        "ReEncryptFrom",
        request.get("SourceKeyId"),
        source_algorithm,
        request.get("SourceEncryptionContext"),
    )
    key = key_for(backend, destination, "ReEncryptTo", key_usage=specs.ENCRYPT_DECRYPT)
    _check_encryption(key, algorithm, context, plaintext)
    stop_if_dry_run(request)
    reply = {
        "CiphertextBlob": encrypt_under(key, plaintext, algorithm, context),
        "SourceKeyId": source.arn,
        "KeyId": key.arn,
        "SourceEncryptionAlgorithm": source_algorithm,
        "DestinationEncryptionAlgorithm": algorithm,
    }
    reply |= _material_id("SourceKeyMaterialId", source, material)
    return reply | _material_id("DestinationKeyMaterialId", key, key.current_material)


def _check_encryption(
    key: Key, algorithm: str, context: dict[str, str] | None, plaintext: bytes
) -> None:
    check_algorithm(key, algorithm)
    if algorithm == specs.SYMMETRIC:
        return
    _check_no_context(algorithm, context)
    limit = asymmetric.oaep_limit(key.key_spec, algorithm)
    if len(plaintext) > limit:
        raise validation(
            f"Algorithm {algorithm} and key spec {key.key_spec} cannot encrypt data larger than "
            f"{limit} bytes."
        )


def _check_no_context(algorithm: str, context: dict[str, str] | None) -> None:
    if context:
        raise validation(f"EncryptionContext is not supported with algorithm {algorithm}.")


def encrypt_under(
    key: Key,
    plaintext: bytes,
    algorithm: str = specs.SYMMETRIC,
    context: dict[str, str] | None = None,
) -> bytes:
    """Encrypt under the key's current material; state and usage have been checked."""
    material = key.current_material
    if algorithm != specs.SYMMETRIC:
        assert material.public_key is not None
        return asymmetric.rsa_encrypt(material.public_key, plaintext, algorithm)
    return symmetric.encrypt(
        key.open_material(material),
        account_id=key.account_id,
        key_id=key.key_id,
        key_material_id=material.key_material_id,
        plaintext=plaintext,
        encryption_context=context,
    )


def _decrypt(
    backend: LabKmsBackend,
    request: Request,
    operation: str,
    key_id: str | None,
    algorithm: str,
    context: dict[str, str] | None,
) -> tuple[bytes, Key, KeyMaterial | None]:
    """Decrypt the request's blob: plaintext, the key and the material that made it."""
    ciphertext_blob = request.get("CiphertextBlob")
    if request.get("DryRun") and "IGNORE_CIPHERTEXT" in request.get("DryRunModifiers", []):
        return b"", _named_key(backend, key_id, operation, algorithm), None
    if ciphertext_blob is None:
        raise validation(
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
            "constraint: Member must not be null"
        )
    if algorithm != specs.SYMMETRIC:
        key = _named_key(backend, key_id, operation, algorithm)
        _check_no_context(algorithm, context)
        private_key = key.open_material(key.current_material)
        try:
            plaintext = asymmetric.rsa_decrypt(private_key, ciphertext_blob, algorithm)
        except CiphertextInvalid as error:
            raise invalid_ciphertext() from error
        return plaintext, key, key.current_material
    try:
        header, _, _ = blob.split(ciphertext_blob)
    except CiphertextInvalid as error:
        raise invalid_ciphertext() from error
    key = _key_of_blob(backend, header, key_id, operation)
    check_key(key, operation, specs.ENCRYPT_DECRYPT)
    material = key.material(header.key_material_id)
    try:
        if material is None:
            raise CiphertextInvalid("the key has no such material")
        backing_key = key.open_material(material)
        return symmetric.decrypt(backing_key, ciphertext_blob, context), key, material
    except CiphertextInvalid as error:
        raise invalid_ciphertext() from error


def _named_key(backend: LabKmsBackend, key_id: str | None, operation: str, algorithm: str) -> Key:
    if key_id is None:
        member = "sourceKeyId" if operation == "ReEncryptFrom" else "keyId"
        raise validation(
            f"1 validation error detected: Value null at '{member}' failed to satisfy "
            "constraint: Member must not be null"
        )
    key = key_for(backend, key_id, operation, key_usage=specs.ENCRYPT_DECRYPT)
    check_algorithm(key, algorithm)
    return key


def _key_of_blob(
    backend: LabKmsBackend, header: blob.Header, key_id: str | None, operation: str
) -> Key:
    """The key that the blob's header names; if the request names one too, it must be that one."""
    named = find_key(backend, key_id, operation) if key_id else None
    if named:
        if (named.key_id, named.account_id) != (header.key_id, header.account_id):
            raise incorrect_key()
        return named
    owner = backend_of(header.account_id, backend.region_name)
    key = owner.key(header.key_id) if owner else None
    if key is None:
        if header.account_id != backend.account_id:
            raise refusal_elsewhere(operation)
        raise ciphertext_of_unknown_key()
    return touch(key)


def _material_id(member: str, key: Key, material: KeyMaterial | None) -> Reply:
    if material is None or key.key_spec != specs.SYMMETRIC:
        return {}
    return {member: material.key_material_id}


OPERATIONS = {"Encrypt": encrypt, "Decrypt": decrypt, "ReEncrypt": re_encrypt}
