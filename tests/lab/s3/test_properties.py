"""For all sizes, ranges and parts: what comes back is what went in, or an error."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.s3.models import s3_backends

from helpers.lab.s3.cipher import FRAME_BYTES

from .conftest import BUCKET, Account, told
from .test_kinds import kinds, reading
from .test_multipart import PART, Upload

A_FEW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
KINDS = ["SSE-S3", "SSE-KMS", "SSE-KMS, bucket key", "DSSE-KMS", "SSE-C"]
SIZES = [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES, 20 << 20]


def members_of(account: Account, kind: str) -> dict[str, Any]:
    if kind == "SSE-C":
        account.allow_customer_keys()
    return kinds(account)[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_sizes(account: Account, kind: str, size: int) -> None:
    members = members_of(account, kind)
    body = os.urandom(size)
    account.put("o", body, **members)
    assert account.get("o", **reading(members)) == body


@A_FEW
@given(kind=st.sampled_from(KINDS), size=st.integers(1, FRAME_BYTES * 2 + 9), data=st.data())
def test_ranges(account: Account, kind: str, size: int, data: st.DataObject) -> None:
    members = members_of(account, kind)
    body = os.urandom(size)
    account.put("o", body, **members)
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size + 5))
    read = reading(members)
    assert account.get("o", Range=f"bytes={first}-{last}", **read) == body[first : last + 1]
    assert account.get("o", Range=f"bytes={first}-", **read) == body[first:]
    assert account.get("o", Range=f"bytes=-{first + 1}", **read) == body[-first - 1 :]


def test_a_range_behind_the_end(account: Account) -> None:
    account.put_kms("o", b"0123456789")
    assert told(account.get, key="o", Range="bytes=10-")[::2] == ("InvalidRange", 416)


@settings(A_FEW, max_examples=5)
@given(kind=st.sampled_from(KINDS), rest=st.integers(1, 2 * FRAME_BYTES))
def test_parts(account: Account, kind: str, rest: int) -> None:
    members = members_of(account, kind)
    upload = Upload(account.s3, **members)
    first, second = os.urandom(PART), os.urandom(rest)
    upload.part(1, first, **reading(members))
    upload.part(2, second, **reading(members))
    upload.complete()
    assert account.get("m", **reading(members)) == first + second


@A_FEW
@given(kind=st.sampled_from(KINDS), size=st.integers(0, 300), data=st.data())
def test_a_changed_byte_at_rest_is_an_internal_fault(
    account: Account, kind: str, size: int, data: st.DataObject
) -> None:
    members = members_of(account, kind)
    account.put("o", os.urandom(size), **members)
    stored: Any = s3_backends["123456789012"]["aws"].get_object(BUCKET, "o")
    (body,) = stored.stored.bodies
    at_rest = body.at_rest()
    position = data.draw(st.integers(0, len(at_rest) - 1))
    body.damage(position, at_rest[position] ^ data.draw(st.integers(1, 255)))
    assert told(account.get, key="o", **reading(members)) == (
        "InternalError",
        "We encountered an internal error. Please try again.",
        500,
    )
