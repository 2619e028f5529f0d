def firm_key_policy(account: str, administrator: str, reader: str, writer: str) -> dict:
    management = [
        "kms:Describe*", "kms:Get*", "kms:List*", "kms:PutKeyPolicy",
        "kms:EnableKey", "kms:DisableKey", "kms:EnableKeyRotation", "kms:DisableKeyRotation",
        "kms:TagResource", "kms:UntagResource",
        "kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", "kms:UpdateKeyDescription",
        "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
    ]  # fmt: skip
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}

    def allow(who: str | list[str], actions: str | list[str], **more: dict) -> dict:
        who = {"AWS": who}
        return {
            "Effect": "Allow",
            "Principal": who,
            "Action": actions,
            "Resource": "*",
            **more,
        }

    return {
        "Version": "2012-10-17",
        "Statement": [
            allow([f"arn:aws:iam::{account}:root", administrator], management),
            allow(reader, "kms:Decrypt", Condition=through_s3),
            allow(writer, ["kms:GenerateDataKey", "kms:Decrypt"], Condition=through_s3),
        ],
    }
