"""The audit trail: what CloudTrail would record of the lab's KMS.

Plaintext, ciphertext and signatures are never in it; the encryption context is, in the clear.
Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail".
"""

import re
from bisect import insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from .caller import Caller
from .clock import clock

# Operations that change something. The others, cryptographic ones included, are read-only.
_WRITING = re.compile(
    r"(Cancel|Connect|Create|Delete|Disable|Disconnect|Enable|Import|Put|Replicate|Retire|Revoke|"
    r"Rotate|Schedule|Synchronize|Tag|Untag|Update)"
)
_KMS = "kms.amazonaws.com"
# Shown also where the request leaves it out: the algorithm that KMS takes then.
_ALWAYS_SHOWN = {
    "Decrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "Encrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "ReEncrypt": {
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    },
}
# Members of replies that tell which key material a cryptographic operation used.
_MATERIALS = ("KeyMaterialId", "SourceKeyMaterialId", "DestinationKeyMaterialId")
_SECRETS = {"GrantToken", "GrantTokens", "KeyStorePassword", "XksProxyAuthenticationCredential"}
# Where a caller's requests come from: an address for documentation (RFC 5737).
SOURCE_IP = "192.0.2.1"


@dataclass
class Trail:
    """The events of one account and Region, oldest first."""

    events: list[dict[str, Any]] = field(default_factory=list)


_trails: dict[tuple[str, str], Trail] = defaultdict(Trail)


def events_of(account_id: str, region: str) -> list[dict[str, Any]]:
    """The events of an account and Region, oldest first."""
    return _trails[account_id, region].events


def clear() -> None:
    """Forget everything: a new account has no past."""
    _trails.clear()


def record_call(
    *,
    caller: Caller,
    region: str,
    operation: str,
    request: dict[str, Any],
    reply: dict[str, Any] | None,
    error: tuple[str, str] | None,
    key_arns: list[str],
    request_id: str,
    event_id: str,
    user_agent: str,
    invoked_by: str | None = None,
    key_material_id: str = "",
) -> None:
    """Record one API call in the caller's account, and in the keys' accounts if it worked.

    ``key_material_id`` is the material that a call used whose reply doesn't tell.
    """
    event: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": _user_identity(caller, invoked_by),
        "eventTime": _utc(clock.now()),
        "eventSource": _KMS,
        "eventName": operation,
        "awsRegion": region,
        "sourceIPAddress": invoked_by or SOURCE_IP,
        "userAgent": invoked_by or user_agent,
    }
    if error:
        code, message = error
        event["errorCode"] = code.replace("AccessDeniedException", "AccessDenied")
        if message:
            event["errorMessage"] = message
    writing = bool(_WRITING.match(operation))
    parameters = _ALWAYS_SHOWN.get(operation, {}) | _loggable(request)
    event |= {
        "requestParameters": parameters or None,
        "responseElements": _response_elements(reply, key_arns, error) if writing else None,
    }
    if not writing and (materials := _materials(reply or {}, key_material_id)):
        event["additionalEventData"] = materials
    event |= {
        "requestID": request_id,
        "eventID": event_id,
        "readOnly": not writing,
        "resources": [_resource(arn) for arn in key_arns],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller.account_id,
        "eventCategory": "Management",
    }
    owners = {arn.split(":")[4] for arn in key_arns} if not error or caller.is_service else set()
    recipients = ({caller.account_id} | owners) - {""}
    if recipients == {caller.account_id}:
        _trails[caller.account_id, region].events.append(event)
        return
    if len(recipients) > 1:
        event["sharedEventID"] = str(uuid5(UUID(event_id), "shared"))
    for account_id in recipients:
        of_account: dict[str, Any] = {
            "recipientAccountId": account_id,
            "eventID": event_id_in(account_id, caller, event_id),
        }
        if account_id != caller.account_id and not caller.is_service:
            of_account["userIdentity"] = _of_other_account(event["userIdentity"])
        _trails[account_id, region].events.append(event | of_account)


