"""New key material for an old key: by the calendar, on demand, and what is on record of it.

Rotation changes what the key encrypts with from now on. Old material stays to decrypt.
Source: KMS Developer Guide, "Rotate AWS KMS keys".
"""

from datetime import timedelta
from typing import Any

from ..clock import clock
from . import specs
from .access import managed_key_for
from .exceptions import KmsError, wrong_origin
from .key import Key, KeyMaterial
from .materials import can_rotate, pending_state, rotate
from .models import LabKmsBackend
from .paging import page

Request = dict[str, Any]
Reply = dict[str, Any]

DEFAULT_PERIOD_DAYS = 365
MOST_ON_DEMAND = 25
# Too close to an automatic rotation for one on demand.
CONFLICT = timedelta(minutes=20)


def _rotating_key(backend: LabKmsBackend, request: Request, operation: str) -> Key:
    """The key of a request to rotate. State first, then spec, as AWS checks them."""
    key = managed_key_for(backend, request["KeyId"], operation)
    if key.key_spec != specs.SYMMETRIC:
        raise KmsError("UnsupportedOperationException")
    if key.is_replica:
        message = f"{key.arn} is a multi-Region replica key: rotate its primary key."
        raise KmsError("UnsupportedOperationException", message)
    return key


def enable_key_rotation(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html"""
    key = _rotating_key(backend, request, "EnableKeyRotation")
    if key.origin != "AWS_KMS":
        raise wrong_origin(key.arn, key.origin)
    days = request.get("RotationPeriodInDays", DEFAULT_PERIOD_DAYS)
    if key.rotation_period_days != days:
        key.rotation_period_days = days
        key.next_rotation_date = clock.now() + timedelta(days=days)
    backend.watch(key)


def disable_key_rotation(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html"""
    key = _rotating_key(backend, request, "DisableKeyRotation")
    if key.origin != "AWS_KMS":
        raise wrong_origin(key.arn, key.origin)
    key.rotation_period_days = key.next_rotation_date = None


def get_key_rotation_status(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html"""
    key = managed_key_for(backend, request["KeyId"], "GetKeyRotationStatus")
    primary = key.multi_region_set.primary if key.multi_region_set else key
    on = primary.rotation_period_days is not None and "Deletion" not in key.state
    reply: Reply = {"KeyId": key.arn, "KeyRotationEnabled": on}
    if on:
        reply["RotationPeriodInDays"] = primary.rotation_period_days
        reply["NextRotationDate"] = primary.next_rotation_date
    return reply


def rotate_key_on_demand(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html"""
    key = _rotating_key(backend, request, "RotateKeyOnDemand")
    now = clock.now()
    if key.next_rotation_date and key.next_rotation_date - now <= CONFLICT:
        message = f"An automatic rotation of {key.arn} is about to begin."
        raise KmsError("ConflictException", message)
    if key.on_demand_rotations >= MOST_ON_DEMAND:
        raise KmsError(
            "LimitExceededException",
            "The on-demand rotations limit has been reached for the given keyId. No more "
            f"on-demand rotations can be performed for this key: {key.arn}",
        )
    if key.origin == "EXTERNAL" and not can_rotate(key):
        message = f"No available key material pending rotation for the key: {key.arn}."
        raise KmsError("KMSInvalidStateException", message)
    rotate(key, now, "ON_DEMAND")
    key.on_demand_rotations += 1
    return {"KeyId": key.arn}


def list_key_rotations(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html"""
    key = managed_key_for(backend, request["KeyId"], "ListKeyRotations")
    if key.key_spec != specs.SYMMETRIC:
        raise KmsError("UnsupportedOperationException")
    materials = [m for m in key.materials if m.rotation_type]
    if request.get("IncludeKeyMaterial") == "ALL_KEY_MATERIAL":
        materials = key.all_materials
    # Materials keep the order in which they were associated: their place names them.
    places = {m.key_material_id: place for place, m in enumerate(key.all_materials)}
    numbered = {f"{places[m.key_material_id]:09}": _entry(key, m) for m in materials}
    rotations, paging = page(numbered, request, default=100, most=1000)
    return {"Rotations": rotations, **paging}


def _entry(key: Key, key_material: KeyMaterial) -> Reply:
    if key_material is key.pending:
        state = pending_state(key)
    else:
        state = "CURRENT" if key_material is key.current_material else "NON_CURRENT"
    entry: Reply = {
        "KeyId": key.key_id,
        "KeyMaterialId": key_material.key_material_id,
        "KeyMaterialState": state,
    }
    if key.origin == "EXTERNAL":
        imported = key_material.exported_key_token is not None
        entry["ImportState"] = "IMPORTED" if imported else "PENDING_IMPORT"
        if key_material.description:
            entry["KeyMaterialDescription"] = key_material.description
        if imported:
            entry["ExpirationModel"] = key_material.expiration_model
            if key_material.valid_to:
                entry["ValidTo"] = key_material.valid_to
    if key_material.rotation_type:
        entry["RotationDate"] = key_material.rotation_date
        entry["RotationType"] = key_material.rotation_type
    return entry


OPERATIONS = {
    "EnableKeyRotation": enable_key_rotation,
    "DisableKeyRotation": disable_key_rotation,
    "GetKeyRotationStatus": get_key_rotation_status,
    "RotateKeyOnDemand": rotate_key_on_demand,
    "ListKeyRotations": list_key_rotations,
}
