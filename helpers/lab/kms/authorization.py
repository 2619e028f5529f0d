"""May the caller do this? KMS asks the policy room, with all that a condition can look at.

Key policy, IAM policies and grants decide about a key; IAM policies alone about what has no key
policy: CreateKey, lists, aliases.
Source: KMS API reference, "Required permissions" and "Cross-account use" of each operation;
KMS Developer Guide, "Condition keys for AWS KMS".
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from moto.kms.models import kms_backends

from ..audit import SOURCE_IP
from ..caller import Caller, NamedPolicy
from ..clock import clock
from ..policy import (
    CROSS_ACCOUNT_OPERATIONS,
    Decision,
    Grant,
    Kind,
    MalformedPolicy,
    Policy,
    Principal,
    Request,
    access_denied_message,
    decide,
    decide_retiring,
    elsewhere_message,
    locks_out,
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
# What KMS takes where the request says nothing. Of BypassPolicyLockoutSafetyCheck and
# ExpirationModel a condition sees only what the request says (KMS Developer Guide).
_DEFAULTS: dict[str, Context] = {
    "Decrypt": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "EnableKeyRotation": {"RotationPeriodInDays": 365},
    "Encrypt": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "GenerateDataKey": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "GenerateDataKeyPair": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "GenerateDataKeyPairWithoutPlaintext": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "GenerateDataKeyWithoutPlaintext": {"EncryptionAlgorithm": specs.SYMMETRIC},
    "GetKeyPolicy": {"PolicyName": "default"},
    "PutKeyPolicy": {"PolicyName": "default"},
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
    elsewhere = current.call.caller.account_id not in ("", key.account_id)
    if elsewhere and operation not in CROSS_ACCOUNT_OPERATIONS:
        raise refusal_elsewhere(operation)
    _enforce(_ask(operation, key=key, region=region), operation)


def authorize_retiring(key: Key, made: KeyGrant) -> None:
    """Raise AccessDeniedException unless the caller may retire the grant.

    The grant says who may; the accounts of the key and of its maker pass the permission on.
    """
    caller = CURRENT.get().call.caller
    policies = policies_of(caller)
    request = _request("RetireGrant", key.arn, key.account_id, _context("RetireGrant", key, None))
    decision = decide_retiring(
        request,
        made.grant,
        accounts=[key.account_id, made.issuing_account.split(":")[4]],
        identity_policies=policies.identity,
        boundary=policies.boundary,
        session_policy=policies.session,
    )
    _enforce(decision, "RetireGrant")


def authorize_account(operation: str, resource: str = "*", *, region: str | None = None) -> None:
    """Raise AccessDeniedException unless IAM policies let the caller do ``operation``.

    For what has no key policy: CreateKey, the lists, an alias (``resource`` is its ARN).
    """
    _enforce(_ask(operation, resource=resource, region=region), operation)


def _enforce(decision: Decision, operation: str) -> None:
    current = CURRENT.get()
    current.decisions.append(decision)
    if not decision.allowed:
        of_ciphertext = _names_no_key(operation, current.members)
        message = access_denied_message(decision.request, decision, of_ciphertext=of_ciphertext)
        raise KmsError("AccessDeniedException", message)


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
    caller = CURRENT.get().call.caller
    policies = policies_of(caller)
    return locks_out(
        key_policy,
        principal_of(caller),
        resource_arn=key.arn,
        resource_account=key.account_id,
        context=_context("PutKeyPolicy", key, key.region),
        identity_policies=policies.identity,
        boundary=policies.boundary,
        session_policy=policies.session,
    )


def principal_of(caller: Caller) -> Principal:
    """The caller as the policy room knows it."""
    if caller.is_service:
        return Principal.service(caller.arn)
    if caller.is_federated:
        return Principal(Kind.FEDERATED, caller.arn, caller.account_id, userid=caller.user_id)
    if caller.role_arn:
        return Principal.session(caller.arn, caller.role_arn, caller.user_id, caller.tags)
    return Principal.user(caller.arn, caller.user_id, caller.tags)


def _ask(
    operation: str,
    *,
    key: Key | None = None,
    resource: str = "",
    region: str | None = None,
) -> Decision:
    """The policy room's decision about the request at hand: on a key, or on another resource."""
    current = CURRENT.get()
    caller = current.call.caller
    key_policy = key.compiled_policy if key else None
    policies = policies_of(caller)
    grants = [each.grant for each in key.grants.values()] if key else []
    # Most policies have no conditions, and then the context is no matter.
    conditional = grants or policies.are_conditional or (key_policy and key_policy.is_conditional)
    request = _request(
        operation,
        key.arn if key else resource,
        key.account_id if key else caller.account_id,
        _context(operation, key, region) if conditional else {},
    )
    return decide(
        request,
        key_policy=key_policy,
        identity_policies=policies.identity,
        boundary=policies.boundary,
        session_policy=policies.session,
        grants=grants,
    )


