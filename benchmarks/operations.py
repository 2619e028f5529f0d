"""Operations of the lab beside each other and beside stock moto.

The lab and stock moto can't be open in one process at once, so stock moto runs in a child
process that measures on request.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from .measuring import Benchmark, ratio

CALLS = 60
MANY_KEYS = 2000

CHILD = """
import contextlib, io, json, sys, time
import boto3

if sys.argv[1] == "lab":
    from helpers import lab
    with contextlib.redirect_stdout(io.StringIO()):
        lab.open()
else:
    from moto import mock_aws
    mock_aws().start()
kms = boto3.client("kms", region_name="us-east-1")
key_id = kms.create_key()["KeyMetadata"]["KeyId"]
for number in range(int(sys.argv[2])):
    other = kms.create_key(Description=f"key {number}")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=other)
blob = kms.encrypt(KeyId=key_id, Plaintext=b"0123456789abcdef")["CiphertextBlob"]
spec = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
signing = {
    "KeyId": kms.create_key(**spec)["KeyMetadata"]["KeyId"],
    "Message": b"0123456789abcdef",
    "SigningAlgorithm": "ECDSA_SHA_256",
}
actions = {
    "encrypt": lambda: kms.encrypt(KeyId=key_id, Plaintext=b"0123456789abcdef"),
    "create_key": lambda: kms.create_key(),
    "decrypt": lambda: kms.decrypt(CiphertextBlob=blob),
    "generate_data_key": lambda: kms.generate_data_key(KeyId=key_id, KeySpec="AES_256"),
    "sign": lambda: kms.sign(**signing),
}
for line in sys.stdin:
    name, calls = json.loads(line)
    action = actions[name]
    start = time.perf_counter()
    for _ in range(calls):
        action()
    print(json.dumps((time.perf_counter() - start) / calls), flush=True)
"""


class Account:
    """An account in a child process: the lab's or stock moto's."""

    def __init__(self, kind: str, other_keys: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHILD, kind, str(other_keys)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, action: str, calls: int = CALLS) -> float:
        """Mean seconds of one call of ``action``, over several calls."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([action, calls]) + "\n")
        self._process.stdin.flush()
        answer: Any = json.loads(self._process.stdout.readline())
        return float(answer)

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def account(kind: str, *, other_keys: int = 0) -> Iterator[Account]:
    opened = Account(kind, other_keys)
    try:
        yield opened
    finally:
        opened.close()


def create_key_over_encrypt() -> float:
    with account("lab") as lab:
        return ratio(lambda: lab.seconds("create_key"), lambda: lab.seconds("encrypt"), rounds=15)


def over_stock(action: str) -> float:
    """An operation of the lab, with policies and audit, over the same of stock moto."""
    with account("lab") as lab, account("stock") as stock:
        return ratio(lambda: lab.seconds(action), lambda: stock.seconds(action), rounds=15)


def encrypt_among_many_keys() -> float:
    with account("lab", other_keys=MANY_KEYS) as many, account("lab") as one:
        return ratio(lambda: many.seconds("encrypt"), lambda: one.seconds("encrypt"), rounds=25)


BENCHMARKS = {
    "create_key": Benchmark(
        "symmetric CreateKey over Encrypt, both in the lab", 1.5, create_key_over_encrypt
    ),
    "encrypt": Benchmark(
        "Encrypt in the lab over stock moto's", 1.0, partial(over_stock, "encrypt")
    ),
    "decrypt": Benchmark(
        "Decrypt in the lab over stock moto's", 1.1, partial(over_stock, "decrypt")
    ),
    "generate_data_key": Benchmark(
        "GenerateDataKey in the lab over stock moto's",
        1.1,
        partial(over_stock, "generate_data_key"),
    ),
    "sign": Benchmark(
        "Sign (P-256) in the lab over stock moto's", 1.1, partial(over_stock, "sign")
    ),
    "many_keys": Benchmark(
        f"Encrypt in an account of {MANY_KEYS:,} keys over one of 1", 1.1, encrypt_among_many_keys
    ),
}
