"""Lesson 05's exercises: wrong answers, and the title that each must get."""

from tests.practice.learner import checked

IMPORTS = """
import base64, os
from datetime import timedelta
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_public_key

SHA1, SHA256 = hashes.SHA1(), hashes.SHA256()
FOREVER = {'ExpirationModel': 'KEY_MATERIAL_DOES_NOT_EXPIRE'}

def oaep(hash_=SHA256, mgf1_hash=SHA256):
    return padding.OAEP(mgf=padding.MGF1(mgf1_hash), algorithm=hash_, label=None)

def asked(kms, key_id, algorithm='RSAES_OAEP_SHA_256'):
    return kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec='RSA_2048')

def bring(kms, key_id, material, scheme=None, **request):
    p = asked(kms, key_id)
    wrapped = load_der_public_key(p['PublicKey']).encrypt(material, scheme or oaep())
    return kms.import_key_material(KeyId=key_id, ImportToken=p['ImportToken'],
        EncryptedKeyMaterial=wrapped, **request)

def parts(der, private, scheme=None, aes_key=None):
    aes_key = aes_key or os.urandom(32)
    return (load_der_public_key(der).encrypt(aes_key, scheme or oaep()),
        keywrap.aes_key_wrap_with_padding(aes_key, private), aes_key)
"""
TRY_ALL = """
for place, candidate in enumerate(candidates):
    try:
        bring(kms, key_id, candidate, {request})
        return {answer}
    except {error}:
        pass
raise ValueError('none')
"""
WRONG: dict[str, dict[str, list[str]]] = {
    "import_until": {
        "Date and expiration model don't fit": [
            "bring(kms, key_id, key_material)",
            "bring(kms, key_id, key_material, ValidTo=valid_to, **FOREVER)",
        ],
        "It never expires": ["bring(kms, key_id, key_material, **FOREVER)"],
        "It expires at another time": [
            "bring(kms, key_id, key_material, ValidTo=valid_to + timedelta(days=1))",
        ],
        "The key still waits for material": ["asked(kms, key_id)"],
        "KMS can't unwrap it": [
            "bring(kms, key_id, key_material, oaep(SHA256, SHA1), ValidTo=valid_to)",
            "bring(kms, key_id, key_material, oaep(SHA1, SHA1), ValidTo=valid_to)",
            "token = asked(kms, key_id)['ImportToken']\n"
            "public = load_der_public_key(asked(kms, key_id)['PublicKey'])\n"
            "kms.import_key_material(KeyId=key_id, ImportToken=token, ValidTo=valid_to,\n"
            "    EncryptedKeyMaterial=public.encrypt(key_material, oaep()))",
        ],
        "Not the token of this key": [
            "token = base64.b64encode(asked(kms, key_id)['ImportToken'])\n"
            "kms.import_key_material(KeyId=key_id, ImportToken=token,\n"
            "    EncryptedKeyMaterial=b'x' * 256, ValidTo=valid_to)",
        ],
        "Not 32 raw bytes": [
            "bring(kms, key_id, key_material.hex().encode(), ValidTo=valid_to)",
            "bring(kms, key_id, base64.b64encode(key_material), ValidTo=valid_to)",
        ],
        "DER bytes are not a key yet": [
            "p = asked(kms, key_id)\np['PublicKey'].encrypt(key_material, oaep())",
        ],
        "Other material than handed in": ["bring(kms, key_id, os.urandom(32), ValidTo=valid_to)"],
        "KMS refused: UnsupportedOperationException": [
            "asked(kms, key_id, 'RSA_AES_KEY_WRAP_SHA_256')",
        ],
    },
    "wrap_private_key": {
        "Parts in the wrong order": [
            "a, b, _ = parts(public_key_der, private_key_der)\nreturn b + a",
        ],
        "Too long, or of the wrong length": [
            "return load_der_public_key(public_key_der).encrypt(private_key_der, oaep())",
            "key = os.urandom(32)\nreturn keywrap.aes_key_wrap(key, private_key_der)",
        ],
        "SHA-1 in the padding": [
            "a, b, _ = parts(public_key_der, private_key_der, oaep(SHA256, SHA1))\nreturn a + b",
            "a, b, _ = parts(public_key_der, private_key_der, oaep(SHA1, SHA1))\nreturn a + b",
        ],
        "Not an AES-256 key": [
            "a, b, _ = parts(public_key_der, private_key_der, None, os.urandom(16))\nreturn a + b",
        ],
        "The private key is missing": [
            "return parts(public_key_der, private_key_der)[0]",
        ],
        "The first part does not open": ["return parts(public_key_der, private_key_der)[1]"],
        "The second part does not open": [
            "a, _, key = parts(public_key_der, private_key_der)\n"
            "nonce = os.urandom(12)\n"
            "return a + nonce + AESGCM(key).encrypt(nonce, private_key_der, None)",
            "a, _, _ = parts(public_key_der, private_key_der)\n"
            "return a + keywrap.aes_key_wrap_with_padding(os.urandom(32), private_key_der)",
        ],
        "One AES key for several imports": [
            "key = KEPT.setdefault('key', os.urandom(32))\n"
            "a, b, _ = parts(public_key_der, private_key_der, None, key)\n"
            "return a + b",
        ],
        "The private key is readable": [
            "return parts(public_key_der, private_key_der)[0] + private_key_der",
        ],
        "Base64 text": [
            "a, b, _ = parts(public_key_der, private_key_der)\nreturn base64.b64encode(a + b)",
        ],
        "DER bytes are not a key yet": ["return public_key_der.encrypt(os.urandom(32), oaep())"],
        "Several values instead of one": ["return parts(public_key_der, private_key_der)[:2]"],
    },
    "bring_back": {
        "Stopped at the first wrong one": [
            "for place, candidate in enumerate(candidates):\n"
            "    bring(kms, key_id, candidate, **FOREVER)\n"
            "    return place",
        ],
        "A candidate was imported beside the lost one": [
            "bring(kms, key_id, candidates[1], ImportType='NEW_KEY_MATERIAL', **FOREVER)\nreturn 1",
            "for candidate in candidates:\n"
            "    bring(kms, key_id, candidate, ImportType='NEW_KEY_MATERIAL', **FOREVER)\n"
            "return 1",
        ],
        "The key still waits for material": ["return 0"],
        "It will expire again": [
            "until = kms.describe_key(KeyId=key_id)['KeyMetadata']['CreationDate']"
            " + timedelta(days=9)\n"
            + TRY_ALL.format(request="ValidTo=until", answer="place", error="ClientError"),
        ],
        "Another place in the list": [
            TRY_ALL.format(request="**FOREVER", answer="place + 1", error="ClientError"),
        ],
        "Every error is swallowed": [
            TRY_ALL.format(request="**FOREVER", answer="place", error="ClientError").replace(
                "raise ValueError('none')", "return -1"
            ),
        ],
        "KMS can't unwrap it": [
            "for place, candidate in enumerate(candidates):\n"
            "    bring(kms, key_id, candidate, oaep(SHA256, SHA1), **FOREVER)\n"
            "    return place",
        ],
        "DER bytes are not a key yet": [
            "return asked(kms, key_id)['PublicKey'].encrypt(candidates[0], oaep())",
        ],
        "It returns nothing": [
            "for candidate in candidates:\n"
            "    try:\n"
            "        bring(kms, key_id, candidate, **FOREVER)\n"
            "    except kms.exceptions.IncorrectKeyMaterialException:\n"
            "        pass",
        ],
    },
}
ALSO_RIGHT = [
    ("import_until", "bring(kms, key_id, key_material, ValidTo=valid_to.isoformat())"),
    (
        "bring_back",
        "for place, candidate in enumerate(candidates):\n"
        "    try:\n"
        "        bring(kms, key_id, candidate, ImportType='EXISTING_KEY_MATERIAL', **FOREVER)\n"
        "        return place\n"
        "    except kms.exceptions.IncorrectKeyMaterialException:\n"
        "        pass\n"
        "raise LookupError('not here')",
    ),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
