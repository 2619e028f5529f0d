"""The audit trail of the learner's own account: CloudTrail's event history of KMS."""

import json
from typing import TYPE_CHECKING, Any

from .lab_only import said

if TYPE_CHECKING:
    from .account import OwnAccount

_PAGE = 50


def events_of(own: "OwnAccount", region: str, last: int) -> list[dict[str, Any]]:
    """The last KMS events since the account was opened, oldest first: the full records."""
    said(
        "the audit trail at once. Yours is CloudTrail's, which shows an event within minutes, at "
        "times a quarter of an hour. Run this cell again then."
    )
    pages = own.client("cloudtrail", region).get_paginator("lookup_events")
    by_kms = [{"AttributeKey": "EventSource", "AttributeValue": "kms.amazonaws.com"}]
    found: list[dict[str, Any]] = []
    for page in pages.paginate(
        LookupAttributes=by_kms, StartTime=own.opened, PaginationConfig={"PageSize": _PAGE}
    ):
        found += [json.loads(event["CloudTrailEvent"]) for event in page["Events"]]
        if len(found) >= last:  # newest first
            break
    return found[:last][::-1]
