import json


def save_key(kms, cloudtrail, key_id: str) -> str:
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "ScheduleKeyDeletion"}]
    for found in cloudtrail.lookup_events(LookupAttributes=wanted)["Events"]:
        event = json.loads(found["CloudTrailEvent"])
        if event["requestParameters"]["keyId"] == key_id and "errorCode" not in event:
            return event["userIdentity"]["arn"]
    return ""
