"""Cases: signatures, MACs, secrets that two parties come to share, post-quantum keys."""

import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from .case import Account, Section, refused, words

MODEL = "tests/lab/kms/test_model.py"
PROPERTIES = "tests/lab/kms/test_properties.py"
RECORDED = "tests/lab/kms/test_recorded.py"
VECTORS = "tests/lab/hsm/test_vectors.py"
RECENTLY = "recorded answer of AWS, 2023 to 2026"
SIGN, MAC, AGREE = "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"
PSS = "RSASSA_PSS_SHA_256"
SHA256 = hashes.SHA256

signatures = Section("Signatures")
macs = Section("MACs")
agreement = Section("Key agreement")
quantum = Section("Post-quantum keys")


def verified(verify: Callable[..., Any], *arguments: Any) -> str:
    """What ``cryptography`` says of a signature, outside KMS."""
    try:
        verify(*arguments)
    except InvalidSignature:
        return "does not verify outside"
    return "verifies outside"


def public_key_of(account: Account, key: str) -> Any:
    return load_der_public_key(account.kms.get_public_key(KeyId=key)["PublicKey"])


def signature(account: Account, key: str, algorithm: str, **members: Any) -> bytes:
    reply = account.kms.sign(**{"KeyId": key, "SigningAlgorithm": algorithm, **members})
    return bytes(reply["Signature"])


@signatures.case(
    "The salt of an RSA-PSS signature",
    aws="Is as long as the digest: 32 bytes for SHA-256. Others need to know that to verify.",
    source="Developer Guide, Key spec reference",
    expected="verifies outside",
    test=f"{RECORDED}::test_pss_salt_is_as_long_as_the_digest",
)
def pss_salt(account: Account) -> str:
    key = account.key("RSA_2048", SIGN)
    made = signature(account, key, PSS, Message=b"m")
    scheme = padding.PSS(padding.MGF1(SHA256()), salt_length=32)
    return verified(public_key_of(account, key).verify, made, b"m", scheme, SHA256())


@signatures.case(
    "An ECDSA signature",
    aws="Verifies with the public key of GetPublicKey and any library.",
    source="API reference, Sign and GetPublicKey",
    expected="verifies outside",
    test="tests/lab/test_openssl.py::test_openssl_verifies_ecdsa_signatures_of_kms",
)
def ecdsa(account: Account) -> str:
    key = account.key("ECC_NIST_P256", SIGN)
    made = signature(account, key, "ECDSA_SHA_256", Message=b"m")
    return verified(public_key_of(account, key).verify, made, b"m", ec.ECDSA(SHA256()))


@signatures.case(
    "The form of an ECDSA signature",
    aws="DER, which holds r and s. A JWT's ES256 wants the two numbers without it.",
    source="API reference, Sign",
    expected="DER",
    test="tests/lab/test_openssl.py::test_openssl_verifies_ecdsa_signatures_of_kms",
)
def ecdsa_form(account: Account) -> str:
    made = signature(account, account.key("ECC_NIST_P256", SIGN), "ECDSA_SHA_256", Message=b"m")
    try:
        numbers = utils.decode_dss_signature(made)
    except ValueError:
        return f"{len(made)} bytes, not DER"
    return "DER" if utils.encode_dss_signature(*numbers) == made else "almost DER"


@signatures.case(
    "An Ed25519 signature",
    aws="Since November 2025: ECC_NIST_EDWARDS25519 keys sign with pure Ed25519.",
    source="Developer Guide, Key spec reference",
    expected="verifies outside",
    test="tests/lab/test_openssl.py::test_openssl_verifies_ed25519_signatures_of_kms",
)
def ed25519(account: Account) -> str:
    key = account.key("ECC_NIST_EDWARDS25519", SIGN)
    made = signature(account, key, "ED25519_SHA_512", Message=b"m")
    return verified(public_key_of(account, key).verify, made, b"m")


