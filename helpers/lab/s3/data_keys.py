"""The keys under which objects lie at rest: from KMS, from S3 itself, or from the customer.

SSE-KMS: KMS makes a data key for the object and keeps nothing; the encrypted one stays with the
object. With a bucket key KMS makes a key for the bucket, and S3 the objects' keys under it.
SSE-S3: a key for the object under S3's own root key. DSSE-KMS: both, one layer each.
SSE-C: the customer's key, of which only a salted HMAC is kept.
Source: S3 User Guide, "Using server-side encryption with AWS KMS keys", "Reducing the cost of
SSE-KMS with Amazon S3 Bucket Keys", "... dual-layer server-side encryption", "... with
customer-provided keys". How S3 wraps keys inside is not published; here AES-256-GCM does it.
"""

import os
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from ..caller import Caller
from ..clock import clock
from .asking import ASKING, AWS_MANAGED_KEY, ask_kms, caller_for, decrypt_data_key
from .errors import access_denied, internal_error
from .settings import AES256, KMS, SSE_C, CustomerKey, Settings, check_customer_key

KEY_BYTES = 32
NONCE_BYTES = 12
# How long S3 uses a bucket key before it asks KMS again. AWS says "time-limited", no more.
BUCKET_KEY_LIFETIME = timedelta(minutes=5)
ARN = "aws:s3:arn"


@dataclass(frozen=True)
class Protection:
    """How one object is protected: what stays with it, none of it secret.

    ``encrypted_data_key`` is KMS's ciphertext blob: the object's data key, or the bucket key.
    ``wrapped_key`` is a key that S3 made, under the bucket key or S3's root key.
    """

    algorithm: str
    key_arn: str = ""
    encryption_context: dict[str, str] = field(default_factory=dict)
    encrypted_data_key: bytes = b""
    bucket_key_enabled: bool = False
    wrapped_key: bytes = b""
    customer_key_md5: str = ""
    customer_key_salt: bytes = b""
    customer_key_hmac: bytes = b""


class BucketKey(NamedTuple):
    """A bucket-level key while S3 keeps it, for one requester."""

    key_arn: str
    encrypted: bytes
    plaintext: bytes
    expires: datetime


