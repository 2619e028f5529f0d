import os

from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key


def wrap_private_key(public_key_der: bytes, private_key_der: bytes) -> bytes:
    aes_key = os.urandom(32)
    sha256 = hashes.SHA256()
    oaep = padding.OAEP(mgf=padding.MGF1(sha256), algorithm=sha256, label=None)
    wrapped_aes_key = load_der_public_key(public_key_der).encrypt(aes_key, oaep)
    return wrapped_aes_key + keywrap.aes_key_wrap_with_padding(aes_key, private_key_der)
