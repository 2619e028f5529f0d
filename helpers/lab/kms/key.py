"""A KMS key: metadata, and the key materials it stands for.

Key material itself is never held here, only exported key tokens, which the Region's HSM
domain opens for one operation.
Source: KMS Developer Guide, "AWS KMS concepts", "Rotate KMS keys", "Importing key material".
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from ..hsm.domain import Domain
from ..partitions import partition_of
from ..policy import Grant, Policy, aws_managed_key_policy, default_key_policy, parse_policy
from . import specs


@dataclass
class KeyMaterial:
    """One HSM backing key.

    ``exported_key_token`` is None while imported material is absent: expired, deleted, or not
    yet imported into this Region. ``rotation_date`` and ``rotation_type`` say how it became
    current; a key's first material has neither.
    """

    key_material_id: str
    exported_key_token: bytes | None
    public_key: bytes | None = None
    description: str = ""
    valid_to: datetime | None = None
    rotation_date: datetime | None = None
    rotation_type: str | None = None

    @property
    def expiration_model(self) -> str:
        return "KEY_MATERIAL_EXPIRES" if self.valid_to else "KEY_MATERIAL_DOES_NOT_EXPIRE"


@dataclass
class MultiRegionSet:
    """A primary key and its replicas: shared by all of them."""

    primary: "Key"
    replicas: list["Key"] = field(default_factory=list)

    @property
    def members(self) -> list["Key"]:
        return [self.primary, *self.replicas]


class Tag(NamedTuple):
    """A tag's value, and its place in the order in which the key's tags were added."""

    value: str
    place: int


class LastUsage(NamedTuple):
    """The last successful cryptographic operation with a key."""

    operation: str
    timestamp: datetime
    event_id: str
    request_id: str


class KeyGrant(NamedTuple):
    """A grant as it was asked for, and ``grant``: what of it decides.

    ``place`` counts the key's grants in the order in which they were made.
    """

    grant: Grant
    place: int
    name: str
    creation_date: datetime
    issuing_account: str
    members: dict[str, Any]


@dataclass
class Key:
    """A KMS key.

    ``materials`` are those permanently associated with it, oldest first; the last is current.
    ``pending`` is imported material that waits for its rotation.
    """

    key_id: str
    account_id: str
    region: str
    key_spec: str
    key_usage: str
    policy: str
    creation_date: datetime
    domain: Domain
    origin: str = "AWS_KMS"
    description: str = ""
    key_manager: str = "CUSTOMER"
    state: str = "Enabled"
    deletion_date: datetime | None = None
    deletion_window_days: int | None = None
    rotation_period_days: int | None = None
    next_rotation_date: datetime | None = None
    on_demand_rotations: int = 0
    materials: list[KeyMaterial] = field(default_factory=list)
    pending: KeyMaterial | None = None
    multi_region_set: MultiRegionSet | None = None
    last_usage: LastUsage | None = None
    tags: dict[str, Tag] = field(default_factory=dict)
    grants: dict[str, KeyGrant] = field(default_factory=dict)
    grants_made: int = 0
    compiled_policy: Policy = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.put_policy(self.policy)

    def put_policy(self, policy: str) -> None:
        """Attach a key policy. Raises MalformedPolicy, and leaves the key as it was."""
        self.compiled_policy = parse_policy(policy)
        self.policy = policy

    @cached_property
    def arn(self) -> str:
        partition = partition_of(self.region)
        return f"arn:{partition}:kms:{self.region}:{self.account_id}:key/{self.key_id}"

    @property
    def id(self) -> str:
        """The key ID, under the name that moto's other services use."""
        return self.key_id

    @property
    def algorithms(self) -> list[str]:
        return specs.KEY_SPECS[self.key_spec][self.key_usage]

    @property
    def is_replica(self) -> bool:
        return self.multi_region_set is not None and self.multi_region_set.primary is not self

    @property
    def current_material(self) -> KeyMaterial:
        return self.materials[-1]

    @property
    def all_materials(self) -> list[KeyMaterial]:
        return [*self.materials, self.pending] if self.pending else self.materials

    def material(self, key_material_id: str) -> KeyMaterial | None:
        """The material with this id, pending or not, or None."""
        for material in self.all_materials:
            if material.key_material_id == key_material_id:
                return material
        return None

    @property
    def lacks_material(self) -> bool:
        """Whether any permanently associated material is absent, so that the key is unusable."""
        return not self.materials or any(m.exported_key_token is None for m in self.materials)

    def open_material(self, key_material: KeyMaterial) -> bytes:
        """Decrypt an exported key token inside the HSM domain, for one cryptographic operation."""
        assert key_material.exported_key_token is not None
        return self.domain.open(key_material.exported_key_token, key_material.key_material_id)

    def metadata(self) -> dict[str, Any]:
        """KeyMetadata, as CreateKey and DescribeKey return it: absent members are left out."""
        metadata: dict[str, Any] = {
            "AWSAccountId": self.account_id,
            "KeyId": self.key_id,
            "Arn": self.arn,
            "CreationDate": self.creation_date,
            "Enabled": self.state == "Enabled",
            "Description": self.description,
            "KeyUsage": self.key_usage,
            "KeyState": self.state,
            "Origin": self.origin,
            "KeyManager": self.key_manager,
            "CustomerMasterKeySpec": self.key_spec,
            "KeySpec": self.key_spec,
            specs.ALGORITHMS_MEMBER[self.key_usage]: self.algorithms,
            "MultiRegion": self.multi_region_set is not None,
        }
        if self.deletion_date:
            metadata["DeletionDate"] = self.deletion_date
        if self.state == "PendingReplicaDeletion":
            metadata["PendingDeletionWindowInDays"] = self.deletion_window_days
        if self.multi_region_set:
            metadata["MultiRegionConfiguration"] = self._multi_region_configuration()
        if self.materials:
            if self.key_spec == specs.SYMMETRIC:
                metadata["CurrentKeyMaterialId"] = self.current_material.key_material_id
            if self.origin == "EXTERNAL" and not self.lacks_material:
                metadata |= self._expiration()
        return metadata

    def _expiration(self) -> dict[str, Any]:
        """When the first of the materials expires that all have to be there, if any does."""
        dates = [material.valid_to for material in self.materials if material.valid_to]
        if not dates:
            return {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        return {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": min(dates)}

    def _multi_region_configuration(self) -> dict[str, Any]:
        assert self.multi_region_set is not None
        primary, replicas = self.multi_region_set.primary, self.multi_region_set.replicas
        return {
            "MultiRegionKeyType": "REPLICA" if self.is_replica else "PRIMARY",
            "PrimaryKey": {"Arn": primary.arn, "Region": primary.region},
            "ReplicaKeys": [{"Arn": key.arn, "Region": key.region} for key in replicas],
        }


def default_policy(account_id: str, region: str) -> str:
    """The policy of a key made without one, as GetKeyPolicy prints it."""
    return _as_aws_prints(default_key_policy(account_id, partition_of(region)))


def aws_managed_policy(service: str, name: str, account_id: str, region: str) -> str:
    """The policy of a service's AWS managed key, as GetKeyPolicy prints it."""
    partition = partition_of(region)
    return _as_aws_prints(aws_managed_key_policy(service, name, account_id, region, partition))


def _as_aws_prints(document: Any, indent: str = "") -> str:
    """JSON as KMS prints it: a line for each member of an object, lists in their line."""
    if isinstance(document, list):
        return f"[ {', '.join(_as_aws_prints(each, indent) for each in document)} ]"
    if not isinstance(document, dict):
        return json.dumps(document)
    inner = indent + "  "
    members = (
        f"{inner}{json.dumps(name)} : {_as_aws_prints(each, inner)}"
        for name, each in document.items()
    )
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"
