"""May the caller do this with a resource of another service? For what is not KMS.

In one account an IAM policy or the resource's policy is enough, across accounts both are needed;
an explicit deny wins everywhere.
Source: IAM User Guide, "Policy evaluation logic"; "Troubleshoot access denied error messages".
"""

from typing import Any
from uuid import UUID

from .audit import SOURCE_IP
from .caller import Caller
from .clock import clock
from .kms.authorization import policies_of, principal_of
from .kms.current import LAST, Call, Current
from .policy import (
    Decision,
    MalformedPolicy,
    Policy,
    Principal,
    Request,
    access_denied_message,
    decide_for_resource,
    parse_policy,
)

UNSIGNED = Caller(arn="anonymous", account_id="", user_id="", user_name="anonymous")
_NO_ID = str(UUID(int=0))


def decision(
    caller: Caller,
    action: str,
    resource: str,
    owner: str,
    region: str,
    *,
    resource_policy: Policy | None = None,
    tags: dict[str, str] | None = None,
    context: dict[str, Any] | None = None,
) -> Decision:
    """The decision, which ``lab.explain`` shows until KMS is asked.

    ``owner`` is the account of the resource, ``tags`` are the resource's, ``context`` are
    condition keys of the service. Raises KmsError for an IAM policy that can't be read.
    """
    unsigned = caller is UNSIGNED
    request = Request(
        Principal.anonymous() if unsigned else principal_of(caller),
        action,
        resource,
        owner,
        context=_context(region, tags or {}) | (context or {}),
    )
    policies = None if unsigned else policies_of(caller)
    made = decide_for_resource(
        request,
        resource_policy=resource_policy,
        identity_policies=policies.identity if policies else (),
        boundary=policies.boundary if policies else None,
        session_policy=policies.session if policies else None,
    )
    call = Call(action.partition(":")[2], caller, _NO_ID, _NO_ID)
    error = None if made.allowed else ("AccessDenied", access_denied_message(request, made))
    LAST.append(Current(call, region, decisions=[made], error=error))
    return made


def denial(
    caller: Caller,
    action: str,
    resource: str,
    owner: str,
    region: str,
    *,
    resource_policy: str | None = None,
    tags: dict[str, str] | None = None,
) -> str | None:
    """The text of AccessDeniedException, or None if the caller may."""
    try:
        policy = parse_policy(resource_policy) if resource_policy else None
    except MalformedPolicy as error:
        return f"The resource policy of {resource} is not valid: {error.detail}"
    made = decision(caller, action, resource, owner, region, resource_policy=policy, tags=tags)
    return None if made.allowed else access_denied_message(made.request, made)


def _context(region: str, tags: dict[str, str]) -> dict[str, Any]:
    now = clock.now()
    return {
        "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "aws:EpochTime": int(now.timestamp()),
        "aws:RequestedRegion": region,
        "aws:SecureTransport": True,
        "aws:SourceIp": SOURCE_IP,
    } | {f"aws:ResourceTag/{name}": value for name, value in tags.items()}
