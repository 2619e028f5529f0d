"""Lesson 02: finding keys by tag, opening a stored record, retiring a key."""

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from .kit import Call, Misconception, exercise

TAG = {"TagKey": "team", "TagValue": "shop"}


@exercise(
    "02-keys-with-tag",
    "kms, tag_key, tag_value",
    "No key was overlooked, on whatever page it stood. A list that is cut off says so only in "
    "`Truncated`.",
    in_lab=True,
)
def keys_with_tag(call: Call, kms: Any) -> None:
    def create(*tags: dict[str, str]) -> str:
        arn: str = kms.create_key(Tags=list(tags))["KeyMetadata"]["Arn"]
        return arn

    tagged = [create({"TagKey": "stage", "TagValue": "test"}, TAG), create(TAG)]
    other_value = create({"TagKey": "team", "TagValue": "payroll"})
    other_name = create({"TagKey": "owner", "TagValue": "shop"})
    apart = create(
        {"TagKey": "team", "TagValue": "payroll"}, {"TagKey": "owner", "TagValue": "shop"}
    )
    create()
    found = _found(call, kms)
    if other_value in found and other_name not in found:
        raise Misconception(
            "Only the tag's name was compared", "A key of another team was found as well."
        )
    if other_name in found and other_value not in found:
        raise Misconception(
            "Only the tag's value was compared", "A key whose owner is the shop was found as well."
        )
    if apart in found and set(tagged) <= set(found):
        raise Misconception(
            "Name and value from two tags",
            "A key was found that has the name in one tag and the value in another.",
        )
    if found == [key.rpartition("/")[2] for key in sorted(tagged, key=_key_id)]:
        raise Misconception(
            "Key IDs instead of ARNs", "The exercise asks for names that hold everywhere."
        )
    _compare(found, tagged)
    tagged += [create(TAG) for _ in range(102)]
    found = _found(call, kms)
    if len(found) < len(tagged) and set(found) <= set(tagged):
        raise Misconception(
            "Only the first page",
            f"Of {len(tagged)} keys with the tag {len(found)} were found. One call to `list_keys` "
            "does not give them all.",
        )
    _compare(found, tagged)


def _key_id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _found(call: Call, kms: Any) -> list[str]:
    found: list[str] = call(
        kms,
        TAG["TagKey"],
        TAG["TagValue"],
        returns=list,
        on_error={
            "KeyError": Misconception(
                "A member that is not there",
                "Look at what `list_keys` and `list_resource_tags` return: print one reply.",
            )
        },
    )
    if not all(isinstance(each, str) for each in found):
        raise Misconception("Not a list of ARNs", "Each item should be a key ARN, as text.")
    return found


def _compare(found: list[str], tagged: list[str]) -> None:
    if found == sorted(tagged):
        return
    if sorted(found) == sorted(tagged):
        raise Misconception("Not sorted", "They are the right keys. The list should be sorted.")
    raise Misconception(
        "Not the keys with this tag",
        f"{len(tagged)} keys have it. Your list has {len(found)} items, and they are others.",
    )


@exercise(
    "02-open-record",
    "kms, key_id, record",
    "A blob opens only in the record it belongs to. Copied into another one it is refused.",
    in_lab=True,
)
def open_record(call: Call, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    for tenant, order, length in (("ada", 4711, 24), ("Bob & Sons", 7, 1), ("ü", 10**12, 300)):
        text = os.urandom(length)
        record = _record(kms, key_id, tenant, order, text)
        plaintext = call(
            kms,
            key_id,
            record,
            returns=bytes,
            on_error={
                "InvalidCiphertextException": _what_was_wrong(kms),
                "ParamValidationError": Misconception(
                    "A value that is not text",
                    "boto3 refused the arguments before anything was sent. What types do the pairs "
                    "of an encryption context have?",
                ),
                "TypeError": Misconception(
                    "The record is text",
                    "JSON is text until it is parsed. Python has a module for it.",
                ),
            },
        )
        if plaintext != text:
            raise Misconception(
                "Not the plaintext", "What your function returns is not what was encrypted."
            )
    foreign_key = kms.create_key()["KeyMetadata"]["KeyId"]
    foreign = _record(kms, foreign_key, "ada", 1, b"not yours")
    if call.outcome(kms, key_id, foreign).value == b"not yours":
        raise Misconception(
            "The key was not named",
            "Your function also opened a record that another key had made. You were handed the "
            "`key_id`.",
        )


def _record(kms: Any, key_id: str, tenant: str, order: int, text: bytes) -> str:
    blob = kms.encrypt(
        KeyId=key_id,
        Plaintext=text,
        EncryptionContext={"tenant": tenant, "order": str(order)},
    )["CiphertextBlob"]
    sealed = base64.b64encode(blob).decode()
    return json.dumps({"tenant": tenant, "order": order, "sealed": sealed})


def _what_was_wrong(kms: Any) -> Misconception:
    """KMS's error is the same for both mistakes, so the words name both suspects."""
    return Misconception(
        "KMS refuses the blob",
        "It does not say why: `InvalidCiphertextException`. Two suspects: the bytes (is it still "
        "base64 text?) and the context (both pairs, by their names, letter by letter?).",
    )


@exercise(
    "02-retire",
    "kms, key_id, now, idle_days",
    "Disabled and not deleted: whoever still needs the key complains, and one call brings it back.",
    in_lab=True,
)
def retire(call: Call, kms: Any) -> None:
    for used in (True, False):
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        if used:
            kms.encrypt(KeyId=key_id, Plaintext=b"x")
        # From the key's own dates, so that the lab's clock stays where the lesson has it.
        since = kms.get_key_last_usage(KeyId=key_id)["TrackingStartDate"].astimezone(UTC)
        for days, idle in ((89, False), (91, True)):
            now = since + timedelta(days=days)
            retired = _retired(call, kms, key_id, now, used)
            state = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
            _judge(retired, state, idle, used, days)


def _retired(call: Call, kms: Any, key_id: str, now: datetime, used: bool) -> bool:
    unused = Misconception(
        "A key that was never used",
        "Its `KeyLastUsage` is empty. Since when has it been idle? The reply says when tracking "
        "began.",
    )
    retired: bool = call(
        kms,
        key_id,
        now,
        90,
        returns=bool,
        on_error={
            "TypeError": Misconception(
                "Dates of two kinds, or a date that is not there",
                "Python subtracts datetimes only if both have a time zone or neither has, and "
                "compares a timedelta only with a timedelta.",
            ),
            "KeyError": unused,
        },
    )
    return retired


def _judge(retired: bool, state: str, idle: bool, used: bool, days: int) -> None:
    kind = "used" if used else "made, and never used since,"
    if state == "PendingDeletion":
        raise Misconception(
            "Deleted instead of disabled",
            "What depends on the key would fail, and after the waiting period for good. Which "
            "call can be taken back at once?",
        )
    if not idle and (state != "Enabled" or retired):
        raise Misconception(
            "A key in use was retired",
            f"It was {kind} {days} days before `now`, and 90 days were asked for.",
        )
    if idle and state == "Enabled":
        raise Misconception(
            "An idle key was left enabled" if not retired else "Said, but not done",
            f"It was {kind} {days} days before `now`, and 90 days were asked for.",
        )
    if idle and not retired:
        raise Misconception(
            "Done, but not said", "The key is disabled now. Your function returned False."
        )
