"""OpenSSL's command line as the other party: what it does outside agrees with KMS inside.

Signatures, encryption and key agreement go across in both directions, with nothing but the
public keys and the bytes that the KMS API gives. OpenSSL 3.0 has no Ed25519ph, ML-DSA or
ML-KEM; the vectors test those.
"""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.needs import needs_openssl

pytestmark = needs_openssl

MESSAGE = b"attack at dawn"
OpenSSL = Callable[..., bytes]


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSSL:
    """Run openssl. Bytes among the arguments become files, and their paths are passed."""
    counter = iter(range(1000))

    def run(*arguments: str | bytes, check: bool = True) -> bytes:
        command = ["openssl"]
        for argument in arguments:
            if isinstance(argument, bytes):
                path = tmp_path / f"{next(counter)}"
                path.write_bytes(argument)
                argument = str(path)
            command.append(argument)
        done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=30)
        if check:
            assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run


def new_key(kms: Any, key_spec: str, key_usage: str) -> tuple[str, bytes]:
    """A new key's ID, and its public half as GetPublicKey gives it."""
    key_id = kms.create_key(KeySpec=key_spec, KeyUsage=key_usage)["KeyMetadata"]["KeyId"]
    return key_id, kms.get_public_key(KeyId=key_id)["PublicKey"]


