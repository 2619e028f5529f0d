"""Lesson 03: a blob opened by hand, a blob moved to new material, a key rotated by its alias."""

import os
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from .kit import Call, Misconception, exercise

NO_CONTEXT = bytes(4)


@exercise(
    "03-decrypt-by-hand",
    "materials, ciphertext_blob",
    "The header said which material, the material and the nonce gave a key for this one blob, and "
    "the tag vouched for all of it. KMS does the same, where nobody looks on.",
)
def decrypt_by_hand(call: Call) -> None:
    materials = {os.urandom(32).hex(): os.urandom(32) for _ in range(3)}
    oldest, middle, newest = materials
    for text, made_by in ((os.urandom(20), middle), (b"", newest), (os.urandom(4096), oldest)):
        blob = _blob(materials[made_by], made_by, text)
        outcome = call.outcome(dict(materials), blob)
        if outcome.error is None and outcome.value == text:
            continue
        _diagnose(call, materials)
        got = call(
            dict(materials),
            blob,
            returns=bytes,
            on_error={
                "KeyError": Misconception(
                    "The material is not found",
                    "No material has the ID that your function looks for. The IDs in `materials` "
                    "are 64 hexadecimal digits; in the blob they are 32 bytes. Which ones?",
                ),
                "InvalidTag": Misconception(
                    "The tag does not fit",
                    "One of five things is not as it was at encryption: the key, the IV, the "
                    "ciphertext, the tag, the additional data. Compare with the picture.",
                ),
            },
        )
        if got != text:
            raise Misconception(
                "Not the plaintext", "It returns bytes, but not those that were encrypted."
            )


def _diagnose(call: Call, materials: dict[str, bytes]) -> None:
    """Blobs made in wrong ways: whoever opens one of them thinks of that way."""
    oldest, middle, newest = materials
    text = os.urandom(24)

    def opens(made_by: str, named: str, **wrong: bool) -> bool:
        blob = _blob(materials[made_by], named, text, **wrong)
        return bool(call.outcome(dict(materials), blob).value == text)

    if opens(newest, middle) or opens(oldest, middle):
        raise Misconception(
            "Always the same material",
            "It takes one material whatever the blob says. After a rotation each blob still "
            "belongs to the material that made it.",
        )
    if opens(middle, middle, underived=True):
        raise Misconception(
            "The key material used as it is",
            "No blob is encrypted under the material itself. There is one more key, made for this "
            "blob alone.",
        )
    if opens(middle, middle, bare=True):
        raise Misconception(
            "Header not authenticated",
            "It opens blobs whose header is not covered by the tag. Then anybody could change "
            "the header unnoticed.",
        )
    if opens(middle, middle, uncounted=True):
        raise Misconception(
            "The empty context left out",
            "A context without pairs is bytes as well: its number of pairs, zero, in four bytes.",
        )


def _blob(
    key_material: bytes,
    key_material_id: str,
    text: bytes,
    *,
    underived: bool = False,
    bare: bool = False,
    uncounted: bool = False,
) -> bytes:
    """A blob in the lab's layout, without encryption context; or made in one of the wrong ways."""
    nonce, iv = os.urandom(16), os.urandom(12)
    head = b"\x01" + (123456789012).to_bytes(6) + b"\x00" + os.urandom(16)
    fields = head + bytes.fromhex(key_material_id) + nonce + iv
    digest = hashes.Hash(hashes.SHA256())
    digest.update(fields)
    header = fields + digest.finalize()[:4]
    key = key_material if underived else _one_time_key(key_material, nonce)
    additional_data = NO_CONTEXT if bare else header + (b"" if uncounted else NO_CONTEXT)
    return header + AESGCM(key).encrypt(iv, text, additional_data)


def _one_time_key(key_material: bytes, nonce: bytes) -> bytes:
    return KBKDFHMAC(
        algorithm=hashes.SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"aws-kms-lab/encrypt",
        context=nonce,
        fixed=None,
    ).derive(key_material)


