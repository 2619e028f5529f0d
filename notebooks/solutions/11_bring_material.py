from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key


def bring_material(kms, key_id: str, vault: dict[str, bytes]) -> None:
    sha256 = hashes.SHA256()
    oaep = padding.OAEP(mgf=padding.MGF1(sha256), algorithm=sha256, label=None)
    listed = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    for material in listed["Rotations"]:
        if material["ImportState"] == "IMPORTED":
            continue
        asked = kms.get_parameters_for_import(
            KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        material_id = material["KeyMaterialId"]
        kms.import_key_material(
            KeyId=key_id,
            KeyMaterialId=material_id,
            ImportToken=asked["ImportToken"],
            EncryptedKeyMaterial=load_der_public_key(asked["PublicKey"]).encrypt(
                vault[material_id], oaep
            ),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
