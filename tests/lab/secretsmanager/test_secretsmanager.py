"""Secrets Manager: what KMS does behind every secret, and what lies at rest."""

import gc
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.secretsmanager.models import secretsmanager_backends

from helpers import lab
from helpers.lab.envelopes import Envelope

Members = dict[str, Any]

ACCOUNT, OTHER, REGION = "123456789012", "222222222222", "us-east-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate"
CANNOT_ENCRYPT = (
    "EncryptionFailure",
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check "
    "that the KMS key is available, enabled, and not in an invalid state.",
)
CANNOT_DECRYPT = (
    "DecryptionFailure",
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
)
NO_KMS = ("AccessDeniedException", "Access to KMS is not allowed")


@pytest.fixture(scope="module")
def opened() -> Iterator[BaseClient]:
    lab.open(seed=1)
    yield boto3.client("secretsmanager")
    lab.close()


@pytest.fixture
def sm(opened: BaseClient) -> BaseClient:
    lab.reset()
    return opened


@pytest.fixture
def kms(sm: BaseClient) -> BaseClient:
    return boto3.client("kms")


def new_key(kms: BaseClient, **members: Any) -> str:
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


def refusal(operation: Callable[..., Any], **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**members)
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404)
    return error["Code"], error["Message"]


def role(name: str, *actions: str, account: str = ACCOUNT) -> BaseClient:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": statement} if actions else None
    return lab.as_role(name, policy, account=account).client("secretsmanager")


def kms_calls() -> list[tuple[str, Members]]:
    """What Secrets Manager asked of KMS: operation and encryption context."""
    return [
        (event["eventName"], event["requestParameters"]["encryptionContext"])
        for event in lab.events(1000)
        if event["userIdentity"].get("invokedBy") == "secretsmanager.amazonaws.com"
    ]


def value(sm: BaseClient, secret: str = "db", **which: str) -> str:
    return sm.get_secret_value(SecretId=secret, **which)["SecretString"]


# What KMS sees


def test_a_secret_is_an_envelope_of_kms(sm: BaseClient) -> None:
    made = sm.create_secret(Name="db", SecretString="hunter2")
    context = {"SecretARN": made["ARN"], "SecretVersionId": made["VersionId"]}
    assert kms_calls() == [("GenerateDataKey", context)]
    found = sm.get_secret_value(SecretId="db")
    assert (found["SecretString"], found["VersionId"]) == ("hunter2", made["VersionId"])
    assert kms_calls()[1:] == [("Decrypt", context)]
    event = lab.events()[-1]
    assert event["userIdentity"]["userName"] == "admin"
    assert event["sourceIPAddress"] == "secretsmanager.amazonaws.com"
    assert "hunter2" not in json.dumps(lab.events(), default=str)


def test_the_default_key_is_made_when_it_is_needed(sm: BaseClient, kms: BaseClient) -> None:
    sm.create_secret(Name="empty")
    assert kms.list_keys()["Keys"] == []
    sm.create_secret(Name="db", SecretString="x")
    metadata = kms.describe_key(KeyId="alias/aws/secretsmanager")["KeyMetadata"]
    assert metadata["KeyManager"] == "AWS"
    made = next(event for event in lab.events() if event["eventName"] == "GenerateDataKey")
    assert made["resources"][0]["ARN"] == metadata["Arn"]
    sm.create_secret(Name="other", SecretString="x")
    assert len(kms.list_keys()["Keys"]) == 1
    assert "KmsKeyId" not in sm.describe_secret(SecretId="db")
    # Everybody in the account who may read the secret may use the key, through the service.
    app = role("app", "secretsmanager:GetSecretValue")
    assert value(app) == "x"
    policy = json.loads(kms.get_key_policy(KeyId=metadata["KeyId"])["Policy"])
    assert policy["Statement"][0]["Sid"] == (
        "Allow access through AWS Secrets Manager for all principals in the account that are "
        "authorized to use AWS Secrets Manager"
    )


