"""The open lab reads none of the machine's AWS settings, uses none, and sends nothing.

A machine full of planted credentials, profiles, endpoints and token services runs the lab in a
process of its own, which notes every file it opens, every folder it lists, every connection and
every program it starts. A listener on this machine counts who calls. Nothing may come up.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ProfileNotFound
from botocore.utils import ContainerMetadataFetcher, InstanceMetadataFetcher

from helpers import lab
from helpers.lab import account as account_module

ROOT = Path(__file__).resolve().parents[2]
PLANTED_KEY = "PLANTEDPLANTEDPLANTE"


@pytest.fixture(autouse=True)
def socket_guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """No test here may connect anywhere or ask a name server; nor leave the lab open."""
    tried: list[Any] = []

    def refuse(*args: Any, **_: Any) -> None:
        tried.append(args)
        raise AssertionError(f"a connection was tried: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    lab.close()
    with mock.patch.dict(os.environ):
        yield tried
        lab.close()
    assert tried == []


class Listener:
    """A web server on this machine that gives everyone credentials, and counts them."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        hits = self.hits

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                hits.append(f"{self.command} {self.path}")
                body = json.dumps(
                    {"AccessKeyId": PLANTED_KEY, "SecretAccessKey": "s", "Token": "t"}
                )
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_PUT = do_POST = do_CONNECT = answer

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


CONFIG = """
[default]
region = ap-south-1
endpoint_url = {url}
services = planted
credential_process = touch {marker}
[profile planted]
region = ap-south-1
endpoint_url = {url}
services = planted
sso_session = planted
sso_account_id = 111111111111
sso_role_name = planted
credential_process = touch {marker}
[sso-session planted]
sso_region = ap-south-1
sso_start_url = {url}/start
[services planted]
kms =
  endpoint_url = {url}
"""
CREDENTIALS = """
[default]
aws_access_key_id = {key}
aws_secret_access_key = planted
[planted]
aws_access_key_id = {key}
aws_secret_access_key = planted
"""


@pytest.fixture
def planted(tmp_path: Path, listener: Listener) -> dict[str, str]:
    """A home folder and an environment full of AWS settings."""
    home, marker = tmp_path / "home", tmp_path / "a-program-was-started"
    files = {
        ".aws/config": CONFIG.format(url=listener.url, marker=marker),
        ".aws/credentials": CREDENTIALS.format(key=PLANTED_KEY),
        ".aws/sso/cache/planted.json": json.dumps({"accessToken": "planted"}),
        ".aws/login/cache/planted.json": json.dumps({"accessToken": "planted"}),
        ".aws/cli/cache/planted.json": json.dumps({"Credentials": {"AccessKeyId": PLANTED_KEY}}),
        ".aws/models/kms/2014-11-01/service-2.json": "{}",
        ".aws/models/endpoints.json": "{}",
        ".boto": f"[Credentials]\naws_access_key_id = {PLANTED_KEY}\naws_secret_access_key = x\n",
        "web-identity-token": "planted",
        "container-token": "planted",
        "other-models/kms/2014-11-01/service-2.json": "{}",
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    listener.hits.clear()
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "AWS_PROFILE": "planted",
        "AWS_DEFAULT_PROFILE": "planted",
        "AWS_REGION": "ap-south-1",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_CONFIG_FILE": str(home / ".aws/config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / ".aws/credentials"),
        "AWS_DATA_PATH": str(home / "other-models"),
        "AWS_ENDPOINT_URL": listener.url,
        "AWS_ENDPOINT_URL_KMS": listener.url,
        "AWS_ENDPOINT_URL_S3": listener.url,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{listener.url}/container",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/container",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "planted",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(home / "container-token"),
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(home / "web-identity-token"),
        "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/planted",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": listener.url,
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_CA_BUNDLE": str(home / "no-such-bundle"),
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_MAX_ATTEMPTS": "9",
        "BOTO_CONFIG": str(home / ".boto"),
        "HTTP_PROXY": listener.url,
        "HTTPS_PROXY": listener.url,
        "MOTO_ACCOUNT_ID": "999999999999",
        "MOTO_ALLOW_NONEXISTENT_REGION": "true",
        "MOTO_CALL_RESET_API": "true",
        "MOTO_S3_CUSTOM_ENDPOINTS": listener.url,
        "MARKER": str(marker),
    }


KEYS_PLANTED = {
    "AWS_ACCESS_KEY_ID": PLANTED_KEY,
    "AWS_SECRET_ACCESS_KEY": "planted",
    "AWS_SESSION_TOKEN": "planted",
}