def event_id_in(account_id: str, caller: Caller, event_id: str) -> str:
    """An event's ID in the trail of an account: the owner of a key has one of its own."""
    if account_id == caller.account_id or caller.is_service:
        return event_id
    return str(uuid5(UUID(event_id), account_id))


def record_service_event(
    name: str,
    key_arn: str,
    event_id: str,
    when: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Record what KMS did by itself: a rotation, a deletion, expired material.

    ``when`` it was due: a long step of the clock may have passed many such moments.
    """
    _, _, _, region, account_id, _ = key_arn.split(":", 5)
    event = {
        "eventVersion": "1.11",
        "userIdentity": {"accountId": account_id, "invokedBy": "AWS Internal"},
        "eventTime": _utc(when),
        "eventSource": _KMS,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": None,
        "responseElements": None,
        "eventID": event_id,
        "readOnly": False,
        "resources": [_resource(key_arn)],
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "serviceEventDetails": {"keyId": key_arn} | (details or {}),
        "eventCategory": "Management",
    }
    insort(_trails[account_id, region].events, event, key=lambda each: each["eventTime"])


def _response_elements(
    reply: dict[str, Any] | None, key_arns: list[str], error: tuple[str, str] | None
) -> dict[str, Any] | None:
    """The reply; of an operation that has none, since December 2022, the key that it changed."""
    shown = _loggable(reply or {})
    keys = [arn for arn in key_arns if ":key/" in arn]
    if not shown and keys and not error:
        shown = {"keyId": keys[-1]}
    return shown or None


def _materials(reply: dict[str, Any], key_material_id: str) -> dict[str, str]:
    """The key materials that a cryptographic operation used."""
    if key_material_id:
        return {"keyMaterialId": key_material_id}
    return {name[0].lower() + name[1:]: reply[name] for name in _MATERIALS if name in reply}


def _user_identity(caller: Caller, invoked_by: str | None) -> dict[str, Any]:
    if caller.is_service:
        return {"type": "AWSService", "invokedBy": caller.arn}
    identity: dict[str, Any] = {
        "type": "AssumedRole" if caller.is_session else "IAMUser",
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account_id,
        "accessKeyId": caller.access_key_id,
    }
    if caller.role_arn:
        issuer = {
            "type": "Role",
            "principalId": caller.user_id.split(":")[0],
            "arn": caller.role_arn,
            "accountId": caller.account_id,
            "userName": caller.role_arn.rpartition("/")[2],
        }
        identity["sessionContext"] = {"sessionIssuer": issuer}
    else:
        identity["userName"] = caller.user_name
    if invoked_by:
        identity["invokedBy"] = invoked_by
    return identity


def _of_other_account(identity: dict[str, Any]) -> dict[str, Any]:
    """What a key's owner sees of a caller from another account: its unique ID, no name.

    Source: CloudTrail User Guide, "CloudTrail userIdentity element".
    """
    kept = {name: identity[name] for name in ("principalId", "accountId")}
    invoked_by = {name: identity[name] for name in ("invokedBy",) if name in identity}
    return {"type": "AWSAccount"} | kept | invoked_by


def _resource(arn: str) -> dict[str, str]:
    return {"accountId": arn.split(":")[4], "type": "AWS::KMS::Key", "ARN": arn}


def _loggable(value: Any, *, names: bool = True) -> Any:
    """Members in lower camel case, without any bytes; dates as text. Map keys stay as they are."""
    if isinstance(value, dict):
        kept = {
            name: item
            for name, item in value.items()
            if not isinstance(item, bytes) and name not in _SECRETS
        }
        return {
            name[0].lower() + name[1:] if names and name else name: _loggable(
                item, names=not name.endswith("Context")
            )
            for name, item in kept.items()
        }
    if isinstance(value, list):
        return [_loggable(item, names=names) for item in value if not isinstance(item, bytes)]
    return _utc(value) if isinstance(value, datetime) else value


def _utc(date: datetime) -> str:
    return date.isoformat(timespec="seconds")[:19] + "Z"  # every date here is in UTC
