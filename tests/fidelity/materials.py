"""Cases: imported key material, rotation, multi-Region keys, the last use of a key."""

import hmac
import os
import re
from datetime import timedelta
from typing import Any

import boto3
from botocore.config import Config
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from .case import Account, Section, refused, words

IMPORTING = "tests/lab/kms/test_importing.py"
MULTI_REGION = "tests/lab/kms/test_multi_region.py"
RECORDED = "tests/lab/kms/test_recorded.py"
ROTATION = "tests/lab/kms/test_rotation.py"
RECENTLY = "recorded answer of AWS, 2023 to 2026"
FOREVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
SHA1, SHA256 = hashes.SHA1, hashes.SHA256

importing = Section("Imported key material")
rotation = Section("Rotation")
multi_region = Section("Multi-Region keys")
usage = Section("The last use of a key")


def wrapped(
    account: Account, key: str, material: bytes, mask: type[hashes.HashAlgorithm] = SHA256
) -> dict[str, Any]:
    """What ImportKeyMaterial takes: the material under OAEP with SHA-256, and the token."""
    parameters = account.kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public_key: Any = load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(mask()), SHA256(), None)
    blob = public_key.encrypt(material, oaep)
    return {"KeyId": key, "ImportToken": parameters["ImportToken"], "EncryptedKeyMaterial": blob}


def imported(account: Account, material: bytes, **members: Any) -> str:
    """The ID of a new symmetric key with this material."""
    key = account.key(Origin="EXTERNAL")
    account.kms.import_key_material(**wrapped(account, key, material), **(members or FOREVER))
    return key


