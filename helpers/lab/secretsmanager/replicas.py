"""Replicas of a secret: in each Region the values are encrypted under a key of that Region.

moto's replica shares the versions of its primary secret, so what is at rest in a Region stands
in the version, beside what the primary keeps.
Source: Secrets Manager User Guide, "Replicate AWS Secrets Manager secrets across Regions".
"""

from collections.abc import Callable
from typing import Any

from moto.secretsmanager.exceptions import SecretsManagerClientError
from moto.secretsmanager.models import ReplicaSecret

from ..envelopes import Envelope

VALUES = ("secret_string", "secret_binary")
_REPLICAS = "replicas"


def at_rest(secret: Any, version: dict[str, Any]) -> dict[str, Envelope]:
    """What lies in the secret's own Region, by the names that moto has for the kinds of value."""
    kept = version.get(_REPLICAS, {}).get(secret.region, {}) if is_replica(secret) else version
    return {name: kept[name] for name in VALUES if isinstance(kept.get(name), Envelope)}


def is_replica(secret: Any) -> bool:
    return isinstance(secret, ReplicaSecret)


def set_keys(secret: Any, asked: list[dict[str, str]] | None) -> None:
    """Note the key that was asked for in each Region; moto does not."""
    keys = {each["Region"]: each["KmsKeyId"] for each in asked or [] if each.get("KmsKeyId")}
    for replica in secret.replicas:
        if replica.region in keys:
            replica.config["KmsKeyId"] = keys[replica.region]


def replicate(
    secret: Any,
    unseal: Callable[[Envelope], str],
    seal: Callable[[Any, str, str], Envelope],
) -> None:
    """Bring each replica what it lacks. ``seal`` takes the replica, the version ID, the value.

    Where KMS refuses, the replica's status says so, and it keeps what it had.
    """
    for replica in [each for each in secret.replicas if each.has_replica]:
        try:
            for version_id, version in secret.versions.items():
                there = version.setdefault(_REPLICAS, {}).setdefault(replica.region, {})
                for name in VALUES:
                    if isinstance(version.get(name), Envelope) and name not in there:
                        there[name] = seal(replica, version_id, unseal(version[name]))
        except SecretsManagerClientError as error:
            replica.config |= {"Status": "Failed", "StatusMessage": error.message}
        else:
            replica.config |= {"Status": "InSync", "StatusMessage": "Replication succeeded"}


def forget(secret: Any, regions: list[str]) -> None:
    """Remove what lay in these Regions."""
    for version in secret.versions.values():
        for region in regions:
            version.get(_REPLICAS, {}).pop(region, None)
