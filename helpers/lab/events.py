"""The audit trail as a small table, for lessons."""

from collections.abc import Sequence
from html import escape
from typing import Any

from .audit import events_of
from .kms.models import LOCK, apply_time

COLUMNS = ("time", "event", "who", "key", "details")


class Events(list[dict[str, Any]]):
    """CloudTrail events, oldest first: a list of the full records that shows as a table."""

    def rows(self) -> list[tuple[str, ...]]:
        """The table's rows: time, event, who, key, and what matters of the rest."""
        return [_row(event) for event in self]

    def __repr__(self) -> str:
        rows = [COLUMNS, *self.rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        def cells(row: Sequence[str], tag: str) -> str:
            return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)

        body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in self.rows())
        head = f"<thead><tr>{cells(COLUMNS, 'th')}</tr></thead>"
        return f"<table>{head}<tbody>{body}</tbody></table>"


def events(account_id: str, region: str, last: int = 20) -> Events:
    """The last events of an account and Region, oldest first: also what was due by now."""
    with LOCK:
        apply_time()
    return Events(events_of(account_id, region)[-last:])


def _row(event: dict[str, Any]) -> tuple[str, ...]:
    identity = event["userIdentity"]
    who = identity.get("userName") or identity.get("arn", "").rpartition("/")[2]
    if identity.get("type") == "AWSAccount":
        who = f"account {identity['accountId']}"
    who = who or identity.get("invokedBy", "")
    if "principalId" in identity and identity.get("invokedBy"):
        who += f" through {identity['invokedBy']}"
    arns = [resource["ARN"] for resource in event.get("resources", []) if "ARN" in resource]
    keys = ", ".join(arn.rpartition("/")[2][:8] + "…" for arn in arns if ":key/" in arn)
    return event["eventTime"], event["eventName"], who, keys, _details(event)


def _details(event: dict[str, Any]) -> str:
    parts = []
    if "errorCode" in event:
        parts.append(event["errorCode"])
    parameters = event.get("requestParameters") or {}
    for name, value in parameters.items():
        if isinstance(value, dict) and name.endswith("ncryptionContext"):
            parts.append(", ".join(f"{k}={v}" for k, v in value.items()))
    return "; ".join(part for part in parts if part)
