"""Acting as somebody else: a role of the lab's IAM, and a session of it."""

import json
import re
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.session import Session as BotocoreSession

from .errors import LabError
from .partitions import partition_of
from .policy import MalformedPolicy, parse_policy

POLICY_NAME = "permissions"
_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
# The way into another account: a role that doesn't exist there (see ``caller``).
VISITOR = "lab/administrator"


def as_role(
    name: str, policy: dict[str, Any] | str | None, account_id: str, region: str, own: str
) -> boto3.Session:
    """A session of the role ``name`` in an account, made there with this one policy.

    A role that exists already keeps all but the policy. Raises LabError for what can't be a role
    or a policy.
    """
    checked_name(name)
    document = document_of(policy)
    partition = partition_of(region)
    session = boto3.DEFAULT_SESSION or boto3.Session()
    if account_id != own:
        session = administrator(account_id, partition, region)
    iam = session.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {
                "AWS": [f"arn:{partition}:iam::{each}:root" for each in sorted({account_id, own})]
            },
            "Action": "sts:AssumeRole",
        },
    }
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    arn = iam.get_role(RoleName=name)["Role"]["Arn"]
    if document is None:
        if POLICY_NAME in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=POLICY_NAME)
    else:
        try:
            iam.put_role_policy(RoleName=name, PolicyName=POLICY_NAME, PolicyDocument=document)
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise LabError(f"IAM refuses this policy: {message}") from None
    return assumed(session, arn, name, region)


def administrator(account_id: str, partition: str, region: str) -> boto3.Session:
    """A session of another account's administrator."""
    session = boto3.DEFAULT_SESSION or boto3.Session()
    return assumed(session, f"arn:{partition}:iam::{account_id}:role/{VISITOR}", "lab", region)


def checked_name(name: str) -> None:
    """Raise LabError for what can't be a role's name."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise LabError(f"{name!r} can't be a role: its name is 1 to 64 letters, digits and +=,.@_-")


def document_of(policy: dict[str, Any] | str | None) -> str | None:
    """A policy as JSON text. Raises LabError for what is none."""
    if policy is None:
        return None
    try:
        text = policy if isinstance(policy, str) else json.dumps(policy)
        parse_policy(text, kind="identity")
    except MalformedPolicy as error:
        raise LabError(f"This is no IAM policy: {error.detail.rstrip('.')}.") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise LabError(f"This is no IAM policy: {error}.") from None
    return text


def assumed(session: Any, role_arn: str, session_name: str, region: str) -> boto3.Session:
    """A session of a role."""
    session_name = session_name if len(session_name) > 1 else f"{session_name}-session"
    issued = session.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name)
    credentials = issued["Credentials"]
    # The data files of AWS's services are in the first session's memory already.
    botocore_session = BotocoreSession()
    loader = session._session.get_component("data_loader")
    botocore_session.register_component("data_loader", loader)
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=region,
        botocore_session=botocore_session,
    )
