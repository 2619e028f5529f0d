from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key


def encrypt_for_kms(public_key_der: bytes, message: bytes) -> bytes:
    sha256 = hashes.SHA256()
    oaep = padding.OAEP(mgf=padding.MGF1(sha256), algorithm=sha256, label=None)
    return load_der_public_key(public_key_der).encrypt(message, oaep)
