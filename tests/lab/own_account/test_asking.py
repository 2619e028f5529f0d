"""Before the account's number was given nothing is called at all; and then only what was said."""

import builtins
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.client import ClientCreator

from helpers import lab
from helpers.lab.own_account import costs, state

from .conftest import ACCOUNT, PROFILE, Remote, run_json, settings

IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{account}</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"""


class Sts:
    """A service that only knows who is asking, and notes everything it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.arn, self.account = f"arn:aws:iam::{ACCOUNT}:user/ada", ACCOUNT
        sts = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                action = parse_qs(body).get("Action", [self.headers.get("X-Amz-Target", "?")])
                sts.asked.append(action[0])
                answer = IDENTITY.format(arn=sts.arn, account=sts.account).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                sts.asked.append(self.path)
                self.send_error(404)

            do_PUT = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def sts() -> Iterator[Sts]:
    found = Sts()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def machine(sts: Sts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """This process's settings lead to that service; a lab may not be open."""
    lab.close()
    remote = Remote(sts.url, tmp_path)
    remote.environment = settings(remote)
    with mock.patch.dict(os.environ):
        for name in [n for n in os.environ if n.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in remote.environment.items():
            monkeypatch.setenv(name, value)
        yield remote
        lab.close()


def as_they_were() -> tuple[Any, ...]:
    return dict(os.environ), boto3.DEFAULT_SESSION, ClientCreator.create_client, state.current


UNCONFIRMED = f"""
import json, os, sys
noted = []
EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
          "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork")
sys.addaudithook(lambda event, arguments: event in EVENTS and noted.append([event, str(arguments)]))
import boto3
from helpers import lab
before = dict(os.environ), boto3.DEFAULT_SESSION
said = []
for confirm in (None, "", "yes", "12345678901", "1234567890123", "12345678901x", True, 5):
    try:
        lab.open(account="aws", profile={PROFILE!r}, confirm=confirm)
        said.append("opened")
    except lab.LabError as error:
        said.append(str(error))
same = (dict(os.environ), boto3.DEFAULT_SESSION) == before
print(json.dumps({{"noted": noted, "said": said, "same": same}}))
"""

SOURCES = {
    "a key": {},
    "a program": {"credential_process": "touch MARKER"},
    "a role": {"role_arn": "arn:aws:iam::111122223333:role/x", "source_profile": PROFILE},
    "metadata": {
        "role_arn": "arn:aws:iam::111122223333:role/x",
        "credential_source": "Ec2InstanceMetadata",
    },
    "single sign-on": {
        "sso_start_url": "URL",
        "sso_region": "us-east-1",
        "sso_account_id": "111122223333",
        "sso_role_name": "student",
    },
}


@pytest.mark.parametrize("source", SOURCES)
def test_without_confirmation_nothing_is_called(sts: Sts, machine: Remote, source: str) -> None:
    marker = machine.home / "started"
    words = {"MARKER": str(marker), "URL": sts.url}
    lines = {
        name: value.replace(word, words[word]) if (word := value.split()[-1]) in words else value
        for name, value in SOURCES[source].items()
    }
    machine.environment = settings(machine, **lines)
    machine.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = sts.url
    machine.environment["AWS_EC2_METADATA_DISABLED"] = "false"
    machine.environment |= {"HTTP_PROXY": sts.url, "HTTPS_PROXY": sts.url}
    if source not in ("a key", "a role"):
        (machine.home / "credentials").write_text("")
    found = run_json(machine, UNCONFIRMED)
    assert found["noted"] == []
    assert all(text.startswith("Not confirmed") for text in found["said"]), found["said"]
    assert len(found["said"]) == 8
    assert found["same"]
    assert sts.asked == []
    assert not marker.exists()


def test_it_says_first_what_it_is_about(
    machine: Remote, sts: Sts, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    asked_at: list[str] = []

    def no(_: str) -> str:
        asked_at.append(capsys.readouterr().out)
        assert sts.asked == []
        return ""

    monkeypatch.setattr(builtins, "input", no)
    with pytest.raises(lab.LabError, match="Not confirmed"):
        lab.open(account="aws", profile=PROFILE, region="eu-central-1", lesson="06")
    [text] = asked_at
    counted = costs.counted()["06"]
    for words in (
        "Your own AWS account",
        PROFILE,
        "an access key in your AWS settings",
        "eu-central-1",
        sts.url,
        f"lesson 06 makes {counted['keys']} keys",
        f"USD {counted['keys'] / 730:.3f} for an hour",
        f"USD {counted['keys']:.2f} for every month",
        "Nothing was called yet",
    ):
        assert words in text
    assert "not-to-be-shown" not in text
    assert "SANDBOXKEY" not in text


@pytest.mark.parametrize("answer", [ACCOUNT, "1234-5678-9012", f" {ACCOUNT} "])
def test_the_number_may_be_typed(machine: Remote, sts: Sts, monkeypatch: Any, answer: str) -> None:
    monkeypatch.setattr(builtins, "input", lambda _: answer)
    lab.open(account="aws", profile=PROFILE)
    assert sts.asked == ["GetCallerIdentity"]
    assert boto3.DEFAULT_SESSION is not None
    assert boto3.DEFAULT_SESSION.profile_name == PROFILE


@pytest.mark.parametrize(
    ("arn", "account", "words"),
    [
        ("arn:aws:iam::999999999999:user/ada", "999999999999", "account 999999999999, not of"),
        (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "root user"),
    ],
)
def test_another_account_or_root_is_refused(
    machine: Remote, sts: Sts, arn: str, account: str, words: str
) -> None:
    sts.arn, sts.account = arn, account
    before = as_they_were()
    with pytest.raises(lab.LabError, match=words):
        lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    assert sts.asked == ["GetCallerIdentity"]
    assert as_they_were() == before
    lab.open()  # the lab's, as ever
    assert boto3.client("kms").list_keys()["Keys"] == []
    assert sts.asked == ["GetCallerIdentity"]


def test_a_service_that_does_not_answer(machine: Remote, sts: Sts) -> None:
    before = as_they_were()
    machine.url = "http://127.0.0.1:9"
    settings(machine)
    with (
        mock.patch.dict(os.environ, {"AWS_MAX_ATTEMPTS": "1"}),
        pytest.raises(lab.LabError, match="does not know who you are"),
    ):
        lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    assert as_they_were() == before


def test_only_the_call_itself_asks_for_it(machine: Remote, sts: Sts) -> None:
    with mock.patch.dict(
        os.environ, {"KMS_COURSE_ACCOUNT": ACCOUNT, "AWS_PROFILE": PROFILE, "AWS_ACCOUNT_ID": "1"}
    ):
        lab.open()
        assert state.current is None
        boto3.client("kms").create_key()
        boto3.client("sts").get_caller_identity()
    assert sts.asked == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"profile": PROFILE}, 'account="aws"'),
        ({"confirm": ACCOUNT}, 'account="aws"'),
        ({"account": "prod"}, '"aws" or left out'),
        ({"account": ACCOUNT, "profile": PROFILE, "confirm": ACCOUNT}, '"aws" or left out'),
        ({"account": "aws", "profile": "none-such", "confirm": ACCOUNT}, "no profile 'none-such'"),
        ({"account": "aws", "profile": "", "confirm": ACCOUNT}, "name of a profile"),
        ({"account": "aws", "confirm": ACCOUNT}, "no profile 'default'"),
        ({"account": "aws", "profile": "bare", "confirm": ACCOUNT}, "names no credentials"),
        (
            {"account": "aws", "profile": PROFILE, "region": "mars-north-1", "confirm": ACCOUNT},
            "no Region",
        ),
        (
            {"account": "aws", "profile": PROFILE, "region": "cn-north-1", "confirm": ACCOUNT},
            "another",
        ),
    ],
    ids=str,
)
def test_what_can_not_be_opened(
    machine: Remote, sts: Sts, arguments: dict[str, str], words: str
) -> None:
    with (machine.home / "config").open("a") as config:
        config.write("[profile bare]\nregion = us-east-1\n")
    before = as_they_were()
    with pytest.raises(lab.LabError, match=words):
        lab.open(**arguments)  # type: ignore[arg-type]
    assert as_they_were() == before
    assert sts.asked == []


