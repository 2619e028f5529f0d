def firm_bucket_policy(bucket_arn: str, key_arn: str) -> dict:
    header = "s3:x-amz-server-side-encryption"

    def deny(action: str, resource: str | list[str], condition: dict) -> dict:
        return {
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": resource,
            "Condition": condition,
        }

    return {
        "Version": "2012-10-17",
        "Statement": [
            deny(
                "s3:PutObject",
                f"{bucket_arn}/*",
                {
                    "Null": {header: "false"},
                    "StringNotEquals": {f"{header}-aws-kms-key-id": key_arn},
                },
            ),
            deny(
                "s3:*",
                [bucket_arn, f"{bucket_arn}/*"],
                {"Bool": {"aws:SecureTransport": "false"}},
            ),
        ],
    }
