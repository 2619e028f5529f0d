"""One decision, drawn: what each source says together, and ARNs that fit into a line."""

from typing import Any

import pytest

from helpers import figures
from helpers.figures.access import says, short

ACCOUNT = {"effect": "Allow", "matched": True, "reach": "account"}
BY_NAME = {"effect": "Allow", "matched": True, "reach": "role"}
DENY = {"effect": "Deny", "matched": True, "reach": "caller"}
OTHER_DENY = {"effect": "Deny", "matched": False, "reach": ""}


@pytest.mark.parametrize(
    ("source", "lines", "words"),
    [
        ("key policy", [], "none there"),
        ("key policy", [OTHER_DENY], "says nothing"),
        ("key policy", [OTHER_DENY, ACCOUNT], "leaves it to IAM"),
        ("key policy", [ACCOUNT, BY_NAME], "allows"),
        ("key policy", [BY_NAME, DENY], "denies"),
        ("grant", [ACCOUNT], "allows"),
        ("identity policy", [ACCOUNT | {"reach": ""}], "allows"),
    ],
)
def test_what_a_source_says(source: str, lines: list[dict[str, Any]], words: str) -> None:
    assert says(source, lines) == words


@pytest.mark.parametrize(
    ("long", "expected"),
    [
        ("arn:aws:iam::123456789012:root", "account 123456789012"),
        ("arn:aws:iam::123456789012:role/team/app", "role/team in 123456789012"),
        ("arn:aws:sts::123456789012:assumed-role/app/app", "role/app in 123456789012"),
        ("arn:aws-cn:iam::123456789012:user/ada", "user/ada in 123456789012"),
        ("arn:aws:kms:eu-west-1:123456789012:key/f4fb23c6-4f19-4094", "key/f4fb23c6…"),
        ("Action kms:A or kms:B does not", "Action kms:A or kms:B does not"),
        ("Action kms:A or kms:B or kms:C or kms:D* does", "Action kms:A and 3 more does"),
    ],
)
def test_long_names_are_cut(long: str, expected: str) -> None:
    assert short(long) == expected


def test_other_sources_come_after_the_three() -> None:
    line = {"source": "permissions boundary", "policy": "", "sid": "", "index": 0, "why": "matches",
            "effect": "Allow", "matched": True, "reach": "", "decided": False}  # fmt: skip
    decision = {"action": "kms:Encrypt", "allowed": True, "words": "so", "statements": [line]}
    alt = figures.access("ada", decision).alt
    assert "grant: none there; boundary: allows (Allow: statement 1, matched: matches)" in alt
    assert alt.endswith("Allowed: so.")


def test_where_no_policy_was_asked() -> None:
    decision = {"action": "kms:DisableKey", "allowed": False, "words": "so", "statements": None}
    alt = figures.access("ada", decision).alt
    assert "key policy: not asked; IAM policy: not asked; grant: not asked. Denied: so." in alt
