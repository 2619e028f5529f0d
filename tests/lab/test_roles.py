"""lab.as_role, and what the lab adds to moto's IAM and STS."""

import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from moto.iam.responses import IamResponse
from moto.sts.models import AssumedRole

from helpers import lab

ACCOUNT, OTHER = "123456789012", "222222222222"
ENCRYPT = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"},
}


CIRCULAR: dict[str, Any] = {"Version": "2012-10-17"}
CIRCULAR["Statement"] = CIRCULAR


@pytest.fixture
def opened() -> Iterator[None]:
    lab.open(seed=1)
    yield
    lab.close()


def new_key() -> str:
    return boto3.client("kms").create_key()["KeyMetadata"]["Arn"]


def identity(session: Any) -> str:
    return session.client("sts").get_caller_identity()["Arn"]


def test_a_role_is_made_and_assumed(opened: None) -> None:
    analyst = lab.as_role("analyst", ENCRYPT)
    assert isinstance(analyst, boto3.Session)
    assert analyst.region_name == "us-east-1"
    assert identity(analyst) == f"arn:aws:sts::{ACCOUNT}:assumed-role/analyst/analyst"
    iam = boto3.client("iam")
    policy = iam.get_role_policy(RoleName="analyst", PolicyName="permissions")["PolicyDocument"]
    assert policy == ENCRYPT
    analyst.client("kms").encrypt(KeyId=new_key(), Plaintext=b"p")
    assert identity(boto3) == f"arn:aws:iam::{ACCOUNT}:user/admin"  # still oneself


def test_another_account(opened: None) -> None:
    partner = lab.as_role("partner", ENCRYPT, account=OTHER)
    assert identity(partner) == f"arn:aws:sts::{OTHER}:assumed-role/partner/partner"
    with pytest.raises(ClientError):
        boto3.client("iam").get_role(RoleName="partner")  # it isn't in this account
    kms = lab.as_role("boss", json.dumps(ENCRYPT).replace("Encrypt", "*"), account=OTHER).client(
        "kms"
    )
    assert f":{OTHER}:" in kms.create_key()["KeyMetadata"]["Arn"]


def test_asked_for_again_it_has_the_new_policy(opened: None) -> None:
    key = new_key()
    first = lab.as_role("analyst", ENCRYPT).client("kms")
    lab.as_role("analyst")
    with pytest.raises(ClientError, match="no identity-based policy"):
        first.encrypt(KeyId=key, Plaintext=b"p")
    lab.as_role("analyst")
    lab.as_role("analyst", json.dumps(ENCRYPT))
    first.encrypt(KeyId=key, Plaintext=b"p")


def test_a_short_name_is_a_name(opened: None) -> None:
    assert identity(lab.as_role("a")).endswith(":assumed-role/a/a-session")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("a b",), "'a b' can't be a role"),
        (("",), "can't be a role"),
        (("x" * 65,), "can't be a role"),
        ((5,), "can't be a role"),
        (("r", "{"), "no IAM policy: this is not valid JSON"),
        (("r", {"Statement": []}), "no IAM policy: Statement is empty"),
        (("r", []), "no IAM policy"),
        (("r", 7), "no IAM policy"),
        (("r", {"Statement": {1, 2}}), "no IAM policy"),
        (("r", ENCRYPT | {"Statement": {"Effect": "allow"}}), "'allow', not 'Allow' or 'Deny'"),
        (("r", ENCRYPT, "12345"), "'12345' is no account"),
        (("r", ENCRYPT, 222222222222.0), "is no account"),
        (("r", ENCRYPT, "١٢٣٤٥٦٧٨٩٠١٢"), "is no account"),
        (("ä",), "can't be a role"),
        (("a/b",), "can't be a role"),
        ((None,), "can't be a role"),
        (("r", CIRCULAR), "no IAM policy"),
    ],
)
def test_a_typo_is_told_in_one_line(opened: None, arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(lab.LabError, match=said) as caught:
        lab.as_role(*arguments)
    assert caught.value.__cause__ is None
    assert boto3.client("iam").list_roles()["Roles"] == []


def test_an_account_s_number_may_be_a_number(opened: None) -> None:
    assert OTHER in identity(lab.as_role("r", account=int(OTHER)))  # type: ignore[arg-type]


def test_a_closed_lab_has_no_roles() -> None:
    before = dict(os.environ)
    with pytest.raises(lab.LabError, match=r"lab\.open"):
        lab.as_role("analyst")
    assert dict(os.environ) == before


def test_roles_leave_with_the_account(opened: None) -> None:
    analyst = lab.as_role("analyst", ENCRYPT)
    lab.reset()
    assert boto3.client("iam").list_roles()["Roles"] == []
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        analyst.client("kms").encrypt(KeyId=new_key(), Plaintext=b"p")


def test_another_partition() -> None:
    lab.open(seed=1, region="cn-north-1")
    try:
        kms = boto3.client("kms")
        everything = json.loads(json.dumps(ENCRYPT).replace("kms:Encrypt", "kms:*"))
        for account in (ACCOUNT, OTHER):
            role = lab.as_role("app", everything, account=account).client("kms")
            key = role.create_key()["KeyMetadata"]["Arn"]
            assert key.startswith(f"arn:aws-cn:kms:cn-north-1:{account}:")
        statement = ENCRYPT["Statement"] | {"Action": "kms:*"}  # type: ignore[operator]
        for partition, taken in (("aws-cn", True), ("aws", False)):
            root = f"arn:{partition}:iam::{ACCOUNT}:root"
            document = ENCRYPT | {"Statement": statement | {"Principal": {"AWS": root}}}
            if taken:
                kms.create_key(Policy=json.dumps(document))
            else:
                with pytest.raises(ClientError, match="invalid principals"):
                    kms.create_key(Policy=json.dumps(document))
    finally:
        lab.close()


# What moto's IAM and STS lack


def test_moto_is_put_back_when_the_lab_closes(opened: None) -> None:
    assert hasattr(IamResponse, "put_user_permissions_boundary")
    assert hasattr(AssumedRole, "of_no_role")
    lab.close()
    assert not hasattr(IamResponse, "put_user_permissions_boundary")
    assert not hasattr(AssumedRole, "of_no_role")


def test_permissions_boundaries_of_users(opened: None) -> None:
    iam = boto3.client("iam")
    policy = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(ENCRYPT))
    arn = policy["Policy"]["Arn"]
    shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    made = iam.create_user(UserName="ada", PermissionsBoundary=arn)["User"]
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert iam.get_user(UserName="ada")["User"]["PermissionsBoundary"].keys() == shown.keys()
    iam.delete_user_permissions_boundary(UserName="ada")
    assert "PermissionsBoundary" not in iam.get_user(UserName="ada")["User"]
    iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=arn)
    assert "PermissionsBoundary" in iam.get_user(UserName="ada")["User"]
    assert "PermissionsBoundary" not in iam.create_user(UserName="bob")["User"]
    for call, request in (
        (iam.put_user_permissions_boundary, {"UserName": "ada", "PermissionsBoundary": f"{arn}2"}),
        (iam.put_user_permissions_boundary, {"UserName": "eve", "PermissionsBoundary": arn}),
        (iam.delete_user_permissions_boundary, {"UserName": "eve"}),
        (iam.create_user, {"UserName": "eve", "PermissionsBoundary": f"{arn}2"}),
    ):
        with pytest.raises(ClientError, match="NoSuchEntity"):
            call(**request)
    assert {user["UserName"] for user in iam.list_users()["Users"]} == {"ada", "bob"}


