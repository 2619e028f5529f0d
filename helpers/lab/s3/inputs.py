"""What a request may not say: S3's refusals, in S3's words. moto takes most of it as given.

Source: S3 API reference, "Error responses" and the operations; S3 User Guide, "Naming Amazon S3
objects", "Checking object integrity for data uploads".
"""

import base64
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import xmltodict
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256, Hash
from moto.core.utils import str_to_rfc_1123_datetime
from moto.s3.exceptions import PreconditionFailed

from .cipher import Buffer
from .errors import S3Error, invalid_argument, invalid_request, malformed_xml
from .settings import Headers

KEY_NAME_BYTES = 1024
METADATA_BYTES = 2048
PART_NUMBERS = range(1, 10_001)

# Algorithm -> length of the checksum. Those that the lab can't compute are taken as they come.
CHECKSUMS = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
_HASHES = {"MD5": MD5, "SHA1": SHA1, "SHA256": SHA256}

_COUNTS = ("max-keys", "max-parts", "max-uploads")
# What POST is for, of an object.
_POSTED = {"uploads", "uploadId", "restore", "select"}
_COPY_RANGE = re.compile(r"bytes=(\d+)-(\d+)", re.ASCII)


def check_query(query: Mapping[str, Sequence[str]]) -> None:
    """Raise S3Error for numbers that are none."""
    if "partNumber" in query:
        found = query["partNumber"][0]
        if not found.isdecimal() or int(found) not in PART_NUMBERS:
            message = "Part number must be an integer between 1 and 10000, inclusive"
            raise invalid_argument(message, "partNumber", found)
    for name in _COUNTS:
        if name in query and not query[name][0].isdecimal():
            message = f"Provided {name} not an integer or within integer range"
            raise invalid_argument(message, name, query[name][0])


def check_object(
    method: str, headers: Headers, query: Mapping[str, Sequence[str]], key_name: str
) -> None:
    """Raise S3Error for what no request for an object may say."""
    size = len(key_name.encode())
    if size > KEY_NAME_BYTES:
        limit = {"Size": str(size), "MaxSizeAllowed": str(KEY_NAME_BYTES)}
        raise S3Error("KeyTooLongError", "Your key is too long", **limit)
    if method == "POST" and not _POSTED & query.keys():
        raise S3Error(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            405,
            Method="POST",
            ResourceType="OBJECT",
        )
    if "partNumber" in query and method in ("GET", "HEAD") and headers.get("range"):
        raise invalid_request("Cannot specify both Range header and partNumber query parameter")
    source = headers.get("x-amz-copy-source")
    if source and "/" not in str(source).lstrip("/").partition("?")[0].replace("%2F", "/"):
        message = "Invalid copy source object key"
        raise invalid_argument(message, "x-amz-copy-source", str(source))


def listed_objects(body: bytes) -> list[dict[str, str]]:
    """The objects that DeleteObjects is to delete. Raises S3Error."""
    found = (xmltodict.parse(body, strip_whitespace=False).get("Delete") or {}).get("Object")
    objects = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) and each.get("Key") for each in objects):
        raise malformed_xml()
    return objects


def check_form(headers: Headers, form: Mapping[str, Any]) -> None:
    """Raise S3Error for a POST to a bucket that is no upload."""
    if not str(headers.get("Content-Type")).startswith("multipart/form-data"):
        raise S3Error(
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
            Condition="Bucket POST must be of the enclosure-type multipart/form-data",
        )
    if not form.get("key"):
        message = (
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the "
            "order of the fields."
        )
        raise invalid_argument(message, "key")


def post_answer(bucket_name: str, key_name: str, etag: str) -> str:
    """What a form is told that asked for it (success_action_status 201)."""
    location = f"https://{bucket_name}.s3.amazonaws.com/{quote(key_name, safe='')}"
    answer = {"Location": location, "Bucket": bucket_name, "Key": key_name, "ETag": etag}
    inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in answer.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{inside}</PostResponse>'


def retention_answer(key: Any) -> str:
    """The answer to GetObjectRetention. Raises S3Error for an object that has none."""
    if not key.lock_mode:
        message = "The specified object does not have a ObjectLock configuration"
        raise S3Error("NoSuchObjectLockConfiguration", message, 404)
    until = f"<RetainUntilDate>{key.lock_until}</RetainUntilDate>"
    return f"<Retention><Mode>{key.lock_mode}</Mode>{until}</Retention>"


def check_metadata(headers: Mapping[str, str]) -> None:
    """Raise S3Error for more user-defined metadata than S3 keeps."""
    start = "x-amz-meta-"
    given = [(n, v) for n, v in headers.items() if n.lower().startswith(start)]
    size = sum(len(name) - len(start) + len(str(value).encode()) for name, value in given)
    if size > METADATA_BYTES:
        message = "Your metadata headers exceed the maximum allowed metadata size"
        limit = {"Size": str(size), "MaxSizeAllowed": str(METADATA_BYTES)}
        raise S3Error("MetadataTooLarge", message, **limit)


