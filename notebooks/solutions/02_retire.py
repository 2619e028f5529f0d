from datetime import datetime, timedelta


def retire(kms, key_id: str, now: datetime, idle_days: int) -> bool:
    usage = kms.get_key_last_usage(KeyId=key_id)
    last = usage["KeyLastUsage"].get("Timestamp", usage["TrackingStartDate"])
    if now - last < timedelta(days=idle_days):
        return False
    kms.disable_key(KeyId=key_id)
    return True
