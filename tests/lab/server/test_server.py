"""The server as a process: it starts, says so, answers in parallel, keeps to itself, stops."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import chain
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from helpers import lab

from .conftest import NERVOUS, ROOT, Client, Server, Start

OTHER_ACCOUNT = "222222222222"
ALLOW_ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
TRUST_ALL = ALLOW_ALL.replace('"Action":"*","Resource"', '"Action":"sts:AssumeRole","Principal"')


def refused_to_start(*arguments: str) -> str:
    """What the server says instead of starting."""
    done = subprocess.run(
        [sys.executable, "-m", "helpers.lab.server", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def code_of(operation: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as caught:
        operation(**members)
    return caught.value.response["Error"]["Code"]


# Starting and stopping


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_ready_once_and_stops_cleanly(start: Start, stop: signal.Signals) -> None:
    server = start()
    nobody = b"AWS4-HMAC-SHA256 Credential=a/20261123/us-east-1/nobody/aws4_request"
    with socket.create_connection(("127.0.0.1", server.port)) as unknown:
        unknown.sendall(b"GET / HTTP/1.1\r\nAuthorization: " + nobody + b"\r\n\r\n")
        assert unknown.recv(1000).startswith(b"HTTP/1.1 400 ")  # and nothing is printed
    # Neither an idle connection nor a half-sent request holds it up.
    with socket.create_connection(("127.0.0.1", server.port)) as idle:
        idle.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
        time.sleep(0.1)
        server.process.send_signal(stop)
        output, errors = server.process.communicate(timeout=10)
    assert (server.process.returncode, output, errors) == (0, "", "")
    with socket.create_server(("127.0.0.1", server.port)):
        pass  # the port is free again


def test_a_port_in_use_is_one_clear_line(server: Server) -> None:
    said = refused_to_start("--port", str(server.port))
    assert said == (
        f"python -m helpers.lab.server: can't listen on 127.0.0.1 port {server.port}: "
        "Address already in use. Choose another with --port, or 0 for any free one.\n"
    )


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--port", "65536"], "'65536' is not a port"),
        (["--port", "-1"], "'-1' is not a port"),
        (["--port", "http"], "'http' is not a port"),
        (["--seed", "x"], "invalid int value: 'x'"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
        (["--host", "no such host", "--port", "0"], "can't listen on no such host"),
    ],
)
def test_wrong_arguments_are_one_clear_line(arguments: list[str], said: str) -> None:
    errors = refused_to_start(*arguments)
    assert said in errors
    assert errors.count("\n") == 1


def test_it_warns_when_the_network_reaches_it() -> None:
    command = [sys.executable, "-m", "helpers.lab.server", "--host", "0.0.0.0", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        ready = process.stdout.readline()
        process.terminate()
        errors = process.communicate(timeout=10)[1]
    assert ready.startswith("ready http://0.0.0.0:")
    assert errors.startswith("Warning: the lab listens on 0.0.0.0.")
    assert errors.count("\n") == 1


def test_a_seed_gives_the_ids_that_it_gives_in_process(start: Start, client: Client) -> None:
    server = start("--port", "0", "--seed", "7")
    served = client(url=server.url).create_key()["KeyMetadata"]
    lab.open(seed=7)
    try:
        local = boto3.client("kms").create_key()["KeyMetadata"]
    finally:
        lab.close()
    assert (served["KeyId"], served["CreationDate"]) == (local["KeyId"], local["CreationDate"])


# Accounts, Regions, services


def assume_role_in(account: str, client: Client) -> dict[str, str]:
    """Credentials of another account's administrator, by IAM and STS."""
    iam = client("iam")
    iam.meta.events.register(
        "before-sign",
        lambda request, **_: request.headers.add_header("x-moto-account-id", account),
    )
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=TRUST_ALL)
    iam.put_role_policy(RoleName="admin", PolicyName="all", PolicyDocument=ALLOW_ALL)
    role = f"arn:aws:iam::{account}:role/admin"
    return client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]


