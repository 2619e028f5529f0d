"""Cases: Encrypt and Decrypt, data keys, dry runs, the form of requests."""

from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from .case import Account, Section, refused, words

MODEL = "tests/lab/kms/test_model.py"
PROPERTIES = "tests/lab/kms/test_properties.py"
RECORDED = "tests/lab/kms/test_recorded.py"
RECENTLY = "recorded answer of AWS, 2023 to 2026"
OAEP = "RSAES_OAEP_SHA_256"
CONTEXT = "Developer Guide, Encryption context"

encryption = Section("Encryption")
data_keys = Section("Data keys")
requests = Section("Dry runs and the form of requests")


@encryption.case(
    "4096 and 4097 bytes of plaintext",
    aws="Encrypt takes at most 4096 bytes under a symmetric key.",
    source="API reference, Encrypt",
    expected="4096: encrypts, 4097: ValidationException",
    test=f"{RECORDED}::test_4096_bytes_are_allowed",
)
def most_bytes(account: Account) -> str:
    encrypt, key = account.kms.encrypt, account.key()
    return ", ".join(
        f"{size}: {refused(encrypt, KeyId=key, Plaintext=bytes(size)) or 'encrypts'}"
        for size in (4096, 4097)
    )


@encryption.case(
    "The same plaintext, encrypted twice",
    aws="Each Encrypt derives a key of its own: two ciphertexts.",
    source="AWS KMS Cryptographic Details, Encrypt operation",
    expected="two ciphertexts",
    test=f"{PROPERTIES}::test_no_two_ciphertexts_share_a_nonce_or_a_vector",
)
def twice(account: Account) -> str:
    key = account.key()
    one, two = (account.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"] for _ in "12")
    return "one ciphertext" if one == two else "two ciphertexts"


@encryption.case(
    "Decrypt without KeyId",
    aws="A symmetric ciphertext names its key, so none has to be given.",
    source="API reference, Decrypt",
    expected="decrypts",
    test=f"{PROPERTIES}::test_what_is_encrypted_comes_back",
)
def without_key_id(account: Account) -> str:
    blob = account.kms.encrypt(KeyId=account.key(), Plaintext=b"p")["CiphertextBlob"]
    return refused(account.kms.decrypt, CiphertextBlob=blob) or "decrypts"


@encryption.case(
    "Decrypt with the KeyId of another key",
    aws="IncorrectKeyException: KeyId is compared with the key that encrypted.",
    source=RECENTLY,
    expected="IncorrectKeyException",
    test=f"{RECORDED}::test_decrypt_with_another_key",
)
def wrong_key_id(account: Account) -> str:
    blob = account.kms.encrypt(KeyId=account.key(), Plaintext=b"p")["CiphertextBlob"]
    return refused(account.kms.decrypt, CiphertextBlob=blob, KeyId=account.key()) or "decrypts"


@encryption.case(
    "ReEncrypt with the SourceKeyId of another key",
    aws="The same check as in Decrypt.",
    source=RECENTLY,
    expected="IncorrectKeyException",
    test=f"{RECORDED}::test_decrypt_with_another_key",
)
def wrong_source_key_id(account: Account) -> str:
    key, other = account.key(), account.key()
    blob = account.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    members = {"CiphertextBlob": blob, "SourceKeyId": other, "DestinationKeyId": key}
    return refused(account.kms.re_encrypt, **members) or "re-encrypts"


def decrypted(account: Account, context: dict[str, str], asked: dict[str, str]) -> str:
    blob = account.kms.encrypt(KeyId=account.key(), Plaintext=b"p", EncryptionContext=context)
    blob = blob["CiphertextBlob"]
    answer = words(account.kms.decrypt, CiphertextBlob=blob, EncryptionContext=asked)
    return answer or "decrypts"


@encryption.case(
    "Decrypt with another encryption context",
    aws="InvalidCiphertextException, and no word about why.",
    source=RECENTLY,
    expected="InvalidCiphertextException, no text",
    test=f"{RECORDED}::test_decrypt_of_what_was_not_encrypted_so",
)
def other_context(account: Account) -> str:
    return decrypted(account, {"tenant": "a"}, {"tenant": "b"})


@encryption.case(
    "Contexts that differ only in where a name ends",
    aws='Names and values must match exactly: {"ab": "c"} is not {"a": "bc"}.',
    source=CONTEXT,
    expected="InvalidCiphertextException, no text",
    test=f"{PROPERTIES}::test_like_contexts_do_not_decrypt_each_other",
)
def shifted_context(account: Account) -> str:
    return decrypted(account, {"ab": "c"}, {"a": "bc"})


@encryption.case(
    "Decrypt of a changed ciphertext",
    aws="Every byte is authenticated.",
    source="API reference, Decrypt",
    expected="InvalidCiphertextException",
    test=f"{PROPERTIES}::test_no_damaged_ciphertext_decrypts",
)
def damaged(account: Account) -> str:
    blob = bytearray(account.kms.encrypt(KeyId=account.key(), Plaintext=b"p")["CiphertextBlob"])
    blob[-1] ^= 1
    return refused(account.kms.decrypt, CiphertextBlob=bytes(blob)) or "decrypts"


@encryption.case(
    "KeyMaterialId in the reply of Decrypt",
    aws="Decrypt says which key material opened the ciphertext.",
    source="recorded answer of AWS, September 2025",
    expected="64 hexadecimal digits",
    test=f"{RECORDED}::test_replies_of_symmetric_keys",
)
def key_material_id(account: Account) -> str:
    blob = account.kms.encrypt(KeyId=account.key(), Plaintext=b"p")["CiphertextBlob"]
    found = account.kms.decrypt(CiphertextBlob=blob).get("KeyMaterialId")
    return f"{len(bytes.fromhex(found)) * 2} hexadecimal digits" if found else "not in the reply"


@encryption.case(
    "RSA ciphertext from outside",
    aws="Whoever has the public key encrypts without KMS; Decrypt reads it.",
    source="API reference, GetPublicKey",
    expected="decrypts",
    test="tests/lab/test_openssl.py::test_kms_decrypts_what_openssl_encrypted",
)
def rsa_from_outside(account: Account) -> str:
    key = account.key("RSA_2048")
    public_key: Any = load_der_public_key(account.kms.get_public_key(KeyId=key)["PublicKey"])
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    members = {"KeyId": key, "EncryptionAlgorithm": OAEP}
    blob = public_key.encrypt(b"p", scheme)
    return refused(account.kms.decrypt, CiphertextBlob=blob, **members) or "decrypts"


@encryption.case(
    "190 and 191 bytes under RSA_2048 with OAEP and SHA-256",
    aws="190 bytes are the most.",
    source="Developer Guide, Key spec reference",
    expected="190: encrypts, 191: ValidationException",
    test=f"{RECORDED}::test_rsa_size_limits",
)
def rsa_limit(account: Account) -> str:
    encrypt = account.kms.encrypt
    members = {"KeyId": account.key("RSA_2048"), "EncryptionAlgorithm": OAEP}
    return ", ".join(
        f"{size}: {refused(encrypt, Plaintext=bytes(size), **members) or 'encrypts'}"
        for size in (190, 191)
    )


@encryption.case(
    "Encrypt with a signing key",
    aws="A key has one usage, for ever.",
    source=RECENTLY,
    expected="InvalidKeyUsageException: KEYARN key usage is SIGN_VERIFY which is not valid for "
    "Encrypt.",
    test=f"{RECORDED}::test_refusal",
)
def encrypt_with_signing_key(account: Account) -> str:
    key = account.key("RSA_2048", "SIGN_VERIFY")
    return words(account.kms.encrypt, KeyId=key, Plaintext=b"p") or "encrypts"


@data_keys.case(
    "GenerateDataKey",
    aws="32 bytes in plaintext, and the same under the KMS key.",
    source="API reference, GenerateDataKey",
    expected="32 bytes, and Decrypt gives them back",
    test=f"{RECORDED}::test_replies_of_data_keys",
)
def data_key(account: Account) -> str:
    made = account.kms.generate_data_key(KeyId=account.key(), KeySpec="AES_256")
    plaintext = account.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"]
    back = "Decrypt gives them back" if plaintext == made["Plaintext"] else "Decrypt gives others"
    return f"{len(made['Plaintext'])} bytes, and {back}"


@data_keys.case(
    "GenerateDataKeyPair",
    aws="A key pair; the private key in plaintext, and under the KMS key.",
    source="API reference, GenerateDataKeyPair",
    expected="a pair, and Decrypt gives the private key",
    test=f"{MODEL}::test_data_key_pair",
)
def data_key_pair(account: Account) -> str:
    made = account.kms.generate_data_key_pair(KeyId=account.key(), KeyPairSpec="ECC_NIST_P256")
    private: Any = load_der_private_key(made["PrivateKeyPlaintext"], None)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    blob = account.kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])
    same = public == made["PublicKey"], blob["Plaintext"] == made["PrivateKeyPlaintext"]
    return "a pair, and Decrypt gives the private key" if all(same) else f"{same}"


