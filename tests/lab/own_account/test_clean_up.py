"""What the course made is listed, then taken away, and nothing else is; also after a crash."""

import builtins
import json
import os
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from helpers import lab
from helpers.lab.own_account import removing
from helpers.lab.own_account.requests import TAG

from .conftest import ACCOUNT, OPEN, PROFILE, Remote, run, run_json, start

OPENED = {"account": "aws", "profile": PROFILE, "confirm": ACCOUNT}
CLEAN = OPEN + "lab.clean_up(really=True)\n"

# A bit of everything that the lessons make; prints a line after each step.
MAKE = (
    OPEN
    + """
import json, os, boto3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key
def step(*_): print("step", flush=True)
kms, s3 = boto3.client("kms"), boto3.client("s3")
key = kms.create_key()["KeyMetadata"]["KeyId"]; step()
kms.create_alias(AliasName="alias/lesson", TargetKeyId=key); step()
primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]; step()
kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1"); step()
s3.create_bucket(Bucket="lesson"); step()
s3.put_bucket_versioning(Bucket="lesson", VersioningConfiguration={"Status": "Enabled"}); step()
for _ in range(2): step(s3.put_object(Bucket="lesson", Key="k", Body=b"x"))
s3.delete_object(Bucket="lesson", Key="k"); step()
s3.create_multipart_upload(Bucket="lesson", Key="half"); step()
deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": ["s3:DeleteObject*", "s3:PutObject"], "Resource": "arn:aws:s3:::lesson/*"}}
s3.put_bucket_policy(Bucket="lesson", Policy=json.dumps(deny)); step()
boto3.client("s3", region_name="eu-west-1").create_bucket(Bucket="lesson-eu"); step()
secrets = boto3.client("secretsmanager")
secrets.create_secret(Name="lesson", SecretString="s", AddReplicaRegions=[{"Region": "eu-west-1"}])
step()
boto3.client("ssm").put_parameter(Name="/lesson", Value="1", Type="String"); step()
lab.as_role("lesson", {"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}); step()
brought = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]; step()
asked = kms.get_parameters_for_import(KeyId=brought, WrappingAlgorithm="RSAES_OAEP_SHA_256",
                                      WrappingKeySpec="RSA_2048")
oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
kms.import_key_material(KeyId=brought, ImportToken=asked["ImportToken"],
    EncryptedKeyMaterial=load_der_public_key(asked["PublicKey"]).encrypt(os.urandom(32), oaep),
    ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"); step()
"""
)
STEPS = 17


