"""Taking away what the course made: keys are scheduled for deletion, buckets emptied and removed.

Each function changes the state of what was found. It may be called again for what is half gone.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from .finding import Found, error_code
from .journal import Made

if TYPE_CHECKING:
    from .account import OwnAccount

DAYS = 7  # KMS's and Secrets Manager's shortest
_GONE = {"NotFoundException", "NoSuchBucket", "ResourceNotFoundException", "NoSuchEntity"}
_GONE |= {"ParameterNotFound"}


def remove(own: "OwnAccount", things: list[Found]) -> None:
    """Remove what was found, one by one: what can't be removed says why, and the rest goes on."""
    # Replicas before primaries, which wait for them. Keys last: buckets' objects lie under them.
    order = {"bucket": 0, "secret": 1, "parameter": 2, "role": 3, "key": 4}
    for found in sorted(things, key=lambda each: (order[each.kind], not each.replica)):
        try:
            _REMOVERS[found.kind](own, found)
            found.problem = ""
        except (ClientError, BotoCoreError) as error:
            code = error_code(error)
            found.state = "gone" if code in _GONE else found.state
            found.problem = "" if code in _GONE else _told(error, code)
        if found.state == "gone":
            for made in [
                m for m in own.journal.all() if (m.kind, m.name) == (found.kind, found.name)
            ]:
                own.journal.note(made, gone=True)


def _told(error: Exception, code: str) -> str:
    message = error.response["Error"].get("Message", "") if isinstance(error, ClientError) else ""
    return f"{code}: {message}" if message else code


def _key(own: "OwnAccount", found: Found) -> None:
    kms = own.client("kms", found.region)
    for page in kms.get_paginator("list_aliases").paginate(KeyId=found.name):
        for alias in page["Aliases"]:
            kms.delete_alias(AliasName=alias["AliasName"])
            own.journal.note(Made("alias", alias["AliasName"], found.region), gone=True)
    if found.state.startswith("Pending") and found.state.endswith("Deletion"):
        return
    if found.details.get("origin") == "EXTERNAL":
        # At once; the key itself takes its seven days. It may hold none.
        with suppress(ClientError):
            kms.delete_imported_key_material(KeyId=found.name)
    reply = kms.schedule_key_deletion(KeyId=found.name, PendingWindowInDays=DAYS)
    found.state = reply.get("KeyState", "PendingDeletion")
    if "DeletionDate" in reply:
        found.until = f"{reply['DeletionDate']:%Y-%m-%d}"
    else:
        found.until = f"{DAYS} days after its last replica"


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
