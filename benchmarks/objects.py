"""S3's objects under SSE-KMS, beside the same in stock moto, which stores them in the clear.

Stock moto and the lab each run in a child process, as both can't be open in one. Memory is the
peak of the child's resident set over what it had before the call (Linux only).
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .measuring import Benchmark, ratio

MEBIBYTES = 64
SMALL = 200

CHILD = """
import contextlib, io, json, os, sys, time
import boto3

if sys.argv[1] == "lab":
    from helpers import lab
    with contextlib.redirect_stdout(io.StringIO()):
        lab.open()
else:
    from moto import mock_aws
    mock_aws().start()
kms = boto3.client("kms", region_name="us-east-1")
s3 = boto3.client("s3", region_name="us-east-1")
s3.create_bucket(Bucket="bucket")
key_id = kms.create_key()["KeyMetadata"]["KeyId"]
by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id}
body = os.urandom(int(sys.argv[2]) << 20)
small = os.urandom(1024)

def put(body=body, key="o", **members):
    s3.put_object(Bucket="bucket", Key=key, Body=body, **by_kms, **members)

def get(key="o"):
    return s3.get_object(Bucket="bucket", Key=key)["Body"].read()

def small_objects(bucket_key):
    # S3's own work: without boto3's and without moto's reading of the request.
    backend = __import__("moto.s3.models").s3.models.s3_backends["123456789012"]["aws"]
    for number in range(int(sys.argv[3])):
        backend.put_object(
            "bucket", "small", small, encryption="aws:kms", kms_key_id=key_id,
            bucket_key_enabled=bucket_key,
        )
        backend.get_object("bucket", "small").value

def over_boto3(bucket_key):
    for number in range(int(sys.argv[3])):
        put(small, "small", BucketKeyEnabled=bucket_key)
        get("small")

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def peak():
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024

actions = {
    "put": put,
    "get": get,
    "small": lambda: small_objects("false"),
    "small with bucket key": lambda: small_objects("true"),
    "boto3": lambda: over_boto3(False),
    "boto3 with bucket key": lambda: over_boto3(True),
}
put(small)
get()
put()
for line in sys.stdin:
    name = json.loads(line)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before, start = resident(), time.perf_counter()
    actions[name]()
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, peak() - before]), flush=True)
"""


class Account:
    """An account in a child process: the lab's or stock moto's."""

    def __init__(self, kind: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHILD, kind, str(MEBIBYTES), str(SMALL)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, action: str) -> tuple[float, int]:
        """Seconds, and bytes of memory at the peak."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(action) + "\n")
        self._process.stdin.flush()
        answer: Any = json.loads(self._process.stdout.readline())
        return float(answer[0]), int(answer[1])

    def seconds(self, action: str) -> float:
        return self.measure(action)[0]

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def account(kind: str) -> Iterator[Account]:
    opened = Account(kind)
    try:
        yield opened
    finally:
        opened.close()


def large_over_stock(action: str) -> Callable[[], float]:
    def measure() -> float:
        with account("lab") as lab, account("stock") as stock:
            return ratio(lambda: lab.seconds(action), lambda: stock.seconds(action), rounds=15)

    return measure


def memory_over_size(action: str) -> Callable[[], float]:
    def measure() -> float:
        with account("lab") as lab:
            return max(lab.measure(action)[1] for _ in range(3)) / (MEBIBYTES << 20)

    return measure


def with_bucket_key(action: str) -> Callable[[], float]:
    """With a bucket key over without: the time that is left."""

    def measure() -> float:
        with account("lab") as lab:
            return ratio(
                lambda: lab.seconds(f"{action} with bucket key"),
                lambda: lab.seconds(action),
                rounds=9,
            )

    return measure


BENCHMARKS = {
    "s3-put": Benchmark(
        "PutObject of 64 MiB with SSE-KMS over stock moto's", 1.15, large_over_stock("put")
    ),
    "s3-get": Benchmark(
        "GetObject of 64 MiB with SSE-KMS over stock moto's", 1.15, large_over_stock("get")
    ),
    "s3-put-memory": Benchmark(
        "memory of PutObject of 64 MiB over the object's size", 2.2, memory_over_size("put")
    ),
    "s3-get-memory": Benchmark(
        "memory of GetObject of 64 MiB over the object's size", 2.2, memory_over_size("get")
    ),
    "s3-bucket-key": Benchmark(
        "S3's own time for a 1 KiB object, with a bucket key over without",
        1 / 1.5,
        with_bucket_key("small"),
    ),
    "s3-bucket-key-boto3": Benchmark(
        "the same through boto3, most of whose time is its own",
        1.0,
        with_bucket_key("boto3"),
    ),
}
