"""Imported key material: every wrapping, the token, expiry, deletion, reimport and rotation.

Material is wrapped with ``cryptography`` and with openssl, as a customer would.
"""

import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from helpers import lab
from tests.needs import needs_openssl

FOREVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
HASHES = {"1": hashes.SHA1, "256": hashes.SHA256}


def refusal(operation: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**request)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def external_key(
    kms: BaseClient,
    spec: str = "SYMMETRIC_DEFAULT",
    usage: str = "ENCRYPT_DECRYPT",
    **more: Any,
) -> str:
    metadata = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage, **more)
    return str(metadata["KeyMetadata"]["Arn"])


def wrap(parameters: dict[str, Any], algorithm: str, material: bytes) -> bytes:
    """Wrap key material as the Developer Guide says, with ``cryptography`` alone."""
    hash_type = HASHES[algorithm.rpartition("_")[2]]
    oaep = padding.OAEP(mgf=padding.MGF1(hash_type()), algorithm=hash_type(), label=None)
    public_key = load_der_public_key(parameters["PublicKey"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    if algorithm.startswith("RSAES"):
        return public_key.encrypt(material, oaep)
    aes_key = os.urandom(32)
    wrapped = keywrap.aes_key_wrap_with_padding(aes_key, material)
    return public_key.encrypt(aes_key, oaep) + wrapped


def import_into(
    kms: BaseClient,
    key: str,
    material: bytes,
    algorithm: str = "RSAES_OAEP_SHA_256",
    spec: str = "RSA_2048",
    **request: Any,
) -> dict[str, Any]:
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec
    )
    return kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(parameters, algorithm, material),
        **(request or FOREVER),
    )


def pkcs8(private_key: Any) -> bytes:
    return private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def describe(kms: BaseClient, key: str) -> dict[str, Any]:
    return kms.describe_key(KeyId=key)["KeyMetadata"]


MATERIAL: dict[str, tuple[str, Any]] = {
    "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT", lambda: os.urandom(32)),
    "HMAC_224": ("GENERATE_VERIFY_MAC", lambda: os.urandom(28)),
    "HMAC_256": ("GENERATE_VERIFY_MAC", lambda: os.urandom(32)),
    "HMAC_384": ("GENERATE_VERIFY_MAC", lambda: os.urandom(48)),
    "HMAC_512": ("GENERATE_VERIFY_MAC", lambda: os.urandom(64)),
    "ECC_NIST_P256": ("SIGN_VERIFY", lambda: pkcs8(ec.generate_private_key(ec.SECP256R1()))),
    "ECC_NIST_P384": ("KEY_AGREEMENT", lambda: pkcs8(ec.generate_private_key(ec.SECP384R1()))),
    "ECC_NIST_P521": ("SIGN_VERIFY", lambda: pkcs8(ec.generate_private_key(ec.SECP521R1()))),
    "ECC_SECG_P256K1": ("SIGN_VERIFY", lambda: pkcs8(ec.generate_private_key(ec.SECP256K1()))),
    "ECC_NIST_EDWARDS25519": (
        "SIGN_VERIFY",
        lambda: pkcs8(ed25519.Ed25519PrivateKey.generate()),
    ),
    "RSA_2048": ("ENCRYPT_DECRYPT", lambda: pkcs8(rsa.generate_private_key(65537, 2048))),
    "RSA_3072": ("SIGN_VERIFY", lambda: pkcs8(rsa.generate_private_key(65537, 3072))),
}
DIRECT = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
HYBRID = ("RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")


def fits(spec: str, algorithm: str, wrapping_spec: str) -> bool:
    """The table of the Developer Guide: which material takes which wrapping."""
    if spec.startswith("RSA"):
        return algorithm in HYBRID
    if spec == "ECC_NIST_P521" and wrapping_spec == "RSA_2048":
        return algorithm in HYBRID
    return algorithm in DIRECT or spec.startswith("ECC")


