"""Grants: permissions for one principal on one key, which only ever allow.

Source: KMS API reference, CreateGrant, RetireGrant and GrantConstraints; KMS Developer Guide,
"Grants in AWS KMS".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .principals import Kind, Names, Principal, Reach
from .request import Request
from .statements import ElementTrace, StatementTrace

# Constraints on the encryption context apply to these operations only.
ENCRYPTION_CONTEXT_OPERATIONS = frozenset(
    (
        "Encrypt",
        "Decrypt",
        "ReEncryptFrom",
        "ReEncryptTo",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    )
)
GRANT_OPERATIONS = ENCRYPTION_CONTEXT_OPERATIONS | frozenset(
    (
        "Sign",
        "Verify",
        "GenerateMac",
        "VerifyMac",
        "DeriveSharedSecret",
        "Encapsulate",
        "Decapsulate",
        "GetPublicKey",
        "DescribeKey",
        "CreateGrant",
        "RetireGrant",
    )
)


@dataclass(frozen=True)
class Grant:
    """What of a grant decides: operations ("Decrypt", ...), the grantee, and the constraints.

    The grantee is either a principal (an ARN, or an account) or a service ("s3.amazonaws.com").
    """

    grant_id: str
    operations: frozenset[str]
    grantee_principal: str = ""
    grantee_service_principal: str = ""
    retiring_principal: str = ""
    retiring_service_principal: str = ""
    encryption_context_equals: Mapping[str, str] | None = None
    encryption_context_subset: Mapping[str, str] | None = None
    source_arn: str = ""


def grant_allows(grant: Grant, request: Request) -> bool:
    """Whether the grant alone, with no other policy looked at, covers the request."""
    return grant_reach(grant, request) is not Reach.NONE


def grant_reach(grant: Grant, request: Request) -> Reach:
    """How closely a grant that covers the request names the caller; NONE if it doesn't cover it."""
    operation = request.action.removeprefix("kms:")
    if operation not in grant.operations:
        return Reach.NONE
    reach = _reach(grant.grantee_principal, grant.grantee_service_principal, request.principal)
    if not reach or not _source_matches(grant, request, operation):
        return Reach.NONE
    # A grant that allows CreateGrant can't be used to give away more than it has.
    if operation == "CreateGrant" and request.child and not may_pass_on(grant, request.child):
        return Reach.NONE
    return reach if _context_matches(grant, request, operation) else Reach.NONE


def explain_grant(grant: Grant, request: Request, index: int) -> StatementTrace:
    """Every part of the grant, matched or not, as a trace shows statements."""
    operation = request.action.removeprefix("kms:")
    if operation == "RetireGrant":
        return _explain_retiring(grant, request, index)
    principal = grant.grantee_principal or grant.grantee_service_principal
    reach = _reach(grant.grantee_principal, grant.grantee_service_principal, request.principal)
    has_operation = operation in grant.operations
    listed = ", ".join(sorted(grant.operations))
    named = f"grant is for {principal}{'' if reach else ', not for the caller'}"
    elements = [
        ElementTrace("Operations", has_operation, f"grant is for {listed}, not for {operation}"),
        ElementTrace("GranteePrincipal", bool(reach), named),
    ]
    if has_operation:
        elements[0] = ElementTrace("Operations", True, f"grant is for {operation}")
    if grant.source_arn:
        found = request.values.get("aws:sourcearn")
        why = f"SourceArn wants {grant.source_arn!r}; aws:SourceArn is {_shown(found)}"
        elements.append(ElementTrace("SourceArn", _source_matches(grant, request, operation), why))
    for name, wanted in (
        ("EncryptionContextEquals", grant.encryption_context_equals),
        ("EncryptionContextSubset", grant.encryption_context_subset),
    ):
        if wanted is not None:
            why = f"{name} wants {dict(wanted)}; found {dict(request.encryption_context or {})}"
            elements.append(ElementTrace(name, _context_matches(grant, request, operation), why))
    if operation == "CreateGrant" and has_operation:
        covered = request.child is None or may_pass_on(grant, request.child)
        why = "the new grant must have no more operations, and constraints that are as strict"
        elements.append(ElementTrace("Passing on", covered, why))
    return _line(grant, index, reach, tuple(elements))


