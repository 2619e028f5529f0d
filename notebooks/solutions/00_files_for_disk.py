import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def files_for_disk(kms, key_id: str, order: bytes) -> dict[str, bytes]:
    data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    nonce = os.urandom(12)
    encrypted_order = AESGCM(data_key["Plaintext"]).encrypt(nonce, order, None)
    return {"order.enc": nonce + encrypted_order, "order.key": data_key["CiphertextBlob"]}
