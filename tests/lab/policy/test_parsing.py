"""Documents that AWS refuses, and those it accepts although they say little."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.lab.policy import MalformedPolicy, aws_managed_key_policy, default_key_policy
from helpers.lab.policy import parse_policy as parse

from .samples import ADA, ROLE, ROOT, SESSION, ask, document, statement

KEY_STATEMENT = statement(Principal={"AWS": ROOT})
SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
PRINCIPALS = "Policy contains a statement with one or more invalid principals."
VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."


OVERLY = (
    "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition "
    "key matches requests without the specified {0} or with an unspecified {0}. To fix, remove "
    "ForAllValues."
)


def without(element: str, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in KEY_STATEMENT.items() if key != element} | more


def changed(**elements: Any) -> dict[str, Any]:
    return document(KEY_STATEMENT | elements)


BOTH: list[tuple[Any, str]] = [
    ("", SYNTAX),
    ("{", SYNTAX),
    ("[]", SYNTAX),
    ("null", SYNTAX),
    ("[" * 100_000, SYNTAX),
    ('{"Statement": NaN}', SYNTAX),
    ('{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}', SYNTAX),
    ({}, SYNTAX),
    ({"Statement": []}, SYNTAX),
    ({"Statement": "all"}, SYNTAX),
    ({"Statement": [None]}, SYNTAX),
    ({"Statement": [[]]}, SYNTAX),
    (document(KEY_STATEMENT, version="2012-10-18"), SYNTAX),
    (document(KEY_STATEMENT) | {"Version": ["2012-10-17"]}, SYNTAX),
    (document(KEY_STATEMENT) | {"Id": 1}, SYNTAX),
    (document(KEY_STATEMENT) | {"Statements": []}, SYNTAX),
    (document(without("Effect")), SYNTAX),
    (changed(Effect="allow"), SYNTAX),
    (changed(Effect=["Allow"]), SYNTAX),
    (changed(Sid=1), SYNTAX),
    (changed(Actions="kms:*"), SYNTAX),
    (changed(NotAction="kms:*"), SYNTAX),
    (changed(NotResource="*"), SYNTAX),
    (changed(Action=1), SYNTAX),
    (changed(Action=[["kms:*"]]), SYNTAX),
    (changed(Resource={"a": 1}), SYNTAX),
    (changed(Condition=[]), SYNTAX),
    (changed(Condition={"StringEquals": "a"}), SYNTAX),
    (changed(Condition={"StringEquals": {"a:b": None}}), SYNTAX),
    (changed(Condition={"StringEquals": {"a:b": {"c": "d"}}}), SYNTAX),
    (changed(Condition={"StringSame": {"a:b": "c"}}), SYNTAX),
    (changed(Condition={"stringequals": {"a:b": "c"}}), SYNTAX),
    (changed(Condition={"NullIfExists": {"a:b": "true"}}), SYNTAX),
    (changed(Condition={"ForSomeValues:StringEquals": {"a:b": "c"}}), SYNTAX),
    (changed(Condition={"ForAnyValue:ForAllValues:StringEquals": {"a:b": "c"}}), SYNTAX),
    (changed(Condition={"StringEquals": {"username": "c"}}), VENDOR),
    (changed(Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}}), LEGACY),
    (changed(Condition={"DateLessThan": {"aws:CurrentTime": "2026-13-01"}}), LEGACY),
    (changed(Action="Decrypt"), VENDOR),
    (changed(Action=""), VENDOR),
    (changed(Action="kms:Decrypt:all"), "Actions/Condition can contain only one colon."),
    (changed(Action="k_ms:Decrypt"), "Vendor k_ms is not valid"),
    (changed(Resource="key"), 'Resource key must be in ARN format or "*".'),
    (changed(Resource="arn:aws"), LEGACY),
    (changed(Resource="urn:aws:kms:x"), LEGACY),
    (
        changed(Resource="arn:azure:kms:::x"),
        'Partition "azure" is not valid for resource "arn:azure:kms:::x".',
    ),
    (
        document(KEY_STATEMENT | {"Sid": "a"}, KEY_STATEMENT | {"Sid": "a"}),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
]

KEY_ONLY: list[tuple[Any, str]] = [
    (document(without("Principal")), "Policy contains a statement with no principal."),
    (changed(NotPrincipal="*"), SYNTAX),
    (changed(Principal=ROOT), PRINCIPALS),
    (changed(Principal=[ROOT]), PRINCIPALS),
    (changed(Principal={}), PRINCIPALS),
    (changed(Principal={"AWS": []}), PRINCIPALS),
    (changed(Principal={"AWS": 1}), SYNTAX),
    (changed(Principal={"aws": ROOT}), PRINCIPALS),
    (changed(Principal={"AWS": "ada"}), PRINCIPALS),
    (changed(Principal={"AWS": "11112222333"}), PRINCIPALS),
    (changed(Principal={"AWS": "arn:aws:iam::111122223333:user/*"}), PRINCIPALS),
    (changed(Principal={"AWS": "arn:aws:iam::111122223333:group/admins"}), PRINCIPALS),
    (changed(Principal={"AWS": "arn:aws:iam::111122223333"}), PRINCIPALS),
    (changed(Principal={"AWS": "arn:aws:sts::111122223333:assumed-role/app"}), PRINCIPALS),
    (changed(Principal={"AWS": "arn:aws:s3:::bucket"}), PRINCIPALS),
    (changed(Principal={"Service": "*"}), PRINCIPALS),
    (changed(Principal={"Service": "s3"}), PRINCIPALS),
    *(
        (changed(Condition={f"ForAllValues:{operator}": {key: "c"}}), OVERLY.format(what))
        for operator in ("StringEquals", "StringLikeIfExists")
        for key, what in (
            ("kms:EncryptionContext:a", "encryption context"),
            ("kms:encryptioncontext:a", "encryption context"),
            ("aws:RequestTag/a", "tag"),
        )
    ),
]

IDENTITY_ONLY: list[tuple[Any, str]] = [
    (document(KEY_STATEMENT), "Policy document should not specify a principal."),
    (
        document(statement(NotPrincipal="*")),
        "Policy document should not specify a principal.",
    ),
    (
        document({"Effect": "Allow", "Resource": "*"}),
        "Policy statement must contain actions.",
    ),
    (document(statement(Action=[])), "Policy statement must contain actions."),
    (
        document({"Effect": "Allow", "Action": "kms:*"}),
        "Policy statement must contain resources.",
    ),
    (document(statement(Resource=[])), "Policy statement must contain resources."),
]


def for_identity(policy: Any) -> Any:
    if not isinstance(policy, dict) or not isinstance(policy.get("Statement"), list):
        return policy
    strip = [
        {k: v for k, v in each.items() if k != "Principal"} if isinstance(each, dict) else each
        for each in policy["Statement"]
    ]
    return policy | {"Statement": strip}


MALFORMED = [("key", *row) for row in BOTH + KEY_ONLY]
MALFORMED += [("identity", for_identity(policy), message) for policy, message in BOTH]
MALFORMED += [("identity", *row) for row in IDENTITY_ONLY]


@pytest.mark.parametrize(("kind", "policy", "message"), MALFORMED)
def test_malformed_policies(kind: Any, policy: Any, message: str):
    forms = [policy] if isinstance(policy, str) else [policy, json.dumps(policy)]
    for form in forms:
        with pytest.raises(MalformedPolicy) as caught:
            parse(form, kind=kind)
        assert (caught.value.message, str(caught.value)) == (message, message)
        assert caught.value.detail


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": "111122223333"},
        {"AWS": [ROOT, ADA, ROLE, SESSION]},
        {"AWS": "arn:aws:sts::111122223333:federated-user/ada"},
        {"AWS": "arn:aws-cn:iam::111122223333:root"},
        {"AWS": "AIDAADAADAADAADAADA1"},
        {"Service": ["logs.us-east-1.amazonaws.com", "s3.amazonaws.com"]},
        {"Federated": "cognito-identity.amazonaws.com"},
        {"AWS": ROOT, "Service": "s3.amazonaws.com"},
    ],
)
def test_principals_of_a_key_policy(principal: Any):
    assert parse(changed(Principal=principal)).statements[0].principal
    assert parse(document(without("Principal", NotPrincipal=principal)))


@pytest.mark.parametrize(
    "policy",
    [
        document(KEY_STATEMENT, version="2008-10-17"),
        {"Statement": KEY_STATEMENT},
        document(KEY_STATEMENT, KEY_STATEMENT),
        changed(Sid="") | {"Id": "any id"},
        changed(Condition={}),
        changed(Condition={"NoSuchOperator": {}}),
        changed(Condition={"Bool": {"aws:SecureTransport": False}, "Null": {"a:b": [True]}}),
        changed(Condition={"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::*"}}),
        changed(Condition={"DateGreaterThan": {"aws:CurrentTime": ["2026-01-01", "1767225600"]}}),
        changed(Action=["*", "kms:*", "s3:GetObject"]),
    ],
)
def test_accepted_policies(policy: Any):
    assert parse(policy).allows(ask()) or "Condition" in policy["Statement"][0]


def test_set_operators_are_for_keys_of_several_values():
    """Only what would allow too much is refused, and by KMS only: IAM takes it."""
    single = {"ForAllValues:StringEquals": {"kms:EncryptionContext:a": "c"}}
    parse(changed(Condition=single, Effect="Deny"))
    parse(document(statement(Condition=single)), kind="identity")
    parse(changed(Condition={"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "a"}}))
    parse(changed(Condition={"ForAnyValue:StringEquals": {"kms:EncryptionContext:a": "c"}}))


@pytest.mark.parametrize("element", ["Action", "Resource"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_key_policy_statement_without_action_or_resource_has_no_effect(element: str, effect: str):
    for lacking in (without(element, Effect=effect), KEY_STATEMENT | {element: []}):
        policy = parse(document(lacking | {"Effect": effect}))
        assert not policy.allows(ask()) and not policy.denies(ask())
        (line,) = policy.explain(ask(), "key policy")
        assert (line.matched, line.why) == (False, f"has no {element}, so it has no effect")


def test_a_text_is_parsed_once():
    text = json.dumps(document(KEY_STATEMENT))
    assert parse(text) is parse(text)
    assert parse(text) is not parse(text, name="other")
    with pytest.raises(AttributeError):
        parse(text).statements = ()  # type: ignore[misc]


def test_the_principals_that_must_exist():
    policy = parse(
        document(
            statement(Principal={"AWS": [ADA, "111122223333"], "Service": "s3.amazonaws.com"}),
            statement("Deny", NotPrincipal={"AWS": [ROOT, ADA]}),
        )
    )
    assert policy.principal_arns == (ADA, ROOT)


def test_there_are_two_kinds_of_policy():
    with pytest.raises(ValueError, match="no such kind"):
        parse(document(KEY_STATEMENT), kind="bucket")  # type: ignore[arg-type]


def test_the_policies_that_aws_writes_are_policies():
    assert parse(default_key_policy("111122223333")).principal_arns == (ROOT,)
    china = parse(default_key_policy("111122223333", "aws-cn"))
    assert china.principal_arns == ("arn:aws-cn:iam::111122223333:root",)
    assert len(parse(aws_managed_key_policy("s3", "S3", "1" * 12, "eu-west-1")).statements) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
names = st.sampled_from(
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "Condition"]
)
words = st.sampled_from(["Allow", "Deny", "*", "kms:*", ROOT, {"AWS": "*"}, ["kms:Decrypt", "*"]])
conditions = st.fixed_dictionaries(
    {"StringEquals": st.dictionaries(st.text(max_size=5), json_values, max_size=2)}
)
statements = st.dictionaries(names, words | conditions | json_values)


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(
    st.fixed_dictionaries({"Statement": json_values | statements | st.lists(statements)}),
    st.sampled_from(["key", "identity"]),
)
def test_a_document_parses_or_is_malformed(policy: Any, kind: Any):
    try:
        parsed = parse(policy, kind=kind)
    except MalformedPolicy:
        return
    for line in parsed.explain(ask(), "key policy"):
        assert line.why


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
def test_a_text_parses_or_is_malformed(text: str):
    with pytest.raises(MalformedPolicy):
        parse(text)
