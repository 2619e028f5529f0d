from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac


def genuine(key: bytes, message: bytes, mac: bytes) -> bool:
    checker = hmac.HMAC(key, hashes.SHA256())
    checker.update(message)
    try:
        checker.verify(mac)  # in constant time
    except InvalidSignature:
        return False
    return True
