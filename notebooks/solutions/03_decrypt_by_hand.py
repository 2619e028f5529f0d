from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode


def decrypt_by_hand(materials: dict[str, bytes], ciphertext_blob: bytes) -> bytes:
    header, sealed = ciphertext_blob[:88], ciphertext_blob[88:]
    key_material = materials[header[24:56].hex()]  # the header says which
    key = KBKDFHMAC(
        algorithm=hashes.SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"aws-kms-lab/encrypt",
        context=header[56:72],
        fixed=None,
    ).derive(key_material)
    return AESGCM(key).decrypt(header[72:84], sealed, header + bytes(4))
