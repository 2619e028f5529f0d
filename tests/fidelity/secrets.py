"""Cases: secrets and parameters, which AWS's services encrypt by KMS for their caller."""

import base64
import json
from typing import Any

import boto3

from .access import allow, clients_of
from .case import Account, Section, refused, words

SECRETS = "tests/lab/secretsmanager/test_secretsmanager.py"
PARAMETERS = "tests/lab/ssm/test_ssm.py"
ENCRYPTION = "Secrets Manager User Guide, Secret encryption and decryption"
SECURE_STRINGS = "Systems Manager User Guide, AWS KMS encryption for SecureString parameters"
RECORDED = "recorded answer of AWS"

secrets = Section("Secrets Manager")
parameters = Section("Parameter Store")


def kms_calls(service: str) -> str:
    """What a service asked of KMS, oldest first, and what it gave as encryption context."""
    found = boto3.client("cloudtrail").lookup_events()["Events"]
    events = [json.loads(each["CloudTrailEvent"]) for each in found][::-1]
    asked = [e for e in events if e["userIdentity"].get("invokedBy") == f"{service}.amazonaws.com"]
    names = ", ".join(event["eventName"] for event in asked)
    context = {name for e in asked for name in e["requestParameters"]["encryptionContext"]}
    return f"{names} with {', '.join(sorted(context))}" if asked else "nothing"


def secret(account: Account, value: str = "hunter2", **members: Any) -> Any:
    """Secrets Manager, with the secret db in it."""
    client: Any = boto3.client("secretsmanager")
    client.create_secret(Name="db", SecretString=value, **members)
    return client


def put(account: Account, value: str = "hunter2", **members: Any) -> Any:
    """Parameter Store, with the SecureString db in it."""
    client: Any = boto3.client("ssm")
    client.put_parameter(Name="db", Value=value, Type="SecureString", **members)
    return client


@secrets.case(
    "What Secrets Manager asks of KMS",
    aws="A data key for each version; to read, its decryption. Both as the caller, with the ARN "
    "of the secret and the version as encryption context.",
    source=ENCRYPTION,
    expected="GenerateDataKey, Decrypt with SecretARN, SecretVersionId",
    test=f"{SECRETS}::test_a_secret_is_an_envelope_of_kms",
)
def asked_for_a_secret(account: Account) -> str:
    secret(account).get_secret_value(SecretId="db")
    return kms_calls("secretsmanager")


@secrets.case(
    "CreateSecret with a customer managed key",
    aws="First a trial of the key, with a context of its own; then a data key for the value.",
    source=ENCRYPTION,
    expected="GenerateDataKey, Decrypt, GenerateDataKey with RequestToValidateKeyAccess, "
    "SecretARN, SecretVersionId",
    test=f"{SECRETS}::test_a_customer_managed_key",
)
def asked_for_a_new_secret(account: Account) -> str:
    secret(account, KmsKeyId=account.key())
    return kms_calls("secretsmanager")


@secrets.case(
    "A secret under a disabled key",
    aws="DecryptionFailure; once the key is enabled, the secret is there again.",
    source="API reference, GetSecretValue",
    expected="DecryptionFailure, then hunter2",
    test=f"{SECRETS}::test_a_key_that_cannot_be_used",
)
def secret_under_disabled_key(account: Account) -> str:
    key = account.key()
    client = secret(account, KmsKeyId=key)
    account.kms.disable_key(KeyId=key)
    said = refused(client.get_secret_value, SecretId="db") or "readable"
    account.kms.enable_key(KeyId=key)
    return f"{said}, then {client.get_secret_value(SecretId='db')['SecretString']}"


@secrets.case(
    "GetSecretValue without kms:Decrypt",
    aws="Under a customer managed key the reader needs both permissions.",
    source=RECORDED,
    expected="AccessDeniedException: Access to KMS is not allowed",
    test=f"{SECRETS}::test_two_permissions_to_read",
)
def one_permission(account: Account) -> str:
    secret(account, KmsKeyId=account.key())
    reader = clients_of("app", allow("secretsmanager:GetSecretValue"))("secretsmanager")
    return words(reader.get_secret_value, SecretId="db") or "readable"


