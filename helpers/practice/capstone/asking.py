"""Asking the account what is there, as anybody would on AWS: through boto3 alone."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError

from helpers import lab

DENIED = ("AccessDenied", "AccessDeniedException")
# What a key is used for, each asked as a dry run: permissions are looked at, nothing is done.
USES: dict[str, dict[str, Any]] = {
    "generate_data_key": {"KeySpec": "AES_256"},
    "encrypt": {"Plaintext": b"x"},
    "decrypt": {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]},
}


def here() -> Any:
    """The session that a lesson's clients come from. Raises LabError if the lab is closed.

    A closed lab has to be noticed: the session would be that of a real account.
    """
    with lab.scratch():
        pass
    return boto3.DEFAULT_SESSION or boto3.Session()


def account_of(session: Any) -> str:
    return str(session.client("sts").get_caller_identity()["Account"])


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """The code and the message of AWS's error; two empty texts if the call went through."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    return "", ""


def acting_as(session: Any, role: str) -> Callable[[str], Any]:
    """Makes clients that call as a role of the account, with the permissions that it has."""
    arn = session.client("iam").get_role(RoleName=role)["Role"]["Arn"]
    issued = session.client("sts").assume_role(RoleArn=arn, RoleSessionName=role)["Credentials"]
    return partial(
        session.client,
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )


def trail(session: Any, **attribute: str) -> list[dict[str, Any]]:
    """The records of the event history, oldest first; ``EventName="Decrypt"`` or the like."""
    asked = [{"AttributeKey": k, "AttributeValue": v} for k, v in attribute.items()]
    pages = session.client("cloudtrail").get_paginator("lookup_events")
    found = [
        json.loads(event["CloudTrailEvent"])
        for page in pages.paginate(LookupAttributes=asked)
        for event in page["Events"]
    ]
    return found[::-1]


def concerns(event: dict[str, Any], key_arn: str) -> bool:
    """Whether the event names this key."""
    named = json.dumps([event["resources"], event["requestParameters"]])
    return key_arn.rpartition("/")[2] in named


def context_of(event: dict[str, Any]) -> dict[str, str]:
    return dict((event["requestParameters"] or {}).get("encryptionContext", {}))


def by(event: dict[str, Any]) -> str:
    """The role or user behind an event."""
    identity = event["userIdentity"]
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    return str(issuer.get("userName") or identity.get("userName", ""))


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource} | more


def listed(value: Any) -> list[Any]:
    """What a policy may write as one value or as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def first(events: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    return next(iter(events), None)
