"""Rotation: by the calendar, on demand, what it changes and what it doesn't."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from helpers import lab


def new_key(kms: BaseClient, **members: Any) -> str:
    return str(kms.create_key(**members)["KeyMetadata"]["Arn"])


def current(kms: BaseClient, key: str) -> str:
    return str(kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"])


def refusal(operation: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def status(kms: BaseClient, key: str) -> dict[str, Any]:
    reply = kms.get_key_rotation_status(KeyId=key)
    del reply["ResponseMetadata"]
    return reply


def test_off_by_default_then_as_asked(kms: BaseClient) -> None:
    key, now = new_key(kms), lab.clock.now()
    assert status(kms, key) == {"KeyId": key, "KeyRotationEnabled": False}
    kms.enable_key_rotation(KeyId=key)
    on = {"KeyId": key, "KeyRotationEnabled": True, "RotationPeriodInDays": 365}
    assert status(kms, key) == on | {"NextRotationDate": now + timedelta(days=365)}
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert status(kms, key)["NextRotationDate"] == now + timedelta(days=90)
    kms.disable_key_rotation(KeyId=key)
    assert status(kms, key) == {"KeyId": key, "KeyRotationEnabled": False}


@pytest.mark.parametrize(("days", "words"), [(89, "greater than or equal to 90"), (2561, "less")])
def test_the_period_has_limits(kms: BaseClient, days: int, words: str) -> None:
    # boto3 itself stops 89; 2561 reaches KMS.
    with pytest.raises((ClientError, Exception)) as caught:
        kms.enable_key_rotation(KeyId=new_key(kms), RotationPeriodInDays=days)
    assert words.split()[0] in str(caught.value) or "90" in str(caught.value)
    assert type(caught.value).__name__ in ("ClientError", "ParamValidationError")


def test_the_calendar_rotates_and_old_blobs_decrypt(kms: BaseClient) -> None:
    key, start = new_key(kms), lab.clock.now()
    first = current(kms, key)
    old = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    lab.clock.advance(days=99, hours=23)
    assert current(kms, key) == first
    lab.clock.advance(days=201)  # past the third date
    rotations = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert [r["RotationDate"] - start for r in rotations] == [
        timedelta(days=100),
        timedelta(days=200),
        timedelta(days=300),
    ]
    assert {r["RotationType"] for r in rotations} == {"AUTOMATIC"}
    assert [r["KeyMaterialState"] for r in rotations] == ["NON_CURRENT"] * 2 + ["CURRENT"]
    assert rotations[-1]["KeyMaterialId"] == current(kms, key) != first
    reply = kms.decrypt(CiphertextBlob=old)
    assert (reply["Plaintext"], reply["KeyMaterialId"]) == (b"old", first)
    assert status(kms, key)["NextRotationDate"] == start + timedelta(days=400)


def test_reencrypt_moves_a_blob_to_the_current_material(kms: BaseClient) -> None:
    key = new_key(kms)
    first = current(kms, key)
    old = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key)
    reply = kms.re_encrypt(CiphertextBlob=old, DestinationKeyId=key)
    assert reply["SourceKeyMaterialId"] == first
    assert reply["DestinationKeyMaterialId"] == current(kms, key) != first
    assert kms.decrypt(CiphertextBlob=reply["CiphertextBlob"])["KeyMaterialId"] != first


def test_on_demand_does_not_move_the_calendar_and_ends_after_25(kms: BaseClient) -> None:
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key)
    date = status(kms, key)["NextRotationDate"]
    seen = {current(kms, key)}
    for _ in range(25):
        assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == key
        seen.add(current(kms, key))
    assert len(seen) == 26
    assert refusal(kms.rotate_key_on_demand, KeyId=key) == (
        "LimitExceededException",
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
        f"rotations can be performed for this key: {key}",
    )
    assert status(kms, key)["NextRotationDate"] == date
    lab.clock.advance(days=365)
    assert current(kms, key) not in seen, "the calendar goes on"


def test_not_within_20_minutes_of_an_automatic_rotation(kms: BaseClient) -> None:
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    lab.clock.advance(days=89, hours=23, minutes=40)
    assert refusal(kms.rotate_key_on_demand, KeyId=key)[0] == "ConflictException"
    lab.clock.advance(minutes=20)
    kms.rotate_key_on_demand(KeyId=key)


def test_a_disabled_key_waits_and_is_rotated_when_enabled(kms: BaseClient) -> None:
    key = new_key(kms)
    first = current(kms, key)
    kms.enable_key_rotation(KeyId=key)
    kms.disable_key(KeyId=key)
    lab.clock.advance(days=800)
    assert current(kms, key) == first
    assert status(kms, key)["KeyRotationEnabled"] is True
    kms.enable_key(KeyId=key)
    assert current(kms, key) != first
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1
    assert status(kms, key)["NextRotationDate"] == lab.clock.now() + timedelta(days=365)


def test_pending_deletion_pauses_it(kms: BaseClient) -> None:
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key)
    kms.schedule_key_deletion(KeyId=key)
    assert status(kms, key) == {"KeyId": key, "KeyRotationEnabled": False}
    kms.cancel_key_deletion(KeyId=key)
    assert status(kms, key)["KeyRotationEnabled"] is True


@pytest.mark.parametrize(
    ("spec", "usage"), [("RSA_2048", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")]
)
def test_only_symmetric_encryption_keys(kms: BaseClient, spec: str, usage: str) -> None:
    key = new_key(kms, KeySpec=spec, KeyUsage=usage)
    for operation in (kms.enable_key_rotation, kms.rotate_key_on_demand):
        assert refusal(operation, KeyId=key) == ("UnsupportedOperationException", "")
    kms.disable_key(KeyId=key)
    disabled = ("DisabledException", f"{key} is disabled.")
    assert refusal(kms.rotate_key_on_demand, KeyId=key) == disabled


def test_aws_managed_keys_rotate_every_year(kms: BaseClient) -> None:
    key = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    assert status(kms, key)["KeyRotationEnabled"] is True
    first = current(kms, key)
    lab.clock.advance(days=365)
    assert current(kms, key) != first
    assert refusal(kms.disable_key_rotation, KeyId=key)[0] == "AccessDeniedException"


def test_the_list_of_materials(kms: BaseClient) -> None:
    key = new_key(kms)
    first = current(kms, key)
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
    kms.rotate_key_on_demand(KeyId=key)
    every = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert every[0] == {
        "KeyId": key.rpartition("/")[2],
        "KeyMaterialId": first,
        "KeyMaterialState": "NON_CURRENT",
    }
    assert set(every[1]) == set(every[0]) | {"RotationDate", "RotationType"}
    page = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", Limit=1)
    assert page["Truncated"] is True
    rest = kms.list_key_rotations(
        KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", Marker=page["NextMarker"]
    )
    assert page["Rotations"] + rest["Rotations"] == every


def test_rotation_takes_no_part_in_what_data_keys_encrypted(kms: BaseClient) -> None:
    key = new_key(kms)
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.rotate_key_on_demand(KeyId=key)
    reply = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
    assert reply["Plaintext"] == data_key["Plaintext"], "a leaked data key stays leaked"
    assert reply["KeyMaterialId"] == data_key["KeyMaterialId"] != current(kms, key)


def test_last_usage(kms: BaseClient) -> None:
    key, other = new_key(kms), new_key(kms)
    created = lab.clock.now()
    unused = kms.get_key_last_usage(KeyId=key)
    assert unused["KeyLastUsage"] == {}
    assert unused["KeyId"] == key.rpartition("/")[2], "the key ID, as in the Developer Guide"
    assert unused["TrackingStartDate"] == unused["KeyCreationDate"] == created
    lab.clock.advance(days=3)
    encrypted = kms.encrypt(KeyId=key, Plaintext=b"p")
    usage = kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
    assert (usage["Operation"], usage["Timestamp"]) == ("Encrypt", lab.clock.now())
    assert usage["KmsRequestId"] == encrypted["ResponseMetadata"]["RequestId"]
    assert usage["CloudTrailEventId"]
    kms.describe_key(KeyId=key)
    refusal(kms.sign, KeyId=key, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    refusal(kms.encrypt, KeyId=key, Plaintext=b"p", DryRun=True)
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == usage, "only successful uses"
    kms.re_encrypt(CiphertextBlob=encrypted["CiphertextBlob"], DestinationKeyId=other)
    for each in (key, other):
        assert kms.get_key_last_usage(KeyId=each)["KeyLastUsage"]["Operation"] == "ReEncrypt"