@secrets.case(
    "UpdateSecret with another key, without kms:Encrypt of it",
    aws="The versions that are there are not re-encrypted: they stay under the key they have.",
    source="API reference, UpdateSecret",
    expected="updated; with the old key disabled: DecryptionFailure",
    test=f"{SECRETS}::test_old_versions_come_along_only_with_encrypt_of_the_new_key",
)
def another_key(account: Account) -> str:
    old, new = account.key(), account.key()
    secret(account, KmsKeyId=old)
    may = allow("secretsmanager:UpdateSecret", "kms:GenerateDataKey", "kms:Decrypt")
    mover = clients_of("mover", may)("secretsmanager")
    said = refused(mover.update_secret, SecretId="db", KmsKeyId=new) or "updated"
    account.kms.disable_key(KeyId=old)
    client: Any = boto3.client("secretsmanager")
    found = refused(client.get_secret_value, SecretId="db") or "readable"
    return f"{said}; with the old key disabled: {found}"


@secrets.case(
    "A secret of 65537 bytes",
    aws="A value has at most 65536 bytes.",
    source=RECORDED,
    expected="ValidationException",
    test=f"{SECRETS}::test_values_that_are_none",
)
def large_secret(account: Account) -> str:
    members = {"Name": "db", "SecretString": "x" * 65537}
    return refused(boto3.client("secretsmanager").create_secret, **members) or "accepted"


@secrets.case(
    "A replica, while the key of the primary secret is disabled",
    aws="In each Region the secret is encrypted under a key of that Region.",
    source="Secrets Manager User Guide, Replicate secrets across Regions",
    expected="primary: DecryptionFailure, replica: readable",
    test=f"{SECRETS}::test_a_replica_has_a_key_of_its_own_region",
)
def replica(account: Account) -> str:
    key = account.key()
    here = secret(account, KmsKeyId=key, AddReplicaRegions=[{"Region": "eu-west-1"}])
    there = boto3.client("secretsmanager", region_name="eu-west-1")
    account.kms.disable_key(KeyId=key)
    primary, copy = (
        refused(each.get_secret_value, SecretId="db") or "readable" for each in (here, there)
    )
    return f"primary: {primary}, replica: {copy}"


@secrets.case(
    "RotateSecret without a rotation function",
    aws="A secret that has none can't be rotated; its value stays.",
    source=RECORDED,
    expected="InvalidRequestException, then hunter2",
    test=f"{SECRETS}::test_no_rotation_without_a_function",
)
def no_function(account: Account) -> str:
    client = secret(account)
    said = refused(client.rotate_secret, SecretId="db") or "rotated"
    unreadable = refused(client.get_secret_value, SecretId="db")
    found = unreadable or client.get_secret_value(SecretId="db")["SecretString"]
    return f"{said}, then {found}"


@secrets.case(
    "AWSCURRENT moved to another version",
    aws="GetSecretValue gives the version that has this staging label.",
    source="API reference, UpdateSecretVersionStage",
    expected="two",
    test=f"{SECRETS}::test_rotation_makes_no_data_key_by_itself",
)
def moved_stage(account: Account) -> str:
    client = secret(account, "one")
    first = client.get_secret_value(SecretId="db")["VersionId"]
    staged = {"SecretString": "two", "VersionStages": ["AWSPENDING"]}
    second = client.put_secret_value(SecretId="db", **staged)["VersionId"]
    versions = {"RemoveFromVersionId": first, "MoveToVersionId": second}
    client.update_secret_version_stage(SecretId="db", VersionStage="AWSCURRENT", **versions)
    return str(client.get_secret_value(SecretId="db")["SecretString"])


@parameters.case(
    "What Parameter Store asks of KMS for a standard SecureString",
    aws="KMS itself encrypts the value: there is no data key.",
    source=SECURE_STRINGS,
    expected="Encrypt, Decrypt with PARAMETER_ARN",
    test=f"{PARAMETERS}::test_a_standard_parameter_is_encrypted_by_kms_itself",
)
def asked_for_a_standard_parameter(account: Account) -> str:
    put(account).get_parameter(Name="db", WithDecryption=True)
    return kms_calls("ssm")


@parameters.case(
    "What Parameter Store asks of KMS for an advanced SecureString",
    aws="Up to 8 KB are too much for Encrypt: a data key, in a message of the AWS Encryption SDK.",
    source=SECURE_STRINGS,
    expected="GenerateDataKey, Decrypt with PARAMETER_ARN",
    test=f"{PARAMETERS}::test_an_advanced_parameter_is_an_envelope",
)
def asked_for_an_advanced_parameter(account: Account) -> str:
    put(account, Tier="Advanced").get_parameter(Name="db", WithDecryption=True)
    return kms_calls("ssm")


