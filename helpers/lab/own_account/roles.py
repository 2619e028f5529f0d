"""Acting as somebody else in the learner's own account: a role of the course, made and assumed."""

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from ..errors import LabError
from ..roles import POLICY_NAME, assumed, checked_name, document_of
from .journal import Made
from .lab_only import OnlyInTheLab
from .naming import LAB_ACCOUNT, ROLE_PATH

if TYPE_CHECKING:
    from .account import OwnAccount

# IAM passes on what changed within seconds. Source: IAM User Guide, "Troubleshoot IAM",
# "Changes that I make are not always immediately visible".
SETTLING_SECONDS = 12
PATIENCE_SECONDS = 60


def as_role(
    own: "OwnAccount", name: str, policy: dict[str, Any] | str | None, account_id: str | None
) -> boto3.Session:
    """A session of the course's role ``name`` in the learner's account, with this one policy."""
    checked_name(name)
    document = document_of(policy)
    if account_id not in (None, own.account_id, LAB_ACCOUNT):
        raise OnlyInTheLab(f"account {account_id} is not yours to make a role in.")
    iam = own.session.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{own.account_id}:root"},
            "Action": "sts:AssumeRole",
        },
    }
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    found = iam.get_role(RoleName=name)["Role"]
    if found["Path"] != ROLE_PATH:
        raise LabError(
            f"Your account has a role {name!r} that is not the course's. It stays as it is: this "
            "cell can't run here."
        )
    own.journal.note(Made("role", name, own.region))
    if document is not None:
        iam.put_role_policy(RoleName=name, PolicyName=POLICY_NAME, PolicyDocument=document)
    elif POLICY_NAME in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=POLICY_NAME)
    _settle(iam)
    return _assumed(own, found["Arn"], name)


def _settle(iam: Any) -> None:
    """Wait for IAM to pass on the change, where it is AWS's IAM."""
    if ".amazonaws.com" in iam.meta.endpoint_url:
        print(f"IAM takes some seconds to pass a change on: waiting for {SETTLING_SECONDS}.")
        time.sleep(SETTLING_SECONDS)


def _assumed(own: "OwnAccount", arn: str, name: str) -> boto3.Session:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return assumed(own.session, arn, name, own.region)
        except ClientError as error:
            # A new role can't be assumed at once.
            if error.response["Error"]["Code"] != "AccessDenied" or time.monotonic() > until:
                raise
            time.sleep(2)
