"""Keys and aliases of one account in one Region.

A KMS key is metadata and an ordered list of key materials. The material itself is never
held here: only exported key tokens, which the Region's HSM domain opens for one operation.
Source: KMS Developer Guide, "AWS KMS concepts"; AWS KMS Cryptographic Details.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, NamedTuple

from moto.kms.models import KmsBackend
from moto.moto_api._internal import mock_random
from moto.utilities.utils import get_partition

from ..clock import clock
from ..hsm import material
from ..hsm.domain import Domain
from . import specs

# service -> what its AWS managed key protects, in the key's description
AWS_MANAGED = {
    "acm": "ACM private keys",
    "dynamodb": "DynamoDB data",
    "ebs": "EBS volumes",
    "elasticfilesystem": "EFS filesystems",
    "es": "Elasticsearch data",
    "glue": "Glue data",
    "kinesisvideo": "Kinesis Video data",
    "lambda": "Lambda functions",
    "rds": "RDS database volumes",
    "redshift": "Redshift clusters",
    "s3": "S3 objects",
    "secretsmanager": "Secrets Manager data",
    "ssm": "SSM parameters",
    "xray": "X-Ray data",
}
AWS_ALIAS_PREFIX = "alias/aws/"

# Partitions that moto does not know yet.
_NEW_PARTITIONS = {"eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f"}


def partition_of(region: str) -> str:
    """The partition of a Region: aws, aws-cn, aws-us-gov, ..."""
    for prefix, partition in _NEW_PARTITIONS.items():
        if region.startswith(prefix):
            return partition
    return get_partition(region)


@dataclass(frozen=True)
class KeyMaterial:
    """One HSM backing key: its 64-hex id, its exported key token, its public half if any."""

    key_material_id: str
    exported_key_token: bytes
    public_key: bytes | None = None


class Tag(NamedTuple):
    """A tag's value, and its place in the order in which the key's tags were added."""

    value: str
    place: int


@dataclass
class Alias:
    """A name that points to a key."""

    name: str
    arn: str
    key_id: str
    creation_date: datetime
    last_updated_date: datetime


@dataclass
class Key:
    """A KMS key. ``materials`` is oldest first; the last one is current."""

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
    multi_region: bool = False
    key_manager: str = "CUSTOMER"
    state: str = "Enabled"
    deletion_date: datetime | None = None
    materials: list[KeyMaterial] = field(default_factory=list)
    tags: dict[str, "Tag"] = field(default_factory=dict)

    @property
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
    def current_material(self) -> KeyMaterial:
        return self.materials[-1]

    def material(self, key_material_id: str) -> KeyMaterial | None:
        """The material with this id, or None."""
        return next((m for m in self.materials if m.key_material_id == key_material_id), None)

    def open_material(self, key_material: KeyMaterial) -> bytes:
        """Decrypt an exported key token inside the HSM domain, for one cryptographic operation."""
        return self.domain.open(key_material.exported_key_token, key_material.key_material_id)

    def metadata(self) -> dict[str, Any]:
        """KeyMetadata, as CreateKey and DescribeKey return it: absent members are left out."""
        metadata: dict[str, Any] = {
            "AWSAccountId": self.account_id,
            "KeyId": self.key_id,
            "Arn": self.arn,
            "CreationDate": self.creation_date.timestamp(),
            "Enabled": self.state == "Enabled",
            "Description": self.description,
            "KeyUsage": self.key_usage,
            "KeyState": self.state,
            "Origin": self.origin,
            "KeyManager": self.key_manager,
            "CustomerMasterKeySpec": self.key_spec,
            "KeySpec": self.key_spec,
            specs.ALGORITHMS_MEMBER[self.key_usage]: self.algorithms,
            "MultiRegion": self.multi_region,
        }
        if self.deletion_date:
            metadata["DeletionDate"] = self.deletion_date.timestamp()
        if self.multi_region:
            metadata["MultiRegionConfiguration"] = {
                "MultiRegionKeyType": "PRIMARY",
                "PrimaryKey": {"Arn": self.arn, "Region": self.region},
                "ReplicaKeys": [],
            }
        if self.key_spec == specs.SYMMETRIC and self.materials:
            metadata["CurrentKeyMaterialId"] = self.current_material.key_material_id
        return metadata


def default_policy(account_id: str, region: str) -> str:
    """The policy of a key made without one: the account's IAM policies decide."""
    return (
        "{\n"
        '  "Version" : "2012-10-17",\n'
        '  "Id" : "key-default-1",\n'
        '  "Statement" : [ {\n'
        '    "Sid" : "Enable IAM User Permissions",\n'
        '    "Effect" : "Allow",\n'
        '    "Principal" : {\n'
        f'      "AWS" : "arn:{partition_of(region)}:iam::{account_id}:root"\n'
        "    },\n"
        '    "Action" : "kms:*",\n'
        '    "Resource" : "*"\n'
        "  } ]\n"
        "}"
    )