@parameters.case(
    "A SecureString read without decryption",
    aws="The ciphertext in base64; with the encryption context KMS opens it.",
    source=SECURE_STRINGS,
    expected="KMS opens it: hunter2",
    test=f"{PARAMETERS}::test_the_ciphertext_opens_with_kms_alone",
)
def without_decryption(account: Account) -> str:
    found = put(account, KeyId=account.key()).get_parameter(Name="db")["Parameter"]
    try:
        blob = base64.b64decode(found["Value"], validate=True)
    except ValueError:
        return f"no base64, hunter2 {'in' if 'hunter2' in found['Value'] else 'not in'} it"
    context = {"PARAMETER_ARN": found["ARN"]}
    opened = account.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"]
    return f"KMS opens it: {opened.decode()}"


@parameters.case(
    "A SecureString under a disabled key",
    aws="InvalidKeyId, with the text of KMS.",
    source=SECURE_STRINGS,
    expected="InvalidKeyId: KEYARN is disabled.",
    test=f"{PARAMETERS}::test_the_state_of_the_key",
)
def parameter_under_disabled_key(account: Account) -> str:
    key = account.key()
    client = put(account, KeyId=key)
    account.kms.disable_key(KeyId=key)
    said = words(client.get_parameter, Name="db", WithDecryption=True)
    return said.partition(" (Service: AWSKMS; ")[0] or "readable"


@parameters.case(
    "PutParameter with an alias that does not exist",
    aws="InvalidKeyId, with the text of KMS; nothing is stored.",
    source=RECORDED,
    expected="InvalidKeyId, then ParameterNotFound",
    test=f"{PARAMETERS}::test_a_key_that_never_was",
)
def absent_alias(account: Account) -> str:
    client: Any = boto3.client("ssm")
    members = {"Name": "db", "Value": "x", "Type": "SecureString", "KeyId": "alias/none"}
    said = refused(client.put_parameter, **members) or "accepted"
    return f"{said}, then {refused(client.get_parameter, Name='db') or 'readable'}"


@parameters.case(
    "GetParameter with decryption, without kms:Decrypt",
    aws="Under a customer managed key the reader needs both permissions.",
    source=RECORDED,
    expected="AccessDeniedException",
    test=f"{PARAMETERS}::test_two_permissions_to_read",
)
def one_permission_for_a_parameter(account: Account) -> str:
    put(account, KeyId=account.key())
    reader = clients_of("app", allow("ssm:GetParameter"))("ssm")
    return refused(reader.get_parameter, Name="db", WithDecryption=True) or "readable"


@parameters.case(
    "A new version without KeyId",
    aws="Parameter Store takes aws/ssm, whatever key the version before was under.",
    source=SECURE_STRINGS,
    expected="alias/aws/ssm",
    test=f"{PARAMETERS}::test_each_version_keeps_its_own_key",
)
def without_key_id(account: Account) -> str:
    put(account, KeyId=account.key())
    described = put(account, "two", Overwrite=True).describe_parameters()["Parameters"]
    key_id = str(described[0]["KeyId"])
    return key_id if key_id.startswith("alias/") else "the key of the version before"


@parameters.case(
    "A standard parameter of 4097 bytes",
    aws="4096 bytes are the most; more is for the advanced tier, up to 8192.",
    source=RECORDED,
    expected="4097 standard: ValidationException, 8192 advanced: accepted, "
    "8193 advanced: ValidationException",
    test=f"{PARAMETERS}::test_sizes",
)
def large_parameters(account: Account) -> str:
    client: Any = boto3.client("ssm")
    said = []
    for size, tier in ((4097, "Standard"), (8192, "Advanced"), (8193, "Advanced")):
        members = {"Name": f"db{size}", "Value": "x" * size, "Type": "SecureString", "Tier": tier}
        answer = refused(client.put_parameter, **members) or "accepted"
        said.append(f"{size} {tier.lower()}: {answer}")
    return ", ".join(said)


@parameters.case(
    "An advanced parameter, put as a standard one",
    aws="There is no way back.",
    source=RECORDED,
    expected="ValidationException",
    test=f"{PARAMETERS}::test_standard_becomes_advanced_and_never_back",
)
def no_way_back(account: Account) -> str:
    client = put(account, Tier="Advanced")
    members = {"Name": "db", "Value": "x", "Overwrite": True, "Tier": "Standard"}
    return refused(client.put_parameter, **members) or "accepted"
