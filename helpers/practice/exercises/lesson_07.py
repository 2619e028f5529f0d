"""Lesson 07: a key policy that separates duties, and a narrow grant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from helpers import lab

from .kit import Call, Misconception, exercise

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Place:
    """An account of its own with a key; its KMS client is the administrator's."""

    account: str
    kms: Any
    key_arn: str

    def role_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{name}"

    def as_role(self, name: str, policy: Any = None) -> Any:
        return lab.as_role(name, policy, account=self.account).client("kms")

    def sealed(self, key_arn: str = "", **context: str) -> dict[str, Any]:
        """A blob under the key and its context, as Decrypt wants them."""
        named = {"EncryptionContext": context} if context else {}
        reply = self.kms.encrypt(KeyId=key_arn or self.key_arn, Plaintext=b"x", **named)
        return {"CiphertextBlob": reply["CiphertextBlob"], **named}


@contextmanager
def place_of_its_own() -> Iterator[Place]:
    with lab.scratch() as session:
        account = session.client("sts").get_caller_identity()["Account"]
        kms = session.client("kms")
        yield Place(account, kms, kms.create_key()["KeyMetadata"]["Arn"])


def may(call: Any, **arguments: Any) -> bool:
    """Whether no policy refuses the call. How else it may fail doesn't matter."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True


def refused(what: str, error: Exception) -> Misconception:
    words = str(error)
    if isinstance(error, ClientError):
        words = error.response["Error"].get("Message") or error.response["Error"]["Code"]
    words = words.replace("`", "'")
    return Misconception(f"Not {what}", f"It is refused: {words}")


@exercise(
    "07-separate-duties",
    "admin_arn, user_arn",
    "Each role has its own list, and without an account statement IAM opens nothing. What stays: "
    "the administrator can write a new policy, and the trail will show it.",
)
def separate_duties(call: Call) -> None:
    with place_of_its_own() as place:
        admin, user = place.as_role("keeper"), place.as_role("user")
        other, iam = place.as_role("other"), place.as_role("iam", EVERYTHING)
        blob = place.sealed()
        policy = call(place.role_arn("keeper"), place.role_arn("user"), returns=dict)
        try:
            place.kms.put_key_policy(
                KeyId=place.key_arn,
                Policy=json.dumps(policy),
                BypassPolicyLockoutSafetyCheck=True,
            )
        except (ClientError, TypeError, ValueError) as error:
            raise refused("a key policy", error) from None
        key = {"KeyId": place.key_arn}
        if may(other.decrypt, **blob) or may(other.describe_key, **key):
            raise Misconception(
                "Everybody gets in",
                "A role that no policy names may use or see the key. Whom does your principal "
                "name?",
            )
        if may(iam.decrypt, **blob) or may(iam.describe_key, **key):
            raise Misconception(
                "An IAM policy opens the key",
                "A role whose IAM policy allows everything gets in. Some statement names the "
                "whole account, and so hands the decision on.",
            )
        if not may(admin.put_key_policy, **key, Policy=json.dumps(policy)):
            raise Misconception(
                "Nobody can change the policy any more",
                "The administrator may not write a new key policy. KMS would have refused this "
                "one, for it locks everybody out.",
            )
        _check_use(place, user, blob)
        _check_administration(admin, user, key)
        _check_no_use(place, admin, blob)


def _check_use(place: Place, user: Any, blob: dict[str, Any]) -> None:
    key = {"KeyId": place.key_arn}
    asked = {
        "Encrypt": lambda: may(user.encrypt, **key, Plaintext=b"x"),
        "Decrypt": lambda: may(user.decrypt, **blob),
        "GenerateDataKey": lambda: may(user.generate_data_key, **key, KeySpec="AES_256"),
        "ReEncrypt": lambda: may(user.re_encrypt, **blob, DestinationKeyId=place.key_arn),
        "DescribeKey": lambda: may(user.describe_key, **key),
    }
    missing = [name for name, asks in asked.items() if not asks()]
    if missing:
        raise Misconception(
            "The user can't do the work", f"Refused to the user: {', '.join(missing)}."
        )


def _check_administration(admin: Any, user: Any, key: dict[str, str]) -> None:
    asked = ("describe_key", "get_key_policy", "disable_key", "enable_key")
    missing = [name for name in asked if not may(getattr(admin, name), **key)]
    if not may(user.describe_key, **key):
        missing.append("describe_key")
    for name in ("disable_key", "schedule_key_deletion", "get_key_policy", "create_alias"):
        more = {"AliasName": "alias/user"} if name == "create_alias" else {}
        target = {"TargetKeyId": key["KeyId"]} if more else key
        if may(getattr(user, name), **target, **more):
            raise Misconception(
                "The user administers the key", f"The user may call `{name}` as well."
            )
    if not may(admin.schedule_key_deletion, **key):
        missing.append("schedule_key_deletion")
    elif not may(admin.cancel_key_deletion, **key):
        missing.append("cancel_key_deletion")
    if missing:
        raise Misconception(
            "The administrator can't do the work",
            f"Refused to the administrator: {', '.join(missing)}.",
        )


def _check_no_use(place: Place, admin: Any, blob: dict[str, Any]) -> None:
    key = {"KeyId": place.key_arn}
    if any(
        (
            may(admin.decrypt, **blob),
            may(admin.encrypt, **key, Plaintext=b"x"),
            may(admin.generate_data_key, **key, KeySpec="AES_256"),
            may(admin.re_encrypt, **blob, DestinationKeyId=place.key_arn),
        )
    ):
        raise Misconception(
            "The administrator uses the key",
            "To the administrator too, encrypting or decrypting is allowed. A wildcard may cover "
            "more than you meant.",
        )
    grantee = place.role_arn("keeper")
    if may(admin.create_grant, **key, GranteePrincipal=grantee, Operations=["Decrypt"]):
        raise Misconception(
            "The administrator makes grants",
            "A grant to oneself, and the key decrypts. Some wildcard covers CreateGrant.",
        )


@exercise(
    "07-lend",
    "kms, key_arn, worker_arn, order",
    "One operation for the work and one to end it, for one order. On AWS the token makes it good "
    "at once, before the grant has spread.",
)
def lend(call: Call) -> None:
    with place_of_its_own() as place:
        worker = place.as_role("worker")
        place.as_role("other")  # a grant may be for it
        mine, more = place.sealed(order="17"), place.sealed(order="17", page="2")
        foreign, bare = place.sealed(order="18"), place.sealed()
        before = place.kms.get_key_policy(KeyId=place.key_arn)["Policy"]
        token = call(place.kms, place.key_arn, place.role_arn("worker"), "17", returns=str)
        _check_grant(place, before, token)
        _check_worker(place, worker, mine, (more, foreign, bare))
        try:
            worker.decrypt(**mine, GrantTokens=[token])
        except ClientError:
            raise Misconception(
                "Not the grant's token",
                "KMS takes what you return for no grant token. The reply has two members: the "
                "one names the grant for administrators, the other is the worker's.",
            ) from None
        if not may(worker.retire_grant, GrantToken=token):
            raise Misconception(
                "The worker can't give it back",
                "When the work is done the worker wants to end the grant by itself, and may not.",
            )


def _check_grant(place: Place, before: str, token: str) -> None:
    if place.kms.get_key_policy(KeyId=place.key_arn)["Policy"] != before:
        raise Misconception(
            "The key policy was changed",
            "To lend for one order no rule that stays has to be rewritten.",
        )
    grants = place.kms.list_grants(KeyId=place.key_arn)["Grants"]
    if not grants:
        raise Misconception("No grant was made", "The key has no grant afterwards.")
    if len(grants) > 1:
        raise Misconception("More than one grant", "One is enough, and easier to take back.")
    if grants[0].get("GranteePrincipal") != place.role_arn("worker"):
        raise Misconception(
            "Lent to somebody else", "The grantee is another than the role that was asked for."
        )


def _check_worker(
    place: Place, worker: Any, mine: dict[str, Any], others: tuple[dict[str, Any], ...]
) -> None:
    more, foreign, bare = others
    if not may(worker.decrypt, **mine):
        raise Misconception(
            "The worker can't decrypt", "What was encrypted for this order stays closed."
        )
    if may(worker.decrypt, **foreign) or may(worker.decrypt, **bare):
        raise Misconception(
            "Other orders open too",
            "The worker also decrypts what was encrypted for another order, or for none.",
        )
    if may(worker.decrypt, **more):
        raise Misconception(
            "Further pairs get through",
            "A context that has the order and something besides was accepted. Exactly this "
            "context was asked for.",
        )
    context = {"order": "17"}
    key = {"KeyId": place.key_arn}
    if any(
        (
            may(worker.encrypt, **key, Plaintext=b"x", EncryptionContext=context),
            may(worker.generate_data_key, **key, KeySpec="AES_256", EncryptionContext=context),
            may(worker.describe_key, **key),
            may(
                worker.re_encrypt,
                CiphertextBlob=mine["CiphertextBlob"],
                SourceEncryptionContext=context,
                DestinationKeyId=place.key_arn,
                DestinationEncryptionContext=context,
            ),
            _passes_on(place, worker),
        )
    ):
        raise Misconception(
            "More operations than needed",
            "The worker can do more with the key than decrypt and give back.",
        )


def _passes_on(place: Place, worker: Any) -> bool:
    return may(
        worker.create_grant,
        KeyId=place.key_arn,
        GranteePrincipal=place.role_arn("other"),
        Operations=["Decrypt"],
        Constraints={"EncryptionContextEquals": {"order": "17"}},
    )
