"""What the room is made of, and its tables against AWS's own model of KMS."""

import ast
import re
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest

import helpers.lab.policy
from helpers.lab.policy import ALIAS_ACTIONS, GRANT_OPERATIONS, IDENTITY_ONLY_ACTIONS

MODULES = sorted(Path(helpers.lab.policy.__file__).parent.glob("*.py"))


@pytest.fixture(scope="module")
def model() -> Any:
    return botocore.session.Session().get_service_model("kms")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_it_imports_the_standard_library_only(module: Path):
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1
            names = [node.module or ""] if node.level == 0 else []
        else:
            continue
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_grant_operations_are_those_of_the_api(model: Any):
    assert set(model.shape_for("GrantOperation").enum) == GRANT_OPERATIONS


def test_which_operations_iam_decides_alone_is_what_the_api_reference_says(model: Any):
    by_iam, on_aliases = set(), set()
    for operation in model.operation_names:
        text = re.sub("<[^>]+>", "", model.operation_model(operation).documentation)
        if f"kms:{operation} on the alias (IAM policy)" in text:
            on_aliases.add(f"kms:{operation}")
        elif f"kms:{operation} (IAM policy)" in text:
            by_iam.add(f"kms:{operation}")
    assert by_iam == IDENTITY_ONLY_ACTIONS
    assert on_aliases == ALIAS_ACTIONS
