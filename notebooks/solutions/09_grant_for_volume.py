def grant_for_volume(kms, key_arn: str, volume_id: str, host_arn: str) -> str:
    grant = kms.create_grant(
        KeyId=key_arn,
        GranteePrincipal=host_arn,
        Operations=["Decrypt", "RetireGrant"],
        Constraints={"EncryptionContextSubset": {"aws:ebs:id": volume_id}},
    )
    return grant["GrantId"]
