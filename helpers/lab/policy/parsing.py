"""Reading a policy document, and refusing what AWS refuses.

The messages are IAM's, as far as they are known; KMS answers MalformedPolicyDocumentException.
Source: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM policy validation";
KMS API reference, CreateKey and PutKeyPolicy (Policy).
"""

import json
import re
from functools import lru_cache
from typing import Any, Literal

from .conditions import Condition, compile_condition
from .errors import MalformedPolicy
from .matching import PatternList
from .principals import PRINCIPAL_TYPES, PrincipalElement, is_valid_name
from .statements import Policy, Statement
from .values import date

PolicyKind = Literal["key", "identity"]

VERSIONS = ("2008-10-17", "2012-10-17")
SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."

_POLICY_ELEMENTS = frozenset(("Version", "Id", "Statement"))
_STATEMENT_ELEMENTS = frozenset(
    (
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    )
)
# Condition keys that have one value at most: what they stand for, in KMS's words.
_SINGLE_VALUED = {"kms:encryptioncontext:": "encryption context", "aws:requesttag/": "tag"}
_VENDOR = re.compile(r"[A-Za-z0-9.-]+")
_ARN = re.compile(r"arn:([^:]*):[^:]+:.+", re.DOTALL)
_WIDE_ARN = re.compile(r"arn:([^:]*):.+", re.DOTALL)
_PARTITION = re.compile(r"aws(-[a-z]+)*|\*")


def parse_policy(
    document: str | dict[str, Any], *, kind: PolicyKind = "key", name: str = ""
) -> Policy:
    """Parse a key policy, or an identity policy (or boundary, or session policy).

    ``name`` is what a trace calls it. The last documents read are kept, so asking again is cheap.
    Raises MalformedPolicy.
    """
    if kind not in ("key", "identity"):
        raise ValueError(f"no such kind of policy: {kind}")
    if isinstance(document, str):
        return _parse_text(document, kind, name)
    return _policy(document, kind, name)