class Decoys:
    """Things of the account's owner, with names like the course's, and without its tag."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        kms = remote.client("kms")
        other = [{"TagKey": "team", "TagValue": TAG}, {"TagKey": f"{TAG}-not", "TagValue": "x"}]
        self.keys = [
            kms.create_key()["KeyMetadata"]["KeyId"],
            kms.create_key(Tags=other, Description="course")["KeyMetadata"]["KeyId"],
        ]
        kms.create_alias(AliasName="alias/mine", TargetKeyId=self.keys[0])
        self.buckets = ["lesson", f"mine-{ACCOUNT}-us-east-1-an"]
        for bucket in self.buckets:
            remote.client("s3").create_bucket(Bucket=bucket)
            remote.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
        remote.client("secretsmanager").create_secret(Name="mine", SecretString="s")
        remote.client("ssm").put_parameter(Name="/mine", Value="1", Type="String")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        for path, name in (("/", "mine"), ("/kms-course/", "also-mine")):
            remote.client("iam").create_role(
                Path=path, RoleName=name, AssumeRolePolicyDocument=trust
            )

    def check(self) -> None:
        client = self.remote.client
        for key in self.keys:
            assert client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
        found = client("kms").list_aliases(KeyId=self.keys[0])["Aliases"]
        assert [alias["AliasName"] for alias in found] == ["alias/mine"]
        for bucket in self.buckets:
            assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
        assert client("secretsmanager").get_secret_value(SecretId="mine")["SecretString"] == "s"
        assert client("ssm").get_parameter(Name="/mine")["Parameter"]["Value"] == "1"
        roles = {role["RoleName"] for role in client("iam").list_roles()["Roles"]}
        assert {"mine", "also-mine"} <= roles


def left(remote: Remote, decoys: Decoys) -> list[str]:
    """What is in the account beside the decoys and what is pending deletion."""
    found = []
    for region in ("us-east-1", "eu-west-1"):
        kms = remote.client("kms", region)
        for key in kms.list_keys()["Keys"]:
            try:
                told = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            except ClientError:
                continue  # a lesson locked everybody out
            going = told["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion")
            if told["KeyManager"] != "AWS" and key["KeyId"] not in decoys.keys and not going:
                found.append(f"key {region} {told['KeyState']}")
        own = [
            a for a in kms.list_aliases()["Aliases"] if not a["AliasName"].startswith("alias/aws/")
        ]
        found += [a["AliasName"] for a in own if a["AliasName"] != "alias/mine"]
        secrets = remote.client("secretsmanager", region).list_secrets()["SecretList"]
        found += [f"secret {s['Name']}" for s in secrets if s["Name"] != "mine"]
    buckets = remote.client("s3").list_buckets()["Buckets"]
    found += [b["Name"] for b in buckets if b["Name"] not in decoys.buckets]
    parameters = remote.client("ssm").describe_parameters()["Parameters"]
    found += [p["Name"] for p in parameters if p["Name"] != "/mine"]
    roles = remote.client("iam").list_roles()["Roles"]
    found += [r["RoleName"] for r in roles if r["RoleName"] not in ("mine", "also-mine")]
    return found


def test_first_listed_then_taken_away(remote: Remote) -> None:
    decoys = Decoys(remote)
    assert run(remote, MAKE).count("step") == STEPS
    there = left(remote, decoys)

    listed = run(remote, OPEN + "lab.clean_up()\n")
    assert left(remote, decoys) == there
    assert "Nothing was done" in listed
    for name in (f"lesson-{ACCOUNT}-us-east-1-an", "/lesson", "eu-west-1", "role"):
        assert name in listed
    assert "mine" not in listed

    cleaned = run(remote, CLEAN)
    assert left(remote, decoys) == []
    decoys.check()
    assert "What remains:" in cleaned
    assert "4 keys pending deletion" in cleaned
    assert "7 days after its last replica" in cleaned
    assert "1 secret pending deletion" in cleaned
    assert "aws/s3" in cleaned

    kms = remote.client("kms")
    pending = [
        found
        for key in kms.list_keys()["Keys"]
        if (found := kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"])["KeyState"]
        == "PendingDeletion"
    ]
    days = [(key["DeletionDate"].timestamp() - time.time()) / 86_400 for key in pending]
    assert [round(each) for each in days] == [7, 7]

    again = run(remote, CLEAN)
    assert "4 keys pending deletion" in again
    assert "Cleaned up" not in again
    decoys.check()


@pytest.mark.parametrize("steps", [0, 1, 4, 5, 12])
def test_after_a_crash_another_process_cleans_up(remote: Remote, steps: int) -> None:
    decoys = Decoys(remote)
    process = start(remote, MAKE)
    with process:
        assert process.stdout
        seen = 0
        while seen < steps:
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            seen += line == "step\n"
        if not steps:
            process.stdout.readline()  # it has said something, no more
        process.kill()
    run(remote, CLEAN)
    assert left(remote, decoys) == []
    decoys.check()


def test_without_the_journal_the_tags_are_enough(remote: Remote) -> None:
    decoys = Decoys(remote)
    run(remote, MAKE)
    os.remove(remote.environment["KMS_COURSE_OWN_ACCOUNT"])
    run(remote, CLEAN)  # the replica's Region is told by its primary
    script = OPEN + 'lab.clean_up(really=True, regions=["eu-west-1"])\n'
    run(remote, script)
    assert [each for each in left(remote, decoys) if "lesson-eu" not in each] == []
    decoys.check()


def test_without_its_tag_the_journal_is_enough(here: Remote) -> None:
    decoys = Decoys(here)
    lab.open(**OPENED)
    boto3.client("s3").create_bucket(Bucket="mine-too")
    here.client("s3").delete_bucket_tagging(Bucket=f"mine-too-{ACCOUNT}-us-east-1-an")
    lab.clean_up(really=True)
    assert left(here, decoys) == []
    decoys.check()


def test_what_came_later_under_the_same_name_is_not_the_course_s(here: Remote) -> None:
    lab.open(**OPENED)
    boto3.client("ssm").put_parameter(Name="/p", Value="1", Type="String")
    lab.as_role("analyst")
    boto3.client("s3").create_bucket(Bucket="texts")
    boto3.client("s3").delete_bucket(Bucket="texts")
    ssm, iam, s3 = here.client("ssm"), here.client("iam"), here.client("s3")
    ssm.delete_parameter(Name="/p")
    ssm.put_parameter(Name="/p", Value="mine", Type="String")
    iam.delete_role(RoleName="analyst")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(Path="/kms-course/", RoleName="analyst", AssumeRolePolicyDocument=trust)
    s3.create_bucket(Bucket=f"texts-{ACCOUNT}-us-east-1-an")
    lab.clean_up(really=True)
    assert ssm.get_parameter(Name="/p")["Parameter"]["Value"] == "mine"
    assert iam.get_role(RoleName="analyst")
    assert len(s3.list_buckets()["Buckets"]) == 1


def test_a_journal_that_can_not_be_written(here: Remote, monkeypatch: Any, capsys: Any) -> None:
    decoys = Decoys(here)
    (here.home / "a-file").write_text("")
    monkeypatch.setenv("KMS_COURSE_OWN_ACCOUNT", str(here.home / "a-file" / "journal"))
    lab.open(**OPENED)
    boto3.client("s3").create_bucket(Bucket="texts")
    boto3.client("kms").create_alias(
        AliasName="alias/a", TargetKeyId=boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    )
    assert capsys.readouterr().out.count("can't be noted") == 1
    lab.clean_up(really=True)
    assert left(here, decoys) == []


def test_a_damaged_journal(here: Remote) -> None:
    decoys = Decoys(here)
    journal = Path(here.environment["KMS_COURSE_OWN_ACCOUNT"])
    journal.write_text(
        '{"account": "1", "x\n[]\n{}\n\x00\n{"account": "' + ACCOUNT + '", "kind": "ro'
    )
    lab.open(**OPENED)
    boto3.client("s3").create_bucket(Bucket="texts")
    lab.close()
    assert f"texts-{ACCOUNT}-us-east-1-an" in journal.read_text()
    lab.open(**OPENED)
    boto3.client("s3").put_object(Bucket="texts", Key="k", Body=b"x")
    lab.clean_up(really=True)
    assert left(here, decoys) == []


MANAGE = ["kms:Describe*", "kms:List*", "kms:PutKeyPolicy"]


def only(principal: str, *actions: str) -> str:
    """A key policy that lets one principal do this, and nobody else anything."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:{principal}"},
        "Action": list(actions),
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def test_a_lesson_can_not_lock_itself_out(here: Remote) -> None:
    lab.open(**OPENED)
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    policy = only("root", "kms:Encrypt")
    for call in (
        lambda: kms.put_key_policy(KeyId=key, Policy=policy, BypassPolicyLockoutSafetyCheck=True),
        lambda: kms.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True),
    ):
        with pytest.raises(lab.NothingSent, match="AWS Support"):
            call()
    assert "kms:*" in here.client("kms").get_key_policy(KeyId=key)["Policy"]
    assert len(here.client("kms").list_keys()["Keys"]) == 1


