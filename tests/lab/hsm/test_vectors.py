"""The HSM computes what NIST, RFC and other people's vectors say, through its own functions.

The vectors come from the ``cryptography_vectors`` package; nobody here wrote them. Where no
vector has the parameters KMS uses (PSS with a salt as long as the digest, the ciphertext
blob), a second implementation in this file, first checked against vectors itself, stands in.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography_vectors import open_vector_file

from helpers.lab.hsm import asymmetric, material, signing, symmetric
from helpers.lab.hsm.domain import Domain
from helpers.lab.hsm.errors import CiphertextInvalid, MacInvalid, PeerKeyInvalid, SignatureInvalid

Vector = dict[str, str]


def vectors(path: str, first: str, last: str | None = None) -> Iterator[Vector]:
    """Read ``name = value`` lines: a vector begins with ``first`` (and ends with ``last``).

    Members that stand before the first vector of a section, and the section's ``[head]``, are
    added to each vector of it under their own name and under "section".
    """
    section: Vector = {"section": ""}
    vector: Vector | None = None
    with open_vector_file(path, "r") as lines:
        for line in lines:
            line = line.strip()
            if line.startswith("["):
                if vector is not None:
                    yield vector
                    section = {"section": ""}
                vector = None
                section["section"] += line.strip("[]") + ";"
                continue
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or line.startswith("#"):
                if line == "FAIL" and vector is not None:
                    vector["FAIL"] = ""
                continue
            if name == first:
                if vector is not None:
                    yield vector
                vector = dict(section)
            if vector is None:
                section[name] = value
                continue
            vector[name] = value
            if name == last:
                yield vector
                vector = None
    if vector is not None:
        yield vector


def unhex(vector: Vector, name: str) -> bytes:
    return bytes.fromhex(vector[name])


def pkcs8(private_key: Any) -> bytes:
    return private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def spki(public_key: Any) -> bytes:
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def refuses(error: Any, function: Callable[..., Any], *arguments: Any) -> bool:
    try:
        function(*arguments)
    except error:
        return True
    return False


# Key derivation, HMAC, AES-GCM and the blob


def kbkdf_vectors(counter: str, counter_bits: int) -> list[Vector]:
    wanted = f"PRF=HMAC_SHA256;CTRLOCATION={counter};RLEN={counter_bits}_BITS;"
    path = "KDF/nist-800-108-KBKDF-CTR.txt"
    return [v for v in vectors(path, "COUNT") if v["section"] == wanted]


def test_derive_key_is_nist_counter_mode() -> None:
    # The length L is no part of these vectors' input beyond FixedInputData, and counter mode
    # writes PRF block after PRF block. So outputs that differ in length begin alike.
    found = kbkdf_vectors("BEFORE_FIXED", 32)
    assert len(found) == 40
    lengths = set()
    for vector in found:
        expected = unhex(vector, "KO")
        assert 8 * len(expected) == int(vector["L"])
        derived = symmetric.derive_key(unhex(vector, "KI"), unhex(vector, "FixedInputData"))
        assert len(derived) == 32
        assert derived[: len(expected)] == expected[:32]
        lengths.add(len(expected))
    assert max(lengths) >= 32


@pytest.mark.parametrize(("counter", "bits"), [("AFTER_FIXED", 32), ("BEFORE_FIXED", 16)])
def test_derive_key_is_no_other_counter_mode(counter: str, bits: int) -> None:
    found = kbkdf_vectors(counter, bits)
    assert len(found) == 40
    for vector in found:
        derived = symmetric.derive_key(unhex(vector, "KI"), unhex(vector, "FixedInputData"))
        expected = unhex(vector, "KO")[:32]
        assert derived[: len(expected)] != expected


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_hmac_of_rfc_4231(bits: int) -> None:
    found = list(vectors(f"HMAC/rfc-4231-sha{bits}.txt", "Len", "MD"))
    assert len(found) == 6
    algorithm = f"HMAC_SHA_{bits}"
    for vector in found:
        key, message, mac = (unhex(vector, name) for name in ("Key", "Msg", "MD"))
        assert signing.generate_mac(key, message, algorithm) == mac
        signing.verify_mac(key, message, mac, algorithm)
        for wrong in (mac[:-1], mac + b"\0", mac[:-1] + bytes([mac[-1] ^ 1]), b""):
            assert refuses(MacInvalid, signing.verify_mac, key, message, wrong, algorithm)
        assert refuses(MacInvalid, signing.verify_mac, key, message + b"\0", mac, algorithm)


def test_exported_key_tokens_are_aes_256_gcm() -> None:
    good = bad = 0
    for vector in vectors("ciphers/AES/GCM/gcmDecrypt256.rsp", "Count"):
        section = vector["section"]
        if not section.startswith("Keylen = 256;IVlen = 96;"):
            continue
        if not section.endswith("AADlen = 0;Taglen = 128;"):
            continue
        domain = Domain()
        domain._aead = AESGCM(unhex(vector, "Key"))
        token = unhex(vector, "IV") + unhex(vector, "CT") + unhex(vector, "Tag")
        if "FAIL" in vector:
            assert refuses(CiphertextInvalid, domain.open, token, "")
            bad += 1
        else:
            assert domain.open(token, "") == unhex(vector, "PT")
            assert refuses(CiphertextInvalid, domain.open, token, "another material")
            good += 1
    assert good >= 20 and bad >= 20


def sp800_108(key: bytes, fixed_input: bytes) -> bytes:
    """One block of counter mode is 32 bytes, all that a derived key needs."""
    return hmac.digest(key, (1).to_bytes(4, "big") + fixed_input, "sha256")


def canonical(context: dict[str, str]) -> bytes:
    """The documented serialisation, written anew: a count, then lengths and UTF-8 bytes."""
    pairs = sorted((n.encode(), v.encode()) for n, v in context.items())
    out = len(pairs).to_bytes(4, "big")
    for name, value in pairs:
        out += len(name).to_bytes(4, "big") + name + len(value).to_bytes(4, "big") + value
    return out


ACCOUNT_ID = "001122334455"
KEY_ID = "12345678-90ab-cdef-1234-567890abcdef"
MATERIAL_ID = bytes(range(32)).hex()
CONTEXT = {"b": "zwei", "": "", "ä": "eins", "aa": "€"}


def blob_by_hand(
    backing_key: bytes, plaintext: bytes, context: dict[str, str], *, multi_region: bool = False
) -> bytes:
    """A ciphertext blob from nothing but the documentation of its layout."""
    nonce, vector = bytes(range(100, 116)), bytes(range(200, 212))
    header = (
        b"\x01"
        + int(ACCOUNT_ID).to_bytes(6, "big")
        + bytes([multi_region])
        + UUID(KEY_ID).bytes
        + bytes.fromhex(MATERIAL_ID)
        + nonce
        + vector
    )
    fixed_input = b"aws-kms-lab/encrypt" + b"\0" + nonce + (256).to_bytes(4, "big")
    one_time_key = sp800_108(backing_key, fixed_input)
    header += hashlib.sha256(header).digest()[:4]
    sealed = AESGCM(one_time_key).encrypt(vector, plaintext, header + canonical(context))
    return header + sealed


def test_the_second_derivation_in_this_file_is_right_too() -> None:
    for vector in kbkdf_vectors("BEFORE_FIXED", 32):
        expected = unhex(vector, "KO")[:32]
        derived = sp800_108(unhex(vector, "KI"), unhex(vector, "FixedInputData"))
        assert derived[: len(expected)] == expected


@pytest.mark.parametrize("context", [{}, CONTEXT])
@pytest.mark.parametrize("multi_region", [False, True])
def test_decrypt_reads_a_blob_built_from_its_documentation(
    context: dict[str, str], multi_region: bool
) -> None:
    backing_key = bytes(range(32))
    for plaintext in (b"x", bytes(4096)):
        blob = blob_by_hand(backing_key, plaintext, context, multi_region=multi_region)
        assert len(blob) == 88 + len(plaintext) + 16
        assert symmetric.decrypt(backing_key, blob, context) == plaintext
        wrong = {**context, "one": "more"}
        assert refuses(CiphertextInvalid, symmetric.decrypt, backing_key, blob, wrong)


def test_encrypt_writes_a_blob_that_its_documentation_can_open() -> None:
    backing_key = bytes(range(32))
    blob = symmetric.encrypt(
        backing_key,
        account_id=ACCOUNT_ID,
        key_id=KEY_ID,
        key_material_id=MATERIAL_ID,
        plaintext=b"attack at dawn",
        encryption_context=CONTEXT,
    )
    header, sealed = blob[:88], blob[88:]
    assert header[:56] == blob_by_hand(backing_key, b"", {})[:56]
    nonce, vector = header[56:72], header[72:84]
    key = sp800_108(backing_key, b"aws-kms-lab/encrypt\0" + nonce + (256).to_bytes(4, "big"))
    assert AESGCM(key).decrypt(vector, sealed, header + canonical(CONTEXT)) == b"attack at dawn"


# RSA


def oaep_vectors(path: str) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Private key, message, ciphertext. The files give ``# Name:`` and then lines of hex."""
    fields: dict[str, int] = {}
    name, keys = "", {}
    digits = ""
    with open_vector_file(path, "r") as lines:
        for line in [*lines, "# End:"]:
            if not line.startswith("#"):
                digits += "".join(line.split()) if name else ""
                continue
            if digits:
                fields[name] = int(digits, 16)
                keys[name] = bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))
                if name == "encryption":
                    yield oaep_key(fields), keys["message"], keys["encryption"]
            title = line.strip("# \n").lower()
            name, digits = (title.rstrip(": ") if title.endswith(":") else ""), ""


