"""AWS's words for a denial.

Source: IAM User Guide, "Troubleshoot access denied error messages"; the text for keys of another
account ("on this resource") as callers of KMS report it.
"""

from .decision import Decision, Reason
from .request import Request

_WHY = {
    Reason.NO_KEY_POLICY_ALLOWS: "because no resource-based policy allows the {action} action",
    Reason.NO_IDENTITY_POLICY_ALLOWS: "because no identity-based policy allows the {action} action",
    Reason.NO_BOUNDARY_ALLOWS: "because no permissions boundary allows the {action} action",
    Reason.NO_SESSION_POLICY_ALLOWS: "because no session policy allows the {action} action",
    Reason.DENIED_BY_KEY_POLICY: "with an explicit deny in a resource-based policy",
    Reason.DENIED_BY_IDENTITY_POLICY: "with an explicit deny in an identity-based policy",
    Reason.DENIED_BY_BOUNDARY: "with an explicit deny in a permissions boundary",
    Reason.DENIED_BY_SESSION_POLICY: "with an explicit deny in a session policy",
}
# What another account's key policy says is nobody else's business, not even whether it exists.
_ELSEWHERE = (
    "this resource because the resource does not exist in this Region, no resource-based policies "
    "allow access, or a resource-based policy explicitly denies access"
)


def access_denied_message(request: Request, decision: Decision) -> str:
    """The text of AccessDeniedException. Raises ValueError if the decision allows."""
    if decision.allowed:
        raise ValueError("the request was allowed")
    denied = f"User: {request.principal.arn} is not authorized to perform: {request.action} on "
    of_key = (Reason.NO_KEY_POLICY_ALLOWS, Reason.DENIED_BY_KEY_POLICY)
    if request.is_cross_account and decision.reason in of_key:
        return denied + _ELSEWHERE
    why = _WHY[decision.reason].format(action=request.action)
    return f"{denied}resource: {request.resource_arn} {why}"
