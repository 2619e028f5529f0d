"""A bucket's default encryption, and the encryption types that it refuses.

A new bucket encrypts by SSE-S3 (since January 2023) and refuses SSE-C (since April 2026).
Source: S3 API reference, PutBucketEncryption, GetBucketEncryption, BlockedEncryptionTypes; S3 User
Guide, "Blocking or unblocking SSE-C for a general purpose bucket".
"""

from dataclasses import replace
from typing import Any

from .errors import invalid_argument, malformed_xml
from .settings import AES256, ALGORITHMS, SSE_C, BucketDefault

NONE = "NONE"


def default_of(bucket: Any) -> BucketDefault:
    """The bucket's configuration, or AWS's for a bucket that has none."""
    found: BucketDefault = vars(bucket).get("default_encryption", BucketDefault())
    return found


def put(bucket: Any, configuration: dict[str, Any]) -> None:
    """Set the configuration from its XML elements. Raises S3Error and changes nothing then.

    KMS is not asked whether the key exists. What is blocked stays so if nothing is said of it.
    """
    rule = configuration.get("Rule")
    if not isinstance(rule, dict):  # none, or several
        raise malformed_xml()
    by_default = rule.get("ApplyServerSideEncryptionByDefault")
    blocked = rule.get("BlockedEncryptionTypes")
    bucket_key = str(rule.get("BucketKeyEnabled") or "false").lower()
    if bucket_key not in ("true", "false") or not (by_default or blocked):
        raise malformed_xml()
    algorithm, key_id = _by_default(by_default) if by_default else (AES256, None)
    bucket.default_encryption = BucketDefault(
        algorithm,
        key_id,
        bucket_key_enabled=bucket_key == "true",
        blocked=_blocked(blocked) if blocked else default_of(bucket).blocked,
        is_own=True,
    )


def from_template(properties: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation's BucketEncryption as the XML elements of PutBucketEncryption."""
    (rule,) = properties["ServerSideEncryptionConfiguration"]
    by_default = rule.get("ServerSideEncryptionByDefault")
    return {"Rule": rule | {"ApplyServerSideEncryptionByDefault": by_default}}


def delete(bucket: Any) -> None:
    """Back to SSE-S3."""
    blocked = default_of(bucket).blocked
    bucket.default_encryption = replace(BucketDefault(), blocked=blocked)


def rule_of(bucket: Any) -> dict[str, Any]:
    """The rule that GetBucketEncryption answers, the key's identifier as it was given."""
    default = default_of(bucket)
    by_default = {"SSEAlgorithm": default.algorithm}
    if default.kms_key_id:
        by_default["KMSMasterKeyID"] = default.kms_key_id
    return {
        "ApplyServerSideEncryptionByDefault": by_default,
        "BucketKeyEnabled": default.bucket_key_enabled,
        "BlockedEncryptionTypes": {"EncryptionType": list(default.blocked) or [NONE]},
    }


def _by_default(by_default: Any) -> tuple[str, str | None]:
    if not isinstance(by_default, dict) or by_default.get("SSEAlgorithm") not in ALGORITHMS:
        raise malformed_xml()
    algorithm, key_id = by_default["SSEAlgorithm"], by_default.get("KMSMasterKeyID") or None
    if key_id and not isinstance(key_id, str):
        raise malformed_xml()
    if key_id and algorithm == AES256:
        message = (
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
            "aws:kms:dsse"
        )
        raise invalid_argument(message, "ApplyServerSideEncryptionByDefault")
    return algorithm, key_id


def _blocked(element: Any) -> tuple[str, ...]:
    types = element.get("EncryptionType") if isinstance(element, dict) else None
    names = [types] if isinstance(types, str) else types
    if names not in ([NONE], [SSE_C]):
        raise malformed_xml()
    return () if names == [NONE] else (SSE_C,)
