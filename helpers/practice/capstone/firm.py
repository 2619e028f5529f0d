"""What the firm calls its things. A step is verified by these names."""

from dataclasses import dataclass
from typing import Any

from . import asking

ALIAS = "alias/records"
ADMINISTRATOR, WRITER, READER = "key-admin", "records-writer", "records-reader"
ROLES = (ADMINISTRATOR, WRITER, READER)
TAGS = {"project": "records"}
ROTATION_DAYS = 365


class Missing(Exception):
    """What a step still lacks, by name, and a few words. ``nothing``: it has not begun."""

    def __init__(self, name: str, words: str, *, nothing: bool = False) -> None:
        super().__init__(name)
        self.name, self.words, self.nothing = name, words, nothing


@dataclass(frozen=True)
class Firm:
    """The account of the lesson, and clients that ask it as the administrator."""

    session: Any
    account: str

    def client(self, service: str, **how: Any) -> Any:
        return self.session.client(service, **how)

    @property
    def bucket(self) -> str:
        return f"records-{self.account}"

    @property
    def bucket_arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"

    def role_arn(self, role: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{role}"

    def acting_as(self, role: str) -> Any:
        """Makes clients of a role. Raises Missing if there is none."""
        code, _ = asking.refused(self.client("iam").get_role, RoleName=role)
        if code:
            raise Missing(
                f"There is no role {role}", "The firm's three roles are of step 1.", nothing=True
            )
        return asking.acting_as(self.session, role)

    def key(self) -> dict[str, Any]:
        """The metadata of the firm's key, found by its alias. Raises Missing."""
        pages = self.client("kms").get_paginator("list_aliases").paginate()
        for page in pages:
            for alias in page["Aliases"]:
                if alias["AliasName"] == ALIAS and "TargetKeyId" in alias:
                    return self.described(alias["TargetKeyId"])
        raise Missing(
            f"No key is called {ALIAS}",
            "The steps find the firm's key by this alias, as its programs do.",
            nothing=True,
        )

    def described(self, key_id: str) -> dict[str, Any]:
        kms = self.client("kms")
        code, message = asking.refused(kms.describe_key, KeyId=key_id)
        if code in asking.DENIED:
            raise Missing(
                "Its administrators can't see the key",
                f"`DescribeKey` is refused to you, who may do everything in IAM: {message}",
            )
        if code:
            raise Missing("There is no such key", f"KMS answers `{code}`: {message}", nothing=True)
        metadata: dict[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        return metadata

    def need_bucket(self) -> None:
        """Raise Missing unless the bucket is there and the account's."""
        code, _ = asking.refused(self.client("s3").head_bucket, Bucket=self.bucket)
        if code == "404":
            raise Missing(
                f"There is no bucket {self.bucket}", "It is made in step 4.", nothing=True
            )
        if code:
            raise Missing("Not your bucket", f"S3 answers {code} for {self.bucket}.")


def here() -> Firm:
    session = asking.here()
    return Firm(session, asking.account_of(session))
