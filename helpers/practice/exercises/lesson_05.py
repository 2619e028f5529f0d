"""Lesson 05: importing material until a date, wrapping a private key, finding lost material."""

import base64
import os
from datetime import timedelta
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from helpers import lab

from .kit import Call, Misconception, exercise

FOREVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"
CANNOT_UNWRAP = Misconception(
    "KMS can't unwrap it",
    "Unwrapping failed. Either a hash is not SHA-256 in both places of OAEP, or the wrapping key "
    "and the token are of different pairs.",
)
NOT_A_KEY_YET = Misconception(
    "DER bytes are not a key yet", "KMS gives the wrapping key as bytes in DER. Load them first."
)


def _oaep(hash_: hashes.HashAlgorithm, mgf1_hash: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(mgf1_hash), algorithm=hash_, label=None)


def _described(kms: Any, key_id: str) -> dict[str, Any]:
    metadata: dict[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    return metadata


@exercise(
    "05-import-until",
    "kms, key_id, key_material, valid_to",
    "The key works until that date, and not a minute longer unless you bring the same bytes "
    "again. On AWS set an alarm before the date.",
    in_lab=True,
)
def import_until(call: Call, kms: Any) -> None:
    for days in (1, 200):
        key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
        key_material = os.urandom(32)
        valid_to = lab.clock.now() + timedelta(days=days)
        call(
            kms,
            key_id,
            key_material,
            valid_to,
            on_error={
                "InvalidCiphertextException": CANNOT_UNWRAP,
                "AttributeError": NOT_A_KEY_YET,
                "InvalidImportTokenException": Misconception(
                    "Not the token of this key", "The token comes with the wrapping key, unchanged."
                ),
                "IncorrectKeyMaterialException": Misconception(
                    "Not 32 raw bytes",
                    "KMS could unwrap it, but what was inside is no symmetric key. As text, in "
                    "hexadecimal or base64, it has another length.",
                ),
                "ValidationException": Misconception(
                    "Date and expiration model don't fit",
                    "Material that expires needs a date; material that doesn't must have none.",
                ),
            },
        )
        _check_until(kms, key_id, key_material, valid_to)


def _check_until(kms: Any, key_id: str, key_material: bytes, valid_to: Any) -> None:
    metadata = _described(kms, key_id)
    if metadata["KeyState"] == "PendingImport":
        raise Misconception(
            "The key still waits for material", "Nothing was imported into the key handed in."
        )
    if metadata.get("ExpirationModel") == FOREVER:
        raise Misconception("It never expires", "The exercise asks for material that expires.")
    if abs(metadata["ValidTo"] - valid_to) > timedelta(seconds=1):
        raise Misconception(
            "It expires at another time", "`valid_to` is the time to use, as it was handed in."
        )
    # The same bytes may always come again; others are refused.
    if _import(kms, key_id, key_material) != "OK":
        raise Misconception(
            "Other material than handed in", "The key holds bytes that are not `key_material`."
        )


def _import(kms: Any, key_id: str, key_material: bytes) -> str:
    """Import the material for ever: "OK" or the code of the error."""
    asked = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public: Any = load_der_public_key(asked["PublicKey"])
    sha256 = hashes.SHA256()
    try:
        kms.import_key_material(
            KeyId=key_id,
            ImportToken=asked["ImportToken"],
            EncryptedKeyMaterial=public.encrypt(key_material, _oaep(sha256, sha256)),
            ExpirationModel=FOREVER,
        )
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "OK"


@exercise(
    "05-wrap-private-key",
    "public_key_der, private_key_der",
    "KMS finds the end of the first part by the length of its RSA key, opens it, and with the AES "
    "key the rest. So a private key of any length travels.",
)
def wrap_private_key(call: Call) -> None:
    wrapping_key = _wrapping_key()
    der = wrapping_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    aes_keys = set()
    for private_key_der in (_rsa_private_key(), _ec_private_key(), _rsa_private_key()):
        wrapped = call(
            der,
            private_key_der,
            returns=bytes,
            on_error={
                "AttributeError": NOT_A_KEY_YET,
                "ValueError": Misconception(
                    "Too long, or of the wrong length",
                    "RSA has room for 190 bytes here, so it can carry an AES key but no private "
                    "key. And key wrap without padding takes multiples of 8 bytes only.",
                ),
            },
        )
        aes_keys.add(_unwrapped(wrapping_key, wrapped, private_key_der))
    if len(aes_keys) < 3:
        raise Misconception(
            "One AES key for several imports", "Make a fresh one each time, from good randomness."
        )


@cache
def _wrapping_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _rsa_private_key() -> bytes:
    """PKCS#8 whose length is no multiple of 8, so that key wrap without padding is noticed."""
    der = b""
    while len(der) % 8 == 0:
        der = _pkcs8(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return der


@cache
def _ec_private_key() -> bytes:
    return _pkcs8(ec.generate_private_key(ec.SECP256R1()))


def _pkcs8(private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _unwrapped(wrapping_key: rsa.RSAPrivateKey, wrapped: bytes, private_key_der: bytes) -> bytes:
    """The AES key, if both parts are what they should be."""
    if private_key_der in wrapped:
        raise Misconception("The private key is readable", "It lies in the result unencrypted.")
    if _base64(wrapped):
        raise Misconception(
            "Base64 text", "KMS's client takes the bytes themselves and encodes them on its own."
        )
    sha1, sha256 = hashes.SHA1(), hashes.SHA256()
    first, second = wrapped[:256], wrapped[256:]
    aes_key = _opened(wrapping_key, first, _oaep(sha256, sha256))
    if aes_key is None:
        for pair in ((sha256, sha1), (sha1, sha256), (sha1, sha1)):
            if _opened(wrapping_key, first, _oaep(*pair)) is not None:
                raise Misconception(
                    "SHA-1 in the padding", "Both hashes of OAEP must be SHA-256, and one is not."
                )
        if _opened(wrapping_key, wrapped[-256:], _oaep(sha256, sha256)) is not None:
            raise Misconception(
                "Parts in the wrong order",
                "Both parts are there. KMS expects the one that RSA wrapped at the beginning.",
            )
        raise Misconception(
            "The first part does not open",
            "The first 256 bytes should be the AES key, wrapped with RSA. KMS can't open them.",
        )
    if len(aes_key) != 32:
        raise Misconception(
            "Not an AES-256 key", f"The key has {len(aes_key)} bytes; KMS asks for 256 bits."
        )
    if not second:
        raise Misconception("The private key is missing", "Only the wrapped AES key comes out.")
    if _kwp(aes_key, second) != private_key_der:
        raise Misconception(
            "The second part does not open",
            "With the AES key of the first part, AES key wrap with padding gives something else. "
            "Key wrap without padding and AES-GCM look alike, and are other methods.",
        )
    return aes_key


def _opened(
    wrapping_key: rsa.RSAPrivateKey, ciphertext: bytes, scheme: padding.OAEP
) -> bytes | None:
    try:
        return wrapping_key.decrypt(ciphertext, scheme)
    except ValueError:
        return None


def _kwp(aes_key: bytes, wrapped: bytes) -> bytes | None:
    try:
        return keywrap.aes_key_unwrap_with_padding(aes_key, wrapped)
    except (keywrap.InvalidUnwrap, ValueError):
        return None


def _base64(data: bytes) -> bool:
    try:
        return len(base64.b64decode(data, validate=True)) > 256
    except ValueError:
        return False


@exercise(
    "05-bring-back",
    "kms, key_id, candidates",
    "KMS knows its material again by the bytes alone, so only the right material opens the key. "
    "That is also why you must never lose it.",
    in_lab=True,
)
def bring_back(call: Call, kms: Any) -> None:
    for place in (2, 0):
        candidates = [os.urandom(32) for _ in range(3)]
        key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
        _import(kms, key_id, candidates[place])
        blob = kms.encrypt(KeyId=key_id, Plaintext=b"kept")["CiphertextBlob"]
        kms.delete_imported_key_material(KeyId=key_id)
        answer = call(
            kms,
            key_id,
            list(candidates),
            returns=int,
            on_error={
                "InvalidCiphertextException": CANNOT_UNWRAP,
                "AttributeError": NOT_A_KEY_YET,
                "IncorrectKeyMaterialException": Misconception(
                    "Stopped at the first wrong one",
                    "KMS refused a candidate, and your function ended there. Go on to the next.",
                ),
                "KMSInvalidStateException": Misconception(
                    "A candidate was imported beside the lost one",
                    "With ImportType NEW_KEY_MATERIAL KMS takes any bytes, and lets them wait for "
                    "a rotation. The lost material stays lost.",
                ),
            },
        )
        _check_back(kms, key_id, blob)
        if answer != place:
            raise Misconception(
                "Another place in the list", "The key is back, but with another candidate."
            )
    _check_not_found(call, kms)


def _check_back(kms: Any, key_id: str, blob: bytes) -> None:
    metadata = _described(kms, key_id)
    listed = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    if len(listed["Rotations"]) > 1:
        raise Misconception(
            "A candidate was imported beside the lost one",
            "With ImportType NEW_KEY_MATERIAL KMS takes any bytes, and lets them wait for a "
            "rotation. The lost material stays lost.",
        )
    if metadata["KeyState"] != "Enabled":
        raise Misconception(
            "The key still waits for material", "After your function the key is not Enabled."
        )
    if metadata["ExpirationModel"] != FOREVER:
        raise Misconception("It will expire again", "The exercise asks for material that stays.")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


def _check_not_found(call: Call, kms: Any) -> None:
    """A key that isn't there: every error swallowed looks like a wrong candidate."""
    gone = "00000000-0000-4000-8000-000000000000"
    outcome = call.outcome(kms, gone, [os.urandom(32)])
    if outcome.error is None:
        raise Misconception(
            "Every error is swallowed",
            "Asked about a key that doesn't exist, your function says nothing of it. Only one "
            "error means that a candidate is wrong.",
        )
