"""Cases: key states, deletion, what names a key, tags."""

from typing import Any

import boto3

from .case import Account, Section, refused, words

MODEL = "tests/lab/kms/test_model.py"
RECORDED = "tests/lab/kms/test_recorded.py"
RECENTLY = "recorded answer of AWS, 2023 to 2026"
STATES = "tests/lab/kms/test_states.py"
KEY_STATES = "Developer Guide, Key states of AWS KMS keys"

states = Section("Key states")
deletion = Section("Deletion")
identifiers = Section("Key identifiers and aliases")
tags = Section("Tags")


def uses(account: Account, key: str, blob: bytes) -> str:
    """How Encrypt, Decrypt and GenerateDataKey end: one answer, if it is the same of all."""
    kms = account.kms
    answers = {
        "Encrypt": refused(kms.encrypt, KeyId=key, Plaintext=b"p"),
        "Decrypt": refused(kms.decrypt, CiphertextBlob=blob),
        "GenerateDataKey": refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256"),
    }
    if len(set(answers.values())) == 1:
        return answers["Encrypt"] or "all work"
    return ", ".join(f"{name}: {answer or 'works'}" for name, answer in answers.items())


@states.case(
    "Encrypt, Decrypt and GenerateDataKey under a disabled key",
    aws="Nothing uses a disabled key; what it encrypted before can't be read meanwhile.",
    source=f"{KEY_STATES}; answer of AWS, checked in 2024",
    expected="DisabledException",
    test=f"{STATES}::test_state_against_operation",
)
def use_disabled(account: Account) -> str:
    key = account.key()
    blob = account.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    account.kms.disable_key(KeyId=key)
    return uses(account, key, blob)


@states.case(
    "Sign with a disabled key",
    aws="Signs nothing.",
    source=KEY_STATES,
    expected="DisabledException",
    test=f"{STATES}::test_state_against_operation",
)
def sign_disabled(account: Account) -> str:
    key = account.key("ECC_NIST_P256", "SIGN_VERIFY")
    account.kms.disable_key(KeyId=key)
    how = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    return refused(account.kms.sign, KeyId=key, **how) or "signs"


@states.case(
    "GetPublicKey of a disabled key",
    aws="Counts as a use of the key. The text names the key.",
    source=f"{KEY_STATES}; recorded answer of AWS, February 2026 (through Amazon S3)",
    expected="DisabledException: KEYARN is disabled.",
    test=f"{STATES}::test_state_against_operation",
)
def public_key_disabled(account: Account) -> str:
    key = account.key("ECC_NIST_P256", "SIGN_VERIFY")
    account.kms.disable_key(KeyId=key)
    return words(account.kms.get_public_key, KeyId=key) or "gives the public key"


@deletion.case(
    "Encrypt, Decrypt and GenerateDataKey under a key that is pending deletion",
    aws="A key can't be used from the moment its deletion is scheduled.",
    source=f"{KEY_STATES}; answer of AWS, checked in 2024",
    expected="KMSInvalidStateException",
    test=f"{STATES}::test_state_against_operation",
)
def use_pending_deletion(account: Account) -> str:
    key = account.key()
    blob = account.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    account.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    return uses(account, key, blob)


@deletion.case(
    "Waiting periods of 5 and 31 days",
    aws="A waiting period has 7 to 30 days. botocore lets both numbers pass, KMS does not.",
    source="API reference, ScheduleKeyDeletion",
    expected="5: ValidationException, 31: ValidationException",
    test=f"{STATES}::test_waiting_period_that_is_refused",
)
def waiting_periods(account: Account) -> str:
    schedule, key = account.kms.schedule_key_deletion, account.key()
    return ", ".join(
        f"{days}: {refused(schedule, KeyId=key, PendingWindowInDays=days) or 'accepted'}"
        for days in (5, 31)
    )


@deletion.case(
    "ScheduleKeyDeletion a second time",
    aws="Refused; the first date stays.",
    source="recorded answer of AWS, February 2026 (through Amazon S3)",
    expected="KMSInvalidStateException: KEYARN is pending deletion.",
    test=f"{STATES}::test_a_second_schedule_does_not_move_the_date",
)
def schedule_twice(account: Account) -> str:
    key = account.key()
    account.kms.schedule_key_deletion(KeyId=key)
    return words(account.kms.schedule_key_deletion, KeyId=key) or "accepted"


