"""May this principal do this action on this resource? Policies and grants in, decision out.

Pure: this room imports the standard library only. It knows nothing of moto, HTTP or keys.

    key_policy = parse_policy(document)
    request = Request(
        Principal.user("arn:aws:iam::111122223333:user/ada"),
        "kms:Decrypt",
        key_arn,
        "111122223333",
        encryption_context={"dept": "hr"},
    )
    decision = decide(request, key_policy=key_policy, identity_policies=[ada_may_decrypt])
    decision.allowed, decision.reason, decision.trace
"""

from .decision import (
    ADMINISTRATOR_ACCESS,
    Decision,
    Reason,
    decide,
    decide_for_resource,
    decide_retiring,
    locks_out,
)
from .documents import aws_managed_key_policy, default_key_policy
from .errors import MalformedPolicy
from .grants import (
    ENCRYPTION_CONTEXT_OPERATIONS,
    GRANT_OPERATIONS,
    Grant,
    grant_allows,
    may_pass_on,
    retiring_reach,
)
from .messages import access_denied_message, elsewhere_message
from .operations import ALIAS_ACTIONS, CROSS_ACCOUNT_OPERATIONS, IDENTITY_ONLY_ACTIONS
from .parsing import INVALID_PRINCIPALS, parse_policy
from .principals import Kind, Principal, Reach
from .request import Request
from .statements import ElementTrace, Policy, Statement, StatementTrace

__all__ = [
    "ADMINISTRATOR_ACCESS",
    "ALIAS_ACTIONS",
    "CROSS_ACCOUNT_OPERATIONS",
    "ENCRYPTION_CONTEXT_OPERATIONS",
    "GRANT_OPERATIONS",
    "IDENTITY_ONLY_ACTIONS",
    "INVALID_PRINCIPALS",
    "Decision",
    "ElementTrace",
    "Grant",
    "Kind",
    "MalformedPolicy",
    "Policy",
    "Principal",
    "Reach",
    "Reason",
    "Request",
    "Statement",
    "StatementTrace",
    "access_denied_message",
    "aws_managed_key_policy",
    "decide",
    "decide_for_resource",
    "decide_retiring",
    "default_key_policy",
    "elsewhere_message",
    "grant_allows",
    "locks_out",
    "may_pass_on",
    "parse_policy",
    "retiring_reach",
]
