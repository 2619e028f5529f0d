"""Reading the values of typed condition operators. None means: not of this type.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_EPOCH = re.compile(r"\d+(\.\d+)?", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_LAST_SECOND = 2**63 - 1


def number(text: str) -> Decimal | None:
    """An integer or decimal number."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def date(text: str) -> float | None:
    """Epoch seconds of an ISO 8601 date (year and month, day, or time; UTC if no zone is named).

    The text may be epoch seconds itself.
    """
    if _EPOCH.fullmatch(text):
        seconds = float(text)
        return seconds if seconds <= _LAST_SECOND else None
    if _MONTH.fullmatch(text):
        text += "-01"
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def binary(text: str) -> bytes | None:
    """The bytes that base64 text stands for."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=1024)
def ip_address(text: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def ip_network(text: str) -> IpNetwork | None:
    """A CIDR block, or the block of one address."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
