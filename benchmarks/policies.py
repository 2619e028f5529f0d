"""Deciding beside reading: a policy is compiled once, then asked many times."""

import json
from collections.abc import Callable

from helpers.lab.policy import Principal, Request, decide, parse_policy

from .measuring import Benchmark, ratio, seconds
from .operations import account

ACCOUNT = "111122223333"
STATEMENTS, CALLS = 50, 100


def _statement(number: int) -> dict[str, object]:
    """Everything matches but the condition, so each statement is looked at to its end."""
    return {
        "Sid": f"Statement{number}",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ada"},
        "Action": ["kms:Decrypt", "kms:Generate*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:dept": "it"}},
    }


DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [_statement(number) for number in range(STATEMENTS)],
}


def _deciding() -> Callable[[], None]:
    """Ask a policy of many statements, of which none allows, many times."""
    policy = parse_policy(DOCUMENT)
    request = Request(
        Principal.user(f"arn:aws:iam::{ACCOUNT}:user/ada"),
        "kms:Decrypt",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
        ACCOUNT,
        encryption_context={"dept": "hr"},
    )
    if decide(request, key_policy=policy).allowed:
        raise RuntimeError("the condition should have failed: nothing was measured")

    def deciding() -> None:
        for _ in range(CALLS):
            decide(request, key_policy=policy)

    return deciding


def decide_over_parse() -> float:
    text, deciding = json.dumps(DOCUMENT), _deciding()

    def reading() -> None:
        for _ in range(CALLS):
            parse_policy(json.loads(text))  # a dict is not cached

    return ratio(lambda: seconds(deciding), lambda: seconds(reading), rounds=9)


def decide_over_encrypt() -> float:
    deciding = _deciding()
    with account("lab") as lab:
        return ratio(lambda: seconds(deciding) / CALLS, lambda: lab.seconds("encrypt"), rounds=15)


BENCHMARKS = {
    "decide": Benchmark(
        "a decision among 50 statements over reading the policy", 0.2, decide_over_parse
    ),
    "decide_encrypt": Benchmark(
        "a decision among 50 statements over one Encrypt call", 0.3, decide_over_encrypt
    ),
}
