"""The lessons' names in the learner's own account.

A bucket's name is the world's, so "contracts" becomes a name in the account's own namespace,
"contracts-111122223333-us-east-1-an". A role gets a path of its own. The lab's account number
becomes the account's, and the lab's administrator whoever acts there.
"""

import re
from collections.abc import Callable
from typing import Any

from ..errors import LabError
from .journal import Journal

LAB_ACCOUNT = "123456789012"
LAB_ADMINISTRATOR = f"arn:aws:iam::{LAB_ACCOUNT}:user/admin"
ROLE_PATH = "/kms-course/"
_LONGEST_BUCKET = 63
_LAB = re.compile(rf"(?<!\d){LAB_ACCOUNT}(?!\d)")
_BUCKET_ARN = re.compile(r"(arn:aws:s3:::)([a-z0-9][a-z0-9.-]+)")
_ROLE_ARN = re.compile(r"(:role/)([\w+=,.@-]+)(?!/)")
_PRINCIPAL = re.compile(r"arn:aws[\w-]*:(?:iam|sts)::(\d{12}):")
_NUMBER = re.compile(r'"(\d{12})"')
_POLICIES = ("Policy", "PolicyDocument", "AssumeRolePolicyDocument", "ResourcePolicy")
# What a lesson stores or encrypts stays as it is, to the letter.
_DATA = {"Body", "Key", "Message", "Plaintext", "SecretString", "Value"}


def own_names(
    params: dict[str, Any], account_id: str, arn: str, journal: Journal
) -> dict[str, Any]:
    """A request's members with the account's own names in them; ``arn`` is who acts there."""
    buckets = {made.asked: made.name for made in journal.all() if made.kind == "bucket"}
    roles = journal.names("role")

    def own(text: str) -> str:
        if LAB_ADMINISTRATOR in text:
            text = text.replace(LAB_ADMINISTRATOR, arn)
        text = _LAB.sub(account_id, text)
        text = _BUCKET_ARN.sub(lambda m: m[1] + buckets.get(m[2], m[2]), text)
        return _ROLE_ARN.sub(
            lambda m: f"{m[1]}{ROLE_PATH[1:] if m[2] in roles else ''}{m[2]}", text
        )

    def deep(value: Any) -> Any:
        if isinstance(value, str):
            return own(value)
        if isinstance(value, dict):
            return {own(k) if isinstance(k, str) else k: deep(v) for k, v in value.items()}
        return [deep(each) for each in value] if isinstance(value, list | tuple) else value

    renamed: dict[str, Any] = {
        name: value if name in _DATA else deep(value) for name, value in params.items()
    }
    if isinstance(bucket := params.get("Bucket"), str):
        renamed["Bucket"] = buckets.get(bucket, bucket)
    source = renamed.get("CopySource")
    if isinstance(source, dict) and source.get("Bucket") in buckets:
        renamed["CopySource"] = source | {"Bucket": buckets[source["Bucket"]]}
    elif isinstance(source, str):
        bucket, slash, key = source.partition("/")
        renamed["CopySource"] = buckets.get(bucket, bucket) + slash + key
    return renamed


def own_bucket(
    params: dict[str, Any], account_id: str, region: str, tag: dict[str, str]
) -> dict[str, Any]:
    """CreateBucket in the account's own namespace, tagged as it is made.

    Source: S3 API reference, CreateBucket; S3 User Guide, "Namespaces for general purpose buckets".
    """
    suffix = bucket_suffix(account_id, region)
    name = params["Bucket"].removesuffix(suffix) + suffix
    if len(name) > _LONGEST_BUCKET:
        raise LabError(f"A bucket in your account would be called {name!r}, which is too long.")
    configuration = dict(params.get("CreateBucketConfiguration", {}))
    if region != "us-east-1":
        configuration.setdefault("LocationConstraint", region)
    own = [{"Key": key, "Value": value} for key, value in tag.items()]
    configuration["Tags"] = [*configuration.get("Tags", []), *own]
    return params | {
        "Bucket": name,
        "BucketNamespace": "account-regional",
        "CreateBucketConfiguration": configuration,
    }


def bucket_suffix(account_id: str, region: str) -> str:
    """How the names of buckets in an account's own namespace end."""
    return f"-{account_id}-{region}-an"


def plain(kind: str, name: str) -> str:
    """A thing's name or id, from what a request may say instead: its ARN."""
    if not name.startswith("arn:"):
        return name
    resource = name.split(":", 5)[5]
    if kind == "secret":  # secret:NAME-6RaNdM
        return resource.partition(":")[2][:-7]
    if kind == "parameter":
        return resource.removeprefix("parameter")
    if kind == "key" and resource.startswith("alias/"):
        return resource
    return resource.rpartition("/")[2]


def other_accounts(params: dict[str, Any], account_id: str) -> str:
    """Another account that a request names as somebody who may do something; "" if none."""
    found: list[str] = []

    def look(value: Any) -> bool:
        if isinstance(value, str):
            found.extend(_PRINCIPAL.findall(value))
        return False

    any_of(params, look)
    for member in _POLICIES:
        if isinstance(text := params.get(member), str):
            found.extend(_NUMBER.findall(text))
    return next((each for each in found if each != account_id), "")


def any_of(value: Any, wanted: Callable[[Any], bool]) -> bool:
    """Whether one of the values in a request is wanted."""
    if isinstance(value, dict):
        return any(any_of(each, wanted) for each in value.values())
    if isinstance(value, list | tuple):
        return any(any_of(each, wanted) for each in value)
    return wanted(value)
