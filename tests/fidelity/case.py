"""A case of the fidelity ledger: a behaviour of KMS, and a function that finds out what happens.

A probe asks in plain boto3, so that it runs unchanged in the lab and in plain moto. Nothing of
the lab is imported here: plain moto must stay plain.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Account:
    """What a probe is given: KMS of an empty account, and the account's time.

    ``advance`` lets days pass. Of plain moto's KMS nothing depends on the time, so there it
    does nothing.
    """

    now: Callable[[], datetime]
    advance: Callable[[float], object]
    kms: Any = field(default_factory=lambda: boto3.client("kms"))

    def key(self, key_spec: str = "", key_usage: str = "ENCRYPT_DECRYPT", **members: Any) -> str:
        """The ID of a new KMS key."""
        if key_spec:
            members |= {"KeySpec": key_spec, "KeyUsage": key_usage}
        return str(self.kms.create_key(**members)["KeyMetadata"]["KeyId"])

    def metadata(self, key_id: str) -> dict[str, Any]:
        return dict(self.kms.describe_key(KeyId=key_id)["KeyMetadata"])


Probe = Callable[[Account], str]


@dataclass(frozen=True)
class Case:
    """A behaviour: what AWS does, where that is stated, how to see it, who guards it in depth.

    ``expected`` is the outcome of the probe on AWS; ``test`` names a test of the lab.
    """

    title: str
    aws: str
    source: str
    expected: str
    test: str
    probe: Probe


@dataclass
class Section:
    """Cases that belong together."""

    title: str
    cases: list[Case] = field(default_factory=list)

    def case(
        self, title: str, *, aws: str, source: str, expected: str, test: str
    ) -> Callable[[Probe], Probe]:
        """Add the function below it, as the probe of a case."""

        def add(probe: Probe) -> Probe:
            self.cases.append(Case(title, aws, source, expected, test, probe))
            return probe

        return add


def outcome(case: Case, account: Account) -> str:
    """What the probe finds. An error in its preparation is told with its operation."""
    try:
        return case.probe(account)
    except NotImplementedError:
        return "not implemented"
    except ClientError as error:
        return f"{error.operation_name}: {error.response['Error']['Code']}"
    except Exception as error:  # the simulator fell over
        return f"Python's {type(error).__name__}"


def refused(call: Callable[..., Any], **members: Any) -> str:
    """The code of the error that the call ends with; empty if it works."""
    try:
        call(**members)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def words(call: Callable[..., Any], **members: Any) -> str:
    """The error's code and text, a key's ARN as KEYARN; empty if the call works."""
    try:
        call(**members)
    except ClientError as error:
        code, text = (error.response["Error"][name] for name in ("Code", "Message"))
        text = re.sub(r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/[0-9a-z-]+", "KEYARN", text)
        return f"{code}: {text}" if text else f"{code}, no text"
    return ""