@requests.case(
    "Encrypt with DryRun",
    aws="Success is an error: the request would have worked, nothing was encrypted.",
    source=f"{RECENTLY} (to GenerateDataKeyPair)",
    expected="DryRunOperationException: The request would have succeeded, but the DryRun option "
    "is set.",
    test=f"{MODEL}::test_dry_run",
)
def dry_run(account: Account) -> str:
    members = {"KeyId": account.key(), "Plaintext": b"p", "DryRun": True}
    return words(account.kms.encrypt, **members) or "encrypts"


@requests.case(
    "GenerateRandom of 1025 bytes",
    aws="A broken constraint is told in these words.",
    source=RECENTLY,
    expected="ValidationException: 1 validation error detected: Value '1025' at 'numberOfBytes' "
    "failed to satisfy constraint: Member must have value less than or equal to 1024",
    test=f"{RECORDED}::test_refusal",
)
def too_large_a_number(account: Account) -> str:
    return words(account.kms.generate_random, NumberOfBytes=1025) or "accepted"


@requests.case(
    "A key agreement algorithm that does not exist",
    aws="The text quotes the value and lists those that there are.",
    source=RECENTLY,
    expected="ValidationException: 1 validation error detected: Value 'INVALID' at "
    "'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: "
    "[ECDH]",
    test=f"{RECORDED}::test_refusal",
)
def no_such_algorithm(account: Account) -> str:
    key = account.key("ECC_NIST_P256", "KEY_AGREEMENT")
    members = {"KeyId": key, "KeyAgreementAlgorithm": "INVALID", "PublicKey": b"p"}
    return words(account.kms.derive_shared_secret, **members)