@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias arn"])
def test_a_customer_managed_key(sm: BaseClient, kms: BaseClient, form: str) -> None:
    arn = new_key(kms)
    kms.create_alias(AliasName="alias/app", TargetKeyId=arn)
    alias_arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/app"
    named = {"id": arn[-36:], "arn": arn, "alias": "alias/app", "alias arn": alias_arn}[form]
    sm.create_secret(Name="db", SecretString="x", KmsKeyId=named)
    assert sm.describe_secret(SecretId="db")["KmsKeyId"] == named
    assert value(sm) == "x"
    checked = {"RequestToValidateKeyAccess": "true"}
    names = [name for name, _ in kms_calls()]
    assert names == ["GenerateDataKey", "Decrypt", "GenerateDataKey", "Decrypt"]
    assert [context == checked for _, context in kms_calls()] == [True, True, False, False]
    used = {r["ARN"] for e in lab.events() for r in e["resources"] if ":key/" in r["ARN"]}
    assert used == {arn}


def test_each_version_has_a_data_key_of_its_own(sm: BaseClient) -> None:
    sm.create_secret(Name="db", SecretString="one")
    sm.put_secret_value(SecretId="db", SecretString="two")
    sm.update_secret(SecretId="db", SecretString="three")
    versions = lab.xray.secret("db")["versions"]
    assert len(versions) == 3
    assert len({each["encrypted_data_key"] for each in versions}) == 3
    assert value(sm) == "three"
    assert value(sm, VersionStage="AWSPREVIOUS") == "two"
    assert [name for name, _ in kms_calls()].count("GenerateDataKey") == 3


def test_what_needs_no_value_asks_kms_nothing(sm: BaseClient) -> None:
    sm.create_secret(Name="db", SecretString="x", Description="d")
    before = kms_calls()
    sm.describe_secret(SecretId="db")
    sm.list_secrets()
    sm.list_secret_version_ids(SecretId="db")
    sm.tag_resource(SecretId="db", Tags=[{"Key": "a", "Value": "b"}])
    sm.update_secret(SecretId="db", Description="other")
    sm.delete_secret(SecretId="db")
    sm.restore_secret(SecretId="db")
    sm.get_random_password()
    assert kms_calls() == before
    assert value(sm) == "x"


def test_rotation_makes_no_data_key_by_itself(sm: BaseClient) -> None:
    first = sm.create_secret(Name="db", SecretString="one")["VersionId"]
    before = kms_calls()
    token = "0" * 32
    rotating = {"RotationLambdaARN": FUNCTION, "RotationRules": {"AutomaticallyAfterDays": 30}}
    rotated = sm.rotate_secret(SecretId="db", ClientRequestToken=token, **rotating)
    assert rotated["VersionId"] == token
    assert kms_calls() == before
    stages = {first: ["AWSCURRENT"], token: ["AWSPENDING"]}
    described = sm.describe_secret(SecretId="db")
    assert (described["VersionIdsToStages"], described["RotationEnabled"]) == (stages, True)
    assert value(sm) == "one"  # the function has not run
    pending = {"SecretId": "db", "VersionStage": "AWSPENDING"}
    assert refusal(sm.get_secret_value, **pending)[0] == "ResourceNotFoundException"
    assert refusal(sm.rotate_secret, SecretId="db") == (
        "InvalidRequestException",
        "A previous rotation isn't complete. That rotation will be reattempted.",
    )
    # What the rotation function does then: its new value has a data key.
    before = kms_calls()
    sm.put_secret_value(
        SecretId="db", ClientRequestToken=token, SecretString="two", VersionStages=["AWSPENDING"]
    )
    assert [name for name, _ in kms_calls()[len(before) :]] == ["GenerateDataKey"]
    assert (value(sm), value(sm, VersionStage="AWSPENDING")) == ("one", "two")
    sm.update_secret_version_stage(
        SecretId="db",
        VersionStage="AWSCURRENT",
        MoveToVersionId=token,
        RemoveFromVersionId=first,
    )
    assert (value(sm), value(sm, VersionStage="AWSPREVIOUS")) == ("two", "one")
    sm.update_secret(SecretId="db", SecretString="three")
    assert (value(sm), value(sm, VersionStage="AWSPREVIOUS")) == ("three", "two")
    sm.rotate_secret(SecretId="db")  # the function is known by now


