"""Steps 6 to 10: what the roles can do with it, what the trail and the disk say, what is left."""

import json
from typing import Any

from helpers import lab

from . import asking
from .asking import DENIED, refused
from .firm import ADMINISTRATOR, READER, ROLES, WRITER, Firm, Missing

USES = {
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncrypt",
}


def look_at_the_roles(firm: Firm, key_arn: str) -> None:
    wanted = {READER: "s3:GetObject", WRITER: "s3:PutObject"}
    for role in ROLES:
        actions, resources = _permissions(firm, role)
        if any(action in ("*", "s3:*") for action in actions):
            raise Missing(f"{role} may do everything", "Name the actions that its work takes.")
        if any(action.lower().startswith("kms:") for action in actions):
            raise Missing(
                f"{role} has the key from two sides",
                "IAM allows `kms:` actions as well. The key policy alone says who uses this key, "
                "so that one look at it is enough.",
            )
        if role in wanted and wanted[role] not in actions:
            raise Missing(f"{role} can't do its work", f"Its policy lacks `{wanted[role]}`.")
        if role == ADMINISTRATOR and {"s3:GetObject", "s3:PutObject"} & actions:
            raise Missing("The administrator has objects", f"{role} is for the key, not for data.")
        if role in wanted and not all(each.startswith(firm.bucket_arn) for each in resources):
            raise Missing(f"{role} goes beyond the bucket", f"Its resources are {resources}.")
    if "s3:PutObject" in _permissions(firm, READER)[0]:
        raise Missing("The reader writes", "Reading was asked for.")


def _permissions(firm: Firm, role: str) -> tuple[set[str], list[str]]:
    """Allowed actions and their resources in the role's own policies."""
    firm.acting_as(role)
    iam = firm.client("iam")
    actions: set[str] = set()
    resources: list[str] = []
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        document = json.loads(document) if isinstance(document, str) else document
        for statement in asking.listed(document["Statement"]):
            if statement["Effect"] == "Allow":
                actions |= set(asking.listed(statement.get("Action", [])))
                resources += asking.listed(statement.get("Resource", []))
    return actions, resources


def try_out(firm: Firm, key_arn: str) -> dict[str, Any] | None:
    firm.need_bucket()
    key = firm.key()
    target = {"Bucket": firm.bucket, "Key": "verify/letter"}
    clients = {role: firm.acting_as(role)("s3") for role in ROLES}
    code, message = refused(clients[WRITER].put_object, **target, Body=b"a letter")
    if code:
        raise Missing("The writer can't write", f"`{code}`: {message}")
    try:
        head = firm.client("s3").head_object(**target)
        if head.get("SSEKMSKeyId") != key["Arn"]:
            raise Missing("Not under the firm's key", f"S3 names {head.get('SSEKMSKeyId')}.")
        _try_large(firm, clients[WRITER])
        _try_refusals(firm, clients, target)
    finally:
        firm.client("s3").delete_object(**target)
    return _use(firm, key["Arn"], "GenerateDataKey", WRITER)


def _try_large(firm: Firm, writer: Any) -> None:
    """The first part of a multipart upload, which is then abandoned."""
    large = {"Bucket": firm.bucket, "Key": "verify/large"}
    upload = writer.create_multipart_upload(**large)["UploadId"]
    part = {"UploadId": upload, "PartNumber": 1, "Body": b"x"}
    code, message = refused(writer.upload_part, **large, **part)
    firm.client("s3").abort_multipart_upload(**large, UploadId=upload)
    if code:
        raise Missing("Large uploads fail", f"`{code}`: {message}")


