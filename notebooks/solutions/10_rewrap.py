from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


def rewrap(old_key, new_key, new_kid: str, envelope: dict) -> dict:
    sha256 = hashes.SHA256()
    rsa_oaep_256 = padding.OAEP(mgf=padding.MGF1(sha256), algorithm=sha256, label=None)
    data_key = old_key.decrypt(envelope["wrapped_key"], rsa_oaep_256)
    return envelope | {"kid": new_kid, "wrapped_key": new_key.encrypt(data_key, rsa_oaep_256)}
