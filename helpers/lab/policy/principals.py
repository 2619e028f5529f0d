"""Who asks, and whom a Principal element names.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "NotPrincipal", "Policy evaluation
for requests within a single account".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property


class Kind(StrEnum):
    """What kind of caller signed the request."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    SESSION = "assumed-role"
    FEDERATED = "federated-user"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


class Reach(IntEnum):
    """How closely a Principal element names a caller; the closer, the less can limit it."""

    NONE = 0
    ACCOUNT = 1  # the whole account: IAM policies there decide
    ROLE = 2  # the session's role: its boundary and session policy still limit
    CALLER = 3  # the caller itself, or everyone


_TYPES = {
    Kind.ROOT: "Account",
    Kind.USER: "User",
    Kind.ROLE: "AssumedRole",
    Kind.SESSION: "AssumedRole",
    Kind.FEDERATED: "FederatedUser",
    Kind.ANONYMOUS: "Anonymous",
}


@dataclass(frozen=True)
class Principal:
    """The caller of a request.

    ``arn`` is what GetCallerIdentity answers; for a service its name ("s3.amazonaws.com").
    ``role_arn`` is the role of a session. ``tags`` are those of the user, role and session.
    """

    kind: Kind
    arn: str
    account: str = ""
    role_arn: str = ""
    userid: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def root(cls, account: str, partition: str = "aws") -> "Principal":
        """The root user of an account."""
        return cls(Kind.ROOT, f"arn:{partition}:iam::{account}:root", account, userid=account)

    @classmethod
    def user(cls, arn: str, userid: str = "", tags: Mapping[str, str] | None = None) -> "Principal":
        """An IAM user."""
        return cls(Kind.USER, arn, _account(arn), userid=userid, tags=tags or {})

    @classmethod
    def role(cls, arn: str, userid: str = "", tags: Mapping[str, str] | None = None) -> "Principal":
        """A role as such, before anyone assumes it: for questions, as no request comes from it."""
        return cls(Kind.ROLE, arn, _account(arn), userid=userid, tags=tags or {})

    @classmethod
    def session(
        cls, arn: str, role_arn: str, userid: str = "", tags: Mapping[str, str] | None = None
    ) -> "Principal":
        """A session of a role: ``arn`` as arn:aws:sts::...:assumed-role/role/session."""
        return cls(Kind.SESSION, arn, _account(arn), role_arn, userid, tags or {})

    @classmethod
    def service(cls, name: str) -> "Principal":
        """An AWS service that acts for itself: "logs.amazonaws.com"."""
        return cls(Kind.SERVICE, name)

    @classmethod
    def anonymous(cls) -> "Principal":
        """Whoever sent a request without a signature."""
        return cls(Kind.ANONYMOUS, "anonymous")

    @cached_property
    def lasting_arn(self) -> str:
        """aws:PrincipalArn: of a session, the role."""
        return self.role_arn or self.arn

    @property
    def username(self) -> str:
        return self.arn.rsplit("/", 1)[-1] if self.kind is Kind.USER else ""

    def condition_keys(self) -> dict[str, str]:
        """The global condition keys that describe the caller, where they exist."""
        is_service = self.kind is Kind.SERVICE
        keys = {
            "aws:PrincipalArn": "" if is_service else self.lasting_arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": _TYPES.get(self.kind, ""),
            "aws:PrincipalIsAWSService": "true" if is_service else "false",
            "aws:PrincipalServiceName": self.arn if is_service else "",
            "aws:userid": self.userid,
            "aws:username": self.username,
        }
        if self.kind is Kind.ANONYMOUS:
            keys["aws:PrincipalArn"] = ""
        present = {key: value for key, value in keys.items() if value}
        return present | {f"aws:PrincipalTag/{key}": value for key, value in self.tags.items()}

    @cached_property
    def lasting_id(self) -> str:
        """The unique ID of the user or role, which an ARN in a policy stands for."""
        return self.userid.partition(":")[0]


