"""Steps 1 to 5: what was built is looked at and tried, without changing it."""

import json
from typing import Any

from . import asking
from .asking import DENIED, USES, refused
from .firm import ADMINISTRATOR, ALIAS, READER, ROLES, ROTATION_DAYS, TAGS, WRITER, Firm, Missing


def look_around(firm: Firm, key_arn: str) -> None:
    code, _ = refused(firm.client("s3").head_bucket, Bucket=firm.bucket)
    if code not in ("", "404"):
        raise Missing(
            "The bucket's name belongs to somebody else",
            f"S3 answers {code} for `{firm.bucket}`. Bucket names are one for all accounts.",
        )
    for role in ROLES:
        firm.acting_as(role)


def look_at_the_key(firm: Firm, key_arn: str) -> dict[str, Any] | None:
    key = firm.described(key_arn) if key_arn else firm.key()
    if key["KeyManager"] != "CUSTOMER":
        raise Missing("A key of AWS's", "Its policy can't be written. The firm needs its own.")
    if key["KeySpec"] != "SYMMETRIC_DEFAULT":
        raise Missing(
            "S3 can't use this key", f"It takes symmetric keys; this is {key['KeySpec']}."
        )
    if key["KeyState"] != "Enabled":
        raise Missing("The key can't be used", f"Its state is {key['KeyState']}.")
    arn = key["Arn"]
    administrator = firm.acting_as(ADMINISTRATOR)("kms")
    for operation in ("describe_key", "get_key_policy", "get_key_rotation_status"):
        code, message = refused(getattr(administrator, operation), KeyId=arn)
        if code:
            raise Missing(
                "Its administrator can't look after it", f"{ADMINISTRATOR} is refused: {message}"
            )
    for who, kms in {
        ADMINISTRATOR: administrator,
        "the account's administrator": firm.client("kms"),
    }.items():
        for name, members in USES.items():
            code, _ = refused(getattr(kms, name), KeyId=arn, DryRun=True, **members)
            if code not in DENIED:
                raise Missing(
                    "Administrators can use the key",
                    f"A dry run of `{name}` by {who} ends in `{code}`, which means yes.",
                )
    for role in (READER, WRITER):
        kms = firm.acting_as(role)("kms")
        for name, members in USES.items():
            code, _ = refused(getattr(kms, name), KeyId=arn, DryRun=True, **members)
            if code not in DENIED:
                raise Missing(
                    "The key works without S3",
                    f"{role} can call KMS directly, past the bucket and its policy.",
                )
    created = asking.trail(firm.session, EventName="CreateKey")
    return asking.first(event for event in created if asking.concerns(event, arn))


def look_at_its_settings(firm: Firm, key_arn: str) -> dict[str, Any] | None:
    key, kms = firm.key(), firm.client("kms")
    rotation = kms.get_key_rotation_status(KeyId=key["KeyId"])
    if not rotation["KeyRotationEnabled"]:
        raise Missing(
            "The material never changes",
            "Rotation is off, as it is on every new key of one's own.",
        )
    if rotation["RotationPeriodInDays"] > ROTATION_DAYS:
        raise Missing(
            "It rotates too rarely",
            f"Every {rotation['RotationPeriodInDays']} days; the firm wants a year at most.",
        )
    found = {
        tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
    }
    for name, value in TAGS.items():
        if found.get(name) != value:
            raise Missing(
                f"The tag {name} is missing",
                f"The bill is sorted by it; its value is `{value}`.",
            )
    enabled = asking.trail(firm.session, EventName="EnableKeyRotation")
    return asking.first(event for event in enabled[::-1] if asking.concerns(event, key["Arn"]))


def look_at_the_bucket(firm: Firm, key_arn: str) -> None:
    firm.need_bucket()
    s3, key = firm.client("s3"), firm.key()
    answer = s3.get_bucket_encryption(Bucket=firm.bucket)
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
    default = rule["ApplyServerSideEncryptionByDefault"]
    if default["SSEAlgorithm"] != "aws:kms":
        raise Missing(
            "S3's own keys encrypt", f"The bucket's default is {default['SSEAlgorithm']}."
        )
    named = default.get("KMSMasterKeyID")
    if not named:
        raise Missing(
            "The AWS managed key encrypts", "The default names no key, so S3 takes `aws/s3`."
        )
    if "alias/" in named:
        raise Missing(
            "The default names an alias",
            "S3 looks an alias up in the account of whoever uploads. An ARN means one key.",
        )
    if named != key["Arn"]:
        raise Missing(
            "The default names another key", f"It is not the ARN of the key behind {ALIAS}."
        )
    if not rule.get("BucketKeyEnabled"):
        raise Missing("No bucket key", "Each object asks KMS by itself, and each is billed.")
    code, _ = refused(s3.get_public_access_block, Bucket=firm.bucket)
    block = {} if code else s3.get_public_access_block(Bucket=firm.bucket)
    if not all(block.get("PublicAccessBlockConfiguration", {"": False}).values()):
        raise Missing(
            "Public access is not blocked",
            "One careless policy could open the bucket to everybody. Four switches prevent it.",
        )


def look_at_its_policy(firm: Firm, key_arn: str) -> None:
    firm.need_bucket()
    s3, key = firm.client("s3"), firm.key()
    code, _ = refused(s3.get_bucket_policy, Bucket=firm.bucket)
    if code:
        raise Missing("No bucket policy", "Nothing is refused yet.", nothing=True)
    plain = firm.client("s3", use_ssl=False)
    for what, call in {
        "the bucket": lambda: plain.list_objects_v2(Bucket=firm.bucket),
        "an object": lambda: plain.get_object(Bucket=firm.bucket, Key="verify"),
    }.items():
        if refused(call)[0] != "AccessDenied":
            raise Missing(
                "Plain HTTP is let in", f"A request for {what} without TLS was not refused."
            )
    code, message = refused(s3.list_objects_v2, Bucket=firm.bucket)
    if code:
        raise Missing("HTTPS is refused, too", message)
    other = key["Arn"].rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"
    for what, members in {
        "AES256": {"ServerSideEncryption": "AES256"},
        "another key": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": other},
        "aws:kms without a key": {"ServerSideEncryption": "aws:kms"},
    }.items():
        target = {"Bucket": firm.bucket, "Key": "verify"}
        code, message = refused(s3.put_object, **target, Body=b"x", **members)
        if not code:
            s3.delete_object(**target)
        if "s3:PutObject" not in message:
            raise Missing("Other encryption is let in", f"An upload with {what} was not refused.")
    writer = firm.acting_as(WRITER)("s3")
    code, message = refused(writer.put_object, Bucket=firm.bucket, Key="verify", Body=b"x")
    if not code:
        s3.delete_object(Bucket=firm.bucket, Key="verify")
    elif "explicit deny" in message:
        raise Missing(
            "Uploads without headers are refused",
            "The bucket's default would have given them the right key.",
        )
    _check_policy_of_key(firm, key)


def _check_policy_of_key(firm: Firm, key: dict[str, Any]) -> None:
    """Nobody but principals of this account is named in the key policy."""
    text = firm.client("kms").get_key_policy(KeyId=key["KeyId"])["Policy"]
    for statement in json.loads(text)["Statement"]:
        principal = statement.get("Principal", {})
        named = asking.listed(principal if isinstance(principal, str) else principal.get("AWS", []))
        if statement["Effect"] == "Allow" and "*" in named:
            raise Missing("The key is everybody's", "A statement of its policy names `*`.")