@pytest.mark.parametrize("wrapping_spec", ["RSA_2048", "RSA_3072"])
@pytest.mark.parametrize("algorithm", DIRECT + HYBRID)
@pytest.mark.parametrize("spec", MATERIAL)
def test_which_material_takes_which_wrapping(
    kms: BaseClient, spec: str, algorithm: str, wrapping_spec: str
) -> None:
    usage, make = MATERIAL[spec]
    key = external_key(kms, spec, usage)
    if not fits(spec, algorithm, wrapping_spec):
        code, _ = refusal(
            kms.get_parameters_for_import,
            KeyId=key,
            WrappingAlgorithm=algorithm,
            WrappingKeySpec=wrapping_spec,
        )
        assert code == "UnsupportedOperationException"
        assert describe(kms, key)["KeyState"] == "PendingImport"
        return
    reply = import_into(kms, key, make(), algorithm, wrapping_spec)
    assert reply["KeyId"] == key
    assert ("KeyMaterialId" in reply) == (spec == "SYMMETRIC_DEFAULT")
    metadata = describe(kms, key)
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in metadata


@pytest.mark.parametrize("algorithm", ["RSAES_PKCS1_V1_5", "SM2PKE"])
def test_wrappings_that_aws_no_longer_or_not_here_takes(kms: BaseClient, algorithm: str) -> None:
    code, _ = refusal(
        kms.get_parameters_for_import,
        KeyId=external_key(kms),
        WrappingAlgorithm=algorithm,
        WrappingKeySpec="RSA_2048",
    )
    assert code == "UnsupportedOperationException"


def test_imported_material_is_what_the_key_uses(kms: BaseClient) -> None:
    secret = os.urandom(32)
    key = external_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    import_into(kms, key, secret)
    mac = kms.generate_mac(KeyId=key, Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
    import hmac

    assert mac == hmac.digest(secret, b"m", "sha256")


def test_the_public_half_is_that_of_the_import(kms: BaseClient) -> None:
    private_key = rsa.generate_private_key(65537, 2048)
    key = external_key(kms, "RSA_2048", "SIGN_VERIFY")
    import_into(kms, key, pkcs8(private_key), "RSA_AES_KEY_WRAP_SHA_256")
    expected = private_key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    assert kms.get_public_key(KeyId=key)["PublicKey"] == expected


@needs_openssl
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_openssl_wraps_too(kms: BaseClient, tmp_path: Path, digest: str) -> None:
    algorithm = f"RSAES_OAEP_SHA_{digest[3:]}"
    key = external_key(kms)
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
    )
    (tmp_path / "public.der").write_bytes(parameters["PublicKey"])
    (tmp_path / "material").write_bytes(os.urandom(32))

    def wrapped(mgf1: str) -> bytes:
        command = (
            "openssl pkeyutl -encrypt -in material -out wrapped -inkey public.der -keyform DER "
            f"-pubin -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{digest} "
            f"-pkeyopt rsa_mgf1_md:{mgf1}"
        )
        subprocess.run(command.split(), cwd=tmp_path, check=True)
        return (tmp_path / "wrapped").read_bytes()

    request = {"KeyId": key, "ImportToken": parameters["ImportToken"], **FOREVER}
    other = "sha1" if digest == "sha256" else "sha256"
    mixed = wrapped(other)
    assert refusal(kms.import_key_material, EncryptedKeyMaterial=mixed, **request) == (
        "InvalidCiphertextException",
        "",
    )
    kms.import_key_material(EncryptedKeyMaterial=wrapped(digest), **request)
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def test_parameters_and_their_24_hours(kms: BaseClient) -> None:
    key = external_key(kms)
    reply = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    assert set(reply) - {"ResponseMetadata"} == {
        "KeyId",
        "ImportToken",
        "PublicKey",
        "ParametersValidTo",
    }
    assert reply["KeyId"] == key
    left = reply["ParametersValidTo"] - lab.clock.now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    request = {
        "KeyId": key,
        "ImportToken": reply["ImportToken"],
        "EncryptedKeyMaterial": wrap(reply, "RSAES_OAEP_SHA_256", os.urandom(32)),
        **FOREVER,
    }
    lab.clock.advance(hours=24)
    assert refusal(kms.import_key_material, **request)[0] == "ExpiredImportTokenException"
    assert describe(kms, key)["KeyState"] == "PendingImport"


