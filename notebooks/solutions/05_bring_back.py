from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key


def bring_back(kms, key_id: str, candidates: list[bytes]) -> int:
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    wrapping_key = load_der_public_key(parameters["PublicKey"])
    sha256 = hashes.SHA256()
    oaep = padding.OAEP(mgf=padding.MGF1(sha256), algorithm=sha256, label=None)
    for place, candidate in enumerate(candidates):
        try:
            kms.import_key_material(
                KeyId=key_id,
                ImportToken=parameters["ImportToken"],
                EncryptedKeyMaterial=wrapping_key.encrypt(candidate, oaep),
                ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
            )
            return place
        except ClientError as error:
            if error.response["Error"]["Code"] != "IncorrectKeyMaterialException":
                raise
    raise ValueError("none of the candidates is the key's material")