def oaep_key(fields: dict[str, int]) -> bytes:
    public = rsa.RSAPublicNumbers(fields["public exponent"], fields["modulus"])
    numbers = rsa.RSAPrivateNumbers(
        fields["prime 1"],
        fields["prime 2"],
        fields["exponent"],
        fields["prime exponent 1"],
        fields["prime exponent 2"],
        fields["coefficient"],
        public,
    )
    return pkcs8(numbers.private_key(unsafe_skip_rsa_key_validation=True))


OAEP_FILES = [
    ("RSAES_OAEP_SHA_1", "asymmetric/RSA/pkcs-1v2-1d2-vec/oaep-vect.txt", 50),
    ("RSAES_OAEP_SHA_256", "asymmetric/RSA/oaep-custom/oaep-sha256-sha256.txt", 50),
]


@pytest.mark.parametrize(("algorithm", "path", "least"), OAEP_FILES)
def test_rsa_decrypt_opens_oaep_vectors(algorithm: str, path: str, least: int) -> None:
    ran = 0
    for key, message, ciphertext in oaep_vectors(path):
        ciphertext = ciphertext.rjust(material.load_private_key(key).key_size + 7 >> 3, b"\0")
        assert asymmetric.rsa_decrypt(key, ciphertext, algorithm) == message
        ran += 1
    assert ran >= least


