"""The request at hand: who calls, and which keys it concerns."""

from contextvars import ContextVar

from ..caller import Caller

CALLER: ContextVar[Caller] = ContextVar("CALLER")

# The ARNs of the keys that the request concerns, for the audit trail.
TOUCHED: ContextVar[list[str]] = ContextVar("TOUCHED")
