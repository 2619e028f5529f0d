"""Grants: made, used, passed on, listed, retired, revoked."""

import base64
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from helpers import lab
from helpers.lab import caller as callers
from helpers.lab.kms import grants
from helpers.lab.kms.exceptions import KmsError
from helpers.lab.kms.responses import call_for_service

Members = dict[str, Any]

ACCOUNT, OTHER = "123456789012", "222222222222"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/admin"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
GRANT_ID = "0123456789abcdef" * 4
SIGNING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
SOURCE = "arn:aws:s3:::bucket".replace(":::", f":us-east-1:{ACCOUNT}:")


def new_key(kms: BaseClient, **members: Any) -> str:
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


def refusal(operation: Callable[..., Any], **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**members)
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Code"], error["Message"]


def role_arn(name: str, of: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{of}:role/{name}"


def role(name: str, *actions: str, account: str = ACCOUNT) -> BaseClient:
    """KMS for a role whom IAM allows these actions, and without any nothing."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": statement} if actions else None
    return lab.as_role(name, policy, account=account).client("kms")


def granted(kms: BaseClient, key: str, to: str, *operations: str, **members: Any) -> str:
    made = kms.create_grant(KeyId=key, GranteePrincipal=to, Operations=list(operations), **members)
    return made["GrantId"]


def grant_ids(kms: BaseClient, key: str, **filters: Any) -> list[str]:
    return [grant["GrantId"] for grant in kms.list_grants(KeyId=key, **filters)["Grants"]]


# What a grant allows


def test_a_grant_lets_its_grantee_do_its_operations(kms: BaseClient) -> None:
    app = role("app")
    key, other = new_key(kms), new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    assert refusal(app.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"
    made = kms.create_grant(KeyId=key, GranteePrincipal=role_arn("app"), Operations=["Decrypt"])
    assert set(made) == {"GrantId", "GrantToken", "ResponseMetadata"}
    assert len(made["GrantId"]) == 64
    assert app.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
    assert refusal(app.encrypt, KeyId=key, Plaintext=b"p")[0] == "AccessDeniedException"
    theirs = kms.encrypt(KeyId=other, Plaintext=b"p")["CiphertextBlob"]
    assert refusal(app.decrypt, CiphertextBlob=theirs)[0] == "AccessDeniedException"
    stranger = role("stranger")
    assert refusal(stranger.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"


def test_a_deny_outweighs_a_grant(kms: BaseClient) -> None:
    role("app")
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    granted(kms, key, role_arn("app"), "Decrypt")
    deny = {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
    app = lab.as_role("app", {"Version": "2012-10-17", "Statement": deny}).client("kms")
    assert "explicit deny" in refusal(app.decrypt, CiphertextBlob=blob)[1]


def test_a_grant_to_an_account_leaves_it_to_iam_there(kms: BaseClient) -> None:
    key = new_key(kms)
    granted(kms, key, f"arn:aws:iam::{OTHER}:root", "Encrypt", "DescribeKey")
    request = {"KeyId": key, "Plaintext": b"p"}
    assert refusal(role("plain", account=OTHER).encrypt, **request)[0] == "AccessDeniedException"
    allowed = role("allowed", "kms:Encrypt", account=OTHER)
    assert allowed.encrypt(**request)["KeyId"] == key
    assert refusal(allowed.describe_key, KeyId=key)[0] == "AccessDeniedException"


def test_a_grant_reaches_a_principal_of_another_account(kms: BaseClient) -> None:
    partner = role("partner", account=OTHER)
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    grant_id = granted(kms, key, role_arn("partner", OTHER), "Decrypt")
    assert partner.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
    kms.revoke_grant(KeyId=key, GrantId=grant_id)
    assert refusal(partner.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"


@pytest.mark.parametrize("constraint", ["EncryptionContextEquals", "EncryptionContextSubset"])
def test_constraints_on_the_encryption_context(kms: BaseClient, constraint: str) -> None:
    app = role("app")
    key = new_key(kms)
    wanted = {"Team": "Blue"}
    operations = ("Encrypt", "DescribeKey")
    granted(kms, key, role_arn("app"), *operations, Constraints={constraint: wanted})
    request: Members = {"KeyId": key, "Plaintext": b"p"}
    app.encrypt(**request, EncryptionContext=wanted)
    app.encrypt(**request, EncryptionContext={"team": "Blue"})  # the case of names is no matter
    app.describe_key(KeyId=key)  # has no encryption context to look at
    for context in ({}, {"Team": "blue"}, {"Team": "Blue!"}, {"Crew": "Blue"}):
        found = refusal(app.encrypt, **request, EncryptionContext=context)
        assert found[0] == "AccessDeniedException", context
    more = {"Team": "Blue", "more": "x"}
    if constraint == "EncryptionContextSubset":
        app.encrypt(**request, EncryptionContext=more)
    else:
        assert refusal(app.encrypt, **request, EncryptionContext=more)[0].startswith("AccessDenied")


def test_a_token_is_taken_and_a_wrong_one_is_not(kms: BaseClient) -> None:
    app = role("app")
    key = new_key(kms)
    request = {"KeyId": key, "GranteePrincipal": role_arn("app"), "Operations": ["Encrypt"]}
    token = kms.create_grant(**request)["GrantToken"]
    app.encrypt(KeyId=key, Plaintext=b"p", GrantTokens=[token])
    raw = base64.urlsafe_b64decode(token)
    nowhere = [token[:-4], token + "AAAA", "AAAA", "ä", raw[:12].decode(), "x" * 8192]
    flipped = bytes([*raw[:-1], raw[-1] ^ 1])
    nowhere.append(base64.urlsafe_b64encode(flipped).decode())
    nowhere.append(base64.urlsafe_b64encode(b"999999999999" + raw[12:]).decode())
    for wrong in nowhere:
        for who in (app, kms):
            found = refusal(who.encrypt, KeyId=key, Plaintext=b"p", GrantTokens=[wrong])
            assert found[0] == "InvalidGrantTokenException", wrong
    elsewhere = boto3.client("kms", region_name="eu-west-1")
    there = new_key(elsewhere)
    found = refusal(elsewhere.encrypt, KeyId=there, Plaintext=b"p", GrantTokens=[token])
    assert found[0] == "InvalidGrantTokenException"


def test_a_key_that_is_not_enabled_takes_no_grant(kms: BaseClient) -> None:
    key = new_key(kms)
    app = role("app")
    grant = granted(kms, key, role_arn("app"), "Decrypt", "RetireGrant")
    kms.disable_key(KeyId=key)
    found = refusal(kms.create_grant, KeyId=key, GranteePrincipal=ADMIN, Operations=["Decrypt"])
    assert found == ("DisabledException", f"{key} is disabled.")
    assert len(grant_ids(kms, key)) == 1
    # But one that is there can be given back, as a service does when a volume is detached.
    app.retire_grant(KeyId=key, GrantId=grant)
    assert grant_ids(kms, key) == []


def test_grants_belong_to_one_region(kms: BaseClient) -> None:
    app = role("app")
    key = new_key(kms, MultiRegion=True)
    granted(kms, key, role_arn("app"), "Encrypt")
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    replica = key.replace("us-east-1", "eu-west-1")
    there = boto3.client("kms", region_name="eu-west-1")
    assert there.list_grants(KeyId=replica)["Grants"] == []
    assert len(grant_ids(kms, key)) == 1
    app.encrypt(KeyId=key, Plaintext=b"p")


# Passing on


def test_passing_on_gives_away_no_more_than_there_is(kms: BaseClient) -> None:
    worker, helper = role("worker"), role("helper")
    key = new_key(kms)
    subset = {"EncryptionContextSubset": {"job": "1"}}
    operations = ["Decrypt", "Encrypt", "CreateGrant", "RetireGrant"]
    granted(kms, key, role_arn("worker"), *operations, Constraints=subset)
    child: Members = {"KeyId": key, "GranteePrincipal": role_arn("helper")}
    for operations, constraints in (
        (["Decrypt"], {}),
        (["Decrypt"], {"EncryptionContextSubset": {"job": "2"}}),
        (["GenerateDataKey"], subset),
        (["Decrypt", "DescribeKey"], subset),
    ):
        found = refusal(
            worker.create_grant, **child, Operations=operations, Constraints=constraints
        )
        assert found[0] == "AccessDeniedException", (operations, constraints)
    stricter = {"EncryptionContextSubset": {"job": "1", "part": "2"}}
    worker.create_grant(**child, Operations=["Decrypt"], Constraints=stricter)
    context = {"job": "1", "part": "2"}
    blob = kms.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext=context)["CiphertextBlob"]
    assert helper.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"p"
    assert kms.list_grants(KeyId=key)["Grants"][1]["IssuingAccount"] == ROOT


# The same grant once more


def test_a_name_makes_a_repeated_request_harmless(kms: BaseClient) -> None:
    key = new_key(kms)
    request = {"KeyId": key, "GranteePrincipal": ADMIN, "Operations": ["Decrypt"], "Name": "once"}
    first, again = kms.create_grant(**request), kms.create_grant(**request)
    assert first["GrantId"] == again["GrantId"]
    assert first["GrantToken"] != again["GrantToken"]
    assert kms.create_grant(**request | {"Operations": ["Encrypt"]})["GrantId"] != first["GrantId"]
    both = request | {"Operations": ["Encrypt", "Decrypt"]}
    turned = request | {"Operations": ["Decrypt", "Encrypt"]}
    assert kms.create_grant(**both)["GrantId"] == kms.create_grant(**turned)["GrantId"]
    nameless = {k: v for k, v in request.items() if k != "Name"}
    assert kms.create_grant(**nameless)["GrantId"] != kms.create_grant(**nameless)["GrantId"]
    kms.retire_grant(GrantToken=again["GrantToken"])
    assert first["GrantId"] not in grant_ids(kms, key)
    assert refusal(kms.retire_grant, GrantToken=first["GrantToken"])[0].startswith("InvalidGrant")


# Lists


def test_what_a_list_shows(kms: BaseClient) -> None:
    key = new_key(kms)
    constraints = {"EncryptionContextSubset": {"a": "b"}}
    first = granted(kms, key, ACCOUNT, "Decrypt")
    lab.clock.advance(minutes=1)
    second = granted(
        kms, key, ADMIN, "Encrypt", "Decrypt",
        Name="n", RetiringPrincipal=ROOT, Constraints=constraints,
    )  # fmt: skip
    one, two = kms.list_grants(KeyId=key.rpartition("/")[2])["Grants"]
    dates = one.pop("CreationDate"), two.pop("CreationDate")
    assert (dates[1] - dates[0]).total_seconds() == 60
    assert one == {
        "KeyId": key,
        "GrantId": first,
        "Name": "",
        "GranteePrincipal": ROOT,
        "IssuingAccount": ROOT,
        "Operations": ["Decrypt"],
    }
    assert two == {
        "KeyId": key,
        "GrantId": second,
        "Name": "n",
        "GranteePrincipal": ADMIN,
        "RetiringPrincipal": ROOT,
        "IssuingAccount": ROOT,
        "Operations": ["Encrypt", "Decrypt"],
        "Constraints": constraints,
    }
    assert grant_ids(kms, key, GrantId=first) == [first]
    assert grant_ids(kms, key, GranteePrincipal=ADMIN) == [second]
    assert grant_ids(kms, key, GranteePrincipal=ACCOUNT) == [first]
    assert grant_ids(kms, key, GranteePrincipal=ADMIN, GrantId=first) == []
    assert refusal(kms.list_grants, KeyId=key, GrantId="x")[0] == "InvalidGrantIdException"


def test_lists_in_pages(kms: BaseClient) -> None:
    key = new_key(kms)
    made = [granted(kms, key, ADMIN, "Decrypt", RetiringPrincipal=ADMIN) for _ in range(7)]
    pages = kms.get_paginator("list_grants").paginate(KeyId=key, PaginationConfig={"PageSize": 3})
    assert [g["GrantId"] for page in pages for g in page["Grants"]] == made
    first = kms.list_retirable_grants(RetiringPrincipal=ADMIN, Limit=5)
    assert (len(first["Grants"]), first["Truncated"]) == (5, True)
    rest = kms.list_retirable_grants(RetiringPrincipal=ADMIN, Marker=first["NextMarker"])
    assert [g["GrantId"] for g in first["Grants"] + rest["Grants"]] == made
    assert refusal(kms.list_grants, KeyId=key, Limit=101)[0] == "ValidationException"
    assert refusal(kms.list_grants, KeyId=key, Marker="x")[0] == "InvalidMarkerException"
    page = kms.list_grants(KeyId=key, Limit=1)["NextMarker"]
    for other in (kms.list_keys, kms.list_aliases):
        assert refusal(other, Marker=page)[0] == "InvalidMarkerException"
    assert refusal(kms.list_grants, KeyId=new_key(kms), Marker=page)[0] == "InvalidMarkerException"


def test_retirable_grants_of_all_accounts(kms: BaseClient) -> None:
    own, theirs = new_key(kms), new_key(role("boss", "kms:*", account=OTHER))
    boss = role("boss", "kms:*", account=OTHER)
    mine = granted(kms, own, ADMIN, "Decrypt", RetiringPrincipal=ADMIN)
    other = granted(boss, theirs, ADMIN, "Decrypt", RetiringPrincipal=ADMIN)
    granted(kms, own, ADMIN, "Decrypt")
    found = {g["GrantId"] for g in kms.list_retirable_grants(RetiringPrincipal=ADMIN)["Grants"]}
    assert found == {mine, other}
    assert refusal(boss.list_retirable_grants, RetiringPrincipal=ADMIN)[0] == "InvalidArnException"
    only = {"Effect": "Allow", "Action": "kms:ListRetirableGrants", "Resource": ADMIN}
    bound = lab.as_role("bound", {"Version": "2012-10-17", "Statement": only}).client("kms")
    bound.list_retirable_grants(RetiringPrincipal=ADMIN)
    found = refusal(bound.list_retirable_grants, RetiringPrincipal=ROOT)
    assert found[0] == "AccessDeniedException" and f"on resource: {ROOT} because" in found[1]
    assert refusal(kms.list_retirable_grants)[0] == "ValidationException"
    wrong = refusal(kms.list_retirable_grants, RetiringPrincipal="x")
    assert wrong[0] == "InvalidArnException"
    service = {"RetiringServicePrincipal": "s3.amazonaws.com"}
    assert refusal(kms.list_retirable_grants, **service)[0] == "AccessDeniedException"


# Retiring and revoking


def test_who_may_retire(kms: BaseClient) -> None:
    grantee, retiree, stranger = role("grantee"), role("retiree"), role("stranger")
    allowed = role("allowed", "kms:RetireGrant")
    key = new_key(kms)

    def make(*operations: str, by: str = role_arn("retiree")) -> Members:
        grant_id = granted(kms, key, role_arn("grantee"), *operations, RetiringPrincipal=by)
        return {"KeyId": key, "GrantId": grant_id}

    plain = make("Decrypt")
    for who in (grantee, stranger):
        assert refusal(who.retire_grant, **plain)[0] == "AccessDeniedException"
    retiree.retire_grant(**plain)
    assert grant_ids(kms, key) == []
    grantee.retire_grant(**make("Decrypt", "RetireGrant"))
    kms.retire_grant(**make("Decrypt"))  # the account in which it was made
    allowed.retire_grant(**make("Decrypt"))
    assert grant_ids(kms, key) == []
    # One's own grant with RetireGrant is good for that one only.
    make("Decrypt", "RetireGrant")
    assert refusal(grantee.retire_grant, **make("Decrypt"))[0] == "AccessDeniedException"


def test_an_account_that_may_retire_leaves_it_to_iam(kms: BaseClient) -> None:
    key = new_key(kms)
    theirs = f"arn:aws:iam::{OTHER}:root"
    grant_id = granted(kms, key, ADMIN, "Decrypt", RetiringPrincipal=theirs)
    grant = {"KeyId": key, "GrantId": grant_id}
    plain = role("plain", account=OTHER)
    assert refusal(plain.retire_grant, **grant)[0] == "AccessDeniedException"
    role("allowed", "kms:RetireGrant", account=OTHER).retire_grant(**grant)


def test_iam_can_deny_retiring_and_a_key_policy_cannot_allow_it(kms: BaseClient) -> None:
    everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    role("retiree")
    role("named")
    own = everything | {"Principal": {"AWS": ROOT}}
    retire = {"Effect": "Allow", "Action": "kms:RetireGrant", "Resource": "*"}
    named = retire | {"Principal": {"AWS": role_arn("named")}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [own, named]})
    key = new_key(kms, Policy=policy)
    grant_id = granted(kms, key, ADMIN, "Decrypt", RetiringPrincipal=role_arn("retiree"))
    grant = {"KeyId": key, "GrantId": grant_id}
    deny = {"Version": "2012-10-17", "Statement": retire | {"Effect": "Deny"}}
    denied = lab.as_role("retiree", deny).client("kms")
    assert "explicit deny" in refusal(denied.retire_grant, **grant)[1]
    assert refusal(role("named").retire_grant, **grant)[0] == "AccessDeniedException"
    role("retiree").retire_grant(**grant)


def test_a_missing_grant_and_a_missing_key_look_the_same_elsewhere(kms: BaseClient) -> None:
    key = new_key(kms)
    visitor = role("visitor", "kms:*", account=OTHER)
    absent = key[:-12] + "0" * 12
    said = [refusal(visitor.retire_grant, KeyId=arn, GrantId=GRANT_ID) for arn in (key, absent)]
    assert said[0] == said[1] and said[0][0] == "AccessDeniedException"


def test_the_account_that_made_a_grant_may_retire_it(kms: BaseClient) -> None:
    let_in = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER},
        "Action": "kms:CreateGrant",
        "Resource": "*",
    }
    own = let_in | {"Principal": {"AWS": ROOT}, "Action": "kms:*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [own, let_in]})
    key = new_key(kms, Policy=policy)
    maker = role("maker", "kms:*", account=OTHER)
    made = maker.create_grant(KeyId=key, GranteePrincipal=ADMIN, Operations=["Decrypt"])
    assert kms.list_grants(KeyId=key)["Grants"][0]["IssuingAccount"].endswith(f"{OTHER}:root")
    plain = role("plain", account=OTHER)
    grant = {"KeyId": key, "GrantId": made["GrantId"]}
    assert refusal(plain.retire_grant, **grant)[0] == "AccessDeniedException"
    assert refusal(maker.revoke_grant, **grant)[0] == "AccessDeniedException"
    maker.retire_grant(**grant)
    assert grant_ids(kms, key) == []


def test_revoking_needs_a_permission_for_the_key(kms: BaseClient) -> None:
    app = role("app")
    key = new_key(kms)
    grant = {"KeyId": key, "GrantId": granted(kms, key, role_arn("app"), "Decrypt", "RetireGrant")}
    assert refusal(app.revoke_grant, **grant)[0] == "AccessDeniedException"
    role("manager", "kms:RevokeGrant").revoke_grant(**grant)
    assert refusal(kms.revoke_grant, **grant)[0] == "NotFoundException"
    assert refusal(kms.retire_grant, **grant)[0] == "NotFoundException"
    bad = grant | {"GrantId": "x"}
    assert refusal(kms.revoke_grant, **bad)[0] == "InvalidGrantIdException"
    assert refusal(kms.retire_grant, **bad)[0] == "InvalidGrantIdException"


def test_a_grant_is_named_in_one_way(kms: BaseClient) -> None:
    key = new_key(kms)
    made = kms.create_grant(KeyId=key, GranteePrincipal=ADMIN, Operations=["Decrypt"])
    grant_id, token = made["GrantId"], made["GrantToken"]
    ways: list[Members] = [
        {},
        {"KeyId": key},
        {"GrantId": grant_id},
        {"KeyId": key, "GrantId": grant_id, "GrantToken": token},
        {"KeyId": key, "GrantToken": token},
    ]
    for way in ways:
        assert refusal(kms.retire_grant, **way)[0] == "ValidationException", way
    assert grant_ids(kms, key) == [grant_id]
    kms.retire_grant(GrantToken=token)


def test_dry_runs_change_nothing(kms: BaseClient) -> None:
    key = new_key(kms)
    grant = {"KeyId": key, "GrantId": granted(kms, key, ADMIN, "Decrypt"), "DryRun": True}
    new = {"KeyId": key, "GranteePrincipal": ADMIN, "Operations": ["Decrypt"], "DryRun": True}
    for operation, request in (
        (kms.create_grant, new),
        (kms.retire_grant, grant),
        (kms.revoke_grant, grant),
    ):
        assert refusal(operation, **request)[0] == "DryRunOperationException"
    assert len(grant_ids(kms, key)) == 1
    stranger = role("stranger")
    assert refusal(stranger.revoke_grant, **grant)[0] == "AccessDeniedException"


# What can't be a grant


GRANT: Members = {"GranteePrincipal": ADMIN, "Operations": ["Decrypt"]}
SERVICE: Members = {"GranteeServicePrincipal": "s3.amazonaws.com", "Operations": ["Decrypt"]}
LONG = {str(n): "x" for n in range(9)}
WRONG: dict[str, tuple[Members, Members, str, str]] = {
    "only CreateGrant": ({}, GRANT | {"Operations": ["CreateGrant"]}, "ValidationException",
        "Grants must not contain only the CreateGrant operation."),
    "no operation": ({}, GRANT | {"Operations": []}, "ValidationException", ""),
    "no grantee": ({}, {"Operations": ["Decrypt"]}, "ValidationException", ""),
    "two grantees": ({}, GRANT | SERVICE, "ValidationException", ""),
    "two retirees": ({}, GRANT | {"RetiringPrincipal": ADMIN,
        "RetiringServicePrincipal": "s3.amazonaws.com"}, "ValidationException", ""),
    "service without source": (
        {}, SERVICE | {"RetiringPrincipal": ADMIN}, "ValidationException", ""),
    "service without retiree": ({}, SERVICE | {"Constraints": {"SourceArn": SOURCE}},
        "ValidationException", ""),
    "Sign on a symmetric key": ({}, GRANT | {"Operations": ["Sign"]}, "ValidationException", ""),
    "GetPublicKey on a symmetric key": (
        {}, GRANT | {"Operations": ["GetPublicKey"]}, "ValidationException", ""),
    "GenerateDataKey on a signing key": (
        SIGNING, GRANT | {"Operations": ["GenerateDataKey"]}, "ValidationException", ""),
    "context on a signing key": (SIGNING, GRANT | {"Operations": ["Sign"],
        "Constraints": {"EncryptionContextSubset": {"a": "b"}}}, "ValidationException", ""),
    "nine pairs": ({}, GRANT | {"Constraints": {"EncryptionContextEquals": LONG}},
        "ValidationException", ""),
    "long value": ({}, GRANT | {"Constraints": {"EncryptionContextEquals": {"a": "x" * 385}}},
        "ValidationException", ""),
    "no such user": ({}, GRANT | {"GranteePrincipal": ADMIN + "2"}, "InvalidArnException",
        f"ARN does not refer to a valid principal: {ADMIN}2"),
    "no such role": (
        {}, GRANT | {"RetiringPrincipal": role_arn("none")}, "InvalidArnException", ""),
    "a group": ({}, GRANT | {"GranteePrincipal": ADMIN.replace("user", "group")},
        "InvalidArnException", ""),
    "a service by principal": (
        {}, GRANT | {"GranteePrincipal": "s3.amazonaws.com"}, "InvalidArnException", ""),
    "a bucket": (
        {}, GRANT | {"GranteePrincipal": "arn:aws:s3:::bucket"}, "InvalidArnException", ""),
    "broken arn": ({}, GRANT | {"GranteePrincipal": "arn:aws:iam"}, "InvalidArnException", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_a_grant(kms: BaseClient, name: str) -> None:
    kind, request, code, message = WRONG[name]
    key = new_key(kms, **kind)
    found = refusal(kms.create_grant, KeyId=key, **request)
    assert found[0] == code, found
    assert not message or found[1] == message
    assert grant_ids(kms, key) == []


def test_a_key_takes_a_grant_by_id_or_arn_only(kms: BaseClient) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=new_key(kms))
    for operation, request in (
        (kms.create_grant, GRANT),
        (kms.list_grants, {}),
        (kms.revoke_grant, {"GrantId": GRANT_ID}),
        (kms.retire_grant, {"GrantId": GRANT_ID}),
    ):
        found = refusal(operation, KeyId="alias/a", **request)
        message = "Key Aliases are not supported for this operation."
        assert found == ("InvalidArnException", message)
        assert refusal(operation, KeyId="invalid", **request)[0] == "NotFoundException"


def test_the_quota_of_a_key(kms: BaseClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "MOST_GRANTS_OF_A_KEY", 2)
    key = new_key(kms)
    for _ in range(2):
        granted(kms, key, ADMIN, "Decrypt")
    found = refusal(kms.create_grant, KeyId=key, **GRANT)
    assert found[0] == "LimitExceededException"


OF_KIND: dict[str, tuple[Members, set[str]]] = {
    "symmetric": ({}, {
        "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom", "ReEncryptTo",
    }),
    "RSA": ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, {
        "Decrypt", "Encrypt", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo"}),
    "signing": (SIGNING, {"GetPublicKey", "Sign", "Verify"}),
    "MAC": ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"GenerateMac", "VerifyMac"}),
    "agreement": ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
        {"DeriveSharedSecret", "GetPublicKey"}),
    "encapsulation": ({"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
        {"Decapsulate", "Encapsulate", "GetPublicKey"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", OF_KIND)
def test_every_operation_of_the_model_on_every_kind_of_key(kms: BaseClient, kind: str) -> None:
    members, allowed = OF_KIND[kind]
    key = new_key(kms, **members)
    model = kms.meta.service_model.shape_for("GrantOperation").enum
    for operation in model:
        request = {"KeyId": key, "GranteePrincipal": ADMIN, "Operations": [operation]}
        if operation in allowed | {"DescribeKey", "RetireGrant"}:
            kms.create_grant(**request)
        else:
            assert refusal(kms.create_grant, **request)[0] == "ValidationException", operation


# Services as grantees


def test_a_service_uses_its_grant_for_its_source_only(kms: BaseClient) -> None:
    key = new_key(kms)
    kms.create_grant(
        KeyId=key,
        GranteeServicePrincipal="s3.amazonaws.com",
        RetiringServicePrincipal="s3.amazonaws.com",
        Operations=["GenerateDataKey", "RetireGrant"],
        Constraints={"SourceArn": SOURCE},
    )

    def ask(operation: str, members: Members, **how: Any) -> Any:
        try:
            return call_for_service(
                operation, members, region="us-east-1", key_account=ACCOUNT, **how
            )
        except KmsError as error:
            return error.code

    service = callers.service("s3.amazonaws.com")
    request = {"KeyId": key, "KeySpec": "AES_256"}
    assert ask("GenerateDataKey", request, caller=service, source_arn=SOURCE)["KeyId"] == key
    other = SOURCE.replace("bucket", "other")
    denied = "AccessDeniedException"
    assert ask("GenerateDataKey", request, caller=service, source_arn=other) == denied
    assert ask("GenerateDataKey", request, caller=service) == denied
    stranger = callers.service("ec2.amazonaws.com")
    assert ask("GenerateDataKey", request, caller=stranger, source_arn=SOURCE) == denied
    [grant] = kms.list_grants(KeyId=key)["Grants"]
    assert grant["GranteeServicePrincipal"] == "s3.amazonaws.com"
    assert "GranteePrincipal" not in grant
    assert grant["Constraints"] == {"SourceArn": SOURCE}
    assert ask("RetireGrant", {"KeyId": key, "GrantId": grant["GrantId"]}, caller=service) is None
    assert grant_ids(kms, key) == []


# The audit trail


def test_grants_in_the_audit_trail(kms: BaseClient) -> None:
    key = new_key(kms)
    made = kms.create_grant(KeyId=key, **GRANT)
    kms.encrypt(KeyId=key, Plaintext=b"p", GrantTokens=[made["GrantToken"]])
    kms.retire_grant(GrantToken=made["GrantToken"])
    _, create, _, retire = lab.events()
    assert create["responseElements"] == {"grantId": made["GrantId"]}
    assert create["requestParameters"]["operations"] == ["Decrypt"]
    assert retire["resources"][0]["ARN"] == key
    assert not retire["readOnly"]
    for event in lab.events():
        assert made["GrantToken"] not in json.dumps(event)


def test_a_deleted_key_takes_its_grants_along(kms: BaseClient) -> None:
    key = new_key(kms)
    made = kms.create_grant(KeyId=key, **GRANT, RetiringPrincipal=ADMIN)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert len(grant_ids(kms, key)) == 1
    lab.clock.advance(days=7)
    assert kms.list_retirable_grants(RetiringPrincipal=ADMIN)["Grants"] == []
    found = refusal(kms.retire_grant, GrantToken=made["GrantToken"])
    assert found[0] == "InvalidGrantTokenException"
