def separate_duties(admin_arn: str, user_arn: str) -> dict:
    manage = [
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:PutKeyPolicy",
        "kms:EnableKey",
        "kms:DisableKey",
        "kms:ScheduleKeyDeletion",
        "kms:CancelKeyDeletion",
    ]
    use = [
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": admin_arn},
                "Action": manage,
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Principal": {"AWS": user_arn},
                "Action": use,
                "Resource": "*",
            },
        ],
    }
