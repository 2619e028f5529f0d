"""Lesson 07's live lab: what it draws is what the engine decided, in every position tried."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from helpers import lab
from tests.notebooks import shape

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "07_who_may_use_a_key.ipynb"
CELLS = [cell.source for _, cell in shape.read(LESSON).code]


@pytest.fixture(scope="module")
def lesson() -> Iterator[dict[str, Any]]:
    """The names of the lesson after its live lab."""
    names: dict[str, Any] = {}
    lab.close()
    last = next(at for at, cell in enumerate(CELLS) if cell.startswith("def decide("))
    for number, cell in enumerate(CELLS[: last + 1]):
        exec(compile(cell, f"cell-{number}", "exec"), names)
    yield names
    lab.close()


# key policy, IAM, grant, caller, request -> what decides, in the words of the picture
EXPECTED = (
    {
        ("account statement", "none", "none", "analyst", "Decrypt, tenant=a"): (
            "Denied: no IAM policy of the caller allows it."
        ),
        ("account statement", "allows kms:*", "none", "analyst", "DisableKey"): (
            "Allowed: IAM allows it, and the key policy leaves it to IAM."
        ),
        ("administrators and users", "none", "none", "analyst", "Decrypt, tenant=b"): (
            "Allowed: the key policy allows it, for this caller."
        ),
        ("administrators and users", "allows kms:*", "none", "keeper", "Decrypt, tenant=a"): (
            "Denied: neither the key policy nor a grant allows it."
        ),
        ("administrators and users", "none", "none", "keeper", "DisableKey"): (
            "Allowed: the key policy allows it, for this caller."
        ),
        ("administrators and users", "none", "Decrypt, tenant=a", "keeper", "Decrypt, tenant=a"): (
            "Allowed: a grant allows it."
        ),
        ("administrators and users", "none", "Decrypt, tenant=a", "keeper", "Decrypt, tenant=b"): (
            "Denied: neither the key policy nor a grant allows it."
        ),
        ("both, and a deny", "allows kms:*", "Decrypt", "analyst", "Decrypt, tenant=a"): (
            "Denied: a Deny in the key policy: nothing outweighs it."
        ),
        ("both", "denies kms:Decrypt", "Decrypt", "analyst", "Decrypt, tenant=a"): (
            "Denied: a Deny in an IAM policy: nothing outweighs it."
        ),
        ("users through S3 only", "none", "none", "analyst", "GetObject, through S3"): (
            "Allowed: the key policy allows it, for this caller."
        ),
        ("users through S3 only", "allows kms:*", "none", "analyst", "Decrypt, tenant=a"): (
            "Denied: neither the key policy nor a grant allows it."
        ),
        ("the partner's account", "none", "none", "partner", "Decrypt, tenant=a"): (
            "Denied: no IAM policy of the caller allows it."
        ),
        (
            "the partner's account",
            "allows kms:Decrypt",
            "none",
            "partner",
            "GetObject, through S3",
        ): ("Allowed: both accounts allow it: key policy and IAM."),
        ("both", "allows kms:*", "none", "partner", "Decrypt, tenant=a"): (
            "Denied: neither the key policy nor a grant allows it."
        ),
        ("the partner's account", "allows kms:*", "none", "partner", "DisableKey"): (
            "Denied: no other account manages a key; no policy is asked."
        ),
        # What the lesson says one should see.
        ("administrators and users", "none", "Decrypt, tenant=a", "analyst", "Decrypt, tenant=a"): (
            "Allowed: the key policy allows it, for this caller."
        ),
        ("account statement", "allows kms:*", "none", "partner", "Decrypt, tenant=a"): (
            "Denied: neither the key policy nor a grant allows it."
        ),
        ("account statement", "none", "Decrypt, tenant=a", "keeper", "Decrypt, tenant=a"): (
            "Allowed: a grant allows it."
        ),
    }
    | {
        ("account statement", "none", "Decrypt, tenant=a", "keeper", request): (
            "Denied: no IAM policy of the caller allows it."
        )
        for request in ("Decrypt, tenant=b", "GetObject, through S3", "DisableKey")
    }
    | {
        ("users through S3 only", "none", "none", "analyst", request): (
            "Denied: neither the key policy nor a grant allows it."
        )
        for request in ("Decrypt, tenant=a", "Decrypt, tenant=b", "DisableKey")
    }
)


@pytest.mark.parametrize("position", EXPECTED, ids=" / ".join)
def test_what_decides(position: tuple[str, ...], lesson: dict[str, Any]) -> None:
    alt = lesson["decide"](*position).alt
    assert alt.endswith(EXPECTED[position]), alt
    request = "kms:DisableKey" if position[-1] == "DisableKey" else "kms:Decrypt"
    assert f"asks for {request}" in alt


@pytest.mark.parametrize("request_", ["Decrypt, tenant=b", "GetObject, through S3", "DisableKey"])
def test_a_key_policy_that_kms_refuses_is_told(
    request_: str, lesson: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = [lesson["allow"]("kms:Decrypt", Principal=lesson["role"]("nobody-here"))]
    monkeypatch.setitem(lesson["SHOWCASE"], "yours", nobody)
    alt = lesson["decide"]("yours", "none", "Decrypt", "analyst", request_).alt
    assert "key policy: not asked" in alt
    assert "Denied: key policy refused. Policy contains a statement with one or more inv" in alt


def test_every_choice_draws(lesson: dict[str, Any]) -> None:
    """Each key policy with each request, and callers, IAM policies and grants in turn."""
    rest = list(product(lesson["CALLERS"], lesson["IAM"], lesson["GRANTS"]))
    for at, (key_policy, request) in enumerate(product(lesson["SHOWCASE"], lesson["REQUESTS"])):
        caller, iam, grant = rest[at * 7 % len(rest)]
        lesson["decide"](key_policy, iam, grant, caller, request)
