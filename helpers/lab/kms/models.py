"""Keys and aliases of one account in one Region.

Source: KMS Developer Guide, "AWS KMS concepts".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import RLock
from typing import Any

from moto.kms.models import KmsBackend, kms_backends
from moto.moto_api._internal import mock_random

from .. import audit
from ..clock import clock
from ..hsm.domain import Domain
from ..partitions import partition_of
from . import specs
from .key import Key, MultiRegionSet, Tag, aws_managed_policy, default_policy
from .materials import expire, new_material, rotate_if_due

# One lock for all accounts and Regions: replicas and rotations touch several at once.
LOCK = RLock()

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
# What policies of AWS managed keys call a service, where it is not the first word above.
_NAMES = {"secretsmanager": "AWS Secrets Manager"}
AWS_ALIAS_PREFIX = "alias/aws/"


@dataclass
class Alias:
    """A name that points to a key."""

    name: str
    arn: str
    key_id: str
    creation_date: datetime
    last_updated_date: datetime


class LabKmsBackend(KmsBackend):
    """Takes the place of moto's backend; moto makes one for each account and Region."""

    keys: dict[str, Key]  # type: ignore[assignment]

    def __init__(self, region_name: str, account_id: str | None = None) -> None:
        super().__init__(region_name=region_name, account_id=account_id)
        self.partition = partition_of(region_name)
        self.aliases: dict[str, Alias] = {}
        self.domain = Domain()
        self._watched: set[str] = set()
        self._next_event: datetime | None = None

    @cached_property
    def urls(self) -> Any:  # type: ignore[override]
        """The routes. moto asks for them at every request, and would put them together anew."""
        return super().urls

    def add_key(
        self,
        key_spec: str,
        key_usage: str,
        *,
        multi_region: bool = False,
        check: Callable[[Key], None] | None = None,
        **properties: Any,
    ) -> Key:
        """Make a key with new key material (none if its origin is EXTERNAL) and keep it.

        ``check`` sees the key first; what it raises leaves nothing behind.
        """
        properties["policy"] = properties.get("policy") or default_policy(
            self.account_id, self.region_name
        )
        key = Key(
            key_id=_new_key_id(multi_region),
            account_id=self.account_id,
            region=self.region_name,
            key_spec=key_spec,
            key_usage=key_usage,
            creation_date=clock.now(),
            domain=self.domain,
            **properties,
        )
        if multi_region:
            key.multi_region_set = MultiRegionSet(key)
        if check:
            check(key)
        if key.origin == "EXTERNAL":
            key.state = "PendingImport"
        else:
            key.materials.append(new_material(key))
        self.keys[key.key_id] = key
        return key

    def key(self, key_id: str) -> Key | None:
        """The key with this id, unless its waiting period is over."""
        self.apply_time()
        return self.keys.get(key_id) or self.keys.get(key_id.lower())

    def key_of_alias(self, name: str) -> Key | None:
        """The key that an alias points to, unless its waiting period is over."""
        self.apply_time()
        alias = self.aliases.get(name)
        return self.keys[alias.key_id] if alias else None

    def add_alias(self, name: str, key_id: str) -> Alias:
        now = clock.now()
        self.aliases[name] = Alias(name, self.alias_arn(name), key_id, now, now)
        return self.aliases[name]

    def alias_arn(self, name: str) -> str:
        return f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:{name}"

    def arn_of(self, identifier: str) -> str:
        """The ARN of a key or alias of this account that is named in any way."""
        if identifier.startswith("arn:"):
            return identifier
        kind = "" if identifier.startswith("alias/") else "key/"
        return self.alias_arn(kind + identifier)

    def schedule_deletion(self, key: Key, days: int) -> None:
        """Begin the waiting period; a primary key's begins when its last replica is gone."""
        key.deletion_window_days = days
        if key.multi_region_set and not key.is_replica and key.multi_region_set.replicas:
            key.state = "PendingReplicaDeletion"
        else:
            key.state, key.deletion_date = "PendingDeletion", clock.now() + timedelta(days=days)
        self.watch(key)

    def cancel_deletion(self, key: Key) -> None:
        """Take the key back: disabled, or waiting for its material."""
        key.deletion_date = key.deletion_window_days = None
        key.state = "PendingImport" if key.lacks_material else "Disabled"

    def watch(self, key: Key) -> None:
        """Look at this key when time passes: it has a date in the future."""
        self._watched.add(key.key_id)
        dates = _dates(key)
        if dates:
            self._next_event = min([*dates, self._next_event or dates[0]])

    def apply_time(self) -> None:
        """Let everything happen that was due by now: expiry, rotation, deletion."""
        now = clock.now()
        if self._next_event is None or now < self._next_event:
            return
        for key_id in sorted(self._watched):
            key = self.keys[key_id]
            expire(key, now)
            rotate_if_due(key, now)
            if key.deletion_date and key.deletion_date <= now:
                self._delete(key)
        self._watched = {key_id for key_id in self._watched if _dates(self.keys[key_id])}
        dates = [date for key_id in self._watched for date in _dates(self.keys[key_id])]
        self._next_event = min(dates, default=None)

    def _delete(self, key: Key) -> None:
        """Remove a key with its material, aliases and tags."""
        del self.keys[key.key_id]
        assert key.deletion_date
        event_id = str(mock_random.uuid4())
        audit.record_service_event("DeleteKey", key.arn, event_id, key.deletion_date)
        self._watched.discard(key.key_id)
        for name in [a.name for a in self.aliases.values() if a.key_id == key.key_id]:
            del self.aliases[name]
        if key.multi_region_set and key.is_replica:
            key.multi_region_set.replicas.remove(key)
            primary = key.multi_region_set.primary
            if primary.state == "PendingReplicaDeletion" and not key.multi_region_set.replicas:
                assert primary.deletion_window_days
                primary.state = "PendingDeletion"
                window = timedelta(days=primary.deletion_window_days)
                primary.deletion_date = key.deletion_date + window
                kms_backends[primary.account_id][primary.region].watch(primary)  # type: ignore[attr-defined]

    def aws_managed_key(self, service: str) -> Key:
        """The AWS managed key of a service, made when it is first asked for."""
        alias = AWS_ALIAS_PREFIX + service
        if alias not in self.aliases:
            name = _NAMES.get(service, AWS_MANAGED[service].split()[0])
            key = self.add_key(
                specs.SYMMETRIC,
                specs.ENCRYPT_DECRYPT,
                key_manager="AWS",
                policy=aws_managed_policy(service, name, self.account_id, self.region_name),
                description=f"Default key that protects my {AWS_MANAGED[service]} "
                "when no other key is defined",
                rotation_period_days=365,
                next_rotation_date=clock.now() + timedelta(days=365),
            )
            self.watch(key)
            self.add_alias(alias, key.key_id)
        return self.keys[self.aliases[alias].key_id]

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


def apply_time() -> None:
    """Let time pass in every account and Region that is in use."""
    for regions in list(kms_backends.values()):
        for backend in list(regions.values()):
            backend.apply_time()  # type: ignore[attr-defined]


def _dates(key: Key) -> list[datetime]:
    """When something will happen to the key by itself."""
    dates = [m.valid_to for m in key.all_materials if m.valid_to]
    if key.deletion_date:
        dates.append(key.deletion_date)
    if key.next_rotation_date and key.state == "Enabled":
        dates.append(key.next_rotation_date)
    return dates


def _new_key_id(multi_region: bool) -> str:
    key_id = mock_random.uuid4()
    return f"mrk-{key_id.hex}" if multi_region else str(key_id)
