"""From the start of a process to the first reply of Encrypt."""

from .measuring import Benchmark, python, ratio, seconds

FIRST_REPLY = """
import boto3
kms = boto3.client("kms", region_name="us-east-1")
key_id = kms.create_key()["KeyMetadata"]["KeyId"]
kms.encrypt(KeyId=key_id, Plaintext=b"first")
"""
LAB = "from helpers import lab\nlab.open()\n" + FIRST_REPLY
STOCK = "from moto import mock_aws\nmock_aws().start()\n" + FIRST_REPLY


def first_reply_over_stock() -> float:
    return ratio(
        lambda: seconds(lambda: python("-c", LAB)),
        lambda: seconds(lambda: python("-c", STOCK)),
        rounds=11,
    )


BENCHMARKS = {
    "startup": Benchmark(
        "process start to first Encrypt reply over stock moto's", 0.95, first_reply_over_stock
    ),
}
