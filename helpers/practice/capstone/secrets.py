"""Another service than S3, at whose door nobody stands in the way but the key policy."""

import json
from typing import Any

from helpers import lab

from . import asking

READ = "secretsmanager:GetSecretValue"


def opens_a_secret(session: Any, key_arn: str, role_arn: str) -> bool:
    """Whether the key lets the role read a secret. Its IAM policies are replaced for that."""
    kms, secrets = session.client("kms"), session.client("secretsmanager")
    account, role = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    document = kms.get_key_policy(KeyId=key_arn)["Policy"]
    # To make the secret somebody has to use the key, for this moment.
    owner = {"AWS": f"arn:aws:iam::{key_arn.split(':')[4]}:root"}
    anything = asking.policy(asking.allow("kms:*", Principal=owner))
    kms.put_key_policy(KeyId=key_arn, Policy=json.dumps(anything))
    made = secrets.create_secret(Name=f"of-{role}", SecretString="x", KmsKeyId=key_arn)["ARN"]
    kms.put_key_policy(KeyId=key_arn, Policy=document)
    door = asking.policy(asking.allow(READ, Principal={"AWS": role_arn}))
    secrets.put_resource_policy(SecretId=made, ResourcePolicy=json.dumps(door))
    theirs = asking.policy(asking.allow(READ), asking.allow("kms:*", key_arn))
    reader = lab.as_role(role, theirs, account=account).client("secretsmanager")
    return not asking.refused(reader.get_secret_value, SecretId=made)[0]
