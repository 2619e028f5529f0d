"""The exercises of lesson 03: each mistake by its name, and the lab's own blobs opened by hand."""

from typing import Any

import boto3

from helpers import lab
from tests.practice.learner import checked, learner, solution
from tests.practice.test_exercises import IMPORTS

PIECES = """
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

def derive(material, nonce):
    return KBKDFHMAC(
        algorithm=hashes.SHA256(), mode=Mode.CounterMode, length=32, rlen=4, llen=4,
        location=CounterLocation.BeforeFixed, label=b"aws-kms-lab/encrypt", context=nonce,
        fixed=None,
    ).derive(material)

def gcm(key, b, data):
    return AESGCM(key).decrypt(b[72:84], b[88:], data)

def under(kms, key_id, text, context):
    return kms.encrypt(KeyId=key_id, Plaintext=text, EncryptionContext=context)['CiphertextBlob']

def move(kms, key_id, blob, source, destination):
    return kms.re_encrypt(
        CiphertextBlob=blob, DestinationKeyId=key_id,
        SourceEncryptionContext=source, DestinationEncryptionContext=destination,
    )['CiphertextBlob']

def another(kms, alias, **kind):
    old = kms.describe_key(KeyId=alias)['KeyMetadata']
    kind = kind or {'KeySpec': old['KeySpec'], 'KeyUsage': old['KeyUsage']}
    return old, kms.create_key(**kind)['KeyMetadata']
"""

B = "b = ciphertext_blob\n"
MOVE = "move(kms, key_id, ciphertext_blob, encryption_context, encryption_context)"
GCM = "return gcm(derive(m, b[56:72]), b, b[:88] + bytes(4))"
READ = (
    "text = kms.decrypt(CiphertextBlob=ciphertext_blob, EncryptionContext=encryption_context)"
    "['Plaintext']\n"
)
POINT = "kms.update_alias(AliasName=alias_name, TargetKeyId=new['KeyId'])\n"
NEW = "old, new = another(kms, alias_name)\n"