def checksum_of(headers: Headers) -> tuple[str, str]:
    """Algorithm and checksum that a request's header gives, in base64; empty if none does."""
    for algorithm in CHECKSUMS:
        if found := headers.get(f"x-amz-checksum-{algorithm.lower()}"):
            return algorithm, str(found)
    return "", ""


def checksum_headers(key: Any) -> dict[str, str]:
    """How S3 tells an object's checksum: one that was made of the parts' says of how many."""
    if not key.checksum_algorithm or not key.checksum_type:
        return {}
    parts = f"-{key.checksum_parts}" if key.checksum_type == "COMPOSITE" else ""
    return {
        f"x-amz-checksum-{key.checksum_algorithm.lower()}": f"{key.checksum_value}{parts}",
        "x-amz-checksum-type": key.checksum_type,
    }


def check_digests(headers: Headers, pieces: Iterable[Buffer]) -> None:
    """Raise S3Error unless the body is the one whose digests the headers give."""
    if md5 := headers.get("Content-MD5"):
        told = _decoded(md5)
        if len(told) != MD5.digest_size:
            raise S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.")
        if not bytes_eq(told, _digest("MD5", pieces)):
            message = "The Content-MD5 you specified did not match what we received."
            raise S3Error("BadDigest", message, ExpectedDigest=told.hex())
    algorithm, value = checksum_of(headers)
    if not algorithm:
        return
    told = _decoded(value)
    if len(told) != CHECKSUMS[algorithm]:
        raise invalid_request(f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.")
    if algorithm not in ("CRC32", *_HASHES):
        return
    if not bytes_eq(told, _digest(algorithm, pieces)):
        message = f"The {algorithm} you specified did not match the calculated checksum."
        raise S3Error("BadDigest", message)


def check_copy_conditions(headers: Headers, etag: str, modified: datetime) -> None:
    """Raise PreconditionFailed unless the source of a copy is as the request expects."""
    start = "x-amz-copy-source-if-"
    match = headers.get(f"{start}match")
    before, since = (_date(headers.get(f"{start}{n}-since")) for n in ("unmodified", "modified"))
    # Dates have no parts of a second; an ETag says more than a date.
    modified = modified.replace(microsecond=0)
    if match and str(match).strip('"') != etag.strip('"'):
        raise PreconditionFailed(f"{start}Match")
    if before and not match and modified > before:
        raise PreconditionFailed(f"{start}Unmodified-Since")
    none_match = headers.get(f"{start}none-match")
    if since and not none_match and modified <= since:
        raise PreconditionFailed(f"{start}Modified-Since")


def copied_range(header: str, size: int) -> tuple[int, int]:
    """First and last byte of a part that is copied from an object of this size."""
    found = _COPY_RANGE.fullmatch(header)
    if not found:
        message = (
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy"
        )
        raise invalid_argument(message, "x-amz-copy-source-range", header)
    first, last = int(found[1]), int(found[2])
    if not first <= last < size:
        message = f"Range specified is not valid for source object of size: {size}"
        raise invalid_argument(message, "x-amz-copy-source-range", header)
    return first, last


def part_of(
    number: int, sizes: Sequence[int], headers: dict[str, Any], *, of_upload: bool
) -> tuple[int, int]:
    """Where a part begins and ends; the headers are made those of the part."""
    if number > len(sizes):
        message = "The requested partnumber is not satisfiable"
        details = {"PartNumberRequested": str(number), "ActualPartCount": str(len(sizes))}
        raise S3Error("InvalidPartNumber", message, 416, **details)
    begin = sum(sizes[: number - 1])
    end = begin + sizes[number - 1]
    headers["content-length"] = str(end - begin)
    if end > begin:
        headers["content-range"] = f"bytes {begin}-{end - 1}/{sum(sizes)}"
    if of_upload:
        headers["x-amz-mp-parts-count"] = str(len(sizes))
    return begin, end


def _date(text: str | None) -> datetime | None:
    """A date in a header; one that can't be read is none (RFC 9110, 13.1.3)."""
    try:
        return str_to_rfc_1123_datetime(text) if text else None
    except ValueError:
        return None


def _digest(algorithm: str, pieces: Iterable[Buffer]) -> bytes:
    if algorithm == "CRC32":
        value = 0
        for piece in pieces:
            value = zlib.crc32(piece, value)
        return value.to_bytes(4, "big")
    digest = Hash(_HASHES[algorithm]())
    for piece in pieces:
        digest.update(piece)
    return digest.finalize()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
