import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key


def verify_release(public_key_der: bytes, file, signature: bytes) -> bool:
    digest = hashlib.file_digest(file, "sha256").digest()  # reads in pieces
    sha256 = hashes.SHA256()
    pss = padding.PSS(mgf=padding.MGF1(sha256), salt_length=sha256.digest_size)
    public = load_der_public_key(public_key_der)
    try:
        public.verify(signature, digest, pss, utils.Prehashed(sha256))
    except InvalidSignature:
        return False
    return True
