import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def seal_many(kms, key_id: str, messages: list, messages_per_key: int) -> list:
    sealed = []
    for number, message in enumerate(messages):
        if number % messages_per_key == 0:  # also for the first
            data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
        nonce = os.urandom(12)
        ciphertext = AESGCM(data_key["Plaintext"]).encrypt(nonce, message, None)
        sealed.append((data_key["CiphertextBlob"], nonce, ciphertext))
    return sealed
