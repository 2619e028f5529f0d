"""The request at hand: who asks S3, and what KMS was asked for it already."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from moto.kms.models import kms_backends

from ..caller import Caller, caller_of
from ..kms.exceptions import KmsError
from ..kms.models import LOCK
from ..kms.responses import call_for_service
from ..policy import Decision
from .errors import S3Error, internal_error, invalid_argument, of_kms

SERVICE = "s3.amazonaws.com"
AWS_MANAGED_KEY = "alias/aws/s3"


@dataclass
class Asking:
    """One request to S3: its headers (form fields of a POST), its caller (None: unsigned).

    ``signed_by`` is "AWS4" or the older "AWS2", ``sent_in`` where the signature stands: in the
    header, the query or a form ("REST-HEADER", "REST-QUERY-STRING", "POST"). ``data_keys`` are
    those that KMS decrypted for this request: encrypted data key -> plaintext.
    """

    headers: Mapping[str, str]
    caller: Caller | None = None
    signed_by: str = "AWS4"
    sent_in: str = "REST-HEADER"
    secure: bool = True
    # What S3 decided about the caller so far.
    decisions: list[Decision] = field(default_factory=list)
    # Of DeleteObjects: whether the object with this ARN may be deleted.
    may_delete: Callable[[str], bool] | None = None
    data_keys: dict[bytes, bytes] = field(default_factory=dict)
    # Headers that the answer is to have.
    answer: dict[str, str] = field(default_factory=dict)


ASKING: ContextVar[Asking | None] = ContextVar("ASKING", default=None)


def caller_for(account_id: str, region: str) -> Caller:
    """Who asks. What a service of moto does without a request, the administrator does."""
    asking = ASKING.get()
    if asking is None:
        return caller_of("", account_id, region)
    if asking.caller is None or asking.signed_by != "AWS4":
        message = (
            "Requests specifying Server Side Encryption with AWS KMS managed keys require "
            "AWS Signature Version 4."
        )
        raise invalid_argument(message, "Authorization", "null")
    if not asking.secure:  # that it fails is documented; the code is not
        message = (
            "Requests specifying Server Side Encryption with AWS KMS managed keys must be made "
            "over a secure connection."
        )
        raise invalid_argument(message, "Authorization", "null")
    return asking.caller


def ask_kms(
    operation: str, members: dict[str, Any], *, account_id: str, region: str
) -> dict[str, Any]:
    """One operation of KMS for the caller, through S3. Raises S3Error.

    ``account_id`` is the bucket's, for what happens without a request.
    """
    caller = caller_for(account_id, region)
    if members.get("KeyId") == AWS_MANAGED_KEY:
        with LOCK:
            backend: Any = kms_backends[caller.account_id][region]
            backend.aws_managed_key("s3")
    try:
        reply = call_for_service(
            operation,
            members,
            region=region,
            caller=caller,
            invoked_by=SERVICE,
            before=tuple(asking.decisions) if (asking := ASKING.get()) else (),
        )
    except KmsError as error:
        raise of_kms(error) from error
    assert reply is not None
    return reply


def decrypt_data_key(
    encrypted_data_key: bytes,
    key_arn: str,
    context: dict[str, str],
    *,
    account_id: str,
    region: str,
) -> bytes:
    """The data key in plaintext: KMS decrypts it once for a request. Raises S3Error."""
    asking = ASKING.get()
    known = asking.data_keys if asking else {}
    if encrypted_data_key not in known:
        members = {
            "CiphertextBlob": encrypted_data_key,
            "KeyId": key_arn,
            "EncryptionContext": context,
        }
        try:
            reply = ask_kms("Decrypt", members, account_id=account_id, region=region)
        except S3Error as error:
            if error.code == "KMS.InvalidCiphertextException":
                # The ciphertext was KMS's own: what is at rest with the object is damaged.
                raise internal_error() from error
            raise
        known[encrypted_data_key] = reply["Plaintext"]
    return known[encrypted_data_key]
