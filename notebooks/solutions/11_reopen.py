import json


def reopen(session, key_id: str, policy_before: dict) -> None:
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "PutKeyPolicy"}]
    found = session.client("cloudtrail").lookup_events(LookupAttributes=wanted)["Events"]
    events = [json.loads(each["CloudTrailEvent"]) for each in found]
    event = next(each for each in events if each["requestParameters"]["keyId"] == key_id)
    role = event["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]

    issued = session.client("sts").assume_role(RoleArn=role, RoleSessionName="reopen")
    kms = session.client(
        "kms",
        aws_access_key_id=issued["Credentials"]["AccessKeyId"],
        aws_secret_access_key=issued["Credentials"]["SecretAccessKey"],
        aws_session_token=issued["Credentials"]["SessionToken"],
    )
    kms.put_key_policy(KeyId=key_id, Policy=json.dumps(policy_before))
