"""The wire: an HTTP request in, AWS's JSON 1.1 answer out.

moto calls ``dispatch`` for every request to a KMS endpoint, in process and in its server.
"""

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import InvalidClientTokenIdError
from moto.core.request import Request
from moto.kms.models import kms_backends
from moto.kms.responses import KmsResponse
from moto.moto_api._internal import mock_random

from .. import audit
from ..caller import Caller, caller_of
from ..clock import clock
from ..errors import LabError
from ..policy import IDENTITY_ONLY_ACTIONS, Decision
from . import (
    agreement,
    aliases,
    data_keys,
    encryption,
    grants,
    importing,
    key_stores,
    keys,
    multi_region,
    rotation,
    signatures,
    tags,
)
from .authorization import authorize_account
from .current import CURRENT, LAST, Call, Current
from .exceptions import KmsError
from .key import LastUsage
from .models import LOCK, LabKmsBackend, apply_time
from .states import CRYPTOGRAPHIC
from .validation import parse_request

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
    **grants.OPERATIONS,
    **key_stores.OPERATIONS,
}

# IAM policies decide alone, about all of the account. ListRetirableGrants asks for itself, about
# the principal that it names.
ACCOUNT_OPERATIONS = {action.removeprefix("kms:") for action in IDENTITY_ONLY_ACTIONS} - {
    "ListRetirableGrants"
}

# Operations that count as a use of their key.
USES = CRYPTOGRAPHIC - {"GetPublicKey", "ReEncryptFrom", "ReEncryptTo"} | {"ReEncrypt"}


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
        request_id = _new_id()
        answer = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": request_id}
        try:
            call = Call(
                operation=request.headers.get("X-Amz-Target", "").rpartition(".")[2],
                caller=_caller(self.get_access_key(), account_id, region),
                request_id=request_id,
                event_id=_new_id(),
                user_agent=request.headers.get("User-Agent", ""),
                secure=request.scheme == "https",
            )
            reply = answer_request(backend, call, request.get_data())
        except KmsError as error:
            body = {"__type": error.code}
            if error.message:
                body["message"] = error.message
            return 400, answer, json.dumps(body)
        return 200, answer, "" if reply is None else json.dumps(reply, default=_to_json)

    def get_access_key(self) -> str:
        """As moto finds it. One object answers one request, which asks for it twice."""
        return self._access_key

    @cached_property
    def _access_key(self) -> str:
        return super().get_access_key()

    def _region(self, request: Request) -> str:
        match = _HOST.search(request.host)
        return match[1] if match else self.get_region_from_url(request, request.raw_url)


def _caller(access_key_id: str, account_id: str, region: str) -> Caller:
    try:
        return caller_of(access_key_id, account_id, region)
    except InvalidClientTokenIdError as error:
        message = "The security token included in the request is invalid."
        raise KmsError("UnrecognizedClientException", message) from error


def _backend(account_id: str, region: str) -> LabKmsBackend:
    regions = kms_backends[account_id]
    if region not in regions:
        raise LabError(f"AWS has no Region called {region!r}. Try 'us-east-1' or 'eu-central-1'.")
    return regions[region]  # type: ignore[return-value]


def answer_request(backend: LabKmsBackend, call: Call, body: bytes) -> dict[str, Any] | None:
    """Run one operation, record it in the audit trail, return its reply's members.

    Raises KmsError. A request that is no request of KMS's API leaves no record.
    """
    current = Current(call, backend.region_name, decisions=list(call.before))
    LAST.append(current)
    try:
        members = parse_request(call.operation, _document(call.operation, body))
    except KmsError as error:
        current.error = (error.code, error.message)
        raise
    current.members = members
    CURRENT.set(current)
    reply = None
    try:
        with LOCK:
            apply_time()
            if call.operation in ACCOUNT_OPERATIONS:
                authorize_account(call.operation)
            grants.check_tokens(backend, call.operation, members)
            reply = OPERATIONS[call.operation](backend, members)
            if call.operation in USES:
                _record_usage(backend, reply or {}, call)
    except KmsError as error:
        current.error = (error.code, error.message)
        raise
    finally:
        audit.record_call(
            caller=call.caller,
            region=backend.region_name,
            operation=call.operation,
            request=members,
            reply=reply,
            error=current.error,
            key_arns=current.touched,
            key_material_id=current.key_material_id,
            request_id=call.request_id,
            event_id=call.event_id,
            user_agent=call.user_agent,
            invoked_by=call.invoked_by or None,
        )
    return reply


def call_for_service(
    operation: str,
    members: dict[str, Any],
    *,
    region: str,
    caller: Caller,
    invoked_by: str = "",
    source_arn: str = "",
    source_account: str = "",
    key_account: str = "",
    before: tuple[Decision, ...] = (),
) -> dict[str, Any] | None:
    """One operation that a service of AWS asks for: for its caller, or for itself.

    For a caller ``invoked_by`` is the service ("s3.amazonaws.com"); for itself the caller is
    ``caller.service(...)``, and ``key_account`` the account that the key is in. ``source_arn``
    is the resource for which it asks, ``source_account`` whose that is, ``before`` what the
    service decided. Members and reply hold bytes, not base64. Raises KmsError.
    """
    backend = _backend(caller.account_id or key_account, region)
    call = Call(
        operation=operation,
        caller=caller,
        request_id=_new_id(),
        event_id=_new_id(),
        invoked_by=invoked_by,
        source_arn=source_arn,
        source_account=source_account,
        before=before,
    )
    try:
        return answer_request(backend, call, json.dumps(members, default=_to_json).encode())
    except KmsError as error:
        error.request_id = call.request_id
        raise


def _document(operation: str, body: bytes) -> dict[str, Any]:
    if operation not in OPERATIONS:
        raise KmsError("UnknownOperationException")
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise KmsError("SerializationException", "The request is not valid JSON.") from error
    if not isinstance(document, dict):
        raise KmsError("SerializationException", "The request is not a JSON object.")
    return document


def _record_usage(backend: LabKmsBackend, reply: dict[str, Any], call: Call) -> None:
    """Note the last successful use of the keys that the reply names (GetKeyLastUsage)."""
    for member in ("SourceKeyId", "KeyId"):
        if member in reply:
            _, _, _, region, account_id, resource = reply[member].split(":", 5)
            owner = backend
            if account_id != backend.account_id:
                owner = _backend(account_id, region)
            key = owner.keys[resource.removeprefix("key/")]
            event_id = audit.event_id_in(account_id, call.caller, call.event_id)
            key.last_usage = LastUsage(call.operation, clock.now(), event_id, call.request_id)


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no place in a reply of KMS")


def _new_id() -> str:
    return str(mock_random.uuid4())
