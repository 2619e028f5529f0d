"""Encrypting what is written: how, under which data key, with which ETag."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cryptography.hazmat.primitives.hashes import MD5, Hash
from moto.moto_api._internal import mock_random

from . import configuration
from .asking import ASKING
from .chunks import Chunks
from .cipher import Body, Buffer, seal
from .data_keys import Protection
from .objects import Content, Stored, keyring_of
from .settings import AES256, CustomerKey, Headers, Settings, settings_of

# What lies in the body of a request, or comes from another object.
Plaintext = bytes | Content | Chunks


def settings_for(bucket: Any, without_request: dict[str, Any]) -> Settings:
    """How a new object is encrypted. Services of moto that write one have no request."""
    asking = ASKING.get()
    headers: Headers = asking.headers if asking else without_request
    return settings_of(headers, configuration.default_of(bucket))


def request_headers() -> Headers:
    asking = ASKING.get()
    return asking.headers if asking else {}


def answer_with(headers: dict[str, str]) -> None:
    """Headers that the answer to the request at hand is to have."""
    if asking := ASKING.get():
        asking.answer |= headers


def open_keys(bucket: Any, protection: Protection, customer_key: CustomerKey | None) -> list[bytes]:
    return keyring_of(bucket.account_id, bucket.region_name).open(protection, bucket, customer_key)


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
    pieces = [plaintext] if isinstance(plaintext, bytes) else plaintext.pieces()
    if not with_md5:
        return seal(keys, pieces), mock_random.get_random_hex(32)
    digest = Hash(MD5())
    body = seal(keys, _hashed(pieces, digest))
    return body, digest.finalize().hex()


def _hashed(pieces: Iterable[Buffer], digest: Hash) -> Iterator[Buffer]:
    for piece in pieces:
        digest.update(piece)
        yield piece