@deletion.case(
    "CancelKeyDeletion",
    aws="The key comes back disabled, not enabled.",
    source="API reference, CancelKeyDeletion",
    expected="Disabled",
    test=f"{RECORDED}::test_metadata_while_a_key_awaits_deletion",
)
def cancel(account: Account) -> str:
    key = account.key()
    account.kms.schedule_key_deletion(KeyId=key)
    account.kms.cancel_key_deletion(KeyId=key)
    return str(account.metadata(key)["KeyState"])


@deletion.case(
    "After the waiting period",
    aws="The key is gone, with its aliases.",
    source="API reference, ScheduleKeyDeletion",
    expected="NotFoundException; aliases left: 0",
    test=f"{STATES}::test_deletion_takes_aliases_and_ciphertext_along",
)
def gone(account: Account) -> str:
    key = account.key()
    account.kms.create_alias(AliasName="alias/app", TargetKeyId=key)
    account.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    account.advance(9)  # AWS may take a day longer
    code = refused(account.kms.describe_key, KeyId=key) or "still there"
    names = [alias["AliasName"] for alias in account.kms.list_aliases()["Aliases"]]
    return f"{code}; aliases left: {names.count('alias/app')}"


@identifiers.case(
    "What Encrypt takes as KeyId",
    aws="Key ID, key ARN, alias name and alias ARN.",
    source="API reference, Encrypt",
    expected="all four",
    test=f"{MODEL}::test_every_form_of_identifier",
)
def every_identifier(account: Account) -> str:
    key = account.key()
    account.kms.create_alias(AliasName="alias/app", TargetKeyId=key)
    arn = account.metadata(key)["Arn"]
    forms = [key, arn, "alias/app", arn.replace(f"key/{key}", "alias/app")]
    failing = [form for form in forms if refused(account.kms.encrypt, KeyId=form, Plaintext=b"p")]
    return f"not {', '.join(failing)}" if failing else "all four"


@identifiers.case(
    "DisableKey by an alias",
    aws="Management of a key takes no alias.",
    source="API reference, DisableKey",
    expected="refused",
    test=f"{MODEL}::test_alias_where_only_a_key_will_do",
)
def manage_by_alias(account: Account) -> str:
    account.kms.create_alias(AliasName="alias/app", TargetKeyId=account.key())
    code = refused(account.kms.disable_key, KeyId="alias/app")
    return "refused" if code else "disables the key"


@identifiers.case(
    "A KeyId that is none",
    aws="NotFoundException; the text quotes what was sent.",
    source=RECENTLY,
    expected="NotFoundException: Invalid keyId 'fake-key-id'",
    test=f"{RECORDED}::test_refusal",
)
def no_identifier(account: Account) -> str:
    return words(account.kms.describe_key, KeyId="fake-key-id")


@identifiers.case(
    "The key ARN of another Region",
    aws="NotFoundException; the text names that Region.",
    source=RECENTLY,
    expected="NotFoundException: Invalid arn eu-central-1",
    test=f"{RECORDED}::test_a_key_of_another_region_does_not_exist_here",
)
def other_region(account: Account) -> str:
    there: Any = boto3.client("kms", region_name="eu-central-1")
    arn = there.create_key()["KeyMetadata"]["Arn"]
    return words(account.kms.describe_key, KeyId=arn) or "describes the key"


@identifiers.case(
    "The 51st alias of a key",
    aws="A key has at most 50 aliases.",
    source="Developer Guide, Resource quotas",
    expected="LimitExceededException",
    test=f"{MODEL}::test_fifty_aliases_of_a_key",
)
def fifty_one_aliases(account: Account) -> str:
    key = account.key()
    for number in range(50):
        account.kms.create_alias(AliasName=f"alias/app-{number}", TargetKeyId=key)
    code = refused(account.kms.create_alias, AliasName="alias/app-50", TargetKeyId=key)
    return code or "accepted"


def tag(name: str, value: str = "v") -> dict[str, str]:
    return {"TagKey": name, "TagValue": value}


@tags.case(
    "The same tag key twice in a request",
    aws="Refused.",
    source=RECENTLY,
    expected="TagException: Duplicate tag keys",
    test=f"{RECORDED}::test_refusal",
)
def tag_twice(account: Account) -> str:
    members = {"KeyId": account.key(), "Tags": [tag("a", "1"), tag("a", "2")]}
    return words(account.kms.tag_resource, **members) or "accepted"


@tags.case(
    "51 tags",
    aws="A key has at most 50 tags.",
    source=RECENTLY,
    expected="TagException: Too many tags",
    test=f"{RECORDED}::test_refusal",
)
def fifty_one_tags(account: Account) -> str:
    return words(account.kms.create_key, Tags=[tag(f"n{n}") for n in range(51)]) or "accepted"
