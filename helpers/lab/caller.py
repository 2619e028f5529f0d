"""Who is calling: from a request's access key to an AWS principal and its permissions.

moto's IAM and STS issue access keys and know whose they are. An access key that they did not
issue, the learner's default one included, belongs to the account's administrator; so does
a session of a role that does not exist: the way into another account.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from moto.core.exceptions import InvalidClientTokenIdError
from moto.iam.models import iam_backends
from moto.sts.models import STSBackend, sts_backends
from moto.utilities.utils import get_partition

from .guard import issued_keys
from .partitions import partition_of

ADMINISTRATOR = "admin"
ADMINISTRATOR_ID = "AIDALABADMINISTRATOR"
# AdministratorAccess, by its name and document.
EVERYTHING = (
    "AdministratorAccess",
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
)

# A policy's name, and its JSON document.
NamedPolicy = tuple[str, str]
NOTHING: NamedPolicy = (
    "missing",
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}',
)

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ROLE = re.compile(r"arn:([a-z-]+):iam::(\d{12}):role/.+", re.ASCII)


@dataclass(frozen=True)
class Token:
    """Temporary credentials: whose access key asked for them, and for whom if not for itself."""

    owner: str
    issued: datetime
    name: str = ""
    policies: tuple[NamedPolicy, ...] = ()


@dataclass(frozen=True)
class Caller:
    """A principal and what IAM allows it.

    ``arn`` of a service that acts for itself is its name ("logs.amazonaws.com"); it has no
    account. ``issued`` is when temporary credentials were given out. What session policies
    allow is what any of them allows.
    """

    arn: str
    account_id: str
    user_id: str
    user_name: str
    access_key_id: str = ""
    role_arn: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    policies: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    session_policies: tuple[NamedPolicy, ...] = ()
    issued: datetime | None = None

    @property
    def is_session(self) -> bool:
        """Whether this is a session of an assumed role."""
        return self.role_arn is not None

    @property
    def is_federated(self) -> bool:
        """Whether this is a user of GetFederationToken."""
        return ":federated-user/" in self.arn

    @property
    def is_service(self) -> bool:
        """Whether this is an AWS service that acts for itself."""
        return not self.arn.startswith("arn:")


def caller_of(access_key_id: str, account_id: str, region: str) -> Caller:
    """The principal behind an access key of an account.

    Raises InvalidClientTokenIdError for a key that IAM issued and that is good no more.
    """
    partition = get_partition(region)  # the name under which moto keeps it
    sts = sts_backends[account_id][partition]
    token = _tokens(sts).get(access_key_id)
    if token:
        return _with_token(token, caller_of(token.owner, account_id, region), partition)
    session = sts.get_assumed_role_from_access_key(access_key_id)
    if session:
        return _role_session(session, access_key_id, partition)
    iam = iam_backends[account_id][partition]
    for user in list(iam.users.values()):
        for key in list(user.access_keys):
            if key.access_key_id == access_key_id:
                if key.status != "Active":
                    raise InvalidClientTokenIdError
                return _user(iam, user, access_key_id)
    if access_key_id in issued_keys:  # once: by now deleted, or of another partition
        raise InvalidClientTokenIdError
    return Caller(
        arn=f"arn:{partition_of(region)}:iam::{account_id}:user/{ADMINISTRATOR}",
        account_id=account_id,
        user_id=ADMINISTRATOR_ID,
        user_name=ADMINISTRATOR,
        access_key_id=access_key_id,
        policies=(EVERYTHING,),
    )


def tokens_of(account_id: str, partition: str) -> dict[str, Token]:
    """The temporary access keys of GetSessionToken and GetFederationToken in an account."""
    return _tokens(sts_backends[account_id][partition])


def _tokens(sts: STSBackend) -> dict[str, Token]:
    tokens: dict[str, Token] = vars(sts).setdefault("tokens", {})
    return tokens


def service(name: str) -> Caller:
    """An AWS service that acts for itself: "logs.amazonaws.com"."""
    return Caller(arn=name, account_id="", user_id="", user_name=name)


def _role_session(session: Any, access_key_id: str, partition: str) -> Caller:
    iam = iam_backends[session.account_id][partition]
    role = _role(iam, session.role_arn)
    policies: tuple[NamedPolicy, ...] = ()
    boundary, tags = None, {}
    if role:
        policies = (*role.policies.items(), *_documents(role.managed_policies))
        boundary = _document(iam, role.permissions_boundary_arn)
        tags = _tags(role.tags or [])
    elif session.of_no_role:
        policies = (EVERYTHING,)
    return Caller(
        arn=session.arn,
        account_id=session.account_id,
        user_id=session.user_id,
        user_name=session.session_name,
        access_key_id=access_key_id,
        role_arn=session.role_arn,
        tags=tags | session.tags,
        policies=policies,
        boundary=boundary,
        session_policies=_session_policies(iam, session),
        issued=session.issued,
    )


def _session_policies(iam: Any, session: Any) -> tuple[NamedPolicy, ...]:
    inline = (("inline", session.policy),) if session.policy else ()
    return (*inline, *(_document(iam, arn) or NOTHING for arn in session.policy_arns))


def _with_token(token: "Token", owner: Caller, partition: str) -> Caller:
    """Who has the temporary credentials of GetSessionToken or GetFederationToken."""
    if not token.name:
        return replace(owner, issued=token.issued)
    return replace(
        owner,
        arn=f"arn:{partition}:sts::{owner.account_id}:federated-user/{token.name}",
        user_id=f"{owner.account_id}:{token.name}",
        user_name=token.name,
        tags={},
        # Without a policy of its own a federated user has no permissions from IAM.
        policies=owner.policies if token.policies else (),
        session_policies=token.policies,
        issued=token.issued,
    )


def _user(iam: Any, user: Any, access_key_id: str) -> Caller:
    policies = [*user.policies.items(), *_documents(user.managed_policies)]
    for group in iam.get_groups_for_user(user.name):
        policies += [*group.policies.items(), *_documents(group.managed_policies)]
    return Caller(
        arn=user.arn,
        account_id=user.account_id,
        user_id=user.id,
        user_name=user.name,
        access_key_id=access_key_id,
        tags=_tags(iam.tagger.list_tags_for_resource(user.arn)["Tags"]),
        policies=tuple(policies),
        boundary=_document(iam, getattr(user, "permissions_boundary_arn", None)),
    )


def _role(iam: Any, role_arn: str) -> Any:
    return next((role for role in list(iam.get_roles()) if role.arn == role_arn), None)


def _documents(managed_policies: Any) -> list[NamedPolicy]:
    return [(policy.name, _in_force(policy)) for policy in managed_policies.values()]


def _document(iam: Any, arn: str | None) -> NamedPolicy | None:
    if not arn:
        return None
    found = iam.managed_policies.get(arn)
    # A boundary that is missing bounds all the same: it allows nothing.
    return (found.name, _in_force(found)) if found else NOTHING


def _in_force(managed_policy: Any) -> str:
    """The document of the policy's default version."""
    default = managed_policy.default_version_id
    found: str = next(v.document for v in managed_policy.versions if v.version_id == default)
    return found