class Keyring:
    """S3's own keys in one account: the root key, and bucket keys for as long as they live."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self._root_key = os.urandom(KEY_BYTES)
        self._bucket_keys: dict[Any, BucketKey] = {}

    def make(
        self, settings: Settings, bucket: Any, key_name: str
    ) -> tuple[Protection, list[bytes]]:
        """A new object's protection, and the data keys of its layers. Raises S3Error."""
        if settings.customer_key:
            return _by_customer(settings.customer_key), [settings.customer_key.key]
        if settings.algorithm == AES256:
            key = os.urandom(KEY_BYTES)
            return Protection(AES256, wrapped_key=_wrap(self._root_key, key)), [key]
        if settings.bucket_key_enabled:
            return self._under_bucket_key(settings, bucket)
        context = {**settings.encryption_context, ARN: object_arn(bucket, key_name)}
        reply = self._generate(settings, bucket, context)
        protection = Protection(
            settings.algorithm, reply["KeyId"], context, reply["CiphertextBlob"]
        )
        _remember(reply["CiphertextBlob"], reply["Plaintext"])
        if settings.algorithm == KMS:
            return protection, [reply["Plaintext"]]
        second = os.urandom(KEY_BYTES)
        wrapped = _wrap(self._root_key, second)
        return replace(protection, wrapped_key=wrapped), [reply["Plaintext"], second]

    def open(
        self, protection: Protection, bucket: Any, customer_key: CustomerKey | None = None
    ) -> list[bytes]:
        """The data keys of an object's layers. Raises S3Error."""
        check_customer_key(protection.algorithm, customer_key)
        if customer_key:
            if not is_the_key(customer_key, protection):
                raise access_denied(
                    "Requests specifying Server Side Encryption with Customer provided keys must "
                    "provide the correct secret key."
                )
            return [customer_key.key]
        if protection.algorithm == AES256:
            return [_unwrap(self._root_key, protection.wrapped_key)]
        if protection.bucket_key_enabled:
            bucket_key = self._read_bucket_key(protection, bucket)
            return [_unwrap(bucket_key, protection.wrapped_key)]
        data_key = self._decrypt(protection, bucket)
        if protection.algorithm == KMS:
            return [data_key]
        return [data_key, _unwrap(self._root_key, protection.wrapped_key)]

    def move(
        self, protection: Protection, bucket: Any, key_name: str, settings: Settings
    ) -> Protection:
        """The same data key under another KMS key or a bucket key (UpdateObjectEncryption)."""
        context = {ARN: object_arn(bucket, key_name)}
        here = {"account_id": self.account_id, "region": bucket.region_name}
        if not settings.bucket_key_enabled and (
            protection.algorithm == KMS and not protection.bucket_key_enabled
        ):
            members = {
                "CiphertextBlob": protection.encrypted_data_key,
                "SourceKeyId": protection.key_arn,
                "SourceEncryptionContext": protection.encryption_context,
                "DestinationKeyId": settings.kms_key_id,
                "DestinationEncryptionContext": context,
            }
            reply = ask_kms("ReEncrypt", members, **here)
            return Protection(KMS, reply["KeyId"], context, reply["CiphertextBlob"])
        (data_key,) = self.open(protection, bucket)
        if settings.bucket_key_enabled:
            bucket_key = self._bucket_key(settings, bucket)
            return self._wrapped(bucket_key, settings, bucket, data_key)
        members = {
            "KeyId": settings.kms_key_id,
            "Plaintext": data_key,
            "EncryptionContext": context,
        }
        reply = ask_kms("Encrypt", members, **here)
        return Protection(KMS, reply["KeyId"], context, reply["CiphertextBlob"])

    def _generate(self, settings: Settings, bucket: Any, context: dict[str, str]) -> dict[str, Any]:
        members = {
            "KeyId": settings.kms_key_id or AWS_MANAGED_KEY,
            "KeySpec": "AES_256",
            "EncryptionContext": context,
        }
        return ask_kms(
            "GenerateDataKey", members, account_id=self.account_id, region=bucket.region_name
        )

    def _decrypt(self, protection: Protection, bucket: Any) -> bytes:
        return decrypt_data_key(
            protection.encrypted_data_key,
            protection.key_arn,
            protection.encryption_context,
            account_id=self.account_id,
            region=bucket.region_name,
        )

    def _under_bucket_key(self, settings: Settings, bucket: Any) -> tuple[Protection, list[bytes]]:
        key = os.urandom(KEY_BYTES)
        return self._wrapped(self._bucket_key(settings, bucket), settings, bucket, key), [key]

    def _wrapped(
        self, bucket_key: BucketKey, settings: Settings, bucket: Any, key: bytes
    ) -> Protection:
        return Protection(
            KMS,
            bucket_key.key_arn,
            {**settings.encryption_context, ARN: bucket.arn},
            bucket_key.encrypted,
            bucket_key_enabled=True,
            wrapped_key=_wrap(bucket_key.plaintext, key),
        )

    def _bucket_key(self, settings: Settings, bucket: Any) -> BucketKey:
        """The bucket key for writing: KMS makes one for each requester, from time to time."""
        pairs = tuple(sorted(settings.encryption_context.items()))
        place = ("write", bucket.name, settings.kms_key_id, pairs, self._requester(bucket))
        found = self._kept(place)
        if not found:
            context = {**settings.encryption_context, ARN: bucket.arn}
            reply = self._generate(settings, bucket, context)
            found = self._keep(place, reply["KeyId"], reply["CiphertextBlob"], reply["Plaintext"])
        _remember(found.encrypted, found.plaintext)
        return found

    def _read_bucket_key(self, protection: Protection, bucket: Any) -> bytes:
        """The bucket key of an object: KMS decrypts it for each requester, from time to time."""
        encrypted = protection.encrypted_data_key
        place = ("read", encrypted, self._requester(bucket))
        found = self._kept(place)
        if not found:
            plaintext = self._decrypt(protection, bucket)
            found = self._keep(place, protection.key_arn, encrypted, plaintext)
        return found.plaintext

    def _kept(self, place: Any) -> BucketKey | None:
        found = self._bucket_keys.get(place)
        return found if found and clock.now() < found.expires else None

    def _keep(self, place: Any, key_arn: str, encrypted: bytes, plaintext: bytes) -> BucketKey:
        now = clock.now()
        alive = {p: key for p, key in list(self._bucket_keys.items()) if now < key.expires}
        made = BucketKey(key_arn, encrypted, plaintext, now + BUCKET_KEY_LIFETIME)
        self._bucket_keys = alive | {place: made}
        return made

    def _requester(self, bucket: Any) -> Any:
        """Who counts as one requester: a user, a role, a role with a session policy."""
        caller: Caller = caller_for(self.account_id, bucket.region_name)
        return caller.role_arn or caller.arn, caller.session_policies


def object_arn(bucket: Any, key_name: str) -> str:
    return f"{bucket.arn}/{key_name}"


def _by_customer(customer_key: CustomerKey) -> Protection:
    salt = os.urandom(KEY_BYTES)
    return Protection(
        SSE_C,
        customer_key_md5=customer_key.md5,
        customer_key_salt=salt,
        customer_key_hmac=_hmac(salt, customer_key.key).finalize(),
    )


def is_the_key(customer_key: CustomerKey, protection: Protection) -> bool:
    """Whether this is the customer's key that the object was encrypted with."""
    try:
        _hmac(protection.customer_key_salt, customer_key.key).verify(protection.customer_key_hmac)
    except InvalidSignature:
        return False
    return True


def _hmac(salt: bytes, key: bytes) -> HMAC:
    proof = HMAC(salt, SHA256())
    proof.update(key)
    return proof


def _wrap(wrapping_key: bytes, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(wrapping_key).encrypt(nonce, key, None)


def _unwrap(wrapping_key: bytes, wrapped_key: bytes) -> bytes:
    try:
        nonce, sealed = wrapped_key[:NONCE_BYTES], wrapped_key[NONCE_BYTES:]
        return AESGCM(wrapping_key).decrypt(nonce, sealed, None)
    except InvalidTag as error:
        raise internal_error() from error


def _remember(encrypted: bytes, plaintext: bytes) -> None:
    """Within one request KMS need not decrypt what it has just made."""
    if asking := ASKING.get():
        asking.data_keys[encrypted] = plaintext
