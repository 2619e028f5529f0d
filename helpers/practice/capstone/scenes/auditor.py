"""A reader from another account, for whom two of three doors are open."""

import json
from collections.abc import Iterable
from typing import Any

from helpers import lab

from .. import asking
from .bucket_setting import set_default

ELSEWHERE = "222222222222"


def play(session: Any, account: str, waits: bool) -> dict[str, Any]:
    kms, s3 = session.client("kms"), session.client("s3")
    # In an account for a moment the auditor's is one of its own, too.
    elsewhere = ELSEWHERE if waits else f"8{account[1:]}"
    bucket, arn = f"ledgers-{account}", f"arn:aws:s3:::ledgers-{account}"
    key = kms.create_key(Description="ledgers")["KeyMetadata"]
    s3.create_bucket(Bucket=bucket)
    set_default(s3, bucket, key["Arn"], bucket_key=False)
    s3.put_object(Bucket=bucket, Key="2026.csv", Body=b"the ledger of 2026")
    theirs = asking.policy(
        asking.allow("s3:GetObject", f"{arn}/*"),
        asking.allow("kms:*", key["Arn"]),
        asking.allow("cloudtrail:LookupEvents"),
    )
    # Two roles over there, with the same permissions. One of them is the auditor's.
    roles = {name: lab.as_role(name, theirs, account=elsewhere) for name in ("auditor", "intern")}
    door = asking.allow(
        "s3:GetObject", f"{arn}/*", Principal={"AWS": f"arn:aws:iam::{elsewhere}:root"}
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(asking.policy(door)))
    return {
        "bucket": bucket,
        "key_arn": key["Arn"],
        "key_policy": json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"]),
        "auditor_arn": f"arn:aws:iam::{elsewhere}:role/auditor",
        **roles,
    }


def evidence(things: dict[str, Any], events: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (
        event
        for event in events
        if event["eventName"] == "Decrypt"
        and event.get("errorCode") == "AccessDenied"
        and context_names(event, things["bucket"])
    )


def context_names(event: dict[str, Any], bucket: str) -> bool:
    return bucket in asking.context_of(event).get("aws:s3:arn", "")
