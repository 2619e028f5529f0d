"""Grants: who, what, and under which constraints."""

from typing import Any

import pytest

from helpers.lab.policy import GRANT_OPERATIONS, Grant, grant_allows, may_pass_on, retiring_reach
from helpers.lab.policy.grants import ENCRYPTION_CONTEXT_OPERATIONS, explain_grant

from .samples import ACCOUNT, ADA, BOB, ROLE, ROOT, SESSION, ada, app, ask, bob, eve, logs

LOGS = "logs.us-east-1.amazonaws.com"
BUCKET = "arn:aws:s3:::bucket"


def grant(*operations: str, **rest: Any) -> Grant:
    return Grant("g", frozenset(operations or {"Decrypt"}), **({"grantee_principal": ADA} | rest))


@pytest.mark.parametrize(
    ("grantee", "caller", "allowed"),
    [
        ({"grantee_principal": ADA}, ada, True),
        ({"grantee_principal": ADA}, bob, False),
        ({"grantee_principal": ROLE}, app, True),
        ({"grantee_principal": SESSION}, app, True),
        ({"grantee_principal": SESSION + "2"}, app, False),
        ({"grantee_principal": ROOT}, ada, True),
        ({"grantee_principal": ACCOUNT}, ada, True),
        ({"grantee_principal": ROOT}, eve, False),
        ({"grantee_principal": "", "grantee_service_principal": LOGS}, logs, True),
        ({"grantee_principal": "", "grantee_service_principal": LOGS}, ada, False),
        ({"grantee_principal": "", "grantee_service_principal": "s3.amazonaws.com"}, logs, False),
        ({"grantee_principal": ADA}, logs, False),
    ],
)
def test_the_grantee(grantee: dict[str, str], caller: Any, allowed: bool):
    assert grant_allows(grant(**grantee), ask(caller)) is allowed


def test_the_operations():
    assert not grant_allows(grant("Encrypt"), ask())
    assert grant_allows(grant("ReEncryptFrom"), ask(action="kms:ReEncryptFrom"))
    assert not grant_allows(grant("GenerateDataKey"), ask(action="kms:GenerateDataKeyPair"))


PAIR = {"Dept": "hr"}
EQUALS, SUBSET = "encryption_context_equals", "encryption_context_subset"


@pytest.mark.parametrize(
    ("constraint", "wanted", "found", "allowed"),
    [
        (EQUALS, PAIR, {"Dept": "hr"}, True),
        (EQUALS, PAIR, {"DEPT": "hr"}, True),
        (EQUALS, PAIR, {"Dept": "HR"}, False),
        (EQUALS, PAIR, {"Dept": "hr", "x": "y"}, False),
        (EQUALS, PAIR, {}, False),
        (EQUALS, PAIR, None, False),
        (EQUALS, {"a": "1", "b": "2"}, {"b": "2", "a": "1"}, True),
        (SUBSET, PAIR, {"dept": "hr"}, True),
        (SUBSET, PAIR, {"dept": "hr", "x": "y"}, True),
        (SUBSET, PAIR, {"dept": "it", "x": "y"}, False),
        (SUBSET, PAIR, {}, False),
        (SUBSET, PAIR, None, False),
        (SUBSET, {"a": "1", "b": "2"}, {"a": "1"}, False),
    ],
)
def test_constraints_on_the_encryption_context(
    constraint: str, wanted: Any, found: Any, allowed: bool
):
    one = grant(*GRANT_OPERATIONS, **{constraint: wanted})
    for operation in GRANT_OPERATIONS:
        request = ask(action=f"kms:{operation}", encryption_context=found)
        # DescribeKey, Sign and their like have no encryption context to constrain.
        expected = allowed or operation not in ENCRYPTION_CONTEXT_OPERATIONS
        assert grant_allows(one, request) is expected, operation
        assert explain_grant(one, request, 0).matched is expected


@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        ({"aws:SourceArn": BUCKET}, True),
        ({"aws:sourcearn": [BUCKET]}, True),
        ({"aws:SourceArn": BUCKET + "2"}, False),
        ({}, False),
    ],
)
def test_the_source_arn_constraint(context: dict[str, Any], allowed: bool):
    one = grant("Decrypt", "RetireGrant", source_arn=BUCKET)
    assert grant_allows(one, ask(context=context)) is allowed
    assert grant_allows(one, ask(action="kms:RetireGrant", context=context))
    assert explain_grant(one, ask(context=context), 0).matched is allowed


def test_who_retiring_reach():
    plain = grant("Decrypt", retiring_principal=BOB)
    assert retiring_reach(plain, ask(bob, "kms:RetireGrant"))
    assert not retiring_reach(plain, ask(ada, "kms:RetireGrant"))
    assert retiring_reach(grant("RetireGrant", source_arn=BUCKET), ask(ada, "kms:RetireGrant"))
    by_service = grant("Decrypt", retiring_service_principal=LOGS)
    assert retiring_reach(by_service, ask(logs, "kms:RetireGrant"))
    assert not retiring_reach(by_service, ask(app, "kms:RetireGrant"))


ALL = grant("CreateGrant", "Decrypt")


@pytest.mark.parametrize(
    ("parent", "child", "allowed"),
    [
        (ALL, grant("Decrypt"), True),
        (ALL, grant("Decrypt", "CreateGrant", encryption_context_equals=PAIR), True),
        (ALL, grant("Encrypt"), False),
        (grant("Decrypt", encryption_context_equals=PAIR), grant("Decrypt"), False),
        (
            grant("Decrypt", encryption_context_equals=PAIR),
            grant("Decrypt", encryption_context_subset=PAIR),
            False,
        ),
        (
            grant("Decrypt", encryption_context_equals=PAIR),
            grant("Decrypt", encryption_context_equals={"dept": "hr"}),
            True,
        ),
        (grant("Decrypt", encryption_context_subset=PAIR), grant("Decrypt"), False),
        (
            grant("Decrypt", encryption_context_subset=PAIR),
            grant("Decrypt", encryption_context_subset={"dept": "hr", "x": "y"}),
            True,
        ),
        (
            grant("Decrypt", encryption_context_subset=PAIR),
            grant("Decrypt", encryption_context_equals={"dept": "hr", "x": "y"}),
            True,
        ),
        (
            grant("Decrypt", encryption_context_subset=PAIR),
            grant("Decrypt", encryption_context_subset={"dept": "it"}),
            False,
        ),
        (grant("Decrypt", source_arn=BUCKET), grant("Decrypt"), False),
        (grant("Decrypt", source_arn=BUCKET), grant("Decrypt", source_arn=BUCKET), True),
    ],
)
def test_a_grant_passes_on_no_more_than_it_has(parent: Grant, child: Grant, allowed: bool):
    assert may_pass_on(parent, child) is allowed
