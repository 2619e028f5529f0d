import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def replace_leaked(kms, key_id: str, leaked: bytes, files: dict[str, dict]) -> dict[str, dict]:
    renewed = {}
    for name, file in files.items():
        renewed[name] = file
        try:
            text = AESGCM(leaked).decrypt(file["nonce"], file["ciphertext"], name.encode())
        except InvalidTag:
            continue  # another data key: nothing to do
        fresh = kms.generate_data_key(
            KeyId=key_id, KeySpec="AES_256", EncryptionContext={"batch": file["batch"]}
        )
        nonce = os.urandom(12)
        renewed[name] = {
            "batch": file["batch"],
            "wrapped_key": fresh["CiphertextBlob"],
            "nonce": nonce,
            "ciphertext": AESGCM(fresh["Plaintext"]).encrypt(nonce, text, name.encode()),
        }
    return renewed
