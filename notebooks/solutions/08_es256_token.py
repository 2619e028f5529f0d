import base64
import json

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def es256_token(kms, key_id: str, claims: dict) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    header = {"alg": "ES256", "typ": "JWT"}
    start = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    der = kms.sign(KeyId=key_id, Message=start.encode(), SigningAlgorithm="ECDSA_SHA_256")
    r, s = decode_dss_signature(der["Signature"])
    return f"{start}.{part(r.to_bytes(32) + s.to_bytes(32))}"
