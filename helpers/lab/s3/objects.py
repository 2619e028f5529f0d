"""Objects as they are stored: ciphertext, and what is needed to open it. moto's object around it.

moto builds an object in two places, ``put_object`` and the upload of a part, and reads it through
its ``value``. ``LabKey`` takes the place of the class that it builds.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.hashes import MD5, Hash
from moto.s3 import models
from moto.s3.exceptions import EntityTooSmall, InvalidPart, InvalidPartOrder
from moto.s3.models import FakeKey, FakeMultipart, s3_backends
from moto.s3.utils import HAS_CRT, compute_checksum
from moto.utilities.utils import get_partition

from ..clock import clock
from ..envelopes import Damaged
from .asking import ASKING
from .cipher import Body, seal, unseal, unseal_into
from .data_keys import Keyring, Protection
from .errors import internal_error, malformed_xml
from .settings import (
    BUCKET_KEY,
    CUSTOMER,
    DSSE,
    KEY_ID,
    KMS,
    SSE,
    SSE_C,
    CustomerKey,
    Settings,
    customer_key_of,
)

# Checksums that are computed here; moto puts CRC32 in the place of one whose library is missing.
COMPUTED = {"CRC32", "SHA1", "SHA256"}
COMPUTED |= {"CRC64NVME"} if HAS_CRT else set()
COMPUTED |= {"CRC32C"} if find_spec("crc32c") else set()


@dataclass
class Stored:
    """An object at rest: its protection, and one body (of a multipart upload: one a part)."""

    protection: Protection
    bodies: list[Body]

    @property
    def size(self) -> int:
        """Bytes of plaintext."""
        return sum(body.size for body in self.bodies)

    def close(self) -> None:
        for body in self.bodies:
            body.close()


class Content:
    """An object's plaintext, which is decrypted as it is read: whole, in pieces or as a slice."""

    def __init__(self, stored: Stored, keys: Sequence[bytes], *, of_upload: bool = False) -> None:
        # Whether it was uploaded in parts.
        self.of_upload = of_upload
        self._bodies = stored.bodies
        self._keys = keys
        self._size = stored.size

    @property
    def part_sizes(self) -> list[int]:
        """The sizes of the parts of a multipart upload; else one."""
        return [body.size for body in self._bodies]

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._size)
        # Decrypted in place: a large object is in memory once.
        plaintext = BytesIO(bytes(max(stop - start, 0)))
        with plaintext.getbuffer() as buffer, _faults_are_internal():
            for body, begin, first, end in self._within(start, stop):
                with buffer[begin + first - start : begin + end - start] as target:
                    unseal_into(target, self._keys, body, first)
        return plaintext.getvalue()  # no copy, now that nobody looks into the buffer

    def __bytes__(self) -> bytes:
        return self[:]

    def pieces(self) -> Iterator[bytes]:
        """All of it, piece by piece. Raises S3Error if what is at rest is damaged."""
        with _faults_are_internal():
            for body in self._bodies:
                yield from unseal(self._keys, body)

    def _within(self, start: int, stop: int) -> Iterator[tuple[Body, int, int, int]]:
        """The bodies between start and stop: where each begins, from where to where it is read."""
        begin = 0
        for body in self._bodies:
            first, end = max(start - begin, 0), min(stop - begin, body.size)
            if first < end or not self._size:
                yield body, begin, first, max(end, first)
            begin += body.size


@contextmanager
def _faults_are_internal() -> Iterator[None]:
    """What is damaged at rest is no fault of the caller's. Raises S3Error for it."""
    try:
        yield
    except Damaged as error:
        raise internal_error() from error


