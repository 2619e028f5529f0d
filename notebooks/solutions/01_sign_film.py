import hashlib


def sign_film(kms, key_id: str, film: bytes) -> bytes:
    digest = hashlib.sha256(film).digest()
    return kms.sign(
        KeyId=key_id, Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
    )["Signature"]
