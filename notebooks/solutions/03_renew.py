def renew(kms, key_id: str, ciphertext_blob: bytes, encryption_context: dict[str, str]) -> bytes:
    return kms.re_encrypt(
        CiphertextBlob=ciphertext_blob,
        SourceKeyId=key_id,
        SourceEncryptionContext=encryption_context,
        DestinationKeyId=key_id,
        DestinationEncryptionContext=encryption_context,
    )["CiphertextBlob"]
