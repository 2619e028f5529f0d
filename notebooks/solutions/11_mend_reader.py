import copy


def mend_reader(policy: dict, bucket_arn: str) -> dict:
    mended = copy.deepcopy(policy)
    for statement in mended["Statement"]:
        if statement["Action"] == "kms:Decrypt":
            both = [bucket_arn, f"{bucket_arn}/*"]
            statement["Condition"] = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": both}}
    return mended
