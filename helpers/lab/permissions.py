"""May the caller do this with a resource of another service? For what is not KMS.

In one account an IAM policy or the resource's policy is enough, across accounts both are needed;
an explicit deny wins everywhere.
Source: IAM User Guide, "Policy evaluation logic"; "Troubleshoot access denied error messages".
"""

from typing import Any

from .audit import SOURCE_IP
from .caller import Caller
from .clock import clock
from .kms.authorization import policies_of, principal_of
from .policy import (
    MalformedPolicy,
    Principal,
    Reach,
    Request,
    access_denied_message,
    decide,
    parse_policy,
)


def denial(
    caller: Caller,
    action: str,
    resource: str,
    owner: str,
    region: str,
    *,
    resource_policy: str | None = None,
    tags: dict[str, str] | None = None,
    context: dict[str, Any] | None = None,
) -> str | None:
    """The text of AccessDeniedException, or None if the caller may.

    ``owner`` is the account of the resource, ``tags`` are the resource's, ``context`` are
    condition keys of the service.
    """
    request = Request(
        principal_of(caller),
        action,
        resource,
        owner,
        context=_context(region, tags or {}) | (context or {}),
    )
    policies = policies_of(caller)
    by_iam = decide(
        request,
        key_policy=None,
        identity_policies=policies.identity,
        boundary=policies.boundary,
        session_policy=policies.session,
    )
    reach = Reach.NONE
    if resource_policy:
        try:
            policy = parse_policy(resource_policy)
        except MalformedPolicy as error:
            return f"The resource policy of {resource} is not valid: {error.detail}"
        if policy.denies(request):
            return _text(request, "with an explicit deny in a resource-based policy")
        reach = policy.allows(request)
    if request.is_cross_account and not reach:
        return _text(request, f"because no resource-based policy allows the {action} action")
    named = reach > Reach.ACCOUNT and not request.is_cross_account
    if by_iam.allowed or (named and not by_iam.reason.startswith("explicit-deny:")):
        return None
    return access_denied_message(request, by_iam)


def denial_of_unsigned(
    action: str,
    resource: str,
    owner: str,
    region: str,
    *,
    resource_policy: str | None,
    context: dict[str, Any],
) -> bool:
    """Whether a request that nobody signed is denied: only the resource's policy may allow it."""
    if not resource_policy:
        return True
    request = Request(
        Principal.anonymous(), action, resource, owner, context=_context(region, {}) | context
    )
    try:
        policy = parse_policy(resource_policy)
    except MalformedPolicy:
        return True
    return policy.denies(request) or not policy.allows(request)


def _text(request: Request, why: str) -> str:
    return (
        f"User: {request.principal.arn} is not authorized to perform: {request.action} on "
        f"resource: {request.resource_arn} {why}"
    )


def _context(region: str, tags: dict[str, str]) -> dict[str, Any]:
    now = clock.now()
    return {
        "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "aws:EpochTime": int(now.timestamp()),
        "aws:RequestedRegion": region,
        "aws:SecureTransport": True,
        "aws:SourceIp": SOURCE_IP,
    } | {f"aws:ResourceTag/{name}": value for name, value in tags.items()}
