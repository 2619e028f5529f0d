"""What the lab does not do. A test that fails here says that docs/fidelity.md is too modest."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests

from helpers import lab

from .access import (
    acting_as,
    allow,
    arn_of,
    clients_of,
    deny,
    document,
    encrypt_as,
    kms_as,
    root,
)


@pytest.fixture(scope="module")
def opened() -> Iterator[None]:
    lab.open(seed=1)
    yield
    lab.close()


@pytest.fixture
def kms(opened: None) -> Any:
    """A client of an empty account."""
    lab.reset()
    return boto3.client("kms")


def new_key(kms: Any, *statements: dict[str, Any], **members: Any) -> str:
    if statements:
        members["Policy"] = document(*statements)
    return str(kms.create_key(**members)["KeyMetadata"]["KeyId"])


def test_replicas_and_rotations_are_there_at_once(kms: Any) -> None:
    key = new_key(kms, MultiRegion=True)
    replica = kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]
    assert replica["KeyState"] == "Enabled"
    kms.rotate_key_on_demand(KeyId=key)
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key)
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1


def test_any_trust_policy_will_do(kms: Any) -> None:
    closed = document(deny("sts:AssumeRole", Principal="*"))
    boto3.client("iam").create_role(RoleName="closed", AssumeRolePolicyDocument=closed)
    key = new_key(kms, root(), allow("kms:*", Principal={"AWS": arn_of("closed")}))
    assert encrypt_as(acting_as(arn_of("closed"))("kms"), key) == "encrypts"


def federated(**members: Any) -> Any:
    """KMS for ada, to whom the administrator gave temporary credentials."""
    issued = boto3.client("sts").get_federation_token(Name="ada", **members)["Credentials"]
    return boto3.client(
        "kms",
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )


def test_federation_heeds_an_inline_policy_only(kms: Any) -> None:
    key, everything = new_key(kms), document(allow("kms:*"))
    made = boto3.client("iam").create_policy(PolicyName="all", PolicyDocument=everything)
    by_arn = {"PolicyArns": [{"arn": made["Policy"]["Arn"]}]}
    assert encrypt_as(federated(**by_arn), key) == "AccessDeniedException"
    assert encrypt_as(federated(Policy=everything), key) == "encrypts"
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    of_team = document(allow("kms:*", Condition=tagged))
    ada = federated(Policy=of_team, Tags=[{"Key": "team", "Value": "blue"}])
    assert encrypt_as(ada, key) == "AccessDeniedException"


def test_sessions_do_not_expire(kms: Any) -> None:
    app, key = kms_as("app", allow("kms:Encrypt")), new_key(kms)
    lab.clock.advance(days=30)
    assert encrypt_as(app, key) == "encrypts"


def test_a_service_control_policy_denies_nothing(kms: Any) -> None:
    organizations: Any = boto3.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    top = organizations.list_roots()["Roots"][0]["Id"]
    kind = "SERVICE_CONTROL_POLICY"
    organizations.enable_policy_type(RootId=top, PolicyType=kind)
    policy = organizations.create_policy(
        Content=document(deny("kms:*")), Description="none", Name="none", Type=kind
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=top)
    assert encrypt_as(kms, new_key(kms)) == "encrypts"


def test_a_deleted_principal_stays_by_its_name(kms: Any) -> None:
    kms_as("gone")
    key = new_key(kms, root(), allow("kms:Encrypt", Principal={"AWS": arn_of("gone")}))
    boto3.client("iam").delete_role(RoleName="gone")
    assert arn_of("gone") in kms.get_key_policy(KeyId=key)["Policy"]
    assert encrypt_as(kms_as("gone"), key) == "encrypts"


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({"IpAddress": {"aws:SourceIp": "192.0.2.1/32"}}, "encrypts"),
        ({"Null": {"aws:SourceVpce": "false"}}, "AccessDeniedException"),
        ({"Null": {"aws:PrincipalOrgID": "false"}}, "AccessDeniedException"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "AccessDeniedException"),
    ],
    ids=str,
)
def test_what_conditions_can_see(kms: Any, condition: dict[str, Any], answer: str) -> None:
    app = kms_as("app", allow("kms:Encrypt", Condition=condition))
    assert encrypt_as(app, new_key(kms)) == answer


def test_what_s3_does_not_ask(kms: Any) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"b")
    blocked = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    s3.put_public_access_block(Bucket="bucket", PublicAccessBlockConfiguration=blocked)
    everyone = allow("s3:GetObject", Principal="*") | {"Resource": "arn:aws:s3:::bucket/*"}
    s3.put_bucket_policy(Bucket="bucket", Policy=document(everyone))
    named = {"Params": {"Bucket": "bucket", "Key": "k"}}
    url = s3.generate_presigned_url("get_object", **named, ExpiresIn=1)
    lab.clock.advance(days=1)
    for address in (url, url.partition("?")[0]):
        assert requests.get(address, timeout=5).content == b"b"


def test_what_parameter_store_does_not_look_at(kms: Any) -> None:
    nobody: Any = clients_of("nobody")("ssm")
    assert nobody.list_documents()["DocumentIdentifiers"] == []
    ssm: Any = boto3.client("ssm")
    put = {"Name": "a", "Overwrite": True, "AllowedPattern": "[0-9]+"}
    ssm.put_parameter(Value="no number", Type="String", **put)
    ssm.put_parameter(Value="x", Type="SecureString", **put)
    types = [each["Type"] for each in ssm.get_parameter_history(Name="a")["Parameters"]]
    assert types == ["String", "SecureString"]


def test_replicas_of_secrets_are_there_at_once(kms: Any) -> None:
    secrets: Any = boto3.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString="x", AddReplicaRegions=[{"Region": "eu-west-1"}])
    there: Any = boto3.client("secretsmanager", region_name="eu-west-1")
    assert there.get_secret_value(SecretId="db")["SecretString"] == "x"
    with pytest.raises(lab.NothingSent, match="has not been implemented"):
        there.stop_replication_to_replica(SecretId="db")


def test_the_event_history_is_of_kms_only(kms: Any) -> None:
    new_key(kms)
    boto3.client("s3").create_bucket(Bucket="bucket")
    events = boto3.client("cloudtrail").lookup_events()["Events"]
    assert [event["EventSource"] for event in events] == ["kms.amazonaws.com"]