@pytest.mark.parametrize(
    ("algorithm", "path"),
    [
        ("RSAES_OAEP_SHA_256", "asymmetric/RSA/oaep-custom/oaep-sha256-sha1.txt"),
        ("RSAES_OAEP_SHA_256", "asymmetric/RSA/oaep-custom/oaep-sha1-sha256.txt"),
        ("RSAES_OAEP_SHA_1", "asymmetric/RSA/oaep-custom/oaep-sha1-sha256.txt"),
        ("RSAES_OAEP_SHA_1", "asymmetric/RSA/oaep-custom/oaep-sha256-sha256.txt"),
        ("RSAES_OAEP_SHA_256", "asymmetric/RSA/pkcs-1v2-1d2-vec/oaep-vect.txt"),
    ],
)
def test_rsa_decrypt_refuses_another_hash_or_mask(algorithm: str, path: str) -> None:
    ran = 0
    for key, _, ciphertext in islice(oaep_vectors(path), 0, None, 3):
        assert refuses(CiphertextInvalid, asymmetric.rsa_decrypt, key, ciphertext, algorithm)
        ran += 1
    assert ran >= 15


def first_with_leading_zero(make: Callable[[], bytes]) -> bytes:
    return next(made for made in iter(make, None) if made[0] == 0)


# Any other length than the modulus's is an error (RFC 8017, sections 7.1.2, 8.1.2 and 8.2.2), even
# if it is the same number without its leading zeros.


