"""Wildcards and variables in actions and resources."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.lab.policy.matching import Glob, Text

from .samples import KEY, OTHER_KEY, app, ask, identity, statement


@pytest.mark.parametrize(
    ("action", "asked", "matches"),
    [
        ("kms:Decrypt", "kms:Decrypt", True),
        ("KMS:dECRYPT", "kms:Decrypt", True),
        ("kms:Decrypt", "kms:decrypt", True),
        ("kms:Generate*", "kms:GenerateDataKey", True),
        ("kms:*Key", "kms:GenerateDataKey", True),
        ("kms:?ecrypt", "kms:Decrypt", True),
        ("kms:?Decrypt", "kms:Decrypt", False),
        ("*", "kms:Decrypt", True),
        ("*:Decrypt", "kms:Decrypt", True),
        ("s3:*", "kms:Decrypt", False),
        ("kms:Decrypt", "kms:DecryptAll", False),
        ("kms:ReEncrypt*", "kms:ReEncryptFrom", True),
    ],
)
def test_actions(action: str, asked: str, matches: bool):
    request = ask(action=asked)
    assert bool(identity(statement(Action=action)).allows(request)) is matches
    negated = {"Effect": "Allow", "NotAction": ["s3:Nothing", action], "Resource": "*"}
    assert bool(identity(negated).allows(request)) is not matches


@pytest.mark.parametrize(
    ("resource", "matches"),
    [
        (KEY, True),
        (OTHER_KEY, False),
        ("*", True),
        ("arn:aws:kms:*:111122223333:key/*", True),
        ("arn:aws:kms:us-east-?:111122223333:key/*", True),
        ("arn:aws:kms:us-west-2:111122223333:key/*", False),
        ("arn:aws:kms:us-east-1:111122223333:alias/*", False),
        ("arn:aws:kms:*", True),
        (KEY.upper().replace("ARN:AWS:KMS", "arn:aws:kms"), False),
        ("arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/*", True),
        ("arn:aws:kms:us-east-1:${aws:PrincipalTag/none, '111122223333'}:key/*", True),
    ],
)
def test_resources(resource: str, matches: bool):
    assert bool(identity(statement(Resource=resource)).allows(ask())) is matches
    negated = {"Effect": "Allow", "Action": "*", "NotResource": [resource]}
    assert bool(identity(negated).allows(ask())) is not matches


def test_a_variable_without_value_makes_the_statement_void():
    unknown = "arn:aws:kms:*:*:key/${aws:username}"
    negated = {"Effect": "Allow", "Action": "*", "NotResource": unknown}
    for each in (statement(Resource=unknown), negated):
        policy = identity(each)
        assert not policy.allows(ask(app))
        (line,) = policy.explain(ask(app), "identity policy")
        assert not line.matched
        assert "no value for the variable ${aws:username}" in line.why
    assert identity(statement(Resource=[unknown, KEY])).allows(ask(app))


def reference(pattern: str, text: str) -> bool:
    """Whether a pattern matches, by the table of all prefixes: slow, and plainly right."""
    row = [True] + [False] * len(text)
    for sign in pattern:
        new = [row[0] and sign == "*"]
        for i, character in enumerate(text):
            if sign == "*":
                new.append(new[i] or row[i + 1])
            else:
                new.append(row[i] and sign in ("?", character))
        row = new
    return row[-1]


@settings(max_examples=600, derandomize=True, database=None, deadline=None)
@given(st.text("ab*?\n", max_size=9), st.text("ab*?\n", max_size=9))
def test_wildcards_match_as_the_reference_does(pattern: str, text: str):
    glob = Glob(Text(pattern, variables=False).tokens({}))
    assert glob.matches(text) is reference(pattern, text)


@pytest.mark.parametrize("pattern", ["*a" * 30 + "b", "*a?" * 30 + "b", "?" + "*" * 60 + "b"])
def test_no_pattern_takes_for_ever(pattern: str):
    glob = Glob(Text(pattern, variables=False).tokens({}))

    def seconds(length: int) -> float:
        text = "a" * length
        times = []
        for _ in range(5):
            start = time.perf_counter()
            assert not glob.matches(text)
            times.append(time.perf_counter() - start)
        return min(times)

    # Ten times the text may take some tens of times as long, never a power of the stars.
    assert seconds(20_000) < 200 * max(seconds(2_000), 1e-6)


def test_texts_come_apart_as_written():
    text = Text("a*${aws:username}?${*}", variables=True)
    assert text.is_dynamic
    tokens = text.tokens({"aws:username": ("x*",)})
    assert re.sub(r"Wildcard\.", "", str([getattr(t, "name", t) for t in tokens])) == (
        "['a', 'ANY', 'x*', 'ONE', '*']"
    )
