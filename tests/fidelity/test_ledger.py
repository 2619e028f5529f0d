"""The fidelity ledger: the lab answers as AWS does, and docs/fidelity.md says what was found."""

import ast
from functools import cache

import pytest

from .case import Case
from .cases import CASES, SECTIONS
from .ledger import PAGE, ROOT, Findings, find, render
from .limits import NOT_IN_THE_LAB


@pytest.fixture(scope="module")
def found() -> Findings:
    return find()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_lab_answers_as_aws_does(found: Findings, case: Case) -> None:
    assert found.lab[case.title] == case.expected


def test_the_page_is_what_was_found(found: Findings) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(found), (
        "docs/fidelity.md is out of date. Write it anew with: make fidelity"
    )


def test_titles_are_unique() -> None:
    for titles in ([case.title for case in CASES], [section.title for section in SECTIONS]):
        assert len(set(titles)) == len(titles)


@cache
def names_in(path: str) -> set[str]:
    """The tests of a file, as pytest names them behind the file's name."""
    names = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{n.name}" for n in node.body if isinstance(n, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
    return names


NAMED = {case.test for case in CASES} | {
    limit.test for limits in NOT_IN_THE_LAB.values() for limit in limits if limit.test
}


@pytest.mark.parametrize("test", sorted(NAMED))
def test_every_test_that_is_named_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert name.rpartition("::")[2].startswith("test_")
    assert name in names_in(path)


def test_what_plain_moto_is_known_to_get_wrong_is_covered(found: Findings) -> None:
    """The errors for which the course has a lab of its own. A newer moto may have mended some."""
    wrong = {case.title for case in CASES if found.stock[case.title] != case.expected}
    assert wrong >= {
        "Encrypt, Decrypt and GenerateDataKey under a disabled key",
        "Encrypt, Decrypt and GenerateDataKey under a key that is pending deletion",
        "Sign with a disabled key",
        "Waiting periods of 5 and 31 days",
        "Decrypt with the KeyId of another key",
        "KeyMaterialId in the reply of Decrypt",
        "GenerateDataKeyPair",
        "An Ed25519 signature",
        "An ML-DSA signature",
        "ML-KEM with a sender outside KMS",
        "A new key with Origin EXTERNAL",
        "Import into an HMAC key",
        "GetKeyLastUsage",
    }
