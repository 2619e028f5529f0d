"""What a lesson costs on AWS: how much it makes, as counted, times the course's prices."""

import json
from functools import cache
from pathlib import Path
from typing import Any

# The course's one file of prices. Read as data: the lab imports nothing of practice.
PRICES = Path(__file__).parents[2] / "practice" / "numbers.yaml"
# Counted by running the lessons: python -m tests.lab.own_account.measure
COUNTED = Path(__file__).with_name("lessons.json")
HOURS = 730  # AWS's month


def cost_lines(lesson: str | None) -> list[str]:
    """What a lesson costs; without a count of it what the largest lesson does."""
    lessons = counted()
    number = f"{lesson or 0:0>2}"
    names = ("keys", "secrets", "requests")
    if lesson is not None and number in lessons:
        keys, secrets, requests = (lessons[number][name] for name in names)
        what = f"lesson {number} makes {keys} keys"
    else:
        keys, secrets, requests = (max(each[n] for each in lessons.values()) for n in names)
        what = f"a lesson makes up to {keys} keys"
    what += f", {secrets} secrets" if secrets else ""
    what += f", and about {requests:,} requests to KMS"
    month = monthly(keys, secrets)
    return [
        what,
        f"USD {month / HOURS:.3f} for an hour, if you clean up then; "
        f"USD {month:.2f} for every month in which you don't",
        f"requests: the first {price('free_requests'):,} of a month are free "
        f"(not on asymmetric keys), then USD {price('price_requests'):.2f} per 10,000",
        f"prices of {_numbers()['price_key']['date']}, us-east-1, rotations not counted",
    ]


def monthly(keys: int, secrets: int) -> float:
    """USD for a month with so many keys and secrets, requests not counted."""
    return keys * float(price("price_key")) + secrets * float(price("price_secret"))


def price(name: str) -> Any:
    return _numbers()[name]["value"]


def counted() -> dict[str, dict[str, int]]:
    """Lesson -> what it makes."""
    found: dict[str, dict[str, int]] = json.loads(COUNTED.read_text(encoding="utf-8"))
    return found


@cache
def _numbers() -> dict[str, dict[str, Any]]:
    import yaml

    found: dict[str, dict[str, Any]] = yaml.safe_load(PRICES.read_text(encoding="utf-8"))
    return found
