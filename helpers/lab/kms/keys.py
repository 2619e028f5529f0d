"""Making, describing, disabling and deleting KMS keys, and reading their policy."""

from functools import partial
from typing import Any

from ..caller import principal_exists
from ..clock import clock
from ..hsm.errors import SpecUnavailable
from ..policy import INVALID_PRINCIPALS, MalformedPolicy, parse_policy
from . import specs, tags
from .access import check_region, key_for, managed_key_for
from .authorization import authorize_account, would_lock_out
from .exceptions import KmsError, no_library, not_found, validation
from .identifiers import touch
from .key import Key
from .materials import resume
from .models import LabKmsBackend
from .paging import page

Request = dict[str, Any]
Reply = dict[str, Any]

DEFAULT_WINDOW_DAYS, WINDOW_DAYS = 30, range(7, 31)
POLICY_NAME = "default"
MOST_POLICY_BYTES = 32 * 1024


def create_key(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"""
    key_spec, key_usage = _spec_and_usage(backend, request)
    origin = request.get("Origin", "AWS_KMS")
    _check_custom_key_store(request, origin)
    if origin == "EXTERNAL" and key_spec.startswith("ML_DSA"):
        message = f"Origin EXTERNAL is not supported for KeySpec {key_spec}"
        raise KmsError("UnsupportedOperationException", message)
    new_tags = tags.checked(request.get("Tags", []))
    if new_tags:
        authorize_account("TagResource")
    policy = request.get("Policy")
    check = None
    if policy is not None:
        check_policy(policy, backend)
        if not request.get("BypassPolicyLockoutSafetyCheck"):
            check = partial(check_lock_out, policy=policy)
    try:
        key = backend.add_key(
            key_spec,
            key_usage,
            origin=origin,
            multi_region=request.get("MultiRegion", False),
            description=request.get("Description", ""),
            policy=policy,
            tags=new_tags,
            check=check,
        )
    except SpecUnavailable as error:
        raise no_library(key_spec) from error
    return {"KeyMetadata": touch(key).metadata()}


def _spec_and_usage(backend: LabKmsBackend, request: Request) -> tuple[str, str]:
    old_name = request.get("CustomerMasterKeySpec")
    key_spec = request.get("KeySpec", old_name or specs.SYMMETRIC)
    if old_name and "KeySpec" in request:
        raise validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        )
    key_usage = request.get("KeyUsage")
    if key_usage is None:
        if key_spec != specs.SYMMETRIC:
            raise validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric "
                "encryption keys."
            )
        key_usage = specs.ENCRYPT_DECRYPT
    if key_usage not in specs.KEY_SPECS[key_spec]:
        raise validation(f"KeyUsage {key_usage} is not compatible with KeySpec {key_spec}")
    check_region(backend, key_spec)
    return key_spec, key_usage


def _check_custom_key_store(request: Request, origin: str) -> None:
    store = request.get("CustomKeyStoreId")
    if origin in ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE") and not store:
        raise validation(f"CustomKeyStoreId is required when Origin is {origin}")
    if store:
        message = f"Custom key store {store} does not exist"
        raise KmsError("CustomKeyStoreNotFoundException", message)
    if "XksKeyId" in request:
        raise validation("XksKeyId is valid only when Origin is EXTERNAL_KEY_STORE")


def check_policy(policy: str, backend: LabKmsBackend) -> None:
    """Raise MalformedPolicyDocumentException unless KMS would take this as a key policy.

    Raises LimitExceededException if it is too long (KMS Developer Guide, "Key policies").
    """
    if len(policy.encode()) > MOST_POLICY_BYTES:
        message = f"The key policy is longer than {MOST_POLICY_BYTES} bytes."
        raise KmsError("LimitExceededException", message)
    try:
        principals = parse_policy(policy).principal_arns
    except MalformedPolicy as error:
        raise KmsError("MalformedPolicyDocumentException", error.message) from error
    if not all(
        arn.split(":")[1] == backend.partition and principal_exists(arn) for arn in principals
    ):
        raise KmsError("MalformedPolicyDocumentException", INVALID_PRINCIPALS)


def check_lock_out(key: Key, policy: str) -> None:
    """Raise MalformedPolicyDocumentException if the caller couldn't change the policy again."""
    if would_lock_out(key, parse_policy(policy)):
        message = "The new key policy will not allow you to update the key policy in the future."
        raise KmsError("MalformedPolicyDocumentException", message)


def describe_key(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html"""
    return {"KeyMetadata": key_for(backend, request["KeyId"], "DescribeKey").metadata()}


def list_keys(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html"""
    own = "SELF" in request.get("ResourceOwners", ["SELF"])
    keys, paging = page(backend.keys if own else {}, request, default=100, most=1000)
    return {"Keys": [{"KeyId": key.key_id, "KeyArn": key.arn} for key in keys], **paging}


def update_key_description(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html"""
    key = managed_key_for(backend, request["KeyId"], "UpdateKeyDescription")
    key.description = request["Description"]


def enable_key(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html"""
    key = managed_key_for(backend, request["KeyId"], "EnableKey")
    key.state = "Enabled"
    resume(key, clock.now())
    backend.watch(key)


def disable_key(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html"""
    managed_key_for(backend, request["KeyId"], "DisableKey").state = "Disabled"


def schedule_key_deletion(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html"""
    days = request.get("PendingWindowInDays", DEFAULT_WINDOW_DAYS)
    if days not in WINDOW_DAYS:
        raise validation("PendingWindowInDays must be between 7 and 30")
    key = managed_key_for(backend, request["KeyId"], "ScheduleKeyDeletion")
    backend.schedule_deletion(key, days)
    reply = {"KeyId": key.arn, "KeyState": key.state, "PendingWindowInDays": days}
    return reply | ({"DeletionDate": key.deletion_date} if key.deletion_date else {})


def cancel_key_deletion(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html"""
    key = managed_key_for(backend, request["KeyId"], "CancelKeyDeletion")
    backend.cancel_deletion(key)
    return {"KeyId": key.arn}


def get_key_last_usage(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html"""
    key = managed_key_for(backend, request["KeyId"], "GetKeyLastUsage")
    usage: Reply = {}
    if key.last_usage:
        usage = {
            "Operation": key.last_usage.operation,
            "Timestamp": key.last_usage.timestamp,
            "CloudTrailEventId": key.last_usage.event_id,
            "KmsRequestId": key.last_usage.request_id,
        }
    return {
        "KeyId": key.key_id,  # no ARN here, by the Developer Guide's example
        "KeyLastUsage": usage,
        "TrackingStartDate": key.creation_date,
        "KeyCreationDate": key.creation_date,
    }


def get_key_policy(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html"""
    key = managed_key_for(backend, request["KeyId"], "GetKeyPolicy")
    name = request.get("PolicyName", POLICY_NAME)
    if name != POLICY_NAME:
        raise not_found(f"No such policy exists: {name}")
    return {"Policy": key.policy, "PolicyName": name}


def put_key_policy(backend: LabKmsBackend, request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"""
    key = managed_key_for(backend, request["KeyId"], "PutKeyPolicy")
    name = request.get("PolicyName", POLICY_NAME)
    if name == "AWS_RAM":
        raise validation("The AWS_RAM policy can only be managed by the RAM service.")
    if name != POLICY_NAME:
        raise not_found(f"No such policy exists: {name}")
    check_policy(request["Policy"], backend)
    if not request.get("BypassPolicyLockoutSafetyCheck"):
        check_lock_out(key, request["Policy"])
    key.put_policy(request["Policy"])


def list_key_policies(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html"""
    managed_key_for(backend, request["KeyId"], "ListKeyPolicies")
    return {"PolicyNames": [POLICY_NAME], "Truncated": False}


OPERATIONS = {
    "CreateKey": create_key,
    "DescribeKey": describe_key,
    "ListKeys": list_keys,
    "UpdateKeyDescription": update_key_description,
    "EnableKey": enable_key,
    "DisableKey": disable_key,
    "ScheduleKeyDeletion": schedule_key_deletion,
    "CancelKeyDeletion": cancel_key_deletion,
    "GetKeyLastUsage": get_key_last_usage,
    "GetKeyPolicy": get_key_policy,
    "PutKeyPolicy": put_key_policy,
    "ListKeyPolicies": list_key_policies,
}
