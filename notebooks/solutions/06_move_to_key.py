def move_to_key(s3, bucket: str, key_arn: str) -> None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for page in pages:
        for item in page.get("Contents", []):
            s3.update_object_encryption(
                Bucket=bucket,
                Key=item["Key"],
                ObjectEncryption={"SSEKMS": {"KMSKeyArn": key_arn}},
            )
