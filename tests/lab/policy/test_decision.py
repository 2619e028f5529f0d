"""Decisions: each row a set of policies, a caller, and what decides."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.lab.policy import (
    ADMINISTRATOR_ACCESS,
    Grant,
    Policy,
    Principal,
    Reason,
    Request,
    access_denied_message,
    aws_managed_key_policy,
    decide,
    default_key_policy,
    locks_out,
    parse_policy,
)

from .samples import (
    ACCOUNT,
    ADA,
    BOB,
    EVE,
    KEY,
    OTHER,
    OTHER_KEY,
    OTHER_ROOT,
    ROLE,
    ROOT,
    SESSION,
    ada,
    anyone,
    app,
    ask,
    aws,
    bob,
    eve,
    identity,
    key_policy,
    logs,
    other_root,
    root,
    statement,
)

# Key policies
DEFAULT = parse_policy(default_key_policy(ACCOUNT))
NOBODY = key_policy(statement(Principal=aws(BOB), Action="kms:Verify"))


def names(*principals: str, **elements: Any) -> Policy:
    return key_policy(statement(Principal=aws(*principals), **elements))


EVERYONE = key_policy(statement(Principal="*"))
LOGS = key_policy(statement(Principal={"Service": "logs.us-east-1.amazonaws.com"}))
DENIES_ADA = key_policy(
    statement(Principal=aws(ROOT)), statement("Deny", Principal=aws(ADA), Action="kms:Decrypt")
)
DENIES_ROLE = key_policy(
    statement(Principal=aws(SESSION)), statement("Deny", Principal=aws(ROLE), Action="kms:Decrypt")
)
DENIES_ACCOUNT = key_policy(
    statement(Principal=aws(ADA, ROOT)),
    statement("Deny", Principal=aws(ROOT), Action="kms:Decrypt"),
)


def denies_all_but(*principals: str) -> Policy:
    return key_policy(
        statement(Principal="*"), statement("Deny", NotPrincipal={"AWS": list(principals)})
    )


# IAM policies
DECRYPT = identity(statement(Action="kms:Decrypt", Resource=KEY))
ENCRYPT = identity(statement(Action="kms:Encrypt"))
OTHERS = identity(statement(Action="kms:Decrypt", Resource=OTHER_KEY))
DENY = identity(statement("Deny", Action="kms:Decrypt"))

FULL: dict[str, Any] = {"identity_policies": [DECRYPT]}
GRANT = Grant("grant-1", frozenset({"Decrypt"}), ADA)
GRANT_ROLE = Grant("grant-2", frozenset({"Decrypt"}), ROLE)
GRANT_ACCOUNT = Grant("grant-3", frozenset({"Decrypt"}), ROOT)

# what the row shows, caller, key policy, the rest, the reason
TABLE: list[tuple[str, Principal, Policy, dict[str, Any], Reason]] = [
    ("no permission at all", ada, DEFAULT, {}, Reason.NO_IDENTITY_POLICY_ALLOWS),
    ("account statement and IAM", ada, DEFAULT, FULL, Reason.ALLOWED_BY_IAM),
    (
        "one of several IAM policies",
        ada,
        DEFAULT,
        {"identity_policies": [ENCRYPT, DECRYPT]},
        Reason.ALLOWED_BY_IAM,
    ),
    (
        "IAM allows another action",
        ada,
        DEFAULT,
        {"identity_policies": [ENCRYPT]},
        Reason.NO_IDENTITY_POLICY_ALLOWS,
    ),
    (
        "IAM allows another key",
        ada,
        DEFAULT,
        {"identity_policies": [OTHERS]},
        Reason.NO_IDENTITY_POLICY_ALLOWS,
    ),
    ("account by its ID", ada, names(ACCOUNT), FULL, Reason.ALLOWED_BY_IAM),
    ("IAM without the account statement", ada, NOBODY, FULL, Reason.NO_KEY_POLICY_ALLOWS),
    (
        "an administrator without the account statement",
        ada,
        NOBODY,
        {"identity_policies": [ADMINISTRATOR_ACCESS]},
        Reason.NO_KEY_POLICY_ALLOWS,
    ),
    ("root user, account statement", root, DEFAULT, {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("root user, account by its ID", root, names(ACCOUNT), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("root user, not named", root, NOBODY, {}, Reason.NO_KEY_POLICY_ALLOWS),
    ("user named", ada, names(ADA), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("user by unique ID", ada, names("AIDAADAADAADAADAADA1"), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("other user named", bob, names(ADA), FULL, Reason.NO_KEY_POLICY_ALLOWS),
    (
        "named for another action",
        ada,
        names(ADA, Action="kms:Encrypt"),
        {},
        Reason.NO_KEY_POLICY_ALLOWS,
    ),
    ("named for this key", ada, names(ADA, Resource=KEY), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("named for another key", ada, names(ADA, Resource=OTHER_KEY), {}, Reason.NO_KEY_POLICY_ALLOWS),
    ("everyone", ada, EVERYONE, {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("everyone, unsigned", anyone, EVERYONE, {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("unsigned", anyone, DEFAULT, {}, Reason.NO_KEY_POLICY_ALLOWS),
    ("session of a role named", app, names(ROLE), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("role by unique ID", app, names("AROAAPPAPPAPPAPPAPP1"), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("session named", app, names(SESSION), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("another session named", app, names(SESSION + "2"), {}, Reason.NO_KEY_POLICY_ALLOWS),
    ("session through IAM", app, DEFAULT, FULL, Reason.ALLOWED_BY_IAM),
    ("a role as such", Principal.role(ROLE), names(ROLE), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("service named", logs, LOGS, {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("service not named", logs, DEFAULT, FULL, Reason.NO_KEY_POLICY_ALLOWS),
    ("service named, user asks", ada, LOGS, FULL, Reason.NO_KEY_POLICY_ALLOWS),
    # An explicit deny wins
    ("key policy denies the user", ada, DENIES_ADA, FULL, Reason.DENIED_BY_KEY_POLICY),
    ("key policy denies another", bob, DENIES_ADA, FULL, Reason.ALLOWED_BY_IAM),
    ("key policy denies the role", app, DENIES_ROLE, FULL, Reason.DENIED_BY_KEY_POLICY),
    ("key policy denies the account", ada, DENIES_ACCOUNT, FULL, Reason.DENIED_BY_KEY_POLICY),
    ("... its root user too", root, DENIES_ACCOUNT, {}, Reason.DENIED_BY_KEY_POLICY),
    ("... not the services", logs, DENIES_ACCOUNT, {}, Reason.NO_KEY_POLICY_ALLOWS),
    (
        "IAM denies what the key policy allows",
        ada,
        names(ADA),
        {"identity_policies": [DENY]},
        Reason.DENIED_BY_IDENTITY_POLICY,
    ),
    (
        "IAM denies without the account statement",
        ada,
        NOBODY,
        {"identity_policies": [DENY], "grants": [GRANT]},
        Reason.DENIED_BY_IDENTITY_POLICY,
    ),
    (
        "boundary denies what the key policy allows",
        ada,
        names(ADA),
        {"boundary": DENY},
        Reason.DENIED_BY_BOUNDARY,
    ),
    (
        "session policy denies what the key policy allows",
        app,
        names(SESSION),
        {"session_policy": DENY},
        Reason.DENIED_BY_SESSION_POLICY,
    ),
    # NotPrincipal spares only whom it names in full
    ("all but ada", ada, denies_all_but(ADA, ROOT), {}, Reason.ALLOWED_BY_KEY_POLICY),
    ("all but ada, bob asks", bob, denies_all_but(ADA, ROOT), {}, Reason.DENIED_BY_KEY_POLICY),
    ("all but ada, her account missing", ada, denies_all_but(ADA), {}, Reason.DENIED_BY_KEY_POLICY),
    ("all but root", root, denies_all_but(ROOT), {}, Reason.ALLOWED_BY_KEY_POLICY),
    (
        "all but the session",
        app,
        denies_all_but(SESSION, ROLE, ROOT),
        {},
        Reason.ALLOWED_BY_KEY_POLICY,
    ),
    ("... its role missing", app, denies_all_but(SESSION, ROOT), {}, Reason.DENIED_BY_KEY_POLICY),
    (
        "all but ada, a service asks",
        logs,
        denies_all_but(ADA, ROOT),
        {},
        Reason.DENIED_BY_KEY_POLICY,
    ),
    # Boundaries and session policies
    (
        "boundary allows too",
        ada,
        DEFAULT,
        FULL | {"boundary": ADMINISTRATOR_ACCESS},
        Reason.ALLOWED_BY_IAM,
    ),
    (
        "boundary doesn't allow",
        ada,
        DEFAULT,
        FULL | {"boundary": ENCRYPT},
        Reason.NO_BOUNDARY_ALLOWS,
    ),
    (
        "a boundary gives nothing",
        ada,
        DEFAULT,
        {"boundary": DECRYPT},
        Reason.NO_IDENTITY_POLICY_ALLOWS,
    ),
    (
        "session policy doesn't allow",
        app,
        DEFAULT,
        FULL | {"session_policy": ENCRYPT},
        Reason.NO_SESSION_POLICY_ALLOWS,
    ),
    (
        "a boundary doesn't limit a user whom the key policy names",
        ada,
        names(ADA),
        {"boundary": ENCRYPT},
        Reason.ALLOWED_BY_KEY_POLICY,
    ),
    (
        "a boundary limits a role that the key policy names",
        app,
        names(ROLE),
        {"boundary": ENCRYPT},
        Reason.NO_BOUNDARY_ALLOWS,
    ),
    (
        "a session policy limits a role that the key policy names",
        app,
        names(ROLE),
        {"session_policy": ENCRYPT},
        Reason.NO_SESSION_POLICY_ALLOWS,
    ),
    (
        "... but not its session, named itself",
        app,
        names(SESSION, ROLE),
        {"session_policy": ENCRYPT, "boundary": ENCRYPT},
        Reason.ALLOWED_BY_KEY_POLICY,
    ),
    (
        "... nor named as everyone",
        app,
        EVERYONE,
        {"session_policy": ENCRYPT, "boundary": ENCRYPT},
        Reason.ALLOWED_BY_KEY_POLICY,
    ),
    # Grants
    ("grant", ada, NOBODY, {"grants": [GRANT]}, Reason.ALLOWED_BY_GRANT),
    ("grant, default policy", ada, DEFAULT, {"grants": [GRANT]}, Reason.ALLOWED_BY_GRANT),
    ("grant to another", bob, DEFAULT, {"grants": [GRANT]}, Reason.NO_IDENTITY_POLICY_ALLOWS),
    ("grant and deny", ada, DENIES_ADA, {"grants": [GRANT]}, Reason.DENIED_BY_KEY_POLICY),
    ("grant to the role", app, NOBODY, {"grants": [GRANT, GRANT_ROLE]}, Reason.ALLOWED_BY_GRANT),
    (
        "grant to the role, session policy",
        app,
        NOBODY,
        {"grants": [GRANT_ROLE], "session_policy": ENCRYPT},
        Reason.NO_SESSION_POLICY_ALLOWS,
    ),
    (
        "grant to the account",
        ada,
        NOBODY,
        {"grants": [GRANT_ACCOUNT]},
        Reason.NO_IDENTITY_POLICY_ALLOWS,
    ),
    (
        "grant to the account and IAM",
        ada,
        NOBODY,
        FULL | {"grants": [GRANT_ACCOUNT]},
        Reason.ALLOWED_BY_GRANT,
    ),
    # Across accounts
    ("only the key policy", eve, names(OTHER_ROOT), {}, Reason.NO_IDENTITY_POLICY_ALLOWS),
    ("only IAM", eve, DEFAULT, FULL, Reason.NO_KEY_POLICY_ALLOWS),
    ("both", eve, names(OTHER_ROOT), FULL, Reason.ALLOWED_ACROSS_ACCOUNTS),
    ("both, by account ID", eve, names(OTHER), FULL, Reason.ALLOWED_ACROSS_ACCOUNTS),
    ("both, the user named", eve, names(EVE), FULL, Reason.ALLOWED_ACROSS_ACCOUNTS),
    ("the user named, no IAM", eve, names(EVE), {}, Reason.NO_IDENTITY_POLICY_ALLOWS),
    ("everyone, no IAM", eve, EVERYONE, {}, Reason.NO_IDENTITY_POLICY_ALLOWS),
    ("everyone and IAM", eve, EVERYONE, FULL, Reason.ALLOWED_ACROSS_ACCOUNTS),
    (
        "IAM there for another key",
        eve,
        names(OTHER_ROOT),
        {"identity_policies": [OTHERS]},
        Reason.NO_IDENTITY_POLICY_ALLOWS,
    ),
    (
        "boundary there",
        eve,
        names(EVE),
        FULL | {"boundary": ENCRYPT},
        Reason.NO_BOUNDARY_ALLOWS,
    ),
    ("root user there", other_root, names(OTHER_ROOT), {}, Reason.ALLOWED_ACROSS_ACCOUNTS),
    (
        "grant to the other account's user",
        eve,
        DEFAULT,
        {"grants": [Grant("g", frozenset({"Decrypt"}), EVE)]},
        Reason.ALLOWED_BY_GRANT,
    ),
    (
        "deny there",
        eve,
        names(EVE),
        {"identity_policies": [DECRYPT, DENY]},
        Reason.DENIED_BY_IDENTITY_POLICY,
    ),
]


@pytest.mark.parametrize(
    ("caller", "policy", "rest", "reason"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_decisions(caller: Principal, policy: Policy, rest: dict[str, Any], reason: Reason):
    decision = decide(ask(caller), key_policy=policy, **rest)
    assert decision.reason == reason
    assert decision.allowed is reason.startswith("allow:")
    assert bool(decision.deciding) is not reason.startswith("no-allow:")
    json.dumps([dataclasses.asdict(line) for line in decision.trace])
    if not decision.allowed:
        assert access_denied_message(decision.request, decision).startswith(
            f"User: {caller.arn} is not authorized to perform: kms:Decrypt on "
        )


OF_RESOURCES = {
    Reason.ALLOWED_BY_IDENTITY_POLICY,
    Reason.ALLOWED_BY_RESOURCE_POLICY,
    Reason.ALLOWED_BY_BOTH_SIDES,
    Reason.DENIED_BY_RESOURCE_POLICY,
    Reason.NO_RESOURCE_POLICY_ALLOWS,
}


def test_every_reason_occurs():
    assert {row[-1] for row in TABLE} == set(Reason) - OF_RESOURCES


def test_operations_without_a_key_ask_iam_alone():
    request = ask(action="kms:ListKeys", resource="*")
    allowed = identity(statement(Action="kms:List*"))
    decision = decide(request, key_policy=None, identity_policies=[allowed])
    assert (decision.allowed, decision.reason) == (True, Reason.ALLOWED_BY_IDENTITY_POLICY)
    refused = decide(request, key_policy=None)
    assert refused.reason == Reason.NO_IDENTITY_POLICY_ALLOWS
    assert access_denied_message(request, refused) == (
        f"User: {ADA} is not authorized to perform: kms:ListKeys on resource: * "
        "because no identity-based policy allows the kms:ListKeys action"
    )
    as_root = Request(root, "kms:ListKeys", "*", ACCOUNT)
    assert decide(as_root, key_policy=None).allowed
    assert not decide(
        request, key_policy=None, identity_policies=[allowed], boundary=DECRYPT
    ).allowed


def test_alias_operations_are_two_decisions():
    alias = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/a"
    request = ask(action="kms:CreateAlias", context={"aws:SecureTransport": True})
    on_alias = request.on(alias)
    assert (on_alias.resource_arn, on_alias.action) == (alias, "kms:CreateAlias")
    assert on_alias.values == request.values
    policies = [identity(statement(Action="kms:CreateAlias", Resource=alias))]
    assert decide(on_alias, key_policy=None, identity_policies=policies).allowed
    assert not decide(request, key_policy=DEFAULT, identity_policies=policies).allowed
    assert decide(request, key_policy=names(ADA), identity_policies=policies).allowed
    assert request.to_do("kms:DeleteAlias").folded_action == "kms:deletealias"


def test_a_key_of_a_service_is_used_through_it_only():
    managed = parse_policy(aws_managed_key_policy("s3", "S3", ACCOUNT, "us-east-1"))
    direct = decide(ask(), key_policy=managed, identity_policies=[ADMINISTRATOR_ACCESS])
    assert direct.reason == Reason.NO_KEY_POLICY_ALLOWS
    via = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    assert decide(ask(context=via), key_policy=managed).allowed
    assert not decide(
        ask(eve, context=via), key_policy=managed, identity_policies=[DECRYPT]
    ).allowed
    reading = ask(action="kms:DescribeKey")
    assert not decide(reading, key_policy=managed).allowed
    assert decide(reading, key_policy=managed, identity_policies=[ADMINISTRATOR_ACCESS]).allowed


LOCK_OUT: list[tuple[str, Principal, Policy, bool]] = [
    ("account statement", ada, DEFAULT, False),
    ("account statement, root user", root, DEFAULT, False),
    ("caller named", ada, names(ADA, Action="kms:Put*"), False),
    ("role of the caller named", app, names(ROLE), False),
    ("somebody else named", ada, names(BOB), True),
    ("root user not named", root, names(ADA), True),
    ("caller named without PutKeyPolicy", ada, names(ADA, Action="kms:Decrypt"), True),
    ("account named without PutKeyPolicy", ada, names(ROOT, Action="kms:Get*"), True),
    (
        "without Action",
        ada,
        key_policy({"Effect": "Allow", "Principal": "*", "Resource": "*"}),
        True,
    ),
    (
        "denied again",
        ada,
        key_policy(statement(Principal="*"), statement("Deny", Principal=aws(ADA))),
        True,
    ),
    (
        "under a condition that the request doesn't meet",
        ada,
        names(ADA, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        True,
    ),
]


@pytest.mark.parametrize(
    ("caller", "policy", "locked"), [row[1:] for row in LOCK_OUT], ids=[row[0] for row in LOCK_OUT]
)
def test_the_lock_out_check(caller: Principal, policy: Policy, locked: bool):
    assert locks_out(policy, caller, resource_arn=KEY, resource_account=ACCOUNT) is locked


def test_the_lock_out_check_may_look_at_iam_too():
    where = {"resource_arn": KEY, "resource_account": ACCOUNT}
    assert locks_out(DEFAULT, ada, identity_policies=[DECRYPT], **where)
    assert not locks_out(DEFAULT, ada, identity_policies=[ADMINISTRATOR_ACCESS], **where)
    mfa = names(ADA, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    assert not locks_out(mfa, ada, context={"aws:MultiFactorAuthPresent": True}, **where)


def test_a_trace_names_each_statement_and_what_did_not_match():
    policy = key_policy(
        statement(Principal=aws(ROOT), Sid="Account"),
        statement("Deny", Principal=aws(BOB), Action="kms:Encrypt", Sid="Not Bob"),
        statement(Principal=aws(ROLE)),
    )
    mine = parse_policy(
        {"Statement": {"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": OTHER_KEY}},
        kind="identity",
        name="mine",
    )
    grant = Grant("g-1", frozenset({"Encrypt"}), BOB, source_arn="arn:aws:s3:::b")
    decision = decide(
        ask(), key_policy=policy, identity_policies=[mine], boundary=ENCRYPT, grants=[grant]
    )
    told = [
        (line.source, line.policy, line.index, line.sid, line.effect, line.matched)
        for line in decision.trace
    ]
    assert told == [
        ("key policy", "", 0, "Account", "Allow", True),
        ("key policy", "", 1, "Not Bob", "Deny", False),
        ("key policy", "", 2, "", "Allow", False),
        ("identity policy", "mine", 0, "", "Allow", False),
        ("permissions boundary", "", 0, "", "Allow", False),
        ("grant", "", 0, "g-1", "Allow", False),
    ]
    whys = [line.why for line in decision.trace]
    assert whys[0] == "matches; it names the whole account, so IAM policies decide"
    assert whys[1] == (
        f"Action kms:Encrypt does not cover kms:Decrypt; Principal {BOB} does not name {ADA}"
    )
    assert whys[2] == f"Principal {ROLE} does not name {ADA}"
    assert whys[3] == (
        f"NotAction kms:Decrypt leaves out kms:Decrypt; Resource {OTHER_KEY} does not cover {KEY}"
    )
    assert whys[5] == (
        f"grant is for Encrypt, not for Decrypt; grant is for {BOB}, not for the caller; "
        "SourceArn wants 'arn:aws:s3:::b'; aws:SourceArn is not in the request"
    )
    assert decision.trace is decision.trace


MESSAGES: list[tuple[Principal, Policy, dict[str, Any], str]] = [
    (
        ada,
        DEFAULT,
        {},
        "resource: {key} because no identity-based policy allows the kms:Decrypt action",
    ),
    (
        app,
        NOBODY,
        FULL,
        "resource: {key} because no resource-based policy allows the kms:Decrypt action",
    ),
    (
        ada,
        DEFAULT,
        FULL | {"boundary": ENCRYPT},
        "resource: {key} because no permissions boundary allows the kms:Decrypt action",
    ),
    (
        app,
        DEFAULT,
        FULL | {"session_policy": ENCRYPT},
        "resource: {key} because no session policy allows the kms:Decrypt action",
    ),
    (
        ada,
        DENIES_ADA,
        FULL,
        "resource: {key} with an explicit deny in a resource-based policy",
    ),
    (
        ada,
        DEFAULT,
        {"identity_policies": [DENY]},
        "resource: {key} with an explicit deny in an identity-based policy",
    ),
    (
        ada,
        DEFAULT,
        FULL | {"boundary": DENY},
        "resource: {key} with an explicit deny in a permissions boundary",
    ),
    (
        app,
        DEFAULT,
        FULL | {"session_policy": DENY},
        "resource: {key} with an explicit deny in a session policy",
    ),
    (
        eve,
        names(EVE),
        {},
        "resource: {key} because no identity-based policy allows the kms:Decrypt action",
    ),
    (
        eve,
        DEFAULT,
        FULL,
        "this resource because the resource does not exist in this Region, no resource-based "
        "policies allow access, or a resource-based policy explicitly denies access",
    ),
    (
        eve,
        key_policy(statement("Deny", Principal="*")),
        FULL,
        "this resource because the resource does not exist in this Region, no resource-based "
        "policies allow access, or a resource-based policy explicitly denies access",
    ),
]


@pytest.mark.parametrize(("caller", "policy", "rest", "message"), MESSAGES)
def test_the_words_of_a_denial(
    caller: Principal, policy: Policy, rest: dict[str, Any], message: str
):
    decision = decide(ask(caller), key_policy=policy, **rest)
    assert access_denied_message(decision.request, decision) == (
        f"User: {caller.arn} is not authorized to perform: kms:Decrypt on "
        + message.format(key=KEY)
    )


def test_there_are_no_words_for_what_is_allowed():
    decision = decide(ask(), key_policy=EVERYONE)
    with pytest.raises(ValueError, match="was allowed"):
        access_denied_message(decision.request, decision)


# Properties, over small policies that often have something to do with each other

effects = st.sampled_from(["Allow", "Deny"])
actions = st.sampled_from(["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:De*", "*"])
resources = st.sampled_from(["*", KEY, OTHER_KEY, "arn:aws:kms:*:*:key/${aws:username}"])
principals = st.sampled_from(
    ["*", aws(ROOT), aws(ADA), aws(ROLE), aws(SESSION), aws(EVE, OTHER_ROOT), aws(BOB, ROLE)]
)
conditions = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:username": "ada"}},
        {"StringNotEquals": {"aws:username": "${aws:PrincipalTag/team}"}},
        {"Null": {"kms:EncryptionContextKeys": "true"}},
        {"ForAllValues:StringLike": {"kms:EncryptionContextKeys": ["d*"]}},
    ]
)


@st.composite
def statements(draw: Any, kind: str) -> dict[str, Any]:
    no = draw(st.sampled_from(["", "", "Not"]))
    drawn = {
        "Effect": draw(effects),
        f"{no}Action": draw(actions),
        "Resource": draw(resources),
        "Condition": draw(conditions),
    }
    if kind == "key":
        drawn[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = draw(principals)
    return drawn


def policies(kind: str) -> Any:
    return st.lists(statements(kind), min_size=1, max_size=4)


callers = st.sampled_from([ada, bob, app, root, eve, other_root, logs, anyone])
requests = st.builds(
    ask,
    callers,
    st.sampled_from(["kms:Decrypt", "kms:Encrypt"]),
    encryption_context=st.sampled_from([None, {"dept": "hr"}, {"x": "y"}]),
)
grant_lists = st.lists(
    st.builds(
        Grant,
        st.just("g"),
        st.sampled_from([frozenset({"Decrypt"}), frozenset({"Encrypt"})]),
        st.sampled_from([ADA, ROLE, EVE, ROOT]),
        encryption_context_subset=st.sampled_from([None, {"Dept": "hr"}]),
    ),
    max_size=2,
)
documents = st.fixed_dictionaries(
    {
        "key": policies("key"),
        "identity": policies("identity") | st.none(),
        "boundary": policies("identity") | st.none(),
        "session": policies("identity") | st.none(),
    }
)
usual = settings(max_examples=400, derandomize=True, database=None, deadline=None)


def decided(request: Request, drawn: dict[str, Any], grants: list[Grant]) -> Any:
    mine, boundary, session = (
        identity(*drawn[name]) if drawn[name] else None
        for name in ("identity", "boundary", "session")
    )
    return decide(
        request,
        key_policy=key_policy(*drawn["key"]),
        identity_policies=[mine] if mine else [],
        boundary=boundary,
        session_policy=session,
        grants=grants,
    )


@usual
@given(
    requests, documents, grant_lists, st.sampled_from(["key", "identity", "boundary", "session"])
)
def test_an_explicit_deny_never_loses(
    request: Request, drawn: dict[str, Any], grants: list[Grant], where: str
):
    deny = statement("Deny") | ({"Principal": "*"} if where == "key" else {})
    drawn = drawn | {where: [*(drawn[where] or []), deny]}
    decision = decided(request, drawn, grants)
    assert not decision.allowed
    assert decision.reason.startswith("explicit-deny:")


@usual
@given(requests, documents, grant_lists, st.data())
def test_one_more_allow_never_takes_away(
    request: Request, drawn: dict[str, Any], grants: list[Grant], data: Any
):
    before = decided(request, drawn, grants)
    where = data.draw(st.sampled_from([name for name in drawn if drawn[name]]))
    more = data.draw(statements("key" if where == "key" else "identity")) | {"Effect": "Allow"}
    after = decided(request, drawn | {where: [*drawn[where], more]}, grants)
    assert after.allowed or not before.allowed


@usual
@given(requests, documents, grant_lists)
def test_the_trace_tells_what_the_decision_did(
    request: Request, drawn: dict[str, Any], grants: list[Grant]
):
    decision = decided(request, drawn, grants)
    denied = [line for line in decision.trace if line.matched and line.effect == "Deny"]
    assert bool(denied) is decision.reason.startswith("explicit-deny:")
    assert not decision.allowed or any(
        line.matched and line.source in ("key policy", "grant") for line in decision.trace
    )
    assert all(line.matched is line.why.startswith("matches") for line in decision.trace)