def encrypted(account: Account, key: str) -> bytes:
    return bytes(account.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"])


@importing.case(
    "A new key with Origin EXTERNAL",
    aws="Has no key material yet, and encrypts nothing.",
    source="recorded answer of AWS, November 2025",
    expected="PendingImport; KMSInvalidStateException: KEYARN is pending import.",
    test=f"{RECORDED}::test_metadata",
)
def no_material(account: Account) -> str:
    key = account.key(Origin="EXTERNAL")
    answer = words(account.kms.encrypt, KeyId=key, Plaintext=b"p") or "encrypts"
    return f"{account.metadata(key)['KeyState']}; {answer}"


@importing.case(
    "Import into an HMAC key",
    aws="GenerateMac computes HMAC with the customer's own key.",
    source="Developer Guide, Importing key material",
    expected="the customer's HMAC",
    test=f"{IMPORTING}::test_imported_material_is_what_the_key_uses",
)
def import_hmac(account: Account) -> str:
    key, material = (
        account.key("HMAC_256", "GENERATE_VERIFY_MAC", Origin="EXTERNAL"),
        os.urandom(32),
    )
    account.kms.import_key_material(**wrapped(account, key, material), **FOREVER)
    made = account.kms.generate_mac(KeyId=key, Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
    own = hmac.digest(material, b"m", "sha256")
    return "the customer's HMAC" if made == own else "another MAC"


@importing.case(
    "Material wrapped with SHA-1 in OAEP's mask function",
    aws="Can't be unwrapped: with RSAES_OAEP_SHA_256 both hashes are SHA-256.",
    source="API reference, ImportKeyMaterial",
    expected="InvalidCiphertextException",
    test=f"{IMPORTING}::test_which_material_takes_which_wrapping",
)
def wrong_mask(account: Account) -> str:
    key = account.key(Origin="EXTERNAL")
    members = wrapped(account, key, os.urandom(32), mask=SHA1)
    return refused(account.kms.import_key_material, **members, **FOREVER) or "imported"


@importing.case(
    "ImportKeyMaterial without a date",
    aws="Material expires unless the request says that it does not.",
    source=RECENTLY,
    expected="ValidationException: A validTo date must be set if the ExpirationModel is "
    "KEY_MATERIAL_EXPIRES",
    test=f"{IMPORTING}::TestExpiry::test_a_date_is_needed_unless_material_does_not_expire",
)
def no_date(account: Account) -> str:
    members = wrapped(account, account.key(Origin="EXTERNAL"), os.urandom(32))
    return words(account.kms.import_key_material, **members) or "imported"


@importing.case(
    "After the date on which imported material expires",
    aws="KMS deletes the material; the key waits for it to be imported again.",
    source="Developer Guide, Importing key material",
    expected="PendingImport",
    test=f"{IMPORTING}::TestExpiry::"
    "test_it_passes_with_the_clock_and_the_same_bytes_bring_the_key_back",
)
def expired(account: Account) -> str:
    key = imported(account, os.urandom(32), ValidTo=account.now() + timedelta(days=30))
    account.advance(31)
    return str(account.metadata(key)["KeyState"])


@importing.case(
    "DeleteImportedKeyMaterial, then the same material again",
    aws="The key is unusable at once, and reads its old ciphertext when the same bytes are back.",
    source="API reference, DeleteImportedKeyMaterial and ImportKeyMaterial",
    expected="KMSInvalidStateException, then decrypts",
    test=f"{IMPORTING}::TestDeletion::test_delete_and_reimport",
)
def same_again(account: Account) -> str:
    material = os.urandom(32)
    key = imported(account, material)
    blob = encrypted(account, key)
    account.kms.delete_imported_key_material(KeyId=key)
    meanwhile = refused(account.kms.decrypt, CiphertextBlob=blob) or "decrypts"
    account.kms.import_key_material(**wrapped(account, key, material), **FOREVER)
    return f"{meanwhile}, then {refused(account.kms.decrypt, CiphertextBlob=blob) or 'decrypts'}"


@importing.case(
    "Import of other material into the same key",
    aws="Refused: a key stays with the material that it has had.",
    source="API reference, ImportKeyMaterial",
    expected="IncorrectKeyMaterialException",
    test=f"{IMPORTING}::TestRotation::test_import_type_and_identifier_must_be_true",
)
def other_material(account: Account) -> str:
    key = imported(account, os.urandom(32))
    account.kms.delete_imported_key_material(KeyId=key)
    members = wrapped(account, key, os.urandom(32))
    return refused(account.kms.import_key_material, **members, **FOREVER) or "imported"


@importing.case(
    "Rotation of imported material",
    aws="Since June 2025: new material waits, and is current after RotateKeyOnDemand.",
    source="API reference, RotateKeyOnDemand",
    expected="imported: the first is current, rotated: the second is",
    test=f"{IMPORTING}::TestRotation::test_new_material_waits_for_its_rotation",
)
def rotate_imported(account: Account) -> str:
    key = imported(account, os.urandom(32))
    first = account.metadata(key)["CurrentKeyMaterialId"]
    members = wrapped(account, key, os.urandom(32)) | FOREVER | {"ImportType": "NEW_KEY_MATERIAL"}
    account.kms.import_key_material(**members)
    waiting = account.metadata(key)["CurrentKeyMaterialId"] == first
    account.kms.rotate_key_on_demand(KeyId=key)
    rotated = account.metadata(key)["CurrentKeyMaterialId"] != first
    one, two = ("first" if waiting else "second"), ("second" if rotated else "first")
    return f"imported: the {one} is current, rotated: the {two} is"


@importing.case(
    "When a key with several imported materials expires",
    aws="With the first of them: the key needs all of its materials.",
    source="API reference, KeyMetadata (ValidTo)",
    expected="after 5 days",
    test=f"{IMPORTING}::test_the_key_expires_with_the_first_of_its_materials",
)
def first_expiry(account: Account) -> str:
    soon, later = (account.now() + timedelta(days=days) for days in (5, 10))
    key = imported(account, os.urandom(32), ValidTo=soon)
    members = {"ImportType": "NEW_KEY_MATERIAL", "ValidTo": later}
    account.kms.import_key_material(**wrapped(account, key, os.urandom(32)), **members)
    account.kms.rotate_key_on_demand(KeyId=key)
    left = account.metadata(key)["ValidTo"] - account.now()
    return f"after {round(left / timedelta(days=1))} days"


@rotation.case(
    "Automatic rotation of a new key",
    aws="Off, until it is enabled; then every 365 days unless another period is given.",
    source=RECENTLY,
    expected="off; enabled: 365 days",
    test=f"{ROTATION}::test_off_by_default_then_as_asked",
)
def off_by_default(account: Account) -> str:
    key, status = account.key(), account.kms.get_key_rotation_status
    before = "on" if status(KeyId=key)["KeyRotationEnabled"] else "off"
    account.kms.enable_key_rotation(KeyId=key)
    days = status(KeyId=key).get("RotationPeriodInDays", "an unknown number of")
    return f"{before}; enabled: {days} days"


@rotation.case(
    "Rotation periods of 89 and 2561 days",
    aws="A period has 90 to 2560 days.",
    source="API reference, EnableKeyRotation",
    expected="89: ValidationException, 2561: ValidationException",
    test=f"{ROTATION}::test_the_period_has_limits",
)
def periods(account: Account) -> str:
    # botocore would refuse 89 by itself.
    unchecked: Any = boto3.client("kms", config=Config(parameter_validation=False))
    enable, key = unchecked.enable_key_rotation, account.key()
    return ", ".join(
        f"{days}: {refused(enable, KeyId=key, RotationPeriodInDays=days) or 'accepted'}"
        for days in (89, 2561)
    )


@rotation.case(
    "EnableKeyRotation for an RSA key",
    aws="Only symmetric encryption keys rotate.",
    source="API reference, EnableKeyRotation",
    expected="UnsupportedOperationException",
    test=f"{ROTATION}::test_only_symmetric_encryption_keys",
)
def rotate_rsa(account: Account) -> str:
    return refused(account.kms.enable_key_rotation, KeyId=account.key("RSA_2048")) or "accepted"


@rotation.case(
    "A year with automatic rotation",
    aws="The key has new material; what the old one encrypted is still read.",
    source="Developer Guide, Rotate AWS KMS keys",
    expected="AUTOMATIC; decrypts",
    test=f"{ROTATION}::test_the_calendar_rotates_and_old_blobs_decrypt",
)
def a_year(account: Account) -> str:
    key = account.key()
    account.kms.enable_key_rotation(KeyId=key)
    blob = encrypted(account, key)
    account.advance(366)
    rotations = account.kms.list_key_rotations(KeyId=key)["Rotations"]
    listed = ", ".join(each["RotationType"] for each in rotations) or "no rotation"
    return f"{listed}; {refused(account.kms.decrypt, CiphertextBlob=blob) or 'decrypts'}"


@rotation.case(
    "RotateKeyOnDemand",
    aws="Encrypt uses new material from then on, Decrypt the one that made the ciphertext.",
    source="answer of AWS, checked in February 2026",
    expected="two key materials, both decrypt",
    test=f"{ROTATION}::test_the_list_of_materials",
)
def on_demand(account: Account) -> str:
    key = account.key()
    old = encrypted(account, key)
    account.kms.rotate_key_on_demand(KeyId=key)
    new = encrypted(account, key)
    replies = [account.kms.decrypt(CiphertextBlob=blob) for blob in (old, new)]
    materials = {reply.get("KeyMaterialId") for reply in replies}
    seen = "two key materials" if len(materials) == 2 else "no sign of a second key material"
    return f"{seen}, both decrypt"


@rotation.case(
    "ReEncrypt of an old ciphertext under the same key",
    aws="Moves it to the current key material.",
    source="AWS KMS Cryptographic Details",
    expected="from the old material to the current one",
    test=f"{ROTATION}::test_reencrypt_moves_a_blob_to_the_current_material",
)
def move(account: Account) -> str:
    key = account.key()
    old = encrypted(account, key)
    account.kms.rotate_key_on_demand(KeyId=key)
    reply = account.kms.re_encrypt(CiphertextBlob=old, DestinationKeyId=key)
    names = reply.get("SourceKeyMaterialId"), reply.get("DestinationKeyMaterialId")
    if None in names:
        return "not in the reply"
    current = account.metadata(key)["CurrentKeyMaterialId"]
    moved = names[0] != current == names[1]
    return "from the old material to the current one" if moved else "stays where it was"


@rotation.case(
    "The 26th rotation on demand",
    aws="A key can be rotated on demand 25 times.",
    source="API reference, RotateKeyOnDemand",
    expected="LimitExceededException",
    test=f"{ROTATION}::test_on_demand_does_not_move_the_calendar_and_ends_after_25",
)
def most_rotations(account: Account) -> str:
    key = account.key()
    for _ in range(25):
        account.kms.rotate_key_on_demand(KeyId=key)
    return refused(account.kms.rotate_key_on_demand, KeyId=key) or "accepted"


@multi_region.case(
    "The ID of a multi-Region key",
    aws="mrk- and 32 hexadecimal digits, in all its Regions.",
    source=RECENTLY,
    expected="mrk- and 32 hexadecimal digits",
    test=f"{RECORDED}::test_metadata_of_a_multi_region_key",
)
def multi_region_id(account: Account) -> str:
    prefix, *parts = account.key(MultiRegion=True).split("-")
    digits = "-".join(str(len(part)) for part in parts if re.fullmatch("[0-9a-f]+", part))
    return f"{prefix}- and {digits} hexadecimal digits"


def replica(account: Account, key: str) -> Any:
    """KMS in eu-west-1, where the key has now a replica."""
    account.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    return boto3.client("kms", region_name="eu-west-1")


@multi_region.case(
    "Ciphertext of the primary key in a replica's Region",
    aws="The replica decrypts it: they share the key material.",
    source="Developer Guide, Multi-Region keys in AWS KMS",
    expected="decrypts",
    test=f"{MULTI_REGION}::test_ciphertext_of_one_region_is_plain_in_the_other",
)
def replica_decrypts(account: Account) -> str:
    key = account.key(MultiRegion=True)
    there = replica(account, key)
    return refused(there.decrypt, CiphertextBlob=encrypted(account, key)) or "decrypts"


@multi_region.case(
    "The primary key is disabled",
    aws="Its replica stays enabled: each has a state of its own.",
    source="Developer Guide, Multi-Region keys in AWS KMS",
    expected="primary Disabled, replica Enabled",
    test=f"{MULTI_REGION}::test_states_policies_tags_and_aliases_are_apart",
)
def own_states(account: Account) -> str:
    key = account.key(MultiRegion=True)
    there = replica(account, key)
    account.kms.disable_key(KeyId=key)
    state = there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    return f"primary {account.metadata(key)['KeyState']}, replica {state}"


@multi_region.case(
    "Deletion of a primary key that has a replica",
    aws="Waits until the last replica is deleted; only then its waiting period begins.",
    source="API reference, ScheduleKeyDeletion",
    expected="PendingReplicaDeletion",
    test=f"{MULTI_REGION}::test_a_primary_key_outlives_its_replicas",
)
def primary_waits(account: Account) -> str:
    key = account.key(MultiRegion=True)
    replica(account, key)
    account.kms.schedule_key_deletion(KeyId=key)
    return str(account.metadata(key)["KeyState"])


@multi_region.case(
    "UpdatePrimaryRegion to a replica that is disabled",
    aws="Both keys have to be enabled.",
    source="API reference, UpdatePrimaryRegion; Developer Guide, Key states of AWS KMS keys",
    expected="DisabledException, primary in us-east-1",
    test=f"{MULTI_REGION}::test_a_primary_key_has_to_be_enabled",
)
def primary_disabled(account: Account) -> str:
    key = account.key(MultiRegion=True)
    there = replica(account, key)
    there.disable_key(KeyId=key)
    move = {"KeyId": key, "PrimaryRegion": there.meta.region_name}
    answer = refused(account.kms.update_primary_region, **move) or "moves"
    primary = account.metadata(key)["MultiRegionConfiguration"]["PrimaryKey"]["Region"]
    return f"{answer}, primary in {primary}"


@usage.case(
    "GetKeyLastUsage",
    aws="Since 2026: the last successful cryptographic operation with the key.",
    source="API reference, GetKeyLastUsage",
    expected="Encrypt",
    test=f"{ROTATION}::test_last_usage",
)
def last_usage(account: Account) -> str:
    key = account.key()
    encrypted(account, key)
    last = account.kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
    return str(last.get("Operation", "none"))
