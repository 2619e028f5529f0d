"""boto3 acts in the account elsewhere: in its names, tagged; the rest of it is left alone."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.client import ClientCreator
from botocore.exceptions import ClientError

from helpers import lab
from helpers.lab.own_account import state
from helpers.lab.own_account.journal import Journal, Made
from helpers.lab.own_account.lab_only import OnlyInTheLab
from helpers.lab.own_account.naming import own_names
from helpers.lab.own_account.requests import TAG

from .conftest import ACCOUNT, PROFILE, Remote, settings

SUFFIX = f"-{ACCOUNT}-us-east-1-an"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}


@pytest.fixture
def own(here: Remote, capsys: pytest.CaptureFixture[str]) -> Iterator[Remote]:
    """Open, and quiet about it."""
    lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    capsys.readouterr()
    yield here


def key_tags(remote: Remote, key_id: str, region: str = "us-east-1") -> dict[str, str]:
    tags = remote.client("kms", region).list_resource_tags(KeyId=key_id)["Tags"]
    return {tag["TagKey"]: tag["TagValue"] for tag in tags}


def pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


# What is made is tagged, there


def test_keys_are_tagged_as_they_are_made(own: Remote) -> None:
    kms = boto3.client("kms")
    plain = kms.create_key()["KeyMetadata"]["KeyId"]
    tagged = kms.create_key(MultiRegion=True, Tags=[{"TagKey": "team", "TagValue": "shop"}])
    primary = tagged["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1")
    assert TAG in key_tags(own, plain)
    assert {TAG, "team"} == set(key_tags(own, primary))
    assert TAG in key_tags(own, primary, "eu-west-1")
    there = [key["KeyId"] for key in own.client("kms").list_keys()["Keys"]]
    assert sorted(there) == sorted([plain, primary])


def test_other_things_are_tagged_as_they_are_made(own: Remote) -> None:
    boto3.client("secretsmanager").create_secret(Name="door", SecretString="open")
    boto3.client("ssm").put_parameter(Name="/a", Value="1", Type="String")
    boto3.client("ssm").put_parameter(Name="/b", Value="1", Type="String", Overwrite=True)
    boto3.client("ssm").put_parameter(Name="/b", Value="2", Type="String", Overwrite=True)
    lab.as_role("analyst", ALLOW_ALL)
    trust = json.dumps(ALLOW_ALL | {"Statement": []})
    boto3.client("iam").create_role(RoleName="by-hand", AssumeRolePolicyDocument=trust)
    assert TAG in pairs(own.client("secretsmanager").describe_secret(SecretId="door")["Tags"])
    ssm = own.client("ssm")
    for name in ("/a", "/b"):
        found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
        assert TAG in pairs(found["TagList"])
    assert ssm.get_parameter(Name="/b")["Parameter"]["Value"] == "2"
    for name in ("analyst", "by-hand"):
        role = own.client("iam").get_role(RoleName=name)["Role"]
        assert role["Path"] == "/kms-course/"
        assert TAG in pairs(role["Tags"])


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_buckets_are_in_the_account_s_own_namespace(own: Remote, region: str) -> None:
    # Short names are taken, by others.
    own.client("s3").create_bucket(Bucket="contracts")
    s3 = boto3.client("s3", region_name=region)
    s3.create_bucket(Bucket="contracts")
    s3.put_object(Bucket="contracts", Key="a/contracts", Body=b"x")
    s3.copy_object(Bucket="contracts", Key="b", CopySource="contracts/a/contracts")
    source = {"Bucket": "contracts", "Key": "b"}
    s3.copy_object(Bucket="contracts", Key="c", CopySource=source)
    assert s3.get_object(Bucket="contracts", Key="c")["Body"].read() == b"x"
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::contracts/c",
        },
    }
    s3.put_bucket_policy(Bucket="contracts", Policy=json.dumps(policy))
    with lab.expect_error("AccessDenied"):
        s3.get_object(Bucket="contracts", Key="c")
    s3.put_bucket_tagging(Bucket="contracts", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})

    real = f"contracts-{ACCOUNT}-{region}-an"
    theirs = own.client("s3", region)
    assert {TAG, "a"} == set(pairs(theirs.get_bucket_tagging(Bucket=real)["TagSet"]))
    assert theirs.list_objects_v2(Bucket=real)["KeyCount"] == 3
    assert own.client("s3").list_objects_v2(Bucket="contracts")["KeyCount"] == 0
    assert f"arn:aws:s3:::{real}/c" in theirs.get_bucket_policy(Bucket=real)["Policy"]


def test_data_stays_as_it_is_to_the_letter(own: Remote) -> None:
    s3, kms = boto3.client("s3"), boto3.client("kms")
    s3.create_bucket(Bucket="texts")
    text = "arn:aws:s3:::texts/1 of 123456789012"
    s3.put_object(Bucket="texts", Key=text, Body=text.encode())
    assert own.client("s3").get_object(Bucket=f"texts{SUFFIX}", Key=text)["Body"].read() == (
        text.encode()
    )
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    context = {"aws:s3:arn": "arn:aws:s3:::texts/1"}
    blob = kms.encrypt(KeyId=key, Plaintext=text, EncryptionContext=context)["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert opened["Plaintext"] == text.encode()


# Who acts


def test_every_client_acts_in_the_confirmed_account(own: Remote) -> None:
    for client in (
        boto3.client("sts"),
        boto3.Session().client("sts"),
        boto3.Session(region_name="eu-west-1").client("sts"),
        boto3.Session(profile_name=PROFILE).client("sts"),
    ):
        assert client.get_caller_identity()["Account"] == ACCOUNT
        assert state.current
        assert client._request_signer._credentials.access_key == "SANDBOXKEY"


def test_the_environment_does_not_change_who_acts(
    own: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert boto3.Session().client("kms")._request_signer._credentials.access_key == "SANDBOXKEY"


def test_credentials_in_somebody_s_code_are_his_own_affair(own: Remote) -> None:
    theirs = own.client("kms")
    key = theirs.create_key()["KeyMetadata"]["KeyId"]
    assert key_tags(own, key) == {}
    own.client("sns")


def test_a_role_of_the_course(own: Remote) -> None:
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    may = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
    clerk = lab.as_role("clerk", {"Version": "2012-10-17", "Statement": [may]}).client("kms")
    blob = clerk.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with lab.expect_error("AccessDeniedException") as denied:
        clerk.decrypt(CiphertextBlob=blob)
    assert denied.code == "AccessDeniedException"
    assert ":assumed-role/clerk/" in denied.message
    lab.as_role("clerk")  # no policy any more
    with lab.expect_error("AccessDeniedException"):
        clerk.encrypt(KeyId=key, Plaintext=b"x")
    # A lesson that names the role means this one.
    grantee = f"arn:aws:iam::{ACCOUNT}:role/clerk"
    kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"])
    [grant] = own.client("kms").list_grants(KeyId=key)["Grants"]
    assert grant["GranteePrincipal"] == f"arn:aws:iam::{ACCOUNT}:role/kms-course/clerk"


def test_the_numbers_of_the_lab_become_the_account_s(here: Remote) -> None:
    journal = Journal("999999999999")
    journal.note(Made("bucket", "shop-999999999999-us-east-1-an", "us-east-1", "shop"))
    params = {
        "KeyId": "arn:aws:kms:us-east-1:123456789012:alias/a",
        "Policy": '{"AWS": "123456789012"}',
        "RetiringPrincipal": "arn:aws:iam::123456789012:user/admin",
        "Key": "123456789012",
        "Marker": "1234567890123",
        "Bucket": "shop",
        "Items": ["arn:aws:s3:::shop", "arn:aws:s3:::shop/a", "arn:aws:s3:::shop-2/a"],
    }
    ada = "arn:aws:sts::999999999999:assumed-role/student/ada"
    assert own_names(params, "999999999999", ada, journal) == {
        "KeyId": "arn:aws:kms:us-east-1:999999999999:alias/a",
        "Policy": '{"AWS": "999999999999"}',
        "RetiringPrincipal": ada,
        "Key": "123456789012",
        "Marker": "1234567890123",
        "Bucket": "shop-999999999999-us-east-1-an",
        "Items": [
            "arn:aws:s3:::shop-999999999999-us-east-1-an",
            "arn:aws:s3:::shop-999999999999-us-east-1-an/a",
            "arn:aws:s3:::shop-2/a",
        ],
    }


# What is refused, and not sent


def test_nothing_is_given_to_other_accounts(own: Remote) -> None:
    kms, sts, s3 = boto3.client("kms"), boto3.client("sts"), boto3.client("s3")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    policy = kms.get_key_policy(KeyId=key)["Policy"]
    s3.create_bucket(Bucket="mine")
    other = "arn:aws:iam::222222222222:root"
    opened = policy.replace(f"arn:aws:iam::{ACCOUNT}:root", other)
    for call in (
        lambda: kms.create_grant(KeyId=key, GranteePrincipal=other, Operations=["Decrypt"]),
        lambda: kms.put_key_policy(KeyId=key, Policy=opened),
        lambda: kms.put_key_policy(KeyId=key, Policy=opened.replace(other, "222222222222")),
        lambda: kms.create_key(Policy=opened),
        lambda: s3.put_bucket_policy(Bucket="mine", Policy=opened),
        lambda: sts.assume_role(
            RoleArn="arn:aws:iam::222222222222:role/x", RoleSessionName="visit"
        ),
        lambda: lab.as_role("partner", ALLOW_ALL, account="222222222222"),
    ):
        with pytest.raises(OnlyInTheLab, match="222222222222"):
            call()
    assert own.client("kms").get_key_policy(KeyId=key)["Policy"] == policy
    assert len(own.client("kms").list_keys()["Keys"]) == 1
    assert own.client("kms").list_grants(KeyId=key)["Grants"] == []


REFUSED: dict[str, Callable[[], Any]] = {
    "another service": lambda: boto3.client("sns").create_topic(Name="x"),
    "a user": lambda: boto3.client("iam").create_user(UserName="x"),
    "a key store": lambda: boto3.client("kms").create_custom_key_store(CustomKeyStoreName="x"),
    "a trail": lambda: boto3.client("cloudtrail").create_trail(Name="x", S3BucketName="y"),
    "a document": lambda: boto3.client("ssm").create_document(Name="x", Content="y"),
    "another endpoint": lambda: boto3.client("kms", endpoint_url="http://127.0.0.1:9"),
    "a bucket of others": lambda: boto3.client("s3").list_objects_v2(Bucket="contracts"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_could_not_be_cleaned_up_is_refused(own: Remote, what: str) -> None:
    with pytest.raises(lab.NothingSent):
        REFUSED[what]()


def test_what_the_course_did_not_make_is_left_alone(own: Remote) -> None:
    kms, iam = own.client("kms"), own.client("iam")
    mine, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/orders", TargetKeyId=mine)
    own.client("s3").create_bucket(Bucket="photos")
    own.client("ssm").put_parameter(Name="/mine", Value="1", Type="String")
    own.client("secretsmanager").create_secret(Name="mine", SecretString="s")
    trust = json.dumps(ALLOW_ALL | {"Statement": []})
    iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=trust)

    lessons, s3, ssm = boto3.client("kms"), boto3.client("s3"), boto3.client("ssm")
    secrets = boto3.client("secretsmanager")
    made = lessons.create_key()["KeyMetadata"]["KeyId"]
    for call in (
        lambda: lessons.schedule_key_deletion(KeyId=other),
        lambda: lessons.disable_key(KeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{other}"),
        lambda: lessons.put_key_policy(KeyId=other, Policy=json.dumps(ALLOW_ALL)),
        lambda: lessons.enable_key_rotation(KeyId=other),
        lambda: lessons.replicate_key(KeyId=other, ReplicaRegion="eu-west-1"),
        lambda: lessons.update_alias(AliasName="alias/orders", TargetKeyId=made),
        lambda: lessons.delete_alias(AliasName="alias/orders"),
        lambda: s3.delete_bucket(Bucket="photos"),
        lambda: s3.put_object(Bucket="photos", Key="k", Body=b"x"),
        lambda: ssm.delete_parameter(Name="/mine"),
        lambda: ssm.delete_parameters(Names=["/mine"]),
        lambda: secrets.put_secret_value(SecretId="mine", SecretString="t"),
        lambda: secrets.delete_secret(SecretId="mine", ForceDeleteWithoutRecovery=True),
        lambda: lab.as_role("analyst", ALLOW_ALL),
        lambda: boto3.client("iam").delete_role(RoleName="analyst"),
    ):
        with pytest.raises(lab.LabError):
            call()
    with pytest.raises(ClientError, match="AlreadyExists"):
        ssm.put_parameter(Name="/mine", Value="2", Type="String", Overwrite=True)
    with pytest.raises(ClientError, match="AlreadyExists"):
        lessons.create_alias(AliasName="alias/orders", TargetKeyId=made)
    with pytest.raises(lab.LabError):  # still not the course's
        lessons.delete_alias(AliasName="alias/orders")

    assert kms.describe_key(KeyId=other)["KeyMetadata"]["KeyState"] == "Enabled"
    assert kms.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyId"] == mine
    assert own.client("s3").list_objects_v2(Bucket="photos")["KeyCount"] == 0
    assert own.client("ssm").get_parameter(Name="/mine")["Parameter"]["Value"] == "1"
    assert own.client("secretsmanager").get_secret_value(SecretId="mine")["SecretString"] == "s"
    assert iam.list_role_policies(RoleName="analyst")["PolicyNames"] == []


def test_what_it_made_it_may_change_from_another_process_too(own: Remote) -> None:
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    lab.close()
    os.remove(own.environment["KMS_COURSE_OWN_ACCOUNT"])  # another machine: tags are enough
    lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    kms = boto3.client("kms")
    kms.disable_key(KeyId=key)
    kms.delete_alias(AliasName="alias/a")
    # AWS itself answers for its own keys, and for what is not there.
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"]
    with lab.expect_error("AccessDeniedException") as denied:
        kms.schedule_key_deletion(KeyId=managed)
    assert denied.code == "AccessDeniedException"
    with pytest.raises(ClientError, match="NotFound"):
        kms.delete_alias(AliasName="alias/none")


# What only the lab has


def test_the_clock(own: Remote, capsys: pytest.CaptureFixture[str]) -> None:
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    before = lab.clock.now()
    after = lab.clock.advance(days=7)
    assert (after - before).total_seconds() < 5
    assert (lab.clock.now() - before).total_seconds() < 5
    assert "Only in the lab" in capsys.readouterr().out
    with pytest.raises(ValueError, match="forward"):
        lab.clock.advance(days=-1)
    with lab.expect_error("NotFoundException") as none:
        kms.describe_key(KeyId=key)
    assert none.code == "no error"
    with lab.expect_error("NotFoundException") as other:
        kms.enable_key(KeyId=key)
    assert other.code == "KMSInvalidStateException"
    assert "In the lab this ends with NotFoundException" in capsys.readouterr().out


def test_the_x_ray_and_explanations(own: Remote, capsys: pytest.CaptureFixture[str]) -> None:
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for look in (
        lambda: lab.xray.key(key),
        lambda: lab.xray.blob(b"x"),
        lambda: lab.xray.secret("s"),
        lambda: lab.xray.s3_object("b", "k"),
        lambda: lab.xray.parameter("p"),
        lab.explain,
    ):
        seen = look()
        assert capsys.readouterr().out.startswith("Only in the lab: ") or look is not lab.xray
        part = seen["materials"][0]["key_material"]
        assert f"{part} {part == b'x'} {part!r}" == " ".join(["(only in the lab)"] * 3)
        for use in (len, list, bool, bytes, int, lambda value: value(), lambda value: 1 in value):
            with pytest.raises(OnlyInTheLab):
                use(part)
        with pytest.raises(OnlyInTheLab):
            kms.decrypt(CiphertextBlob=part)
    assert issubclass(OnlyInTheLab, lab.LabError)


def test_events_are_cloudtrail_s(own: Remote) -> None:
    boto3.client("kms").create_key()
    boto3.client("kms").list_keys()
    events = lab.events()
    assert [event["eventName"] for event in events] == ["CreateKey", "ListKeys"]
    assert "CreateKey" in repr(events)
    assert [event["eventName"] for event in lab.events(last=1)] == ["ListKeys"]


def test_a_trail_that_is_late_is_not_counted(own: Remote) -> None:
    boto3.client("kms").create_key()
    assert state.current
    state.current.requests.last_to_kms["us-east-1"] = "not there yet"
    with pytest.raises(OnlyInTheLab, match="again"):
        lab.events()


def test_scratch_is_in_the_lab(own: Remote) -> None:
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    before = len(own.client("kms").list_keys()["Keys"])
    with lab.scratch() as session:
        for _ in range(3):
            session.client("kms").create_key()
        assert len(session.client("kms").list_keys()["Keys"]) == 3
        with pytest.raises(lab.LabError, match=r"lab\.scratch"):
            kms.describe_key(KeyId=key)  # neither sent nor answered by the lab
    assert len(own.client("kms").list_keys()["Keys"]) == before
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
    assert boto3.client("sts").get_caller_identity()["Account"] == ACCOUNT


# Open, reset, close


def test_a_lesson_s_own_set_up_goes_on_there(own: Remote, capsys: Any) -> None:
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    lab.open(seed=106)
    lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    lab.reset()
    printed = capsys.readouterr().out
    assert printed.count("Open already: your own account") == 2
    assert "lab.clean_up()" in printed
    assert own.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Enabled"]
    assert boto3.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Enabled"]


def test_closing_puts_everything_back(here: Remote) -> None:
    before = dict(os.environ), boto3.DEFAULT_SESSION, ClientCreator.create_client
    lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    kms, assumed = boto3.client("kms"), lab.as_role("analyst", ALLOW_ALL).client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    lab.close()
    assert (dict(os.environ), boto3.DEFAULT_SESSION, ClientCreator.create_client) == before
    assert state.current is None
    for client in (kms, assumed):
        with pytest.raises(lab.LabError, match="closed"):
            client.describe_key(KeyId=key)
    lab.open(seed=1)
    assert boto3.client("kms").list_keys()["Keys"] == []
    with pytest.raises(lab.LabError):
        kms.list_keys()
    lab.clock.advance(days=1)


def test_an_endpoint_in_the_environment(
    here: Remote, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    settings(here, endpoint_url="")
    monkeypatch.setenv("AWS_ENDPOINT_URL", here.url)
    lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    assert here.url in capsys.readouterr().out
    assert boto3.client("kms").meta.endpoint_url == here.url
