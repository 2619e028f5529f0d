"""Every condition operator of the IAM reference, with present, absent and several values."""

import re
from typing import Any

import pytest

from helpers.lab.policy import parse_policy
from helpers.lab.policy.conditions import OPERATORS

from .samples import ada, app, ask, identity, logs, statement

IAM_REFERENCE = """
StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike
StringNotLike NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals
NumericGreaterThan NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan
DateLessThanEquals DateGreaterThan DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress
ArnEquals ArnLike ArnNotEquals ArnNotLike Null
"""

ROLE_X = "arn:aws:iam::111122223333:role/x"

# operator, wanted, found, whether the condition is met
TABLE: list[tuple[str, Any, Any, bool]] = [
    ("StringEquals", "hr", "hr", True),
    ("StringEquals", "hr", "HR", False),
    ("StringEquals", "h*", "hr", False),
    ("StringEquals", "h*", "h*", True),
    ("StringEquals", ["it", "hr"], "hr", True),
    ("StringEquals", [], "hr", False),
    ("StringEquals", "", "", True),
    ("StringNotEquals", "hr", "it", True),
    ("StringNotEquals", "hr", "hr", False),
    ("StringNotEquals", ["it", "hr"], "hr", False),
    ("StringNotEquals", ["it", "hr"], "pr", True),
    ("StringEqualsIgnoreCase", "Hr", "hR", True),
    ("StringEqualsIgnoreCase", "hr", "it", False),
    ("StringNotEqualsIgnoreCase", "Hr", "hR", False),
    ("StringNotEqualsIgnoreCase", "Hr", "it", True),
    ("StringLike", "h*", "hr", True),
    ("StringLike", "h*", "Hr", False),
    ("StringLike", "h?", "hr", True),
    ("StringLike", "h?", "h", False),
    ("StringLike", "*", "", True),
    ("StringLike", ["x*", "*r"], "hr", True),
    ("StringNotLike", "h*", "hr", False),
    ("StringNotLike", "h*", "it", True),
    ("StringNotLike", ["x*", "*r"], "hr", False),
    ("NumericEquals", "10", "10.0", True),
    ("NumericEquals", 10, 10, True),
    ("NumericEquals", "10", "ten", False),
    ("NumericEquals", "ten", "ten", False),
    ("NumericNotEquals", "10", "11", True),
    ("NumericNotEquals", "10", "10.0", False),
    ("NumericNotEquals", ["10", "11"], "11", False),
    ("NumericNotEquals", "10", "ten", True),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThan", "-1.5", "-2", True),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericLessThanEquals", "10", "10.1", False),
    ("NumericGreaterThan", "9", "10", True),
    ("NumericGreaterThan", "10", "10", False),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericGreaterThanEquals", "10", "9.9", False),
    ("NumericGreaterThan", ["100", "1"], "10", True),
    ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01", True),
    ("DateEquals", "2026-01-01T00:00:00Z", "2026-01", True),
    ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
    ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
    ("DateEquals", "1767225600", "2026-01-01T00:00:00.000Z", True),
    ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-02", False),
    ("DateEquals", "2026-01-01T00:00:00Z", "soon", False),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-02", True),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-01", False),
    ("DateLessThan", "2026-01-01", "2025-12-31T23:59:59Z", True),
    ("DateLessThan", "2026-01-01", "2026-01-01T00:00:00Z", False),
    ("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", True),
    ("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:01Z", False),
    ("DateGreaterThan", "2026-01-01", "2026-01-01T00:00:01Z", True),
    ("DateGreaterThan", "2026-01-01", "2026-01-01T00:00:00Z", False),
    ("DateGreaterThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", True),
    ("DateGreaterThanEquals", "2026-01-01", "2025-12-31", False),
    ("Bool", "true", "true", True),
    ("Bool", "true", True, True),
    ("Bool", True, "true", True),
    ("Bool", "TRUE", "true", True),
    ("Bool", "false", "true", False),
    ("Bool", "false", "false", True),
    ("Bool", "yes", "yes", False),
    ("BinaryEquals", "aGk=", "aGk=", True),
    ("BinaryEquals", "aGk=", "aGo=", False),
    ("BinaryEquals", "aGk=", "hi", False),
    ("BinaryEquals", "?", "?", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", "203.0.113.9/24", "203.0.113.7", True),
    ("IpAddress", "2001:db8::/32", "2001:DB8:0:0::1", True),
    ("IpAddress", "2001:db8::/32", "2001:db9::1", False),
    ("IpAddress", "0.0.0.0/0", "::1", False),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::1"], "2001:db8::1", True),
    ("IpAddress", "203.0.113.0/24", "nowhere", False),
    ("IpAddress", "nowhere", "203.0.113.7", False),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.7", True),
    ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
    ("ArnEquals", ROLE_X, ROLE_X, True),
    ("ArnEquals", "arn:aws:iam::*:role/x", ROLE_X, True),
    ("ArnEquals", "arn:*:role/x", ROLE_X, False),
    ("ArnLike", "arn:aws:iam::*:role/?", ROLE_X, True),
    ("ArnLike", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a:b/c", True),
    ("ArnLike", "arn:aws:iam::111122223333:*", ROLE_X, True),
    ("ArnLike", "arn:aws:iam::*", ROLE_X, False),
    ("ArnLike", "arn:aws:s3:::*", ROLE_X, False),
    ("ArnLike", "*", ROLE_X, True),
    ("ArnLike", "*", "not an arn", False),
    ("ArnLike", ROLE_X.upper(), ROLE_X, False),
    ("ArnNotEquals", ROLE_X, ROLE_X, False),
    ("ArnNotEquals", ROLE_X, ROLE_X + "y", True),
    ("ArnNotLike", "arn:aws:iam::*:role/*", ROLE_X, False),
    ("ArnNotLike", "arn:aws:iam::*:user/*", ROLE_X, True),
    ("Null", "true", "hr", False),
    ("Null", "false", "hr", True),
    ("Null", False, "hr", True),
    # Several values of a single-valued operator: one is enough, and none may match the negation.
    ("StringEquals", "hr", ["it", "hr"], True),
    ("StringNotEquals", "hr", ["it", "hr"], False),
    # The set operators
    ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a", "b"], [""], True),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringLike", ["a*"], ["ab", "ac"], True),
    ("ForAllValues:ArnLike", ["arn:aws:iam::*:role/*"], [ROLE_X, "arn:aws:s3:::b"], False),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], False),
    ("ForAnyValue:StringEquals", [""], [""], False),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], True),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
    ("ForAnyValue:StringLike", "a*", ["x", "ab"], True),
    ("ForAnyValue:NumericLessThan", "5", ["9", "4"], True),
    ("ForAllValues:NumericLessThan", "5", ["9", "4"], False),
    # IfExists changes nothing where the key exists
    ("StringEqualsIfExists", "hr", "hr", True),
    ("StringEqualsIfExists", "hr", "it", False),
    ("BoolIfExists", "true", "false", False),
    ("ForAnyValue:StringEqualsIfExists", "a", ["b"], False),
    ("ForAllValues:StringEqualsIfExists", "a", ["a"], True),
]


