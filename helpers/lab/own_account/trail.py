"""The audit trail of the learner's own account: CloudTrail's event history of KMS."""

import json
from typing import TYPE_CHECKING, Any

from .lab_only import OnlyInTheLab

if TYPE_CHECKING:
    from .account import OwnAccount

LATE = (
    "the audit trail at once. CloudTrail shows an event within minutes, at times a quarter of an "
    "hour: run this cell again then."
)


def events_of(own: "OwnAccount", region: str, last: int) -> list[dict[str, Any]]:
    """The last KMS events since the account was opened, oldest first: the full records.

    Raises OnlyInTheLab while the trail lacks the last call: who counts events would count wrong.
    """
    pages = own.client("cloudtrail", region).get_paginator("lookup_events")
    by_kms = [{"AttributeKey": "EventSource", "AttributeValue": "kms.amazonaws.com"}]
    awaited = own.requests.last_to_kms.get(region)
    found: list[dict[str, Any]] = []
    for page in pages.paginate(LookupAttributes=by_kms, StartTime=own.opened):
        found += [json.loads(event["CloudTrailEvent"]) for event in page["Events"]]
        if any(event.get("requestID") == awaited for event in found):
            awaited = None
        if len(found) >= last and awaited is None:  # newest first
            break
    if awaited is not None:
        raise OnlyInTheLab(LATE)
    return found[:last][::-1]
