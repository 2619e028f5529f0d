"""What must hold for every plaintext, context and damaged byte, searched by hypothesis.

Whatever was encrypted comes back under its own context and key, and nothing else does: no
changed ciphertext, signature or MAC is ever accepted, or answered with anything but AWS's error.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from helpers import lab
from helpers.lab.hsm import blob
from helpers.lab.hsm.context import canonical_context

# The same examples in every run, and nothing kept on disk.
usual = settings(
    deadline=None,
    max_examples=60,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
fewer = settings(usual, max_examples=25)

Context = dict[str, str]

# JSON carries any code point, lone surrogates included; botocore takes them and so does KMS's wire.
any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
contexts = st.dictionaries(any_text, any_text, max_size=4)
# Few letters, so that joining names and values with separators would soon collide.
near = st.text(st.sampled_from(list('ab:,;=&|/\\"{} \0\x01\x02\n')), max_size=4)
near_contexts = st.dictionaries(near, near, max_size=3)
plaintexts = st.binary(min_size=1, max_size=300) | st.integers(1, 4096).map(
    lambda size: bytes(i * 7 % 256 for i in range(size))
)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """One lab for this module: hypothesis runs every test many times."""
    lab.open()
    try:
        yield boto3.client("kms")
    finally:
        lab.close()


@pytest.fixture(scope="module")
def keys(client: Any) -> dict[str, str]:
    """The key ARNs that the tests share, by a name for each."""
    kinds = {
        "one": {},
        "other": {},
        "multi-region": {"MultiRegion": True},
        "rsa": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        "kem 768": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
        "kem 1024": {"KeySpec": "ML_KEM_1024", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
    }
    kinds |= {
        spec: {"KeySpec": spec, "KeyUsage": "SIGN_VERIFY"} for spec in {s for s, _, _ in SIGNING}
    }
    return {name: client.create_key(**kind)["KeyMetadata"]["Arn"] for name, kind in kinds.items()}


SIGNING = [
    ("RSA_2048", "RSASSA_PSS_SHA_256", "sha256"),
    ("RSA_2048", "RSASSA_PSS_SHA_384", "sha384"),
    ("RSA_2048", "RSASSA_PSS_SHA_512", "sha512"),
    ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", "sha256"),
    ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_384", "sha384"),
    ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", "sha512"),
    ("ECC_NIST_P256", "ECDSA_SHA_256", "sha256"),
    ("ECC_NIST_P384", "ECDSA_SHA_384", "sha384"),
    ("ECC_NIST_P521", "ECDSA_SHA_512", "sha512"),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256", "sha256"),
    ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", None),
    ("ML_DSA_44", "ML_DSA_SHAKE_256", None),
    ("ML_DSA_65", "ML_DSA_SHAKE_256", None),
]


def code_of(operation: Callable[..., Any], **members: Any) -> str | None:
    """The error code that KMS answers, or None if it answers anything else."""
    try:
        operation(**members)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        return error.response["Error"]["Code"]
    return None


KINDS = ["flip", "set", "cut", "behead", "extend", "prepend", "swap", "drop"]
Damage = tuple[str, int, int, bytes]
# Drawn without knowing the bytes it will hit, which differ from run to run.
damages = st.tuples(
    st.sampled_from(KINDS),
    st.integers(0, 5000),
    st.integers(0, 5000),
    st.binary(min_size=1, max_size=20),
)


def damaged(original: bytes, damage: Damage) -> bytes:
    """``original`` with bits flipped, cut, continued or moved; never empty, never the same."""
    kind, one, other, some = damage
    place, other = one % len(original), other % len(original)
    changed = bytearray(original)
    if kind == "set":
        changed[place : place + len(some)] = some
    elif kind == "cut":
        del changed[max(place, 1) :]
    elif kind == "behead":
        del changed[:place]
    elif kind == "extend":
        changed += some
    elif kind == "prepend":
        changed[:0] = some
    elif kind == "swap":
        changed[place], changed[other] = changed[other], changed[place]
    elif kind == "drop" and len(original) > 1:
        del changed[place]
    if changed == original:
        changed[place] ^= 1 << len(some) % 8
    return bytes(changed)


# The encryption context


@given(near_contexts | contexts, near_contexts | contexts)
@settings(usual, max_examples=1500)
def test_two_contexts_never_share_canonical_bytes(one: Context, other: Context) -> None:
    assert (canonical_context(one) == canonical_context(other)) == (one == other)


def read_canonical(raw: bytes) -> list[bytes]:
    """The serialisation can be read back, so it cannot be ambiguous."""

    def take(size: int) -> bytes:
        nonlocal raw
        assert len(raw) >= size
        taken, raw = raw[:size], raw[size:]
        return taken

    count = int.from_bytes(take(4), "big")
    fields = [take(int.from_bytes(take(4), "big")) for _ in range(2 * count)]
    assert raw == b""
    return fields


@given(near_contexts | contexts)
@settings(usual, max_examples=300)
def test_canonical_bytes_can_be_read_back(context: Context) -> None:
    fields = [
        field.decode("utf-8", "surrogatepass")
        for field in read_canonical(canonical_context(context))
    ]
    assert dict(zip(fields[::2], fields[1::2], strict=True)) == context


@given(near_contexts | contexts, st.randoms(use_true_random=False))
@settings(usual, max_examples=300)
def test_the_order_of_pairs_does_not_matter(context: Context, random: Any) -> None:
    pairs = list(context.items())
    random.shuffle(pairs)
    assert canonical_context(dict(pairs)) == canonical_context(context)
    assert canonical_context(None) == canonical_context({})


KNOWN_TRAPS = [
    ({"a": "bc"}, {"ab": "c"}),
    ({"a": "b", "c": "d"}, {"a": "bcd"}),
    ({"a": "b"}, {"A": "b"}),
    ({"a": "b"}, {"a": "B"}),
    ({"a": ""}, {"": "a"}),
    ({"": ""}, {}),
    ({"a": "b"}, {"a": "b", "": ""}),
    ({"é": "x"}, {"e\u0301": "x"}),  # composed and decomposed: other strings
    ({"a": "b "}, {"a": "b"}),
    ({"a": "\ud800"}, {"a": "?"}),
    ({"a": "\ud800"}, {"a": "\ufffd"}),
]


@pytest.mark.parametrize(("one", "other"), KNOWN_TRAPS)
def test_like_contexts_do_not_decrypt_each_other(
    client: Any, keys: dict[str, str], one: Context, other: Context
) -> None:
    for right, wrong in ((one, other), (other, one)):
        made = client.encrypt(KeyId=keys["one"], Plaintext=b"x", EncryptionContext=right)
        ciphertext = made["CiphertextBlob"]
        back = client.decrypt(CiphertextBlob=ciphertext, EncryptionContext=right)
        assert back["Plaintext"] == b"x"
        code = code_of(client.decrypt, CiphertextBlob=ciphertext, EncryptionContext=wrong)
        assert code == "InvalidCiphertextException"


# Round trips


@given(
    data=st.data(),
    plaintext=plaintexts,
    context=contexts,
    name=st.sampled_from(["one", "multi-region"]),
)
@usual
def test_what_is_encrypted_comes_back(
    client: Any,
    keys: dict[str, str],
    data: st.DataObject,
    plaintext: bytes,
    context: Context,
    name: str,
) -> None:
    members = {"KeyId": keys[name], "Plaintext": plaintext, "EncryptionContext": context}
    ciphertext = client.encrypt(**members)["CiphertextBlob"]
    assert ciphertext != client.encrypt(**members)["CiphertextBlob"]
    assert len(ciphertext) <= 6144
    shuffled = dict(data.draw(st.permutations(list(context.items()))))
    back = client.decrypt(CiphertextBlob=ciphertext, EncryptionContext=shuffled)
    assert back["Plaintext"] == plaintext and back["KeyId"] == keys[name]
    wrong = data.draw(near_contexts | contexts)
    assume(wrong != context)
    code = code_of(client.decrypt, CiphertextBlob=ciphertext, EncryptionContext=wrong)
    assert code == "InvalidCiphertextException"


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 4095, 4096])
def test_lengths_at_the_edge(client: Any, keys: dict[str, str], size: int) -> None:
    plaintext = b"\xff" * size
    ciphertext = client.encrypt(KeyId=keys["one"], Plaintext=plaintext)["CiphertextBlob"]
    assert client.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == plaintext


def test_one_byte_more_is_too_long(client: Any, keys: dict[str, str]) -> None:
    assert (
        code_of(client.encrypt, KeyId=keys["one"], Plaintext=bytes(4097)) == "ValidationException"
    )


@given(st.binary(min_size=1, max_size=190))
@fewer
def test_rsa_round_trip(client: Any, keys: dict[str, str], plaintext: bytes) -> None:
    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        key = {"KeyId": keys["rsa"], "EncryptionAlgorithm": algorithm}
        ciphertext = client.encrypt(Plaintext=plaintext, **key)["CiphertextBlob"]
        assert ciphertext != client.encrypt(Plaintext=plaintext, **key)["CiphertextBlob"]
        assert client.decrypt(CiphertextBlob=ciphertext, **key)["Plaintext"] == plaintext


@given(plaintexts, contexts, contexts, st.sampled_from(["one", "other", "multi-region"]))
@fewer
def test_re_encrypt_keeps_the_plaintext(
    client: Any, keys: dict[str, str], plaintext: bytes, before: Context, after: Context, name: str
) -> None:
    made = client.encrypt(KeyId=keys["one"], Plaintext=plaintext, EncryptionContext=before)
    moved = client.re_encrypt(
        CiphertextBlob=made["CiphertextBlob"],
        SourceEncryptionContext=before,
        DestinationKeyId=keys[name],
        DestinationEncryptionContext=after,
    )
    assert (moved["SourceKeyId"], moved["KeyId"]) == (keys["one"], keys[name])
    blob_after = {"CiphertextBlob": moved["CiphertextBlob"]}
    assert blob_after["CiphertextBlob"] != made["CiphertextBlob"]
    back = client.decrypt(KeyId=keys[name], EncryptionContext=after, **blob_after)
    assert back["Plaintext"] == plaintext
    if before != after:
        code = code_of(client.decrypt, EncryptionContext=before, **blob_after)
        assert code == "InvalidCiphertextException"
    if name != "one":
        code = code_of(client.decrypt, KeyId=keys["one"], EncryptionContext=after, **blob_after)
        assert code == "IncorrectKeyException"


@given(st.binary(min_size=1, max_size=190), contexts)
@fewer
def test_re_encrypt_between_rsa_and_symmetric(
    client: Any, keys: dict[str, str], plaintext: bytes, context: Context
) -> None:
    made = client.encrypt(KeyId=keys["one"], Plaintext=plaintext, EncryptionContext=context)
    over = client.re_encrypt(
        CiphertextBlob=made["CiphertextBlob"],
        SourceEncryptionContext=context,
        DestinationKeyId=keys["rsa"],
        DestinationEncryptionAlgorithm="RSAES_OAEP_SHA_256",
    )
    assert "DestinationKeyMaterialId" not in over
    back = client.re_encrypt(
        CiphertextBlob=over["CiphertextBlob"],
        SourceKeyId=keys["rsa"],
        SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256",
        DestinationKeyId=keys["one"],
        DestinationEncryptionContext=context,
    )
    assert "SourceKeyMaterialId" not in back
    end = client.decrypt(CiphertextBlob=back["CiphertextBlob"], EncryptionContext=context)
    assert end["Plaintext"] == plaintext


@given(st.integers(1, 1024), contexts)
@fewer
def test_data_keys_are_as_long_as_asked_and_never_the_same(
    client: Any, keys: dict[str, str], size: int, context: Context
) -> None:
    key = {"KeyId": keys["one"], "EncryptionContext": context}
    made = client.generate_data_key(NumberOfBytes=size, **key)
    back = client.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context)
    assert len(made["Plaintext"]) == size and back["Plaintext"] == made["Plaintext"]
    blind = client.generate_data_key_without_plaintext(NumberOfBytes=size, **key)
    assert "Plaintext" not in blind
    back = client.decrypt(CiphertextBlob=blind["CiphertextBlob"], EncryptionContext=context)
    assert len(back["Plaintext"]) == size
    assert len(client.generate_random(NumberOfBytes=size)["Plaintext"]) == size


def test_hundreds_of_draws_without_a_repetition(client: Any, keys: dict[str, str]) -> None:
    seen: set[bytes] = set()
    for spec, size in (("AES_128", 16), ("AES_256", 32)):
        for _ in range(100):
            made = client.generate_data_key(KeyId=keys["one"], KeySpec=spec)
            assert len(made["Plaintext"]) == size
            seen |= {made["Plaintext"], made["CiphertextBlob"]}
    for _ in range(100):
        seen.add(client.encrypt(KeyId=keys["one"], Plaintext=b"same")["CiphertextBlob"])
        seen.add(client.generate_random(NumberOfBytes=16)["Plaintext"])
    assert len(seen) == 600


def test_no_two_ciphertexts_share_a_nonce_or_a_vector(client: Any, keys: dict[str, str]) -> None:
    made = [client.encrypt(KeyId=keys["one"], Plaintext=b"x")["CiphertextBlob"] for _ in range(100)]
    headers = [blob.split(ciphertext)[0] for ciphertext in made]
    assert len({header.nonce for header in headers}) == 100
    assert len({header.iv for header in headers}) == 100


# Damaged ciphertext


REFUSED = {"InvalidCiphertextException", "AccessDeniedException"}


def expected_refusal(header: blob.Header | None, made: blob.Header) -> set[str]:
    """Which error a changed blob must get, by what its header still says."""
    if header is None:
        return {"InvalidCiphertextException"}
    if (header.key_id, header.account_id) != (made.key_id, made.account_id):
        return {"AccessDeniedException"}
    return {"InvalidCiphertextException"}


def header_of(ciphertext: bytes) -> blob.Header | None:
    try:
        return blob.split(ciphertext)[0]
    except blob.CiphertextInvalid:
        return None


@given(data=st.data(), plaintext=st.binary(min_size=1, max_size=80), context=near_contexts)
@settings(usual, max_examples=250)
def test_no_damaged_ciphertext_decrypts(
    client: Any, keys: dict[str, str], data: st.DataObject, plaintext: bytes, context: Context
) -> None:
    made = client.encrypt(KeyId=keys["one"], Plaintext=plaintext, EncryptionContext=context)
    good = made["CiphertextBlob"]
    bad = damaged(good, data.draw(damages))
    header, original = header_of(bad), header_of(good)
    assert original is not None
    members = {"CiphertextBlob": bad, "EncryptionContext": context}
    code = code_of(client.decrypt, **members)
    assert code in expected_refusal(header, original)
    moving = code_of(
        client.re_encrypt,
        CiphertextBlob=bad,
        SourceEncryptionContext=context,
        DestinationKeyId=keys["other"],
    )
    assert moving == code
    named = code_of(client.decrypt, KeyId=keys["one"], **members)
    expected = {"AccessDeniedException": "IncorrectKeyException"}.get(code or "", code)
    assert named == expected


@pytest.mark.parametrize("name", ["one", "multi-region"])
def test_every_bit_of_the_header_and_the_tag_counts(
    client: Any, keys: dict[str, str], name: str
) -> None:
    good = client.encrypt(KeyId=keys[name], Plaintext=b"sixteen bytes ok")["CiphertextBlob"]
    for place in range(len(good)):
        for bit in (0, 7) if place % 8 else range(8):
            bad = bytearray(good)
            bad[place] ^= 1 << bit
            code = code_of(client.decrypt, CiphertextBlob=bytes(bad))
            assert code in REFUSED, (place, bit)
            if not 1 <= place < 24:  # only account, multi-Region flag and key ID name a key
                assert code == "InvalidCiphertextException", (place, bit)


@pytest.mark.parametrize("place", [0, 1, 7, 8, 24, 56, 72, 84])
def test_halves_of_two_ciphertexts_do_not_fit(
    client: Any, keys: dict[str, str], place: int
) -> None:
    makers = [("one", b"first"), ("one", b"other"), ("other", b"first"), ("multi-region", b"first")]
    made = [
        client.encrypt(KeyId=keys[name], Plaintext=text)["CiphertextBlob"] for name, text in makers
    ]
    for one in made:
        for other in made:
            spliced = one[:place] + other[place:]
            if spliced not in made:
                code = code_of(client.decrypt, CiphertextBlob=spliced)
                assert code in REFUSED


def test_every_truncation_and_doubling(client: Any, keys: dict[str, str]) -> None:
    good = client.encrypt(KeyId=keys["one"], Plaintext=b"text")["CiphertextBlob"]
    for size in range(1, len(good)):
        code = code_of(client.decrypt, CiphertextBlob=good[:size])
        assert code == "InvalidCiphertextException"
    assert code_of(client.decrypt, CiphertextBlob=good * 2) == "InvalidCiphertextException"


@given(st.binary(min_size=1, max_size=400))
@usual
def test_random_bytes_do_not_decrypt(client: Any, keys: dict[str, str], raw: bytes) -> None:
    assert code_of(client.decrypt, CiphertextBlob=raw) in REFUSED
    with_version = b"\x01" + raw
    assert code_of(client.decrypt, CiphertextBlob=with_version) in REFUSED


@given(data=st.data())
@usual
def test_no_damaged_rsa_ciphertext_decrypts(
    client: Any, keys: dict[str, str], data: st.DataObject
) -> None:
    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        key = {"KeyId": keys["rsa"], "EncryptionAlgorithm": algorithm}
        good = client.encrypt(Plaintext=b"secret", **key)["CiphertextBlob"]
        bad = damaged(good, data.draw(damages))
        assert code_of(client.decrypt, CiphertextBlob=bad, **key) == "InvalidCiphertextException"


@pytest.mark.parametrize("name", ["kem 768", "kem 1024"])
@given(data=st.data())
@fewer
def test_a_damaged_ml_kem_ciphertext_gives_other_bytes(
    client: Any, keys: dict[str, str], name: str, data: st.DataObject
) -> None:
    key = {"KeyId": keys[name], "EncapsulationAlgorithm": "ML_KEM"}
    made = client.encapsulate(**key)
    good, secret = made["SharedSecretCiphertextBlob"], made["SharedSecret"]
    assert client.decapsulate(SharedSecretCiphertextBlob=good, **key)["SharedSecret"] == secret
    bad = damaged(good, data.draw(damages))
    if len(bad) != len(good):
        assume(len(bad) <= 1568)
        code = code_of(client.decapsulate, SharedSecretCiphertextBlob=bad, **key)
        assert code in {"InvalidCiphertextException", "ValidationException"}
        return
    first = client.decapsulate(SharedSecretCiphertextBlob=bad, **key)["SharedSecret"]
    again = client.decapsulate(SharedSecretCiphertextBlob=bad, **key)["SharedSecret"]
    assert first == again != secret and len(first) == 32


# Signatures and MACs


@pytest.mark.parametrize(("key_spec", "algorithm", "hash_name"), SIGNING)
@given(data=st.data(), message=st.binary(min_size=1, max_size=200))
@settings(usual, max_examples=12)
def test_a_signature_holds_for_its_message_only(
    client: Any,
    keys: dict[str, str],
    key_spec: str,
    algorithm: str,
    hash_name: str | None,
    data: st.DataObject,
    message: bytes,
) -> None:
    key = {"KeyId": keys[key_spec], "SigningAlgorithm": algorithm}
    signature = client.sign(Message=message, **key)["Signature"]
    assert client.verify(Message=message, Signature=signature, **key)["SignatureValid"] is True
    wrong = "KMSInvalidSignatureException"
    bad = damaged(signature, data.draw(damages))
    assert code_of(client.verify, Message=message, Signature=bad, **key) == wrong
    other = damaged(message, data.draw(damages))
    assert code_of(client.verify, Message=other, Signature=signature, **key) == wrong
    if hash_name:
        digest = hashlib.new(hash_name, message).digest()
        of_digest = {"Message": digest, "MessageType": "DIGEST"}
        client.verify(Signature=signature, **of_digest, **key)
        from_digest = client.sign(**of_digest, **key)["Signature"]
        client.verify(Message=message, Signature=from_digest, **key)
        # A digest signed as a message is another signature.
        hashed_twice = client.sign(Message=digest, **key)["Signature"]
        assert code_of(client.verify, Message=message, Signature=hashed_twice, **key) == wrong
        short = {"Message": digest[:-1], "MessageType": "DIGEST"}
        assert code_of(client.sign, **short, **key) == "ValidationException"
        assert code_of(client.verify, Signature=signature, **short, **key) == "ValidationException"


@given(data=st.data(), digest=st.binary(min_size=64, max_size=64))
@fewer
def test_ed25519ph_takes_digests_only(
    client: Any, keys: dict[str, str], data: st.DataObject, digest: bytes
) -> None:
    key = {"KeyId": keys["ECC_NIST_EDWARDS25519"], "SigningAlgorithm": "ED25519_PH_SHA_512"}
    signed = {"Message": digest, "MessageType": "DIGEST"}
    signature = client.sign(**signed, **key)["Signature"]
    client.verify(Signature=signature, **signed, **key)
    bad = damaged(signature, data.draw(damages))
    code = code_of(client.verify, Signature=bad, **signed, **key)
    assert code == "KMSInvalidSignatureException"
    pure = {**key, "SigningAlgorithm": "ED25519_SHA_512"}
    code = code_of(client.verify, Message=digest, Signature=signature, **pure)
    assert code == "KMSInvalidSignatureException"
    assert code_of(client.sign, Message=digest, **key) == "ValidationException"
    assert code_of(client.sign, **signed, **pure) == "ValidationException"


@given(data=st.data(), message=st.binary(min_size=1, max_size=300))
@usual
def test_a_mac_holds_for_its_message_only(
    client: Any, keys: dict[str, str], data: st.DataObject, message: bytes
) -> None:
    key = {"KeyId": keys["hmac"], "MacAlgorithm": "HMAC_SHA_256"}
    mac = client.generate_mac(Message=message, **key)["Mac"]
    assert mac == client.generate_mac(Message=message, **key)["Mac"] and len(mac) == 32
    assert client.verify_mac(Message=message, Mac=mac, **key)["MacValid"] is True
    wrong = "KMSInvalidMacException"
    bad = damaged(mac, data.draw(damages))
    assert code_of(client.verify_mac, Message=message, Mac=bad, **key) == wrong
    other = damaged(message, data.draw(damages))
    assert code_of(client.verify_mac, Message=other, Mac=mac, **key) == wrong
