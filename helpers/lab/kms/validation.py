"""Requests checked against botocore's service model, in AWS's words.

KMS checks the form of a request before it looks at any key: members that are missing, too
long, out of range or no value of their enum give a ValidationException which counts and
lists them. Blobs are never quoted. Member names appear in lower camel case.
Source: botocore's ``kms/2014-11-01/service-2.json``; recorded answers of AWS.
"""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Any

from botocore.loaders import Loader
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    ServiceModel,
    Shape,
    StructureShape,
)

from .exceptions import KmsError

# AWS lists some enums in an order of its own.
ENUM_ORDER = {
    "EncryptionAlgorithmSpec": [
        "RSAES_OAEP_SHA_1",
        "RSAES_OAEP_SHA_256",
        "SM2PKE",
        "SYMMETRIC_DEFAULT",
    ],
    "MacAlgorithmSpec": ["HMAC_SHA_384", "HMAC_SHA_256", "HMAC_SHA_224", "HMAC_SHA_512"],
    "KeyUsageType": [
        "ENCRYPT_DECRYPT",
        "SIGN_VERIFY",
        "GENERATE_VERIFY_MAC",
        "KEY_AGREEMENT",
        "ENCAPSULATE_DECAPSULATE",
    ],
}

_WIRE_TYPES = {
    "string": str,
    "boolean": bool,
    "blob": str,
    "structure": dict,
    "list": list,
    "map": dict,
}


_model: ServiceModel | None = None


def use_loader(loader: Loader) -> None:
    """Read KMS's service model with this loader, best one that has it in memory already."""
    global _model
    _model = ServiceModel(loader.load_service_model("kms", "service-2"), "kms")


def operation_model(operation: str) -> OperationModel:
    """The model of one operation. Raises botocore's OperationNotFoundError."""
    if _model is None:
        use_loader(Loader())
    assert _model is not None
    return _model.operation_model(operation)


def parse_request(operation: str, document: Any) -> dict[str, Any]:
    """Return the request's known members, blobs decoded from base64.

    Raises KmsError: SerializationException for a wrong JSON type, ValidationException for
    members that break a constraint of the model.
    """
    shape = operation_model(operation).input_shape
    if shape is None:
        return {}
    problems: list[str] = []
    parsed = _read(shape, document, "", problems)
    if problems:
        errors = "error" if len(problems) == 1 else "errors"
        found = f"{len(problems)} validation {errors} detected: " + "; ".join(problems)
        raise KmsError("ValidationException", found)
    return parsed


def _read(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    """Convert one JSON value to the shape's Python value, noting every broken constraint."""
    if shape.type_name == "integer":
        value = _integer(value)
    elif shape.type_name == "timestamp":
        return _timestamp(value)
    elif not isinstance(value, _WIRE_TYPES[shape.type_name]):
        raise _wrong_type(value, shape.type_name.capitalize())
    if isinstance(shape, StructureShape):
        return _read_structure(shape, value, path, problems)
    if isinstance(shape, ListShape):
        _check_length(shape, value, path, problems)
        return [
            _read(shape.member, item, f"{path}.{index}.member", problems)
            for index, item in enumerate(value, start=1)
        ]
    if isinstance(shape, MapShape):
        return {name: _read(shape.value, item, path, problems) for name, item in value.items()}
    if shape.type_name == "blob":
        value = _blob(value)
    _check_scalar(shape, value, path, problems)
    return value


def _integer(value: Any) -> int:
    # JSON has one kind of number: 7.0 is as good as 7. true is not, nor is NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _wrong_type(value, "Integer")
    return int(value)


def _timestamp(value: Any) -> datetime:
    """Seconds since 1970, as AWS's JSON protocol sends dates."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise _wrong_type(value, "Timestamp") from error


def _wrong_type(value: Any, wanted: str) -> KmsError:
    message = f"{_json_type(value)} can not be converted to {wanted}"
    return KmsError("SerializationException", message)


def _read_structure(
    shape: StructureShape, value: dict[str, Any], path: str, problems: list[str]
) -> dict[str, Any]:
    parsed = {}
    for name, member in shape.members.items():
        member_path = f"{path}.{_camel(name)}" if path else _camel(name)
        if value.get(name) is not None:
            parsed[name] = _read(member, value[name], member_path, problems)
        elif name in shape.required_members:
            # A member that the model marks as sensitive is not even called null.
            subject = "Value" if member.metadata.get("sensitive") else "Value null"
            problems.append(
                f"{subject} at '{member_path}' failed to satisfy constraint: "
                "Member must not be null"
            )
    return parsed


def _check_scalar(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    limits = shape.metadata
    if shape.type_name == "integer":
        for bound, wrong, words in (
            ("min", int.__lt__, "greater than or equal to"),
            ("max", int.__gt__, "less than or equal to"),
        ):
            if bound in limits and wrong(value, limits[bound]):
                constraint = f"Member must have value {words} {limits[bound]}"
                problems.append(_failed(shape, value, path, constraint))
        return
    if shape.type_name in ("string", "blob"):
        _check_length(shape, value, path, problems)
    if shape.type_name == "string":
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            constraint = f"Member must satisfy regular expression pattern: {limits['pattern']}"
            problems.append(_failed(shape, value, path, constraint))
        if "enum" in limits and value not in limits["enum"]:
            order = ", ".join(ENUM_ORDER.get(shape.name, limits["enum"]))
            problems.append(
                _failed(shape, value, path, f"Member must satisfy enum value set: [{order}]")
            )


def _check_length(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    for bound, wrong, words in (
        ("min", int.__lt__, "greater than or equal to"),
        ("max", int.__gt__, "less than or equal to"),
    ):
        if bound in shape.metadata and wrong(len(value), shape.metadata[bound]):
            constraint = f"Member must have length {words} {shape.metadata[bound]}"
            problems.append(_failed(shape, value, path, constraint))


def _failed(shape: Shape, value: Any, path: str, constraint: str) -> str:
    secret = isinstance(value, bytes) or shape.metadata.get("sensitive")
    shown = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else value
    quoted = "Value" if secret else f"Value '{shown}'"
    return f"{quoted} at '{path}' failed to satisfy constraint: {constraint}"


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KmsError("SerializationException", "Blob is not valid base64") from error


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _json_type(value: Any) -> str:
    names = {bool: "Boolean", int: "Integer", float: "Double", str: "String", list: "List"}
    return names.get(type(value), "Map" if isinstance(value, dict) else "null")