@signatures.case(
    "Sign a digest, verify the message",
    aws="The same signature: with MessageType DIGEST nothing is hashed again.",
    source="API reference, Sign",
    expected="verifies",
    test=f"{MODEL}::test_message_types",
)
def digest(account: Account) -> str:
    key = account.key("ECC_NIST_P256", SIGN)
    hashed = hashlib.sha256(b"m").digest()
    made = signature(account, key, "ECDSA_SHA_256", Message=hashed, MessageType="DIGEST")
    return verify(account, key, made, "ECDSA_SHA_256", b"m")


def verify(account: Account, key: str, made: bytes, algorithm: str, message: bytes) -> str:
    """The answer of Verify: an error in its words, or what the reply says."""
    members = {"KeyId": key, "Message": message, "SigningAlgorithm": algorithm, "Signature": made}
    answer = words(account.kms.verify, **members)
    if answer:
        return answer
    valid = account.kms.verify(**members)["SignatureValid"]
    return "verifies" if valid else "SignatureValid is false"


@signatures.case(
    "Verify of another message",
    aws="Always an error, never a reply that says false.",
    source=RECENTLY,
    expected="KMSInvalidSignatureException, no text",
    test=f"{RECORDED}::test_replies_of_signatures",
)
def other_message(account: Account) -> str:
    key = account.key("RSA_2048", SIGN)
    made = signature(account, key, PSS, Message=b"m")
    return verify(account, key, made, PSS, b"other")


@signatures.case(
    "A digest of the wrong length",
    aws="A digest must be as long as the algorithm's hash.",
    source=RECENTLY,
    expected=f"ValidationException: Digest is invalid length for algorithm {PSS}.",
    test=f"{RECORDED}::test_refusal",
)
def digest_length(account: Account) -> str:
    members = {"KeyId": account.key("RSA_2048", SIGN), "SigningAlgorithm": PSS}
    short = {"Message": b"no digest", "MessageType": "DIGEST"}
    return words(account.kms.sign, **members, **short) or "signs"


@macs.case(
    "GenerateMac with an HMAC_256 key",
    aws="A MAC of 32 bytes, which VerifyMac accepts.",
    source="API reference, GenerateMac and VerifyMac",
    expected="32 bytes, valid",
    test=f"{RECORDED}::test_replies_of_macs",
)
def mac(account: Account) -> str:
    members = {"KeyId": account.key("HMAC_256", MAC), "MacAlgorithm": "HMAC_SHA_256"}
    made = account.kms.generate_mac(Message=b"m", **members)["Mac"]
    valid = account.kms.verify_mac(Message=b"m", Mac=made, **members)["MacValid"]
    return f"{len(made)} bytes, {'valid' if valid else 'not valid'}"


@macs.case(
    "VerifyMac of another message",
    aws="Always an error, without a text.",
    source=RECENTLY,
    expected="KMSInvalidMacException, no text",
    test=f"{RECORDED}::test_replies_of_macs",
)
def wrong_mac(account: Account) -> str:
    members = {"KeyId": account.key("HMAC_256", MAC), "MacAlgorithm": "HMAC_SHA_256"}
    made = account.kms.generate_mac(Message=b"m", **members)["Mac"]
    return words(account.kms.verify_mac, Message=b"other", Mac=made, **members) or "valid"


@macs.case(
    "HMAC_SHA_256 with an HMAC_224 key",
    aws="Each HMAC key spec has one algorithm.",
    source=RECENTLY,
    expected="InvalidKeyUsageException: Algorithm HMAC_SHA_256 is incompatible with key spec "
    "HMAC_224.",
    test=f"{RECORDED}::test_refusal",
)
def mac_algorithm(account: Account) -> str:
    members = {"KeyId": account.key("HMAC_224", MAC), "MacAlgorithm": "HMAC_SHA_256"}
    return words(account.kms.generate_mac, Message=b"m", **members) or "makes a MAC"