def _tags(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def is_role_arn(arn: str) -> bool:
    return bool(_ROLE.fullmatch(arn))


def role_exists(role_arn: str) -> bool:
    """Whether IAM has this role."""
    found = _ROLE.fullmatch(role_arn or "")
    if not found:
        return False
    partition, account_id = found.groups()
    return account_id in iam_backends and bool(_role(iam_backends[account_id][partition], role_arn))


def principal_exists(name: str) -> bool:
    """Whether a key policy or a grant may name this principal: by ARN, or an account's number.

    Whole accounts always exist; a role does also if a session of it was issued.
    """
    if not name.startswith("arn:"):
        return bool(_ACCOUNT.fullmatch(name))
    _, partition, service, _, account_id, resource = name.split(":", 5)
    if resource == "root":
        return True
    if account_id not in iam_backends or partition not in iam_backends[account_id]:
        return resource == f"user/{ADMINISTRATOR}"
    iam = iam_backends[account_id][partition]
    sessions = sts_backends[account_id][partition].assumed_roles
    kind, _, rest = resource.partition("/")
    if service == "sts":
        role_name = rest.partition("/")[0]
        return kind == "federated-user" or any(
            arn.rpartition("/")[2] == role_name
            for arn in [r.arn for r in list(iam.get_roles())]
            + [s.role_arn for s in list(sessions) if s.of_no_role]
        )
    if kind == "user":
        return rest == ADMINISTRATOR or any(user.arn == name for user in list(iam.users.values()))
    return _role(iam, name) is not None or any(
        s.role_arn == name and s.of_no_role for s in sessions
    )


def caller_identity(backend: STSBackend, access_key_id: str, region: str) -> tuple[str, str, str]:
    """GetCallerIdentity's user id, ARN and account: the same principal that KMS sees."""
    caller = caller_of(access_key_id, backend.account_id, region)
    return caller.user_id, caller.arn, caller.account_id
