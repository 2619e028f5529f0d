def keys_with_tag(kms, tag_key: str, tag_value: str) -> list[str]:
    found = []
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            if {"TagKey": tag_key, "TagValue": tag_value} in tags:
                found.append(key["KeyArn"])
    return sorted(found)