@lru_cache(maxsize=1024)
def _parse_text(document: str, kind: PolicyKind, name: str) -> Policy:
    try:
        parsed = json.loads(document, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedPolicy(SYNTAX, f"this is not valid JSON: {error}") from None
    return _policy(parsed, kind, name)


def _policy(document: Any, kind: PolicyKind, name: str) -> Policy:
    _check_elements(document, _POLICY_ELEMENTS, "policy")
    version = document.get("Version", VERSIONS[0])
    if version not in VERSIONS:
        raise MalformedPolicy(SYNTAX, f"Version is {version!r}, not {' or '.join(VERSIONS)}")
    if not isinstance(document.get("Id", ""), str):
        raise MalformedPolicy(SYNTAX, "Id is not a string")
    if "Statement" not in document:
        raise MalformedPolicy(SYNTAX, "the policy has no Statement")
    listed = document["Statement"]
    listed = listed if isinstance(listed, list) else [listed]
    if not listed:
        raise MalformedPolicy(SYNTAX, "Statement is empty")
    variables = version == VERSIONS[1]
    statements = tuple(_statement(each, i, kind, variables) for i, each in enumerate(listed))
    sids = [statement.sid for statement in statements if statement.sid]
    if len(sids) != len(set(sids)):
        message = "Statement IDs (SID) in a single policy must be unique."
        twice = next(sid for sid in sids if sids.count(sid) > 1)
        raise MalformedPolicy(message, f"two statements have the Sid {twice!r}")
    return Policy(kind, version, document.get("Id", ""), statements, name)


def _statement(document: Any, index: int, kind: PolicyKind, variables: bool) -> Statement:
    _check_elements(document, _STATEMENT_ELEMENTS, f"statement {index}")
    effect, sid = document.get("Effect"), document.get("Sid", "")
    if effect not in ("Allow", "Deny"):
        detail = f"Effect of statement {index} is {effect!r}, not 'Allow' or 'Deny'"
        raise MalformedPolicy(SYNTAX, detail)
    if not isinstance(sid, str):
        raise MalformedPolicy(SYNTAX, f"Sid of statement {index} is not a string")
    for element in ("Action", "Resource", "Principal"):
        if element in document and f"Not{element}" in document:
            detail = f"statement {index} has both {element} and Not{element}"
            raise MalformedPolicy(SYNTAX, detail)
    return Statement(
        index=index,
        sid=sid,
        effect=effect,
        principal=_principal(document, index, kind),
        action=_actions(document, index, kind),
        resource=_resources(document, index, kind, variables),
        conditions=_conditions(document.get("Condition", {}), index, variables, kind, effect),
        not_action="NotAction" in document,
        not_resource="NotResource" in document,
    )


def _principal(document: dict[str, Any], index: int, kind: PolicyKind) -> PrincipalElement | None:
    element = "NotPrincipal" if "NotPrincipal" in document else "Principal"
    if kind == "identity":
        if element in document:
            raise MalformedPolicy("Policy document should not specify a principal.")
        return None
    if element not in document:
        message = "Policy contains a statement with no principal."
        raise MalformedPolicy(message, f"statement {index} has no Principal")
    value = {"AWS": "*"} if document[element] == "*" else document[element]
    if not isinstance(value, dict) or not value:
        detail = f"{element} of statement {index} is neither '*' nor an object"
        raise MalformedPolicy(INVALID_PRINCIPALS, detail)
    names: dict[str, tuple[str, ...]] = {}
    for principal_type, listed in value.items():
        if principal_type not in PRINCIPAL_TYPES:
            detail = f"{principal_type!r} in statement {index} is not a type of principal"
            raise MalformedPolicy(INVALID_PRINCIPALS, detail)
        names[principal_type] = _strings(listed, f"{element} of statement {index}")
        for name in names[principal_type]:
            if not is_valid_name(principal_type, name):
                detail = f"{name!r} in statement {index} can't be a principal"
                raise MalformedPolicy(INVALID_PRINCIPALS, detail)
    if not any(names.values()):
        raise MalformedPolicy(INVALID_PRINCIPALS, f"{element} of statement {index} names nobody")
    return PrincipalElement(names, element == "NotPrincipal", document["Effect"] == "Deny")


def _actions(document: dict[str, Any], index: int, kind: PolicyKind) -> PatternList | None:
    element = "NotAction" if "NotAction" in document else "Action"
    actions = _strings(document.get(element, []), f"{element} of statement {index}")
    if not actions:
        if kind == "key":
            return None
        raise MalformedPolicy("Policy statement must contain actions.")
    for action in actions:
        vendor, *rest = action.split(":")
        if action == "*":
            continue
        if not rest:
            raise MalformedPolicy(NO_VENDOR, f"{action!r} in statement {index} has no vendor")
        if len(rest) > 1:
            message = "Actions/Condition can contain only one colon."
            raise MalformedPolicy(message, f"{action!r} in statement {index}")
        if vendor != "*" and not _VENDOR.fullmatch(vendor):
            raise MalformedPolicy(f"Vendor {vendor} is not valid")
    return PatternList(actions, fold=True)


def _resources(
    document: dict[str, Any], index: int, kind: PolicyKind, variables: bool
) -> PatternList | None:
    element = "NotResource" if "NotResource" in document else "Resource"
    resources = _strings(document.get(element, []), f"{element} of statement {index}")
    if not resources:
        if kind == "key":
            return None
        raise MalformedPolicy("Policy statement must contain resources.")
    for resource in resources:
        if resource == "*":
            continue
        if ":" not in resource:
            raise MalformedPolicy(f'Resource {resource} must be in ARN format or "*".')
        arn = (_ARN if kind == "key" else _WIDE_ARN).fullmatch(resource)
        if not arn:
            raise MalformedPolicy(LEGACY, f"{resource!r} in statement {index} is not an ARN")
        if not _PARTITION.fullmatch(arn.group(1)):
            message = f'Partition "{arn.group(1)}" is not valid for resource "{resource}".'
            raise MalformedPolicy(message)
    return PatternList(resources, variables=variables)


def _conditions(
    document: Any, index: int, variables: bool, kind: PolicyKind, effect: str
) -> tuple[Condition, ...]:
    if not isinstance(document, dict):
        raise MalformedPolicy(SYNTAX, f"Condition of statement {index} is not an object")
    conditions = []
    for operator, keys in document.items():
        if not isinstance(keys, dict):
            raise MalformedPolicy(SYNTAX, f"{operator} in statement {index} is not an object")
        for key, value in keys.items():
            wanted = _strings(value, f"{operator} {key} in statement {index}", typed=True)
            condition = compile_condition(operator, key, wanted, variables=variables)
            if condition is None:
                detail = f"{operator!r} in statement {index} is not a condition operator"
                raise MalformedPolicy(SYNTAX, detail)
            if ":" not in key.strip(":"):
                detail = f"condition key {key!r} in statement {index} has no vendor"
                raise MalformedPolicy(NO_VENDOR, detail)
            if kind == "key" and effect == "Allow":
                _check_set_operator(operator, key, index)
            if "Date" in operator and None in map(date, wanted):
                raise MalformedPolicy(LEGACY, f"{key} in statement {index} wants no valid date")
            conditions.append(condition)
    return tuple(conditions)


def _check_set_operator(operator: str, key: str, index: int) -> None:
    """Refuse, as KMS does, a condition that requests without the key would meet.

    Source: KMS Developer Guide, "Condition keys for AWS KMS".
    """
    if not operator.startswith("ForAllValues:"):
        return
    for prefix, what in _SINGLE_VALUED.items():
        if key.lower().startswith(prefix):
            message = (
                "OverlyPermissiveCondition: Using the ForAllValues set operator with a "
                "single-valued condition key matches requests without the specified "
                f"{what} or with an unspecified {what}. To fix, remove ForAllValues."
            )
            raise MalformedPolicy(message, f"ForAllValues with {key} in statement {index}")


def _strings(value: Any, where: str, *, typed: bool = False) -> tuple[str, ...]:
    """A string or a list of strings; ``typed``: also numbers and booleans, as texts."""
    texts = []
    for each in value if isinstance(value, list) else [value]:
        if typed and isinstance(each, bool | int | float):
            each = json.dumps(each)
        if not isinstance(each, str):
            raise MalformedPolicy(SYNTAX, f"{where} is not a string or a list of strings")
        texts.append(each)
    return tuple(texts)


def _check_elements(document: Any, known: frozenset[str], what: str) -> None:
    if not isinstance(document, dict):
        raise MalformedPolicy(SYNTAX, f"the {what} is not a JSON object")
    for element in document:
        if element not in known:
            raise MalformedPolicy(SYNTAX, f"the {what} has an unknown element {element!r}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("an object has the same name twice")
    return dict(pairs)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON value")
