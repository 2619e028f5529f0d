"""Lesson 11, incidents of keys: one that waits for deletion, lost material, a leaked data key."""

import base64
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from helpers import lab

from ..capstone import asking, incidents, record
from ..capstone.asking import refused
from ..capstone.scenes import leaked_line, quiet_key, three_scheduled
from .kit import Call, Misconception, exercise


def _proof(session: Any, name: str) -> dict[str, Any] | None:
    """The last event of this name that succeeded: it shows that a fix held."""
    found = [e for e in asking.trail(session, EventName=name) if "errorCode" not in e]
    return found[-1] if found else None


@exercise(
    "11-save-key",
    "kms, cloudtrail, key_id",
    "Cancelled, enabled, and you know whom to talk to: the trail has each attempt, and only what "
    "has no error code succeeded.",
)
def save_key(call: Call) -> None:
    for culprit, late in (("monthly-cleanup", False), ("cost-robot", True)):
        with lab.scratch() as session:
            account = asking.account_of(session)
            things = three_scheduled.play(session, account, False, culprit, late)
            kms = session.client("kms")
            said = call(
                kms,
                session.client("cloudtrail"),
                things["key_id"],
                returns=str,
                on_error={
                    "KMSInvalidStateException": Misconception(
                        "Not possible in this state",
                        "A key that waits for its deletion takes few calls, and a key that does "
                        "not wait can't be saved. What comes first?",
                    )
                },
            )
            _check_saved(kms, things, said, culprit)
            session.client("s3").get_object(Bucket=things["bucket"], Key="2019.zip")
            proof = _proof(session, "CancelKeyDeletion")
    record.fix_proved(2, proof)


