import base64
import json


def open_record(kms, key_id: str, record: str) -> bytes:
    row = json.loads(record)
    return kms.decrypt(
        KeyId=key_id,
        CiphertextBlob=base64.b64decode(row["sealed"]),
        EncryptionContext={"tenant": row["tenant"], "order": str(row["order"])},
    )["Plaintext"]
