def lend(kms, key_arn: str, worker_arn: str, order: str) -> str:
    grant = kms.create_grant(
        KeyId=key_arn,
        GranteePrincipal=worker_arn,
        Operations=["Decrypt", "RetireGrant"],
        Constraints={"EncryptionContextEquals": {"order": order}},
    )
    return grant["GrantToken"]