def retiring_reach(grant: Grant, request: Request) -> Reach:
    """How closely a grant names the caller as one who may retire it.

    The retiring principal may, and the grantee if RetireGrant is among the operations.
    Constraints don't apply.
    """
    caller = request.principal
    reach = _reach(grant.retiring_principal, grant.retiring_service_principal, caller)
    if "RetireGrant" in grant.operations:
        grantee = _reach(grant.grantee_principal, grant.grantee_service_principal, caller)
        reach = max(reach, grantee)
    return reach


def _explain_retiring(grant: Grant, request: Request, index: int) -> StatementTrace:
    reach = retiring_reach(grant, request)
    retiring = grant.retiring_principal or grant.retiring_service_principal or "nobody"
    grantee = grant.grantee_principal or grant.grantee_service_principal
    why = f"the retiring principal is {retiring}"
    if "RetireGrant" in grant.operations:
        why += f", and the grantee {grantee} may retire it too"
    element = ElementTrace("RetiringPrincipal", bool(reach), why)
    return _line(grant, index, reach, (element,))


def _line(
    grant: Grant, index: int, reach: Reach, elements: tuple[ElementTrace, ...]
) -> StatementTrace:
    matched = all(element.matched for element in elements)
    return StatementTrace(
        source="grant",
        policy="",
        index=index,
        sid=grant.grant_id,
        effect="Allow",
        matched=matched,
        elements=elements,
        reach=reach.name.lower() if matched else "",
    )


def may_pass_on(parent: Grant, child: Grant) -> bool:
    """Whether ``parent``, which allows CreateGrant, covers making ``child``.

    A grant can't give away more than it has: no further operations, and constraints that are
    as strict.
    """
    if not child.operations <= parent.operations:
        return False
    if parent.source_arn and child.source_arn != parent.source_arn:
        return False
    equals, subset = parent.encryption_context_equals, parent.encryption_context_subset
    child_equals = _pairs(child.encryption_context_equals)
    if equals is not None and (
        child.encryption_context_equals is None or child_equals != _pairs(equals)
    ):
        return False
    if subset is None:
        return True
    wanted, child_subset = set(_pairs(subset)), set(_pairs(child.encryption_context_subset))
    return wanted <= set(child_equals) or wanted <= child_subset


def _reach(principal: str, service: str, caller: Principal) -> Reach:
    if caller.kind is Kind.SERVICE:
        return Reach.CALLER if service and service == caller.arn else Reach.NONE
    return Names((principal,)).reach(caller) if principal else Reach.NONE


def _source_matches(grant: Grant, request: Request, operation: str) -> bool:
    if not grant.source_arn or operation == "RetireGrant":
        return True
    return request.values.get("aws:sourcearn") == (grant.source_arn,)


def _context_matches(grant: Grant, request: Request, operation: str) -> bool:
    if operation not in ENCRYPTION_CONTEXT_OPERATIONS:
        return True
    equals, subset = grant.encryption_context_equals, grant.encryption_context_subset
    if equals is None and subset is None:
        return True
    found = _pairs(request.encryption_context)
    if equals is not None and found != _pairs(equals):
        return False
    return subset is None or set(_pairs(subset)) <= set(found)


def _pairs(context: Mapping[str, str] | None) -> list[tuple[str, str]]:
    # In a constraint the case of names doesn't count, that of values does.
    return sorted((name.lower(), value) for name, value in (context or {}).items())


def _shown(found: tuple[str, ...] | None) -> str:
    return "not in the request" if found is None else " or ".join(map(repr, found))
