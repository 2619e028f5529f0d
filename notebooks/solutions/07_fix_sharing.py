def fix_sharing(key_arn: str, partner_role_arn: str) -> dict:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": partner_role_arn},
        "Action": "kms:Decrypt",
        "Resource": "*",  # in a key policy: this key
    }
    iam = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key_arn}],
    }
    return {"statement": statement, "iam": iam}
