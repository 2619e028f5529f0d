"""The S3 Encryption Client with its KMS keyring. Run with the server's address; prints JSON."""

import json
import sys
from collections.abc import Callable

import boto3
from s3_encryption import S3EncryptionClient, S3EncryptionClientConfig
from s3_encryption.materials.kms_keyring import KmsKeyring

PLAINTEXT = b"the recipe " * 1000
CONTEXT = {"recipe": "soup"}
BUCKET = "encrypted-before-it-leaves"

kms = boto3.client("kms", endpoint_url=sys.argv[1])
s3 = boto3.client("s3", endpoint_url=sys.argv[1])
key_id = kms.create_key()["KeyMetadata"]["KeyId"]
s3.create_bucket(Bucket=BUCKET)
plain_s3 = boto3.client("s3", endpoint_url=sys.argv[1])
encrypting = S3EncryptionClient(s3, S3EncryptionClientConfig(keyring=KmsKeyring(kms, key_id)))


def failure(action: Callable[[], object]) -> str:
    """What an action says when it fails, or an empty string."""
    try:
        action()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def get(context: dict[str, str]) -> bytes:
    reply = encrypting.get_object(Bucket=BUCKET, Key="recipe", EncryptionContext=context)
    return reply["Body"].read()


encrypting.put_object(Bucket=BUCKET, Key="recipe", Body=PLAINTEXT, EncryptionContext=CONTEXT)
stored = plain_s3.get_object(Bucket=BUCKET, Key="recipe")
report = {
    "hidden": PLAINTEXT[:11] not in stored["Body"].read(),
    "metadata": sorted(stored["Metadata"]),
    "decrypted": get(CONTEXT) == PLAINTEXT,
    "wrong_context": failure(lambda: get({"recipe": "cake"})),
}
kms.disable_key(KeyId=key_id)
report["disabled"] = failure(lambda: get(CONTEXT))
print(json.dumps(report))
