"""Wrong answers to the exercises of lesson 02, and the title that each must get."""

from tests.practice.learner import checked
from tests.practice.test_exercises import IMPORTS

LISTED = "for key in kms.list_keys()['Keys']"
PAGED = "for page in kms.get_paginator('list_keys').paginate() for key in page['Keys']"
TAGS = "kms.list_resource_tags(KeyId=key['KeyId'])['Tags']"
BOTH = "{'TagKey': tag_key, 'TagValue': tag_value}"
ROW = "import json\nrow = json.loads(record)\n"
BLOB = "base64.b64decode(row['sealed'])"
PAIRS = "{'tenant': row['tenant'], 'order': str(row['order'])}"
IDLE = (
    "from datetime import timedelta\n"
    "usage = kms.get_key_last_usage(KeyId=key_id)\n"
    "last = usage['KeyLastUsage'].get('Timestamp', usage['TrackingStartDate'])\n"
)

# Function -> the misconceptions by name, each with one or more bodies that have it.
WRONG: dict[str, dict[str, list[str]]] = {
    "keys_with_tag": {
        "Only the first page": [
            f"return sorted(key['KeyArn'] {LISTED} if {BOTH} in {TAGS})",
        ],
        "Only the tag's name was compared": [
            f"return sorted(key['KeyArn'] {PAGED} if tag_key in [t['TagKey'] for t in {TAGS}])",
        ],
        "Only the tag's value was compared": [
            f"return sorted(key['KeyArn'] {PAGED} if tag_value in [t['TagValue'] for t in {TAGS}])",
        ],
        "Name and value from two tags": [
            f"return sorted(key['KeyArn'] {PAGED} if tag_key in [t['TagKey'] for t in {TAGS}]"
            f" and tag_value in [t['TagValue'] for t in {TAGS}])",
        ],
        "Key IDs instead of ARNs": [
            f"return sorted(key['KeyId'] {PAGED} if {BOTH} in {TAGS})",
        ],
        "Not sorted": [
            f"found = sorted(key['KeyArn'] {PAGED} if {BOTH} in {TAGS})\nreturn found[::-1]",
        ],
        "A member that is not there": [
            f"return sorted(key['KeyArn'] {PAGED} if {BOTH} in key['Tags'])",
        ],
        "Not a list of ARNs": [f"return [key {PAGED} if {BOTH} in {TAGS}]"],
        "Not the keys with this tag": [
            "return []",
            f"return sorted(key['KeyArn'] {PAGED} if {BOTH} not in {TAGS})",
        ],
        "It returns nothing": ["[key for key in kms.list_keys()['Keys']]"],
    },
    "open_record": {
        "KMS refuses the blob": [
            f"{ROW}return kms.decrypt(KeyId=key_id, CiphertextBlob=row['sealed'],"
            f" EncryptionContext={PAIRS})['Plaintext']",
            f"{ROW}return kms.decrypt(KeyId=key_id, CiphertextBlob={BLOB})['Plaintext']",
            f"{ROW}return kms.decrypt(KeyId=key_id, CiphertextBlob={BLOB},"
            " EncryptionContext={'tenant': row['tenant']})['Plaintext']",
            f"{ROW}return kms.decrypt(KeyId=key_id, CiphertextBlob={BLOB},"
            " EncryptionContext={'Tenant': row['tenant'], 'Order': str(row['order'])})"
            "['Plaintext']",
        ],
        "A value that is not text": [
            f"{ROW}sealed = base64.b64decode(row.pop('sealed'))\n"
            "return kms.decrypt(KeyId=key_id, CiphertextBlob=sealed,"
            " EncryptionContext=row)['Plaintext']",
        ],
        "The record is text": [
            "return kms.decrypt(KeyId=key_id, CiphertextBlob=record['sealed'])['Plaintext']",
        ],
        "The key was not named": [
            f"{ROW}return kms.decrypt(CiphertextBlob={BLOB}, EncryptionContext={PAIRS})"
            "['Plaintext']",
        ],
        "The whole reply": [
            f"{ROW}return kms.decrypt(KeyId=key_id, CiphertextBlob={BLOB},"
            f" EncryptionContext={PAIRS})",
        ],
        "Text instead of bytes": [
            f"{ROW}return kms.decrypt(KeyId=key_id, CiphertextBlob={BLOB},"
            f" EncryptionContext={PAIRS})['Plaintext'].hex()",
        ],
        "Not the plaintext": [f"{ROW}return {BLOB}"],
    },
    "retire": {
        "A key that was never used": [
            "from datetime import timedelta\n"
            "last = kms.get_key_last_usage(KeyId=key_id)['KeyLastUsage']['Timestamp']\n"
            "if now - last < timedelta(days=idle_days):\n    return False\n"
            "kms.disable_key(KeyId=key_id)\nreturn True",
        ],
        "Deleted instead of disabled": [
            f"{IDLE}if now - last < timedelta(days=idle_days):\n    return False\n"
            "kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)\nreturn True",
        ],
        "A key in use was retired": [
            "kms.disable_key(KeyId=key_id)\nreturn True",
            f"{IDLE}if now - last > timedelta(days=idle_days):\n    return False\n"
            "kms.disable_key(KeyId=key_id)\nreturn True",
            f"{IDLE}if now - last < timedelta(hours=idle_days):\n    return False\n"
            "kms.disable_key(KeyId=key_id)\nreturn True",
        ],
        "An idle key was left enabled": ["return False"],
        "Said, but not done": [f"{IDLE}return now - last > timedelta(days=idle_days)"],
        "Done, but not said": [
            f"{IDLE}if now - last > timedelta(days=idle_days):\n"
            "    kms.disable_key(KeyId=key_id)\nreturn False",
        ],
        "Dates of two kinds, or a date that is not there": [
            f"{IDLE}return now.replace(tzinfo=None) - last > timedelta(days=idle_days)",
            f"{IDLE}return now - last > idle_days",
            "usage = kms.get_key_last_usage(KeyId=key_id)['KeyLastUsage']\n"
            "return now - usage.get('LastUsed') > idle_days",
        ],
        "It returns nothing": [
            f"{IDLE}if now - last > timedelta(days=idle_days):\n"
            "    kms.disable_key(KeyId=key_id)\n    return True",
        ],
    },
}
# Other right answers than the solution.
ALSO_RIGHT = [
    (
        "keys_with_tag",
        "found, more = [], {}\n"
        "while True:\n"
        "    page = kms.list_keys(Limit=10, **more)\n"
        "    for key in page['Keys']:\n"
        f"        if {BOTH} in {TAGS}:\n"
        "            found.append(key['KeyArn'])\n"
        "    if not page['Truncated']:\n"
        "        return sorted(found)\n"
        "    more = {'Marker': page['NextMarker']}",
    ),
    (
        "open_record",
        f"{ROW}blob = base64.b64decode(row.pop('sealed'))\n"
        "context = {name: str(value) for name, value in row.items()}\n"
        "return kms.decrypt(CiphertextBlob=blob, EncryptionContext=context, KeyId=key_id)"
        "['Plaintext']",
    ),
    (
        "retire",
        f"{IDLE}idle = (now - last).days >= idle_days\n"
        "if idle:\n    kms.disable_key(KeyId=key_id)\nreturn idle",
    ),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
