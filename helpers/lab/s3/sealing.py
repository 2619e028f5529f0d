"""Encrypting what is written: how, under which data key, with which ETag."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cryptography.hazmat.primitives.hashes import MD5, Hash
from moto.moto_api._internal import mock_random

from . import configuration
from .asking import ASKING
from .chunks import Chunks
from .cipher import Body, Buffer, seal
from .data_keys import Protection, is_the_key, object_arn
from .errors import S3Error, access_denied, invalid_request
from .objects import Content, LabMultipart, Stored, keyring_of
from .settings import AES256, SSE_C, CustomerKey, Headers, Settings, settings_of

# What lies in the body of a request, or comes from another object.
# Text comes from services of moto.
Plaintext = bytes | str | Content | Chunks


def settings_for(bucket: Any, key_name: str, without_request: dict[str, Any]) -> Settings:
    """How a new object is encrypted. Services of moto that write one have no request."""
    asking = ASKING.get()
    headers: Headers = asking.headers if asking else without_request
    default = configuration.default_of(bucket)
    settings = settings_of(headers, default)
    if settings.algorithm in default.blocked:
        raise _blocked(bucket, key_name)
    return settings


def _blocked(bucket: Any, key_name: str) -> S3Error:
    """Source: S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors"."""
    asking = ASKING.get()
    if not asking or not asking.caller or asking.caller.account_id != bucket.account_id:
        return access_denied()
    return access_denied(
        f"User: {asking.caller.arn} is not authorized to perform: s3:PutObject on resource: "
        f'"{object_arn(bucket, key_name)}" because this bucket has blocked upload requests that '
        "specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a "
        "different server-side encryption type"
    )


def request_headers() -> Headers:
    asking = ASKING.get()
    return asking.headers if asking else {}


def answer_with(headers: dict[str, str]) -> None:
    """Headers that the answer to the request at hand is to have."""
    if asking := ASKING.get():
        asking.answer |= headers


def open_keys(bucket: Any, protection: Protection, customer_key: CustomerKey | None) -> list[bytes]:
    return keyring_of(bucket.account_id, bucket.region_name).open(protection, bucket, customer_key)


def open_upload(bucket: Any, upload: LabMultipart, customer_key: CustomerKey | None) -> list[bytes]:
    """The data keys for a part: it must come with the customer's key that the upload began with."""
    protection = upload.protection
    if customer_key and SSE_C in configuration.default_of(bucket).blocked:
        raise _blocked(bucket, str(upload.key_name))
    if protection.algorithm == SSE_C and customer_key:
        if not is_the_key(customer_key, protection):
            raise invalid_request(
                "The provided encryption parameters did not match the ones used originally."
            )
    elif protection.algorithm == SSE_C or customer_key:
        raise invalid_request(
            "The multipart upload initiate requested encryption. Subsequent part requests must "
            "include the appropriate encryption parameters."
        )
    return open_keys(bucket, protection, customer_key)


def seal_object(
    bucket: Any, key_name: str, settings: Settings, plaintext: Plaintext
) -> tuple[Stored, str]:
    """Encrypt a new object; return it with its ETag. KMS's refusal leaves nothing behind."""
    keyring = keyring_of(bucket.account_id, bucket.region_name)
    protection, keys = keyring.make(settings, bucket, key_name)
    body, etag = seal_body(keys, plaintext, with_md5=protection.algorithm == AES256)
    return Stored(protection, [body]), etag


def seal_body(keys: Sequence[bytes], plaintext: Plaintext, *, with_md5: bool) -> tuple[Body, str]:
    """A body and its ETag: the MD5 of the plaintext with SSE-S3, else a number that means nothing.

    Source: S3 API reference, "Object": the ETag is no MD5 with SSE-C, SSE-KMS and DSSE-KMS.
    """
    if isinstance(plaintext, str):
        plaintext = plaintext.encode()
    pieces = plaintext.pieces() if isinstance(plaintext, Content | Chunks) else [plaintext]
    if not with_md5:
        return seal(keys, pieces), mock_random.get_random_hex(32)
    digest = Hash(MD5())
    body = seal(keys, _hashed(pieces, digest))
    return body, digest.finalize().hex()


def _hashed(pieces: Iterable[Buffer], digest: Hash) -> Iterator[Buffer]:
    for piece in pieces:
        digest.update(piece)
        yield piece