def test_not_while_the_lab_is_open(machine: Remote, sts: Sts) -> None:
    lab.open()
    with pytest.raises(lab.LabError, match=r"lab\.close\(\)"):
        lab.open(account="aws", profile=PROFILE, confirm=ACCOUNT)
    assert sts.asked == []
    assert boto3.client("kms").list_keys()["Keys"] == []


def test_keys_in_the_environment_without_a_profile(machine: Remote, sts: Sts, capsys: Any) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": "x"}
    with mock.patch.dict(os.environ, keys | {"AWS_ENDPOINT_URL": sts.url}):
        lab.open(account="aws", confirm=ACCOUNT)
        assert "environment variables" in capsys.readouterr().out
        assert boto3.client("sts").get_caller_identity()["Account"] == ACCOUNT
        lab.close()
    assert sts.asked == ["GetCallerIdentity"] * 2


def test_costs_come_from_the_course_s_numbers() -> None:
    assert costs.price("price_key") == 1.0
    for lesson in costs.counted():
        assert f"lesson {lesson} makes" in costs.cost_lines(lesson)[0]
    assert costs.cost_lines("6") == costs.cost_lines("06")
    most = max(each["keys"] for each in costs.counted().values())
    for unknown in (None, "77", "every"):
        assert f"up to {most} keys" in costs.cost_lines(unknown)[0]
    assert json.loads(costs.COUNTED.read_text()).keys() == costs.counted().keys()
