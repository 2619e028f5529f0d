"""The AWS Encryption SDK with its KMS keyring. Run with the server's address; prints JSON.

What it does is AWS's own example for the keyring, plus two ways for it to fail.
"""

import json
import sys
from collections.abc import Callable

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import CreateAwsKmsKeyringInput
from aws_encryption_sdk import CommitmentPolicy

PLAINTEXT = b"the recipe " * 1000
CONTEXT = {"recipe": "soup", "cook": "Ada"}

kms = boto3.client("kms", endpoint_url=sys.argv[1])
sdk = aws_encryption_sdk.EncryptionSDKClient(
    commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
)
key = kms.create_key()["KeyMetadata"]
providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
keyring = providers.create_aws_kms_keyring(
    input=CreateAwsKmsKeyringInput(kms_key_id=key["Arn"], kms_client=kms)
)


def failure(action: Callable[[], object]) -> str:
    """What an action says when it fails, or an empty string."""
    try:
        action()
    except Exception as error:
        # The keyring keeps what KMS said in a list of its own.
        return f"{error} {getattr(error.__context__, 'list', '')}"
    return ""


def decrypt(context: dict[str, str]) -> bytes:
    return sdk.decrypt(source=ciphertext, keyring=keyring, encryption_context=context)[0]


def decrypt_data_key(**more_context: str) -> bytes:
    """Ask KMS without the SDK, which looks at the context before it asks."""
    context = dict(header.encryption_context) | more_context
    reply = kms.decrypt(CiphertextBlob=data_key.encrypted_data_key, EncryptionContext=context)
    return reply["Plaintext"]


ciphertext, header = sdk.encrypt(source=PLAINTEXT, keyring=keyring, encryption_context=CONTEXT)
data_key = header.encrypted_data_keys.copy().pop()
report = {
    "hidden": PLAINTEXT[:11] not in ciphertext,
    "context_kept": CONTEXT.items() <= header.encryption_context.items(),
    "key_named": data_key.key_provider.key_info.decode() == key["Arn"],
    "decrypted": decrypt(CONTEXT) == PLAINTEXT,
    "wrong_context": failure(lambda: decrypt(CONTEXT | {"cook": "Eve"})),
    "data_key_bytes": len(decrypt_data_key()),
    "wrong_context_at_kms": failure(lambda: decrypt_data_key(cook="Eve")),
}
kms.disable_key(KeyId=key["KeyId"])
report["disabled"] = failure(lambda: decrypt(CONTEXT))
report["disabled_encrypt"] = failure(lambda: sdk.encrypt(source=PLAINTEXT, keyring=keyring))
kms.enable_key(KeyId=key["KeyId"])
report["enabled_again"] = decrypt(CONTEXT) == PLAINTEXT
print(json.dumps(report))