def test_no_rotation_without_a_function(sm: BaseClient) -> None:
    sm.create_secret(Name="db", SecretString="one")
    assert refusal(sm.rotate_secret, SecretId="db") == (
        "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret.",
    )
    assert value(sm) == "one"
    sm.rotate_secret(SecretId="db", RotationLambdaARN=FUNCTION, RotateImmediately=False)
    described = sm.describe_secret(SecretId="db")
    assert list(described["VersionIdsToStages"].values()) == [["AWSCURRENT"]]
    assert described["RotationLambdaARN"] == FUNCTION
    assert value(sm) == "one"


def test_many_at_once(sm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    sm.create_secret(Name="a", SecretString="1")
    sm.create_secret(Name="b", SecretString="2", KmsKeyId=key)
    sm.create_secret(Name="c", SecretBinary=b"3")
    kms.disable_key(KeyId=key)
    found = sm.batch_get_secret_value(SecretIdList=["a", "b", "c", "none"])
    assert [each["Name"] for each in found["SecretValues"]] == ["a", "c"]
    assert found["SecretValues"][1]["SecretBinary"] == b"3"
    codes = {each["SecretId"]: each["ErrorCode"] for each in found["Errors"]}
    assert codes == {"b": "DecryptionFailure", "none": "ResourceNotFoundException"}
    named = sm.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["a"]}])
    assert [each["SecretString"] for each in named["SecretValues"]] == ["1"]
    app = role("app", "secretsmanager:BatchGetSecretValue")
    found = app.batch_get_secret_value(SecretIdList=["a"])
    assert found["Errors"][0]["ErrorCode"] == "AccessDeniedException"


def test_a_repeated_request_is_known_by_its_token(sm: BaseClient) -> None:
    token = "t" * 32
    request = {"Name": "db", "SecretString": "x", "ClientRequestToken": token}
    first = sm.create_secret(**request)
    assert sm.create_secret(**request)["ARN"] == first["ARN"]
    code, _ = refusal(sm.create_secret, **request | {"SecretString": "y"})
    assert code == "ResourceExistsException"
    put = {"SecretId": "db", "ClientRequestToken": token}
    assert sm.put_secret_value(**put, SecretString="x")["VersionId"] == token
    assert refusal(sm.put_secret_value, **put, SecretString="y")[0] == "ResourceExistsException"
    assert len(lab.xray.secret("db")["versions"]) == 1


# Another key


def test_a_new_key_takes_the_staged_versions_along(sm: BaseClient, kms: BaseClient) -> None:
    sm.create_secret(Name="db", SecretString="one")
    sm.put_secret_value(SecretId="db", SecretString="two")
    key = new_key(kms)
    sm.update_secret(SecretId="db", KmsKeyId=key)
    assert {each["key_arn"] for each in lab.xray.secret("db")["versions"]} == {key}
    assert (value(sm), value(sm, VersionStage="AWSPREVIOUS")) == ("two", "one")
    sm.put_secret_value(SecretId="db", SecretString="three")
    kms.disable_key(KeyId=key)
    assert refusal(sm.get_secret_value, SecretId="db") == CANNOT_DECRYPT
    kms.enable_key(KeyId=key)
    sm.update_secret(SecretId="db", KmsKeyId="")  # back to the default key
    kms.disable_key(KeyId=key)
    assert value(sm) == "three"


@pytest.mark.parametrize(
    "on_old, on_new, moved",
    [
        (["Decrypt"], ["GenerateDataKey", "Decrypt", "Encrypt"], True),
        (["Decrypt"], ["GenerateDataKey", "Decrypt"], False),
        ([], ["GenerateDataKey", "Decrypt", "Encrypt"], False),
    ],
)
def test_old_versions_come_along_only_with_encrypt_of_the_new_key(
    sm: BaseClient, kms: BaseClient, on_old: list[str], on_new: list[str], moved: bool
) -> None:
    old, new = new_key(kms), new_key(kms)
    sm.create_secret(Name="db", SecretString="one", KmsKeyId=old)
    statements = [
        {"Effect": "Allow", "Action": f"kms:{action}", "Resource": key}
        for key, actions in ((old, on_old), (new, on_new))
        for action in actions
    ]
    every = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [every, *statements]}
    mover = lab.as_role("mover", policy).client("secretsmanager")
    mover.update_secret(SecretId="db", KmsKeyId=new)
    assert sm.describe_secret(SecretId="db")["KmsKeyId"] == new
    assert lab.xray.secret("db")["versions"][0]["key_arn"] == (new if moved else old)
    assert value(sm) == "one"
    mover.put_secret_value(SecretId="db", SecretString="two")  # what is new lies under it
    assert lab.xray.secret("db")["versions"][-1]["key_arn"] == new
    kms.disable_key(KeyId=old)
    previous = {"SecretId": "db", "VersionStage": "AWSPREVIOUS"}
    if moved:
        assert sm.get_secret_value(**previous)["SecretString"] == "one"
    else:
        assert refusal(sm.get_secret_value, **previous) == CANNOT_DECRYPT