@pytest.mark.parametrize("algorithm", list(asymmetric.OAEP_HASHES))
def test_rsa_ciphertext_must_be_as_long_as_the_modulus(algorithm: str) -> None:
    private_key = rsa.generate_private_key(65537, 2048)
    der, key = pkcs8(private_key), spki(private_key.public_key())
    whole = first_with_leading_zero(partial(asymmetric.rsa_encrypt, key, b"x", algorithm))
    assert asymmetric.rsa_decrypt(der, whole, algorithm) == b"x"
    for wrong in (whole[1:], b"\0" + whole, b""):
        assert refuses(CiphertextInvalid, asymmetric.rsa_decrypt, der, wrong, algorithm)


@pytest.mark.parametrize("algorithm", ["RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256"])
def test_rsa_signature_must_be_as_long_as_the_modulus(algorithm: str) -> None:
    private_key = rsa.generate_private_key(65537, 2048)
    der, key = pkcs8(private_key), spki(private_key.public_key())
    for number in range(10_000):
        message = str(number).encode()
        whole = signing.sign(der, message, signing.RAW, algorithm)
        if whole[0] == 0:
            break
    signing.verify(key, message, whole, signing.RAW, algorithm)
    for wrong in (b"\0" + whole, b"", whole[1:]):
        arguments = (key, message, wrong, signing.RAW, algorithm)
        assert refuses(SignatureInvalid, signing.verify, *arguments)


HASH_NAMES = {"SHA256": "SHA_256", "SHA384": "SHA_384", "SHA512": "SHA_512"}


def cavs_cases(path: str, last: str) -> Iterator[Vector]:
    """The RSA files have several keys in turn, each before its cases, which end with ``last``."""
    key: Vector = {}
    case: Vector = {}
    with open_vector_file(path, "r") as lines:
        for line in lines:
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or line.startswith(("#", "[")):
                continue
            of_key = name in ("n", "p", "q") or (name == "e" and not case)
            (key if of_key else case)[name] = value
            if name == last:
                if case["SHAAlg"] in HASH_NAMES:
                    yield {**key, **case}
                case = {}


def rsa_public(vector: Vector) -> bytes:
    return spki(rsa.RSAPublicNumbers(int(vector["e"], 16), int(vector["n"], 16)).public_key())


def test_pkcs1_v1_5_signatures_of_nist() -> None:
    good = bad = 0
    for vector in cavs_cases("asymmetric/RSA/FIPS_186-2/SigVer15_186-3.rsp", "Result"):
        algorithm = "RSASSA_PKCS1_V1_5_" + HASH_NAMES[vector["SHAAlg"]]
        message, signature = unhex(vector, "Msg"), unhex(vector, "S")
        key = rsa_public(vector)
        digest = hashlib.new(vector["SHAAlg"], message).digest()
        if vector["Result"].startswith("P"):
            signing.verify(key, message, signature, signing.RAW, algorithm)
            signing.verify(key, digest, signature, signing.DIGEST, algorithm)
            other = algorithm.replace("PKCS1_V1_5", "PSS")
            assert refuses(SignatureInvalid, signing.verify, key, message, signature, "RAW", other)
            good += 1
        else:
            arguments = (key, message, signature, signing.RAW, algorithm)
            assert refuses(SignatureInvalid, signing.verify, *arguments)
            bad += 1
    assert good >= 30 and bad >= 150


