"""The wire: an HTTP request in, AWS's JSON 1.1 answer out.

moto calls ``dispatch`` for every request to a KMS endpoint, in process and in its server.
"""

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from moto.core.common_types import TYPE_RESPONSE
from moto.core.request import Request
from moto.kms.models import kms_backends
from moto.kms.responses import KmsResponse
from moto.moto_api._internal import mock_random

from .. import audit
from ..caller import Caller, caller_of
from ..clock import clock
from ..errors import LabError
from . import (
    agreement,
    aliases,
    data_keys,
    encryption,
    importing,
    keys,
    multi_region,
    rotation,
    signatures,
    tags,
)
from .current import CALLER, TOUCHED
from .exceptions import KmsError
from .key import LastUsage
from .models import LOCK, LabKmsBackend, apply_time
from .states import CRYPTOGRAPHIC
from .validation import operation_model, parse_request

Operation = Callable[[LabKmsBackend, dict[str, Any]], dict[str, Any] | None]

OPERATIONS: dict[str, Operation] = {
    **keys.OPERATIONS,
    **aliases.OPERATIONS,
    **tags.OPERATIONS,
    **encryption.OPERATIONS,
    **data_keys.OPERATIONS,
    **signatures.OPERATIONS,
    **agreement.OPERATIONS,
    **importing.OPERATIONS,
    **rotation.OPERATIONS,
    **multi_region.OPERATIONS,
}

# Operations that count as a use of their key.
USES = CRYPTOGRAPHIC - {"GetPublicKey", "ReEncryptFrom", "ReEncryptTo"} | {"ReEncrypt"}


class Call(NamedTuple):
    """One request: what is asked, by whom, and its names in the audit trail."""

    operation: str
    caller: Caller
    request_id: str
    event_id: str
    user_agent: str


_HOST = re.compile(
    r"kms(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws|api\.amazonwebservices\.com\.cn)"
)


class LabKmsResponse(KmsResponse):
    """Keeps moto's way to tell the account from the access key; the rest is the lab's."""

    def _dispatch(
        self, request: Request, full_url: str | None = None, headers: Any = None
    ) -> TYPE_RESPONSE:
        self.headers = request.headers
        self.querystring = {}
        account_id, region = self.get_current_account(), self._region(request)
        backend = _backend(account_id, region)
        call = Call(
            operation=request.headers.get("X-Amz-Target", "").rpartition(".")[2],
            caller=caller_of(self.get_access_key(), account_id, region),
            request_id=_new_id(),
            event_id=_new_id(),
            user_agent=request.headers.get("User-Agent", ""),
        )
        answer = {
            "Content-Type": "application/x-amz-json-1.1",
            "x-amzn-RequestId": call.request_id,
        }
        try:
            reply = answer_request(backend, call, request.get_data())
        except KmsError as error:
            body = {"__type": error.code}
            if error.message:
                body["message"] = error.message
            return 400, answer, json.dumps(body)
        return 200, answer, "" if reply is None else json.dumps(reply, default=_to_json)

    def _region(self, request: Request) -> str:
        match = _HOST.search(request.host)
        return match[1] if match else self.get_region_from_url(request, request.raw_url)


def _backend(account_id: str, region: str) -> LabKmsBackend:
    regions = kms_backends[account_id]
    if region not in regions:
        raise LabError(f"AWS has no Region called {region!r}. Try 'us-east-1' or 'eu-central-1'.")
    return regions[region]  # type: ignore[return-value]


def answer_request(backend: LabKmsBackend, call: Call, body: bytes) -> dict[str, Any] | None:
    """Run one operation, record it in the audit trail, return its reply's members.

    Raises KmsError. A request that is no request of KMS's API leaves no record.
    """
    members = parse_request(call.operation, _document(call.operation, body))
    touched: list[str] = []
    TOUCHED.set(touched)
    CALLER.set(call.caller)
    reply, problem = None, None
    try:
        with LOCK:
            apply_time()
            reply = OPERATIONS[call.operation](backend, members)
            if call.operation in USES:
                _record_usage(reply or {}, call)
    except KmsError as error:
        problem = (error.code, error.message)
        raise
    finally:
        audit.record_call(
            caller=call.caller,
            region=backend.region_name,
            operation=call.operation,
            request=members,
            reply=reply,
            error=problem,
            key_arns=touched,
            request_id=call.request_id,
            event_id=call.event_id,
            user_agent=call.user_agent,
        )
    return reply


def _document(operation: str, body: bytes) -> dict[str, Any]:
    if operation not in OPERATIONS:
        raise _unknown_operation(operation)
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise KmsError("SerializationException", "The request is not valid JSON.") from error
    if not isinstance(document, dict):
        raise KmsError("SerializationException", "The request is not a JSON object.")
    return document


def _record_usage(reply: dict[str, Any], call: Call) -> None:
    """Note the last successful use of the keys that the reply names (GetKeyLastUsage)."""
    for member in ("SourceKeyId", "KeyId"):
        if member in reply:
            _, _, _, region, account_id, resource = reply[member].split(":", 5)
            key = kms_backends[account_id][region].keys[resource.removeprefix("key/")]
            key.last_usage = LastUsage(call.operation, clock.now(), call.event_id, call.request_id)


def _unknown_operation(operation: str) -> KmsError:
    try:
        operation_model(operation)
    except Exception:  # botocore's OperationNotFoundError: not a KMS operation at all
        return KmsError("UnknownOperationException")
    return KmsError(
        "NotInTheLab",
        f"The lab does not answer kms:{operation} yet. Nothing was sent to AWS.",
    )


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no place in a reply of KMS")


def _new_id() -> str:
    return str(mock_random.uuid4())
