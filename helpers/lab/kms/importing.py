"""Key material that a customer brings: wrapping parameters, import, expiry, deletion.

Source: KMS Developer Guide, "Importing key material"; KMS API reference.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from ..clock import clock
from ..hsm import material, wrapping
from ..hsm.errors import CiphertextInvalid, MaterialInvalid
from . import specs
from .access import managed_key_for
from .exceptions import KmsError, invalid_ciphertext, not_found, validation, wrong_origin
from .key import Key, KeyMaterial
from .materials import remove_token
from .models import LabKmsBackend

Request = dict[str, Any]
Reply = dict[str, Any]

TOKEN_LIFETIME = timedelta(hours=24)
MOST_VALID_DAYS = 365
NEW, EXISTING = "NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"

DIRECT = {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
HYBRID = set(wrapping.HYBRID)


def get_parameters_for_import(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html"""
    key = _external_key(backend, request, "GetParametersForImport")
    algorithm, wrapping_spec = request["WrappingAlgorithm"], request["WrappingKeySpec"]
    _check_wrapping(key, algorithm, wrapping_spec)
    wrapping_key = material.generate(wrapping_spec)
    valid_to = clock.now() + TOKEN_LIFETIME
    # The token carries the private half, sealed: KMS keeps no list of tokens, and any number
    # of them can be outstanding.
    contents = {
        "key": key.arn,
        "algorithm": algorithm,
        "valid_to": valid_to.timestamp(),
        "wrapping_key": base64.b64encode(wrapping_key).decode(),
    }
    return {
        "KeyId": key.arn,
        "ImportToken": key.domain.seal(json.dumps(contents).encode(), "import token"),
        "PublicKey": material.public_key_der(wrapping_key),
        "ParametersValidTo": valid_to,
    }


def _check_wrapping(key: Key, algorithm: str, wrapping_spec: str) -> None:
    """Raise UnsupportedOperationException for a wrapping that doesn't fit the material."""
    kind = specs.kind(key.key_spec)
    if key.key_spec.startswith("RSA_"):
        allowed = HYBRID
    else:
        allowed = DIRECT if kind != "asymmetric" else DIRECT | HYBRID
    if algorithm not in allowed or wrapping_spec == "SM2":
        message = f"{algorithm} with {wrapping_spec} can't wrap {key.key_spec} key material."
        raise KmsError("UnsupportedOperationException", message)
    if key.key_spec == "ECC_NIST_P521" and wrapping_spec == "RSA_2048" and algorithm in DIRECT:
        message = f"An RSA_2048 wrapping key is too short for {algorithm} of a P-521 key."
        raise KmsError("UnsupportedOperationException", message)


