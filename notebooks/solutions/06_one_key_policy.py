def one_key_policy(bucket_arn: str, key_arn: str) -> dict:
    header = "s3:x-amz-server-side-encryption"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/*",
                # Both must hold: the request names a kind of encryption, and not this key.
                "Condition": {
                    "Null": {header: "false"},
                    "StringNotEquals": {f"{header}-aws-kms-key-id": key_arn},
                },
            }
        ],
    }
