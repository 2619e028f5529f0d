"""What happens to a key's materials: made, copied to another Region, rotated, forgotten.

Source: KMS Developer Guide, "Rotate AWS KMS keys", "Importing key material", "Multi-Region keys".
"""

from datetime import datetime, timedelta

from moto.moto_api._internal import mock_random

from .. import audit
from ..hsm import material
from .key import Key, KeyMaterial


def new_material(key: Key) -> KeyMaterial:
    """Generate key material for ``key`` and seal it in its Region's HSM domain."""
    key_material = material.generate(key.key_spec)
    key_material_id = f"{mock_random.getrandbits(256):064x}"
    is_pair = material.is_key_pair(key.key_spec)
    return KeyMaterial(
        key_material_id,
        key.domain.seal(key_material, key_material_id),
        material.public_key_der(key_material) if is_pair else None,
    )


def copy_material(source: Key, key_material: KeyMaterial, target: Key) -> KeyMaterial:
    """The same material in another Region: out of one HSM domain, into the other.

    Imported material isn't copied; only its name is, until it is imported there too.
    """
    token = None
    if key_material.exported_key_token and source.origin != "EXTERNAL":
        plaintext = source.open_material(key_material)
        token = target.domain.seal(plaintext, key_material.key_material_id)
    return KeyMaterial(
        key_material.key_material_id,
        token,
        key_material.public_key if token else None,
        key_material.description,
        rotation_date=key_material.rotation_date,
        rotation_type=key_material.rotation_type,
    )


def rotate(key: Key, date: datetime, rotation_type: str) -> None:
    """Make new material current: generated, or the imported one that waits. Replicas follow."""
    members = key.multi_region_set.members if key.multi_region_set else [key]
    before = key.current_material
    if key.origin == "EXTERNAL":
        for member in members:
            assert member.pending is not None
            member.materials.append(member.pending)
            member.pending = None
    else:
        key.materials.append(new_material(key))
        for member in members:
            if member is not key:
                member.materials.append(copy_material(key, key.current_material, member))
    for member in members:
        member.current_material.rotation_date = date
        member.current_material.rotation_type = rotation_type
        event_id = str(mock_random.uuid4())
        if member is not key:
            audit.record_service_event("SynchronizeMultiRegionKey", member.arn, event_id, date)
            continue
        details = {
            "rotationType": rotation_type,
            "keyOrigin": key.origin,
            "previousKeyMaterialId": before.key_material_id,
            "currentKeyMaterialId": key.current_material.key_material_id,
        }
        audit.record_service_event("RotateKey", key.arn, event_id, date, details)


def rotate_if_due(key: Key, now: datetime) -> None:
    """Rotate as often as the calendar says; an overdue, re-enabled key once."""
    while key.state == "Enabled" and key.next_rotation_date and key.next_rotation_date <= now:
        assert key.rotation_period_days is not None
        rotate(key, key.next_rotation_date, "AUTOMATIC")
        key.next_rotation_date += timedelta(days=key.rotation_period_days)


def resume(key: Key, now: datetime) -> None:
    """After EnableKey: an overdue rotation happens at once, and its period starts anew."""
    if key.next_rotation_date and key.next_rotation_date <= now:
        assert key.rotation_period_days is not None
        rotate(key, now, "AUTOMATIC")
        key.next_rotation_date = now + timedelta(days=key.rotation_period_days)


def pending_state(key: Key) -> str | None:
    """The state of the material that waits for its rotation, if there is one."""
    if key.pending is None:
        return None
    if key.multi_region_set is None:
        return "PENDING_ROTATION"
    members = key.multi_region_set.members
    everywhere = all(m.pending and m.pending.exported_key_token for m in members)
    return "PENDING_ROTATION" if everywhere else "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


def can_rotate(key: Key) -> bool:
    """Whether imported material waits for its rotation, and is there in every Region."""
    if key.pending is None or key.pending.exported_key_token is None:
        return False
    return pending_state(key) == "PENDING_ROTATION"


def remove_token(key: Key, key_material: KeyMaterial) -> None:
    """Forget imported material: by deletion or expiry. The key waits for it to come back."""
    key_material.exported_key_token = None
    key_material.valid_to = None
    if key.lacks_material and "Deletion" not in key.state:
        key.state = "PendingImport"


def expire(key: Key, now: datetime) -> None:
    """Forget the materials whose time is over."""
    for key_material in key.all_materials:
        date = key_material.valid_to
        if date and date <= now:
            remove_token(key, key_material)
            event_id = str(mock_random.uuid4())
            audit.record_service_event("DeleteExpiredKeyMaterial", key.arn, event_id, date)
