"""The lab's own server in another process plays the learner's account, and settings lead there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers import lab
from tests.lab.server.conftest import ROOT, serving

ACCOUNT = "123456789012"  # the server's
PROFILE = "sandbox"


@dataclass
class Remote:
    """An account elsewhere: its server, and the settings of somebody who has a profile there."""

    url: str
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    # Of the account's owner.
    keys: dict[str, str] = field(
        default_factory=lambda: {"aws_access_key_id": "OWNER", "aws_secret_access_key": "x"}
    )

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A client of the account's owner, who knows nothing of the course."""
        session = boto3.session.Session()
        return session.client(service, region_name=region, endpoint_url=self.url, **self.keys)


def student_in(remote: Remote, account: str, policy: str) -> None:
    """Let the profile be a user of another account, with this IAM policy."""
    iam = remote.client("iam")
    iam.meta.events.register(
        "before-sign",
        lambda request, **_: request.headers.add_header("x-moto-account-id", account),
    )
    iam.create_user(UserName="student")
    iam.put_user_policy(UserName="student", PolicyName="course", PolicyDocument=policy)
    key = iam.create_access_key(UserName="student")["AccessKey"]
    (remote.home / "credentials").write_text(
        f"[{PROFILE}]\naws_access_key_id = {key['AccessKeyId']}\n"
        f"aws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    remote.keys = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


def settings(remote: Remote, **profile: str) -> dict[str, str]:
    """A home with a profile that leads to the server, and the variables that name it."""
    lines = {"region": "us-east-1", "endpoint_url": remote.url} | profile
    config = remote.home / "config"
    config.write_text(
        f"[profile {PROFILE}]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items() if v)
    )
    credentials = remote.home / "credentials"
    credentials.write_text(
        f"[{PROFILE}]\naws_access_key_id = SANDBOXKEY\naws_secret_access_key = not-to-be-shown\n"
    )
    return {
        "HOME": str(remote.home),
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "KMS_COURSE_OWN_ACCOUNT": str(remote.home / "made.jsonl"),
        "KMS_COURSE_PROGRESS": ":memory:",
    }


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    """A fresh account elsewhere."""
    with serving() as server:
        found = Remote(server.url, tmp_path)
        found.environment = settings(found)
        yield found


@pytest.fixture
def here(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """The same, with this process's settings leading there."""
    lab.close()
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in remote.environment.items():
        monkeypatch.setenv(name, value)
    yield remote
    lab.close()


OPEN = f"""
from helpers import lab
lab.open(account="aws", profile={PROFILE!r}, confirm={ACCOUNT!r})
"""
ANYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'

# Nothing may leave the machine, whatever goes wrong.
STAY_HERE = """
import sys
def _stay(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        assert arguments[1][0] in ("127.0.0.1", "::1"), arguments[1]
    if event == "socket.getaddrinfo":
        assert arguments[0] in ("127.0.0.1", "localhost", None), arguments[0]
sys.addaudithook(_stay)
"""


def environment(remote: Remote) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return kept | remote.environment


def start(remote: Remote, script: str) -> subprocess.Popen[str]:
    """Run a script in a process with the learner's settings."""
    return subprocess.Popen(
        [sys.executable, "-c", STAY_HERE + script],
        cwd=ROOT,
        env=environment(remote),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(remote: Remote, script: str) -> str:
    """What a script prints; it must end well."""
    process = start(remote, script)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, output + errors
    return output


def run_json(remote: Remote, script: str) -> Any:
    """What a script prints as its last line, as JSON."""
    return json.loads(run(remote, script).splitlines()[-1])


Script = Callable[[str], str]
