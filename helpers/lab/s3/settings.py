"""How an object is to be encrypted: what the request says, else what the bucket says.

Source: S3 API reference, PutObject and CreateMultipartUpload; S3 User Guide, "Using server-side
encryption with AWS KMS keys", "... with customer-provided keys".
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import MD5, Hash

from .errors import S3Error, invalid_argument, invalid_request

SSE = "x-amz-server-side-encryption"
KEY_ID = f"{SSE}-aws-kms-key-id"
BUCKET_KEY = f"{SSE}-bucket-key-enabled"
CONTEXT = f"{SSE}-context"
CUSTOMER = f"{SSE}-customer"
COPY_SOURCE_CUSTOMER = "x-amz-copy-source-server-side-encryption-customer"

AES256, KMS, DSSE, SSE_C = "AES256", "aws:kms", "aws:kms:dsse", "SSE-C"
ALGORITHMS = (AES256, KMS, DSSE)
CUSTOMER_KEY_BYTES = 32
INVALID_KEY = "The secret key was invalid for the specified algorithm."


class Headers(Protocol):
    """Headers of a request, or the fields of a form."""

    def get(self, name: str, /) -> Any: ...


@dataclass(frozen=True)
class CustomerKey:
    """A key that comes with the request (SSE-C), and its MD5 in base64."""

    key: bytes = field(repr=False)
    md5: str = ""


@dataclass(frozen=True)
class Settings:
    """How to encrypt. ``kms_key_id`` is any identifier; None means the AWS managed key.

    ``asked`` is what the request itself said, for S3 to answer with.
    """

    algorithm: str = AES256
    kms_key_id: str | None = None
    bucket_key_enabled: bool = False
    encryption_context: Mapping[str, str] = field(default_factory=dict)
    customer_key: CustomerKey | None = None


@dataclass(frozen=True)
class BucketDefault:
    """A bucket's encryption configuration. ``is_own``: somebody has put it there.

    SSE-C is blocked unless somebody unblocked it: AWS's rule since April 2026.
    """

    algorithm: str = AES256
    kms_key_id: str | None = None
    bucket_key_enabled: bool = False
    blocked: tuple[str, ...] = (SSE_C,)
    is_own: bool = False


def settings_of(headers: Headers, default: BucketDefault) -> Settings:
    """The settings for a new object. Raises S3Error for headers that don't fit together."""
    customer_key = customer_key_of(headers)
    algorithm, key_id = headers.get(SSE), headers.get(KEY_ID)
    if customer_key:
        if algorithm:
            message = (
                "Server Side Encryption with Customer provided key is incompatible with the "
                "encryption method specified"
            )
            raise invalid_argument(message, SSE, algorithm)
        if len(customer_key.key) != CUSTOMER_KEY_BYTES:
            raise invalid_argument(INVALID_KEY, SSE, "null")
        return Settings(SSE_C, customer_key=customer_key)
    if algorithm is not None and algorithm not in ALGORITHMS:
        raise invalid_argument("The encryption method specified is not supported", SSE, algorithm)
    if key_id and algorithm not in (KMS, DSSE):
        message = (
            f"Server Side Encryption with AWS KMS managed key requires HTTP header {SSE} : aws:kms"
        )
        raise invalid_argument(message, SSE, algorithm or "null")
    if not algorithm:
        algorithm, key_id = default.algorithm, default.kms_key_id
    bucket_key = headers.get(BUCKET_KEY)
    enabled = _true_or_false(bucket_key) if bucket_key else default.bucket_key_enabled
    return Settings(
        algorithm,
        key_id or None,
        bucket_key_enabled=enabled and algorithm == KMS,
        encryption_context=_context(headers.get(CONTEXT)) if algorithm != AES256 else {},
    )


def _true_or_false(text: str) -> bool:
    if str(text).lower() not in ("true", "false"):
        raise invalid_argument("The bucket key setting is true or false.", BUCKET_KEY, str(text))
    return str(text).lower() == "true"


def _context(header: str | None) -> dict[str, str]:
    if not header:
        return {}
    try:
        pairs = json.loads(base64.b64decode(header, validate=True))
        if not isinstance(pairs, dict) or not all(isinstance(v, str) for v in pairs.values()):
            raise ValueError(header)
    except (ValueError, RecursionError) as error:
        message = (
            f"The header '{CONTEXT}' shall be Base64-encoded UTF-8 string holding JSON which "
            "represents a string-string map"
        )
        raise invalid_argument(message, CONTEXT, header) from error
    return pairs


def customer_key_of(headers: Headers, prefix: str = CUSTOMER) -> CustomerKey | None:
    """The customer's key in a request, or None. Raises S3Error for an incomplete or bad one.

    Its length is for whoever encrypts with it: to read, a key of another length is a wrong key.
    All errors name the same argument, as AWS's do.
    """
    algorithm, key, md5 = (headers.get(f"{prefix}-{n}") for n in ("algorithm", "key", "key-MD5"))
    if not (algorithm or key or md5):
        return None
    start = "Requests specifying Server Side Encryption with Customer provided keys must provide"
    if not algorithm:
        message = f"{start} a valid encryption algorithm."
        raise invalid_argument(message, SSE, "null")
    if algorithm != AES256:
        raise S3Error(
            "InvalidEncryptionAlgorithmError",
            "The Encryption request you specified is not valid. Supported value: AES256.",
            ArgumentName=SSE,
            ArgumentValue=algorithm,
        )
    if not key:
        message = f"{start} an appropriate secret key."
        raise invalid_argument(message, SSE, "null")
    if not md5:
        message = f"{start} the client calculated MD5 of the secret key."
        raise invalid_argument(message, SSE, "null")
    try:
        plain = base64.b64decode(key, validate=True)
    except ValueError as error:
        raise invalid_argument(INVALID_KEY, SSE, "null") from error
    digest = Hash(MD5())
    digest.update(plain)
    if not bytes_eq(base64.b64encode(digest.finalize()), str(md5).encode()):
        message = "The calculated MD5 hash of the key did not match the hash that was provided."
        raise invalid_argument(message, SSE, "null")
    return CustomerKey(plain, md5)


def check_reading(headers: Headers, algorithm: str, customer_key: CustomerKey | None) -> None:
    """Whether a request to read an object has the encryption headers it needs, and no others."""
    for name in (SSE, KEY_ID, CONTEXT):
        if headers.get(name):
            message = f"{name} header is not supported for this operation."
            raise invalid_argument(message, name, headers.get(name))
    check_customer_key(algorithm, customer_key)


def check_customer_key(algorithm: str, customer_key: CustomerKey | None) -> None:
    """Whether a customer's key is there if the object needs one, and only then."""
    if algorithm == SSE_C and customer_key is None:
        raise invalid_request(
            "The object was stored using a form of Server Side Encryption. The correct parameters "
            "must be provided to retrieve the object."
        )
    if algorithm != SSE_C and customer_key is not None:
        raise invalid_request("The encryption parameters are not applicable to this object.")
