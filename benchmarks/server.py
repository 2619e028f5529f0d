"""The lab's server beside stock moto's: the same client, the same calls, over HTTP."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.session import Session

from .measuring import Benchmark, ratio, seconds

CALLS = 60

LAB = ("-m", "helpers.lab.server", "--port", "0")
STOCK = ("-m", "moto.server", "--port", "0")


@contextmanager
def served(command: tuple[str, ...]) -> Iterator[str]:
    """A server in a child process; its address."""
    # Into a file, not a pipe: nobody reads the line that moto writes for each request.
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "output")
        with output.open("w") as file:
            process = subprocess.Popen([sys.executable, *command], stdout=file, stderr=file)
        try:
            yield _address(process, output)
        finally:
            process.terminate()
            process.wait()


def _address(process: subprocess.Popen[bytes], output: Path) -> str:
    """Wait for the server to say where it listens. Raises RuntimeError if it doesn't."""
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        if found := re.search(r"http://127\.0\.0\.1:\d+", output.read_text()):
            return found[0]
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{output.read_text()}")


def encrypting(address: str) -> Callable[[], float]:
    """What measures mean seconds of one Encrypt at a server, by a client of its own."""
    kms = Session().create_client(
        "kms",
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]

    def calls() -> None:
        for _ in range(CALLS):
            kms.encrypt(KeyId=key_id, Plaintext=b"0123456789abcdef")

    return lambda: seconds(calls) / CALLS


def encrypt_over_stock() -> float:
    with served(LAB) as lab, served(STOCK) as stock:
        return ratio(encrypting(lab), encrypting(stock), rounds=15)


BENCHMARKS = {
    "server": Benchmark(
        "Encrypt over HTTP, the lab's server over stock moto_server", 1.0, encrypt_over_stock
    ),
}