def met(operator: str, wanted: Any, **request: Any) -> bool:
    """Whether a statement with this one condition on test:key matches; asks the trace as well."""
    policy = identity(statement(Condition={operator: {"test:key": wanted}}))
    question = ask(**request)
    (line,) = policy.explain(question, "identity policy")
    assert line.matched is line.conditions[0].met is bool(policy.allows(question))
    assert line.conditions[0].operator == operator and line.conditions[0].key == "test:key"
    return line.matched


@pytest.mark.parametrize(("operator", "wanted", "found", "expected"), TABLE)
def test_a_key_that_the_request_has(operator: str, wanted: Any, found: Any, expected: bool):
    assert met(operator, wanted, context={"Test:KEY": found}) is expected


WANTED = {"Date": "2026-01-01", "Null": "false"}


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@pytest.mark.parametrize("context", [{}, {"test:key": []}], ids=["absent", "no values"])
def test_a_key_that_the_request_does_not_have(operator: str, context: dict[str, Any]):
    wanted = next((text for name, text in WANTED.items() if operator.startswith(name)), "1")
    negated = "Not" in operator
    assert met(operator, wanted, context=context) is negated
    if operator == "Null":
        assert met("Null", "true", context=context)
        return
    assert met(f"{operator}IfExists", wanted, context=context)
    assert met(f"ForAllValues:{operator}", wanted, context=context)
    assert not met(f"ForAnyValue:{operator}", wanted, context=context)
    assert met(f"ForAllValues:{operator}IfExists", wanted, context=context)
    assert met(f"ForAnyValue:{operator}IfExists", wanted, context=context)


