"""A key policy that names one role and forgets everybody else."""

import json
from collections.abc import Iterable
from typing import Any

from helpers import lab

from .. import asking


def play(session: Any, account: str, waits: bool, mover: str = "migration") -> dict[str, Any]:
    """``mover``: the role that put the policy."""
    kms = session.client("kms")
    key_id = kms.create_key(Description="contracts")["KeyMetadata"]["KeyId"]
    before = json.loads(kms.get_key_policy(KeyId=key_id)["Policy"])
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"a contract")["CiphertextBlob"]
    everything = asking.policy(asking.allow("kms:*"))
    role = lab.as_role(mover, everything, account=account)
    arn = session.client("iam").get_role(RoleName=mover)["Role"]["Arn"]
    alone = asking.policy(asking.allow("kms:*", Sid="Mover", Principal={"AWS": arn}))
    role.client("kms").put_key_policy(KeyId=key_id, Policy=json.dumps(alone))
    return {"key_id": key_id, "blob": blob, "policy_before": before}


def evidence(things: dict[str, Any], events: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (
        event
        for event in events
        if event["eventName"] == "PutKeyPolicy"
        and "errorCode" not in event
        and asking.concerns(event, things["key_id"])
    )
