"""Every exercise: untouched, answered as in its solution, and each mistake that it knows.

A wrong answer is a cell as a learner might write it, and the title that it must get.
"""

from importlib import import_module
from pathlib import Path

import pytest

from helpers import practice
from helpers.practice.exercises.kit import all_exercises
from tests.practice.learner import (
    SOLUTIONS,
    cases,
    cell,
    check_right,
    check_told,
    learner,
    solution,
)

IMPORTS = """
import base64, hashlib, hmac, os, random
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import hmac as macs
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_public_key

def oaep(hash_, mgf1_hash):
    return padding.OAEP(mgf=padding.MGF1(mgf1_hash), algorithm=hash_, label=None)
"""

# Function -> the misconceptions by name, each with one or more bodies that have it.
WRONG: dict[str, dict[str, list[str]]] = {
    "read_disabled": {
        "Decrypted while the key was disabled": [
            "return kms.decrypt(CiphertextBlob=ciphertext_blob, KeyId=key_id)['Plaintext']",
        ],
        "The key was left enabled": [
            "kms.enable_key(KeyId=key_id)\n"
            "return kms.decrypt(CiphertextBlob=ciphertext_blob, KeyId=key_id)['Plaintext']",
        ],
        "The key was not named": [
            "kms.enable_key(KeyId=key_id)\n"
            "text = kms.decrypt(CiphertextBlob=ciphertext_blob)['Plaintext']\n"
            "kms.disable_key(KeyId=key_id)\n"
            "return text",
        ],
        "The whole reply": [
            "kms.enable_key(KeyId=key_id)\n"
            "return kms.decrypt(CiphertextBlob=ciphertext_blob, KeyId=key_id)",
        ],
        "Not the plaintext": [
            "kms.enable_key(KeyId=key_id)\n"
            "return kms.decrypt(CiphertextBlob=ciphertext_blob, KeyId=key_id)['KeyId'].encode()",
        ],
        "The key was left in another state": [
            "kms.enable_key(KeyId=key_id)\n"
            "text = kms.decrypt(CiphertextBlob=ciphertext_blob, KeyId=key_id)['Plaintext']\n"
            "kms.schedule_key_deletion(KeyId=key_id)\n"
            "return text",
        ],
        "Text instead of bytes": [
            "kms.enable_key(KeyId=key_id)\n"
            "return kms.decrypt(CiphertextBlob=ciphertext_blob)['Plaintext'].hex()",
        ],
    },
    "files_for_disk": {
        "Plaintext key stored beside the data": [
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "n = os.urandom(12)\n"
            "sealed = n + AESGCM(k['Plaintext']).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': k['Plaintext']}",
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "n = os.urandom(12)\n"
            "sealed = n + AESGCM(k['Plaintext']).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob'] + k['Plaintext']}",
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "n = os.urandom(12)\n"
            "sealed = n + AESGCM(k['Plaintext']).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob'], 'key': k['Plaintext']}",
        ],
        "The order is readable": [
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "return {'order.enc': order, 'order.key': k['CiphertextBlob']}",
        ],
        "The nonce is lost": [
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "sealed = AESGCM(k['Plaintext']).encrypt(os.urandom(12), order, None)\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob']}",
        ],
        "Wrong order of the parts": [
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "n = os.urandom(12)\n"
            "sealed = AESGCM(k['Plaintext']).encrypt(n, order, None) + n\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob']}",
        ],
        "The key is lost": [
            "k, n = AESGCM.generate_key(256), os.urandom(12)\n"
            "sealed = n + AESGCM(k).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': os.urandom(100)}",
        ],
        "Another KMS key": [
            "mine = kms.create_key()['KeyMetadata']['KeyId']\n"
            "k = kms.generate_data_key(KeyId=mine, KeySpec='AES_256')\n"
            "n = os.urandom(12)\n"
            "sealed = n + AESGCM(k['Plaintext']).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob']}",
        ],
        "The stored key does not open the order": [
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "again = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "n = os.urandom(12)\n"
            "sealed = n + AESGCM(k['Plaintext']).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': again['CiphertextBlob']}",
        ],
        "KMS encrypted the order itself": [
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "sealed = kms.encrypt(KeyId=key_id, Plaintext=order)['CiphertextBlob']\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob']}",
        ],
        "An order longer than 4,096 bytes": [
            "if len(order) > 4096:\n"
            "    kms.encrypt(KeyId=key_id, Plaintext=order)\n"
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
            "n = os.urandom(12)\n"
            "sealed = n + AESGCM(k['Plaintext']).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob']}",
        ],
        "One data key for several orders": [
            "k = KEPT.setdefault(key_id, kms.generate_data_key(KeyId=key_id, KeySpec='AES_256'))\n"
            "n = os.urandom(12)\n"
            "sealed = n + AESGCM(k['Plaintext']).encrypt(n, order, None)\n"
            "return {'order.enc': sealed, 'order.key': k['CiphertextBlob']}",
        ],
        "Other files than asked for": ["return {'order.enc': b''}"],
        "A file that is not bytes": ["return {'order.enc': 'text', 'order.key': b''}"],
        "It returns tuple": ["return b'', b''"],
    },
    "keep_after_all": {
        "Cancelled, but not usable": ["kms.cancel_key_deletion(KeyId=key_id)"],
        "Not possible in the state PendingDeletion": [
            "kms.enable_key(KeyId=key_id)\nkms.cancel_key_deletion(KeyId=key_id)",
        ],
        "Still waiting for its deletion": ["return kms.create_key()['KeyMetadata']['KeyId']"],
    },
    "seal": {
        "Nonce reused": [
            "nonce = bytes(12)\nreturn nonce + AESGCM(key).encrypt(nonce, message, context)",
            "nonce = key[:12]\nreturn nonce + AESGCM(key).encrypt(nonce, message, context)",
            "nonce = hashlib.sha256(message).digest()[:12]\n"
            "return nonce + AESGCM(key).encrypt(nonce, message, context)",
        ],
        "A nonce that can be guessed": [
            "nonce = random.randbytes(12)\n"
            "return nonce + AESGCM(key).encrypt(nonce, message, context)",
        ],
        "Context forgotten": [
            "nonce = os.urandom(12)\nreturn nonce + AESGCM(key).encrypt(nonce, message, None)",
            "nonce = os.urandom(12)\nreturn nonce + AESGCM(key).encrypt(nonce, message, b'')",
        ],
        "Context encrypted instead of authenticated": [
            "nonce = os.urandom(12)\n"
            "return nonce + AESGCM(key).encrypt(nonce, context + message, None)",
        ],
        "Message and context exchanged": [
            "nonce = os.urandom(12)\nreturn nonce + AESGCM(key).encrypt(nonce, context, message)",
        ],
        "The nonce is lost": ["return AESGCM(key).encrypt(os.urandom(12), message, context)"],
        "Wrong order of the parts": [
            "nonce = os.urandom(12)\nreturn AESGCM(key).encrypt(nonce, message, context) + nonce",
            "nonce = os.urandom(12)\n"
            "sealed = AESGCM(key).encrypt(nonce, message, context)\n"
            "return nonce + sealed[-16:] + sealed[:-16]",
        ],
        "Not a nonce of 12 bytes": [
            "nonce = os.urandom(16)\nreturn nonce + AESGCM(key).encrypt(nonce, message, context)",
        ],
        "No tag": [
            "nonce = os.urandom(12)\n"
            "return nonce + AESGCM(key).encrypt(nonce, message, context)[:-16]",
        ],
        "ECB": [
            "padded = message + bytes(-len(message) % 16)\n"
            "return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(padded)",
            "padded = message + bytes(-len(message) % 16)\n"
            "ecb = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(padded)\n"
            "return os.urandom(12) + ecb",
        ],
        "The message is readable": ["return os.urandom(12) + message + bytes(16)"],
        "It does not decrypt": [
            "nonce = os.urandom(12)\n"
            "return nonce + AESGCM(os.urandom(32)).encrypt(nonce, message, context)",
        ],
        "Several values instead of one": [
            "nonce = os.urandom(12)\nreturn nonce, AESGCM(key).encrypt(nonce, message, context)",
        ],
        "Text instead of bytes": [
            "nonce = os.urandom(12)\n"
            "return (nonce + AESGCM(key).encrypt(nonce, message, context)).hex()",
        ],
        "It raised NameError": ["return nonce + AESGCM(key).encrypt(nonce, message, context)"],
    },
    "encrypt_for_kms": {
        "SHA-1 in MGF1": [
            "return load_der_public_key(public_key_der).encrypt("
            "message, oaep(hashes.SHA256(), hashes.SHA1()))",
        ],
        "SHA-1 in OAEP": [
            "return load_der_public_key(public_key_der).encrypt("
            "message, oaep(hashes.SHA1(), hashes.SHA256()))",
        ],
        "SHA-1 in both places": [
            "return load_der_public_key(public_key_der).encrypt("
            "message, oaep(hashes.SHA1(), hashes.SHA1()))",
        ],
        "PKCS #1 v1.5 padding": [
            "return load_der_public_key(public_key_der).encrypt(message, padding.PKCS1v15())",
        ],
        "RSA without padding": [
            "n = load_der_public_key(public_key_der).public_numbers()\n"
            "return pow(int.from_bytes(message), n.e, n.n).to_bytes(256)",
        ],
        "DER bytes are not a key yet": [
            "return public_key_der.encrypt(message, oaep(hashes.SHA256(), hashes.SHA256()))",
        ],
        "No randomness": [
            "KEPT.setdefault(message, load_der_public_key(public_key_der).encrypt("
            "message, oaep(hashes.SHA256(), hashes.SHA256())))\nreturn KEPT[message]",
        ],
        "Not encrypted": ["return message"],
        "Not an RSA ciphertext": [
            "return base64.b64encode(load_der_public_key(public_key_der).encrypt("
            "message, oaep(hashes.SHA256(), hashes.SHA256())))",
        ],
        "It does not decrypt": [
            "mine = rsa.generate_private_key(65537, 2048).public_key()\n"
            "return mine.encrypt(message, oaep(hashes.SHA256(), hashes.SHA256()))",
        ],
    },
    "sign_film": {
        "Hashed twice": [
            "return kms.sign(KeyId=key_id, Message=hashlib.sha256(film).digest(), "
            "SigningAlgorithm='ECDSA_SHA_256')['Signature']",
        ],
        "The digest as text": [
            "return kms.sign(KeyId=key_id, Message=hashlib.sha256(film).hexdigest().encode(), "
            "SigningAlgorithm='ECDSA_SHA_256')['Signature']",
        ],
        "Only the beginning is signed": [
            "return kms.sign(KeyId=key_id, Message=film[:4096], "
            "SigningAlgorithm='ECDSA_SHA_256')['Signature']",
        ],
        "KMS refuses this message": [
            "return kms.sign(KeyId=key_id, Message=film, "
            "SigningAlgorithm='ECDSA_SHA_256')['Signature']",
            "return kms.sign(KeyId=key_id, Message=hashlib.sha512(film).digest(), "
            "MessageType='DIGEST', SigningAlgorithm='ECDSA_SHA_256')['Signature']",
        ],
        "The signature does not verify": [
            "mine = ec.generate_private_key(ec.SECP256R1())\n"
            "return mine.sign(film, ec.ECDSA(hashes.SHA256()))",
        ],
        "The whole reply": [
            "return kms.sign(KeyId=key_id, Message=hashlib.sha256(film).digest(), "
            "MessageType='DIGEST', SigningAlgorithm='ECDSA_SHA_256')",
        ],
    },
    "genuine": {
        "MAC compared with ==": [
            "return hmac.new(key, message, 'sha256').digest() == mac",
            "return mac == hmac.digest(key, message, 'sha256')",
            "return not mac != hmac.digest(key, message, 'sha256')",
            "return mac.hex() == hmac.new(key, message, 'sha256').hexdigest()",
            "return mac in [hmac.digest(key, message, 'sha256')]",
            "right = hmac.digest(key, message, 'sha256')\n"
            "return len(mac) == 32 and all(a == b for a, b in zip(mac, right))",
        ],
        "A forged MAC is accepted": [
            "return True",
            "return hmac.compare_digest(hmac.digest(key, message, 'sha256')[:4], mac[:4])",
            "return hmac.digest(key, message, 'sha256').startswith(mac)",
        ],
        "A genuine MAC is refused": [
            "return False",
            "return hmac.compare_digest(hmac.digest(message, key, 'sha256'), mac)",
            "return hmac.compare_digest(hashlib.sha256(key + message).digest(), mac)",
        ],
        "An error instead of False": [
            "checker = macs.HMAC(key, hashes.SHA256())\n"
            "checker.update(message)\n"
            "checker.verify(mac)\n"
            "return True",
        ],
        "It returns nothing": [
            "if hmac.compare_digest(hmac.digest(key, message, 'sha256'), mac):\n    return True",
        ],
    },
}
# Other right answers than the solution.
ALSO_RIGHT = [
    ("genuine", "return hmac.compare_digest(hmac.digest(key, message, 'sha256'), mac)"),
    (
        "files_for_disk",
        "k = kms.generate_data_key_without_plaintext(KeyId=key_id, NumberOfBytes=32)\n"
        "plain = kms.decrypt(CiphertextBlob=k['CiphertextBlob'])['Plaintext']\n"
        "n = os.urandom(12)\n"
        "sealed = n + AESGCM(plain).encrypt(n, order, None)\n"
        "return {'order.key': k['CiphertextBlob'], 'order.enc': sealed}",
    ),
    (
        "keep_after_all",
        "kms.cancel_key_deletion(KeyId=key_id)\n"
        "kms.enable_key(KeyId=key_id)\n"
        "return kms.describe_key(KeyId=key_id)['KeyMetadata']['KeyState']",
    ),
]


