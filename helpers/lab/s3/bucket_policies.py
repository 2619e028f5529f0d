"""Bucket policies: read when they are put, asked at every request.

Source: S3 API reference, PutBucketPolicy; S3 User Guide, "Policies and permissions in Amazon S3".
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from moto.s3.models import FakeBucket

from ..caller import principal_exists
from ..policy import INVALID_PRINCIPALS, MalformedPolicy, Policy, parse_policy
from .errors import S3Error


def policy_of(bucket: FakeBucket) -> Policy | None:
    """The bucket's policy, ready to decide. Raises S3Error for one that can't be read."""
    return _parsed(_text(bucket.policy), bucket.name) if bucket.policy else None


def check(bucket: FakeBucket, document: bytes | str) -> None:
    """Raise S3Error, MalformedPolicy, for a policy that S3 would not take."""
    text = _text(document)
    policy = _parsed(text, bucket.name)
    for principal in policy.principal_arns:
        if not principal_exists(principal):
            raise _malformed("Invalid principal in policy")
    for statement in _listed(json.loads(text).get("Statement")):
        resources = _listed(statement.get("Resource", statement.get("NotResource")))
        if not resources:
            raise _malformed("Missing required field Resource")
        if not all(_is_of_bucket(resource, bucket) for resource in resources):
            raise _malformed("Policy has invalid resource")
        actions = _listed(statement.get("Action", statement.get("NotAction")))
        if not actions:
            raise _malformed("Missing required field Action")
        if not all(a == "*" or a.lower().startswith("s3:") for a in actions):
            raise _malformed("Policy has invalid action")


def _parsed(text: str, name: str) -> Policy:
    try:
        return parse_policy(text, name=name)
    except MalformedPolicy as error:
        if not text.lstrip().startswith("{"):
            message = "Policies must be valid JSON and the first byte must be '{'"
        elif error.message == INVALID_PRINCIPALS:
            message = "Invalid principal in policy"
        elif error.detail.startswith("this is not valid JSON"):
            message = "This policy contains invalid Json"
        elif error.detail.endswith((" has no Principal", " has no Statement")):
            message = f"Missing required field {error.detail.rpartition(' ')[2]}"
        else:
            message = error.detail
        raise _malformed(message) from error


def _is_of_bucket(resource: Any, bucket: FakeBucket) -> bool:
    """Whether it can name the bucket or what is in it: wildcards may stand for both."""
    start, _, named = str(resource).partition(":::")
    return start == f"arn:{bucket.partition}:s3" and fnmatchcase(bucket.name, named.split("/")[0])


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(document: bytes | str) -> str:
    return document.decode() if isinstance(document, bytes) else document


def _malformed(message: str) -> S3Error:
    return S3Error("MalformedPolicy", message)