@macs.case(
    "CreateKey of an HMAC key without KeyUsage",
    aws="Refused, although such a key has one usage only.",
    source=RECENTLY,
    expected="ValidationException: You must specify a KeyUsage value for all KMS keys except for "
    "symmetric encryption keys.",
    test=f"{RECORDED}::test_refusal",
)
def no_usage(account: Account) -> str:
    return words(account.kms.create_key, KeySpec="HMAC_256") or "makes a key"


@agreement.case(
    "DeriveSharedSecret",
    aws="Plain ECDH: the other side comes to the same secret without KMS.",
    source="API reference, DeriveSharedSecret",
    expected="the same secret",
    test=f"{RECORDED}::test_replies_of_key_agreement",
)
def ecdh(account: Account) -> str:
    key, peer = account.key("ECC_NIST_P256", AGREE), ec.generate_private_key(ec.SECP256R1())
    theirs = peer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    members = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": theirs}
    derived = account.kms.derive_shared_secret(**members)["SharedSecret"]
    outside = peer.exchange(ec.ECDH(), public_key_of(account, key))
    return "the same secret" if derived == outside else "another secret"


@quantum.case(
    "An ML-DSA signature",
    aws="Since June 2025: ML_DSA_44, 65 and 87 keys sign with ML-DSA (FIPS 204).",
    source="Developer Guide, Key spec reference",
    expected="verifies outside",
    test=f"{VECTORS}::test_ml_dsa_answers_of_others",
)
def ml_dsa(account: Account) -> str:
    key = account.key("ML_DSA_65", SIGN)
    made = signature(account, key, "ML_DSA_SHAKE_256", Message=b"m")
    return verified(public_key_of(account, key).verify, made, b"m")


@quantum.case(
    "Sign of μ, as EXTERNAL_MU",
    aws="The signature of the whole message: an ordinary verification accepts it.",
    source="API reference, Sign; FIPS 204, section 6.2",
    expected="verifies outside",
    test=f"{VECTORS}::test_ml_dsa_answers_of_others",
)
def ml_dsa_mu(account: Account) -> str:
    key = account.key("ML_DSA_65", SIGN)
    public, message = public_key_of(account, key), b"m" * 5000
    hasher = mldsa.MLDSAMuHasher(public)
    hasher.update(message)
    how = {"Message": hasher.finalize(), "MessageType": "EXTERNAL_MU"}
    return verified(public.verify, signature(account, key, "ML_DSA_SHAKE_256", **how), message)


@quantum.case(
    "ML-KEM with a sender outside KMS",
    aws="Since October 2026: the sender encapsulates with the public key, Decapsulate gives the "
    "same 32 bytes.",
    source="API reference, Decapsulate",
    expected="the same 32 bytes",
    test=f"{VECTORS}::test_ml_kem_answers_of_others",
)
def ml_kem(account: Account) -> str:
    key = account.key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    secret, blob = public_key_of(account, key).encapsulate()
    found = decapsulated(account, key, blob)
    return f"the same {len(found)} bytes" if found == secret else "other bytes"


def decapsulated(account: Account, key: str, blob: bytes) -> bytes:
    members = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    return bytes(
        account.kms.decapsulate(SharedSecretCiphertextBlob=blob, **members)["SharedSecret"]
    )


@quantum.case(
    "Decapsulate of a changed ciphertext, and of a shorter one",
    aws="A changed one gives other bytes and no error; only a wrong length is refused.",
    source="API reference, Decapsulate",
    expected="changed: 32 other bytes, shorter: InvalidCiphertextException",
    test=f"{MODEL}::test_decapsulation_rejects_only_a_wrong_length",
)
def ml_kem_damaged(account: Account) -> str:
    key = account.key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    secret, blob = public_key_of(account, key).encapsulate()
    found = decapsulated(account, key, bytes([blob[0] ^ 1]) + blob[1:])
    changed = "the same bytes" if found == secret else f"{len(found)} other bytes"
    members = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    short = refused(account.kms.decapsulate, SharedSecretCiphertextBlob=blob[:-1], **members)
    return f"changed: {changed}, shorter: {short or 'accepted'}"
