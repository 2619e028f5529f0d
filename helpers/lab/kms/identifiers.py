"""From the KeyId of a request to a key: key ID, key ARN, alias name or alias ARN.

Source: KMS Developer Guide, "Key identifiers"; the errors are recorded answers of AWS.
"""

import re

from .current import CALLER, TOUCHED
from .exceptions import KmsError, access_denied, not_found
from .key import Key
from .models import AWS_ALIAS_PREFIX, AWS_MANAGED, LabKmsBackend

_ARN = re.compile(
    r"arn:(?P<partition>[^:]*):kms:(?P<region>[^:]+):(?P<account>\d{12}):"
    r"(?P<kind>key|alias)/(?P<name>.*)",
    re.DOTALL,
)
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
) -> Key:
    """Return the key that ``key_id`` identifies for ``operation``.

    Raises NotFoundException for what doesn't exist or lies in another Region,
    InvalidArnException for an alias where only a key ID or key ARN will do, and
    AccessDeniedException for a key of another account: AWS doesn't tell missing from forbidden,
    and until key policies are enforced none lets another account in.
    """
    region, account_id, resource, is_alias = _split_arn(backend, key_id)
    if is_alias and not aliases:
        message = "Key Aliases are not supported for this operation."
        raise KmsError("InvalidArnException", message)
    if region != backend.region_name:
        raise not_found(f"Invalid arn {region}")
    if account_id != backend.account_id:
        raise access_denied(CALLER.get().arn, f"kms:{operation}", key_id, NO_RESOURCE_POLICY)
    if is_alias:
        key = _find_alias(backend, resource, operation)
        missing = f"Alias {backend.alias_arn(resource)} is not found."
    else:
        key = _find_id(backend, key_id, resource)
        arn = f"arn:{backend.partition}:kms:{region}:{account_id}:key/{resource}"
        missing = f"Key '{arn}' does not exist"
    if key is None:
        raise not_found(missing)
    return touch(key)


def touch(key: Key) -> Key:
    """Note that the request concerns this key, for the audit trail."""
    arns = TOUCHED.get([])
    if key.arn not in arns:
        arns.append(key.arn)
    return key


def _split_arn(backend: LabKmsBackend, key_id: str) -> tuple[str, str, str, bool]:
    """Region, account, alias name or bare key ID, and whether it is an alias."""
    if not key_id.startswith("arn:"):
        return backend.region_name, backend.account_id, key_id, key_id.startswith("alias/")
    match = _ARN.fullmatch(key_id)
    if not match or match["partition"] != backend.partition:
        raise not_found(f"Invalid arn {key_id}")
    is_alias = match["kind"] == "alias"
    name = f"alias/{match['name']}" if is_alias else match["name"]
    return match["region"], match["account"], name, is_alias


def _find_alias(backend: LabKmsBackend, name: str, operation: str) -> Key | None:
    service = name.removeprefix(AWS_ALIAS_PREFIX)
    if operation == "DescribeKey" and name.startswith(AWS_ALIAS_PREFIX) and service in AWS_MANAGED:
        return backend.aws_managed_key(service)
    return backend.key_of_alias(name)


def _find_id(backend: LabKmsBackend, asked: str, key_id: str) -> Key | None:
    if not _KEY_ID.fullmatch(key_id):
        quoted = key_id if asked.startswith("arn:") else f"'{key_id}'"
        raise not_found(f"Invalid keyId {quoted}")
    return backend.key(key_id)
