"""Lesson 08's exercises: wrong answers, and the title that each must get."""

from tests.practice.learner import checked

IMPORTS = """
import base64, hashlib, json, os
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_public_key

SHA = hashes.SHA256()
PRE = utils.Prehashed(SHA)

def pss(salt=32, mgf=SHA):
    return padding.PSS(mgf=padding.MGF1(mgf), salt_length=salt)

def verified(der, signature, message, *rest):
    try:
        load_der_public_key(der).verify(signature, message, *rest)
    except InvalidSignature:
        return False
    return True

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()

def start_of(claims, alg='ES256'):
    return b64(json.dumps({'alg': alg}).encode()) + '.' + b64(json.dumps(claims).encode())

def sign(kms, key_id, message, **more):
    return kms.sign(KeyId=key_id, Message=message, SigningAlgorithm='ECDSA_SHA_256',
        **more)['Signature']

def raw(der):
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(32, 'big') + s.to_bytes(32, 'big')

def shared(kms, key_id, peer):
    return kms.derive_shared_secret(KeyId=key_id, PublicKey=peer,
        KeyAgreementAlgorithm='ECDH')['SharedSecret']

def hkdf(secret, salt, info, length=32, hash_=SHA):
    return HKDF(algorithm=hash_, length=length, salt=salt, info=info).derive(secret)

def digest_of(file):
    return hashlib.file_digest(file, 'sha256').digest()
"""
SECRET = "secret = shared(kms, key_id, peer_public_key_der)\n"
START = "start = start_of(claims)\nder = sign(kms, key_id, start.encode())\n"

