"""A key that waits for its deletion, and a trail with more than one name in it."""

from collections.abc import Iterable
from typing import Any

from helpers import lab

from .. import asking
from .bucket_setting import set_default

SCHEDULE = "ScheduleKeyDeletion"


def play(
    session: Any, account: str, waits: bool, culprit: str = "monthly-cleanup", late: bool = False
) -> dict[str, Any]:
    """``late``: what misleads comes after the deed, not before it."""
    kms, s3 = session.client("kms"), session.client("s3")
    bucket = f"archive-{account}"
    key, other = (
        kms.create_key(Description=words)["KeyMetadata"] for words in ("archive", "old website")
    )
    s3.create_bucket(Bucket=bucket)
    set_default(s3, bucket, key["Arn"], bucket_key=False)
    s3.put_object(Bucket=bucket, Key="2019.zip", Body=b"the year 2019")

    def schedule(who: str, key_id: str, *actions: str) -> None:
        policy = asking.policy(asking.allow(list(actions), "*"))
        client = lab.as_role(who, policy, account=account).client("kms")
        asking.refused(client.schedule_key_deletion, KeyId=key_id, PendingWindowInDays=30)

    if not late:
        schedule("web-team", other["KeyId"], "kms:*")
        schedule("trainee", key["KeyId"], "kms:DescribeKey")
    schedule(culprit, key["KeyId"], "kms:*")
    if late:
        schedule("trainee", key["KeyId"], "kms:DescribeKey")
        schedule("web-team", other["KeyId"], "kms:*")
    return {"bucket": bucket, "key_id": key["KeyId"], "key_arn": key["Arn"], "others": [other]}


def evidence(things: dict[str, Any], events: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (
        event
        for event in events
        if event["eventName"] == SCHEDULE
        and "errorCode" not in event
        and asking.concerns(event, things["key_arn"])
    )
