"""Finding the key of a request, and the checks that every operation makes of it.

KMS asks first whether the caller may, then looks at the key usage, the state, the algorithm.
"""

from typing import Any

from . import specs
from .authorization import authorize, refusal_elsewhere
from .exceptions import (
    KmsError,
    dry_run,
    incompatible_algorithm,
    invalid_key_usage,
    no_library,
)
from .identifiers import find_key
from .key import Key
from .models import LabKmsBackend
from .states import check_state


def key_for(
    backend: LabKmsBackend, key_id: str, operation: str, *, key_usage: str | None = None
) -> Key:
    """Return the key that a cryptographic operation (or DescribeKey) may use by any identifier."""
    return check_key(find_key(backend, key_id, operation), operation, key_usage)


def managed_key_for(backend: LabKmsBackend, key_id: str, operation: str) -> Key:
    """Return the key that a management operation names: by key ID or key ARN, in this account."""
    key = find_key(backend, key_id, operation, aliases=False)
    return check_key(key, operation, None)


def own_key(backend: LabKmsBackend, key_id: str, operation: str) -> Key:
    """The key of this account that an operation names for which IAM policies decide alone."""
    key = find_key(backend, key_id, operation, aliases=False)
    if key.account_id != backend.account_id:
        raise refusal_elsewhere(operation)
    return key


def check_key(key: Key, operation: str, key_usage: str | None) -> Key:
    """Check permission, usage and state of a key that was found, and return it."""
    authorize(key, operation)
    if key_usage and key.key_usage != key_usage:
        raise invalid_key_usage(key.arn, key.key_usage, operation)
    check_state(key, operation)
    return key


def check_algorithm(key: Key, algorithm: str) -> None:
    """Raise InvalidKeyUsageException if the key spec doesn't have the algorithm."""
    if algorithm not in key.algorithms:
        raise incompatible_algorithm(algorithm, key.key_spec)


def check_symmetric(key: Key) -> None:
    """Raise what AWS raises when data keys are asked of an RSA key."""
    if key.key_spec != specs.SYMMETRIC:
        message = "You cannot generate a data key with an asymmetric CMK"
        raise KmsError("InvalidKeyUsageException", message)


def check_region(backend: LabKmsBackend, key_spec: str) -> None:
    """SM2 exists in the China Regions only, ML-KEM everywhere else. Raises KmsError."""
    in_china = backend.region_name.startswith("cn-")
    if key_spec in (specs.NOT_IN_CHINA if in_china else specs.CHINA_ONLY):
        message = f"KeySpec {key_spec} is not supported in this region"
        raise KmsError("UnsupportedOperationException", message)
    if key_spec in specs.CHINA_ONLY:
        raise no_library(key_spec)


def stop_if_dry_run(request: dict[str, Any]) -> None:
    """Raise DryRunOperationException, which means success, if the request asked for it."""
    if request.get("DryRun"):
        raise dry_run()


def check_no_recipient(request: dict[str, Any]) -> None:
    """No document that can be made outside a Nitro enclave carries AWS's signature."""
    if "Recipient" in request:
        message = "The attestation document is not signed by the AWS Nitro Attestation PKI."
        raise KmsError("ValidationException", message)
