from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def open_envelope(kms, key_id: str, envelope: bytes, context: dict) -> bytes:
    end = 2 + int.from_bytes(envelope[:2])
    reply = kms.decrypt(CiphertextBlob=envelope[2:end], KeyId=key_id, EncryptionContext=context)
    nonce, ciphertext = envelope[end : end + 12], envelope[end + 12 :]
    return AESGCM(reply["Plaintext"]).decrypt(nonce, ciphertext, None)