def mgf1(seed: bytes, length: int, name: str) -> bytes:
    blocks = -(-length // hashlib.new(name).digest_size)
    mask = b"".join(hashlib.new(name, seed + i.to_bytes(4, "big")).digest() for i in range(blocks))
    return mask[:length]


def pss_sign(key: Vector, message: bytes, salt: bytes, name: str) -> bytes:
    """RSASSA-PSS of RFC 8017, sections 9.1.1 and 8.1.1, with a salt that the caller chooses."""
    modulus, exponent = int(key["n"], 16), int(key["d"], 16)
    bits = modulus.bit_length() - 1
    length = (bits + 7) // 8
    digest = hashlib.new(name, bytes(8) + hashlib.new(name, message).digest() + salt).digest()
    data = bytes(length - len(salt) - len(digest) - 2) + b"\x01" + salt
    masked = int.from_bytes(data, "big") ^ int.from_bytes(mgf1(digest, len(data), name), "big")
    masked &= (1 << (bits - 8 * (len(digest) + 1))) - 1
    encoded = masked.to_bytes(len(data), "big") + digest + b"\xbc"
    number = pow(int.from_bytes(encoded, "big"), exponent, modulus)
    return number.to_bytes((modulus.bit_length() + 7) // 8, "big")


def pss_salt_length(public_key: bytes, message: bytes, signature: bytes, name: str) -> int:
    """Open a PSS signature (RFC 8017, section 9.1.2) and return how long its salt is."""
    numbers = material.load_public_key(public_key).public_numbers()
    bits = numbers.n.bit_length() - 1
    number = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n)
    encoded = number.to_bytes((bits + 7) // 8, "big")
    size = hashlib.new(name).digest_size
    masked, digest = encoded[: -size - 1], encoded[-size - 1 : -1]
    data = int.from_bytes(masked, "big") ^ int.from_bytes(mgf1(digest, len(masked), name), "big")
    data &= (1 << (bits - 8 * (size + 1))) - 1
    salt = data.to_bytes(len(masked), "big").lstrip(b"\0").removeprefix(b"\x01")
    again = hashlib.new(name, bytes(8) + hashlib.new(name, message).digest() + salt).digest()
    assert encoded[-1] == 0xBC and again == digest
    return len(salt)


PSS_FILES = [
    ("asymmetric/RSA/FIPS_186-2/SigGenPSS_186-3.rsp", "S", 0, 100),
    ("asymmetric/RSA/FIPS_186-2/SigVerPSS_186-3.rsp", "Result", 10, 30),
    ("asymmetric/RSA/FIPS_186-2/SigGenPSS_186-2.rsp", "S", 20, 100),
]


@pytest.mark.parametrize(("path", "last", "salt_length", "least"), PSS_FILES)
def test_nists_pss_signatures_are_refused_for_their_salt_length(
    path: str, last: str, salt_length: int, least: int
) -> None:
    right = 0
    for case in cavs_cases(path, last):
        message, signature, name = unhex(case, "Msg"), unhex(case, "S"), case["SHAAlg"]
        key = rsa_public(case)
        arguments = (key, message, signature, signing.RAW, "RSASSA_PSS_" + HASH_NAMES[name])
        assert refuses(SignatureInvalid, signing.verify, *arguments)
        if case.get("Result", "P").startswith("P"):
            # Nothing but the salt's length is wrong with it.
            assert pss_salt_length(key, message, signature, name) == salt_length
            right += 1
    assert right >= least


def pss_keys() -> list[Vector]:
    cases = cavs_cases("asymmetric/RSA/FIPS_186-2/SigVerPSS_186-3.rsp", "Result")
    return [case for case in cases if case["Result"].startswith("P")]


def test_the_second_pss_in_this_file_makes_nists_signatures() -> None:
    cases = pss_keys()[::3]
    assert len(cases) >= 15
    for case in cases:
        message, signature = unhex(case, "Msg"), unhex(case, "S")
        assert pss_sign(case, message, unhex(case, "SaltVal"), case["SHAAlg"]) == signature


def test_pss_salt_is_as_long_as_the_digest_and_no_other_verifies() -> None:
    ran = 0
    for case in pss_keys()[::7]:
        size = hashlib.new(case["SHAAlg"]).digest_size
        modulus = int(case["n"], 16)
        longest = (modulus.bit_length() + 6) // 8 - size - 2
        if longest <= size:
            continue  # RSA-1024 with SHA-512: no room, and no key of KMS is that short
        algorithm = "RSASSA_PSS_" + HASH_NAMES[case["SHAAlg"]]
        message, key = unhex(case, "Msg"), rsa_public(case)
        for length in {0, size - 1, size + 1, longest} - {size}:
            signature = pss_sign(case, message, b"\xa5" * length, case["SHAAlg"])
            assert pss_salt_length(key, message, signature, case["SHAAlg"]) == length
            arguments = (key, message, signature, signing.RAW, algorithm)
            assert refuses(SignatureInvalid, signing.verify, *arguments)
        signature = pss_sign(case, message, bytes(range(size)), case["SHAAlg"])
        digest = hashlib.new(case["SHAAlg"], message).digest()
        signing.verify(key, message, signature, signing.RAW, algorithm)
        signing.verify(key, digest, signature, signing.DIGEST, algorithm)
        ran += 1
    assert ran >= 6


@pytest.mark.parametrize("name", HASH_NAMES)
def test_sign_makes_pss_with_a_salt_as_long_as_the_digest(name: str) -> None:
    private_key = rsa.generate_private_key(65537, 2048)
    der, public_key = pkcs8(private_key), spki(private_key.public_key())
    digest = hashlib.new(name, b"message").digest()
    for message, kind in ((b"message", signing.RAW), (digest, signing.DIGEST)):
        signature = signing.sign(der, message, kind, "RSASSA_PSS_" + HASH_NAMES[name])
        assert pss_salt_length(public_key, b"message", signature, name) == len(digest)


# Elliptic curves


CURVES: dict[str, tuple[str, type[ec.EllipticCurve], str]] = {
    "P-256,SHA-256": ("ECDSA_SHA_256", ec.SECP256R1, "sha256"),
    "P-384,SHA-384": ("ECDSA_SHA_384", ec.SECP384R1, "sha384"),
    "P-521,SHA-512": ("ECDSA_SHA_512", ec.SECP521R1, "sha512"),
    "K-256,SHA-256": ("ECDSA_SHA_256", ec.SECP256K1, "sha256"),
}


def ec_spki(curve: type[ec.EllipticCurve], x: str, y: str) -> bytes:
    """A public key written by hand, so that a point off the curve can be written as well."""
    size = (curve.key_size + 7) // 8
    genuine = spki(ec.derive_private_key(1, curve()).public_key())
    return (
        genuine[: -2 * size] + int(x, 16).to_bytes(size, "big") + int(y, 16).to_bytes(size, "big")
    )


def ecdsa_signature(vector: Vector) -> bytes:
    return encode_dss_signature(int(vector["R"], 16), int(vector["S"], 16))


@pytest.mark.parametrize("section", ["P-256,SHA-256", "P-384,SHA-384", "P-521,SHA-512"])
def test_ecdsa_verdicts_of_nist(section: str) -> None:
    algorithm, curve, hash_name = CURVES[section]
    good = bad = 0
    for vector in vectors("asymmetric/ECDSA/FIPS_186-3/SigVer.rsp", "Msg"):
        if vector["section"] != section + ";":
            continue
        key = ec_spki(curve, vector["Qx"], vector["Qy"])
        message, signature = unhex(vector, "Msg"), ecdsa_signature(vector)
        arguments = (key, message, signature, signing.RAW, algorithm)
        if vector["Result"].startswith("P"):
            signing.verify(*arguments)
            digest = hashlib.new(hash_name, message).digest()
            signing.verify(key, digest, signature, signing.DIGEST, algorithm)
            good += 1
        else:
            # A changed Q is no key at all; the library says so with ValueError.
            assert refuses((SignatureInvalid, ValueError), signing.verify, *arguments)
            bad += 1
    assert good >= 3 and bad >= 9


@pytest.mark.parametrize("section", list(CURVES))
def test_ecdsa_signatures_that_others_made(section: str) -> None:
    algorithm, curve, _ = CURVES[section]
    path = "FIPS_186-3/SigGen.txt" if section.startswith("P") else "SECP256K1/SigGen.txt"
    found = (v for v in vectors(f"asymmetric/ECDSA/{path}", "Msg") if v["section"] == section + ";")
    ran = 0
    for vector in islice(found, 15):
        key = ec_spki(curve, vector["Qx"], vector["Qy"])
        message, signature = unhex(vector, "Msg"), ecdsa_signature(vector)
        signing.verify(key, message, signature, signing.RAW, algorithm)
        r, s = int(vector["R"], 16), int(vector["S"], 16)
        for wrong in (
            encode_dss_signature(r ^ 1, s),
            encode_dss_signature(s, r),
            encode_dss_signature(r, 0),
            signature + b"\0",
            signature[:-1],
            r.to_bytes(66, "big") + s.to_bytes(66, "big"),
            b"",
        ):
            arguments = (key, message, wrong, signing.RAW, algorithm)
            assert refuses(SignatureInvalid, signing.verify, *arguments)
        private_key = ec.derive_private_key(int(vector["d"], 16), curve())
        ours = signing.sign(pkcs8(private_key), message, signing.RAW, algorithm)
        signing.verify(key, message, ours, signing.RAW, algorithm)
        ran += 1
    assert ran >= 15


ECDH_CURVES = {
    "EC - SHA256": ec.SECP256R1,
    "ED - SHA384": ec.SECP384R1,
    "EE - SHA512": ec.SECP521R1,
}


@pytest.mark.parametrize("role", ["init", "resp"])
@pytest.mark.parametrize("section", list(ECDH_CURVES))
def test_ecdh_of_nist(section: str, role: str) -> None:
    curve = ECDH_CURVES[section]
    path = f"asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_{role}.fax"
    ran: dict[str, int] = {}
    for vector in vectors(path, "COUNT"):
        if not vector["section"].endswith(section + ";") or "Z" not in vector:
            continue
        reason = vector["Result"].split("(")[1].split()[0]
        if reason in ("5", "6", "7"):
            continue  # NIST's own key pair is broken; this HSM stores no separate public half
        own = pkcs8(ec.derive_private_key(int(vector["dsIUT"], 16), curve()))
        peer = ec_spki(curve, vector["QsCAVSx"], vector["QsCAVSy"])
        if reason in ("1", "2"):  # the peer's point is not on the curve
            assert refuses(PeerKeyInvalid, asymmetric.derive_shared_secret, own, peer)
        else:
            secret = asymmetric.derive_shared_secret(own, peer)
            assert len(secret) == (curve.key_size + 7) // 8
            expected = int(vector["Z"], 16).to_bytes(len(secret), "big")
            assert (secret == expected) == (reason in ("0", "13")), vector
        ran[reason] = ran.get(reason, 0) + 1
    assert ran["0"] >= 5 and {"1", "2", "8", "13"} <= ran.keys()


def test_ecdh_refuses_a_peer_of_another_curve_or_kind() -> None:
    own = pkcs8(ec.generate_private_key(ec.SECP256R1()))
    others = [
        spki(ec.generate_private_key(ec.SECP384R1()).public_key()),
        spki(ec.generate_private_key(ec.SECP256K1()).public_key()),
        spki(ed25519.Ed25519PrivateKey.generate().public_key()),
        spki(rsa.generate_private_key(65537, 2048).public_key()),
        b"",
        b"garbage",
    ]
    for peer in others:
        assert refuses(PeerKeyInvalid, asymmetric.derive_shared_secret, own, peer)


def test_ed25519_signatures_of_others() -> None:
    ran = 0
    with open_vector_file("asymmetric/Ed25519/sign.input", "r") as lines:
        for line in islice(lines, 0, None, 8):
            secret, public, message_hex, signed = line.strip().split(":")[:4]
            message, signature = bytes.fromhex(message_hex), bytes.fromhex(signed)[:64]
            seed = bytes.fromhex(secret)[:32]
            private_key = pkcs8(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
            key = spki(ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)))
            assert material.public_key_der(private_key) == key
            assert signing.sign(private_key, message, signing.RAW, "ED25519_SHA_512") == signature
            signing.verify(key, message, signature, signing.RAW, "ED25519_SHA_512")
            for wrong in (
                signature[:-1],
                signature + b"\0",
                bytes([signature[0] ^ 1]) + signature[1:],
            ):
                arguments = (key, message, wrong, signing.RAW, "ED25519_SHA_512")
                assert refuses(SignatureInvalid, signing.verify, *arguments)
            ran += 1
    assert ran >= 128


# RFC 8032, section 7.3, "TEST abc".
PH_SEED = "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"
PH_PUBLIC = "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"
PH_SIGNATURE = (
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
    "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
)


def test_ed25519ph_of_rfc_8032() -> None:
    algorithm, signature = "ED25519_PH_SHA_512", bytes.fromhex(PH_SIGNATURE)
    private_key = pkcs8(ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(PH_SEED)))
    key = material.public_key_der(private_key)
    assert key[-32:].hex() == PH_PUBLIC
    # The HSM hashes what it is given, as FIPS 186-5, section 7.8.1 has it, step 1 included.
    assert signing.sign(private_key, b"abc", signing.DIGEST, algorithm) == signature
    signing.verify(key, b"abc", signature, signing.DIGEST, algorithm)
    for wrong in (signature[:-1], signature + b"\0", b"", bytes(64), signature[::-1]):
        arguments = (key, b"abc", wrong, signing.DIGEST, algorithm)
        assert refuses(SignatureInvalid, signing.verify, *arguments)
    pure = (key, b"abc", signature, signing.RAW, "ED25519_SHA_512")
    assert refuses(SignatureInvalid, signing.verify, *pure)
    digest = hashlib.sha512(b"abc").digest()
    assert signing.sign(private_key, digest, signing.DIGEST, algorithm) != signature


