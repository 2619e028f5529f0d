"""May the caller do this? KMS asks the policy room, with all that a condition can look at.

Key policy, IAM policies and grants decide about a key; IAM policies alone about what has no key
policy: CreateKey, lists, aliases.
Source: KMS API reference, "Required permissions" and "Cross-account use" of each operation;
KMS Developer Guide, "Condition keys for AWS KMS".
"""

from collections.abc import Mapping
from typing import Any

from moto.kms.models import kms_backends

from ..audit import SOURCE_IP
from ..caller import Caller, NamedPolicy
from ..clock import clock
from ..policy import (
    CROSS_ACCOUNT_OPERATIONS,
    Decision,
    Grant,
    MalformedPolicy,
    Policy,
    Principal,
    Request,
    access_denied_message,
    decide,
    elsewhere_message,
    locks_out,
    may_pass_on,
    may_retire,
    parse_policy,
)
from . import specs
from .current import CURRENT, Current
from .exceptions import KmsError
from .key import Key, KeyGrant

Context = dict[str, Any]

# member of a request -> the condition key that shows it
_MEMBERS = {
    "BypassPolicyLockoutSafetyCheck": "kms:BypassPolicyLockoutSafetyCheck",
    "EncapsulationAlgorithm": "kms:EncapsulationAlgorithm",
    "EncryptionAlgorithm": "kms:EncryptionAlgorithm",
    "ExpirationModel": "kms:ExpirationModel",
    "GranteePrincipal": "kms:GranteePrincipal",
    "KeyAgreementAlgorithm": "kms:KeyAgreementAlgorithm",
    "KeyPairSpec": "kms:DataKeyPairSpec",
    "MacAlgorithm": "kms:MacAlgorithm",
    "MessageType": "kms:MessageType",
    "PendingWindowInDays": "kms:ScheduleKeyDeletionPendingWindowInDays",
    "PolicyName": "kms:PolicyName",
    "PrimaryRegion": "kms:PrimaryRegion",
    "ReplicaRegion": "kms:ReplicaRegion",
    "RetiringPrincipal": "kms:RetiringPrincipal",
    "RotationPeriodInDays": "kms:RotationPeriodInDays",
    "SigningAlgorithm": "kms:SigningAlgorithm",
    "WrappingAlgorithm": "kms:WrappingAlgorithm",
    "WrappingKeySpec": "kms:WrappingKeySpec",
}
# What KMS takes where the request says nothing.
_DEFAULTS: dict[str, Context] = {
    "CreateKey": {"BypassPolicyLockoutSafetyCheck": False},
    "Decrypt": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "EnableKeyRotation": {"RotationPeriodInDays": 365},
    "Encrypt": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "GetKeyPolicy": {"PolicyName": "default"},
    "ImportKeyMaterial": {"ExpirationModel": "KEY_MATERIAL_EXPIRES"},
    "PutKeyPolicy": {"BypassPolicyLockoutSafetyCheck": False, "PolicyName": "default"},
    "ReEncryptFrom": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "ReEncryptTo": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "ScheduleKeyDeletion": {"PendingWindowInDays": 30},
    "Sign": {"MessageType": "RAW"},
    "Verify": {"MessageType": "RAW"},
}
# ReEncrypt's two halves: what their members are called.
_PREFIXES = {"ReEncryptFrom": "Source", "ReEncryptTo": "Destination"}
_FROM_CIPHERTEXT = {"Decrypt", "ReEncryptFrom"}
_GRANTS_FOR_SERVICES = {"CreateGrant", "ListGrants", "RevokeGrant"}


def authorize(key: Key, operation: str, *, region: str | None = None) -> None:
    """Raise AccessDeniedException unless the caller may do ``operation`` with ``key``.

    ``operation`` is a name in kms:... actions: ReEncrypt asks for ReEncryptFrom and ReEncryptTo.
    """
    current = CURRENT.get()
    request = _request(
        current, operation, key.arn, key.account_id, _of_key(key, operation, current), region
    )
    if request.is_cross_account and operation not in CROSS_ACCOUNT_OPERATIONS:
        raise refusal_elsewhere(operation)
    decision = _decide(request, current.call.caller, key, _grants(key, operation, current.members))
    current.decisions.append(decision)
    if not decision.allowed:
        message = access_denied_message(
            request, decision, of_ciphertext=_names_no_key(operation, current.members)
        )
        raise KmsError("AccessDeniedException", message)


def authorize_retiring(key: Key, made: KeyGrant) -> None:
    """Raise AccessDeniedException unless the caller may retire the grant.

    The grant says who may; so may the account in which it was made, whose IAM policies pass
    that on, and whoever the key policy lets.
    """
    current = CURRENT.get()
    context = _of_key(key, "RetireGrant", current)
    request = _request(current, "RetireGrant", key.arn, key.account_id, context, None)
    if may_retire(made.grant, request):
        return
    caller = current.call.caller
    if made.issuing_account.endswith(f":{caller.account_id}:root"):
        decision = _decide(request, caller)
        if decision.allowed and not key.compiled_policy.denies(request):
            current.decisions.append(decision)
            return
    authorize(key, "RetireGrant")


