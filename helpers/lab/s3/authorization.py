"""May the caller do this with the bucket or object? The first of two gates; KMS is the second.

In the bucket's account an IAM policy or the bucket policy is enough; from another account both are
needed; an explicit deny wins. Unsigned requests need the bucket policy, or an object's ACL.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3";
S3 User Guide, "How Amazon S3 authorizes a request".
"""

from collections.abc import Mapping
from typing import Any

from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket, s3_backends

from ..caller import Caller
from ..kms.exceptions import KmsError
from ..partitions import partition_of
from ..permissions import UNSIGNED, decision
from ..policy import access_denied_message
from .asking import ASKING, Asking
from .bucket_policies import policy_of
from .errors import S3Error, access_denied, invalid_argument
from .settings import CUSTOMER, KEY_ID, SSE, SSE_C, Headers

# Element of the query -> action, by what is named and how. "" is a request without any of them.
_BUCKET = {
    "GET": {
        "uploads": "ListBucketMultipartUploads",
        "location": "GetBucketLocation",
        "lifecycle": "GetLifecycleConfiguration",
        "versioning": "GetBucketVersioning",
        "policyStatus": "GetBucketPolicyStatus",
        "policy": "GetBucketPolicy",
        "website": "GetBucketWebsite",
        "acl": "GetBucketAcl",
        "tagging": "GetBucketTagging",
        "logging": "GetBucketLogging",
        "cors": "GetBucketCORS",
        "notification": "GetBucketNotification",
        "accelerate": "GetAccelerateConfiguration",
        "publicAccessBlock": "GetBucketPublicAccessBlock",
        "inventory": "GetInventoryConfiguration",
        "versions": "ListBucketVersions",
        "encryption": "GetEncryptionConfiguration",
        "replication": "GetReplicationConfiguration",
        "ownershipControls": "GetBucketOwnershipControls",
        "object-lock": "GetBucketObjectLockConfiguration",
        "": "ListBucket",
    },
    "PUT": {
        "lifecycle": "PutLifecycleConfiguration",
        "versioning": "PutBucketVersioning",
        "policy": "PutBucketPolicy",
        "website": "PutBucketWebsite",
        "acl": "PutBucketAcl",
        "tagging": "PutBucketTagging",
        "logging": "PutBucketLogging",
        "cors": "PutBucketCORS",
        "notification": "PutBucketNotification",
        "accelerate": "PutAccelerateConfiguration",
        "publicAccessBlock": "PutBucketPublicAccessBlock",
        "inventory": "PutInventoryConfiguration",
        "encryption": "PutEncryptionConfiguration",
        "replication": "PutReplicationConfiguration",
        "ownershipControls": "PutBucketOwnershipControls",
        "object-lock": "PutBucketObjectLockConfiguration",
        "": "CreateBucket",
    },
    "DELETE": {
        "lifecycle": "PutLifecycleConfiguration",
        "policy": "DeleteBucketPolicy",
        "website": "DeleteBucketWebsite",
        "tagging": "PutBucketTagging",
        "cors": "PutBucketCORS",
        "publicAccessBlock": "PutBucketPublicAccessBlock",
        "encryption": "PutEncryptionConfiguration",
        "replication": "PutReplicationConfiguration",
        "ownershipControls": "PutBucketOwnershipControls",
        "": "DeleteBucket",
    },
    "HEAD": {"": "ListBucket"},
    "POST": {"": "PutObject"},
}
_OBJECT = {
    "GET": {
        "uploadId": "ListMultipartUploadParts",
        "acl": "GetObjectAcl",
        "tagging": "GetObjectTagging",
        "legal-hold": "GetObjectLegalHold",
        "retention": "GetObjectRetention",
        "attributes": "GetObjectAttributes",
        "versionId": "GetObjectVersion",
        "": "GetObject",
    },
    "HEAD": {"versionId": "GetObjectVersion", "": "GetObject"},
    "PUT": {
        "acl": "PutObjectAcl",
        "tagging": "PutObjectTagging",
        "legal-hold": "PutObjectLegalHold",
        "retention": "PutObjectRetention",
        "encryption": "UpdateObjectEncryption",
        "": "PutObject",
    },
    "DELETE": {
        "uploadId": "AbortMultipartUpload",
        "tagging": "DeleteObjectTagging",
        "versionId": "DeleteObjectVersion",
        "": "DeleteObject",
    },
    "POST": {"restore": "RestoreObject", "select": "GetObject", "": "PutObject"},
}
_IDS = ("uploadId", "versionId")
# Actions that have another name when a version is named.
_OF_VERSIONS = {
    "GetObjectAcl",
    "GetObjectTagging",
    "GetObjectAttributes",
    "PutObjectAcl",
    "PutObjectTagging",
    "DeleteObjectTagging",
}
# Headers of a new object -> what writing it takes besides.
_WITH_HEADERS = {
    "x-amz-tagging": "PutObjectTagging",
    "x-amz-acl": "PutObjectAcl",
    "x-amz-grant-full-control": "PutObjectAcl",
    "x-amz-grant-read": "PutObjectAcl",
    "x-amz-object-lock-mode": "PutObjectRetention",
    "x-amz-object-lock-legal-hold": "PutObjectLegalHold",
}
# Headers and elements of the query that conditions can look at.
_HEADER_KEYS = (
    SSE,
    f"{CUSTOMER}-algorithm",
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-storage-class",
    "if-match",
    "if-none-match",
)
_QUERY_KEYS = {
    "prefix": "s3:prefix",
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    "versionId": "s3:VersionId",
    "location": "s3:LocationConstraint",
}


