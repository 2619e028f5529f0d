def read_disabled(kms, key_id: str, ciphertext_blob: bytes) -> bytes:
    kms.enable_key(KeyId=key_id)
    try:
        return kms.decrypt(CiphertextBlob=ciphertext_blob, KeyId=key_id)["Plaintext"]
    finally:
        kms.disable_key(KeyId=key_id)  # also when KMS refuses the blob