def authorize_account(operation: str, resource: str = "*", *, region: str | None = None) -> None:
    """Raise AccessDeniedException unless IAM policies let the caller do ``operation``.

    For what has no key policy: CreateKey, the lists, an alias (``resource`` is its ARN).
    """
    current = CURRENT.get()
    caller = current.call.caller
    context = _of_new_key(current.members) if operation == "CreateKey" else {}
    request = _request(current, operation, resource, caller.account_id, context, region)
    decision = _decide(request, caller)
    current.decisions.append(decision)
    if not decision.allowed:
        raise KmsError("AccessDeniedException", access_denied_message(request, decision))


def refusal_elsewhere(operation: str) -> KmsError:
    """The answer about a key of another account that is missing or closed: one and the same."""
    current = CURRENT.get()
    message = elsewhere_message(
        current.call.caller.arn,
        f"kms:{operation}",
        of_ciphertext=_names_no_key(operation, current.members),
    )
    return KmsError("AccessDeniedException", message)


def would_lock_out(key: Key, key_policy: Policy) -> bool:
    """Whether the caller couldn't change the key policy again, were this one in force.

    Source: KMS Developer Guide, "Allow a user to create KMS keys": the permission may come from
    the key policy, or from an IAM policy if the key policy lets the account in.
    """
    current = CURRENT.get()
    caller = current.call.caller
    context = (
        _of_key(key, "PutKeyPolicy", current)
        | _of_request("PutKeyPolicy", {})
        | _of_call(current, None)
    )
    return locks_out(
        key_policy,
        principal_of(caller),
        resource_arn=key.arn,
        resource_account=key.account_id,
        context=context,
        identity_policies=_identity_policies(caller),
        boundary=_parsed(caller.boundary),
        session_policy=_parsed(caller.session_policy),
    )


def principal_of(caller: Caller) -> Principal:
    """The caller as the policy room knows it."""
    if caller.is_service:
        return Principal.service(caller.arn)
    if caller.role_arn:
        return Principal.session(caller.arn, caller.role_arn, caller.user_id, caller.tags)
    return Principal.user(caller.arn, caller.user_id, caller.tags)


def _decide(
    request: Request, caller: Caller, key: Key | None = None, grants: tuple[Grant, ...] = ()
) -> Decision:
    return decide(
        request,
        key_policy=key.compiled_policy if key else None,
        identity_policies=_identity_policies(caller),
        boundary=_parsed(caller.boundary),
        session_policy=_parsed(caller.session_policy),
        grants=grants,
    )


def _grants(key: Key, operation: str, members: Mapping[str, Any]) -> tuple[Grant, ...]:
    grants = tuple(each.grant for each in key.grants.values())
    if operation != "CreateGrant" or not grants:
        return grants
    # A grant that allows CreateGrant can't be used to give away more than it has.
    child = grant_of(members)
    return tuple(grant for grant in grants if may_pass_on(grant, child))


def grant_of(members: Mapping[str, Any], grant_id: str = "") -> Grant:
    """The grant that CreateGrant's members ask for."""
    constraints = members.get("Constraints", {})
    return Grant(
        grant_id,
        frozenset(members["Operations"]),
        grantee_principal=members.get("GranteePrincipal", ""),
        grantee_service_principal=members.get("GranteeServicePrincipal", ""),
        retiring_principal=members.get("RetiringPrincipal", ""),
        retiring_service_principal=members.get("RetiringServicePrincipal", ""),
        encryption_context_equals=constraints.get("EncryptionContextEquals"),
        encryption_context_subset=constraints.get("EncryptionContextSubset"),
        source_arn=constraints.get("SourceArn", ""),
    )


def _identity_policies(caller: Caller) -> list[Policy]:
    return [policy for policy in map(_parsed, caller.policies) if policy]


def _parsed(named: NamedPolicy | None) -> Policy | None:
    if named is None:
        return None
    name, document = named
    try:
        return parse_policy(document, kind="identity", name=name)
    except MalformedPolicy as error:
        # IAM of the lab is more patient than AWS's, which would have refused the document.
        message = f"The IAM policy {name} is no policy, so nothing is allowed: {error.detail}"
        raise KmsError("AccessDeniedException", message) from error


def _request(
    current: Current,
    operation: str,
    resource_arn: str,
    resource_account: str,
    context: Context,
    region: str | None,
) -> Request:
    members = _members(operation, current.members)
    return Request(
        principal_of(current.call.caller),
        f"kms:{operation}",
        resource_arn,
        resource_account,
        context=context | _of_request(operation, members) | _of_call(current, region),
        encryption_context=members.get("EncryptionContext"),
    )