SCRIPT = """
import json, os, sys
noted = []
phase = "import"
EVENTS = {"open", "os.listdir", "os.scandir", "socket.connect", "socket.getaddrinfo",
          "socket.gethostbyname", "socket.sendto", "subprocess.Popen", "os.system",
          "os.posix_spawn", "os.exec", "os.fork"}
def hook(event, args):
    if event in EVENTS:
        noted.append([phase, event, str(args[0] if args else ""), str(args[1:2])])
sys.addaudithook(hook)
import boto3
from helpers import lab
before = dict(os.environ)
session_before = boto3.DEFAULT_SESSION
phase = "open"
result = {"signed": [], "errors": {}}

def sign(request, **_):
    result["signed"].append(str(request.headers.get("Authorization")))

def tried(name, call):
    try:
        call()
        result["errors"][name] = None
    except Exception as error:
        result["errors"][name] = [type(error).__name__, str(error)]

lab.open()
session = boto3.Session()
result["region"], result["profile"] = session.region_name, session.profile_name
result["profiles"] = session.available_profiles
result["credentials"] = [session.get_credentials().access_key, session.get_credentials().token,
                         session.get_credentials().method]
kms = boto3.client("kms")
kms.meta.events.register("before-send", sign, unique_id="sign")
result["endpoint"] = kms.meta.endpoint_url
key = kms.create_key()["KeyMetadata"]
result["account"] = key["AWSAccountId"]
blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"p")["CiphertextBlob"]
assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
eu = session.client("kms", region_name="eu-central-1")
eu.create_key()
s3 = boto3.client("s3")
s3.create_bucket(Bucket="a-bucket")
s3.put_object(Bucket="a-bucket", Key="k", Body=b"data")
result["identity"] = boto3.client("sts").get_caller_identity()["Account"]
tried("profile", lambda: boto3.Session(profile_name="planted").client("kms").list_keys())
tried("endpoint", lambda: boto3.client("kms", endpoint_url=URL).list_keys())
tried("unknown service", lambda: boto3.client("snow-device-management").list_devices())
lab.reset()
lab.close()
phase = "closed"
result["own account"] = sorted(name for name in sys.modules if "lab.own_account." in name)
result["environment restored"] = dict(os.environ) == before
result["session restored"] = boto3.DEFAULT_SESSION is session_before
result["noted"] = noted
print("RESULT" + json.dumps(result))
"""


def run(planted: dict[str, str], script: str, listener: Listener) -> dict[str, Any]:
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", f"URL = {listener.url!r}\n{script}"],
        cwd=ROOT,
        env=keep | planted,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.partition("RESULT")[2])


def check_untouched(result: dict[str, Any], planted: dict[str, str], listener: Listener) -> None:
    touched = [note for note in result["noted"] if planted["HOME"] in note[2]]
    assert touched == [], "the machine's AWS settings were read"
    sent = [
        n for n in result["noted"] if n[1].startswith(("socket.", "subprocess", "os.s", "os.p"))
    ]
    assert [n for n in sent if n[1] != "os.scandir"] == [], "something was contacted or started"
    assert listener.hits == []
    assert not Path(planted["MARKER"]).exists()


@pytest.mark.parametrize("keys", [{}, KEYS_PLANTED], ids=["no keys", "keys in the environment"])
def test_a_machine_full_of_settings(
    planted: dict[str, str], listener: Listener, keys: dict[str, str]
) -> None:
    result = run(planted | keys, SCRIPT, listener)
    check_untouched(result, planted, listener)
    assert result["environment restored"]
    assert result["session restored"]
    assert (result["region"], result["profile"], result["profiles"]) == ("us-east-1", "default", [])
    assert result["endpoint"] == "https://kms.us-east-1.amazonaws.com"
    assert result["account"] == result["identity"] == "123456789012"
    access_key, token, method = result["credentials"]
    assert access_key != PLANTED_KEY
    assert (token, method) == (None, "env")
    assert len(result["signed"]) == 3
    for signed in result["signed"]:
        assert f"Credential={access_key}/" in signed
        assert PLANTED_KEY not in signed
    # Of what could call AWS nothing was even loaded, only that which says it is not open.
    of_own = "helpers.lab.own_account"
    assert result["own account"] == [f"{of_own}.lab_only", f"{of_own}.state"]
    errors = result["errors"]
    assert errors["profile"][0] == "ProfileNotFound"
    assert errors["endpoint"][0] == errors["unknown service"][0] == "NothingSent"


@pytest.mark.parametrize("switch", ["TEST_SERVER_MODE", "TEST_PROXY_MODE"])
def test_settings_that_would_send_moto_to_a_server(
    planted: dict[str, str], listener: Listener, switch: str
) -> None:
    endpoint = {"TEST_SERVER_MODE_ENDPOINT": listener.url, "MOTO_PROXY_PORT": "1"}
    # moto reads the first of them once and for all, when it is imported.
    result = run(planted | endpoint | {switch: "true"}, SCRIPT, listener)
    check_untouched(result, planted, listener)
    assert result["environment restored"]


OLD_CLIENT = """
import json, boto3
old = boto3.client("kms", region_name="us-east-1", aws_access_key_id="PLANTEDPLANTEDPLANTE",
                   aws_secret_access_key="planted")
elsewhere = boto3.client("kms", region_name="us-east-1", endpoint_url=URL)
from helpers import lab
lab.open()
names = []
for client in (old, elsewhere):
    try:
        client.list_keys()
        names.append(None)
    except lab.NothingSent as error:
        names.append([type(error).__name__, str(error)])
print("RESULT" + json.dumps(names))
"""