def test_every_session_token_is_another(opened: None) -> None:
    sts = boto3.client("sts")
    one, two = (sts.get_session_token()["Credentials"] for _ in range(2))
    assert one["AccessKeyId"] != two["AccessKeyId"]
    assert one["AccessKeyId"].startswith("ASIA")


def test_an_access_key_that_is_good_no_more(opened: None) -> None:
    iam = boto3.client("iam")
    everything = json.dumps(ENCRYPT).replace("kms:Encrypt", "*")

    def ada(keys: dict[str, str]) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"]
        )

    def is_refused(keys: dict[str, str]) -> bool:
        codes = []
        for service, operation in (("kms", "list_keys"), ("sts", "get_caller_identity")):
            client = ada(keys).client(service, region_name="us-east-1")
            try:
                getattr(client, operation)()
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        assert codes in ([], ["UnrecognizedClientException", "InvalidClientTokenId"])
        return bool(codes)

    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=everything)
    first, second = (iam.create_access_key(UserName="ada")["AccessKey"] for _ in range(2))
    assert not is_refused(first)
    named = {"UserName": "ada", "AccessKeyId": first["AccessKeyId"]}
    iam.update_access_key(**named, Status="Inactive")
    assert is_refused(first)
    iam.update_access_key(**named, Status="Active")
    assert not is_refused(first)
    iam.delete_access_key(**named)
    assert is_refused(first) and not is_refused(second)
    iam.delete_user_policy(UserName="ada", PolicyName="p")
    iam.delete_user(UserName="ada")
    assert is_refused(second)


NO_ROLES = [f"arn:aws:iam::{ACCOUNT}:{name}" for name in ("user/x", "role/", "root")]


@pytest.mark.parametrize("arn", ["foo-bar-foo-bar-foo-bar", *NO_ROLES])
def test_what_is_no_role_cannot_be_assumed(opened: None, arn: str) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")


def test_a_policy_that_iam_refuses(opened: None) -> None:
    with pytest.raises(lab.LabError, match="IAM refuses this policy"):
        lab.as_role("r", ENCRYPT | {"Version": "2008-10-17"})


def test_nothing_is_sent_after_closing(opened: None, monkeypatch: pytest.MonkeyPatch) -> None:
    session = lab.as_role("analyst", ENCRYPT)
    iam = boto3.client("iam")
    iam.create_user(UserName="ada")
    keys = iam.create_access_key(UserName="ada")["AccessKey"]
    own = {"aws_access_key_id": "X" * 20, "aws_secret_access_key": "s", "region_name": "us-east-1"}
    clients = [session.client("kms"), boto3.client("kms"), boto3.client("kms", **own)]
    lab.close()
    sent: list[Any] = []
    later = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
    }
    # Undone before the lab opens again: the lab would put the stand-in back when it closes.
    with monkeypatch.context() as patched:
        patched.setattr(URLLib3Session, "send", lambda _, request: sent.append(request))
        clients += [
            session.client("kms"),
            boto3.Session().client("kms", region_name="us-east-1", **later),
        ]
        for client in clients:
            with pytest.raises(lab.NothingSent, match="a lab that is closed"):
                client.encrypt(KeyId="alias/x", Plaintext=b"secret")
    assert sent == []
    lab.open(seed=1)  # and a client of the lab before works in the next one
    boto3.client("kms").list_keys()
