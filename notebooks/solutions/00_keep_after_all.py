def keep_after_all(kms, key_id: str) -> None:
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
