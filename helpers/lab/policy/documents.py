"""Key policies that AWS writes itself, as data.

Source: KMS Developer Guide, "Default key policy", "AWS managed keys".
"""

from typing import Any


def default_key_policy(account_id: str, partition: str = "aws") -> dict[str, Any]:
    """The policy of a key that was made without one: the account's IAM policies decide."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}


def aws_managed_key_policy(
    service: str, name: str, account_id: str, region: str, partition: str = "aws"
) -> dict[str, Any]:
    """The policy of a service's AWS managed key: use through the service, reading for all.

    ``service`` is its endpoint's prefix, ``name`` what people call it: "s3", "S3".
    """
    use = ("Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey")
    through_the_service = {
        "Sid": f"Allow access through {name} for all principals in the account that are "
        f"authorized to use {name}",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"kms:{operation}" for operation in use],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:CallerAccount": account_id,
                "kms:ViaService": f"{service}.{region}.amazonaws.com",
            }
        },
    }
    reading = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account_id}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
        "Resource": "*",
    }
    return {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-2",
        "Statement": [through_the_service, reading],
    }
