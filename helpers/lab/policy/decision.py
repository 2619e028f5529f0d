"""May this principal do this? Key policy, IAM policies and grants in, decision and trace out.

Source: IAM User Guide, "Policy evaluation logic" and "Policy evaluation for requests within a
single account"; KMS Developer Guide, "Troubleshooting AWS KMS permissions", "Default key
policy", "Allowing users in other accounts to use a KMS key".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from .grants import Grant, explain_grant, grant_reach, retiring_reach
from .parsing import parse_policy
from .principals import Kind, Principal, Reach
from .request import ContextValue, Request
from .statements import Policy, StatementTrace

KEY_POLICY = "key policy"
RESOURCE_POLICY = "resource policy"
IDENTITY_POLICY = "identity policy"
BOUNDARY = "permissions boundary"
SESSION_POLICY = "session policy"
GRANT = "grant"


class Reason(StrEnum):
    """What decided."""

    DENIED_BY_KEY_POLICY = "explicit-deny:key-policy"
    DENIED_BY_RESOURCE_POLICY = "explicit-deny:resource-policy"
    DENIED_BY_IDENTITY_POLICY = "explicit-deny:identity-policy"
    DENIED_BY_BOUNDARY = "explicit-deny:permissions-boundary"
    DENIED_BY_SESSION_POLICY = "explicit-deny:session-policy"
    NO_KEY_POLICY_ALLOWS = "no-allow:key-policy"
    NO_RESOURCE_POLICY_ALLOWS = "no-allow:resource-policy"
    NO_IDENTITY_POLICY_ALLOWS = "no-allow:identity-policy"
    NO_BOUNDARY_ALLOWS = "no-allow:permissions-boundary"
    NO_SESSION_POLICY_ALLOWS = "no-allow:session-policy"
    ALLOWED_BY_KEY_POLICY = "allow:key-policy"
    ALLOWED_BY_IAM = "allow:iam-through-account-statement"
    ALLOWED_ACROSS_ACCOUNTS = "allow:key-policy-and-iam-of-other-account"
    ALLOWED_BY_RESOURCE_POLICY = "allow:resource-policy"
    ALLOWED_BY_BOTH_SIDES = "allow:resource-policy-and-iam-of-other-account"
    ALLOWED_BY_GRANT = "allow:grant"
    ALLOWED_BY_IDENTITY_POLICY = "allow:identity-policy"


_DENIALS = {
    KEY_POLICY: Reason.DENIED_BY_KEY_POLICY,
    RESOURCE_POLICY: Reason.DENIED_BY_RESOURCE_POLICY,
    IDENTITY_POLICY: Reason.DENIED_BY_IDENTITY_POLICY,
    BOUNDARY: Reason.DENIED_BY_BOUNDARY,
    SESSION_POLICY: Reason.DENIED_BY_SESSION_POLICY,
}
_DECIDERS = {reason: (source,) for source, reason in _DENIALS.items()} | {
    Reason.ALLOWED_BY_KEY_POLICY: (KEY_POLICY,),
    Reason.ALLOWED_BY_IAM: (KEY_POLICY, IDENTITY_POLICY),
    Reason.ALLOWED_ACROSS_ACCOUNTS: (KEY_POLICY, IDENTITY_POLICY),
    Reason.ALLOWED_BY_RESOURCE_POLICY: (RESOURCE_POLICY,),
    Reason.ALLOWED_BY_BOTH_SIDES: (RESOURCE_POLICY, IDENTITY_POLICY),
    Reason.ALLOWED_BY_GRANT: (GRANT,),
    Reason.ALLOWED_BY_IDENTITY_POLICY: (IDENTITY_POLICY,),
}

# An identity policy that allows everything: AWS's AdministratorAccess.
ADMINISTRATOR_ACCESS = parse_policy(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    },
    kind="identity",
    name="AdministratorAccess",
)


@dataclass(frozen=True, eq=False)
class _Consulted:
    """Everything a decision was made from."""

    key_policy: Policy | None
    identity_policies: Sequence[Policy]
    boundary: Policy | None
    session_policy: Policy | None
    grants: Sequence[Grant]
    resource_policy: Policy | None = None

    def policies(self) -> Iterator[tuple[str, Policy]]:
        if self.key_policy:
            yield KEY_POLICY, self.key_policy
        if self.resource_policy:
            yield RESOURCE_POLICY, self.resource_policy
        for policy in self.identity_policies:
            yield IDENTITY_POLICY, policy
        if self.boundary:
            yield BOUNDARY, self.boundary
        if self.session_policy:
            yield SESSION_POLICY, self.session_policy


@dataclass(frozen=True, eq=False)
class Decision:
    """Allowed or not, and what decided. The trace is worked out when it is first asked for."""

    allowed: bool
    reason: Reason
    request: Request
    _consulted: _Consulted = field(repr=False)

    @cached_property
    def trace(self) -> tuple[StatementTrace, ...]:
        """Every statement and grant that was there to look at, matched or not, and why."""
        lines: list[StatementTrace] = []
        for source, policy in self._consulted.policies():
            lines += policy.explain(self.request, source)
        for index, grant in enumerate(self._consulted.grants):
            lines.append(explain_grant(grant, self.request, index))
        return tuple(lines)

    @cached_property
    def deciding(self) -> tuple[StatementTrace, ...]:
        """The statements or grants that decided; none if nothing allowed."""
        effect = "Allow" if self.allowed else "Deny"
        sources = _DECIDERS.get(self.reason, ())
        return tuple(
            line
            for line in self.trace
            if line.matched and line.effect == effect and line.source in sources
        )


def decide(
    request: Request,
    *,
    key_policy: Policy | None,
    identity_policies: Sequence[Policy] = (),
    boundary: Policy | None = None,
    session_policy: Policy | None = None,
    grants: Sequence[Grant] = (),
) -> Decision:
    """Decide one request.

    ``key_policy`` is None for what has no key policy (kms:ListKeys; an alias): IAM decides alone.
    ``identity_policies`` are all that apply to the caller, those of groups included; ``grants``
    all active grants of the key.
    """
    consulted = _Consulted(key_policy, identity_policies, boundary, session_policy, grants)
    for source, policy in consulted.policies():
        if policy.denies(request):
            return Decision(False, _DENIALS[source], request, consulted)
    reason = _without_denials(request, consulted)
    return Decision(reason.startswith("allow:"), reason, request, consulted)


def decide_for_resource(
    request: Request,
    *,
    resource_policy: Policy | None,
    identity_policies: Sequence[Policy] = (),
    boundary: Policy | None = None,
    session_policy: Policy | None = None,
) -> Decision:
    """Decide about what is no KMS key: a bucket, an object, a secret.

    In one account IAM or the resource's policy is enough, across accounts both are needed. A
    request that nobody signed has the resource's policy only.
    Source: IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic".
    """
    consulted = _Consulted(
        None, identity_policies, boundary, session_policy, (), resource_policy=resource_policy
    )
    for source, policy in consulted.policies():
        if policy.denies(request):
            return Decision(False, _DENIALS[source], request, consulted)
    reach = resource_policy.allows(request) if resource_policy else Reach.NONE
    if request.principal.kind is Kind.ANONYMOUS:
        reason = Reason.ALLOWED_BY_RESOURCE_POLICY if reach else Reason.NO_RESOURCE_POLICY_ALLOWS
    elif request.is_cross_account:
        refusal = _iam_refusal(request, consulted) if reach else Reason.NO_RESOURCE_POLICY_ALLOWS
        reason = refusal or Reason.ALLOWED_BY_BOTH_SIDES
    elif reach > Reach.ACCOUNT and not _refusal_for(reach, request, consulted):
        reason = Reason.ALLOWED_BY_RESOURCE_POLICY
    else:
        reason = _iam_refusal(request, consulted) or Reason.ALLOWED_BY_IDENTITY_POLICY
    return Decision(reason.startswith("allow:"), reason, request, consulted)


def decide_retiring(
    request: Request,
    grant: Grant,
    *,
    accounts: Sequence[str],
    identity_policies: Sequence[Policy] = (),
    boundary: Policy | None = None,
    session_policy: Policy | None = None,
) -> Decision:
    """Decide whether the caller may retire a grant: the grant says who, not the key policy.

    ``accounts`` are the key's and the one in which the grant was made; they pass the
    permission on by their IAM policies.
    Source: KMS Developer Guide, "Retiring and revoking grants".
    """
    consulted = _Consulted(None, identity_policies, boundary, session_policy, (grant,))
    for source, policy in consulted.policies():
        if policy.denies(request):
            return Decision(False, _DENIALS[source], request, consulted)
    reach = retiring_reach(grant, request)
    if reach and not _refusal_for(reach, request, consulted):
        reason = Reason.ALLOWED_BY_GRANT
    elif request.principal.account in accounts:
        reason = _iam_refusal(request, consulted) or Reason.ALLOWED_BY_IDENTITY_POLICY
    else:
        reason = _refusal_for(reach, request, consulted) or Reason.NO_KEY_POLICY_ALLOWS
    return Decision(reason.startswith("allow:"), reason, request, consulted)


def locks_out(
    key_policy: Policy,
    principal: Principal,
    *,
    resource_arn: str,
    resource_account: str,
    context: Mapping[str, ContextValue] | None = None,
    identity_policies: Sequence[Policy] | None = None,
    boundary: Policy | None = None,
    session_policy: Policy | None = None,
) -> bool:
    """Whether the caller couldn't change the key policy again, were this one in force.

    CreateKey and PutKeyPolicy refuse such a policy: "The new key policy will not allow you to
    update the key policy in the future." Without ``identity_policies`` the account statement
    is enough: IAM policies can be changed later.
    """
    request = Request(principal, "kms:PutKeyPolicy", resource_arn, resource_account, context or {})
    if identity_policies is None:
        identity_policies = (ADMINISTRATOR_ACCESS,)
    decision = decide(
        request,
        key_policy=key_policy,
        identity_policies=identity_policies,
        boundary=boundary,
        session_policy=session_policy,
    )
    return not decision.allowed


def _without_denials(request: Request, consulted: _Consulted) -> Reason:
    if consulted.key_policy is None:
        return _iam_refusal(request, consulted) or Reason.ALLOWED_BY_IDENTITY_POLICY
    reason = _key_policy_and_iam(consulted.key_policy.allows(request), request, consulted)
    if not reason.startswith("allow:"):
        for grant in consulted.grants:
            if reach := grant_reach(grant, request):
                refusal = _refusal_for(reach, request, consulted)
                if refusal is None:
                    return Reason.ALLOWED_BY_GRANT
                # The grant was there: what kept the caller from it is on the caller's side.
                reason = refusal
    return reason


def _key_policy_and_iam(reach: Reach, request: Request, consulted: _Consulted) -> Reason:
    if reach is Reach.NONE:
        return Reason.NO_KEY_POLICY_ALLOWS
    if request.is_cross_account:
        return _iam_refusal(request, consulted) or Reason.ALLOWED_ACROSS_ACCOUNTS
    allowed = Reason.ALLOWED_BY_IAM if reach is Reach.ACCOUNT else Reason.ALLOWED_BY_KEY_POLICY
    return _refusal_for(reach, request, consulted) or allowed


def _refusal_for(reach: Reach, request: Request, consulted: _Consulted) -> Reason | None:
    """What still limits a permission that the resource's side gives, or None.

    To the caller itself nothing does, to its role boundary and session policy do, and to
    the whole account IAM must say yes.
    """
    if reach is Reach.ACCOUNT:
        return _iam_refusal(request, consulted)
    if reach is Reach.ROLE:
        return _limit(request, consulted)
    return None


def _iam_refusal(request: Request, consulted: _Consulted) -> Reason | None:
    """Why the caller's IAM policies don't allow the request, or None."""
    if request.principal.kind is Kind.ROOT:
        return None
    if not any(policy.allows(request) for policy in consulted.identity_policies):
        return Reason.NO_IDENTITY_POLICY_ALLOWS
    return _limit(request, consulted)


def _limit(request: Request, consulted: _Consulted) -> Reason | None:
    if consulted.boundary and not consulted.boundary.allows(request):
        return Reason.NO_BOUNDARY_ALLOWS
    if consulted.session_policy and not consulted.session_policy.allows(request):
        return Reason.NO_SESSION_POLICY_ALLOWS
    return None
