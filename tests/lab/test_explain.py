"""lab.explain: every statement that was looked at, as text and as data."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from IPython.core.formatters import DisplayFormatter

from helpers import lab

ACCOUNT = "123456789012"


@pytest.fixture
def kms() -> Iterator[BaseClient]:
    lab.open(seed=1)
    yield boto3.client("kms")
    lab.close()


def allow(*actions: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"} | more


def policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_before_the_first_request(kms: BaseClient) -> None:
    with pytest.raises(lab.LabError, match="nothing to explain yet"):
        lab.explain()
    kms.list_keys()
    lab.explain()
    lab.reset()
    with pytest.raises(lab.LabError):
        lab.explain()


def test_what_decided_is_marked(kms: BaseClient, capsys: pytest.CaptureFixture[str]) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    statements = (allow("kms:Encrypt", Sid="Writing"), allow("kms:Decrypt", Sid="Reading"))
    app = lab.as_role("app", policy(*statements)).client("kms")
    blob = app.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    app.decrypt(CiphertextBlob=blob)
    capsys.readouterr()
    found = lab.explain()
    assert capsys.readouterr().out == (
        f"Decrypt by arn:aws:sts::{ACCOUNT}:assumed-role/app/app\n"
        f"ALLOWED  kms:Decrypt on {key}\n"
        "         IAM allows it, and the key policy leaves it to IAM\n"
        "  => key policy key-default-1, Enable IAM User Permissions: Allow\n"
        "     matches; it names the whole account, so IAM policies decide\n"
        "  -  identity policy permissions, Writing: Allow\n"
        "     Action kms:Encrypt does not cover kms:Decrypt\n"
        "  => identity policy permissions, Reading: Allow\n"
        "     matches\n"
    )
    assert found.allowed and found.operation == "Decrypt" and not found.error
    [decision] = found.decisions
    assert decision["reason"] == "allow:iam-through-account-statement"
    assert decision["resource"] == key
    shown = [(each["sid"], each["matched"], each["decided"]) for each in found.statements]
    assert shown == [
        ("Enable IAM User Permissions", True, True),
        ("Writing", False, False),
        ("Reading", True, True),
    ]
    assert all(each["why"] for each in found.statements)
    json.dumps(found.decisions)  # plain data


def test_a_denial(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    app = lab.as_role("app", policy(allow("kms:Encrypt"))).client("kms")
    with pytest.raises(ClientError):
        app.describe_key(KeyId=key)
    found = lab.explain()
    assert not found.allowed
    assert found.error == "AccessDeniedException"
    assert found.decisions[-1]["reason"] == "no-allow:identity-policy"
    assert "DENIED  kms:DescribeKey" in repr(found)
    assert not any(each["decided"] for each in found.statements)


def test_conditions_and_grants_say_why(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    only = {"StringEquals": {"kms:EncryptionContext:team": "blue"}}
    app = lab.as_role("app", policy(allow("kms:Encrypt", Condition=only))).client("kms")
    kms.create_grant(
        KeyId=key, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/app", Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"team": "green"}},
    )  # fmt: skip
    with pytest.raises(ClientError):
        app.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext={"team": "red"})
    text = repr(lab.explain())
    assert "kms:EncryptionContext:team" in text and "'red'" in text and "'green'" in text
    app.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext={"team": "green"})
    grant = lab.explain().statements[-1]
    assert (grant["source"], grant["decided"]) == ("grant", True)


def test_several_decisions(kms: BaseClient) -> None:
    one, two = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    blob = kms.encrypt(KeyId=one, Plaintext=b"p")["CiphertextBlob"]
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=two)
    actions = [each["action"] for each in lab.explain().decisions]
    assert actions == ["kms:ReEncryptFrom", "kms:ReEncryptTo"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=one)
    kms.update_alias(AliasName="alias/a", TargetKeyId=two)
    resources = [each["resource"] for each in lab.explain().decisions]
    assert resources == [f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/a", one, two]


def test_requests_that_end_before_or_after(kms: BaseClient) -> None:
    with pytest.raises(ClientError):
        kms.describe_key(KeyId="alias/none")
    found = lab.explain()
    assert not found.allowed and found.decisions == []
    assert "No policy was asked. The request ended with NotFoundException: Alias" in repr(found)
    with pytest.raises(ClientError):
        kms.encrypt(KeyId="alias/none", Plaintext=bytes(5000))
    found = lab.explain()  # not the request before
    assert (found.operation, found.error) == ("Encrypt", "ValidationException")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError):
        kms.encrypt(KeyId=key, Plaintext=b"p")
    found = lab.explain()
    assert found.allowed and found.error == "DisabledException"
    assert "Allowed, but it failed for another reason:\n     DisabledException: " in repr(found)
    assert found.message.endswith(" is disabled.")


def test_a_notebook_shows_it_once(kms: BaseClient, capsys: pytest.CaptureFixture[str]) -> None:
    kms.list_keys()
    capsys.readouterr()
    shown, _ = DisplayFormatter().format(lab.explain())  # as for the last line of a cell
    assert shown == {}
    assert capsys.readouterr().out.count("ListKeys by") == 1


def test_a_picture_can_be_drawn_from_it(
    kms: BaseClient, capsys: pytest.CaptureFixture[str]
) -> None:
    kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"p")
    capsys.readouterr()
    [decision] = lab.explain(show=False).decisions
    assert capsys.readouterr().out == ""
    assert decision["words"] == "IAM allows it, and the key policy leaves it to IAM"
    assert [line["reach"] for line in decision["statements"]] == ["account", ""]
    lab.explain()
    assert decision["words"] in capsys.readouterr().out


def test_retiring_and_passing_on(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    worker = lab.as_role("worker").client("kms")
    arn = f"arn:aws:iam::{ACCOUNT}:role/worker"
    subset = {"EncryptionContextSubset": {"job": "1"}}
    made = kms.create_grant(
        KeyId=key,
        GranteePrincipal=arn,
        RetiringPrincipal=arn,
        Operations=["Decrypt", "CreateGrant"],
        Constraints=subset,
    )
    with pytest.raises(ClientError):
        worker.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Decrypt"])
    text = repr(lab.explain())
    assert "constraints that are as strict" in text
    worker.retire_grant(GrantToken=made["GrantToken"])
    found = lab.explain()
    assert found.allowed and found.decisions[0]["reason"] == "allow:grant"
    assert [each["decided"] for each in found.statements] == [True]


def test_many_grants_are_not_all_shown(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    app = lab.as_role("app").client("kms")
    for _ in range(30):
        kms.create_grant(
            KeyId=key, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:root", Operations=["Encrypt"]
        )
    with pytest.raises(ClientError):
        app.describe_key(KeyId=key)
    found = lab.explain()
    assert "and 27 more grants that do not match" in repr(found)
    assert len(repr(found).splitlines()) < 20
    assert len(found.statements) == 31
