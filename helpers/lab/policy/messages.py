"""AWS's words for a denial.

Source: IAM User Guide, "Troubleshoot access denied error messages"; the text for keys of another
account ("on this resource") and for ciphertext as callers of KMS report it.
"""

from .decision import Decision, Reason
from .request import Request

_WHY = {
    Reason.NO_KEY_POLICY_ALLOWS: "because no resource-based policy allows the {action} action",
    Reason.NO_RESOURCE_POLICY_ALLOWS: "because no resource-based policy allows the {action} action",
    Reason.NO_IDENTITY_POLICY_ALLOWS: "because no identity-based policy allows the {action} action",
    Reason.NO_BOUNDARY_ALLOWS: "because no permissions boundary allows the {action} action",
    Reason.NO_SESSION_POLICY_ALLOWS: "because no session policy allows the {action} action",
    Reason.DENIED_BY_KEY_POLICY: "with an explicit deny in a resource-based policy",
    Reason.DENIED_BY_RESOURCE_POLICY: "with an explicit deny in a resource-based policy",
    Reason.DENIED_BY_IDENTITY_POLICY: "with an explicit deny in an identity-based policy",
    Reason.DENIED_BY_BOUNDARY: "with an explicit deny in a permissions boundary",
    Reason.DENIED_BY_SESSION_POLICY: "with an explicit deny in a session policy",
}
# What another account's key policy says is nobody else's business, not even whether it exists.
_ELSEWHERE = (
    "because the resource does not exist in this Region, no resource-based policies "
    "allow access, or a resource-based policy explicitly denies access"
)
_OF_KEY_POLICY = (Reason.NO_KEY_POLICY_ALLOWS, Reason.DENIED_BY_KEY_POLICY)


def access_denied_message(
    request: Request, decision: Decision, *, of_ciphertext: bool = False
) -> str:
    """The text of AccessDeniedException. Raises ValueError if the decision allows.

    ``of_ciphertext``: the request names no key, its ciphertext does.
    """
    if decision.allowed:
        raise ValueError("the request was allowed")
    of_key = decision.reason in _OF_KEY_POLICY
    if request.is_cross_account and of_key:
        return elsewhere_message(request.principal.arn, request.action, of_ciphertext=of_ciphertext)
    resource = f"resource: {request.resource_arn}"
    if of_ciphertext and not of_key:
        resource = "the resource associated with this ciphertext"
    why = _WHY[decision.reason].format(action=request.action)
    return f"{_denied(request.principal.arn, request.action)} {resource} {why}"


def elsewhere_message(principal_arn: str, action: str, *, of_ciphertext: bool = False) -> str:
    """The text about a key of another account, whether it is missing or closed."""
    resource = "the resource associated with this ciphertext" if of_ciphertext else "this resource"
    return f"{_denied(principal_arn, action)} {resource} {_ELSEWHERE}"


def _denied(principal_arn: str, action: str) -> str:
    return f"User: {principal_arn} is not authorized to perform: {action} on"
