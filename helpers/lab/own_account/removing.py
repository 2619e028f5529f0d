"""Taking away what the course made: keys are scheduled for deletion, buckets emptied and removed.

Each function changes the state of what was found. It may be called again for what is half gone.
"""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ..roles import assumed
from .finding import Found, error_code
from .naming import ROLE_PATH

if TYPE_CHECKING:
    from .account import OwnAccount

DAYS = 7  # KMS's and Secrets Manager's shortest
_GONE = {"NotFoundException", "NoSuchBucket", "ResourceNotFoundException", "NoSuchEntity"}
_GONE |= {"ParameterNotFound"}


def remove(own: "OwnAccount", things: list[Found]) -> None:
    """Remove what was found, one by one: what can't be removed says why, and the rest goes on."""
    # Replicas before primaries, which wait for them. Keys before roles, which may have to help.
    order = {"bucket": 0, "secret": 1, "parameter": 2, "key": 3, "role": 4}
    for found in sorted(things, key=lambda each: (order[each.kind], not each.replica)):
        try:
            _REMOVERS[found.kind](own, found)
            found.problem = ""
        except (ClientError, BotoCoreError) as error:
            code = error_code(error)
            found.state = "gone" if code in _GONE else found.state
            found.problem = "" if code in _GONE else _told(error, code)
        if found.state == "gone":
            own.journal.forget(found.kind, found.name)


def _told(error: Exception, code: str) -> str:
    message = error.response["Error"].get("Message", "") if isinstance(error, ClientError) else ""
    return f"{code}: {message}" if message else code


def _key(own: "OwnAccount", found: Found) -> None:
    kms = own.client("kms", found.region)
    for page in kms.get_paginator("list_aliases").paginate(KeyId=found.name):
        for alias in page["Aliases"]:
            kms.delete_alias(AliasName=alias["AliasName"])
            own.journal.forget("alias", alias["AliasName"])
    if found.state.startswith("Pending") and found.state.endswith("Deletion"):
        return
    if found.details.get("origin") == "EXTERNAL":
        # At once; the key itself takes its seven days. It may hold none.
        with suppress(ClientError):
            kms.delete_imported_key_material(KeyId=found.name)
    try:
        reply = kms.schedule_key_deletion(KeyId=found.name, PendingWindowInDays=DAYS)
    except kms.exceptions.ClientError as error:
        if error_code(error) != "AccessDeniedException" or not _default_policy(own, found):
            raise
        reply = kms.schedule_key_deletion(KeyId=found.name, PendingWindowInDays=DAYS)
    found.state = reply.get("KeyState", "PendingDeletion")
    if "DeletionDate" in reply:
        found.until = f"{reply['DeletionDate']:%Y-%m-%d}"
    else:
        found.until = f"{DAYS} days after its last replica"


def _default_policy(own: "OwnAccount", found: Found) -> bool:
    """Let the account manage a key again, as when it was made.

    A lesson's policy may leave that to a role of the course: then it is the role that asks.
    """
    root = f"arn:aws:iam::{own.account_id}:root"
    with suppress(ClientError):
        _allow(own.client("kms", found.region), found, root)
        return True
    for name in sorted(own.journal.names("role")):
        role = f"arn:aws:iam::{own.account_id}:role{ROLE_PATH}{name}"
        with suppress(ClientError):
            session = assumed(own.session, role, name, found.region)
            # KMS refuses a policy that would lock out who asks.
            _allow(session.client("kms"), found, root, role)
            return True
    return False


def _allow(kms: Any, found: Found, *principals: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    kms.put_key_policy(KeyId=found.name, Policy=policy)


def _bucket(own: "OwnAccount", found: Found) -> None:
    s3, bucket = own.client("s3", found.region), {"Bucket": found.name}
    with suppress(ClientError):
        s3.delete_bucket_policy(**bucket)  # it could deny what follows
    for page in s3.get_paginator("list_multipart_uploads").paginate(**bucket):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(**bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in s3.get_paginator("list_object_versions").paginate(**bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
        if objects:
            s3.delete_objects(**bucket, Delete={"Objects": objects, "Quiet": True})
    s3.delete_bucket(**bucket)
    found.state = "gone"


def _secret(own: "OwnAccount", found: Found) -> None:
    if found.state == "PendingDeletion":
        return
    secrets = own.client("secretsmanager", found.region)
    told = secrets.describe_secret(SecretId=found.name)
    replicas = [each["Region"] for each in told.get("ReplicationStatus", [])]
    if replicas:
        secrets.remove_regions_from_replication(SecretId=found.name, RemoveReplicaRegions=replicas)
    reply = secrets.delete_secret(SecretId=found.name, RecoveryWindowInDays=DAYS)
    found.state, found.until = "PendingDeletion", f"{reply['DeletionDate']:%Y-%m-%d}"


def _parameter(own: "OwnAccount", found: Found) -> None:
    own.client("ssm", found.region).delete_parameter(Name=found.name)
    found.state = "gone"


def _role(own: "OwnAccount", found: Found) -> None:
    iam, role = own.client("iam"), {"RoleName": found.name}
    for page in iam.get_paginator("list_role_policies").paginate(**role):
        for name in page["PolicyNames"]:
            iam.delete_role_policy(**role, PolicyName=name)
    for page in iam.get_paginator("list_attached_role_policies").paginate(**role):
        for policy in page["AttachedPolicies"]:
            iam.detach_role_policy(**role, PolicyArn=policy["PolicyArn"])
    iam.delete_role(**role)
    found.state = "gone"


_REMOVERS: dict[str, Any] = {
    "key": _key,
    "bucket": _bucket,
    "secret": _secret,
    "parameter": _parameter,
    "role": _role,
}
