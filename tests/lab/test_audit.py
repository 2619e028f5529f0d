"""The audit trail: what is recorded of each call, what never is, and how it is looked up."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from helpers import lab

ARN = "arn:aws:kms:us-east-1:123456789012:key/"


@pytest.fixture
def kms() -> Iterator[BaseClient]:
    """A client of an account whose clock stands still."""
    lab.open(seed=1)
    yield boto3.client("kms")
    lab.close()


def lookup(**request: Any) -> list[dict[str, Any]]:
    """The full records that LookupEvents finds, newest first."""
    reply = boto3.client("cloudtrail").lookup_events(**request)
    return [json.loads(event["CloudTrailEvent"]) for event in reply["Events"]]


def attribute(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_a_cryptographic_call(kms: BaseClient) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    context = {"Tenant": "7", "purpose": "Test"}
    reply = kms.encrypt(KeyId=key_id, Plaintext=b"a secret", EncryptionContext=context)
    [event, created] = lookup()
    assert (event["eventName"], created["eventName"]) == ("Encrypt", "CreateKey")
    assert event["requestParameters"] == {
        "keyId": key_id,
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",  # also if the request doesn't say
        "encryptionContext": context,
    }
    assert event["responseElements"] is None
    material = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert event["additionalEventData"] == {"keyMaterialId": material}
    assert event["readOnly"] is True
    assert event["resources"] == [
        {"accountId": "123456789012", "type": "AWS::KMS::Key", "ARN": ARN + key_id}
    ]
    assert event["requestID"] == reply["ResponseMetadata"]["RequestId"]
    assert event["eventTime"] == lab.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert event["userIdentity"]["arn"] == boto3.client("sts").get_caller_identity()["Arn"]
    assert (
        event["eventID"]
        == kms.get_key_last_usage(KeyId=key_id)["KeyLastUsage"]["CloudTrailEventId"]
    )
    assert created["readOnly"] is False
    assert created["responseElements"]["keyMetadata"]["keyId"] == key_id


SECRET = b"never to be logged 4711"


def test_no_plaintext_ciphertext_or_signature_is_in_it(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    hmac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    blob = kms.encrypt(KeyId=key, Plaintext=SECRET)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob)
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    how = {"KeyId": signing["KeyId"], "SigningAlgorithm": "ECDSA_SHA_256", "Message": SECRET}
    signature = kms.sign(**how)["Signature"]
    kms.verify(Signature=signature, **how)
    mac = kms.generate_mac(KeyId=hmac["KeyId"], Message=SECRET, MacAlgorithm="HMAC_SHA_256")
    random = kms.generate_random(NumberOfBytes=32)["Plaintext"]
    logged = repr(list(lab.events(100))) + json.dumps(lookup())
    for value in (SECRET, blob, data_key["Plaintext"], signature, mac["Mac"], random):
        import base64

        assert repr(value)[2:-1] not in logged
        assert base64.b64encode(value).decode() not in logged


def test_errors_are_recorded_with_their_key(kms: BaseClient) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key_id)
    with pytest.raises(ClientError):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    [event] = lookup(**attribute("EventName", "Encrypt"))
    assert event["errorCode"] == "DisabledException"
    assert event["errorMessage"] == f"{ARN}{key_id} is disabled."
    assert event["resources"][0]["ARN"] == ARN + key_id
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError):
        kms.encrypt(KeyId=managed, Plaintext=b"x")
    assert lookup(**attribute("EventName", "Encrypt"))[0]["errorCode"] == "AccessDenied"


def test_requests_that_are_none_leave_no_record(kms: BaseClient) -> None:
    with pytest.raises(ClientError):
        kms.encrypt(KeyId="alias/x", Plaintext=b"x" * 4097)
    assert lookup() == []


def test_what_kms_does_by_itself(kms: BaseClient) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    lab.clock.advance(days=90)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    lab.clock.advance(days=7)
    kms.list_keys()
    names = [event["eventName"] for event in lab.events()]
    assert names == [
        "CreateKey",
        "EnableKeyRotation",
        "RotateKey",
        "ScheduleKeyDeletion",
        "DeleteKey",
        "ListKeys",
    ]
    rotation = lab.events()[2]
    assert rotation["eventType"] == "AwsServiceEvent"
    assert rotation["userIdentity"]["invokedBy"] == "AWS Internal"
    first = lab.events()[0]["responseElements"]["keyMetadata"]["currentKeyMaterialId"]
    details = rotation["serviceEventDetails"]
    assert (details["rotationType"], details["keyOrigin"]) == ("AUTOMATIC", "AWS_KMS")
    assert details["previousKeyMaterialId"] == first != details["currentKeyMaterialId"]
    assert len(details["currentKeyMaterialId"]) == 64


def test_what_was_due_is_in_the_history_at_its_time(kms: BaseClient) -> None:
    started = lab.clock.now()
    for days in (90, 100):
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=days)
    lab.clock.advance(days=170)
    assert [e["eventName"] for e in lookup()] == ["RotateKey", "RotateKey"]  # nobody asked KMS
    assert [e["eventTime"] for e in lookup()] == [
        f"{started + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (100, 90)
    ]
    lab.clock.advance(days=10)
    assert [e["eventName"] for e in lab.events(1)] == ["RotateKey"]
    assert lab.events(1)[0]["eventTime"] == lab.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def test_reencrypt_names_both_materials(kms: BaseClient) -> None:
    one, two = (kms.create_key()["KeyMetadata"] for _ in range(2))
    blob = kms.encrypt(KeyId=one["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=two["KeyId"])
    [event] = lab.events(1)
    assert event["requestParameters"] == {
        "destinationKeyId": two["KeyId"],
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    assert event["additionalEventData"] == {
        "sourceKeyMaterialId": one["CurrentKeyMaterialId"],
        "destinationKeyMaterialId": two["CurrentKeyMaterialId"],
    }
    assert [r["ARN"] for r in event["resources"]] == [one["Arn"], two["Arn"]]


def test_operations_without_a_reply_show_the_key_that_they_changed(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=key)
    assert lab.events(1)[0]["responseElements"] == {"keyId": key}
    with pytest.raises(ClientError):
        kms.enable_key_rotation(KeyId=key)
    assert lab.events(1)[0]["responseElements"] is None


def test_aliases_are_resources_too(kms: BaseClient) -> None:
    one, two = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    alias = "arn:aws:kms:us-east-1:123456789012:alias/a"
    kms.create_alias(AliasName="alias/a", TargetKeyId=one)
    kms.update_alias(AliasName="alias/a", TargetKeyId=two)
    kms.delete_alias(AliasName="alias/a")
    created, updated, deleted = lab.events(3)
    assert {r["ARN"] for r in created["resources"]} == {one, alias}
    assert {r["ARN"] for r in updated["resources"]} == {one, two, alias}
    assert updated["responseElements"] == {"keyId": two}
    assert {r["ARN"] for r in deleted["resources"]} == {two, alias}
    assert len(lookup(**attribute("ResourceName", alias))) == 3


def test_a_replica_is_created_in_its_region(kms: BaseClient) -> None:
    key_id = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key_id, ReplicaRegion="eu-west-1", Description="near")
    assert lab.events(1)[0]["eventName"] == "ReplicateKey"
    [created] = lab.events(region="eu-west-1")
    assert (created["eventName"], created["awsRegion"]) == ("CreateKey", "eu-west-1")
    assert created["userIdentity"]["userName"] == "admin"
    assert created["requestParameters"]["description"] == "near"
    replica = f"arn:aws:kms:eu-west-1:123456789012:key/{key_id}"
    assert created["responseElements"]["keyMetadata"]["arn"] == replica
    assert created["eventID"] != lab.events(1)[0]["eventID"]


def test_a_new_primary_key_is_told_in_both_regions(kms: BaseClient) -> None:
    key_id = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key_id, ReplicaRegion="eu-west-1")
    kms.update_primary_region(KeyId=key_id, PrimaryRegion="eu-west-1")
    [before], [after] = lab.events(1), lab.events(1, region="eu-west-1")
    assert before["eventName"] == after["eventName"] == "UpdatePrimaryRegion"
    assert before["requestParameters"] == {"keyId": key_id, "primaryRegion": "eu-west-1"}
    replica = f"arn:aws:kms:eu-west-1:123456789012:key/{key_id}"
    assert after["requestParameters"] == {"keyId": replica, "primaryRegion": "eu-west-1"}
    assert after["userIdentity"] == before["userIdentity"] | {"invokedBy": "kms.amazonaws.com"}
    assert after["requestID"] == before["requestID"]


def test_two_accounts_have_one_event_each(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    accounts = ["arn:aws:iam::123456789012:root", "arn:aws:iam::222222222222:root"]
    policy = {"Statement": [statement | {"Principal": {"AWS": accounts}}]}
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    permissions = {"Version": "2012-10-17", "Statement": [statement]}
    guest = lab.as_role("guest", permissions, account="222222222222")
    guest.client("kms").encrypt(KeyId=key, Plaintext=b"x")
    [of_owner] = lookup(**attribute("EventName", "Encrypt"))
    reply = guest.client("cloudtrail").lookup_events(**attribute("EventName", "Encrypt"))
    [of_caller] = [json.loads(event["CloudTrailEvent"]) for event in reply["Events"]]
    assert of_owner["recipientAccountId"] == "123456789012"
    assert of_caller["recipientAccountId"] == "222222222222"
    assert of_owner["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": of_caller["userIdentity"]["principalId"],
        "accountId": "222222222222",
    }
    assert of_caller["userIdentity"]["arn"].endswith(":assumed-role/guest/guest")
    assert "account 222222222222" in repr(lab.events(1))
    assert of_owner["sharedEventID"] == of_caller["sharedEventID"]
    assert of_owner["eventID"] != of_caller["eventID"]
    usage = kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
    assert usage["CloudTrailEventId"] == of_owner["eventID"]


def test_a_denied_call_is_told_to_the_callers_account_alone(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [everything]}
    other = lab.as_role("reader", document, account="222222222222")
    before = len(lab.events(last=100))
    with pytest.raises(ClientError, match="AccessDenied"):
        other.client("kms").encrypt(KeyId=key, Plaintext=b"p")
    assert len(lab.events(last=100)) == before
    [event] = other.client("cloudtrail").lookup_events()["Events"]
    assert '"errorCode": "AccessDenied"' in event["CloudTrailEvent"]


def test_a_new_key_policy_is_shown(kms: BaseClient) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    policy = kms.get_key_policy(KeyId=key)["Policy"]
    kms.put_key_policy(KeyId=key, Policy=policy)
    [event] = lab.events(last=1)
    assert event["eventName"] == "PutKeyPolicy" and not event["readOnly"]
    assert event["requestParameters"]["policy"] == policy
    assert event["userIdentity"]["userName"] == "admin"


def test_filters(kms: BaseClient) -> None:
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.encrypt(KeyId=first, Plaintext=b"x")
    lab.clock.advance(hours=1)
    kms.describe_key(KeyId=second)
    names = [e["eventName"] for e in lookup(**attribute("ResourceName", ARN + first))]
    assert names == ["Encrypt", "CreateKey"]
    assert len(lookup(**attribute("ReadOnly", "true"))) == 2
    assert len(lookup(**attribute("Username", "admin"))) == 4
    assert len(lookup(**attribute("EventSource", "kms.amazonaws.com"))) == 4
    assert lookup(**attribute("EventSource", "s3.amazonaws.com")) == []
    now = lab.clock.now()
    assert len(lookup(StartTime=now - timedelta(minutes=1))) == 1
    assert len(lookup(EndTime=now - timedelta(minutes=1))) == 3
    [event] = lookup(**attribute("EventId", lookup()[0]["eventID"]))
    assert event["eventName"] == "DescribeKey"
    client = boto3.client("cloudtrail")
    with pytest.raises(client.exceptions.InvalidTimeRangeException):
        client.lookup_events(StartTime=now, EndTime=now - timedelta(days=1))
    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.lookup_events(NextToken="nonsense")
    assert client.lookup_events(EventCategory="insight")["Events"] == []


def test_what_is_no_lookup_is_refused_in_an_account_without_events(kms: BaseClient) -> None:
    client = boto3.client("cloudtrail")
    now = lab.clock.now()
    with pytest.raises(client.exceptions.InvalidTimeRangeException):
        client.lookup_events(StartTime=now, EndTime=now - timedelta(days=1))
    one = {"AttributeKey": "EventName", "AttributeValue": "Encrypt"}
    with pytest.raises(client.exceptions.InvalidLookupAttributesException):
        client.lookup_events(LookupAttributes=[one, one])
    with pytest.raises(client.exceptions.InvalidLookupAttributesException):
        client.lookup_events(**attribute("EventColour", "red"))
    with pytest.raises(client.exceptions.InvalidEventCategoryException):
        client.lookup_events(EventCategory="management")


def test_pages(kms: BaseClient) -> None:
    for _ in range(7):
        kms.list_keys()
    pages = boto3.client("cloudtrail").get_paginator("lookup_events")
    sizes = [len(p["Events"]) for p in pages.paginate(PaginationConfig={"PageSize": 3})]
    assert sizes == [3, 3, 1]


def test_history_ends_after_90_days(kms: BaseClient) -> None:
    kms.list_keys()
    lab.clock.advance(days=89)
    assert len(lookup()) == 1
    lab.clock.advance(days=2)
    assert lookup() == []


def test_regions_and_accounts_apart_and_a_reset_forgets(kms: BaseClient) -> None:
    boto3.client("kms", region_name="eu-west-1").list_keys()
    assert lookup() == []
    assert len(lab.events(region="eu-west-1")) == 1
    lab.reset()
    assert lab.events(region="eu-west-1") == []


def test_the_table(kms: BaseClient) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"tenant": "<7>"})
    shown = lab.events()
    assert repr(shown).splitlines()[0].split() == ["time", "event", "who", "key", "details"]
    assert "tenant=<7>" in repr(shown)
    assert "tenant=&lt;7&gt;" in shown._repr_html_()
    assert lab.events(1)[0]["eventName"] == "Encrypt"


def session(kms: BaseClient, access_key: dict[str, str], token: str = "") -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=access_key["AccessKeyId"],
        aws_secret_access_key=access_key["SecretAccessKey"],
        aws_session_token=token or None,
        region_name="us-east-1",
    )


def test_users_and_role_sessions_are_named(kms: BaseClient) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="ada")
    ada = session(kms, iam.create_access_key(UserName="ada")["AccessKey"])
    with pytest.raises(ClientError, match="AccessDenied"):  # recorded all the same
        ada.client("kms").list_keys()
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=json.dumps(trust))
    issued = boto3.client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="monday")[
        "Credentials"
    ]
    analyst = session(kms, issued, issued["SessionToken"])
    with pytest.raises(ClientError, match="AccessDenied"):
        analyst.client("kms").list_keys()
    by_ada, by_analyst = lab.events(2)
    assert by_ada["userIdentity"]["type"] == "IAMUser"
    assert by_ada["userIdentity"]["userName"] == "ada"
    assert by_ada["userIdentity"]["arn"] == ada.client("sts").get_caller_identity()["Arn"]
    identity = by_analyst["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == analyst.client("sts").get_caller_identity()["Arn"]
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "analyst"