@exercise(
    "03-renew",
    "kms, key_id, ciphertext_blob, encryption_context",
    "The blob now depends on the current material alone, and the plaintext never left KMS. What "
    "was in it has not changed: a data key that leaked is still leaked.",
    in_lab=True,
)
def renew(call: Call, kms: Any) -> None:
    asked = _asked(kms)
    for context in ({"book": "2026", "tenant": "7"}, {}):
        text = os.urandom(32)
        key_id = kms.create_key()["KeyMetadata"]["Arn"]
        old = kms.encrypt(KeyId=key_id, Plaintext=text, EncryptionContext=context)["CiphertextBlob"]
        kms.rotate_key_on_demand(KeyId=key_id)
        current = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
        asked.clear()
        renewed = call(
            kms,
            key_id,
            old,
            dict(context),
            returns=bytes,
            on_error={
                "InvalidCiphertextException": Misconception(
                    "The source's context was not given",
                    "To read the old blob KMS needs the context that it was made with.",
                )
            },
        )
        used = set(asked)
        if "RotateKeyOnDemand" in used:
            raise Misconception(
                "The key was rotated once more",
                "Rotation makes new material. It touches no blob, and each key has only so many.",
            )
        if renewed == old:
            raise Misconception("The old blob", "It came back as it was, under the old material.")
        _check_renewed(kms, renewed, text, context, key_id, current)
        if used & {"Decrypt", "Encrypt"}:
            raise Misconception(
                "The plaintext came out on the way",
                "It was decrypted to this program and sent back. One operation does both steps "
                "inside KMS.",
            )


def _check_renewed(
    kms: Any, renewed: bytes, text: bytes, context: dict[str, str], key_id: str, current: str
) -> None:
    try:
        reply = kms.decrypt(CiphertextBlob=renewed, EncryptionContext=context)
    except ClientError:
        try:
            kms.decrypt(CiphertextBlob=renewed)
        except ClientError:
            raise Misconception(
                "Not a blob that KMS opens", "KMS refuses it, with the context and without."
            ) from None
        raise Misconception(
            "The context was lost",
            "The new blob opens without any context. Whoever relied on the context is no longer "
            "protected by it.",
        ) from None
    if reply["KeyId"] != key_id:
        raise Misconception("Another key", "The blob belongs to another KMS key now.")
    if reply["Plaintext"] != text:
        raise Misconception("Not the plaintext", "The new blob holds something else.")
    if reply["KeyMaterialId"] != current:
        raise Misconception("Still the old material", "The new blob was made by old material.")


@exercise(
    "03-rotate-by-alias",
    "kms, alias_name",
    "Callers keep their name, new work goes to the new key, and the old one stays for what it "
    "made: whoever verifies or decrypts that must name it.",
    in_lab=True,
)
def rotate_by_alias(call: Call, kms: Any) -> None:
    asked = _asked(kms)
    kinds = (("HMAC_384", "GENERATE_VERIFY_MAC"), ("ECC_NIST_P256", "SIGN_VERIFY"))
    for number, (spec, usage) in enumerate(kinds):
        alias = f"alias/tokens-{number}"
        old = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=alias, TargetKeyId=old)
        asked.clear()
        new = call(
            kms,
            alias,
            returns=str,
            on_error={
                "UnsupportedOperationException": Misconception(
                    "This key cannot be rotated in place",
                    "Only symmetric encryption keys can. For this one, rotation means another key.",
                ),
                "ValidationException": Misconception(
                    "Another kind of key",
                    "KMS refused: what the callers ask for by this alias, a new key must be able "
                    "to do. Two of its members decide that; look them up in the old key.",
                ),
                "AlreadyExistsException": Misconception(
                    "The alias exists already",
                    "It has to be pointed elsewhere. Another operation does that.",
                ),
            },
        )
        _check_rotated(kms, alias, old, new, spec, usage)
        if "DeleteAlias" in asked:
            raise Misconception(
                "A moment without the alias",
                "Between deleting it and making it anew every caller fails. One operation "
                "points it elsewhere at once.",
            )


def _check_rotated(kms: Any, alias: str, old: str, new: str, spec: str, usage: str) -> None:
    state = kms.describe_key(KeyId=old)["KeyMetadata"]["KeyState"]
    if state != "Enabled":
        raise Misconception(
            "The old key is out of use",
            f"It is {state}. What it made can no longer be verified or decrypted.",
        )
    try:
        target = kms.describe_key(KeyId=alias)["KeyMetadata"]
    except ClientError:
        raise Misconception("The alias is gone", "Callers who use it find nothing.") from None
    if target["Arn"] == old:
        raise Misconception("The alias still names the old key", "Callers go on as before.")
    if (target["KeySpec"], target["KeyUsage"]) != (spec, usage):
        raise Misconception(
            "Another kind of key",
            f"The alias now names a key of {target['KeySpec']} for {target['KeyUsage']}. It was "
            f"{spec} for {usage}, and its callers ask for that.",
        )
    if new == target["KeyId"]:
        raise Misconception("The key ID instead of the ARN", "The exercise asks for the ARN.")
    if new != target["Arn"]:
        raise Misconception("Not the new key's ARN", "The key behind the alias has another ARN.")


def _asked(kms: Any) -> list[str]:
    """The names of the operations that this client asks for from now on."""
    asked: list[str] = []

    def note(model: Any, **_: Any) -> None:
        asked.append(model.name)

    kms.meta.events.register("before-call.kms", note)
    return asked