def import_key_material(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html"""
    key = _external_key(backend, request, "ImportKeyMaterial")
    valid_to = _checked_expiry(request)
    plaintext = _unwrapped(key, request)
    key_material_id = _identify(key, plaintext)
    import_type = _import_type(key, request, key_material_id)
    target = key.material(key_material_id)
    if import_type == NEW:
        if target is not None:
            raise _incorrect("The key material is already associated with the KMS key.")
        target = _associate(key, key_material_id)
    elif target is None:
        raise _incorrect("The key material is not the one that was imported before.")
    target.exported_key_token = key.domain.seal(plaintext, key_material_id)
    target.public_key = (
        material.public_key_der(plaintext) if material.is_key_pair(key.key_spec) else None
    )
    target.valid_to = valid_to
    target.description = request.get("KeyMaterialDescription", target.description)
    if key.state == "PendingImport" and not key.lacks_material:
        key.state = "Enabled"
    backend.watch(key)
    reply = {"KeyId": key.arn}
    if key.key_spec == specs.SYMMETRIC:
        reply["KeyMaterialId"] = key_material_id
    return reply


def _checked_expiry(request: Request) -> datetime | None:
    model = request.get("ExpirationModel", "KEY_MATERIAL_EXPIRES")
    valid_to = request.get("ValidTo")
    if model == "KEY_MATERIAL_DOES_NOT_EXPIRE":
        if valid_to is not None:
            raise validation(f"A validTo date must not be set if the ExpirationModel is {model}")
        return None
    if valid_to is None:
        raise validation(f"A validTo date must be set if the ExpirationModel is {model}")
    now = clock.now()
    if not now < valid_to <= now + timedelta(days=MOST_VALID_DAYS):
        raise validation(f"validTo must be in the future, at most {MOST_VALID_DAYS} days away")
    return valid_to


def _unwrapped(key: Key, request: Request) -> bytes:
    """The material in the request, if token, wrapping and material are right."""
    try:
        contents = json.loads(key.domain.open(request["ImportToken"], "import token"))
    except CiphertextInvalid as error:
        raise KmsError("InvalidImportTokenException") from error
    if contents["key"] != key.arn:
        raise KmsError("InvalidImportTokenException")
    if datetime.fromtimestamp(contents["valid_to"], UTC) <= clock.now():
        raise KmsError("ExpiredImportTokenException")
    wrapping_key = base64.b64decode(contents["wrapping_key"])
    try:
        plaintext = wrapping.unwrap(
            wrapping_key, request["EncryptedKeyMaterial"], contents["algorithm"]
        )
        return wrapping.check_material(key.key_spec, plaintext)
    except CiphertextInvalid as error:
        raise invalid_ciphertext() from error
    except MaterialInvalid as error:
        raise _incorrect(f"The key material does not fit the KMS key: {error}.") from error


def _identify(key: Key, plaintext: bytes) -> str:
    """64 hex digits computed from key ID and material: the same material has the same name."""
    return sha256(key.key_id.encode() + b"\x00" + plaintext).hexdigest()


def _import_type(key: Key, request: Request, key_material_id: str) -> str:
    symmetric = key.key_spec == specs.SYMMETRIC
    asked = {"ImportType", "KeyMaterialId", "KeyMaterialDescription"} & request.keys()
    if asked and not symmetric:
        message = f"{', '.join(sorted(asked))} can be used with symmetric encryption keys only."
        raise validation(message)
    import_type = request.get("ImportType", EXISTING if key.all_materials else NEW)
    if "KeyMaterialId" in request:
        if import_type == NEW:
            raise validation(f"KeyMaterialId cannot be specified when ImportType is {NEW}")
        if request["KeyMaterialId"] != key_material_id:
            raise _incorrect("The key material is not the one that KeyMaterialId names.")
    if import_type == NEW and key.is_replica:
        message = f"New key material must be imported into the primary key of {key.arn} first."
        raise KmsError("UnsupportedOperationException", message)
    return str(import_type)


def _associate(key: Key, key_material_id: str) -> KeyMaterial:
    """Make room for new material: current if it is the first, else pending; replicas follow."""
    if key.pending:
        raise KmsError(
            "KMSInvalidStateException",
            f"New key material (id: {key_material_id}) cannot be imported into KMS key "
            f"{key.arn}, because another key material (id: {key.pending.key_material_id}) is "
            "pending rotation.",
        )
    first = not key.materials
    members = key.multi_region_set.members if key.multi_region_set else [key]
    for member in members:
        new = KeyMaterial(key_material_id, None)
        if first:
            member.materials.append(new)
        else:
            member.pending = new
    material = key.material(key_material_id)
    assert material is not None
    return material


def delete_imported_key_material(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html"""
    key = managed_key_for(backend, request["KeyId"], "DeleteImportedKeyMaterial")
    if key.origin != "EXTERNAL":
        raise wrong_origin(key.arn, key.origin)
    if "KeyMaterialId" in request:
        target = key.material(request["KeyMaterialId"])
        if target is None:
            raise not_found(f"{key.arn} has no key material {request['KeyMaterialId']}.")
    else:
        target = key.current_material if key.materials else None
    reply = {"KeyId": key.arn}
    if target is None:
        return reply
    if target is key.pending and not key.is_replica:
        for member in key.multi_region_set.members if key.multi_region_set else [key]:
            member.pending = None
    else:
        remove_token(key, target)
    if key.key_spec == specs.SYMMETRIC:
        reply["KeyMaterialId"] = target.key_material_id
    return reply


def _external_key(backend: LabKmsBackend, request: Request, operation: str) -> Key:
    key = managed_key_for(backend, request["KeyId"], operation)
    if key.origin != "EXTERNAL":
        raise wrong_origin(key.arn, key.origin)
    return key


def _incorrect(message: str) -> KmsError:
    return KmsError("IncorrectKeyMaterialException", message)


OPERATIONS = {
    "GetParametersForImport": get_parameters_for_import,
    "ImportKeyMaterial": import_key_material,
    "DeleteImportedKeyMaterial": delete_imported_key_material,
}
