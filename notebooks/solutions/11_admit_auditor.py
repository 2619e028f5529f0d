import copy


def admit_auditor(key_policy: dict, auditor_arn: str) -> dict:
    amended = copy.deepcopy(key_policy)
    amended["Statement"].append(
        {
            "Sid": "AuditorReadsThroughS3",
            "Effect": "Allow",
            "Principal": {"AWS": auditor_arn},
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
        }
    )
    return amended