def _request(operation: str, resource: str, account_id: str, context: Context) -> Request:
    current = CURRENT.get()
    members = _members(operation, current.members)
    return Request(
        principal_of(current.call.caller),
        f"kms:{operation}",
        resource,
        account_id,
        context=context,
        encryption_context=_encryption_context(operation, members),
        child=grant_of(members) if operation == "CreateGrant" else None,
    )


def _encryption_context(operation: str, members: Mapping[str, Any]) -> dict[str, str] | None:
    """The request's; of CreateGrant what its constraints ask for."""
    if operation == "CreateGrant":
        constraints = members.get("Constraints", {})
        pairs = constraints.get("EncryptionContextEquals", {})
        return {**constraints.get("EncryptionContextSubset", {}), **pairs} or None
    return members.get("EncryptionContext")


def _context(operation: str, key: Key | None, region: str | None) -> Context:
    """Every condition key that AWS has for the request at hand."""
    current = CURRENT.get()
    if key:
        context = _of_key(key, operation, current)
    else:
        context = _of_new_key(current) if operation == "CreateKey" else {}
    members = _members(operation, current.members)
    return context | _of_request(operation, members) | _of_call(current, region)


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


class CallerPolicies(NamedTuple):
    """What IAM says of a caller."""

    identity: list[Policy]
    boundary: Policy | None
    session: Policy | None

    @property
    def are_conditional(self) -> bool:
        every = (*self.identity, self.boundary, self.session)
        return any(policy.is_conditional for policy in every if policy)


def policies_of(caller: Caller) -> CallerPolicies:
    """The caller's policies, ready to be asked. Raises KmsError if one can't be read."""
    identity = [policy for policy in map(_parsed, caller.policies) if policy]
    session = [policy for policy in map(_parsed, caller.session_policies) if policy]
    return CallerPolicies(
        identity, _parsed(caller.boundary), Policy.union(session) if session else None
    )


def _parsed(named: NamedPolicy | None) -> Policy | None:
    if named is None:
        return None
    name, document = named
    try:
        return parse_policy(document, kind="identity", name=name)
    except MalformedPolicy as error:
        # IAM of the lab is more patient than AWS's, which would have refused the document.
        message = f"The IAM policy {name} is not valid, so it allows nothing: {error.detail}"
        raise KmsError("AccessDeniedException", message) from error


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


def _of_new_key(current: Current) -> Context:
    """What CreateKey is about to make; of ReplicateKey the replica."""
    if current.replicated:
        key = current.replicated
        return _of_spec(key.key_spec, key.key_usage, key.origin) | {
            "kms:MultiRegion": True,
            "kms:MultiRegionKeyType": "REPLICA",
        }
    members = current.members
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
        context["kms:ReEncryptOnSameKey"] = current.destination is key
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
    if call.source_account:
        context["aws:SourceAccount"] = call.source_account
    if call.caller.issued:
        context["aws:TokenIssueTime"] = f"{call.caller.issued:%Y-%m-%dT%H:%M:%SZ}"
        context["aws:MultiFactorAuthPresent"] = False
    return context
