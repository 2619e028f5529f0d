def rotate_by_alias(kms, alias_name: str) -> str:
    old = kms.describe_key(KeyId=alias_name)["KeyMetadata"]
    new = kms.create_key(KeySpec=old["KeySpec"], KeyUsage=old["KeyUsage"])["KeyMetadata"]
    kms.update_alias(AliasName=alias_name, TargetKeyId=new["KeyId"])
    return new["Arn"]
