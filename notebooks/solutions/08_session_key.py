from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def session_key(kms, key_id: str, peer_public_key_der: bytes, salt: bytes, purpose: bytes) -> bytes:
    reply = kms.derive_shared_secret(
        KeyId=key_id, PublicKey=peer_public_key_der, KeyAgreementAlgorithm="ECDH"
    )
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=purpose)
    return hkdf.derive(reply["SharedSecret"])