def _try_refusals(firm: Firm, clients: dict[str, Any], target: dict[str, str]) -> None:
    code, message = refused(clients[READER].get_object, **target)
    if code:
        raise Missing("The reader can't read", f"`{code}`: {message}")
    for who, client in {
        ADMINISTRATOR: clients[ADMINISTRATOR],
        "the account's administrator": firm.client("s3"),
    }.items():
        code, _ = refused(client.get_object, **target)
        if code not in DENIED:
            raise Missing(f"{who} reads", "Administrators of the key were to see no data.")
    for what, call in {
        "writes": lambda: clients[READER].put_object(**target, Body=b"x"),
        "deletes": lambda: clients[READER].delete_object(**target),
    }.items():
        if refused(call)[0] not in DENIED:
            raise Missing(f"The reader {what}", "Reading was asked for.")


def _use(firm: Firm, arn: str, name: str, role: str) -> dict[str, Any] | None:
    """The last successful use of the key by the role, through S3, with the bucket as context."""
    return asking.first(
        event
        for event in asking.trail(firm.session, EventName=name)[::-1]
        if asking.concerns(event, arn)
        and "errorCode" not in event
        and asking.by(event) == role
        and event["userIdentity"].get("invokedBy") == "s3.amazonaws.com"
        and asking.context_of(event).get("aws:s3:arn") == firm.bucket_arn
    )


def look_at_the_trail(firm: Firm, key_arn: str) -> dict[str, Any] | None:
    arn = firm.key()["Arn"]
    for name, role in (("GenerateDataKey", WRITER), ("Decrypt", READER)):
        if not _use(firm, arn, name, role):
            raise Missing(
                f"No {name} by {role}",
                "The trail has no such use of the key through S3 for this bucket. Run step 7.",
                nothing=True,
            )
    uses = [e for e in asking.trail(firm.session) if e["eventName"] in USES]
    uses = [event for event in uses if asking.concerns(event, arn)]
    others = {asking.by(e) for e in uses if "errorCode" not in e} - {WRITER, READER}
    if others:
        raise Missing("Somebody else used the key", f"The trail names {', '.join(sorted(others))}.")
    denied = [event for event in uses if event.get("errorCode") == "AccessDenied"]
    if not denied:
        raise Missing("No refusal on record", "Nobody has tried what is forbidden. Run step 7.")
    return denied[-1]


def look_at_rest(firm: Firm, key_arn: str) -> None:
    firm.need_bucket()
    key, s3 = firm.key(), firm.client("s3")
    objects = s3.list_objects_v2(Bucket=firm.bucket).get("Contents", [])
    if not objects:
        raise Missing("The bucket is empty", "Put an object first, in step 7.", nothing=True)
    for each in objects:
        inside = lab.xray.s3_object(firm.bucket, each["Key"])
        blob = inside["encrypted_data_key"]
        if not blob or lab.xray.blob(blob)["key_id"] != key["KeyId"]:
            raise Missing(
                f"{each['Key']} is not under the firm's key",
                "A default is for objects that come later. This one came before it, or past it.",
            )


def look_for_leftovers(firm: Firm, key_arn: str) -> dict[str, Any] | None:
    code, _ = refused(firm.client("s3").head_bucket, Bucket=firm.bucket)
    if code != "404":
        raise Missing("The bucket is still there", "Objects and storage go on costing.")
    iam = firm.client("iam")
    left = [role for role in ROLES if not refused(iam.get_role, RoleName=role)[0]]
    if left:
        raise Missing("Roles are left", f"{', '.join(left)}: nobody needs them any more.")
    kms = firm.client("kms")
    arn = key_arn or firm.key()["Arn"]
    key = firm.described(arn)
    if key["KeyState"] != "PendingDeletion":
        raise Missing(
            "The key is still charged", f"Its state is {key['KeyState']}, which costs by the hour."
        )
    aliases = kms.list_aliases(KeyId=key["KeyId"])["Aliases"]
    if aliases:
        raise Missing("An alias is left", "It points at a key that nobody can use any more.")
    scheduled = asking.trail(firm.session, EventName="ScheduleKeyDeletion")
    return asking.first(event for event in scheduled[::-1] if asking.concerns(event, arn))