def error_code(operation: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as caught:
        operation(**members)
    return caught.value.response["Error"]["Code"]


def is_valid(
    openssl: OpenSSL, public_key: bytes, message: bytes, signature: bytes, *options: str
) -> bool:
    arguments = ("-verify", "-pubin", "-keyform", "DER", "-inkey", public_key, "-rawin")
    files = ("-in", message, "-sigfile", signature)
    said = openssl("pkeyutl", *arguments, *options, *files, check=False)
    return b"Signature Verified Successfully" in said


RSA_SCHEMES = [
    (scheme, bits) for scheme in ("RSASSA_PSS", "RSASSA_PKCS1_V1_5") for bits in (256, 384, 512)
]


@pytest.mark.parametrize(("scheme", "bits"), RSA_SCHEMES)
def test_openssl_verifies_rsa_signatures_of_kms(
    kms: Any, openssl: OpenSSL, scheme: str, bits: int
) -> None:
    key_id, public_key = new_key(kms, "RSA_2048", "SIGN_VERIFY")
    options = ["-digest", f"sha{bits}"]
    if scheme == "RSASSA_PSS":
        for option in ("rsa_padding_mode:pss", f"rsa_pss_saltlen:{bits // 8}"):
            options += ["-pkeyopt", option]
    digest = hashlib.new(f"sha{bits}", MESSAGE).digest()
    for message, kind in ((MESSAGE, "RAW"), (digest, "DIGEST")):
        signature = kms.sign(
            KeyId=key_id,
            Message=message,
            MessageType=kind,
            SigningAlgorithm=f"{scheme}_SHA_{bits}",
        )["Signature"]
        assert is_valid(openssl, public_key, MESSAGE, signature, *options)
        assert not is_valid(openssl, public_key, MESSAGE + b"!", signature, *options)


@pytest.mark.parametrize(
    ("key_spec", "bits"),
    [
        ("ECC_NIST_P256", 256),
        ("ECC_NIST_P384", 384),
        ("ECC_NIST_P521", 512),
        ("ECC_SECG_P256K1", 256),
    ],
)
def test_openssl_verifies_ecdsa_signatures_of_kms(
    kms: Any, openssl: OpenSSL, key_spec: str, bits: int
) -> None:
    key_id, public_key = new_key(kms, key_spec, "SIGN_VERIFY")
    digest = hashlib.new(f"sha{bits}", MESSAGE).digest()
    for message, kind in ((MESSAGE, "RAW"), (digest, "DIGEST")):
        signature = kms.sign(
            KeyId=key_id, Message=message, MessageType=kind, SigningAlgorithm=f"ECDSA_SHA_{bits}"
        )["Signature"]
        assert is_valid(openssl, public_key, MESSAGE, signature, "-digest", f"sha{bits}")
        assert not is_valid(openssl, public_key, b"no", signature, "-digest", f"sha{bits}")


def test_openssl_verifies_ed25519_signatures_of_kms(kms: Any, openssl: OpenSSL) -> None:
    key_id, public_key = new_key(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    signature = kms.sign(KeyId=key_id, Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")
    assert is_valid(openssl, public_key, MESSAGE, signature["Signature"])
    assert not is_valid(openssl, public_key, b"no", signature["Signature"])


PAIR_SPECS = {
    "RSA_2048": b"2048 bit",
    "RSA_3072": b"3072 bit",
    "ECC_NIST_P256": b"P-256",
    "ECC_NIST_P384": b"P-384",
    "ECC_NIST_P521": b"P-521",
    "ECC_SECG_P256K1": b"secp256k1",
    "ECC_NIST_EDWARDS25519": b"ED25519",
}


@pytest.mark.parametrize("pair_spec", PAIR_SPECS)
def test_openssl_reads_data_key_pairs_and_signs_with_them(
    kms: Any, openssl: OpenSSL, pair_spec: str
) -> None:
    wrapping_key = kms.create_key()["KeyMetadata"]["KeyId"]
    pair = kms.generate_data_key_pair(KeyId=wrapping_key, KeyPairSpec=pair_spec)
    private_key, public_key = pair["PrivateKeyPlaintext"], pair["PublicKey"]
    unwrapped = kms.decrypt(KeyId=wrapping_key, CiphertextBlob=pair["PrivateKeyCiphertextBlob"])
    assert unwrapped["Plaintext"] == private_key
    text = openssl("pkey", "-inform", "DER", "-in", private_key, "-noout", "-text")
    assert PAIR_SPECS[pair_spec] in text
    text = openssl("pkey", "-pubin", "-inform", "DER", "-in", public_key, "-noout", "-text_pub")
    assert PAIR_SPECS[pair_spec] in text
    derived = openssl("pkey", "-inform", "DER", "-in", private_key, "-pubout", "-outform", "DER")
    assert derived == public_key
    # PKCS #8, not the older form that belongs to one algorithm: OpenSSL writes it back alike.
    again = openssl(
        "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", "-in", private_key
    )
    assert again == private_key

    options = [] if pair_spec.endswith("25519") else ["-digest", "sha256"]
    signature = openssl(
        "pkeyutl",
        "-sign",
        "-keyform",
        "DER",
        "-inkey",
        private_key,
        "-rawin",
        *options,
        "-in",
        MESSAGE,
    )
    key: Any = load_der_public_key(public_key)
    if pair_spec.startswith("RSA"):
        key.verify(signature, MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    elif options:
        key.verify(signature, MESSAGE, ec.ECDSA(hashes.SHA256()))
    else:
        key.verify(signature, MESSAGE)


ALL_PUBLIC = [
    ("RSA_2048", "ENCRYPT_DECRYPT"),
    ("RSA_2048", "SIGN_VERIFY"),
    ("ECC_NIST_P256", "SIGN_VERIFY"),
    ("ECC_NIST_P384", "KEY_AGREEMENT"),
    ("ECC_NIST_P521", "KEY_AGREEMENT"),
    ("ECC_SECG_P256K1", "SIGN_VERIFY"),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
]


@pytest.mark.parametrize(("key_spec", "key_usage"), ALL_PUBLIC)
def test_openssl_reads_public_keys_of_kms(
    kms: Any, openssl: OpenSSL, key_spec: str, key_usage: str
) -> None:
    _, public_key = new_key(kms, key_spec, key_usage)
    read = openssl("pkey", "-pubin", "-inform", "DER", "-in", public_key, "-outform", "DER")
    assert read == public_key


def oaep(openssl: OpenSSL, public_key: bytes, plaintext: bytes, *options: str) -> bytes:
    arguments = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", public_key]
    for option in ("rsa_padding_mode:oaep", *options):
        arguments += ["-pkeyopt", option]
    return openssl(*arguments, "-in", plaintext)


@pytest.mark.parametrize("bits", [1, 256])
def test_kms_decrypts_what_openssl_encrypted(kms: Any, openssl: OpenSSL, bits: int) -> None:
    key_id, public_key = new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    algorithm, hash_name = f"RSAES_OAEP_SHA_{bits}", f"sha{bits}"
    options = (f"rsa_oaep_md:{hash_name}", f"rsa_mgf1_md:{hash_name}")
    limit = {1: 214, 256: 190}[bits]
    for plaintext in (b"x", bytes(range(limit))):
        members = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
        ciphertext = oaep(openssl, public_key, plaintext, *options)
        assert kms.decrypt(CiphertextBlob=ciphertext, **members)["Plaintext"] == plaintext
        other = "RSAES_OAEP_SHA_1" if bits == 256 else "RSAES_OAEP_SHA_256"
        members["EncryptionAlgorithm"] = other
        code = error_code(kms.decrypt, CiphertextBlob=ciphertext, **members)
        assert code == "InvalidCiphertextException"
    labelled = oaep(openssl, public_key, b"x", *options, "rsa_oaep_label:6c6162656c")
    members["EncryptionAlgorithm"] = algorithm
    code = error_code(kms.decrypt, CiphertextBlob=labelled, **members)
    assert code == "InvalidCiphertextException"


def test_openssl_takes_sha_1_unless_told_and_mgf1_follows_the_other_hash(
    kms: Any, openssl: OpenSSL
) -> None:
    key_id, public_key = new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    for algorithm, options in (
        ("RSAES_OAEP_SHA_1", ()),
        ("RSAES_OAEP_SHA_256", ("rsa_oaep_md:sha256",)),
    ):
        ciphertext = oaep(openssl, public_key, MESSAGE, *options)
        members = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
        assert kms.decrypt(CiphertextBlob=ciphertext, **members)["Plaintext"] == MESSAGE


@pytest.mark.parametrize(
    ("bits", "options"),
    [
        (256, ("rsa_oaep_md:sha256", "rsa_mgf1_md:sha1")),
        (1, ("rsa_oaep_md:sha1", "rsa_mgf1_md:sha256")),
    ],
)
def test_another_mask_generation_function_does_not_decrypt(
    kms: Any, openssl: OpenSSL, bits: int, options: tuple[str, str]
) -> None:
    # The commonest mistake: some libraries keep SHA-1 in MGF1 when told OAEP with SHA-256.
    key_id, public_key = new_key(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    ciphertext = oaep(openssl, public_key, MESSAGE, *options)
    algorithm = f"RSAES_OAEP_SHA_{bits}"
    code = error_code(
        kms.decrypt, KeyId=key_id, CiphertextBlob=ciphertext, EncryptionAlgorithm=algorithm
    )
    assert code == "InvalidCiphertextException"


@pytest.mark.parametrize(
    ("curve", "key_spec"),
    [("P-256", "ECC_NIST_P256"), ("P-384", "ECC_NIST_P384"), ("P-521", "ECC_NIST_P521")],
)
def test_both_sides_derive_the_same_secret(
    kms: Any, openssl: OpenSSL, curve: str, key_spec: str
) -> None:
    key_id, public_key = new_key(kms, key_spec, "KEY_AGREEMENT")
    own = openssl(
        "genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-outform", "DER"
    )
    own_public = openssl("pkey", "-inform", "DER", "-in", own, "-pubout", "-outform", "DER")
    arguments = ("-keyform", "DER", "-inkey", own, "-peerform", "DER", "-peerkey", public_key)
    outside = openssl("pkeyutl", "-derive", *arguments)
    inside = kms.derive_shared_secret(
        KeyId=key_id, KeyAgreementAlgorithm="ECDH", PublicKey=own_public
    )["SharedSecret"]
    assert inside == outside and len(inside) == {"P-256": 32, "P-384": 48, "P-521": 66}[curve]