def test_every_operator_of_the_reference_is_in_the_table():
    assert frozenset(IAM_REFERENCE.split()) == OPERATORS
    in_table = {re.sub(r"^\w+:|IfExists$", "", operator) for operator, *_ in TABLE}
    assert in_table == OPERATORS


@pytest.mark.parametrize("found", [True, False])
def test_conditions_of_one_statement_must_all_hold(found: bool):
    policy = identity(
        statement(
            Condition={
                "StringEquals": {"test:a": "1", "test:b": "2"},
                "Bool": {"test:c": str(found)},
            }
        )
    )
    context = {"test:a": "1", "test:b": "2", "test:c": True}
    assert bool(policy.allows(ask(context=context))) is found
    assert not policy.allows(ask(context=context | {"test:b": "3"}))


VARIABLES: list[tuple[str, str, str, bool]] = [
    ("StringEquals", "${aws:username}", "ada", True),
    ("StringEquals", "${AWS:UserName}-1", "ada-1", True),
    ("StringEquals", "${aws:username}", "bob", False),
    ("StringNotEquals", "${aws:username}", "bob", True),
    ("StringLike", "${aws:PrincipalTag/team}-*", "red-9", True),
    ("StringEqualsIgnoreCase", "${aws:PrincipalTag/team}", "RED", True),
    ("StringEquals", "${aws:PrincipalTag/none}", "red", False),
    ("StringNotEquals", "${aws:PrincipalTag/none}", "red", False),
    ("StringNotEqualsIfExists", "${aws:PrincipalTag/none}", "red", False),
    ("StringEquals", "${aws:PrincipalTag/none, 'blue'}", "blue", True),
    ("StringEquals", "${aws:PrincipalTag/team, 'blue'}", "blue", False),
    ("StringEquals", "${aws:PrincipalTag/none, ''}", "", True),
    ("StringLike", "${*}${?}${$}", "*?$", True),
    ("StringLike", "${*}", "anything", False),
    ("StringEquals", "${aws:username", "${aws:username", True),
    ("StringEquals", "${}", "${}", True),
    ("ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/ada", True),
    ("ArnLike", "${aws:PrincipalArn}", "arn:aws:iam::111122223333:user/team/ada", True),
    ("Bool", "${aws:PrincipalIsAWSService}", "false", True),
    ("NumericEquals", "${test:key}", "1", False),
]


@pytest.mark.parametrize(("operator", "wanted", "found", "expected"), VARIABLES)
def test_policy_variables(operator: str, wanted: str, found: str, expected: bool):
    assert met(operator, wanted, context={"test:key": found}) is expected


def test_what_a_variable_brings_in_is_not_a_wildcard():
    context = {"test:name": "*", "test:key": "anything"}
    assert not met("StringLike", "${test:name}", context=context)
    assert met("StringLike", "${test:name}", context=context | {"test:key": "*"})


def test_a_key_with_several_values_is_no_variable():
    context = {"test:name": ["a", "b"], "test:key": "a"}
    assert not met("StringEquals", "${test:name, 'a'}", context=context)