class Names:
    """ARNs, account IDs and unique IDs that name AWS principals, ready to be searched."""

    __slots__ = ("_accounts", "_names", "listed")

    def __init__(self, listed: Iterable[str]) -> None:
        self.listed = tuple(listed)
        self._names = frozenset(self.listed)
        self._accounts = frozenset(account for name in self.listed if (account := account_of(name)))

    def reach(self, caller: Principal) -> Reach:
        """How closely the names name this caller: the closest counts."""
        names, kind = self._names, caller.kind
        if "*" in names or (caller.arn in names and kind is not Kind.ROLE):
            return Reach.CALLER
        if kind is Kind.SERVICE or kind is Kind.ANONYMOUS:
            return Reach.NONE
        if kind is Kind.ROOT:
            return Reach.CALLER if caller.account in self._accounts else Reach.NONE
        if caller.lasting_arn in names or caller.lasting_id in names:
            return Reach.CALLER if kind is Kind.USER else Reach.ROLE
        return Reach.ACCOUNT if caller.account in self._accounts else Reach.NONE

    def cover(self, caller: Principal) -> bool:
        """Whether every layer of the caller is named: account, role and session."""
        layers = {caller.arn, caller.lasting_arn}
        return "*" in self._names or (
            caller.account in self._accounts and (caller.kind is Kind.ROOT or layers <= self._names)
        )


@dataclass(frozen=True, eq=False)
class PrincipalElement:
    """A Principal or NotPrincipal element: for each type of principal, the names."""

    names: Mapping[str, tuple[str, ...]]
    is_not: bool = False
    is_deny: bool = False
    _aws: Names = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_aws", Names(self.names.get("AWS", ())))

    @property
    def arns(self) -> tuple[str, ...]:
        """The AWS principals that are named one by one; KMS looks whether they exist."""
        return tuple(name for name in self._aws.listed if name.startswith("arn:"))

    def reach(self, caller: Principal) -> Reach:
        """How closely the element names the caller."""
        if self.is_not:
            return Reach.NONE if self._leaves_out(caller) else Reach.CALLER
        return self._named(caller)

    def _named(self, caller: Principal) -> Reach:
        element = _ELSEWHERE.get(caller.kind)
        if element and caller.arn in self.names.get(element, ()):
            return Reach.CALLER
        return self._aws.reach(caller)

    def _leaves_out(self, caller: Principal) -> bool:
        # A Deny leaves out only whom it names in full; an Allow everyone whom it names at all.
        if self.is_deny and caller.account:
            return self._aws.cover(caller)
        return self._named(caller) is not Reach.NONE


def account_of(name: str) -> str:
    """The account ID that the name of a whole account stands for, else an empty string."""
    if len(name) == 12 and name.isdecimal():
        return name
    found = _ROOT_ARN.fullmatch(name)
    return found.group(1) if found else ""


def is_valid_name(kind: str, name: str) -> bool:
    """Whether a Principal element may name ``name`` as a principal of type ``kind``."""
    if kind == "AWS":
        return name == "*" or _AWS_NAME.fullmatch(name) is not None
    if kind == "Service":
        return _SERVICE_NAME.fullmatch(name) is not None
    return bool(name)


def _account(arn: str) -> str:
    return arn.split(":")[4]


# Callers whom another type of principal than AWS names too.
_ELSEWHERE = {Kind.SERVICE: "Service", Kind.FEDERATED: "Federated"}
_ROOT_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root", re.ASCII)
_AWS_NAME = re.compile(
    r"""
      \d{12}
    | arn:aws[a-z-]*:iam::\d{12}:(root|(user|role)/[\w+=,.@/-]+)
    | arn:aws[a-z-]*:sts::\d{12}:(assumed-role/[\w+=,.@-]+|federated-user)/[\w+=,.@-]+
    | A[A-Z]{3}[A-Z0-9]{12,124}
    """,
    re.ASCII | re.VERBOSE,
)
_SERVICE_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
PRINCIPAL_TYPES = frozenset(("AWS", "Service", "Federated", "CanonicalUser"))