def test_a_token_belongs_to_its_key_and_its_public_key(kms: BaseClient) -> None:
    key, other = external_key(kms), external_key(kms)
    first, second, foreign = (
        kms.get_parameters_for_import(
            KeyId=k, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        for k in (key, key, other)
    )
    material = os.urandom(32)
    blob = wrap(first, "RSAES_OAEP_SHA_256", material)
    request = {"KeyId": key, "EncryptedKeyMaterial": blob, **FOREVER}
    damaged = bytearray(first["ImportToken"])
    damaged[20] ^= 1
    for token in (foreign["ImportToken"], bytes(damaged), b"no token"):
        code, _ = refusal(kms.import_key_material, ImportToken=token, **request)
        assert code == "InvalidImportTokenException"
    code, _ = refusal(kms.import_key_material, ImportToken=second["ImportToken"], **request)
    assert code == "InvalidCiphertextException"
    # Several are outstanding at once, and no failure has used the right one up.
    assert kms.import_key_material(ImportToken=first["ImportToken"], **request)["KeyId"] == key


@pytest.mark.parametrize(
    ("spec", "material"),
    [
        ("SYMMETRIC_DEFAULT", lambda: os.urandom(31)),
        ("SYMMETRIC_DEFAULT", lambda: os.urandom(33)),
        ("HMAC_384", lambda: os.urandom(32)),
        ("ECC_NIST_P256", lambda: pkcs8(ec.generate_private_key(ec.SECP256K1()))),
        ("ECC_NIST_P256", lambda: os.urandom(32)),
        ("ECC_NIST_EDWARDS25519", lambda: pkcs8(ec.generate_private_key(ec.SECP256R1()))),
    ],
)
def test_material_of_another_kind_is_refused(kms: BaseClient, spec: str, material: Any) -> None:
    key = external_key(kms, spec, MATERIAL[spec][0])
    with pytest.raises(ClientError) as caught:
        import_into(kms, key, material())
    assert caught.value.response["Error"]["Code"] == "IncorrectKeyMaterialException"
    assert describe(kms, key)["KeyState"] == "PendingImport"


def test_an_rsa_key_of_another_size_is_refused(kms: BaseClient) -> None:
    key = external_key(kms, "RSA_3072", "SIGN_VERIFY")
    with pytest.raises(ClientError) as caught:
        small = pkcs8(rsa.generate_private_key(65537, 2048))
        import_into(kms, key, small, "RSA_AES_KEY_WRAP_SHA_256")
    assert caught.value.response["Error"]["Code"] == "IncorrectKeyMaterialException"


@pytest.mark.parametrize("operation", ["get", "import", "delete"])
def test_only_keys_of_external_origin(kms: BaseClient, operation: str) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    calls = {
        "get": lambda: kms.get_parameters_for_import(
            KeyId=arn, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        ),
        "import": lambda: kms.import_key_material(
            KeyId=arn, ImportToken=b"t", EncryptedKeyMaterial=b"m", **FOREVER
        ),
        "delete": lambda: kms.delete_imported_key_material(KeyId=arn),
    }
    message = f"{arn} origin is AWS_KMS which is not valid for this operation."
    assert refusal(calls[operation]) == ("UnsupportedOperationException", message)


class TestExpiry:
    def test_a_date_is_needed_unless_material_does_not_expire(self, kms: BaseClient) -> None:
        key = external_key(kms)
        parameters = kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        request = {
            "KeyId": key,
            "ImportToken": parameters["ImportToken"],
            "EncryptedKeyMaterial": wrap(parameters, "RSAES_OAEP_SHA_256", os.urandom(32)),
        }
        assert refusal(kms.import_key_material, **request) == (
            "ValidationException",
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        )
        now = lab.clock.now()
        for wrong in (now - timedelta(seconds=1), now + timedelta(days=366)):
            code, _ = refusal(kms.import_key_material, ValidTo=wrong, **request)
            assert code == "ValidationException"
        soon = now + timedelta(days=1)
        code, _ = refusal(kms.import_key_material, ValidTo=soon, **FOREVER, **request)
        assert code == "ValidationException"
        kms.import_key_material(ValidTo=soon, **request)  # the token is not used up
        metadata = describe(kms, key)
        assert metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
        assert abs(metadata["ValidTo"] - soon) < timedelta(seconds=1)

    def test_it_passes_with_the_clock_and_the_same_bytes_bring_the_key_back(
        self, kms: BaseClient
    ) -> None:
        key, material = external_key(kms), os.urandom(32)
        import_into(kms, key, material, ValidTo=lab.clock.now() + timedelta(days=30))
        blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
        lab.clock.advance(days=30)
        metadata = describe(kms, key)
        assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingImport", False)
        assert "ExpirationModel" not in metadata and "ValidTo" not in metadata
        pending = ("KMSInvalidStateException", f"{key} is pending import.")
        assert refusal(kms.decrypt, CiphertextBlob=blob) == pending
        assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == pending
        with pytest.raises(ClientError) as caught:
            import_into(kms, key, os.urandom(32))
        assert caught.value.response["Error"]["Code"] == "IncorrectKeyMaterialException"
        import_into(kms, key, material)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


class TestDeletion:
    def test_delete_and_reimport(self, kms: BaseClient) -> None:
        key, material = external_key(kms), os.urandom(32)
        imported = import_into(kms, key, material)["KeyMaterialId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
        reply = kms.delete_imported_key_material(KeyId=key)
        assert (reply["KeyId"], reply["KeyMaterialId"]) == (key, imported)
        metadata = describe(kms, key)
        assert metadata["KeyState"] == "PendingImport"
        assert metadata["CurrentKeyMaterialId"] == imported
        assert "ExpirationModel" not in metadata
        assert import_into(kms, key, material)["KeyMaterialId"] == imported
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"

    def test_the_blob_is_bound_to_the_key_not_to_the_material(self, kms: BaseClient) -> None:
        first, second, material = external_key(kms), external_key(kms), os.urandom(32)
        import_into(kms, first, material)
        import_into(kms, second, material)
        blob = kms.encrypt(KeyId=first, Plaintext=b"x")["CiphertextBlob"]
        code, _ = refusal(kms.decrypt, CiphertextBlob=blob, KeyId=second)
        assert code == "IncorrectKeyException"
        kms.schedule_key_deletion(KeyId=first, PendingWindowInDays=7)
        lab.clock.advance(days=7)
        assert refusal(kms.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"

    def test_it_does_not_change_the_state_of_a_key_that_is_leaving(self, kms: BaseClient) -> None:
        key = external_key(kms)
        import_into(kms, key, os.urandom(32))
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        kms.delete_imported_key_material(KeyId=key)
        assert describe(kms, key)["KeyState"] == "PendingDeletion"
        kms.cancel_key_deletion(KeyId=key)
        assert describe(kms, key)["KeyState"] == "PendingImport"


class TestRotation:
    def test_new_material_waits_for_its_rotation(self, kms: BaseClient) -> None:
        key = external_key(kms)
        first = import_into(kms, key, os.urandom(32))["KeyMaterialId"]
        old = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
        nothing = (
            "KMSInvalidStateException",
            f"No available key material pending rotation for the key: {key}.",
        )
        assert refusal(kms.rotate_key_on_demand, KeyId=key) == nothing
        new = {"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialDescription": "spring", **FOREVER}
        second = import_into(kms, key, os.urandom(32), **new)["KeyMaterialId"]
        assert describe(kms, key)["CurrentKeyMaterialId"] == first
        with pytest.raises(ClientError) as caught:
            import_into(kms, key, os.urandom(32), **new)
        message = caught.value.response["Error"]["Message"]
        assert f"because another key material (id: {second}) is pending rotation." in message
        assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
        listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        assert [r["KeyMaterialState"] for r in listed["Rotations"]] == [
            "CURRENT",
            "PENDING_ROTATION",
        ]
        assert listed["Rotations"][1]["KeyMaterialDescription"] == "spring"
        assert {r["ImportState"] for r in listed["Rotations"]} == {"IMPORTED"}
        assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == key
        assert describe(kms, key)["CurrentKeyMaterialId"] == second
        assert kms.decrypt(CiphertextBlob=old)["KeyMaterialId"] == first
        data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        assert data_key["KeyMaterialId"] == second

    def test_all_associated_materials_must_be_there(self, kms: BaseClient) -> None:
        key, old_material = external_key(kms), os.urandom(32)
        first = import_into(kms, key, old_material)["KeyMaterialId"]
        import_into(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL", **FOREVER)
        kms.rotate_key_on_demand(KeyId=key)
        kms.delete_imported_key_material(KeyId=key, KeyMaterialId=first)
        assert describe(kms, key)["KeyState"] == "PendingImport"
        import_into(kms, key, old_material, KeyMaterialId=first, **FOREVER)
        assert describe(kms, key)["KeyState"] == "Enabled"

    def test_pending_material_can_be_deleted(self, kms: BaseClient) -> None:
        key = external_key(kms)
        import_into(kms, key, os.urandom(32))
        new = {"ImportType": "NEW_KEY_MATERIAL", **FOREVER}
        second = import_into(kms, key, os.urandom(32), **new)["KeyMaterialId"]
        kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
        assert describe(kms, key)["KeyState"] == "Enabled"
        listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        assert len(listed["Rotations"]) == 1
        import_into(kms, key, os.urandom(32), **new)

    def test_import_type_and_identifier_must_be_true(self, kms: BaseClient) -> None:
        key, material = external_key(kms), os.urandom(32)
        first = import_into(kms, key, material)["KeyMaterialId"]
        for request, code in (
            ({"ImportType": "NEW_KEY_MATERIAL"}, "IncorrectKeyMaterialException"),
            ({"KeyMaterialId": "0" * 64}, "IncorrectKeyMaterialException"),
            (
                {"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": first},
                "ValidationException",
            ),
        ):
            with pytest.raises(ClientError) as caught:
                import_into(kms, key, material, **FOREVER, **request)
            assert caught.value.response["Error"]["Code"] == code
        assert describe(kms, key)["CurrentKeyMaterialId"] == first

    def test_asymmetric_and_hmac_keys_keep_one_material(self, kms: BaseClient) -> None:
        key = external_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
        import_into(kms, key, os.urandom(32))
        with pytest.raises(ClientError) as caught:
            import_into(kms, key, os.urandom(32))
        assert caught.value.response["Error"]["Code"] == "IncorrectKeyMaterialException"
        code, _ = refusal(kms.rotate_key_on_demand, KeyId=key)
        assert code == "UnsupportedOperationException"


def test_a_replica_takes_the_primary_keys_material_and_no_other(kms: BaseClient) -> None:
    key, material = external_key(kms, MultiRegion=True), os.urandom(32)
    first = import_into(kms, key, material)["KeyMaterialId"]
    ireland = boto3.client("kms", region_name="eu-west-1")
    replica = kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]
    assert replica["KeyState"] == "PendingImport"
    with pytest.raises(ClientError) as caught:
        import_into(ireland, replica["Arn"], os.urandom(32))
    assert caught.value.response["Error"]["Code"] == "IncorrectKeyMaterialException"
    assert import_into(ireland, replica["Arn"], material)["KeyMaterialId"] == first
    blob = kms.encrypt(KeyId=key, Plaintext=b"far")["CiphertextBlob"]
    assert ireland.decrypt(CiphertextBlob=blob)["Plaintext"] == b"far"
    new_material = os.urandom(32)
    new = {"ImportType": "NEW_KEY_MATERIAL", **FOREVER}
    second = import_into(kms, key, new_material, **new)["KeyMaterialId"]
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    assert listed["Rotations"][-1]["KeyMaterialState"] == waiting
    assert refusal(kms.rotate_key_on_demand, KeyId=key)[0] == "KMSInvalidStateException"
    import_into(ireland, replica["Arn"], new_material)
    kms.rotate_key_on_demand(KeyId=key)
    for client in (kms, ireland):
        assert describe(client, key.rpartition("/")[2])["CurrentKeyMaterialId"] == second


def test_the_key_expires_with_the_first_of_its_materials(kms: BaseClient) -> None:
    key, first, second = external_key(kms), os.urandom(32), os.urandom(32)
    soon, later = (lab.clock.now() + timedelta(days=days) for days in (5, 10))
    import_into(kms, key, first, ValidTo=soon)
    import_into(kms, key, second, ValidTo=later, ImportType="NEW_KEY_MATERIAL")
    kms.rotate_key_on_demand(KeyId=key)
    found = describe(kms, key)
    assert (found["ExpirationModel"], found["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", soon)
    import_into(kms, key, first, **FOREVER)
    assert describe(kms, key)["ValidTo"] == later
    import_into(kms, key, second, **FOREVER)
    assert describe(kms, key)["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in describe(kms, key)


def test_material_that_expires_before_its_rotation(kms: BaseClient) -> None:
    key, second = external_key(kms), os.urandom(32)
    import_into(kms, key, os.urandom(32), **FOREVER)
    expiry = lab.clock.now() + timedelta(days=1)
    import_into(kms, key, second, ValidTo=expiry, ImportType="NEW_KEY_MATERIAL")
    lab.clock.advance(days=1)
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert (listed[1]["KeyMaterialState"], listed[1]["ImportState"]) == (
        "PENDING_ROTATION",
        "PENDING_IMPORT",
    )
    assert describe(kms, key)["KeyState"] == "Enabled"
    assert refusal(kms.rotate_key_on_demand, KeyId=key)[0] == "KMSInvalidStateException"
    import_into(kms, key, second, **FOREVER)
    kms.rotate_key_on_demand(KeyId=key)
