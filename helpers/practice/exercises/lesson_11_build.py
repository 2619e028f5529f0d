"""Lesson 11, building: the key's policy and the bucket's, each tried by those whom it concerns."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from helpers import lab

from ..capstone.asking import USES, allow, policy, refused
from ..capstone.scenes.bucket_setting import set_default
from ..capstone.secrets import opens_a_secret
from .kit import Call, Misconception, exercise

ROLES = ("keeper", "reader", "writer")
DIRECTLY = {"aws:s3:arn": "taken from the audit trail"}
IN_S3 = {
    "keeper": ["s3:GetObject", "s3:PutObject"],
    "reader": ["s3:GetObject", "s3:PutObject"],
    "writer": ["s3:PutObject"],
}
# IAM's half of the work with aliases. The other half stands in the key policy.
ALIAS_WORK = ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"]


@dataclass(frozen=True)
class Place:
    """An account of its own: three roles that may use S3, and an empty bucket."""

    session: Any
    account: str
    bucket: str
    roles: dict[str, Any]

    @property
    def bucket_arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"

    def arn(self, role: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{role}"

    def client(self, service: str, **how: Any) -> Any:
        return self.session.client(service, **how)


@contextmanager
def _place() -> Iterator[Place]:
    with lab.scratch() as session:
        account = session.client("sts").get_caller_identity()["Account"]
        bucket = f"exercise-{account}"
        session.client("s3").create_bucket(Bucket=bucket)
        aliases = allow(ALIAS_WORK, f"arn:aws:kms:us-east-1:{account}:alias/*")
        roles = {
            role: lab.as_role(role, policy(allow(IN_S3[role]), aliases), account=account)
            for role in ROLES
        }
        yield Place(session, account, bucket, roles)


@exercise(
    "11-firm-key-policy",
    "account, administrator, reader, writer",
    "Administration goes through IAM and the role, so nobody can lock the firm out. Use is for two "
    "roles, through S3 alone: who wants more has to change this policy, and the trail shows it.",
)
def firm_key_policy(call: Call) -> None:
    with _place() as place:
        arns = [place.arn(role) for role in ROLES]
        document = call(place.account, *arns, returns=dict)
        key_arn = _created(place, document)
        set_default(place.client("s3"), place.bucket, key_arn, bucket_key=True)
        _check_keepers(place, key_arn, document)
        _check_users(place, key_arn)


def _created(place: Place, document: dict[str, Any]) -> str:
    try:
        made = place.client("kms").create_key(Policy=json.dumps(document))
    except TypeError as error:
        raise Misconception("Not a key policy", f"It is no JSON: {error}.") from None
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        if "in the future" in message:
            raise Misconception(
                "It locks you out",
                f"KMS refuses it: {message} Whoever makes the key in this account, by IAM, has to "
                "be able to change its policy.",
            ) from None
        raise Misconception("Not a key policy", f"KMS refuses it: {message}") from None
    return str(made["KeyMetadata"]["Arn"])


def _check_keepers(place: Place, arn: str, document: dict[str, Any]) -> None:
    keeper, owner = place.roles["keeper"].client("kms"), place.client("kms")
    work: dict[str, dict[str, Any]] = {
        "describe_key": {},
        "get_key_policy": {},
        "get_key_rotation_status": {},
        "list_resource_tags": {},
        "enable_key_rotation": {},
        "disable_key_rotation": {},
        "put_key_policy": {"Policy": json.dumps(document)},
        "tag_resource": {"Tags": [{"TagKey": "project", "TagValue": "records"}]},
        "untag_resource": {"TagKeys": ["project"]},
        "disable_key": {},
        "schedule_key_deletion": {"PendingWindowInDays": 30},
        "cancel_key_deletion": {},
        "enable_key": {},
    }
    for who, kms in {"administrator": keeper, "account": owner}.items():
        for name, members in work.items():
            _try_work(who, name, getattr(kms, name), KeyId=arn, **members)
        # An alias is a resource as well. What the key policy says of it is one half.
        alias = f"alias/{who}"
        _try_work(who, "create_alias", kms.create_alias, AliasName=alias, TargetKeyId=arn)
        _try_work(who, "update_alias", kms.update_alias, AliasName=alias, TargetKeyId=arn)
        _try_work(who, "delete_alias", kms.delete_alias, AliasName=alias)
    for who, kms in {"administrator": keeper, "account": owner}.items():
        for name, members in USES.items():
            asked = {"KeyId": arn, "DryRun": True} | members
            if refused(getattr(kms, name), **asked)[0] != "AccessDeniedException":
                raise _used_by(who, f"A dry run of `{name}` was not denied.")


def _try_work(who: str, name: str, call: Any, **arguments: Any) -> None:
    code, _ = refused(call, **arguments)
    if code:
        raise Misconception(
            f"The {who} can't look after it", f"`{name}` by the {who} ended in `{code}`."
        )


def _used_by(who: str, seen: str) -> Misconception:
    if who == "account":
        return Misconception(
            "The whole account uses the key",
            f"{seen} A statement for the account hands the use of the key to IAM as well: any "
            "policy there that allows `kms:*` then reads the records.",
        )
    return Misconception(
        "The administrator uses the key",
        f"{seen} Keep the two apart: who manages a key does not need its data.",
    )


def _check_users(place: Place, arn: str) -> None:
    target = {"Bucket": place.bucket, "Key": "letter"}
    kms = {role: session.client("kms") for role, session in place.roles.items()}
    s3 = {role: session.client("s3") for role, session in place.roles.items()}
    code, message = refused(s3["writer"].put_object, **target, Body=b"x")
    if code:
        raise Misconception("The writer can't write", f"Through S3 it ended in `{code}`: {message}")
    if refused(s3["reader"].get_object, **target)[0]:
        raise Misconception(
            "The reader can't read", "S3 would give the object, and the key says no."
        )
    for who, client in {"administrator": s3["keeper"], "account": place.client("s3")}.items():
        other = target | {"Key": "another"}
        if not refused(client.get_object, **target)[0]:
            raise _used_by(who, "Through S3 it got an object.")
        if not refused(client.put_object, **other, Body=b"x")[0]:
            raise _used_by(who, "Through S3 it put an object.")
    upload = s3["writer"].create_multipart_upload(**target)["UploadId"]
    part = {"UploadId": upload, "PartNumber": 1, "Body": b"x"}
    if refused(s3["writer"].upload_part, **target, **part)[0]:
        raise Misconception(
            "Large uploads fail",
            "A file in one piece passed. The parts of a large one need one permission more.",
        )
    if not refused(s3["reader"].put_object, **target, Body=b"y")[0]:
        raise Misconception("The reader writes", "It may make new data keys. Reading takes none.")
    for role in ("reader", "writer"):
        if not refused(kms[role].schedule_key_deletion, KeyId=arn)[0] or not refused(
            kms[role].put_key_policy, KeyId=arn, Policy=json.dumps(policy())
        )[0].startswith("AccessDenied"):
            raise Misconception(
                "A user manages the key", f"The {role} may delete it or write its policy."
            )
        blob = _blob(place, arn, target)
        directly = any(
            refused(getattr(kms[role], name), KeyId=arn, DryRun=True, **members)[0]
            != "AccessDeniedException"
            for name, members in USES.items()
        )
        if directly or "AccessDenied" not in refused(kms[role].decrypt, **blob)[0]:
            raise Misconception(
                "The key works without S3",
                f"The {role} can call KMS directly, past the bucket. A condition can tie the "
                "permission to the service that asks.",
            )
        if opens_a_secret(place.session, arn, place.arn(role)):
            raise Misconception(
                "Other services than S3 open it",
                f"The {role} also gets a secret that lies under this key. `kms:ViaService` can "
                "name one service.",
            )


def _blob(place: Place, arn: str, target: dict[str, str]) -> dict[str, Any]:
    """What Decrypt takes of an object at rest."""
    inside = lab.xray.s3_object(target["Bucket"], target["Key"])
    return {
        "CiphertextBlob": inside["encrypted_data_key"],
        "EncryptionContext": inside["encryption_context"],
        "KeyId": arn,
    }


@exercise(
    "11-firm-bucket-policy",
    "bucket_arn, key_arn",
    "Two Denies, and an explicit Deny wins everywhere: whatever IAM allows, nothing enters under "
    "another key, and nothing travels in the clear.",
)
def firm_bucket_policy(call: Call) -> None:
    with _place() as place:
        kms = place.client("kms")
        keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
        set_default(place.client("s3"), place.bucket, keys[0], bucket_key=True)
        s3 = place.client("s3")
        s3.put_object(Bucket=place.bucket, Key="before", Body=b"x")
        document = call(place.bucket_arn, keys[0], returns=dict)
        try:
            s3.put_bucket_policy(Bucket=place.bucket, Policy=json.dumps(document))
        except TypeError as error:
            raise Misconception("Not a bucket policy", f"It is no JSON: {error}.") from None
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise Misconception("Not a bucket policy", f"S3 refuses it: {message}.") from None
        _check_entrance(place, keys)


def _check_entrance(place: Place, keys: list[str]) -> None:
    s3, plain = place.client("s3"), place.client("s3", use_ssl=False)
    bucket, before = {"Bucket": place.bucket}, {"Bucket": place.bucket, "Key": "before"}
    if refused(s3.list_objects_v2, **bucket)[0] or refused(s3.get_object, **before)[0]:
        raise Misconception(
            "HTTPS is refused, too", "Nobody can list or read any more, not even over TLS."
        )
    if not refused(plain.get_object, **before)[0].startswith("AccessDenied"):
        raise Misconception(
            "Objects travel in the clear", "Getting an object over plain HTTP was not refused."
        )
    if not refused(plain.list_objects_v2, **bucket)[0].startswith("AccessDenied"):
        raise Misconception(
            "The list travels in the clear",
            "Listing over plain HTTP was let in. It is a request for the bucket, not for an "
            "object, and the two have different ARNs.",
        )
    target = bucket | {"Key": "o", "Body": b"x"}
    by_kms = {"ServerSideEncryption": "aws:kms"}
    for title, members in {
        "SSE-S3 slips through": {"ServerSideEncryption": "AES256"},
        "Another key slips through": by_kms | {"SSEKMSKeyId": keys[1]},
        "The AWS managed key slips through": by_kms,
    }.items():
        if not refused(s3.put_object, **target, **members)[0].startswith("AccessDenied"):
            raise Misconception(title, f"An upload with {members} was let in.")
    if refused(s3.put_object, **target, **by_kms, SSEKMSKeyId=keys[0])[0]:
        raise Misconception("The right key is refused", "An upload that names it was not let in.")
    if refused(s3.put_object, **target)[0]:
        raise Misconception(
            "Uploads without headers are refused",
            "The bucket's default would have given them the right key.",
        )
    for name, members in {
        "delete_object": {"Key": "before"},
        "get_bucket_encryption": {},
        "put_bucket_versioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    }.items():
        if not refused(getattr(plain, name), **bucket, **members)[0].startswith("AccessDenied"):
            raise Misconception(
                "Some requests travel in the clear",
                f"`{name}` over plain HTTP was let in. Whatever comes without TLS was to be "
                "refused.",
            )
    stranger = lab.as_role("stranger", None, account=place.account).client("s3")
    for action, call in {
        "s3:GetObject": lambda: stranger.get_object(**before),
        "s3:PutObject": lambda: stranger.put_object(**bucket, Key="theirs", Body=b"x"),
        "s3:ListBucket": lambda: stranger.list_objects_v2(**bucket),
        "s3:DeleteObject": lambda: stranger.delete_object(**before),
    }.items():
        if action not in refused(call)[1]:
            raise Misconception(
                "A stranger is let in",
                f"A role without any permission passes S3's gate with `{action}`. This policy is "
                "to refuse only.",
            )
