"""Lesson 06: a reader's policy, one key for a bucket, objects moved to another key."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from helpers import lab

from .kit import Call, Misconception, exercise

DIRECTLY = {"aws:s3:arn": "taken from the audit trail"}


@dataclass(frozen=True)
class Place:
    """An account of its own, with a bucket and two keys."""

    session: Any
    account: str
    bucket: str
    s3: Any
    kms: Any
    key_arn: str
    other_arn: str

    @property
    def bucket_arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"

    def put(
        self, key: str, body: bytes = b"x", kms_key: str = "", s3: Any = None, **more: Any
    ) -> Any:
        if kms_key:
            more |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}
        return (s3 or self.s3).put_object(Bucket=self.bucket, Key=key, Body=body, **more)

    def get(self, key: str, s3: Any = None) -> bytes:
        return bytes((s3 or self.s3).get_object(Bucket=self.bucket, Key=key)["Body"].read())


@contextmanager
def _place() -> Iterator[Place]:
    with lab.scratch() as session:
        account = session.client("sts").get_caller_identity()["Account"]
        s3, kms = session.client("s3"), session.client("kms")
        bucket = f"exercise-{account}"
        s3.create_bucket(Bucket=bucket)
        keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
        yield Place(session, account, bucket, s3, kms, *keys)


def _denial(action: Any, *arguments: Any, **members: Any) -> str:
    """The message of the denial that the action ends with; empty if it went through."""
    try:
        action(*arguments, **members)
    except ClientError as error:
        if "AccessDenied" in error.response["Error"]["Code"]:
            return str(error.response["Error"]["Message"])
        raise
    return ""


@exercise(
    "06-reader-policy",
    "bucket_arn, prefix, key_arn",
    "Two statements, one a gate. With `kms:ViaService` the reader reaches the key only through "
    "S3, so `s3:GetObject` decides which objects those are.",
)
def reader_policy(call: Call) -> None:
    for prefix in ("reports/", "2026/q4/"):
        with _place() as place:
            policy = call(place.bucket_arn, prefix, place.key_arn, returns=dict)
            _check_reader(place, prefix, policy)


def _check_reader(place: Place, prefix: str, policy: dict[str, Any]) -> None:
    place.put(f"{prefix}a.txt", kms_key=place.key_arn)
    place.put(f"{prefix}b.txt", kms_key=place.other_arn)
    place.put("salaries.txt", kms_key=place.key_arn)
    try:
        reader = lab.as_role("reader", policy, account=place.account)
    except lab.LabError as error:
        raise Misconception("Not an IAM policy", str(error).replace("`", "'")) from None
    s3, kms = reader.client("s3"), reader.client("kms")
    if denial := _denial(place.get, f"{prefix}a.txt", s3):
        if "kms:Decrypt" in denial:
            raise Misconception(
                "Gate 2 stays closed",
                "S3 would give the object, and KMS refuses `kms:Decrypt`. If your policy allows "
                "it, look at the resource and the conditions.",
            )
        raise Misconception(
            "Gate 1 stays closed",
            "S3 itself refuses `s3:GetObject` on an object below the prefix. An object's ARN is "
            "the bucket's, a slash, and the object's name.",
        )
    if not _denial(place.get, "salaries.txt", s3):
        raise Misconception(
            "More objects than asked for", "It also reads what does not begin with the prefix."
        )
    if not _denial(place.put, f"{prefix}a.txt", s3=s3) or not _denial(
        s3.delete_object, Bucket=place.bucket, Key=f"{prefix}a.txt"
    ):
        raise Misconception(
            "It is more than a reader", "It may write or delete as well. Reading was asked for."
        )
    if not _denial(place.get, f"{prefix}b.txt", s3):
        raise Misconception(
            "Every key of the account", "It also opens an object that lies under another KMS key."
        )
    blob = place.kms.encrypt(KeyId=place.key_arn, Plaintext=b"x", EncryptionContext=DIRECTLY)
    if not _denial(kms.decrypt, CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=DIRECTLY):
        raise Misconception(
            "The key works without S3",
            "The reader can call KMS directly, and so decrypt whatever else this key has "
            "encrypted. A condition can tie the permission to the service that asks.",
        )


@exercise(
    "06-one-key-policy",
    "bucket_arn, key_arn",
    "The bucket's default serves uploads that say nothing, and the policy refuses those that say "
    "something else. Neither alone is enough.",
)
def one_key_policy(call: Call) -> None:
    with _place() as place:
        policy = call(place.bucket_arn, place.key_arn, returns=dict)
        rule = {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": place.key_arn,
            }
        }
        configuration = {"Rules": [rule]}
        place.s3.put_bucket_encryption(
            Bucket=place.bucket, ServerSideEncryptionConfiguration=configuration
        )
        place.put("before.txt")
        try:
            text = json.dumps(policy)
            place.s3.put_bucket_policy(Bucket=place.bucket, Policy=text)
        except TypeError as error:
            raise Misconception("Not a bucket policy", f"It is no JSON: {error}.") from None
        except ClientError as error:
            raise Misconception(
                "Not a bucket policy",
                f"S3 refuses it: {error.response['Error']['Message']}.",
            ) from None
        _check_bucket_policy(place)


def _check_bucket_policy(place: Place) -> None:
    if _denial(place.get, "before.txt"):
        raise Misconception(
            "Reading is refused too", "Nobody can read the bucket any more. Deny uploads only."
        )
    if not _denial(place.put, "o", ServerSideEncryption="AES256"):
        raise Misconception("SSE-S3 slips through", "A request that asks for AES256 was let in.")
    if not _denial(place.put, "o", kms_key=place.other_arn):
        raise Misconception(
            "Another key slips through", "A request that names another KMS key was let in."
        )
    if not _denial(place.put, "o", ServerSideEncryption="aws:kms"):
        raise Misconception(
            "The AWS managed key slips through",
            "A request may ask for aws:kms and name no key. Then S3 takes `aws/s3`.",
        )
    if _denial(place.put, "o", kms_key=place.key_arn):
        raise Misconception(
            "The right key is refused",
            "A request that names the key by its ARN was refused. An alias in a policy is not "
            "the key.",
        )
    if _denial(place.put, "o"):
        raise Misconception(
            "Uploads without headers are refused",
            "They would have been encrypted under the right key by the bucket's default. Let "
            "them in: which condition asks whether a header is there at all?",
        )


@exercise(
    "06-move-to-key",
    "s3, bucket, key_arn",
    "Only the wrapped data keys were replaced: no bytes were read, ETags and dates stayed, and "
    "no second version was stored. New objects still follow the bucket's default.",
)
def move_to_key(call: Call) -> None:
    with _place() as place:
        on = {"Status": "Enabled"}
        place.s3.put_bucket_versioning(Bucket=place.bucket, VersioningConfiguration=on)
        place.put("a", b"first")
        place.put("b", b"second", kms_key=place.other_arn)
        place.put("c", b"third", kms_key=place.other_arn, BucketKeyEnabled=True)
        names = ("a", "b", "c")
        bodies = {name: place.get(name) for name in names}
        call(place.s3, place.bucket, place.key_arn)
        found = place.s3.list_object_versions(Bucket=place.bucket)
        if {v["Key"] for v in found.get("Versions", [])} != set(names) or "DeleteMarkers" in found:
            raise Misconception(
                "Objects were added or deleted", "The bucket holds other objects than before."
            )
        if len(found["Versions"]) > len(names):
            raise Misconception(
                "Copied instead of moved",
                "Objects were written anew: there are second versions of them. S3 can replace "
                "the key alone.",
            )
        heads = {name: place.s3.head_object(Bucket=place.bucket, Key=name) for name in names}
        moved = [name for name in names if heads[name].get("SSEKMSKeyId") == place.key_arn]
        if not moved:
            raise Misconception(
                "No object was moved",
                "All objects lie under the keys they had. A bucket's default is for objects that "
                "come later.",
            )
        if len(moved) < len(names):
            raise Misconception(
                "Objects were left behind", f"{len(names) - len(moved)} of 3 did not move."
            )
        if {name: place.get(name) for name in names} != bodies:
            raise Misconception("The contents changed", "An object reads otherwise than before.")