WRONG: dict[str, dict[str, list[str]]] = {
    "verify_release": {
        "The whole file at once": [
            "return verified(public_key_der, signature, file.read(), pss(), SHA)",
            "return verified(public_key_der, signature, file.read(2**30), pss(), SHA)",
        ],
        "An error instead of False": [
            "load_der_public_key(public_key_der).verify(signature, digest_of(file), pss(), PRE)\n"
            "return True",
        ],
        "The older RSA scheme": [
            "return verified(public_key_der, signature, digest_of(file), padding.PKCS1v15(), PRE)",
        ],
        "Another salt than KMS's": [
            "longest = pss(222)\n"
            "return verified(public_key_der, signature, digest_of(file), longest, PRE)",
        ],
        "Hashed twice": [
            "return verified(public_key_der, signature, digest_of(file), pss(), SHA)",
        ],
        "Every signature is accepted": ["return True", "return len(signature) == 256"],
        "Only the beginning is hashed": [
            f"digest = hashlib.sha256(file.read({size})).digest()\n"
            "return verified(public_key_der, signature, digest, pss(), PRE)"
            for size in (4096, 65536, 2**20)
        ],
        "A second scheme is accepted": [
            "digest = digest_of(file)\n"
            "return any(verified(public_key_der, signature, digest, each, PRE)\n"
            "    for each in (pss(), padding.PKCS1v15()))",
        ],
        "A genuine signature is refused": [
            "return False",
            "wrong = hashlib.file_digest(file, 'sha256').hexdigest().encode()[:32]\n"
            "return verified(public_key_der, signature, wrong, pss(), PRE)",
        ],
        "Printed instead of returned": [
            "print(verified(public_key_der, signature, digest_of(file), pss(), PRE))",
        ],
    },
    "es256_token": {
        "Not three parts": [START + "return start"],
        "The = signs are left": [
            START + "return start + '.' + base64.urlsafe_b64encode(raw(der)).decode()"
        ],
        "Ordinary base64": [
            "def plain(data):\n"
            "    return base64.b64encode(data).decode().rstrip('=')\n"
            "parts = [plain(json.dumps(x).encode()) for x in ({'alg': 'ES256'}, claims)]\n"
            "der = sign(kms, key_id, '.'.join(parts).encode())\n"
            "return '.'.join([*parts, plain(raw(der))])"
        ],
        "Not base64url of JSON": [
            START + "return '.'.join(('head', 'body', b64(raw(der))))",
            "start = b64(b'\\xff') + '.' + b64(b'{}')\n"
            "return start + '.' + b64(raw(sign(kms, key_id, start.encode())))",
        ],
        "The header does not say ES256": [
            "start = start_of(claims, 'ECDSA_SHA_256')\n"
            "return start + '.' + b64(raw(sign(kms, key_id, start.encode())))",
        ],
        "Other claims": [
            "start = start_of({**claims, 'iat': 1})\n"
            "return start + '.' + b64(raw(sign(kms, key_id, start.encode())))",
        ],
        "The signature is DER": [START + "return start + '.' + b64(der)"],
        "r and s are not 32 bytes each": [
            START + "r, s = utils.decode_dss_signature(der)\n"
            "short = [n.to_bytes((n.bit_length() + 7) // 8, 'big') for n in (r, s)]\n"
            "return start + '.' + b64(b''.join(short))",
            START + "return start + '.'",
        ],
        "s before r": [START + "both = raw(der)\nreturn start + '.' + b64(both[32:] + both[:32])"],
        "Hashed twice": [
            "start = start_of(claims)\n"
            "der = sign(kms, key_id, hashlib.sha256(start.encode()).digest())\n"
            "return start + '.' + b64(raw(der))",
        ],
        "The signature does not fit": [
            START + "return start + '.' + b64(der[-64:])",
            START + "fixed = der[4:36] + der[38:70]\n"
            "return start + '.' + b64(fixed.ljust(64, b'\\0'))",
            "start = start_of(claims)\n"
            "der = sign(kms, key_id, json.dumps(claims).encode())\n"
            "return start + '.' + b64(raw(der))",
            "start = start_of(claims)\n"
            "der = sign(kms, key_id, start.split('.')[1].encode())\n"
            "return start + '.' + b64(raw(der))",
        ],
        "It returns bytes": [START + "return (start + '.' + b64(raw(der))).encode()"],
    },
    "session_key": {
        "The raw secret": [SECRET + "return secret"],
        "The whole reply": [
            "return kms.derive_shared_secret(KeyId=key_id, PublicKey=peer_public_key_der,"
            " KeyAgreementAlgorithm='ECDH')"
        ],
        "Another length": [SECRET + "return hkdf(secret, salt, purpose, length=16)"],
        "The purpose is left out": [SECRET + "return hkdf(secret, salt, None)"],
        "The salt is left out": [SECRET + "return hkdf(secret, None, purpose)"],
        "Salt and purpose are left out": [SECRET + "return hkdf(secret, None, None)"],
        "Salt and purpose are swapped": [SECRET + "return hkdf(secret, purpose, salt)"],
        "Another hash": [SECRET + "return hkdf(secret, salt, purpose, hash_=hashes.SHA512())"],
        "A hash instead of HKDF": [SECRET + "return hashlib.sha256(secret).digest()"],
        "The partner has another key": [
            "return os.urandom(32)",
            SECRET + "return hashlib.sha256(secret + salt + purpose).digest()",
            "own = kms.get_public_key(KeyId=key_id)['PublicKey']\n"
            "return hkdf(shared(kms, key_id, own), salt, purpose)",
        ],
    },
}
# Other right answers than the solution.
ALSO_RIGHT = [
    (
        "verify_release",
        "digest = hashlib.sha256()\n"
        "for piece in iter(lambda: file.read(4 * 2**20), b''):\n"
        "    digest.update(piece)\n"
        "return verified(public_key_der, signature, digest.digest(), pss(), PRE)",
    ),
    (
        "verify_release",
        "hasher = hashlib.sha256()\n"
        "while piece := file.read(65536):\n"
        "    hasher.update(piece)\n"
        "auto = pss(padding.PSS.AUTO)\n"
        "return verified(public_key_der, signature, hasher.digest(), auto, PRE)",
    ),
    (
        "es256_token",
        "start = start_of(claims)\n"
        "digest = hashlib.sha256(start.encode()).digest()\n"
        "return start + '.' + b64(raw(sign(kms, key_id, digest, MessageType='DIGEST')))",
    ),
    ("session_key", SECRET + "return bytes(bytearray(hkdf(secret, salt, purpose)))"),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
