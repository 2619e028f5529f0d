"""The capstone: the account is asked step by step, tickets tell no cause, the report is honest."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from helpers import lab, practice
from helpers.practice.capstone import asking, incidents, record
from helpers.practice.capstone.scenes.bucket_setting import set_default
from helpers.practice.capstone.steps import STEPS
from helpers.practice.exercises import answers
from tests.practice.learner import learner, solution

BUCKET = "records-123456789012"
ARN = f"arn:aws:s3:::{BUCKET}"
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class Built:
    """The firm's storage as the lesson builds it, in the lab's account."""

    def __init__(self) -> None:
        self.kms, self.s3, self.iam = (boto3.client(name) for name in ("kms", "s3", "iam"))
        self.key_arn = ""

    def roles(self) -> None:
        for role in ("key-admin", "records-writer", "records-reader"):
            lab.as_role(role)

    def key(self, **changed: Any) -> None:
        who = [f"arn:aws:iam::123456789012:role/{role}" for role in
               ("key-admin", "records-reader", "records-writer")]  # fmt: skip
        policy = learner(solution("firm_key_policy"), "firm_key_policy")("123456789012", *who)
        made = self.kms.create_key(**{"Policy": json.dumps(policy)} | changed)
        self.key_arn = made["KeyMetadata"]["Arn"]

    def settings(self) -> None:
        key_id = self.key_arn.rpartition("/")[2]
        self.kms.create_alias(AliasName="alias/records", TargetKeyId=key_id)
        self.kms.enable_key_rotation(KeyId=key_id)
        self.kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "project", "TagValue": "records"}])

    def bucket(self) -> None:
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_public_access_block(
            Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(SWITCHES, True)
        )
        set_default(self.s3, BUCKET, self.key_arn, bucket_key=True)

    def refusing(self) -> None:
        write = learner(solution("firm_bucket_policy"), "firm_bucket_policy")
        self.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(write(ARN, self.key_arn)))

    def permissions(self) -> None:
        lab.as_role("records-reader", may("s3:GetObject"))
        lab.as_role("records-writer", may("s3:PutObject"))

    def used(self) -> None:
        writer = lab.as_role("records-writer", may("s3:PutObject")).client("s3")
        reader = lab.as_role("records-reader", may("s3:GetObject")).client("s3")
        writer.put_object(Bucket=BUCKET, Key="o", Body=b"x")
        reader.get_object(Bucket=BUCKET, Key="o")
        assert asking.refused(self.s3.get_object, Bucket=BUCKET, Key="o")[0] == "AccessDenied"

    def cleared(self) -> None:
        for item in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self.s3.delete_object(Bucket=BUCKET, Key=item["Key"])
        self.s3.delete_bucket(Bucket=BUCKET)
        for role in ("key-admin", "records-writer", "records-reader"):
            for name in self.iam.list_role_policies(RoleName=role)["PolicyNames"]:
                self.iam.delete_role_policy(RoleName=role, PolicyName=name)
            self.iam.delete_role(RoleName=role)
        self.kms.delete_alias(AliasName="alias/records")
        self.kms.schedule_key_deletion(KeyId=self.key_arn, PendingWindowInDays=30)


PARTS = ["roles", "key", "settings", "bucket", "refusing", "permissions", "used"]
NEEDED = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 6, 8: 7, 9: 7}  # step -> how many of the parts


def may(*actions: str, resource: str = f"{ARN}/*") -> dict[str, Any]:
    return asking.policy(asking.allow(list(actions), resource))


@pytest.fixture
def built(open_lab: None) -> Iterator[Built]:
    record.forget()
    incidents._played.clear()
    yield Built()
    record.forget()
    incidents._played.clear()


def build(firm: Built, parts: int) -> None:
    for part in PARTS[:parts]:
        getattr(firm, part)()


@pytest.mark.parametrize("step", NEEDED)
def test_a_step_is_done_when_it_is_done(step: int, built: Built) -> None:
    build(built, NEEDED[step])
    message = practice.verify(step, built.key_arn if step == 2 else "")
    assert message.state == "correct", message
    assert record.steps().keys() == {step}


@pytest.mark.parametrize("step", [*NEEDED, 10])
def test_nothing_is_done_in_an_empty_account(step: int, built: Built) -> None:
    message = practice.verify(step)
    assert message.state == "not started", message
    assert record.steps() == {}


def test_cleared_away(built: Built) -> None:
    build(built, 7)
    built.cleared()
    assert practice.verify(10, built.key_arn).state == "correct"


def test_a_closed_lab_is_told() -> None:
    lab.close()
    assert practice.verify(1).title == "The lab is closed"
    with pytest.raises(lab.LabError):
        practice.incident(1)


def test_a_step_that_there_is_not() -> None:
    with pytest.raises(practice.PracticeError, match="1 to 10"):
        practice.verify(11)


def another_key(firm: Built) -> str:
    return str(firm.kms.create_key()["KeyMetadata"]["Arn"])


def key_policy(firm: Built, *statements: dict[str, Any]) -> None:
    policy = json.loads(firm.kms.get_key_policy(KeyId=firm.key_arn)["Policy"])
    policy["Statement"] += statements
    firm.kms.put_key_policy(KeyId=firm.key_arn, Policy=json.dumps(policy))


def to(role: str, action: str) -> dict[str, Any]:
    who = {"AWS": f"arn:aws:iam::123456789012:role/{role}"}
    return asking.allow(action, Principal=who)


def default_of(firm: Built, algorithm: str, key: str = "", bucket_key: bool = True) -> None:
    by = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    rule = {"ApplyServerSideEncryptionByDefault": by, "BucketKeyEnabled": bucket_key}
    firm.s3.put_bucket_encryption(
        Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def refusing_only(firm: Built, which: int) -> None:
    document = json.loads(firm.s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    document["Statement"] = [document["Statement"][which]]
    firm.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))


def without_a_read(firm: Built) -> None:
    build(firm, 6)
    lab.as_role("records-writer", may("s3:PutObject")).client("s3").put_object(
        Bucket=BUCKET, Key="o", Body=b"x"
    )


def somebody_else(firm: Built) -> None:
    key_policy(firm, to("key-admin", "kms:Encrypt"))
    lab.as_role("key-admin").client("kms").encrypt(KeyId=firm.key_arn, Plaintext=b"x")


# Step, parts to build first, what to break, what it must be called.
Break = Callable[[Built], object]
BROKEN: list[tuple[int, int, Break, str]] = [
    (1, 0, lambda f: lab.as_role("key-admin"), "There is no role records-writer"),
    (2, 1, lambda f: f.key(Policy=DEFAULT), "Its administrator can't look after it"),
    (2, 2, lambda f: key_policy(f, to("key-admin", "kms:*")), "Administrators can use the key"),
    (
        2,
        2,
        lambda f: key_policy(f, to("key-admin", "kms:Decrypt")),
        "Administrators can use the key",
    ),
    (
        2,
        2,
        lambda f: key_policy(f, to("key-admin", "kms:Encrypt")),
        "Administrators can use the key",
    ),
    (
        2,
        2,
        lambda f: key_policy(f, to("records-reader", "kms:Decrypt")),
        "The key works without S3",
    ),
    (
        2,
        2,
        lambda f: key_policy(f, to("records-writer", "kms:GenerateDataKey")),
        "The key works without S3",
    ),
    (2, 2, lambda f: f.kms.disable_key(KeyId=f.key_arn), "The key can't be used"),
    (
        2,
        1,
        lambda f: f.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT"),
        "S3 can't use this key",
    ),
    (3, 3, lambda f: f.kms.disable_key_rotation(KeyId=f.key_arn), "The material never changes"),
    (
        3,
        3,
        lambda f: f.kms.enable_key_rotation(KeyId=f.key_arn, RotationPeriodInDays=700),
        "It rotates too rarely",
    ),
    (
        3,
        3,
        lambda f: f.kms.untag_resource(KeyId=f.key_arn, TagKeys=["project"]),
        "The tag project is missing",
    ),
    (3, 3, lambda f: f.kms.delete_alias(AliasName="alias/records"), "No key is called alias/rec"),
    (4, 4, lambda f: default_of(f, "AES256"), "S3's own keys encrypt"),
    (4, 4, lambda f: default_of(f, "aws:kms"), "The AWS managed key encrypts"),
    (4, 4, lambda f: default_of(f, "aws:kms", "alias/records"), "The default names an alias"),
    (4, 4, lambda f: default_of(f, "aws:kms", another_key(f)), "The default names another key"),
    (4, 4, lambda f: default_of(f, "aws:kms", f.key_arn, False), "No bucket key"),
    (
        4,
        4,
        lambda f: f.s3.delete_public_access_block(Bucket=BUCKET),
        "Public access is not blocked",
    ),
    (5, 5, lambda f: f.s3.delete_bucket_policy(Bucket=BUCKET), "No bucket policy"),
    (5, 5, lambda f: refusing_only(f, 0), "Plain HTTP is let in"),
    (5, 5, lambda f: refusing_only(f, 1), "Other encryption is let in"),
    (6, 6, lambda f: lab.as_role("records-reader"), "records-reader can't do its work"),
    (6, 6, lambda f: lab.as_role("records-reader", may("s3:*")), "records-reader may do everythin"),
    (
        6,
        6,
        lambda f: lab.as_role("records-reader", may("s3:GetObject", "s3:PutObject")),
        "The reader writes",
    ),
    (
        6,
        6,
        lambda f: lab.as_role("records-writer", may("s3:PutObject", "kms:Decrypt")),
        "records-writer has the key from two sides",
    ),
    (
        6,
        6,
        lambda f: lab.as_role("records-reader", may("s3:GetObject", resource="*")),
        "records-reader goes beyond the bucket",
    ),
    (
        6,
        6,
        lambda f: lab.as_role("key-admin", may("s3:GetObject")),
        "The administrator has objects",
    ),
    (7, 6, lambda f: lab.as_role("records-writer"), "The writer can't write"),
    (7, 6, lambda f: lab.as_role("records-reader"), "The reader can't read"),
    (
        7,
        6,
        lambda f: lab.as_role("records-reader", may("s3:GetObject", "s3:DeleteObject")),
        "The reader deletes",
    ),
    (
        7,
        6,
        lambda f: key_policy(f, asking.allow("kms:Decrypt", Principal={"AWS": "123456789012"})),
        "the account's administrator reads",
    ),
    (8, 0, without_a_read, "No Decrypt by records-reader"),
    (8, 7, somebody_else, "Somebody else used the key"),
    (9, 6, lambda f: None, "The bucket is empty"),
    (10, 7, lambda f: None, "The bucket is still there"),
]
DEFAULT = json.dumps(
    asking.policy(asking.allow("kms:*", Principal={"AWS": "arn:aws:iam::123456789012:root"}))
)


@pytest.mark.parametrize(
    ("step", "parts", "spoil", "title"), BROKEN, ids=[f"{b[0]}-{b[3]}" for b in BROKEN]
)
def test_what_is_missing_is_named(
    step: int, parts: int, spoil: Break, title: str, built: Built
) -> None:
    build(built, parts)
    record.step_passed(step, None)  # it was done once; now it isn't
    spoil(built)
    message = practice.verify(step, built.key_arn if step == 2 else "")
    assert message.state in ("wrong", "not started")
    assert message.title.startswith(f"Step {step}: {title}"), message
    assert record.steps() == {}


def test_an_object_from_before_is_found_at_rest(built: Built) -> None:
    build(built, 3)
    built.s3.create_bucket(Bucket=BUCKET)
    built.s3.put_object(Bucket=BUCKET, Key="old", Body=b"x")
    set_default(built.s3, BUCKET, built.key_arn, bucket_key=True)
    assert "old is not under the firm's key" in practice.verify(9).title


def test_verifying_leaves_nothing_behind(built: Built) -> None:
    build(built, 7)
    for step in range(1, 10):
        practice.verify(step)
    objects = built.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [each["Key"] for each in objects] == ["o"]
    assert "Uploads" not in built.s3.list_multipart_uploads(Bucket=BUCKET)


CAUSES = {
    1: "bucket key|context|bucketkey",
    2: "pending|deletion|schedul",
    3: "expire|material|import",
    4: "key policy|putkeypolicy|migration",
    5: "rotate|re-?encrypt anew|batch a",
    6: "key policy",
}


@pytest.mark.parametrize("number", incidents.SCENES)
def test_a_ticket_names_no_cause(number: int, built: Built) -> None:
    ticket = practice.incident(number)
    assert not re.search(CAUSES[number], f"{ticket.title} {ticket.ticket}".casefold())
    assert "Ticket" in repr(ticket) and "<strong>" in ticket._repr_mimebundle_()["text/html"]
    with pytest.raises(practice.PracticeError, match="has no 'cause'"):
        ticket["cause"]


def test_an_incident_that_there_is_not() -> None:
    with pytest.raises(practice.PracticeError, match="1 to 6"):
        practice.incident(7)


SYMPTOMS: dict[int, tuple[Callable[[Any], tuple[str, str]], str]] = {
    1: (
        lambda i: asking.refused(
            i["accounting"].client("s3").get_object, Bucket=i["bucket"], Key="november.csv"
        ),
        "AccessDenied",
    ),
    2: (
        lambda i: asking.refused(boto3.client("s3").get_object, Bucket=i["bucket"], Key="2019.zip"),
        "KMS.KMSInvalidStateException",
    ),
    3: (
        lambda i: asking.refused(boto3.client("kms").encrypt, KeyId=i["key_id"], Plaintext=b"x"),
        "KMSInvalidStateException",
    ),
    4: (
        lambda i: asking.refused(boto3.client("kms").describe_key, KeyId=i["key_id"]),
        "AccessDeniedException",
    ),
    6: (
        lambda i: asking.refused(
            i["auditor"].client("s3").get_object, Bucket=i["bucket"], Key="2026.csv"
        ),
        "AccessDenied",
    ),
}


@pytest.mark.parametrize("number", SYMPTOMS)
def test_an_incident_has_its_symptom_and_then_its_evidence(number: int, built: Built) -> None:
    ticket = practice.incident(number)
    request, code = SYMPTOMS[number]
    assert request(ticket)[0] == code
    event = incidents.evidence_of(ticket, asking.here())
    assert event is not None
    row = practice.report().incidents[number - 1]
    assert row[3] == event["eventTime"] and event["eventID"] in row[4]


def test_the_leak_opens_what_it_says_and_the_trail_has_its_birth(built: Built) -> None:
    ticket = practice.incident(5)
    event = incidents.evidence_of(ticket, asking.here())
    assert event is not None and asking.context_of(event) == {"batch": "A"}


def test_a_report_of_nothing(built: Built, kept: dict) -> None:
    report = practice.report()
    assert not report.complete
    assert len(report.steps) == len(STEPS) and len(report.incidents) == len(incidents.SCENES)
    assert "0 of 10 steps done, 0 of 6 incidents mended." in report.summary
    assert {row[2] for row in report.steps + report.incidents} == {"○ open"}


def test_the_report_says_whose_policy_was_used(built: Built, kept: dict) -> None:
    build(built, 5)
    for step in (1, 2, 3, 4, 5):
        assert practice.verify(step, built.key_arn if step == 2 else "").state == "correct"
    results = [row[2] for row in practice.report().steps]
    assert results[:5] == ["✓ done", BORROWED, "✓ done", "✓ done", BORROWED]
    kept["exercise"] = {"11-firm-key-policy": {"once_passed": True}}
    assert [row[2] for row in practice.report().steps][1] == "✓ done"


BORROWED = "◐ verified, with the course's policy"


def test_an_answer_is_the_learners_only_while_it_is_right(open_lab: None, kept: dict) -> None:
    mine = learner(solution("mend_reader"), "mend_reader")
    wrong = learner("def mend_reader(policy, bucket_arn):\n    return policy", "mend_reader")
    assert practice.answer(mine) is not mine  # not checked yet
    practice.check(mine)
    assert practice.answer(mine) is mine
    assert practice.answer(wrong) is not wrong
    practice.check(wrong)
    assert practice.answer(mine) is not mine
    assert practice.answer(mine).__name__ == "mend_reader"
    answers._right.clear()
    with pytest.raises(practice.PracticeError, match="no exercise"):
        practice.answer(print)
