"""Lesson 10: who is refused by a shared quota, and a month's bill."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from .kit import Call, Misconception, exercise

CENT = 0.005


def _count(
    requests: Sequence[tuple[float, str]],
    rate: float,
    size: float,
    *,
    refill: bool = True,
    cap: bool = True,
    pay_when_refused: bool = False,
    start: float | None = None,
    whole_seconds: bool = False,
    per_caller: bool = False,
    count_passed: bool = False,
) -> dict[str, int]:
    """Who is refused how often; the switches are the mistakes."""
    buckets: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for time, caller in requests:
        now = float(int(time)) if whole_seconds else time
        bucket = buckets.setdefault(
            caller if per_caller else "all", [size if start is None else start, 0.0]
        )
        if refill:
            bucket[0] += (now - bucket[1]) * rate
        if cap:
            bucket[0] = min(size, bucket[0])
        bucket[1] = now
        passed = bucket[0] >= 1
        if passed or pay_when_refused:
            bucket[0] -= 1
        if passed is count_passed:
            counts[caller] = counts.get(caller, 0) + 1
    return counts


def _windows(
    requests: Sequence[tuple[float, str]], rate: float, size: float, most: float
) -> dict[str, int]:
    """Refused if so many were counted in each calendar second."""
    seen: dict[int, int] = {}
    counts: dict[str, int] = {}
    for time, caller in requests:
        second = int(time)
        seen[second] = seen.get(second, 0) + 1
        if seen[second] > most:
            counts[caller] = counts.get(caller, 0) + 1
    return counts


Requests = list[tuple[float, str]]
# Times are multiples of 1/4 and rates powers of 2, so that sums are exact however one adds.
QUEUES: list[tuple[Requests, float, float]] = [
    ([(0.0, "app")] * 4 + [(0.0, "S3")] * 3 + [(0.25, "S3")] * 2 + [(1.0, "app")] * 6, 4.0, 5.0),
    ([(0.0, "app"), (9.0, "app"), (9.0, "S3"), (9.0, "S3"), (9.0, "app"), (9.0, "app")], 2.0, 3.0),
    ([(0.0, "S3")] * 5 + [(0.5, "app"), (0.75, "app"), (1.0, "app"), (1.25, "S3")], 2.0, 2.0),
    ([(0.25, "app")] * 3 + [(1.75, "S3")] * 3 + [(2.0, "app")] * 2 + [(2.5, "S3")] * 4, 2.0, 4.0),
    ([(n / 4, "app" if n % 3 else "S3") for n in range(24)], 2.0, 2.0),
    ([], 2.0, 2.0),
]
# What a mistake is called, what follows from it, and how its answer is worked out.
BUCKET_MISTAKES: list[tuple[str, str, Callable[[Requests, float, float], dict[str, int]]]] = [
    (
        "A bucket for each caller",
        "The quota belongs to the account. Whoever calls in its name takes from the same bucket.",
        lambda q, rate, size: _count(q, rate, size, per_caller=True),
    ),
    (
        "No tokens come in",
        "Time passes between requests, and tokens come in at `rate`.",
        lambda q, rate, size: _count(q, rate, size, refill=False),
    ),
    (
        "The bucket grows without end",
        "Quiet times would be saved up for a burst. It holds `size` tokens and no more.",
        lambda q, rate, size: _count(q, rate, size, cap=False),
    ),
    (
        "Refused requests take tokens",
        "Who finds the bucket empty takes nothing, or the bucket would never fill under load.",
        lambda q, rate, size: _count(q, rate, size, pay_when_refused=True),
    ),
    (
        "Empty at the start",
        "The bucket is full when the first request comes.",
        lambda q, rate, size: _count(q, rate, size, start=0.0),
    ),
    (
        "Tokens only at whole seconds",
        "They drip in all the time: after half a second half of `rate` has come.",
        lambda q, rate, size: _count(q, rate, size, whole_seconds=True),
    ),
    (
        "Counted by calendar second",
        "You count the requests of each second anew. A bucket remembers what was taken before.",
        lambda q, rate, size: _windows(q, rate, size, rate),
    ),
    (
        "Counted by calendar second",
        "You count the requests of each second anew. A bucket remembers what was taken before.",
        lambda q, rate, size: _windows(q, rate, size, size),
    ),
    (
        "It counts what got through",
        "Asked for were the refused ones.",
        lambda q, rate, size: _count(q, rate, size, count_passed=True),
    ),
]


@exercise(
    "10-refused",
    "requests, rate, size",
    "One quota for the account: the application is refused because S3 was busy, and the other way "
    "round. That is why bucket keys help programs that never touch S3.",
)
def refused(call: Call) -> None:
    answers = [call(list(queue), rate, size, returns=dict) for queue, rate, size in QUEUES]
    told = [{name: n for name, n in answer.items() if n} for answer in answers]
    right = [_count(*queue) for queue in QUEUES]
    if told == right:
        return
    for name, words, mistake in BUCKET_MISTAKES:
        if told == [mistake(*queue) for queue in QUEUES]:
            raise Misconception(name, words)
    if any(set(answer) - {"app", "S3"} for answer in told):
        raise Misconception(
            "Not by caller", "The answer's names are those of the callers, its values are counts."
        )
    place = next(n for n, answer in enumerate(told) if answer != right[n])
    queue, rate, size = QUEUES[place]
    raise Misconception(
        "Other requests are refused",
        f"{len(queue)} requests at {rate:g} tokens a second, {size:g} at most: {queue}. "
        f"Of these {sum(right[place].values())} are refused; you say {sum(told[place].values())}.",
    )


Prices = dict[str, float]
US_EAST_1: Prices = {
    "key": 1.0, "rotation": 1.0, "key_most": 3.0, "per_10000": 0.03, "free": 20_000,
}  # fmt: skip
OTHER: Prices = {"key": 2.0, "rotation": 0.5, "key_most": 2.5, "per_10000": 0.05, "free": 1_000}
BILLS: list[tuple[list[int], int, Prices]] = [
    ([0], 20_000, US_EAST_1),
    ([0, 1, 2, 7], 5_000_000, US_EAST_1),
    ([3, 12], 150, US_EAST_1),
    ([], 1_025_000, US_EAST_1),
    ([0, 0, 4], 2_001_000, OTHER),
]


def _bill(
    keys: Sequence[int],
    requests: int,
    prices: Prices,
    *,
    cap: bool = True,
    cap_all: bool = False,
    rotations: bool = True,
    free: bool = True,
    floor: bool = True,
    block: float = 10_000,
    whole: Callable[[float], float] = float,
    key_itself: bool = True,
    with_requests: bool = True,
) -> float:
    """The bill; the switches are the mistakes."""
    each = [prices["key"] * key_itself + prices["rotation"] * n * rotations for n in keys]
    if cap and not cap_all:
        each = [min(price, prices["key_most"]) for price in each]
    for_keys = min(sum(each), prices["key_most"]) if cap_all else sum(each)
    charged = requests - prices["free"] * free
    charged = max(0, charged) if floor else charged
    return for_keys + whole(charged / block) * prices["per_10000"] * with_requests


BILL_MISTAKES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "Every rotation is billed",
        "The third and all later rotations of a key cost nothing more.",
        {"cap": False},
    ),
    ("The cap is for all keys together", "Each key has a cap of its own.", {"cap_all": True}),
    (
        "Rotations cost nothing",
        "Old material is kept for decryption, and the first rotations add to a key's price.",
        {"rotations": False},
    ),
    ("The free requests are forgotten", "Some of each month's are free.", {"free": False}),
    (
        "Less than nothing",
        "Free requests that nobody makes are not paid out.",
        {"floor": False},
    ),
    (
        "Each request costs as much as ten thousand",
        "The price is for ten thousand of them.",
        {"block": 1},
    ),
    *(
        (
            "Whole ten thousands only",
            "25,000 requests are two and a half times ten thousand, and are charged so.",
            {"whole": whole},
        )
        for whole in (math.floor, math.ceil)
    ),
    (
        "The keys themselves are missing",
        "A key has its price before it is ever rotated.",
        {"key_itself": False},
    ),
    ("The requests are missing", "Keys are one half of the bill.", {"with_requests": False}),
]


@exercise(
    "10-monthly-bill",
    "keys, requests, prices",
    "After two rotations a key costs the same for ever, however often it is rotated. Requests are "
    "the part that grows with the load.",
)
def monthly_bill(call: Call) -> None:
    bills = [_number(call(list(keys), n, dict(prices))) for keys, n, prices in BILLS]

    def same(wanted: Sequence[float], upto: int = len(BILLS)) -> bool:
        return all(abs(a - b) < CENT for a, b in zip(bills[:upto], wanted[:upto], strict=True))

    right = [_bill(*each) for each in BILLS]
    if same(right):
        return
    for name, words, switches in BILL_MISTAKES:
        if same([_bill(*each, **switches) for each in BILLS]):
            raise Misconception(name, words)
    if same(right, len(BILLS) - 1):
        raise Misconception(
            "Prices written into the function",
            "With other prices it still works out the old bill. They change; take them from "
            "`prices`.",
        )
    place = next(n for n, bill in enumerate(bills) if abs(bill - right[n]) >= CENT)
    keys, requests, prices = BILLS[place]
    of_keys = f"Keys with {keys} rotations" if keys else "No keys"
    raise Misconception(
        "Another sum",
        f"{of_keys} and {requests:,} requests, prices {prices}: "
        f"USD {right[place]:.2f}. You say USD {bills[place]:,.2f}.",
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        if value is None:
            raise Misconception("It returns nothing", "The exercise asks for a number of dollars.")
        kind = type(value).__name__
        raise Misconception(f"It returns {kind}", "The exercise asks for a number of dollars.")
    return float(value)
