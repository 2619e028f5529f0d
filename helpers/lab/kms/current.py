"""The request at hand: who asks for what, which keys it concerns, what was decided about it."""

from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ..caller import Caller
from ..policy import Decision


@dataclass(frozen=True)
class Call:
    """One request: what is asked, by whom, by which way, and its names in the audit trail.

    ``invoked_by`` is the AWS service that asks on the caller's behalf ("s3.amazonaws.com"),
    ``source_arn`` the resource for which a service asks, ``source_account`` whose it is,
    ``before`` what that service itself decided about the request.
    """

    operation: str
    caller: Caller
    request_id: str
    event_id: str
    user_agent: str = ""
    secure: bool = True
    invoked_by: str = ""
    source_arn: str = ""
    source_account: str = ""
    before: tuple[Decision, ...] = ()


@dataclass
class Current:
    """A call while it is answered, and afterwards.

    ``touched`` are the ARNs of the keys and aliases it concerns, ``error`` is code and message if
    it ended with one. ``destination`` is ReEncrypt's other key, ``replicated`` the key that
    ReplicateKey copies. ``key_material_id`` is the material that Encrypt used, which its reply
    doesn't tell.
    """

    call: Call
    region: str
    members: dict[str, Any] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    destination: Any = None
    replicated: Any = None
    key_material_id: str = ""
    error: tuple[str, str] | None = None


CURRENT: ContextVar[Current] = ContextVar("CURRENT")

# The request that was answered last, for ``lab.explain``.
LAST: deque[Current] = deque(maxlen=1)
