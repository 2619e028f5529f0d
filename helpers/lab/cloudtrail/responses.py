"""LookupEvents: the event history, newest first, filtered and paged.

Source: CloudTrail API reference, LookupEvents. On AWS an event appears within about five
minutes and stays for 90 days; here it appears at once.
"""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

from ..audit import events_of
from ..clock import clock
from ..kms.models import LOCK, apply_time

KEPT = timedelta(days=90)
MOST_RESULTS = 50
INSIGHT = "insight"
ATTRIBUTES = {
    "AccessKeyId",
    "EventId",
    "EventName",
    "EventSource",
    "ReadOnly",
    "ResourceName",
    "ResourceType",
    "Username",
}


class LabCloudTrailResponse(CloudTrailResponse):
    """Adds LookupEvents to moto's operations."""

    def lookup_events(self) -> str:
        """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""
        request = json.loads(self.body or "{}")
        _check(request)
        with LOCK:
            apply_time()  # what KMS does by itself is in the history when it was due
        found = [
            event
            for event in reversed(events_of(self.current_account, self.region))
            if "EventCategory" not in request  # KMS has no Insights events
            and _in_time(event, request)
            and _matches(event, request.get("LookupAttributes", []))
        ]
        limit = request.get("MaxResults", MOST_RESULTS)
        if not isinstance(limit, int) or not 1 <= limit <= MOST_RESULTS:
            message = f"MaxResults must be between 1 and {MOST_RESULTS}."
            raise JsonRESTError("InvalidMaxResultsException", message)
        start = _start(found, request.get("NextToken"))
        reply: dict[str, Any] = {"Events": [_summary(e) for e in found[start : start + limit]]}
        if start + limit < len(found):
            last = found[start + limit - 1]["eventID"]
            reply["NextToken"] = base64.urlsafe_b64encode(last.encode()).decode()
        return json.dumps(reply)


def _check(request: dict[str, Any]) -> None:
    """Refuse a lookup that means nothing, whether there are events or not."""
    if request.get("EventCategory", INSIGHT) != INSIGHT:
        message = f"There is one event category, {INSIGHT}; without it all others are looked up."
        raise JsonRESTError("InvalidEventCategoryException", message)
    start, end = request.get("StartTime"), request.get("EndTime")
    if start is not None and end is not None and start > end:
        message = "The start time must be before the end time."
        raise JsonRESTError("InvalidTimeRangeException", message)
    attributes = request.get("LookupAttributes", [])
    if len(attributes) > 1:
        message = "You can specify only one lookup attribute."
        raise JsonRESTError("InvalidLookupAttributesException", message)
    for attribute in attributes:
        if attribute.get("AttributeKey") not in ATTRIBUTES or "AttributeValue" not in attribute:
            message = f"A lookup attribute has a value, and one of the keys {sorted(ATTRIBUTES)}."
            raise JsonRESTError("InvalidLookupAttributesException", message)


def _in_time(event: dict[str, Any], request: dict[str, Any]) -> bool:
    start, end = request.get("StartTime"), request.get("EndTime")
    when = _time(event)
    if when < clock.now() - KEPT:
        return False
    seconds = when.timestamp()
    return (start is None or seconds >= start) and (end is None or seconds <= end)


def _matches(event: dict[str, Any], attributes: list[dict[str, str]]) -> bool:
    return all(
        each["AttributeValue"] in _values(event, each["AttributeKey"]) for each in attributes
    )


def _values(event: dict[str, Any], attribute: str) -> list[str]:
    summary = _summary(event)
    if attribute == "ResourceName":
        return [resource["ResourceName"] for resource in summary["Resources"]]
    if attribute == "ResourceType":
        return [resource["ResourceType"] for resource in summary["Resources"]]
    return [summary[attribute]] if attribute in summary else []


def _start(found: list[dict[str, Any]], token: str | None) -> int:
    """The place after the event that the token names."""
    if token is None:
        return 0
    try:
        last = base64.urlsafe_b64decode(token.encode()).decode()
        return next(i for i, event in enumerate(found, start=1) if event["eventID"] == last)
    except (binascii.Error, ValueError, StopIteration) as error:
        message = "The token is not one of this lookup."
        raise JsonRESTError("InvalidNextTokenException", message) from error


def _summary(event: dict[str, Any]) -> dict[str, Any]:
    """An event as LookupEvents lists it; the whole of it as JSON text in CloudTrailEvent."""
    identity = event["userIdentity"]
    summary = {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": "true" if event["readOnly"] else "false",
        "EventTime": _time(event).timestamp(),
        "EventSource": event["eventSource"],
        "Resources": [
            {"ResourceType": resource["type"], "ResourceName": resource["ARN"]}
            for resource in event["resources"]
        ],
        "CloudTrailEvent": json.dumps(event),
    }
    if identity.get("accessKeyId"):
        summary["AccessKeyId"] = identity["accessKeyId"]
    name = identity.get("userName") or identity.get("arn", "").rpartition("/")[2]
    if name:
        summary["Username"] = name
    return summary


def _time(event: dict[str, Any]) -> datetime:
    return datetime.strptime(event["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