def _members(operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request's members; of ReEncrypt the ones of this half, without their prefix."""
    prefix = _PREFIXES.get(operation)
    if prefix is None:
        return members
    return {
        name.removeprefix(prefix): value
        for name, value in members.items()
        if name.startswith(prefix)
    }


def _name(operation: str, members: Mapping[str, Any]) -> str:
    """How the request names the key: by ID, ARN or alias; empty if the ciphertext does."""
    named: str = members.get(_PREFIXES.get(operation, "") + "KeyId", "")
    return named


def _names_no_key(operation: str, members: Mapping[str, Any]) -> bool:
    return operation in _FROM_CIPHERTEXT and not _name(operation, members)


def _of_request(operation: str, members: Mapping[str, Any]) -> Context:
    """Condition keys that show members of the request."""
    asked = {**_DEFAULTS.get(operation, {}), **members}
    context = {key: asked[name] for name, key in _MEMBERS.items() if name in asked}
    if "ValidTo" in asked:
        context["kms:ValidTo"] = int(asked["ValidTo"].timestamp())
    if operation == "CreateGrant":
        context["kms:GrantOperations"] = asked["Operations"]
        context["kms:GrantConstraintType"] = list(asked.get("Constraints", {}))
    if operation in ("CreateKey", "ReplicateKey", "TagResource", "UntagResource"):
        tags = {tag["TagKey"]: tag["TagValue"] for tag in asked.get("Tags", [])}
        context |= {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        context["aws:TagKeys"] = [*tags, *asked.get("TagKeys", [])]
    return context


def _of_new_key(members: Mapping[str, Any]) -> Context:
    old_name = members.get("CustomerMasterKeySpec", specs.SYMMETRIC)
    return _of_spec(
        members.get("KeySpec", old_name),
        members.get("KeyUsage", specs.ENCRYPT_DECRYPT),
        members.get("Origin", "AWS_KMS"),
    ) | {
        "kms:MultiRegion": members.get("MultiRegion", False),
        "kms:MultiRegionKeyType": "PRIMARY" if members.get("MultiRegion") else [],
    }


def _of_spec(key_spec: str, key_usage: str, origin: str) -> Context:
    return {
        "kms:CustomerMasterKeySpec": key_spec,
        "kms:CustomerMasterKeyUsage": key_usage,
        "kms:KeyOrigin": origin,
        "kms:KeySpec": key_spec,
        "kms:KeyUsage": key_usage,
    }


def _of_key(key: Key, operation: str, current: Current) -> Context:
    """Condition keys that describe the key, and how the request named it."""
    aliases = kms_backends[key.account_id][key.region].aliases.values()  # type: ignore[attr-defined]
    names = [alias.name for alias in aliases if alias.key_id == key.key_id]
    context = _of_spec(key.key_spec, key.key_usage, key.origin) | {
        "kms:MultiRegion": key.multi_region_set is not None,
        "kms:ResourceAliases": names,
    }
    if key.multi_region_set:
        context["kms:MultiRegionKeyType"] = "REPLICA" if key.is_replica else "PRIMARY"
    named = _alias_name(_name(operation, current.members))
    if named.startswith("alias/"):
        context["kms:RequestAlias"] = named
    if operation == "ReEncryptFrom":
        other = current.members["DestinationKeyId"]
        context["kms:ReEncryptOnSameKey"] = _alias_name(other) in (key.key_id, key.arn, *names)
    elif operation == "ReEncryptTo":
        context["kms:ReEncryptOnSameKey"] = current.touched[0] == key.arn
    context |= {f"aws:ResourceTag/{name}": tag.value for name, tag in key.tags.items()}
    return context


def _alias_name(identifier: str) -> str:
    """The alias name in an alias ARN; other identifiers as they are."""
    _, found, name = identifier.partition(":alias/")
    return f"alias/{name}" if found else identifier


def _of_call(current: Current, region: str | None) -> Context:
    """Condition keys of the way by which the request came."""
    call, now = current.call, clock.now()
    context: Context = {
        "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "aws:EpochTime": int(now.timestamp()),
        "aws:RequestedRegion": region or current.region,
        "aws:SecureTransport": call.secure,
        "aws:UserAgent": call.user_agent,
        "aws:ViaAWSService": bool(call.invoked_by),
    }
    if call.operation in _GRANTS_FOR_SERVICES:
        context["kms:GrantIsForAWSResource"] = bool(call.invoked_by) or call.caller.is_service
    if call.invoked_by:
        service = call.invoked_by.removesuffix(".amazonaws.com")
        context |= {
            "aws:CalledVia": [call.invoked_by],
            "aws:CalledViaFirst": call.invoked_by,
            "aws:CalledViaLast": call.invoked_by,
            "kms:ViaService": f"{service}.{current.region}.amazonaws.com",
        }
    elif not call.caller.is_service:
        context["aws:SourceIp"] = SOURCE_IP
    if call.source_arn:
        context["aws:SourceArn"] = call.source_arn
        context["aws:SourceAccount"] = call.source_arn.split(":")[4]
    return context
