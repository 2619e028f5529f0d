"""The lab's public face: opening, closing, seeds, Regions, the clock, and failing on purpose."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.session import Session

from helpers import lab

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Every test begins and ends with a closed lab, and in the same environment."""
    lab.close()
    with mock.patch.dict(os.environ):
        yield
        lab.close()


def python(script: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# Opening and closing


def test_the_public_face() -> None:
    assert set(lab.__all__) == {
        "ExpectedError",
        "LabError",
        "NothingSent",
        "as_role",
        "clean_up",
        "clock",
        "close",
        "events",
        "expect_error",
        "explain",
        "open",
        "reset",
        "scratch",
        "xray",
    }
    assert all(getattr(lab, name) is not None for name in lab.__all__)
    assert all(getattr(lab, name).__doc__ for name in lab.__all__)
    assert issubclass(lab.NothingSent, lab.LabError)


def test_importing_the_lab_is_light() -> None:
    loaded = json.loads(
        python("import sys, json, helpers.lab; print(json.dumps(sorted(sys.modules)))")
    )
    tops = {name.partition(".")[0] for name in loaded}
    assert not tops & {"matplotlib", "ipywidgets", "IPython", "numpy", "pandas", "nacl", "flask"}


def test_importing_the_lab_opens_nothing() -> None:
    script = "import boto3, helpers.lab as lab; print(boto3.DEFAULT_SESSION); lab.reset()"
    with pytest.raises(AssertionError, match="The lab is closed"):
        python(script)


def test_open_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    lab.open()
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    for word in ("open", "123456789012", "us-east-1"):
        assert word in printed


def test_opening_twice_keeps_everything(capsys: pytest.CaptureFixture[str]) -> None:
    lab.open(seed=1)
    kms = boto3.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    lab.clock.advance(days=1)
    then = lab.clock.now()
    session = boto3.DEFAULT_SESSION
    capsys.readouterr()
    lab.open()
    lab.open(seed=2, region="eu-central-1")
    assert capsys.readouterr().out.count("\n") == 2
    assert lab.clock.now() == then
    assert boto3.DEFAULT_SESSION is session
    for client in (kms, boto3.client("kms")):
        assert client.meta.region_name == "us-east-1"
        assert client.describe_key(KeyId=key_id)


def test_closing_twice_is_harmless() -> None:
    lab.close()
    lab.open()
    lab.close()
    lab.close()


def test_a_new_account_is_empty() -> None:
    for _ in range(2):
        lab.open()
        kms = boto3.client("kms")
        assert kms.list_keys()["Keys"] == []
        kms.create_key()
        boto3.client("s3").create_bucket(Bucket="a-bucket")
        assert len(boto3.client("s3").list_buckets()["Buckets"]) == 1
        lab.close()


def test_reset_empties_the_account() -> None:
    lab.open(seed=1)
    kms, s3 = boto3.client("kms"), boto3.client("s3")
    there = boto3.client("kms", region_name="eu-central-1")
    start = lab.clock.now()
    first = kms.create_key()["KeyMetadata"]["KeyId"]
    there.create_key()
    blob = kms.encrypt(KeyId=first, Plaintext=b"p")["CiphertextBlob"]
    s3.create_bucket(Bucket="a-bucket")
    lab.clock.advance(days=1)
    lab.reset()
    assert kms.list_keys()["Keys"] == there.list_keys()["Keys"] == []
    assert s3.list_buckets()["Buckets"] == []
    assert lab.clock.now() == start
    with pytest.raises(ClientError):
        kms.decrypt(CiphertextBlob=blob)


def test_reset_keeps_seed_and_region() -> None:
    lab.open(seed=5, region="eu-central-1")
    ids = []
    for _ in range(3):
        ids.append(boto3.client("kms").create_key()["KeyMetadata"]["Arn"])
        lab.reset()
    assert len(set(ids)) == 1
    assert ":eu-central-1:" in ids[0]


def test_reset_of_a_closed_lab() -> None:
    with pytest.raises(lab.LabError, match=r"lab\.open\(\)"):
        lab.reset()


def test_the_default_session_comes_back() -> None:
    before = boto3.DEFAULT_SESSION
    try:
        for session in (None, boto3.Session(region_name="eu-west-1")):
            boto3.DEFAULT_SESSION = session
            lab.open()
            assert boto3.DEFAULT_SESSION is not session
            boto3.client("kms").list_keys()
            lab.close()
            assert boto3.DEFAULT_SESSION is session
    finally:
        boto3.DEFAULT_SESSION = before


def test_several_sessions_see_one_account() -> None:
    lab.open()
    key_id = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    for client in (
        boto3.Session().client("kms"),
        boto3.Session(region_name="us-east-1").client("kms"),
        Session().create_client("kms", region_name="us-east-1"),
    ):
        assert client.describe_key(KeyId=key_id)


def test_threads_share_the_account() -> None:
    lab.open(seed=1)
    kms = boto3.client("kms")
    made: list[str] = []

    def work() -> None:
        for _ in range(5):
            key_id = kms.create_key()["KeyMetadata"]["KeyId"]
            blob = kms.encrypt(KeyId=key_id, Plaintext=key_id.encode())["CiphertextBlob"]
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == key_id.encode()
            made.append(key_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 40
    assert len(kms.list_keys()["Keys"]) == 40


# Seeds


RECORD = """
import boto3, json
def record():
    kms = boto3.client("kms")
    rsa = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", MultiRegion=True)
    key = kms.create_key()
    key_id = key["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key_id)
    replies = [rsa, key, kms.describe_key(KeyId=key_id), kms.list_aliases(KeyId=key_id)]
    replies.append(kms.schedule_key_deletion(KeyId=rsa["KeyMetadata"]["KeyId"]))
    encrypted = kms.encrypt(KeyId=key_id, Plaintext=b"p")
    data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    random = kms.generate_random(NumberOfBytes=32)
    secret = [encrypted["CiphertextBlob"], data_key["Plaintext"], data_key["CiphertextBlob"],
              random["Plaintext"]]
    names = [reply["ResponseMetadata"]["RequestId"] for reply in (*replies, encrypted, random)]
    for reply in replies:
        names.append(json.dumps({k: v for k, v in reply.items() if k != "ResponseMetadata"},
                                default=lambda moment: moment.timestamp(), sort_keys=True))
    return names, [value.hex() for value in secret]
"""


@pytest.fixture(name="record")
def _record() -> Callable[[], tuple[list[str], list[str]]]:
    names: dict[str, Any] = {}
    exec(RECORD, names)
    return names["record"]


def test_a_seed_repeats_names_but_no_secret(
    record: Callable[[], tuple[list[str], list[str]]],
) -> None:
    runs = []
    for seed in (7, 7, 8):
        lab.open(seed=seed)
        runs.append(record())
        lab.close()
    (names, secrets), (same_names, other_secrets), (other_names, _) = runs
    assert names == same_names
    assert not set(names) & set(other_names)
    assert not set(secrets) & set(other_secrets)


def test_a_seed_repeats_in_another_process(
    record: Callable[[], tuple[list[str], list[str]]],
) -> None:
    lab.open(seed=7)
    names, secrets = record()
    script = f"{RECORD}\nfrom helpers import lab\nlab.open(seed=7)\nprint(json.dumps(record()))"
    other_names, other_secrets = json.loads(python(script, PYTHONHASHSEED="12345").splitlines()[-1])
    assert names == other_names
    assert not set(secrets) & set(other_secrets)


def test_public_keys_are_never_seeded() -> None:
    seen = []
    for _ in range(2):
        lab.open(seed=7)
        kms = boto3.client("kms")
        for key_spec in ("ECC_NIST_P256", "ML_DSA_44", "ECC_NIST_EDWARDS25519"):
            key = kms.create_key(KeySpec=key_spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
            seen.append(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
        lab.close()
    assert len(set(seen)) == 6


def test_without_a_seed_nothing_repeats() -> None:
    ids = set()
    for _ in range(3):
        lab.open()
        ids.add(boto3.client("kms").create_key()["KeyMetadata"]["KeyId"])
        lab.close()
    assert len(ids) == 3


def test_seed_zero_is_a_seed() -> None:
    lab.open(seed=0)
    moment = lab.clock.now()
    first = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    lab.reset()
    assert lab.clock.now() == moment
    assert boto3.client("kms").create_key()["KeyMetadata"]["KeyId"] == first


# Regions


def every_region() -> list[str]:
    session = Session()
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("kms", partition)
    ]


def test_every_region_answers() -> None:
    lab.open()
    problems = []
    for region in every_region():
        kms = boto3.client("kms", region_name=region)
        try:
            key = kms.create_key()["KeyMetadata"]
            blob = kms.encrypt(KeyId=key["Arn"], Plaintext=b"p")["CiphertextBlob"]
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
            assert key["Arn"].split(":")[1:4] == [kms.meta.partition, "kms", region]
            assert len(kms.list_keys()["Keys"]) == 1
        except Exception as error:
            problems.append(f"{region}: {type(error).__name__}: {error}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "endpoint",
    [
        {"use_fips_endpoint": True},
        {"use_dualstack_endpoint": True},
        {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
    ],
    ids=str,
)
def test_every_endpoint_of_a_region_leads_to_the_same_keys(endpoint: dict[str, bool]) -> None:
    lab.open()
    problems = []
    for region in ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"):
        plain = boto3.client("kms", region_name=region)
        key_id = plain.create_key()["KeyMetadata"]["KeyId"]
        other = boto3.client("kms", region_name=region, config=Config(**endpoint))
        try:
            assert other.meta.endpoint_url != plain.meta.endpoint_url
            assert other.describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
        except Exception as error:
            problems.append(f"{other.meta.endpoint_url}: {type(error).__name__}: {error}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1", "us-gov-west-1"])
def test_the_region_of_the_lab(region: str) -> None:
    lab.open(region=region)
    kms = boto3.client("kms")
    assert kms.meta.region_name == region
    assert f":kms:{region}:" in kms.create_key()["KeyMetadata"]["Arn"]
    assert boto3.Session().region_name == region


def test_a_key_is_only_in_its_region() -> None:
    lab.open()
    key_id = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    there = boto3.client("kms", region_name="eu-central-1")
    with pytest.raises(there.exceptions.NotFoundException):
        there.describe_key(KeyId=key_id)


@pytest.mark.parametrize("region", ["mars-north-1", "", "US-EAST-1", "us-east-1 "])
def test_a_region_that_aws_does_not_have(region: str) -> None:
    before = dict(os.environ)
    with pytest.raises(lab.LabError, match="no Region"):
        lab.open(region=region)
    assert dict(os.environ) == before
    lab.open()
    assert boto3.client("kms").list_keys()["Keys"] == []


@pytest.mark.parametrize(
    "wrong", [{"region": 5}, {"region": None}, {"seed": []}, {"seed": {}}], ids=str
)
def test_an_argument_of_a_wrong_type_leaves_the_lab_closed(wrong: dict[str, Any]) -> None:
    before = dict(os.environ)
    with pytest.raises((lab.LabError, TypeError, ValueError)) as caught:
        lab.open(**wrong)
    assert str(caught.value)
    assert dict(os.environ) == before
    with pytest.raises(lab.LabError):
        lab.reset()
    lab.open()
    assert boto3.client("kms").list_keys()["Keys"] == []


def test_a_client_of_an_unknown_region_is_told() -> None:
    lab.open()
    with pytest.raises((lab.LabError, ClientError), match="mars-north-1"):
        boto3.client("kms", region_name="mars-north-1").list_keys()


# The clock


def test_a_seeded_clock_stands_still() -> None:
    lab.open(seed=1)
    start = lab.clock.now()
    assert start.tzinfo is not None
    made = boto3.client("kms").create_key()["KeyMetadata"]["CreationDate"]
    assert made == start == lab.clock.now()
    assert lab.clock.advance(days=365, hours=1, minutes=2, seconds=3) == lab.clock.now()
    assert lab.clock.now() - start == timedelta(days=365, hours=1, minutes=2, seconds=3)
    later = boto3.client("kms").create_key()["KeyMetadata"]["CreationDate"]
    assert later == lab.clock.now()


def test_an_unseeded_clock_runs_along_with_the_machines() -> None:
    lab.open()
    assert abs(lab.clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    lab.clock.advance(days=1)
    first = lab.clock.now()
    assert abs(first - datetime.now(UTC) - timedelta(days=1)) < timedelta(seconds=5)
    while lab.clock.now() == first:
        pass
    assert lab.clock.now() > first


def test_a_new_account_starts_at_the_beginning_of_time() -> None:
    lab.open(seed=1)
    start = lab.clock.now()
    lab.clock.advance(days=3)
    lab.close()
    lab.open(seed=1)
    assert lab.clock.now() == start


@pytest.mark.parametrize(
    "step", [{}, {"days": 0}, {"days": -1}, {"seconds": -0.5}, {"days": 1, "hours": -25}], ids=str
)
def test_the_clock_does_not_go_back(step: dict[str, float]) -> None:
    lab.open(seed=1)
    before = lab.clock.now()
    with pytest.raises(ValueError, match="forward"):
        lab.clock.advance(**step)
    assert lab.clock.now() == before


@pytest.mark.parametrize("days", [10**7, 10**12, float("inf")])
def test_a_step_out_of_the_calendar_leaves_the_clock_as_it_was(days: float) -> None:
    lab.open(seed=1)
    before = lab.clock.now()
    with pytest.raises((ValueError, OverflowError, lab.LabError)):
        lab.clock.advance(days=days)
    assert lab.clock.now() == before
    assert boto3.client("kms").create_key()


def test_the_clock_shows_itself() -> None:
    lab.open(seed=1)
    assert f"{lab.clock.now():%Y-%m-%d}" in repr(lab.clock)


# Failing on purpose


@pytest.fixture
def disabled(kms: BaseClient) -> tuple[BaseClient, str]:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=arn)
    return kms, arn


def test_expect_error(disabled: tuple[BaseClient, str], capsys: pytest.CaptureFixture[str]) -> None:
    kms, arn = disabled
    capsys.readouterr()
    with lab.expect_error("DisabledException") as caught:
        kms.encrypt(KeyId=arn, Plaintext=b"p")
    assert caught == lab.ExpectedError(
        code="DisabledException",
        message=f"{arn} is disabled.",
        operation="Encrypt",
        http_status=400,
    )
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    for word in ("Encrypt", "DisabledException", f"{arn} is disabled."):
        assert word in printed


def test_expect_error_without_a_message(
    kms: BaseClient, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with lab.expect_error("InvalidCiphertextException") as caught:
        kms.decrypt(CiphertextBlob=b"garbage")
    assert caught.message == ""
    assert "no message" in capsys.readouterr().out


@pytest.mark.parametrize(
    "code",
    [
        "NotFoundException",
        "Disabled",
        "DisabledExceptions",
        "disabledexception",
        "",
        "DisabledException ",
    ],
)
def test_expect_error_of_another_code(
    disabled: tuple[BaseClient, str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kms, arn = disabled
    capsys.readouterr()
    with pytest.raises(AssertionError, match="DisabledException"), lab.expect_error(code):
        kms.encrypt(KeyId=arn, Plaintext=b"p")
    assert capsys.readouterr().out == ""


def test_expect_error_without_an_error(kms: BaseClient) -> None:
    with pytest.raises(AssertionError, match="no error"), lab.expect_error("NotFoundException"):
        kms.list_keys()


def test_other_exceptions_pass_through(kms: BaseClient) -> None:
    with pytest.raises(ZeroDivisionError), lab.expect_error("NotFoundException"):
        _ = 1 / 0
    with pytest.raises(ParamValidationError), lab.expect_error("ValidationException"):
        kms.encrypt(KeyId="alias/a")
    with pytest.raises(KeyboardInterrupt), lab.expect_error("NotFoundException"):
        raise KeyboardInterrupt
    with pytest.raises(lab.NothingSent), lab.expect_error("NotFoundException"):
        boto3.client("kms", endpoint_url="https://kms.example.com").list_keys()