@pytest.mark.parametrize(
    "key_id, code",
    [
        ("alias/none", "InvalidParameterException"),
        ("none", "InvalidParameterException"),
        (f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/x", "InvalidParameterException"),
        (f"arn:aws:kms:{REGION}:{OTHER}:alias/x", "AccessDeniedException"),
    ],
)
def test_a_key_that_is_none(sm: BaseClient, key_id: str, code: str) -> None:
    assert refusal(sm.create_secret, Name="db", SecretString="x", KmsKeyId=key_id)[0] == code
    assert sm.list_secrets()["SecretList"] == []
    sm.create_secret(Name="db", SecretString="x")
    assert refusal(sm.update_secret, SecretId="db", KmsKeyId=key_id)[0] == code
    assert value(sm) == "x"


def test_only_symmetric_keys(sm: BaseClient, kms: BaseClient) -> None:
    for spec in (
        {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ):
        request = {"Name": "db", "SecretString": "x", "KmsKeyId": new_key(kms, **spec)}
        assert refusal(sm.create_secret, **request) == CANNOT_ENCRYPT


# The key's state


@pytest.mark.parametrize("state", ["disabled", "pending deletion", "deleted"])
def test_a_key_that_cannot_be_used(sm: BaseClient, kms: BaseClient, state: str) -> None:
    key = new_key(kms)
    sm.create_secret(Name="db", SecretString="x", KmsKeyId=key)
    if state == "disabled":
        kms.disable_key(KeyId=key)
    else:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    if state == "deleted":
        lab.clock.advance(days=7)
        assert refusal(sm.get_secret_value, SecretId="db")[0] == "InvalidParameterException"
        return
    versions = lab.xray.secret("db")["versions"]
    assert refusal(sm.get_secret_value, SecretId="db") == CANNOT_DECRYPT
    assert refusal(sm.put_secret_value, SecretId="db", SecretString="y") == CANNOT_ENCRYPT
    assert refusal(sm.create_secret, Name="n", SecretString="y", KmsKeyId=key) == CANNOT_ENCRYPT
    assert lab.xray.secret("db")["versions"] == versions
    if state == "pending deletion":
        kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert value(sm) == "x"  # nothing was lost


# Who may


def test_two_permissions_to_read(sm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    arn = sm.create_secret(Name="db", SecretString="x", KmsKeyId=key)["ARN"]
    reader = role("app", "secretsmanager:GetSecretValue")
    assert refusal(reader.get_secret_value, SecretId="db") == NO_KMS
    assert value(role("app", "secretsmanager:GetSecretValue", "kms:Decrypt")) == "x"
    user = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/app"
    assert refusal(role("app", "kms:*").get_secret_value, SecretId="db") == (
        "AccessDeniedException",
        f"User: {user} is not authorized to perform: secretsmanager:GetSecretValue on resource: "
        f"{arn} because no identity-based policy allows the secretsmanager:GetSecretValue action",
    )
    writer = role("writer", "secretsmanager:*", "kms:Decrypt")
    assert refusal(writer.put_secret_value, SecretId="db", SecretString="y") == NO_KMS
    maker = role("maker", "kms:*")
    assert refusal(maker.create_secret, Name="n", SecretString="y")[0] == "AccessDeniedException"
    assert refusal(maker.list_secrets)[0] == "AccessDeniedException"


def test_conditions_of_the_key_see_the_service(sm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    arn = sm.create_secret(Name="db", SecretString="x", KmsKeyId=key)["ARN"]
    through = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    bound = {"kms:EncryptionContext:SecretARN": arn}
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    for wanted, works in ((through, True), (bound, True), ({"kms:ViaService": "x"}, False)):
        statements = [read, decrypt | {"Condition": {"StringEquals": wanted}}]
        policy = {"Version": "2012-10-17", "Statement": statements}
        app = lab.as_role("app", policy).client("secretsmanager")
        if works:
            assert value(app) == "x"
        else:
            assert refusal(app.get_secret_value, SecretId="db") == NO_KMS


def test_a_resource_policy_lets_others_in(sm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    arn = sm.create_secret(Name="db", SecretString="x", KmsKeyId=key)["ARN"]
    partner = role("partner", "secretsmanager:GetSecretValue", "kms:Decrypt", account=OTHER)
    said = refusal(partner.get_secret_value, SecretId=arn)
    assert said[0] == "AccessDeniedException"
    assert "because no resource-based policy allows the secretsmanager" in said[1]
    theirs = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    statement = {
        "Effect": "Allow",
        "Principal": theirs,
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    sm.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(document))
    assert refusal(partner.get_secret_value, SecretId=arn) == NO_KMS
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    policy["Statement"].append(statement | {"Action": "kms:Decrypt"})
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    assert value(partner, arn) == "x"
    # A principal of this account that is named needs no IAM policy; a deny wins.
    plain = role("plain")
    named = statement | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/plain"}}
    document["Statement"] = [named]
    sm.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(document))
    assert refusal(plain.get_secret_value, SecretId="db") == NO_KMS
    document["Statement"] = [statement | {"Effect": "Deny", "Principal": "*"}]
    sm.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(document))
    said = refusal(sm.get_secret_value, SecretId="db")
    assert said[1].endswith("with an explicit deny in a resource-based policy")


def test_the_default_key_is_not_for_other_accounts(sm: BaseClient) -> None:
    arn = sm.create_secret(Name="db", SecretString="x")["ARN"]
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": statement}
    sm.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(document))
    partner = role("partner", "*", account=OTHER)
    assert refusal(partner.get_secret_value, SecretId=arn) == NO_KMS
    assert refusal(partner.put_secret_value, SecretId=arn, SecretString="y") == NO_KMS


# At rest


def test_no_plaintext_is_kept(sm: BaseClient, kms: BaseClient) -> None:
    needle = "correct-horse-" + "battery"
    sm.create_secret(Name="db", SecretString=needle)
    sm.put_secret_value(SecretId="db", SecretString=f"{needle} two")
    sm.update_secret(SecretId="db", SecretString=f"{needle} three", KmsKeyId=new_key(kms))
    backend = secretsmanager_backends[ACCOUNT][REGION]
    assert needle not in str([vars(secret) for secret in dict.values(backend.secrets)])
    gc.collect()
    kept = [o for o in gc.get_objects() if isinstance(o, dict) and "version_stages" in o]
    assert kept and not any(needle in str(each) for each in kept)
    assert value(sm).endswith("three")


def test_the_view_inside(sm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    arn = sm.create_secret(Name="db", SecretString="hunter2", KmsKeyId=key)["ARN"]
    seen = lab.xray.secret("db")
    assert (seen["name"], seen["arn"]) == ("db", arn)
    [version] = seen["versions"]
    assert version["key_arn"] == key
    assert version["stages"] == ["AWSCURRENT"]
    assert len(version["ciphertext"]) == len("hunter2") + 16
    opened = kms.decrypt(
        CiphertextBlob=version["encrypted_data_key"],
        EncryptionContext=version["encryption_context"],
    )
    assert len(opened["Plaintext"]) == 32
    assert lab.xray.secret(arn) == seen
    with pytest.raises(lab.LabError, match="no secret"):
        lab.xray.secret("none")


def test_a_flipped_bit_is_no_secret(sm: BaseClient) -> None:
    sm.create_secret(Name="db", SecretString="hunter2")
    backend: Any = secretsmanager_backends[ACCOUNT][REGION]
    [version] = backend.secrets["db"].versions.values()
    good: Envelope = version["secret_string"]
    for place in range(len(good.ciphertext)):
        bad = bytearray(good.ciphertext)
        bad[place] ^= 1
        version["secret_string"] = Envelope(**vars(good) | {"ciphertext": bytes(bad)})
        assert refusal(sm.get_secret_value, SecretId="db") == CANNOT_DECRYPT
    version["secret_string"] = good
    assert value(sm) == "hunter2"


@pytest.mark.parametrize("member", ["encrypted_data_key", "nonce", "ciphertext", "context"])
def test_whatever_is_damaged_is_seen(sm: BaseClient, member: str) -> None:
    sm.create_secret(Name="db", SecretString="hunter2")
    backend: Any = secretsmanager_backends[ACCOUNT][REGION]
    [version] = backend.secrets["db"].versions.values()
    good: Envelope = version["secret_string"]
    if member == "context":
        damaged = [{"encryption_context": good.encryption_context | {"SecretARN": "another"}}]
    else:
        whole = getattr(good, member)
        damaged = [
            {member: whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]}
            for place in range(len(whole))
        ]
    for change in damaged:
        version["secret_string"] = Envelope(**vars(good) | change)
        assert refusal(sm.get_secret_value, SecretId="db") == CANNOT_DECRYPT
    version["secret_string"] = good
    assert value(sm) == "hunter2"


LARGE = st.integers(1, 65536).map(lambda size: "é" * (size // 2) + "x" * (size % 2))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
BINARY = st.binary(min_size=1, max_size=300) | LARGE.map(str.encode)


@given(TEXT | LARGE | BINARY)
@settings(
    deadline=None, max_examples=80, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_what_goes_in_comes_out(opened: BaseClient, secret: str | bytes) -> None:
    lab.reset()
    if isinstance(secret, str):
        opened.create_secret(Name="db", SecretString=secret)
        assert value(opened) == secret
    else:
        opened.create_secret(Name="db", SecretBinary=secret)
        assert opened.get_secret_value(SecretId="db")["SecretBinary"] == secret


# Requests that are refused


def test_values_that_are_none(sm: BaseClient) -> None:
    for members, name, bound in (
        ({"SecretString": "x" * 65537}, "secretString", "less than or equal to 65536"),
        ({"SecretBinary": b"x" * 65537}, "secretBinary", "less than or equal to 65536"),
        ({"SecretBinary": b""}, "secretBinary", "greater than or equal to 1"),
    ):
        assert refusal(sm.create_secret, Name="db", **members) == (
            "ValidationException",
            f"1 validation error detected: Value at '{name}' failed to satisfy constraint: "
            f"Member must have length {bound}",
        )
    assert refusal(sm.create_secret, Name="db", SecretString="\ud800")[0] == "ValidationException"
    both = {"SecretString": "x", "SecretBinary": b"y"}
    assert refusal(sm.create_secret, Name="db", **both) == (
        "InvalidParameterException",
        "You can't specify both a binary secret value and a string secret value in the same "
        "secret.",
    )
    assert sm.list_secrets()["SecretList"] == []
    sm.create_secret(Name="db", SecretString="x" * 65536)
    assert refusal(sm.put_secret_value, SecretId="db", **both)[0] == "InvalidParameterException"
    big = {"SecretString": "x" * 65537}
    assert refusal(sm.update_secret, SecretId="db", **big)[0] == "ValidationException"
    assert value(sm) == "x" * 65536
    sm.put_secret_value(SecretId="db", SecretBinary=b"y")
    assert "SecretString" not in sm.get_secret_value(SecretId="db")


def test_secrets_that_are_none(sm: BaseClient) -> None:
    for operation in (sm.list_secret_version_ids, sm.get_secret_value, sm.describe_secret):
        assert refusal(operation, SecretId="none")[0] == "ResourceNotFoundException"
    sm.create_secret(Name="db", SecretString="x")
    sm.delete_secret(SecretId="db")
    deleted = (
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
    assert refusal(sm.get_secret_value, SecretId="db") == deleted
    assert refusal(sm.put_secret_value, SecretId="db", SecretString="y") == deleted
    sm.restore_secret(SecretId="db")
    assert value(sm) == "x"


def test_a_policy_that_cannot_be_read_locks_nobody_out(sm: BaseClient) -> None:
    sm.create_secret(Name="db", SecretString="x")
    for policy in ("{", "[]", '{"Version": "2012-10-17"}'):
        code, _ = refusal(sm.put_resource_policy, SecretId="db", ResourcePolicy=policy)
        assert code == "MalformedPolicyDocumentException"
    assert value(sm) == "x"


def test_an_access_key_that_is_switched_off(sm: BaseClient) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    ada = boto3.client(
        "secretsmanager",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert refusal(ada.list_secrets)[0] == "UnrecognizedClientException"


def test_the_default_key_by_the_arn_of_its_alias(sm: BaseClient) -> None:
    named = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/secretsmanager"
    sm.create_secret(Name="db", SecretString="x", KmsKeyId=named)
    assert value(sm) == "x"


def test_a_grant_is_enough_for_kms(sm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    arn = sm.create_secret(Name="db", SecretString="x", KmsKeyId=key)["ARN"]
    reader = role("app", "secretsmanager:GetSecretValue")
    assert refusal(reader.get_secret_value, SecretId="db") == NO_KMS
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/app",
        Operations=["Decrypt"],
        Constraints={"EncryptionContextSubset": {"SecretARN": arn}},
    )
    assert value(reader) == "x"


def test_dates_are_the_labs(sm: BaseClient) -> None:
    lab.clock.advance(days=365)
    sm.create_secret(Name="db", SecretString="x")
    assert sm.describe_secret(SecretId="db")["CreatedDate"] == lab.clock.now()
    deleted = sm.delete_secret(SecretId="db", RecoveryWindowInDays=7)["DeletionDate"]
    assert (deleted - lab.clock.now()).days == 7


# Replicas


def in_ireland(service: str) -> BaseClient:
    return boto3.client(service, region_name="eu-west-1")


def test_a_replica_has_a_key_of_its_own_region(sm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    ireland = [{"Region": "eu-west-1"}]
    arn = sm.create_secret(Name="db", SecretString="one", KmsKeyId=key, AddReplicaRegions=ireland)[
        "ARN"
    ]
    sm.put_secret_value(SecretId="db", SecretString="two")
    there = in_ireland("secretsmanager")
    assert (value(there), value(there, VersionStage="AWSPREVIOUS")) == ("two", "one")
    versions = lab.xray.secret("db", region="eu-west-1")["versions"]
    [default] = in_ireland("kms").list_keys()["Keys"]
    assert {each["key_arn"] for each in versions} == {default["KeyArn"]}
    here = arn.replace(REGION, "eu-west-1")
    assert {each["encryption_context"]["SecretARN"] for each in versions} == {here}
    assert {each["key_arn"] for each in lab.xray.secret("db")["versions"]} == {key}
    assert "KmsKeyId" not in there.describe_secret(SecretId="db")
    kms.disable_key(KeyId=key)
    assert value(there) == "two"
    assert refusal(sm.get_secret_value, SecretId="db") == CANNOT_DECRYPT


def test_a_replica_under_a_key_that_is_named(sm: BaseClient) -> None:
    kms = in_ireland("kms")
    key = new_key(kms)
    sm.create_secret(Name="db", SecretString="one")
    regions = [{"Region": "eu-west-1", "KmsKeyId": key}, {"Region": "us-west-2", "KmsKeyId": "x"}]
    told = sm.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=regions)
    statuses = {each["Region"]: each["Status"] for each in told["ReplicationStatus"]}
    assert statuses == {"eu-west-1": "InSync", "us-west-2": "Failed"}
    elsewhere = boto3.client("secretsmanager", region_name="us-west-2")
    assert refusal(elsewhere.get_secret_value, SecretId="db")[0] == "ResourceNotFoundException"
    there = in_ireland("secretsmanager")
    assert there.describe_secret(SecretId="db")["KmsKeyId"] == key
    kms.disable_key(KeyId=key)
    assert refusal(there.get_secret_value, SecretId="db") == CANNOT_DECRYPT
    sm.put_secret_value(SecretId="db", SecretString="two")  # the primary goes on
    status = sm.describe_secret(SecretId="db")["ReplicationStatus"][0]
    assert (status["Region"], status["Status"]) == ("eu-west-1", "Failed")
    kms.enable_key(KeyId=key)
    sm.put_secret_value(SecretId="db", SecretString="three")
    assert value(there) == "three"
    sm.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])
    assert refusal(there.get_secret_value, SecretId="db")[0] == "ResourceNotFoundException"
    with pytest.raises(lab.LabError):
        lab.xray.secret("db", region="eu-west-1")


def test_a_replica_reads_the_same(sm: BaseClient) -> None:
    sm.create_secret(Name="db", SecretString="x", AddReplicaRegions=[{"Region": "eu-west-1"}])
    there = boto3.client("secretsmanager", region_name="eu-west-1")
    assert value(there) == "x"
