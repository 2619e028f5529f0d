"""The same key in several Regions: replicas, and which of them is the primary.

Source: KMS Developer Guide, "Multi-Region keys in AWS KMS".
"""

from typing import Any
from uuid import UUID, uuid5

from moto.kms.models import kms_backends

from .. import audit
from ..clock import clock
from ..partitions import partition_of
from . import tags
from .access import managed_key_for
from .authorization import authorize, authorize_account
from .current import CURRENT
from .exceptions import KmsError, not_found, validation
from .key import Key, default_policy
from .keys import check_lock_out, check_policy
from .materials import copy_material
from .models import LabKmsBackend
from .states import check_state

Request = dict[str, Any]
Reply = dict[str, Any]


def replicate_key(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html"""
    key = _primary(backend, request, "ReplicateKey")
    assert key.multi_region_set is not None
    target = _other_region(backend, request["ReplicaRegion"])
    CURRENT.get().replicated = key
    authorize_account("CreateKey", region=target.region_name)
    if request.get("Tags"):
        authorize_account("TagResource", region=target.region_name)
    policy = request.get("Policy")
    if policy is not None:
        check_policy(policy, target)
    new_tags = tags.checked(request.get("Tags", []))
    if key.key_id in target.keys:
        message = f"A replica of {key.arn} already exists in {target.region_name}."
        raise KmsError("AlreadyExistsException", message)
    replica = Key(
        key_id=key.key_id,
        account_id=key.account_id,
        region=target.region_name,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        policy=policy or default_policy(target.account_id, target.region_name),
        creation_date=clock.now(),
        domain=target.domain,
        origin=key.origin,
        description=request.get("Description", ""),
        multi_region_set=key.multi_region_set,
        tags=new_tags,
    )
    if policy is not None and not request.get("BypassPolicyLockoutSafetyCheck"):
        check_lock_out(replica, policy)
    replica.materials = [copy_material(key, material, replica) for material in key.materials]
    if key.pending:
        replica.pending = copy_material(key, key.pending, replica)
    if replica.lacks_material:
        replica.state = "PendingImport"
    key.multi_region_set.replicas.append(replica)
    target.keys[replica.key_id] = replica
    _record_creation(replica, request)
    return {
        "ReplicaKeyMetadata": replica.metadata(),
        "ReplicaPolicy": replica.policy,
        "ReplicaTags": tags.listed(replica),
    }


def _record_creation(replica: Key, request: Request) -> None:
    """In the replica's Region the audit trail shows a CreateKey, by the same caller."""
    asked = {
        **{name: request[name] for name in ("Policy", "Tags") if name in request},
        "Description": replica.description,
        "KeySpec": replica.key_spec,
        "KeyUsage": replica.key_usage,
        "Origin": replica.origin,
        "MultiRegion": True,
        "BypassPolicyLockoutSafetyCheck": request.get("BypassPolicyLockoutSafetyCheck", False),
    }
    call = CURRENT.get().call
    _record_there(replica, "CreateKey", asked, {"KeyMetadata": replica.metadata()}, call.invoked_by)


def _record_there(
    key: Key, operation: str, request: Request, reply: Reply | None, invoked_by: str
) -> None:
    """Record in the key's Region what a request in another Region did to it."""
    call = CURRENT.get().call
    audit.record_call(
        caller=call.caller,
        region=key.region,
        operation=operation,
        request=request,
        reply=reply,
        error=None,
        key_arns=[key.arn],
        request_id=call.request_id,
        event_id=str(uuid5(UUID(call.event_id), key.region)),
        user_agent=call.user_agent,
        invoked_by=invoked_by or None,
    )


def update_primary_region(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html"""
    primary = _primary(backend, request, "UpdatePrimaryRegion")
    assert primary.multi_region_set is not None
    region = request["PrimaryRegion"]
    if region == primary.region:
        raise validation(f"{region} is the primary Region already")
    replica = next((r for r in primary.multi_region_set.replicas if r.region == region), None)
    if replica is None:
        raise not_found(f"{primary.arn} has no replica in {region}")
    authorize(replica, "UpdatePrimaryRegion", region=region)
    check_state(replica, "UpdatePrimaryRegion")
    shared = primary.multi_region_set
    shared.replicas[shared.replicas.index(replica)] = primary
    shared.primary = replica
    # The calendar of rotations is a property of the primary.
    replica.rotation_period_days = primary.rotation_period_days
    replica.next_rotation_date = primary.next_rotation_date
    replica.on_demand_rotations = primary.on_demand_rotations
    primary.rotation_period_days = primary.next_rotation_date = None
    kms_backends[replica.account_id][replica.region].watch(replica)  # type: ignore[attr-defined]
    _record_there(
        replica,
        "UpdatePrimaryRegion",
        {"KeyId": replica.arn, "PrimaryRegion": region},
        None,
        "kms.amazonaws.com",
    )


def _primary(backend: LabKmsBackend, request: Request, operation: str) -> Key:
    key = managed_key_for(backend, request["KeyId"], operation)
    if key.multi_region_set is None or key.is_replica:
        message = f"{key.arn} is not a multi-Region primary key."
        raise KmsError("UnsupportedOperationException", message)
    return key


def _other_region(backend: LabKmsBackend, region: str) -> LabKmsBackend:
    regions = kms_backends[backend.account_id]
    if region not in regions or partition_of(region) != backend.partition:
        raise validation(f"{region} is not a Region of this partition")
    if region == backend.region_name:
        raise validation("ReplicaRegion must differ from the Region of the primary key")
    return regions[region]  # type: ignore[return-value]


OPERATIONS = {"ReplicateKey": replicate_key, "UpdatePrimaryRegion": update_primary_region}