# Function -> the misconceptions by name, each with one or more bodies that have it.
WRONG: dict[str, dict[str, list[str]]] = {
    "decrypt_by_hand": {
        "Always the same material": [
            B + "m = list(materials.values())[-1]\n" + GCM,
            B + "m = list(materials.values())[0]\n" + GCM,
        ],
        "The key material used as it is": [
            B + "return gcm(materials[b[24:56].hex()], b, b[:88]+bytes(4))",
        ],
        "Header not authenticated": [
            B + "return gcm(derive(materials[b[24:56].hex()], b[56:72]), b, bytes(4))",
        ],
        "The empty context left out": [
            B + "return gcm(derive(materials[b[24:56].hex()], b[56:72]), b, b[:88])",
        ],
        "The material is not found": [
            B + "return gcm(derive(materials[b[24:56]], b[56:72]), b, b[:88]+bytes(4))",
            B + "return gcm(derive(materials[b[8:24].hex()], b[56:72]), b, b[:88]+bytes(4))",
        ],
        "The tag does not fit": [
            B + "return gcm(derive(materials[b[24:56].hex()], b[72:84]), b, b[:88]+bytes(4))",
            B + "return gcm(derive(materials[b[24:56].hex()], b[56:72]), b, b[:84]+bytes(4))",
        ],
        "Not the plaintext": [
            B + "return gcm(derive(materials[b[24:56].hex()], b[56:72]), b, b[:88]+bytes(4))[:-1]",
            B + "return ciphertext_blob",
        ],
        "Text instead of bytes": [
            B + "return gcm(derive(materials[b[24:56].hex()], b[56:72]), b, b[:88]+bytes(4)).hex()",
        ],
    },
    "renew": {
        "The plaintext came out on the way": [
            READ + "return under(kms, key_id, text, encryption_context)",
            READ + f"return {MOVE}",
        ],
        "The context was lost": [
            "return move(kms, key_id, ciphertext_blob, encryption_context, {})",
        ],
        "The source's context was not given": [
            "return move(kms, key_id, ciphertext_blob, {}, encryption_context)",
        ],
        "The old blob": ["return ciphertext_blob", f"{MOVE}\nreturn ciphertext_blob"],
        "The key was rotated once more": [
            f"kms.rotate_key_on_demand(KeyId=key_id)\nreturn {MOVE}",
            "kms.rotate_key_on_demand(KeyId=key_id)\nreturn ciphertext_blob",
        ],
        "Another key": [
            "key_id = kms.create_key()['KeyMetadata']['KeyId']\n" + f"return {MOVE}",
        ],
        "Not the plaintext": [
            "return under(kms, key_id, b'something else', encryption_context)",
        ],
        "Not a blob that KMS opens": ["return os.urandom(150)"],
        "The whole reply": [
            "return kms.re_encrypt(CiphertextBlob=ciphertext_blob, DestinationKeyId=key_id, "
            "SourceEncryptionContext=encryption_context, "
            "DestinationEncryptionContext=encryption_context)",
        ],
    },
    "rotate_by_alias": {
        "This key cannot be rotated in place": [
            "key = kms.describe_key(KeyId=alias_name)['KeyMetadata']['KeyId']\n"
            "kms.enable_key_rotation(KeyId=key)",
            "key = kms.describe_key(KeyId=alias_name)['KeyMetadata']['KeyId']\n"
            "kms.rotate_key_on_demand(KeyId=key)",
        ],
        "The alias exists already": [
            NEW + "kms.create_alias(AliasName=alias_name, TargetKeyId=new['KeyId'])",
        ],
        "The alias still names the old key": [NEW + "return new['Arn']"],
        "Another kind of key": [
            "old, new = another(kms, alias_name, KeySpec='HMAC_384')\n" + POINT,
            "old, new = another(kms, alias_name, Description='new')\n"
            + POINT
            + "return new['Arn']",
            "old, new = another(kms, alias_name, KeySpec='HMAC_256', "
            "KeyUsage='GENERATE_VERIFY_MAC')\n" + POINT + "return new['Arn']",
        ],
        "The old key is out of use": [
            NEW + POINT + "kms.schedule_key_deletion(KeyId=old['KeyId'])\nreturn new['Arn']",
            NEW + POINT + "kms.disable_key(KeyId=old['KeyId'])\nreturn new['Arn']",
        ],
        "The alias is gone": [NEW + "kms.delete_alias(AliasName=alias_name)\nreturn new['Arn']"],
        "A moment without the alias": [
            NEW + "kms.delete_alias(AliasName=alias_name)\n"
            "kms.create_alias(AliasName=alias_name, TargetKeyId=new['KeyId'])\n"
            "return new['Arn']",
        ],
        "The key ID instead of the ARN": [NEW + POINT + "return new['KeyId']"],
        "Not the new key's ARN": [NEW + POINT + "return old['Arn']"],
    },
}
ALSO_RIGHT = [
    (
        "decrypt_by_hand",
        B + "return gcm(derive(materials[b[24:56].hex()], b[56:72]), b, b[:88]+bytes(4))",
    ),
    ("renew", f"return {MOVE}"),
    ("rotate_by_alias", NEW + POINT + "return new['Arn']"),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS + PIECES
)


def test_by_hand_opens_what_the_lab_made(open_lab: None) -> None:
    kms: Any = boto3.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    blobs = {}
    for text in (b"first", b"second"):
        blobs[text] = kms.encrypt(KeyId=key_id, Plaintext=text)["CiphertextBlob"]
        kms.rotate_key_on_demand(KeyId=key_id)
    materials = {m["key_material_id"]: m["key_material"] for m in lab.xray.key(key_id)["materials"]}
    decrypt_by_hand = learner(solution("decrypt_by_hand"), "decrypt_by_hand")
    assert {text: decrypt_by_hand(materials, blob) for text, blob in blobs.items()} == {
        text: text for text in blobs
    }