def test_a_client_made_before_the_lab_sends_nothing(
    planted: dict[str, str], listener: Listener
) -> None:
    # Without the planted home folder: outside the lab its service models break botocore.
    names = run(
        KEYS_PLANTED | {"HOME": planted["HOME"] + "/none", "NO_PROXY": "*"}, OLD_CLIENT, listener
    )
    for name in names:
        assert name[0] == "NothingSent"
        assert "lab.open()" in name[1]
    assert listener.hits == []


# In this process, under the socket guard


def test_the_guard_of_these_tests_works(socket_guard: list[Any], listener: Listener) -> None:
    with pytest.raises(AssertionError, match="a connection was tried"):
        socket.create_connection(("127.0.0.1", listener.server.server_port))
    assert socket_guard
    socket_guard.clear()


@pytest.mark.parametrize(
    ("service", "operation", "request_members"),
    [
        ("snow-device-management", "list_devices", {}),
        ("sts", "decode_authorization_message", {"EncodedMessage": "x"}),
        ("iam", "get_organizations_access_report", {"JobId": "x" * 36}),
        ("secretsmanager", "validate_resource_policy", {"ResourcePolicy": "{}"}),
    ],
)
def test_what_the_lab_does_not_answer(
    service: str, operation: str, request_members: dict[str, Any]
) -> None:
    lab.open()
    with pytest.raises(lab.NothingSent, match="Nothing was sent") as caught:
        getattr(boto3.client(service), operation)(**request_members)
    assert not isinstance(caught.value, NotImplementedError)
    assert "moto" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "https://kms.example.com", "http://localhost:5000", "http://[::1]:9"],
)
@pytest.mark.parametrize("service", ["kms", "s3", "sts"])
def test_an_endpoint_of_ones_own(service: str, url: str) -> None:
    lab.open()
    client = boto3.client(service, endpoint_url=url)
    call = {"kms": "list_keys", "s3": "list_buckets", "sts": "get_caller_identity"}[service]
    with pytest.raises(lab.NothingSent, match="Nothing was sent"):
        getattr(client, call)()


def test_a_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[profile planted]\nregion = ap-south-1\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "planted")
    lab.open()
    with pytest.raises(ProfileNotFound):
        boto3.Session(profile_name="planted")
    assert boto3.Session().region_name == "us-east-1"


def test_metadata_services() -> None:
    lab.open()
    assert InstanceMetadataFetcher().retrieve_iam_role_credentials() == {}
    asked_anyway = InstanceMetadataFetcher(num_attempts=1, env={})
    with pytest.raises(lab.NothingSent):
        asked_anyway.retrieve_iam_role_credentials()
    with pytest.raises(lab.NothingSent):
        ContainerMetadataFetcher().retrieve_uri("/credentials")


# Putting everything back


def test_the_environment_comes_back_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (KEYS_PLANTED | {"AWS_PROFILE": "x", "MOTO_X": "", "AWS_EMPTY": ""}).items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    for _ in range(2):
        lab.open(seed=1)
        assert "AWS_PROFILE" not in os.environ
        assert "AWS_SESSION_TOKEN" not in os.environ
        boto3.client("kms").create_key()
        lab.reset()
        lab.close()
        assert dict(os.environ) == before


BREAKABLE = [
    "guarded",
    "_moto",
    "_url_patterns",
    "Session",
    "validation.use_loader",
    "boto3.Session",
    "MockAWS",
    "kms_urls.url_bases",
    "mock_random.seed",
    "clock.start",
]


@pytest.mark.parametrize("where", BREAKABLE)
def test_opening_that_fails_half_way_leaves_nothing_behind(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.httpsession import URLLib3Session
    from moto import backend_index
    from moto.core.botocore_stubber import BotocoreStubber
    from moto.core.models import botocore_stubber
    from moto.kms.models import kms_backends

    def state() -> tuple[Any, ...]:
        return (
            dict(os.environ),
            boto3.DEFAULT_SESSION,
            botocore_stubber.enabled,
            BotocoreStubber.__call__,
            URLLib3Session.send,
            backend_index.backend_url_patterns,
            kms_backends.backend,
        )

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setenv("AWS_PROFILE", "planted")
    before = state()
    holder, _, name = where.rpartition(".")
    target = account_module
    for part in filter(None, holder.split(".")):
        target = getattr(target, part)
    broken = None if name == "url_bases" else fail
    with monkeypatch.context() as patch:
        patch.setattr(target, name, broken)
        with pytest.raises((RuntimeError, TypeError)):
            lab.open(seed=1)
        assert state() == before
    with pytest.raises(lab.LabError):
        lab.reset()
    lab.open()
    assert boto3.client("kms").list_keys()["Keys"] == []
    lab.close()
    assert state() == before


def test_after_closing_moto_answers_no_more() -> None:
    from moto.core.models import botocore_stubber

    lab.open()
    boto3.client("kms").list_keys()
    lab.close()
    assert not botocore_stubber.enabled
