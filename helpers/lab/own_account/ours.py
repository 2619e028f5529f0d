"""Whether a thing in the learner's account is the course's: what is not, lessons don't change."""

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ..errors import LabError
from . import naming
from .lab_only import OnlyInTheLab

if TYPE_CHECKING:
    from .account import OwnAccount

# Operations of KMS that change no key.
_USES = "Describe|Get|List|Encrypt|Decrypt|ReEncrypt|Generate|Sign|Verify|Derive"
# Operations that change or delete: service, operation, kind of thing, member that names it.
_CHANGES: list[tuple[str, str, str, str]] = [
    ("kms", f"(?!{_USES}).*", "key", "KeyId"),
    ("kms", "UpdateAlias|DeleteAlias", "alias", "AliasName"),
    ("s3", "(?!CreateBucket$).*", "bucket", "Bucket"),
    ("secretsmanager", "(?!Get|Describe|List).*", "secret", "SecretId"),
    ("ssm", "(Delete|Label|Unlabel).*", "parameter", "Name"),
    ("ssm", "DeleteParameters", "parameter", "Names"),
    ("iam", "(?!Get|List|CreateRole).*", "role", "RoleName"),
]


def check_ours(
    own: "OwnAccount", service: str, region: str, operation: str, params: dict[str, Any], tag: str
) -> None:
    """Refuse, before it is sent, what would change a thing that the course did not make."""
    for its_service, operations, kind, member in _CHANGES:
        if its_service != service or not re.fullmatch(operations, operation):
            continue
        asked = params.get(member, [])
        for each in [asked] if isinstance(asked, str) else asked:
            name = naming.plain(kind, each)
            if name in own.journal.names(kind):
                continue
            if kind == "bucket":
                raise OnlyInTheLab(f"the course made no bucket {name!r} in your account.")
            if kind in ("key", "alias") and _may_change(own, region, kind, each, tag):
                continue
            raise LabError(
                f"{operation}: the course did not make the {kind} {name!r} in your account, so it "
                "does not touch it. Nothing was sent."
            )


def _may_change(own: "OwnAccount", region: str, kind: str, name: str, tag: str) -> bool:
    """Ask KMS: the course's tag is there; or AWS refuses by itself, as the lesson wants to see."""
    if kind == "key" and naming.plain(kind, name).startswith("alias/"):
        return True  # no key's id
    kms = own.client("kms", region)
    try:
        key = kms.describe_key(KeyId=name)["KeyMetadata"]
        if key["KeyManager"] == "AWS":
            return True
        tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == "NotFoundException")
    return any(each["TagKey"] == tag for each in tags)