def test_accounts_by_access_key_do_not_see_each_other(client: Client) -> None:
    credentials = assume_role_in(OTHER_ACCOUNT, client)
    assert client("sts", **credentials).get_caller_identity()["Account"] == OTHER_ACCOUNT
    mine, theirs = client(), client(**credentials)
    my_key, their_key = (kms.create_key()["KeyMetadata"] for kms in (mine, theirs))
    assert their_key["AWSAccountId"] == OTHER_ACCOUNT != my_key["AWSAccountId"]
    assert code_of(mine.describe_key, KeyId=their_key["KeyId"]) == "NotFoundException"
    assert code_of(theirs.describe_key, KeyId=my_key["KeyId"]) == "NotFoundException"
    listed = {key["KeyId"] for key in theirs.list_keys()["Keys"]}
    assert listed == {their_key["KeyId"]}


def test_regions_do_not_see_each_other(client: Client) -> None:
    virginia, frankfurt = client(region="us-east-1"), client(region="eu-central-1")
    key = frankfurt.create_key()["KeyMetadata"]
    assert ":eu-central-1:" in key["Arn"]
    assert code_of(virginia.describe_key, KeyId=key["KeyId"]) == "NotFoundException"
    assert frankfurt.describe_key(KeyId=key["KeyId"])["KeyMetadata"] == key


def test_other_services_answer_beside_kms(client: Client) -> None:
    s3, iam = client("s3"), client("iam")
    s3.create_bucket(Bucket="beside")
    s3.put_object(Bucket="beside", Key="a/ö", Body=b"x" * 100_000, Metadata={"by": "me"})
    got = s3.get_object(Bucket="beside", Key="a/ö")
    assert got["Body"].read() == b"x" * 100_000
    assert s3.head_object(Bucket="beside", Key="a/ö")["ContentLength"] == 100_000
    assert code_of(s3.get_object, Bucket="beside", Key="none") == "NoSuchKey"
    iam.create_user(UserName="ada")
    assert iam.get_user(UserName="ada")["User"]["UserName"] == "ada"


# Parallel requests


class Shared:
    """Keys that eight threads use at once, and what one thread does with them."""

    ROUNDS = 12

    def __init__(self, client: Client) -> None:
        self.client = client
        kms = client()
        self.symmetric = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
        self.toggled = kms.create_key()["KeyMetadata"]["KeyId"]
        signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        self.signing = signing["KeyMetadata"]["KeyId"]
        self.first = [*self.symmetric, self.toggled, self.signing]
        self.made: list[str] = []
        self.start = threading.Barrier(8, timeout=30)

    def work(self, thread: int) -> list[str]:
        """A bounded number of calls; returns what was wrong."""
        kms = self.client()
        self.start.wait()
        problems = []
        for turn in range(self.ROUNDS):
            problems += self._encrypt(kms, thread, turn)
            problems += self._sign(kms, f"{thread}/{turn}".encode())
            self._toggle(kms, thread)
            if turn % 4 == 0:
                self._make(kms, thread, turn)
        return problems

    def _encrypt(self, kms: Any, thread: int, turn: int) -> list[str]:
        plaintext, context = f"{thread}/{turn}".encode(), {"thread": str(thread)}
        key_id = self.symmetric[turn % 2]
        blob = kms.encrypt(KeyId=key_id, Plaintext=plaintext, EncryptionContext=context)
        reply = kms.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=context)
        intact = reply["Plaintext"] == plaintext and reply["KeyId"].endswith(key_id)
        return [] if intact else [f"{reply['KeyId']} decrypted {plaintext!r} wrongly"]

    def _sign(self, kms: Any, message: bytes) -> list[str]:
        common = {"KeyId": self.signing, "Message": message}
        common |= {"SigningAlgorithm": "ECDSA_SHA_256"}
        valid = kms.verify(**common, Signature=kms.sign(**common)["Signature"])["SignatureValid"]
        return [] if valid else [f"the signature of {message!r} is not valid"]

    def _toggle(self, kms: Any, thread: int) -> None:
        """Half of the threads switch the key on and off, the others use it meanwhile."""
        if thread % 2:
            kms.disable_key(KeyId=self.toggled)
            kms.enable_key(KeyId=self.toggled)
            return
        with suppress(kms.exceptions.DisabledException):
            kms.encrypt(KeyId=self.toggled, Plaintext=b"now or not")

    def _make(self, kms: Any, thread: int, turn: int) -> None:
        key_id = kms.create_key(Description=f"{thread}/{turn}")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/made-{thread}-{turn}", TargetKeyId=key_id)
        self.made.append(key_id)


