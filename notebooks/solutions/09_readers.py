def readers(events: list, secret_arn: str) -> set:
    found = set()
    for event in events:
        context = (event["requestParameters"] or {}).get("encryptionContext", {})
        if (
            event["eventName"] == "Decrypt"
            and event["userIdentity"].get("invokedBy") == "secretsmanager.amazonaws.com"
            and context.get("SecretARN") == secret_arn
            and "errorCode" not in event
        ):
            found.add(event["userIdentity"]["arn"])
    return found
