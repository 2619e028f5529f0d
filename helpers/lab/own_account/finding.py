"""What of the course is in the learner's own account: by its tags, and by the journal.

Only asks. A thing without the course's tag is not the course's; but for a bucket in the account's
own namespace that this machine's journal has, for a lesson may have taken its tags away.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from .naming import ROLE_PATH
from .requests import TAG

if TYPE_CHECKING:
    from .account import OwnAccount


@dataclass
class Found:
    """A thing of the course, and what came of it."""

    kind: str
    name: str
    region: str
    made: str  # when, as its tag says
    state: str = ""
    until: str = ""  # the date on which it goes by itself
    problem: str = ""
    replica: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass
class Search:
    """What was found, and where nobody could look."""

    own: "OwnAccount"
    regions: list[str]
    things: list[Found] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def run(self) -> "Search":
        self._try("buckets", self._buckets)
        for region in self._every_region():
            self._try(f"secrets in {region}", self._secrets, region)
            self._try(f"parameters in {region}", self._parameters, region)
        self._try("roles", self._roles)
        return self

    def _try(self, what: str, look: Callable[..., Iterator[Found]], *arguments: str) -> None:
        """One place that can't be looked at keeps nobody from the others."""
        try:
            self.things.extend(look(*arguments))
        except (ClientError, BotoCoreError) as error:
            self.problems.append(f"{what}: could not be looked for ({error_code(error)})")

    def _every_region(self) -> list[str]:
        """The Regions asked for, and those that the replicas of the keys there name."""
        looked: list[str] = []
        while to_do := [region for region in self.regions if region not in looked]:
            looked.append(to_do[0])
            self._try(f"keys in {to_do[0]}", self._keys, to_do[0])
        return looked

    def _keys(self, region: str) -> Iterator[Found]:
        kms, noted = self.own.client("kms", region), self.own.journal.names("key")
        for page in kms.get_paginator("list_keys").paginate():
            for key in page["Keys"]:
                try:
                    tags = {
                        tag["TagKey"]: tag["TagValue"]
                        for tags in kms.get_paginator("list_resource_tags").paginate(
                            KeyId=key["KeyId"]
                        )
                        for tag in tags["Tags"]
                    }
                    if TAG in tags:
                        yield self._key(kms, key["KeyId"], region, tags[TAG])
                except ClientError as error:
                    # Of keys that aren't the course's nobody needs to know more.
                    if key["KeyId"] in noted:
                        yield Found("key", key["KeyId"], region, "", problem=error_code(error))

    def _key(self, kms: Any, key_id: str, region: str, made: str) -> Found:
        key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        several = key.get("MultiRegionConfiguration", {})
        related = [several.get("PrimaryKey", {}), *several.get("ReplicaKeys", [])]
        self.regions += [k["Region"] for k in related if k and k["Region"] not in self.regions]
        return Found(
            "key",
            key_id,
            region,
            made,
            key["KeyState"],
            f"{key['DeletionDate']:%Y-%m-%d}" if "DeletionDate" in key else "",
            replica=several.get("MultiRegionKeyType") == "REPLICA",
            details={"origin": key["Origin"], "description": key.get("Description", "")},
        )

    def _buckets(self) -> Iterator[Found]:
        form = re.compile(rf".*-{self.own.account_id}-([a-z0-9-]+)-an")
        noted = self.own.journal.names("bucket")
        for bucket in self.own.client("s3").list_buckets()["Buckets"]:
            ours = form.fullmatch(bucket["Name"])
            if not ours:
                continue
            try:
                s3 = self.own.client("s3", ours[1])
                tags = _pairs(s3.get_bucket_tagging(Bucket=bucket["Name"])["TagSet"])
            except ClientError as error:
                tags = {}
                if error_code(error) != "NoSuchTagSet" and bucket["Name"] in noted:
                    code = error_code(error)
                    yield Found("bucket", bucket["Name"], ours[1], "", problem=code)
                    continue
            if TAG in tags or bucket["Name"] in noted:
                yield Found("bucket", bucket["Name"], ours[1], tags.get(TAG, ""))

    def _secrets(self, region: str) -> Iterator[Found]:
        secrets = self.own.client("secretsmanager", region)
        by_tag = [{"Key": "tag-key", "Values": [TAG]}]
        for page in secrets.get_paginator("list_secrets").paginate(
            Filters=by_tag, IncludePlannedDeletion=True
        ):
            for secret in page["SecretList"]:
                tags = _pairs(secret.get("Tags", []))
                replica = secret.get("PrimaryRegion", region) != region
                if TAG not in tags or replica:  # a replica goes with its primary
                    continue
                deleted = secret.get("DeletedDate")
                yield Found(
                    "secret",
                    secret["Name"],
                    region,
                    tags[TAG],
                    "PendingDeletion" if deleted else "",
                    # AWS tells when it was deleted; it is kept for seven days from then on.
                    f"7 days after {deleted:%Y-%m-%d}" if deleted else "",
                )

    def _parameters(self, region: str) -> Iterator[Found]:
        ssm = self.own.client("ssm", region)
        for page in ssm.get_paginator("describe_parameters").paginate():
            for parameter in page["Parameters"]:
                name = parameter["Name"]
                tags = _pairs(
                    ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
                )
                if TAG in tags:
                    yield Found("parameter", name, region, tags[TAG])

    def _roles(self) -> Iterator[Found]:
        iam = self.own.client("iam")
        for page in iam.get_paginator("list_roles").paginate(PathPrefix=ROLE_PATH):
            for role in page["Roles"]:
                name = role["RoleName"]
                tags = _pairs(iam.list_role_tags(RoleName=name)["Tags"])
                if TAG in tags:
                    yield Found("role", name, "all Regions", tags[TAG])


def error_code(error: Exception) -> str:
    """AWS's code for an error, or its name."""
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__


def _pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
