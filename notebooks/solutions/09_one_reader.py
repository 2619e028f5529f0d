def one_reader(role_arn: str, secret_arn: str) -> dict:
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret_arn}
    through = {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}
    decrypt = {
        "Effect": "Allow",
        "Principal": {"AWS": role_arn},
        "Action": "kms:Decrypt",
        "Resource": "*",  # in a key policy: this key
        "Condition": {"StringEquals": through},
    }
    return {"iam": {"Version": "2012-10-17", "Statement": [read]}, "key": decrypt}
