"""Lists in pages, as KMS gives them: Limit and Marker in, NextMarker and Truncated out.

A marker names the last item of the page before, so that items which come or go between two
pages neither repeat the others nor hide them.
"""

import base64
import binascii
import json
from typing import Any, TypeVar

from .current import CURRENT
from .exceptions import KmsError, validation

Item = TypeVar("Item")


def page(
    items: dict[str, Item], request: dict[str, Any], *, default: int, most: int
) -> tuple[list[Item], dict[str, Any]]:
    """Return one page of ``items`` in the order of their names, and the paging members.

    Raises ValidationException if Limit is over ``most`` and InvalidMarkerException for a
    marker that no reply has given.
    """
    limit = request.get("Limit", default)
    if limit > most:
        raise validation(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            f"constraint: Member must have value less than or equal to {most}"
        )
    after = _read_marker(request["Marker"]) if "Marker" in request else ""
    names = sorted(name for name in items if name > after)
    shown = names[:limit]
    paging: dict[str, Any] = {"Truncated": len(names) > limit}
    if paging["Truncated"]:
        paging["NextMarker"] = _marker(shown[-1])
    return [items[name] for name in shown], paging


def _marker(name: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"after": name, "of": _list()}).encode()).decode()


def _list() -> list[str]:
    """Which list the request is for: a marker is good for that one only."""
    current = CURRENT.get()
    return [current.call.operation, *current.touched]


def _read_marker(marker: str) -> str:
    try:
        read = json.loads(base64.urlsafe_b64decode(marker.encode()))
        after = read["after"]
        if not isinstance(after, str) or read["of"] != _list():
            raise TypeError
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        message = f"Could not deserialize marker '{marker}'"
        raise KmsError("InvalidMarkerException", message) from error
    return after
