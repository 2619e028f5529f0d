"""An advanced SecureString, as it lies at rest, opened by the AWS Encryption SDK and KMS alone.

Run with the server's address; prints JSON.
"""

import base64
import json
import sys

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import CreateAwsKmsKeyringInput
from aws_encryption_sdk import CommitmentPolicy

kms, ssm = (boto3.client(name, endpoint_url=sys.argv[1]) for name in ("kms", "ssm"))
sdk = aws_encryption_sdk.EncryptionSDKClient(
    commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
)
key = kms.create_key()["KeyMetadata"]["Arn"]
providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
keyring = providers.create_aws_kms_keyring(
    input=CreateAwsKmsKeyringInput(kms_key_id=key, kms_client=kms)
)
report = {}
for size in (1, 4097, 8192):
    name, value = f"/app/{size}", "x" * size
    common = {"Type": "SecureString", "Tier": "Advanced", "KeyId": key}
    ssm.put_parameter(Name=name, Value=value, **common)
    found = ssm.get_parameter(Name=name)["Parameter"]
    opened, header = sdk.decrypt(source=base64.b64decode(found["Value"]), keyring=keyring)
    report[str(size)] = {
        "opened": opened.decode() == value,
        "context": header.encryption_context == {"PARAMETER_ARN": found["ARN"]},
        "suite": header.algorithm.algorithm_id,
    }
print(json.dumps(report))