def test_variables_mean_nothing_in_the_old_version():
    document = {
        "Version": "2008-10-17",
        "Statement": statement(Condition={"StringEquals": {"test:key": "${aws:username}"}}),
    }
    for policy in (document, {"Statement": document["Statement"]}):
        parsed = parse_policy(policy, kind="identity")
        assert not parsed.allows(ask(context={"test:key": "ada"}))
        assert parsed.allows(ask(context={"test:key": "${aws:username}"}))


def test_a_trace_says_what_was_wanted_and_what_was_found():
    policy = identity(
        statement(
            Condition={"StringEquals": {"kms:EncryptionContext:dept": ["hr", "it"], "a:b": "1"}}
        )
    )
    (line,) = policy.explain(ask(encryption_context={"dept": "pr"}), "identity policy")
    first, second = line.conditions
    assert (first.wanted, first.found) == (("hr", "it"), ("pr",))
    assert first.why == ("StringEquals kms:EncryptionContext:dept wants 'hr' or 'it'; it is 'pr'")
    assert second.found is None
    assert second.why == "StringEquals a:b wants '1'; it is not in the request"
    assert line.why == f"{first.why}; {second.why}"


@pytest.mark.parametrize(
    ("key", "principal", "wanted"),
    [
        ("aws:PrincipalArn", ada, "arn:aws:iam::111122223333:user/team/ada"),
        ("aws:PrincipalArn", app, "arn:aws:iam::111122223333:role/service/app"),
        ("aws:PrincipalAccount", ada, "111122223333"),
        ("aws:PrincipalType", ada, "User"),
        ("aws:PrincipalType", app, "AssumedRole"),
        ("aws:PrincipalTag/team", ada, "red"),
        ("aws:userid", app, "AROAAPPAPPAPPAPPAPP1:one"),
        ("aws:username", ada, "ada"),
        ("aws:PrincipalIsAWSService", ada, "false"),
        ("aws:PrincipalIsAWSService", logs, "true"),
        ("aws:PrincipalServiceName", logs, "logs.us-east-1.amazonaws.com"),
        ("aws:ResourceAccount", ada, "111122223333"),
        ("kms:CallerAccount", app, "111122223333"),
        ("kms:EncryptionContext:Dept", ada, "hr"),
        ("kms:EncryptionContextKeys", ada, "dept"),
    ],
)
def test_keys_that_follow_from_the_request(key: str, principal: Any, wanted: str):
    request = ask(principal, encryption_context={"dept": "hr"})
    condition = {"StringEquals": {key: wanted}}
    assert identity(statement(Condition=condition)).allows(request)


def test_keys_that_a_request_does_not_have():
    absent = identity(
        statement(Condition={"Null": {"aws:username": "true", "aws:PrincipalTag/team": "true"}})
    )
    assert absent.allows(ask(app)) and absent.allows(ask(logs)) and not absent.allows(ask(ada))
    no_context = identity(statement(Condition={"Null": {"kms:EncryptionContextKeys": "true"}}))
    assert no_context.allows(ask()) and no_context.allows(ask(encryption_context={}))
    overridden = ask(context={"aws:username": []})
    assert identity(statement(Condition={"Null": {"aws:username": "true"}})).allows(overridden)


def test_pairs_of_the_encryption_context_keep_their_values_apart():
    request = ask(encryption_context={"Dept": "hr", "dept": "it", "aws:s3:arn": "arn:aws:s3:::b"})
    for wanted in ("hr", "it"):
        condition = {"StringEquals": {"kms:EncryptionContext:DEPT": wanted}}
        assert identity(statement(Condition=condition)).allows(request)
    only = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["dept", "aws:s3:arn"]}}
    assert not identity(statement(Condition=only)).allows(request)
    assert identity(statement(Condition=only)).allows(ask(encryption_context={"dept": "it"}))
