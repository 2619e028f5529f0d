"""What UpdateObjectEncryption is asked to do, and its refusals in AWS's words.

Source: S3 API reference, UpdateObjectEncryption, "Errors".
"""

import re
from typing import Any

from .asking import ASKING
from .errors import access_denied, invalid_request, malformed_xml
from .settings import KMS, Settings

_KEY_ARN = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:[0-9]{12}:key/.+", re.ASCII)
_CHANGE = "Requests that modify an object"
_TO_KMS = f"{_CHANGE}'s encryption type to SSE-KMS require"


def settings_of(wanted: Any, owner: str) -> Settings:
    """The settings in a request's ObjectEncryption; ``owner`` is the bucket's. Raises S3Error."""
    asking = ASKING.get()
    if not asking or asking.signed_by != "AWS4":
        raise invalid_request(
            f"{_CHANGE} encryption configuration require Amazon Web Services Signature Version 4. "
            "Modify the request to use Amazon Web Services Signature Version 4, and then try again."
        )
    if not isinstance(wanted, dict) or "SSE-KMS" not in wanted:
        raise invalid_request(
            f"{_CHANGE} encryption configuration require a valid new encryption type. Valid values "
            "are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, "
            "and then try again."
        )
    by_kms = wanted["SSE-KMS"] or {}
    if not isinstance(by_kms, dict):
        raise malformed_xml()
    arn = by_kms.get("KMSKeyArn")
    if not arn:
        raise invalid_request(
            f"{_TO_KMS} an Amazon Web Services KMS key Amazon Resource Name (ARN). Modify the "
            "request to specify a KMS key ARN, and then try again."
        )
    if not isinstance(arn, str) or not _KEY_ARN.fullmatch(arn):
        raise invalid_request(
            f"{_TO_KMS} a valid Amazon Web Services KMS key Amazon Resource Name (ARN). Confirm "
            "that you have a correctly formatted KMS key ARN in your request, and then try again."
        )
    bucket_key = str(by_kms.get("BucketKeyEnabled") or "false").lower()
    if bucket_key not in ("true", "false"):
        raise invalid_request(
            "The BucketKeyEnabled value isn't valid. Valid values are true or false. Modify the "
            "request to specify a valid value, and then try again."
        )
    if arn.split(":")[4] != owner:
        raise access_denied(
            "The Amazon Web Services KMS key in the request must be owned by the same account as "
            "the bucket. Modify the request to specify a KMS key from the same account, and then "
            "try again."
        )
    return Settings(KMS, arn, bucket_key_enabled=bucket_key == "true")