def test_a_policy_that_forbids_the_deletion_is_changed_first(here: Remote) -> None:
    decoys = Decoys(here)
    lab.open(**OPENED)
    kms, keeper = boto3.client("kms"), lab.as_role("keeper").client("kms")
    mine, keepers = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.put_key_policy(KeyId=mine, Policy=only("root", *MANAGE))
    two = json.loads(only("root", *MANAGE))
    two["Statement"] = [two["Statement"], json.loads(only("role/keeper", *MANAGE))["Statement"]]
    kms.put_key_policy(KeyId=keepers, Policy=json.dumps(two))
    look = json.loads(only("root", "kms:Describe*", "kms:List*"))["Statement"]
    two["Statement"][0] = look
    keeper.put_key_policy(KeyId=keepers, Policy=json.dumps(two))
    found = lab.clean_up(really=True)
    assert [each["problem"] for each in found if each["problem"]] == []
    assert left(here, decoys) == []
    decoys.check()


def test_one_that_can_not_be_removed_does_not_keep_the_others(here: Remote, capsys: Any) -> None:
    decoys = Decoys(here)
    lab.open(**OPENED)
    kms = boto3.client("kms")
    seen, unseen, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3))
    lab.as_role("goes")
    for key, action in ((seen, ["kms:Describe*", "kms:List*"]), (unseen, ["kms:Encrypt"])):
        here.client("kms").put_key_policy(
            KeyId=key, Policy=only("root", *action), BypassPolicyLockoutSafetyCheck=True
        )
    capsys.readouterr()
    found = lab.clean_up(really=True)
    problems = {each["name"]: each["problem"] for each in found if each["problem"]}
    assert set(problems) == {seen, unseen}
    assert problems[unseen].startswith("AccessDeniedException")
    assert len([line for line in found.remains if "AccessDeniedException" in line]) == 2
    assert f"key {seen} in us-east-1: AccessDeniedException" in capsys.readouterr().out
    states = {each["name"]: each["state"] for each in found}
    assert states[other] == "PendingDeletion"
    assert states["goes"] == "gone"
    assert [each for each in left(here, decoys) if "Enabled" not in each] == []
    decoys.check()


