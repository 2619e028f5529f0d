"""From the KeyId of a request to a key: key ID, key ARN, alias name or alias ARN.

Source: KMS Developer Guide, "Key identifiers"; the errors are recorded answers of AWS.
"""

import re

from moto.kms.models import kms_backends

from .exceptions import KmsError, access_denied, not_found
from .models import AWS_ALIAS_PREFIX, AWS_MANAGED, Key, LabKmsBackend

_KEY_ID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")

NO_RESOURCE_POLICY = (
    "the resource does not exist in this Region, no resource-based policies allow access, or a "
    "resource-based policy explicitly denies access"
)


def find_key(
    backend: LabKmsBackend,
    key_id: str,
    operation: str,
    *,
    aliases: bool = True,
    cross_account: bool = True,
) -> Key:
    """Return the key that ``key_id`` identifies for ``operation``.

    Raises NotFoundException for what doesn't exist or lies in another Region,
    InvalidArnException for an alias where only a key ID or key ARN will do, and
    AccessDeniedException for a key of an account that has no such key.
    """
    region, account_id, resource = _split_arn(backend, key_id)
    is_alias = resource.startswith("alias/")
    if is_alias and not aliases:
        message = "Key Aliases are not supported for this operation."
        raise KmsError("InvalidArnException", message)
    if region != backend.region_name:
        raise not_found(f"Invalid arn {region}")
    if account_id != backend.account_id:
        return _find_foreign(backend, key_id, account_id, resource, operation, cross_account)
    if is_alias:
        key = _find_alias(backend, resource, operation)
        missing = f"Alias {backend.alias_arn(resource)} is not found."
    else:
        key = _find_id(backend, key_id, resource)
        arn = f"arn:{backend.partition}:kms:{region}:{account_id}:key/{resource}"
        missing = f"Key '{arn}' does not exist"
    if key is None:
        raise not_found(missing)
    return key


def _find_foreign(
    backend: LabKmsBackend,
    key_id: str,
    account_id: str,
    resource: str,
    operation: str,
    cross_account: bool,
) -> Key:
    """A key of another account: AWS doesn't tell a missing one from a forbidden one."""
    key = None
    if cross_account and account_id in kms_backends:
        owner: LabKmsBackend = kms_backends[account_id][backend.region_name]  # type: ignore[assignment]
        if resource.startswith("alias/"):
            key = _find_alias(owner, resource, operation)
        else:
            key = _find_id(owner, key_id, resource)
    if key is None:
        principal = f"arn:{backend.partition}:iam::{backend.account_id}:root"
        raise access_denied(principal, f"kms:{operation}", key_id, NO_RESOURCE_POLICY)
    return key


def _split_arn(backend: LabKmsBackend, key_id: str) -> tuple[str, str, str]:
    """Region, account and resource: ``alias/name`` or the bare key ID."""
    if not key_id.startswith("arn:"):
        return backend.region_name, backend.account_id, key_id
    parts = key_id.split(":", 5)
    if len(parts) < 6 or parts[2] != "kms" or not re.fullmatch(r"\d{12}", parts[4]):
        raise not_found(f"Invalid arn {key_id}")
    resource = parts[5]
    if not resource.startswith(("key/", "alias/")):
        raise not_found(f"Invalid arn {key_id}")
    return parts[3], parts[4], resource.removeprefix("key/")


def _find_alias(owner: LabKmsBackend, name: str, operation: str) -> Key | None:
    service = name.removeprefix(AWS_ALIAS_PREFIX)
    if operation == "DescribeKey" and name.startswith(AWS_ALIAS_PREFIX) and service in AWS_MANAGED:
        return owner.aws_managed_key(service)
    alias = owner.aliases.get(name)
    return owner.keys[alias.key_id] if alias else None


def _find_id(owner: LabKmsBackend, asked: str, key_id: str) -> Key | None:
    if not _KEY_ID.fullmatch(key_id):
        quoted = key_id if asked.startswith("arn:") else f"'{key_id}'"
        raise not_found(f"Invalid keyId {quoted}")
    return owner.keys.get(key_id) or owner.keys.get(key_id.lower())
