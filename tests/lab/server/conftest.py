"""Real server processes on free ports, and real clients from an environment of their own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = Path(sys.prefix, "clients", "Scripts" if os.name == "nt" else "bin")
READY = re.compile(r"ready (http://127\.0\.0\.1:(\d+))\n")
# A second try would hide that the first one failed.
IMPATIENT = Config(read_timeout=20, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Server:
    """A running server: its process, its address."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


Start = Callable[..., Server]
Client = Callable[..., Any]


AS_A_USER = ("-m", "helpers.lab.server")
# Threads give way to each other at every call inside KMS: what isn't atomic shows itself.
NERVOUS = (
    "-c",
    """
import os, sys, threading, time
from helpers.lab import kms, server

inside = os.path.dirname(kms.__file__)

def give_way(frame, event, argument):
    if frame.f_code.co_filename.startswith(inside):
        time.sleep(0)

threading.setprofile(give_way)
sys.setswitchinterval(1e-5)
sys.exit(server.main())
""",
)


@contextmanager
def serving(
    *arguments: str, python: Sequence[str] = AS_A_USER, **environment: str
) -> Iterator[Server]:
    """The lab's server as a user starts it. Killed at the end, whatever happened."""
    process = subprocess.Popen(
        [sys.executable, *python, *(arguments or ("--port", "0"))],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout and process.stderr
            line = process.stdout.readline()
            ready = READY.fullmatch(line)
            assert ready, line + process.stderr.read()
            yield Server(process, ready[1])
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for the tests of a file."""
    with serving() as started:
        yield started


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a server of the test's own, with arguments and environment."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(serving(*arguments, **options))


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    """Make a botocore client of the server: client("kms", region="eu-central-1")."""
    session = botocore.session.Session()
    with ExitStack() as stack:

        def make(service: str = "kms", *, url: str = server.url, **credentials: str) -> Any:
            made = session.create_client(
                service,
                endpoint_url=url,
                config=IMPATIENT,
                region_name=credentials.get("region", "us-east-1"),
                aws_access_key_id=credentials.get("AccessKeyId", "test"),
                aws_secret_access_key=credentials.get("SecretAccessKey", "test"),
                aws_session_token=credentials.get("SessionToken"),
            )
            stack.callback(made.close)
            return made

        yield make


def run_client(program: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the clients' environment, with nothing of this machine's AWS settings."""
    path = CLIENTS / program
    if not path.exists():
        pytest.skip(f"{path} is missing: make test makes it, and CONTRIBUTING.md says how")
    hidden = ("AWS_", "PYTHON")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)} | {
        "HOME": str(home),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return subprocess.run(
        [str(path), *arguments],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
    )


def run_script(name: str, server: Server, home: Path) -> dict[str, Any]:
    """Run a script of ``clients/`` against the server, and return the JSON that it prints."""
    script = Path(__file__).parent / "clients" / name
    done = run_client("python", str(script), server.url, home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