def test_a_service_that_refuses_does_not_keep_the_others(here: Remote, monkeypatch: Any) -> None:
    lab.open(**OPENED)
    boto3.client("kms").create_key()
    boto3.client("s3").create_bucket(Bucket="texts")
    refusal = ClientError({"Error": {"Code": "SlowDown", "Message": "wait"}}, "DeleteBucket")

    def refuse(*_: Any) -> None:
        raise refusal

    with monkeypatch.context() as patch:
        patch.setitem(removing._REMOVERS, "bucket", refuse)
        found = lab.clean_up(really=True)
    assert "bucket texts-123456789012-us-east-1-an in us-east-1: SlowDown: wait" in found.remains
    assert [each["state"] for each in found if each["kind"] == "key"] == ["PendingDeletion"]
    lab.clean_up(really=True)
    assert here.client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("answer, done", [(ACCOUNT, True), ("", False), ("yes", False)])
def test_it_asks_where_there_is_a_keyboard(
    here: Remote, monkeypatch: Any, answer: str, done: bool
) -> None:
    lab.open(**OPENED)
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    monkeypatch.setattr(builtins, "input", lambda _: answer)
    found = lab.clean_up()
    assert found.done == done
    state = here.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    assert state == ("PendingDeletion" if done else "Enabled")


def test_it_wants_the_right_number(here: Remote) -> None:
    lab.open(**OPENED)
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(lab.LabError, match="not the account"):
        lab.clean_up(confirm="111122223333")
    assert here.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Enabled"]
    assert lab.clean_up(confirm=ACCOUNT).done


def test_there_is_nothing(here: Remote, capsys: Any) -> None:
    lab.open(**OPENED)
    capsys.readouterr()
    found = lab.clean_up(really=True)
    assert (list(found), found.done, found.remains) == ([], False, [])
    assert capsys.readouterr().out.startswith("Nothing of the course is in account")


@pytest.mark.parametrize("opened", [False, True])
def test_only_of_one_s_own_account(opened: bool) -> None:
    lab.close()
    if opened:
        lab.open()
    try:
        with pytest.raises(lab.LabError, match="your own AWS account"):
            lab.clean_up(really=True)
    finally:
        lab.close()


def test_a_lesson_runs_again_after_cleaning_up(here: Remote) -> None:
    lab.open(**OPENED)
    for _ in range(2):
        kms, s3 = boto3.client("kms"), boto3.client("s3")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
        s3.create_bucket(Bucket="contracts")
        s3.put_object(Bucket="contracts", Key="k", Body=b"x")
        lab.as_role("analyst", None)
        boto3.client("ssm").put_parameter(Name="/p", Value="1", Type="String")
        lab.clean_up(really=True)
    found = run_json(here, OPEN + "import json\nprint(json.dumps(lab.clean_up()))\n")
    assert {each["state"] for each in found} == {"PendingDeletion"}
