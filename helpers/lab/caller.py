"""Who is calling: from a request's access key to an AWS principal and its permissions.

moto's IAM and STS issue access keys and know whose they are. An access key that they did not
issue, the learner's default one included, belongs to the account's administrator.
"""

from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import STSBackend, sts_backends
from moto.utilities.utils import get_partition

from .partitions import partition_of

ADMINISTRATOR = "admin"
ADMINISTRATOR_ID = "AIDALABADMINISTRATOR"
EVERYTHING = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)


@dataclass(frozen=True)
class Caller:
    """A principal and what IAM allows it. Policies are JSON documents."""

    arn: str
    account_id: str
    user_id: str
    user_name: str
    access_key_id: str = ""
    role_arn: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    policies: tuple[str, ...] = ()
    boundary: str | None = None
    session_policy: str | None = None

    @property
    def is_session(self) -> bool:
        """Whether this is a session of an assumed role."""
        return self.role_arn is not None


def caller_of(access_key_id: str, account_id: str, region: str) -> Caller:
    """The principal behind an access key of an account."""
    partition = get_partition(region)  # the name under which moto keeps it
    session = sts_backends[account_id][partition].get_assumed_role_from_access_key(access_key_id)
    if session:
        return _role_session(session, access_key_id, partition)
    iam = iam_backends[account_id][partition]
    user = iam.get_user_from_access_key_id(access_key_id)
    if user:
        return _user(iam, user, access_key_id)
    return Caller(
        arn=f"arn:{partition_of(region)}:iam::{account_id}:user/{ADMINISTRATOR}",
        account_id=account_id,
        user_id=ADMINISTRATOR_ID,
        user_name=ADMINISTRATOR,
        access_key_id=access_key_id,
        policies=(EVERYTHING,),
    )


def _role_session(session: Any, access_key_id: str, partition: str) -> Caller:
    iam = iam_backends[session.account_id][partition]
    role = next((r for r in iam.get_roles() if r.arn == session.role_arn), None)
    policies: list[str] = []
    boundary, tags = None, {}
    if role:
        policies = [*role.policies.values(), *_documents(role.managed_policies)]
        boundary = _document(iam, role.permissions_boundary_arn)
        tags = _tags(role.tags)
    return Caller(
        arn=session.arn,
        account_id=session.account_id,
        user_id=session.user_id,
        user_name=session.session_name,
        access_key_id=access_key_id,
        role_arn=session.role_arn,
        tags=tags,
        policies=tuple(policies),
        boundary=boundary,
        session_policy=session.policy,
    )


def _user(iam: Any, user: Any, access_key_id: str) -> Caller:
    policies = [*user.policies.values(), *_documents(user.managed_policies)]
    for group in iam.get_groups_for_user(user.name):
        policies += [*group.policies.values(), *_documents(group.managed_policies)]
    return Caller(
        arn=user.arn,
        account_id=user.account_id,
        user_id=user.id,
        user_name=user.name,
        access_key_id=access_key_id,
        tags={
            tag["Key"]: tag["Value"] for tag in iam.tagger.list_tags_for_resource(user.arn)["Tags"]
        },
        policies=tuple(policies),
    )


def _documents(managed_policies: Any) -> list[str]:
    return [policy.document for policy in managed_policies.values()]


def _document(iam: Any, arn: str | None) -> str | None:
    return iam.managed_policies[arn].document if arn and arn in iam.managed_policies else None


def _tags(tags: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in (tags or {}).values()}


def caller_identity(backend: STSBackend, access_key_id: str, region: str) -> tuple[str, str, str]:
    """GetCallerIdentity's user id, ARN and account: the same principal that KMS sees."""
    caller = caller_of(access_key_id, backend.account_id, region)
    return caller.user_id, caller.arn, caller.account_id