# Post-quantum


ML_DSA = {44: mldsa.MLDSA44PrivateKey, 65: mldsa.MLDSA65PrivateKey, 87: mldsa.MLDSA87PrivateKey}


def external_mu(public_key: bytes, message: bytes, context: bytes) -> bytes:
    """FIPS 204, algorithm 7, line 6, of a message as algorithm 2 formats it."""
    public_hash = hashlib.shake_256(public_key).digest(64)
    formatted = bytes([0, len(context)]) + context + message
    return hashlib.shake_256(public_hash + formatted).digest(64)


@pytest.mark.parametrize("level", list(ML_DSA))
def test_ml_dsa_answers_of_others(level: int) -> None:
    algorithm = "ML_DSA_SHAKE_256"
    ran = 0
    path = f"asymmetric/MLDSA/kat_MLDSA_{level}_det_pure.rsp"
    for vector in islice(vectors(path, "count"), 0, None, 5):
        private_key = pkcs8(ML_DSA[level].from_seed_bytes(unhex(vector, "xi")))
        key = material.public_key_der(private_key)
        public, message = unhex(vector, "pk"), unhex(vector, "msg")
        assert key.endswith(public)
        context = unhex(vector, "ctx")
        signature = unhex(vector, "sm")[: -len(message) or None]
        # KMS signs with an empty context; mu lets these vectors, which have one, in.
        mu = external_mu(public, message, context)
        signing.verify(key, mu, signature, signing.EXTERNAL_MU, algorithm)
        assert context
        for wrong in (
            (key, message, signature, signing.RAW, algorithm),
            (key, mu, signature, signing.RAW, algorithm),
            (key, mu[::-1], signature, signing.EXTERNAL_MU, algorithm),
            (key, mu, signature[:-1] + b"\xff", signing.EXTERNAL_MU, algorithm),
            (key, mu, signature[:-1], signing.EXTERNAL_MU, algorithm),
            (key, mu, b"", signing.EXTERNAL_MU, algorithm),
        ):
            assert refuses(SignatureInvalid, signing.verify, *wrong)
        own_mu = external_mu(public, message, b"")
        made = signing.sign(private_key, message, signing.RAW, algorithm)
        signing.verify(key, own_mu, made, signing.EXTERNAL_MU, algorithm)
        made = signing.sign(private_key, own_mu, signing.EXTERNAL_MU, algorithm)
        signing.verify(key, message, made, signing.RAW, algorithm)
        ran += 1
    assert ran >= 20


