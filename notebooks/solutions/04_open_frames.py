from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def open_frames(data_key: bytes, prefix: bytes, frames: list) -> bytes:
    if not frames:
        raise ValueError("the file was cut off before its first frame")
    aes, pieces = AESGCM(data_key), []
    for number, frame in enumerate(frames):
        last = number == len(frames) - 1
        nonce = prefix + number.to_bytes(4) + bytes([last])
        pieces.append(aes.decrypt(nonce, frame, None))
    return b"".join(pieces)