def _check_saved(kms: Any, things: dict[str, Any], said: str, culprit: str) -> None:
    state = kms.describe_key(KeyId=things["key_id"])["KeyMetadata"]["KeyState"]
    if state == "PendingDeletion":
        raise Misconception("Still waiting for its deletion", "The days go on being counted.")
    if state != "Enabled":
        raise Misconception(
            "Cancelled, but not usable", f"The key is {state}. The archive can't be read yet."
        )
    for other in things["others"]:
        if kms.describe_key(KeyId=other["KeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion":
            raise Misconception(
                "Another key was saved as well",
                "The web team wanted theirs gone. Only one key was to be saved.",
            )
    if "trainee" in said:
        raise Misconception(
            "A refused attempt taken for the deed",
            "This one tried and was denied. The record says so in one of its members.",
        )
    if "web-team" in said:
        raise Misconception(
            "The record of another key", "This one scheduled a key too, but not this key."
        )
    if culprit not in said:
        raise Misconception("Not who did it", f"`{said[:80]}` is not whom the trail names.")
    if not said.startswith("arn:"):
        raise Misconception(
            "A name instead of an ARN", "A name may be one of several accounts. Return the ARN."
        )


@exercise(
    "11-bring-material",
    "kms, key_id, vault",
    "The same bytes under the same ID, and every one of them: a key whose material is not complete "
    "does nothing at all. Without an end it won't happen again; with one, set an alarm before it.",
)
def bring_material(call: Call) -> None:
    for lost in (1, 2):
        with lab.scratch() as session:
            things = quiet_key.play(session, asking.account_of(session), False, lost)
            kms = session.client("kms")
            call(
                kms,
                things["key_id"],
                things["vault"],
                on_error={
                    "IncorrectKeyMaterialException": Misconception(
                        "Other bytes than before",
                        "KMS remembers which material it had. The safe holds that of other keys "
                        "as well; its names say what is what.",
                    ),
                    "InvalidCiphertextException": Misconception(
                        "KMS can't unwrap it", "SHA-256 belongs into both places of OAEP."
                    ),
                    "InvalidImportTokenException": Misconception(
                        "Not the token of this key", "Token and wrapping key come as a pair."
                    ),
                    "ValidationException": Misconception(
                        "Date and expiration model don't fit",
                        "Without `ExpirationModel` KMS expects an end, `ValidTo`.",
                    ),
                    "KeyError": Misconception(
                        "Not in the safe", "The safe is looked up by key material IDs."
                    ),
                },
            )
            _check_material(kms, things, lost)
            proof = _proof(session, "ImportKeyMaterial")
    record.fix_proved(3, proof)


def _check_material(kms: Any, things: dict[str, Any], lost: int) -> None:
    found = kms.list_key_rotations(KeyId=things["key_id"], IncludeKeyMaterial="ALL_KEY_MATERIAL")
    rotations = found["Rotations"]
    if len(rotations) > 2:
        raise Misconception(
            "New material instead of the old",
            "The key has a further material now. What is missing is an old one.",
        )
    missing = [each for each in rotations if each["ImportState"] != "IMPORTED"]
    if len(missing) >= lost:
        raise Misconception("No material is back", "The key waits as before.")
    if missing:
        raise Misconception(
            "Not all material is back",
            f"{len(missing)} of {len(rotations)} is missing, so the key still does nothing.",
        )
    if any(each["ExpirationModel"] == "KEY_MATERIAL_EXPIRES" for each in rotations):
        raise Misconception(
            "It will expire again", "The ticket says that it must not happen a second time."
        )
    for blob in things["blobs"]:
        kms.decrypt(CiphertextBlob=blob, KeyId=things["key_id"])


@exercise(
    "11-replace-leaked",
    "kms, key_id, leaked, files",
    "The leaked key opens none of the files any more. It still opens every copy that somebody made "
    "before: what was on the share has to count as read.",
)
def replace_leaked(call: Call) -> None:
    with lab.scratch() as session:
        things = incidents.play(5, session, asking.account_of(session)).things
        leaked = base64.b64decode(things["log_line"].rpartition(" ")[2])
        kms, before = session.client("kms"), things["files"]
        after = call(
            kms,
            things["key_id"],
            leaked,
            before,
            returns=dict,
            on_error={
                "InvalidCiphertextException": Misconception(
                    "The wrapped key did not open",
                    "Each was made with an encryption context. A file says which: `batch`.",
                ),
                "InvalidTag": Misconception(
                    "A file did not open",
                    "AES-GCM took the file's name as additional data, in bytes.",
                ),
            },
        )
        _check_files(kms, things["key_id"], leaked, before, after)
        proof = _proof(session, "GenerateDataKey")
    record.fix_proved(5, proof)


def _check_files(
    kms: Any, key_id: str, leaked: bytes, before: dict[str, Any], after: dict[str, Any]
) -> None:
    if set(after) != set(before):
        raise Misconception("Files were lost or added", "The same three names were expected.")
    for name, file in after.items():
        if not isinstance(file, dict) or set(file) != set(before[name]):
            raise Misconception(
                "Another form than before",
                f"{name} needs the members {', '.join(before[name])}, and no others.",
            )
        if leaked in b"".join(each for each in file.values() if isinstance(each, bytes)):
            raise Misconception("The data key lies beside the data", f"In {name}, in plaintext.")
    opened = [name for name, file in after.items() if _opens(leaked, name, file) is not None]
    if opened:
        names = sorted(name for name in before if _opens(leaked, name, before[name]) is not None)
        if opened == names or set(opened) == set(names):
            raise Misconception(
                "The leaked key still opens them",
                "Wrapping it anew, or rotating the KMS key, changes what protects the data key. "
                "This data key is known.",
            )
        raise Misconception("Some files were left", f"The leaked key still opens {opened[0]}.")
    keys = {}
    for name, file in after.items():
        members = {
            "CiphertextBlob": file["wrapped_key"],
            "EncryptionContext": {"batch": file["batch"]},
        }
        code, _ = refused(kms.decrypt, KeyId=key_id, **members)
        if code:
            raise Misconception(
                "A wrapped key does not open",
                f"That of {name} ends in `{code}`, with the batch as context and this KMS key.",
            )
        keys[name] = kms.decrypt(KeyId=key_id, **members)["Plaintext"]
        if _opens(keys[name], name, file) != leaked_line.TEXTS[name]:
            raise Misconception("A file is unreadable now", f"{name} does not open as before.")


def _opens(data_key: bytes, name: str, file: dict[str, Any]) -> bytes | None:
    """The text of the file under this data key; None if it doesn't open."""
    try:
        return AESGCM(data_key).decrypt(file["nonce"], file["ciphertext"], name.encode())
    except (InvalidTag, ValueError, TypeError):
        return None