ML_KEM = {768: mlkem.MLKEM768PrivateKey, 1024: mlkem.MLKEM1024PrivateKey}


@pytest.mark.parametrize("level", list(ML_KEM))
def test_ml_kem_answers_of_others(level: int) -> None:
    spec = f"ML_KEM_{level}"
    ran = 0
    for vector in islice(vectors(f"asymmetric/MLKEM/kat_MLKEM_{level}.rsp", "count"), 60):
        seed = unhex(vector, "d") + unhex(vector, "z")
        private_key = pkcs8(ML_KEM[level].from_seed_bytes(seed))
        key = material.public_key_der(private_key)
        assert key.endswith(unhex(vector, "pk")) and len(private_key) == 86
        ciphertext = unhex(vector, "ct")
        assert asymmetric.decapsulate(private_key, ciphertext, spec) == unhex(vector, "ss")
        # ct_n is no ciphertext of this key: implicit rejection gives ss_n, no error.
        assert asymmetric.decapsulate(private_key, unhex(vector, "ct_n"), spec) == unhex(
            vector, "ss_n"
        )
        for wrong in (ciphertext[:-1], ciphertext + b"\0", b""):
            assert refuses(CiphertextInvalid, asymmetric.decapsulate, private_key, wrong, spec)
        secret, ciphertext = asymmetric.encapsulate(key)
        assert asymmetric.decapsulate(private_key, ciphertext, spec) == secret
        assert (len(secret), len(ciphertext)) == (32, asymmetric.KEM_CIPHERTEXT_BYTES[spec])
        ran += 1
    assert ran == 60