def test_every_exercise_is_tested_and_solved() -> None:
    own_files = Path(__file__).parent.glob("test_exercises_*.py")
    others = [import_module(f"tests.practice.{path.stem}").WRONG for path in own_files]
    assert set(WRONG).union(*others) == set(all_exercises())
    files = {f"{each.id[:2]}_{name}.py" for name, each in all_exercises().items()}
    assert {path.name for path in SOLUTIONS.iterdir() if path.suffix == ".py"} == files


@pytest.mark.parametrize("name", all_exercises())
def test_untouched(name: str, kept: dict) -> None:
    assert practice.check(learner(cell(name, "...", IMPORTS), name)).state == "not started"
    assert kept == {}


@pytest.mark.parametrize("name", all_exercises())
def test_the_solution_is_right(name: str, open_lab: None, kept: dict) -> None:
    message = practice.check(learner(solution(name), name))
    assert message.state == "correct", message
    assert kept == {"exercise": {all_exercises()[name].id: {"passed": True}}}


@pytest.mark.parametrize(("name", "code"), ALSO_RIGHT)
def test_another_right_answer(name: str, code: str, open_lab: None) -> None:
    check_right(name, cell(name, code, IMPORTS))


@pytest.mark.parametrize(("name", "title", "code"), cases(WRONG))
def test_a_misconception_is_told_by_name(
    name: str, title: str, code: str, open_lab: None, kept: dict
) -> None:
    check_told(name, title, cell(name, code, IMPORTS), kept)
