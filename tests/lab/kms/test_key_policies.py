"""PutKeyPolicy, and the key policies that CreateKey and ReplicateKey take: what KMS refuses."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from helpers import lab

Members = dict[str, Any]

ACCOUNT, OTHER = "123456789012", "222222222222"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/admin"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LOCKS_OUT = "The new key policy will not allow you to update the key policy in the future."
INVALID = "Policy contains a statement with one or more invalid principals."
MALFORMED = "MalformedPolicyDocumentException"


def statement(principal: Any, *actions: str, **more: Any) -> Members:
    named = {"AWS": principal} if isinstance(principal, str) and principal != "*" else principal
    return {
        "Effect": "Allow",
        "Principal": named,
        "Action": list(actions) or "kms:*",
        "Resource": "*",
    } | more


def document(*statements: Members) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def new_key(kms: BaseClient, **members: Any) -> str:
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


def refusal(operation: Callable[..., Any], **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**members)
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Code"], error["Message"]


def test_a_policy_is_kept_as_it_was_given(kms: BaseClient) -> None:
    key = new_key(kms)
    policy = document(statement(ROOT), statement(ADMIN, "kms:Decrypt", Sid="x"))
    assert set(kms.put_key_policy(KeyId=key, Policy=policy)) == {"ResponseMetadata"}
    reply = kms.get_key_policy(KeyId=key, PolicyName="default")
    assert (reply["Policy"], reply["PolicyName"]) == (policy, "default")
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]


def test_the_default_policy_is_printed_as_in_aws_example(kms: BaseClient) -> None:
    examples = Loader().load_service_model("kms", "examples-1")["examples"]
    example = examples["GetKeyPolicy"][0]["output"]["Policy"]
    expected = example.replace("111122223333", ACCOUNT)
    assert kms.get_key_policy(KeyId=new_key(kms))["Policy"] == expected


def test_a_policy_takes_effect_at_once(kms: BaseClient) -> None:
    key = new_key(kms)
    app = lab.as_role("app").client("kms")
    request = {"KeyId": key, "Plaintext": b"p"}
    assert refusal(app.encrypt, **request)[0] == "AccessDeniedException"
    app_arn = f"arn:aws:iam::{ACCOUNT}:role/app"
    kms.put_key_policy(
        KeyId=key, Policy=document(statement(ROOT), statement(app_arn, "kms:Encrypt"))
    )
    app.encrypt(**request)
    kms.put_key_policy(KeyId=key, Policy=document(statement(ROOT)))
    assert refusal(app.encrypt, **request)[0] == "AccessDeniedException"


def test_only_the_default_policy_can_be_put(kms: BaseClient) -> None:
    key = new_key(kms)
    request = {"KeyId": key, "Policy": document(statement(ROOT))}
    kms.put_key_policy(**request, PolicyName="default")
    assert refusal(kms.put_key_policy, **request, PolicyName="AWS_RAM") == (
        "ValidationException",
        "The AWS_RAM policy can only be managed by the RAM service.",
    )
    assert refusal(kms.put_key_policy, **request, PolicyName="x")[0] == "NotFoundException"
    assert refusal(kms.get_key_policy, KeyId=key, PolicyName="x")[0] == "NotFoundException"


BAD: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "Syntax errors in policy."),
    "nothing": ("{}", "Syntax errors in policy."),
    "no principal": (
        document({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}),
        "Policy contains a statement with no principal.",
    ),
    "a group": (document(statement(ROOT), statement(f"arn:aws:iam::{ACCOUNT}:group/g")), INVALID),
    "nobody": (document(statement(ROOT), statement(f"arn:aws:iam::{ACCOUNT}:user/x")), INVALID),
    "no role": (document(statement(ROOT), statement(f"arn:aws:iam::{OTHER}:role/x")), INVALID),
    "no session": (
        document(statement(ROOT), statement(f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y")),
        INVALID,
    ),
    "another partition": (
        document(statement(ROOT), statement(f"arn:aws-cn:iam::{ACCOUNT}:root")),
        INVALID,
    ),
    "deny nobody": (
        document(statement(ROOT), statement(f"arn:aws:iam::{ACCOUNT}:user/x", Effect="Deny")),
        INVALID,
    ),
    "locks out": (document(statement(OTHER)), LOCKS_OUT),
    "everything but": (document(statement(ROOT, "kms:Encrypt", "kms:Get*")), LOCKS_OUT),
    "no effect": (document({"Effect": "Allow", "Principal": "*", "Resource": "*"}), LOCKS_OUT),
    "denied": (
        document(statement(ROOT), statement("*", "kms:PutKeyPolicy", Effect="Deny")),
        LOCKS_OUT,
    ),
    "conditional": (
        document(statement(ROOT, Condition={"StringEquals": {"aws:RequestedRegion": "mars-1"}})),
        LOCKS_OUT,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_key_policy(kms: BaseClient, name: str) -> None:
    policy, message = BAD[name]
    key = new_key(kms, MultiRegion=True)
    before = kms.get_key_policy(KeyId=key)["Policy"]
    there = boto3.client("kms", region_name="eu-west-1")
    assert refusal(kms.put_key_policy, KeyId=key, Policy=policy) == (MALFORMED, message)
    assert refusal(kms.create_key, Policy=policy) == (MALFORMED, message)
    replica = {"KeyId": key, "ReplicaRegion": "eu-west-1", "Policy": policy}
    assert refusal(kms.replicate_key, **replica) == (MALFORMED, message)
    assert kms.get_key_policy(KeyId=key)["Policy"] == before
    assert len(kms.list_keys()["Keys"]) == 1
    assert there.list_keys()["Keys"] == []
    assert (
        kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]["ReplicaKeys"] == []
    )


def test_the_lock_out_check_can_be_bypassed(kms: BaseClient) -> None:
    locked = document(statement(ADMIN, "kms:Encrypt"))
    bypass: Members = {"Policy": locked, "BypassPolicyLockoutSafetyCheck": True}
    multi = new_key(kms, MultiRegion=True)
    kms.replicate_key(KeyId=multi, ReplicaRegion="eu-west-1", **bypass)
    put = new_key(kms)
    kms.put_key_policy(KeyId=put, **bypass)
    for key in (put, new_key(kms, **bypass)):
        kms.encrypt(KeyId=key, Plaintext=b"p")
        for operation, request in (
            (kms.put_key_policy, {"Policy": document(statement(ROOT))}),
            (kms.get_key_policy, {}),
            (kms.schedule_key_deletion, {}),
            (kms.describe_key, {}),
        ):
            assert refusal(operation, KeyId=key, **request)[0] == "AccessDeniedException"
    # A policy that is none stays none.
    request = bypass | {"Policy": "{}"}
    assert refusal(kms.put_key_policy, KeyId=multi, **request)[0] == MALFORMED


def test_the_check_asks_for_the_one_who_calls(kms: BaseClient) -> None:
    """The KMS Developer Guide: from the key policy, or from IAM if the key policy lets it."""
    iam = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"}}
    iam["Statement"]["Action"] = "kms:CreateKey"  # type: ignore[index]
    maker = lab.as_role("maker", iam).client("kms")
    maker_arn = f"arn:aws:iam::{ACCOUNT}:role/maker"
    maker.create_key()  # no policy in the request, none to be checked
    by_account = document(statement(ROOT))
    assert refusal(maker.create_key, Policy=by_account) == (MALFORMED, LOCKS_OUT)
    maker.create_key(Policy=by_account, BypassPolicyLockoutSafetyCheck=True)
    maker.create_key(Policy=document(statement(ROOT), statement(maker_arn, "kms:PutKeyPolicy")))
    iam["Statement"]["Action"] = ["kms:CreateKey", "kms:PutKeyPolicy"]  # type: ignore[index]
    lab.as_role("maker", iam)
    maker.create_key(Policy=by_account)
    key = new_key(kms)
    assert refusal(maker.put_key_policy, KeyId=key, Policy=document(statement(ADMIN)))[1] == (
        LOCKS_OUT
    )


def test_principals_that_exist(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    user = iam.create_user(UserName="ada", Path="/team/")["User"]["Arn"]
    lab.as_role("there", account=OTHER)
    lab.as_role("here")
    names = [
        ROOT,
        ACCOUNT,
        OTHER,
        f"arn:aws:iam::{OTHER}:root",
        "333333333333",
        ADMIN,
        user,
        f"arn:aws:iam::{ACCOUNT}:role/here",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/here/any-session",
        f"arn:aws:iam::{OTHER}:role/there",
        "*",
    ]
    for name in names:
        kms.create_key(Policy=document(statement(ROOT), statement(name, "kms:Encrypt")))
    kms.create_key(Policy=document(statement(ROOT), statement({"Service": "logs.amazonaws.com"})))
    assert refusal(
        kms.create_key, Policy=document(statement(ROOT), statement(user.replace("/team", "")))
    ) == (MALFORMED, INVALID)


def test_the_form_of_a_policy(kms: BaseClient) -> None:
    key = new_key(kms)
    for policy in (
        "\x01",
        "x" * 131073,
        document(statement(ROOT, Sid="ж")).encode().decode("unicode_escape"),
    ):
        assert refusal(kms.put_key_policy, KeyId=key, Policy=policy)[0] == "ValidationException"


def test_a_policy_may_have_32_kilobytes(kms: BaseClient) -> None:
    key = new_key(kms)
    room = 32 * 1024 - len(document(statement(ROOT, Sid="")))
    kms.put_key_policy(KeyId=key, Policy=document(statement(ROOT, Sid="x" * room)))
    longer = document(statement(ROOT, Sid="x" * (room + 1)))
    for operation, request in ((kms.put_key_policy, {"KeyId": key}), (kms.create_key, {})):
        assert refusal(operation, **request, Policy=longer)[0] == "LimitExceededException"
