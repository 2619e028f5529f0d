"""Lesson 08: a release verified without AWS, a token signed by KMS, a key agreed on."""

import base64
import hashlib
import io
import json
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from .kit import Call, Misconception, exercise

SHA256 = hashes.SHA256()
MEBIBYTE = 2**20


class TooMuchAtOnce(Exception):
    """Somebody reads the whole file into memory."""


class _Disk(io.RawIOBase):
    """A file that is not handed out at once."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if len(buffer) >= len(self._content):
            raise TooMuchAtOnce
        piece = self._content[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def readall(self) -> bytes:
        raise TooMuchAtOnce


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _pss(salt_length: int = 32) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(SHA256), salt_length=salt_length)


def _der(public: Any) -> bytes:
    return bytes(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@exercise(
    "08-verify-release",
    "public_key_der, file, signature",
    "The customer needs the file, the signature, the public key and the algorithm's name. No AWS. "
    "(A stricter check also asks for KMS's salt length, the hash's, where `PSS.AUTO` takes any.) "
    "The whole file is never in memory.",
)
def verify_release(call: Call) -> None:
    private = _rsa_key()
    release = os.urandom(MEBIBYTE) * 8
    digest = hashlib.sha256(release).digest()
    prehashed = utils.Prehashed(SHA256)

    def says(file: bytes, signature: bytes) -> bool:
        words = Misconception(
            "The whole file at once",
            "A release can be larger than the memory. Read it in pieces.",
        )
        loud = Misconception(
            "An error instead of False",
            "A wrong signature is an answer here, not an accident: the caller waits for `False`.",
        )
        errors = {"TooMuchAtOnce": words, "InvalidSignature": loud}
        opened = io.BufferedReader(_Disk(file), 65_536)
        arguments = (_der(private.public_key()), opened, signature)
        return bool(call(*arguments, returns=bool, on_error=errors))

    if not says(release, private.sign(digest, _pss(), prehashed)):
        _why_refused(says, private, release, digest)
    changed = release[:-1] + bytes([release[-1] ^ 1])
    if says(changed, private.sign(digest, _pss(), prehashed)):
        raise Misconception(
            "Every signature is accepted", "The last byte of the file was changed, and it passed."
        )
    if says(release, private.sign(digest, padding.PKCS1v15(), prehashed)):
        raise Misconception(
            "A second scheme is accepted",
            "A signature of the older RSA scheme passed. Accept the one that was agreed on.",
        )


def _why_refused(says: Any, private: rsa.RSAPrivateKey, release: bytes, digest: bytes) -> None:
    prehashed = utils.Prehashed(SHA256)
    if says(release, private.sign(digest, padding.PKCS1v15(), prehashed)):
        raise Misconception(
            "The older RSA scheme", "It verifies PKCS #1 v1.5. The release is signed with PSS."
        )
    if says(release, private.sign(digest, _pss(222), prehashed)):
        raise Misconception(
            "Another salt than KMS's",
            "It waits for the longest salt. KMS's is as long as the hash.",
        )
    if says(release, private.sign(digest, _pss(), SHA256)):
        raise Misconception(
            "Hashed twice", "Your digest was hashed again. Say that it is a digest already."
        )
    beginnings = (
        hashlib.sha256(release[:size]).digest() for size in (1024, 4096, 65_536, MEBIBYTE)
    )
    if any(says(release, private.sign(each, _pss(), prehashed)) for each in beginnings):
        raise Misconception(
            "Only the beginning is hashed", "The rest of the file could be changed unnoticed."
        )
    raise Misconception(
        "A genuine signature is refused",
        "It was made with RSASSA_PSS_SHA_256, over the digest of the whole file.",
    )


class _ShortNumbers:
    """Signs as KMS does, but always so that r or s is a byte shorter than usual, in DER too."""

    def __init__(self, kms: Any) -> None:
        self._kms = kms
        self.private = ec.generate_private_key(ec.SECP256R1())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kms, name)

    def sign(self, **members: Any) -> dict[str, Any]:
        reply = self._kms.sign(**members)  # refuses what KMS refuses
        digest = members.get("MessageType") == "DIGEST"
        scheme = ec.ECDSA(utils.Prehashed(SHA256) if digest else SHA256)
        while True:
            signature = self.private.sign(members["Message"], scheme)
            if min(utils.decode_dss_signature(signature)).bit_length() <= 247:
                return {**reply, "Signature": signature}


@exercise(
    "08-es256-token",
    "kms, key_id, claims",
    "The private key stayed in KMS, and every JWT library can check the token: 64 bytes of "
    "signature, r and s with their zeros.",
    in_lab=True,
)
def es256_token(call: Call, kms: Any) -> None:
    key_id = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])
    # Tildes in a row become a + in ordinary base64, wherever they stand.
    for claims in ({"sub": "ada", "exp": 1_800_000_000}, {"sub": "Zoë ☕", "home": "/~~~~~~/"}):
        _check_token(call(kms, key_id, claims, returns=str), claims, public)
    short = _ShortNumbers(kms)
    claims = {"sub": "ada"}
    _check_token(call(short, key_id, claims, returns=str), claims, short.private.public_key())


def _check_token(token: str, claims: dict[str, Any], public: ec.EllipticCurvePublicKey) -> None:
    parts = token.split(".")
    if len(parts) != 3:
        raise Misconception(
            "Not three parts", "Header, claims and signature, with a dot between each two."
        )
    if "=" in token:
        raise Misconception("The = signs are left", "JWTs leave out base64's padding.")
    if set(token) & set("+/"):
        raise Misconception(
            "Ordinary base64", "+ and / mean something else in URLs. JWTs use the other alphabet."
        )
    try:
        head, body, signature = (
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts
        )
        header, found = json.loads(head), json.loads(body)
    except ValueError:
        raise Misconception(
            "Not base64url of JSON",
            "The first two parts are JSON, each in base64url. They can't be read back.",
        ) from None
    if not isinstance(header, dict) or header.get("alg") != "ES256":
        raise Misconception(
            "The header does not say ES256", "Its member `alg` names the algorithm of the token."
        )
    if found != claims:
        raise Misconception("Other claims", "What comes out is not what was handed in.")
    _check_es256(parts, signature, public)


def _check_es256(parts: list[str], signature: bytes, public: ec.EllipticCurvePublicKey) -> None:
    signed = f"{parts[0]}.{parts[1]}".encode()
    if len(signature) != 64:
        der = signature[:1] == b"\x30" and _verifies(public, signature, signed)
        if der:
            raise Misconception(
                "The signature is DER",
                "KMS's form, as it came. A JWT library wants r and s and nothing else.",
            )
        raise Misconception(
            "r and s are not 32 bytes each",
            "A number can begin with zeros. In a token it keeps them, so that each has its place.",
        )
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    encoded = utils.encode_dss_signature(r, s)
    if _verifies(public, encoded, signed):
        return
    if _verifies(public, utils.encode_dss_signature(s, r), signed):
        raise Misconception("s before r", "The order of the two numbers counts.")
    if _verifies(public, encoded, hashlib.sha256(signed).digest()):
        raise Misconception(
            "Hashed twice", "KMS took your digest for a message. Say what it is, or send the text."
        )
    raise Misconception(
        "The signature does not fit",
        "Either r and s were cut out of DER at fixed places (decode it instead), or something else "
        "was signed than the first two parts and the dot between them.",
    )


def _verifies(public: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    try:
        public.verify(signature, message, ec.ECDSA(SHA256))
    except InvalidSignature:
        return False
    return True


@exercise(
    "08-session-key",
    "kms, key_id, peer_public_key_der, salt, purpose",
    "The salt makes each session's key new, the purpose keeps keys for two uses apart, and the "
    "raw secret encrypts nothing.",
    in_lab=True,
)
def session_key(call: Call, kms: Any) -> None:
    created = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
    key_id = created["KeyMetadata"]["KeyId"]
    ours: Any = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])
    peer = ec.generate_private_key(ec.SECP256R1())
    secret = peer.exchange(ec.ECDH(), ours)
    for purpose in (b"orders", b"invoices"):
        salt = os.urandom(32)
        key = call(kms, key_id, _der(peer.public_key()), salt, purpose, returns=bytes)
        if key != _hkdf(secret, salt, purpose):
            raise _other_key(key, secret, salt, purpose)


def _hkdf(
    secret: bytes, salt: bytes | None, info: bytes | None, length: int = 32, hash_: Any = SHA256
) -> bytes:
    return HKDF(algorithm=hash_, length=length, salt=salt, info=info).derive(secret)


def _other_key(key: bytes, secret: bytes, salt: bytes, purpose: bytes) -> Misconception:
    if key == secret:
        return Misconception(
            "The raw secret",
            "It is the same for ever for these two key pairs. Derive a key from it.",
        )
    if len(key) != 32:
        return Misconception("Another length", f"It has {len(key)} bytes. AES-256 takes 32.")
    found = {
        _hkdf(secret, salt, None): ("The purpose is left out", "All uses get the same key."),
        _hkdf(secret, None, purpose): ("The salt is left out", "All sessions get the same key."),
        _hkdf(secret, None, None): (
            "Salt and purpose are left out",
            "All sessions and all uses get the same key.",
        ),
        _hkdf(secret, purpose, salt): (
            "Salt and purpose are swapped",
            "HKDF takes both; each has its own name.",
        ),
        _hkdf(secret, salt, purpose, hash_=hashes.SHA512()): (
            "Another hash",
            "The partner derives with SHA-256, so the two keys differ.",
        ),
        hashlib.sha256(secret).digest(): (
            "A hash instead of HKDF",
            "A bare hash has no place for the salt and the purpose.",
        ),
    }
    words = (
        "The partner has another key",
        "The partner derives 32 bytes with HKDF and SHA-256 from the shared secret.",
    )
    return Misconception(*found.get(key, words))