class LabKmsBackend(KmsBackend):
    """Takes the place of moto's backend; moto makes one for each account and Region."""

    keys: dict[str, Key]  # type: ignore[assignment]

    def __init__(self, region_name: str, account_id: str | None = None) -> None:
        super().__init__(region_name=region_name, account_id=account_id)
        self.partition = partition_of(region_name)
        self.aliases: dict[str, Alias] = {}
        self.domain = Domain()
        self.lock = RLock()
        self._pending_deletion: set[str] = set()

    def add_key(self, key_spec: str, key_usage: str, **properties: Any) -> Key:
        """Make a key with new key material (none if its origin is EXTERNAL) and keep it."""
        key_id = _new_key_id(properties.get("multi_region", False))
        properties["policy"] = properties.get("policy") or default_policy(
            self.account_id, self.region_name
        )
        key = Key(
            key_id=key_id,
            account_id=self.account_id,
            region=self.region_name,
            key_spec=key_spec,
            key_usage=key_usage,
            creation_date=clock.now(),
            domain=self.domain,
            **properties,
        )
        if key.origin == "EXTERNAL":
            key.state = "PendingImport"
        else:
            key.materials.append(self._seal(key_spec, material.generate(key_spec)))
        self.keys[key_id] = key
        return key

    def _seal(self, key_spec: str, key_material: bytes) -> KeyMaterial:
        key_material_id = f"{mock_random.getrandbits(256):064x}"
        public_key = (
            material.public_key_der(key_material) if material.is_key_pair(key_spec) else None
        )
        token = self.domain.seal(key_material, key_material_id)
        return KeyMaterial(key_material_id, token, public_key)

    def key(self, key_id: str) -> Key | None:
        """The key with this id, unless its waiting period is over."""
        self.remove_expired_keys()
        return self.keys.get(key_id) or self.keys.get(key_id.lower())

    def key_of_alias(self, name: str) -> Key | None:
        """The key that an alias points to, unless its waiting period is over."""
        self.remove_expired_keys()
        alias = self.aliases.get(name)
        return self.keys[alias.key_id] if alias else None

    def add_alias(self, name: str, key_id: str) -> Alias:
        now = clock.now()
        self.aliases[name] = Alias(name, self.alias_arn(name), key_id, now, now)
        return self.aliases[name]

    def alias_arn(self, name: str) -> str:
        return f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:{name}"

    def schedule_deletion(self, key: Key, days: int) -> None:
        key.state, key.deletion_date = "PendingDeletion", clock.now() + timedelta(days=days)
        self._pending_deletion.add(key.key_id)

    def cancel_deletion(self, key: Key) -> None:
        """Take the key back: disabled, or waiting for its material if it never had any."""
        key.deletion_date = None
        key.state = "Disabled" if key.materials else "PendingImport"
        self._pending_deletion.discard(key.key_id)

    def remove_expired_keys(self) -> None:
        """Delete the keys whose waiting period is over, with material, aliases and tags."""
        now = clock.now()
        for key_id in list(self._pending_deletion):
            deletion_date = self.keys[key_id].deletion_date
            if deletion_date and deletion_date <= now:
                del self.keys[key_id]
                self._pending_deletion.discard(key_id)
                for name in [a.name for a in self.aliases.values() if a.key_id == key_id]:
                    del self.aliases[name]

    def aws_managed_key(self, service: str) -> Key:
        """The AWS managed key of a service, made when it is first asked for."""
        name = AWS_ALIAS_PREFIX + service
        if name not in self.aliases:
            key = self.add_key(
                specs.SYMMETRIC,
                specs.ENCRYPT_DECRYPT,
                key_manager="AWS",
                description=f"Default key that protects my {AWS_MANAGED[service]} "
                "when no other key is defined",
            )
            self.add_alias(name, key.key_id)
        return self.keys[self.aliases[name].key_id]

    # What moto's other services (EBS, DynamoDB, RDS, CloudFormation) call.

    def describe_key(self, key_id: str) -> Key:  # type: ignore[override]
        name = self.get_alias_name(key_id)
        if name.removeprefix(AWS_ALIAS_PREFIX) in AWS_MANAGED:
            return self.aws_managed_key(name.removeprefix(AWS_ALIAS_PREFIX))
        key = self.key_of_alias(name) or self.key(self.get_key_id(key_id))
        if key is None:
            raise KeyError(key_id)  # what they expect of moto's backend
        return key

    def alias_exists(self, alias_name: str) -> bool:
        return alias_name in self.aliases or alias_name.startswith(AWS_ALIAS_PREFIX)

    def create_key(self, policy, key_usage, key_spec, description, tags, **_: Any) -> Key:  # type: ignore[no-untyped-def,override]
        return self.add_key(
            key_spec or specs.SYMMETRIC,
            key_usage or specs.ENCRYPT_DECRYPT,
            policy=policy,
            description=description or "",
            tags={
                tag["TagKey"]: Tag(tag["TagValue"], place) for place, tag in enumerate(tags or [])
            },
        )


def _new_key_id(multi_region: bool) -> str:
    key_id = mock_random.uuid4()
    return f"mrk-{key_id.hex}" if multi_region else str(key_id)