def action_of(method: str, query: Mapping[str, Any], *, is_object: bool) -> str:
    """The IAM action of a request, "s3:GetObject"."""
    actions = (_OBJECT if is_object else _BUCKET).get(method, {})
    named = (name for name in actions if name and name in query)
    # An empty id names nothing.
    found = next((actions[n] for n in named if n not in _IDS or query[n] != [""]), None)
    if found in _OF_VERSIONS and query.get("versionId"):
        found = found.replace("Object", "ObjectVersion")
    return f"s3:{found or actions.get('', 'GetObject')}"


def check_resource(method: str, query: Mapping[str, Any], *, is_object: bool) -> None:
    """Raise S3Error for a request that names two things at once: S3 would have to choose."""
    actions = (_OBJECT if is_object else _BUCKET).get(method, {})
    named = sorted(query.keys() & (actions.keys() | {"uploadId"}) - {"", "versionId"})
    if len(named) > 1:
        message = f"Conflicting query string parameters: {', '.join(named)}"
        raise invalid_argument(message, "ResourceType", named[0])


def more_actions(action: str, headers: Headers, query: Mapping[str, Any]) -> list[str]:
    """What a request for an object must be allowed besides its own action."""
    if action in ("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"):
        return [action.removesuffix("Attributes")]
    if action != "s3:PutObject" or "uploadId" in query:
        return []
    return [f"s3:{more}" for header, more in _WITH_HEADERS.items() if headers.get(header)]


def check(
    action: str,
    bucket: FakeBucket | None,
    bucket_name: str,
    key_name: str | None,
    region: str,
    query: Mapping[str, Any],
    upload: Any = None,
) -> None:
    """Raise AccessDenied unless the caller of the request at hand may do this.

    ``bucket`` is None for one that does not exist; ``upload`` that to which a part belongs.
    """
    asking = ASKING.get()
    assert asking is not None
    partition = bucket.partition if bucket else partition_of(region)
    resource = f"arn:{partition}:s3:::{bucket_name}" if bucket_name else "*"
    if key_name is not None:
        resource += f"/{key_name}"
    owner = bucket.account_id if bucket else _account(asking)
    context = _context(asking, bucket, query, upload)
    key: Any = bucket.keys.get(key_name) if bucket and key_name is not None else None
    if key is not None:
        tags = s3_backends[key.account_id][partition].tagger if hasattr(key, "arn") else None
        found = tags.get_tag_dict_for_resource(key.arn) if tags else {}
        context |= {f"s3:ExistingObjectTag/{name}": value for name, value in found.items()}
    try:
        made = decision(
            asking.caller or UNSIGNED,
            action,
            resource,
            owner,
            region,
            resource_policy=policy_of(bucket) if bucket else None,
            context=context,
        )
    except KmsError as error:  # an IAM policy that can't be read
        raise access_denied(error.message) from error
    asking.decisions.append(made)
    if made.allowed or (asking.caller is None and _is_public(action, key)):
        return
    if asking.caller is None or owner != asking.caller.account_id:
        raise access_denied()  # to others than the owner S3 gives no reason
    text = access_denied_message(made.request, made)
    raise access_denied(text.replace(f"resource: {resource} ", f'resource: "{resource}" '))


def check_owner(bucket: FakeBucket | None, expected: str | None) -> None:
    """Raise AccessDenied for a bucket that is not whose the caller expects."""
    if bucket and expected and expected != bucket.account_id:
        raise access_denied()


def is_allowed(*args: Any, **kwargs: Any) -> bool:
    """Whether ``check`` lets the caller do it."""
    try:
        check(*args, **kwargs)
    except S3Error:
        return False
    return True


def _account(asking: Asking) -> str:
    return asking.caller.account_id if asking.caller else ""


def _is_public(action: str, key: Any) -> bool:
    acl = getattr(key, "acl", None)
    return action == "s3:GetObject" and acl is not None and acl.public_read


def _context(
    asking: Asking, bucket: FakeBucket | None, query: Mapping[str, Any], upload: Any
) -> dict[str, Any]:
    """Condition keys of the request. A part has the encryption of the upload that it belongs to."""
    headers = asking.headers
    context: dict[str, Any] = {
        f"s3:{name}": headers.get(name) for name in _HEADER_KEYS if headers.get(name)
    }
    context |= {key: _first(query[name]) for name, key in _QUERY_KEYS.items() if name in query}
    key_id = headers.get(KEY_ID)
    if upload is not None and upload.protection.algorithm == SSE_C:
        context[f"s3:{CUSTOMER}-algorithm"] = "AES256"
    elif upload is not None and upload.was_asked:
        context[f"s3:{SSE}"] = upload.protection.algorithm
        key_id = upload.protection.key_arn
    if key_id:
        context[f"s3:{KEY_ID}"] = _arn_of(key_id, asking.caller, bucket)
    if tagging := headers.get("x-amz-tagging"):
        pairs = [pair.partition("=") for pair in str(tagging).split("&")]
        context |= {f"s3:RequestObjectTag/{name}": value for name, _, value in pairs}
        context["s3:RequestObjectTagKeys"] = [name for name, _, _ in pairs]
    context["s3:authType"] = asking.sent_in
    if asking.caller:
        context["s3:signatureversion"] = "AWS4-HMAC-SHA256" if asking.signed_by == "AWS4" else "AWS"
    if bucket:
        context["s3:ResourceAccount"] = bucket.account_id
    context["aws:SecureTransport"] = asking.secure
    return context


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _arn_of(key_id: str, caller: Caller | None, bucket: FakeBucket | None) -> str:
    """The key that the request names, as an ARN: so policies name it."""
    if key_id.startswith("arn:") or caller is None or bucket is None:
        return key_id
    backend: Any = kms_backends[caller.account_id][bucket.region_name]
    found = backend.key_of_alias(key_id) if key_id.startswith("alias/") else backend.key(key_id)
    return found.arn if found else key_id