class LabKey(FakeKey):
    """moto's object, with ciphertext where moto has the value."""

    stored: Stored
    is_twin = False

    def __new__(cls, *_: Any, **__: Any) -> "LabKey":
        # moto's would keep every object that there ever was.
        return object.__new__(cls)

    def __init__(self, name: str, value: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(name, value, *args, **kwargs)
        self.last_modified = clock.now().replace(tzinfo=None)

    @property
    def protection(self) -> Protection:
        return self.stored.protection

    @property  # type: ignore[override]
    def value(self) -> bytes:
        """The plaintext, for whoever asks at this moment."""
        asking = ASKING.get()
        if asking is None or self.protection.algorithm != SSE_C:
            return bytes(self.open())
        return bytes(self.open(customer_key_of(asking.headers)))

    @value.setter
    def value(self, new_value: Stored | bytes) -> None:
        if not isinstance(new_value, Stored):
            # What moto makes without asking S3 is encrypted by S3's own keys.
            keyring = keyring_of(self.account_id, self.region_name)
            protection, keys = keyring.make(Settings(), None, str(self.name))
            new_value = Stored(protection, [seal(keys, [new_value])])
        self.stored = new_value
        self.contentsize = new_value.size

    def open(self, customer_key: CustomerKey | None = None) -> Content:
        """Open the data key, so that the content can be read. Raises S3Error."""
        bucket = s3_backends[self.account_id][self.partition].get_bucket(str(self.bucket_name))
        keyring = keyring_of(bucket.account_id, bucket.region_name)
        keys = keyring.open(self.protection, bucket, customer_key)
        return Content(self.stored, keys, of_upload=bool(self.multipart))

    @property
    def response_dict(self) -> dict[str, Any]:  # type: ignore[override]
        return super().response_dict | encryption_headers(self.protection)

    def __deepcopy__(self, memo: Any) -> "LabKey":
        """For a listing, which changes none of what both now share."""
        twin = object.__new__(type(self))
        twin.__dict__ = self.__dict__ | {"is_twin": True}
        return twin

    def dispose(self, garbage: bool = False) -> None:
        """The object is gone from its bucket. Who is reading it reads on; then its bytes go."""
        if not self.is_twin:
            self._value_buffer.close()
            self.disposed = True


class LabMultipart(FakeMultipart):
    """An upload in parts: all parts lie under the data key that was made when it began."""

    protection: Protection
    # Whether the request that began it named an encryption.
    was_asked = False
    # The data key in plaintext, as long as the upload is being completed.
    keys: Sequence[bytes] = ()

    def __new__(cls, *_: Any, **__: Any) -> "LabMultipart":
        return object.__new__(cls)

    @property
    def composite_checksum(self) -> str:
        """The algorithm of the parts' checksums, if the upload's is made from theirs."""
        whole = self.metadata.get("x-amz-checksum-type") == "FULL_OBJECT"
        return "" if whole else self.checksum_algorithm

    @property
    def checksum_algorithm(self) -> str:
        """The algorithm of the upload's checksum, if the lab can compute it: better none than a
        false one."""
        algorithm = self.metadata.get("x-amz-checksum-algorithm") or ""
        return algorithm if algorithm in COMPUTED else ""

    def complete(self, body: Iterator[tuple[int, str]]) -> Any:
        """The object, its ETag and checksum. The bodies of the parts become the object's."""
        parts = list(self._chosen(body))
        stored = Stored(self.protection, [b for part in parts for b in part.stored.bodies])
        checksum = self._checksum(parts, stored)
        digest = Hash(MD5())
        for part in parts:
            digest.update(bytes.fromhex(part.etag.strip('"')))
            part.stored = Stored(self.protection, [])
        return stored, f"{digest.finalize().hex()}-{len(parts)}", checksum

    def _chosen(self, body: Iterator[tuple[int, str]]) -> Iterator[LabKey]:
        """The parts that the request names. Raises S3's errors."""
        previous, last = 0, None
        for number, etag in body:
            part: Any = self.parts.get(number)
            if number <= previous:
                raise InvalidPartOrder
            if part is None or part.etag.strip('"') != etag.strip('"'):
                raise InvalidPart
            if last is not None and last.contentsize < models.S3_UPLOAD_PART_MIN_SIZE:
                raise EntityTooSmall
            yield part
            previous, last = number, part
        if last is None:
            raise malformed_xml()

    def _checksum(self, parts: list[LabKey], stored: Stored) -> tuple[str, str, int] | None:
        if algorithm := self.composite_checksum:
            together = b"".join(vars(part)["checksum_bytes"] for part in parts)
            return "COMPOSITE", compute_checksum(together, algorithm).decode(), len(parts)
        algorithm = self.checksum_algorithm
        if not algorithm or not self.keys:
            return None
        whole = bytes(Content(stored, self.keys))
        return "FULL_OBJECT", compute_checksum(whole, algorithm).decode(), 1


class Reading:
    """An object that is being read: moto's, but its ``value`` is decrypted piece by piece."""

    def __init__(self, key: LabKey, customer_key: CustomerKey | None) -> None:
        self._key = key
        self.value = key.open(customer_key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)


def keyring_of(account_id: str, region: str) -> Keyring:
    """S3's own keys in an account."""
    keyring: Keyring = vars(s3_backends[account_id][get_partition(region)]).setdefault(
        "keyring", Keyring(account_id)
    )
    return keyring


def encryption_headers(protection: Protection) -> dict[str, str]:
    """How S3 tells a caller the encryption of an object."""
    if protection.algorithm == SSE_C:
        return {
            f"{CUSTOMER}-algorithm": "AES256",
            f"{CUSTOMER}-key-MD5": protection.customer_key_md5,
        }
    headers = {SSE: protection.algorithm}
    if protection.algorithm in (KMS, DSSE):
        headers[KEY_ID] = protection.key_arn
    if protection.bucket_key_enabled:
        headers[BUCKET_KEY] = "true"
    return headers
