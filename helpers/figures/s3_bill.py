"""What KMS costs for a bucket in a month: requests, and the key."""

from typing import NamedTuple

from .picture import (
    BLUE,
    INK,
    PALE_BLUE,
    PALE_GREY,
    QUIET,
    Picture,
    bar_of,
    box,
    canvas,
    text,
)


class Bill(NamedTuple):
    """Requests to KMS in one month, and what they and the key cost, in US dollars."""

    requests: int
    billed: int
    for_requests: float
    total: float


def kms_bill(puts: int, gets: int, share: float, price: float, free: int, price_key: float) -> Bill:
    """The bill for ``puts`` objects put and ``gets`` objects got in a month.

    ``share`` of the requests (0 to 1) reaches KMS; ``price`` is for 10,000 of them, the first
    ``free`` cost nothing; ``price_key`` is for the key.
    """
    requests = round((puts + gets) * share)
    billed = max(0, requests - free)
    cost = billed / 10_000 * price
    return Bill(requests, billed, cost, cost + price_key)


def s3_bill(
    puts: int,
    gets: int,
    bucket_key: bool,
    saving: float,
    price: float,
    free: int,
    price_key: float,
) -> Picture:
    """Draw the bill with and without a bucket key; the one that is chosen is itemised.

    ``saving`` is the share of requests that a bucket key spares KMS, from 0 to 1.
    """
    bills = {
        on: kms_bill(puts, gets, 1 - saving * on, price, free, price_key) for on in (False, True)
    }
    chosen = bills[bucket_key]
    figure, axes = canvas(8.6, 3.3, "KMS on the bill of one month")
    names = {False: "bucket key off", True: "bucket key on"}
    longest = max(bill.total for bill in bills.values())
    for y, on in ((76, False), (62, True)):
        bill = bills[on]
        here = on == bucket_key
        text(axes, 3, y, names[on], size=9.5, ha="left", weight="bold" if here else "normal")
        width = max(0.4, 54 * bill.total / longest)
        bar_of(axes, 22, y, width, 9, BLUE if here else PALE_GREY, INK, "" if here else "//")
        text(axes, 23 + width, y, f"USD {bill.total:,.2f}", size=9.5, ha="left",
             weight="bold" if here else "normal")  # fmt: skip
    box(axes, 3, 5, 94, 45, fill=PALE_BLUE, edge=BLUE)
    lines = [
        (f"{puts:,} objects put + {gets:,} got", f"{names[bucket_key]}"),
        ("requests to KMS", f"{chosen.requests:,}"),
        (
            f"above {free:,} free ones, USD {price:.2f} per 10,000",
            f"USD {chosen.for_requests:,.2f}",
        ),
        ("one customer managed key", f"USD {price_key:,.2f}"),
    ]
    for place, (what, amount) in enumerate(lines):
        y = 44 - 11 * place
        text(axes, 5, y, what, size=9.5, ha="left")
        text(axes, 95, y, amount, size=9.5, ha="right", weight="bold")
    text(axes, 97, 92, "us-east-1", size=8.5, ha="right", color=QUIET)
    return Picture(
        figure,
        f"{puts:,} objects put and {gets:,} got in a month. With the {names[bucket_key]}: "
        f"{chosen.requests:,} requests to KMS, USD {chosen.for_requests:,.2f}, and the key "
        f"USD {price_key:,.2f}: USD {chosen.total:,.2f}. With the {names[not bucket_key]}: "
        f"USD {bills[not bucket_key].total:,.2f}.",
    )