def test_eight_threads_lose_nothing_and_corrupt_nothing(start: Start, client: Client) -> None:
    server = start()
    shared = Shared(lambda: client(url=server.url))
    with ThreadPoolExecutor(8) as pool:
        problems = list(chain.from_iterable(pool.map(shared.work, range(8), timeout=60)))
    assert problems == []
    kms = client(url=server.url)
    listed = [key["KeyId"] for key in kms.list_keys(Limit=1000)["Keys"]]
    assert sorted(listed) == sorted([*shared.first, *shared.made])
    assert len(shared.made) == len(set(shared.made)) == 24
    aliases = kms.list_aliases(Limit=100)["Aliases"]
    of_made = {alias["TargetKeyId"] for alias in aliases if "/made-" in alias["AliasName"]}
    assert of_made == set(shared.made)
    for key_id in shared.made:
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Enabled"]
    assert kms.describe_key(KeyId=shared.toggled)["KeyMetadata"]["Enabled"]


def at_once(connections: list[socket.socket], operation: str, **members: Any) -> list[str]:
    """Send the same request on every connection, then read the answers: the errors' codes."""
    body = json.dumps(members)
    head = [
        "POST / HTTP/1.1",
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/kms/aws4_request",
        f"X-Amz-Target: TrentService.{operation}",
        f"Content-Length: {len(body)}",
    ]
    for connection in connections:
        connection.sendall("\r\n".join([*head, "", body]).encode())
    codes = []
    for connection in connections:
        reply = http.client.HTTPResponse(connection)
        reply.begin()
        text = reply.read()
        codes.append(json.loads(text)["__type"] if reply.status == 400 else "")
        assert reply.status in (200, 400)
    return codes


def test_of_eight_at_once_no_more_get_it_than_may(start: Start, client: Client) -> None:
    server = start(python=NERVOUS)
    kms = client(url=server.url)
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    with ExitStack() as stack:
        address = ("127.0.0.1", server.port)
        connections = [
            stack.enter_context(socket.create_connection(address, timeout=20)) for _ in range(8)
        ]
        for turn in range(10):
            name = f"alias/race-{turn}"
            codes = at_once(connections, "CreateAlias", AliasName=name, TargetKeyId=key_id)
            assert sorted(codes) == ["", *["AlreadyExistsException"] * 7]
        rotated = [
            code
            for _ in range(4)
            for code in at_once(connections, "RotateKeyOnDemand", KeyId=key_id)
        ]
    assert sorted(rotated) == [*[""] * 25, *["LimitExceededException"] * 7]
    assert len(kms.list_key_rotations(KeyId=key_id)["Rotations"]) == 25


# It keeps to itself


def test_it_reads_no_aws_settings_and_makes_no_connection(
    start: Start, client: Client, tmp_path: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.settimeout(0.5)
        trap = f"http://127.0.0.1:{outside.getsockname()[1]}"
        settings = tmp_path / "config"
        settings.write_text("[this is no configuration")
        server = start(
            AWS_ENDPOINT_URL=trap,
            AWS_PROFILE="there-is-none",
            AWS_CONFIG_FILE=str(settings),
            AWS_SHARED_CREDENTIALS_FILE=str(settings),
            HTTP_PROXY=trap,
            HTTPS_PROXY=trap,
            http_proxy=trap,
            https_proxy=trap,
        )
        client(url=server.url).create_key()
        sns = client("sns", url=server.url)
        topic = sns.create_topic(Name="news")["TopicArn"]
        # moto delivers to HTTP subscribers. Here it must not.
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=trap)
        with suppress(ClientError):
            sns.publish(TopicArn=topic, Message="hello?")
        client(url=server.url).create_key()
        with pytest.raises(TimeoutError):
            outside.accept()
