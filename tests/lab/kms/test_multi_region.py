"""Multi-Region keys: one key ID and material in several Regions, the rest apart."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from helpers import lab


@pytest.fixture
def clients() -> Iterator[dict[str, BaseClient]]:
    """Clients of three Regions of an account whose clock stands still."""
    lab.open(seed=1)
    regions = ("us-east-1", "eu-west-1", "ap-southeast-2")
    yield {region: boto3.client("kms", region_name=region) for region in regions}
    lab.close()


def refusal(operation: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        operation(**request)
    return str(caught.value.response["Error"]["Code"])


def metadata(client: BaseClient, key_id: str) -> dict[str, Any]:
    return client.describe_key(KeyId=key_id)["KeyMetadata"]


def replicated(clients: dict[str, BaseClient], **members: Any) -> str:
    """The key ID of a primary key in us-east-1 with a replica in eu-west-1."""
    virginia = clients["us-east-1"]
    key_id = virginia.create_key(MultiRegion=True, **members)["KeyMetadata"]["KeyId"]
    virginia.replicate_key(KeyId=key_id, ReplicaRegion="eu-west-1")
    return str(key_id)


def test_a_replica_and_what_it_shares(clients: dict[str, BaseClient]) -> None:
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    tags = [{"TagKey": "a", "TagValue": "1"}]
    made = virginia.create_key(MultiRegion=True, Description="primary", Tags=tags)
    key_id = made["KeyMetadata"]["KeyId"]
    reply = virginia.replicate_key(KeyId=key_id, ReplicaRegion="eu-west-1")
    assert reply["ReplicaTags"] == []
    assert '"kms:*"' in reply["ReplicaPolicy"]
    replica, primary = metadata(ireland, key_id), metadata(virginia, key_id)
    assert replica == reply["ReplicaKeyMetadata"]
    shared = ("KeyId", "KeySpec", "KeyUsage", "Origin", "CurrentKeyMaterialId", "KeyState")
    assert all(primary[name] == replica[name] for name in shared)
    assert (primary["Description"], replica["Description"]) == ("primary", "")
    expected = {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": primary["Arn"], "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": replica["Arn"], "Region": "eu-west-1"}],
    }
    assert primary["MultiRegionConfiguration"] == expected
    expected["MultiRegionKeyType"] = "REPLICA"
    assert replica["MultiRegionConfiguration"] == expected


def test_ciphertext_of_one_region_is_plain_in_the_other(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    context = {"tenant": "7"}
    blob = virginia.encrypt(KeyId=key_id, Plaintext=b"far", EncryptionContext=context)
    reply = ireland.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=context)
    assert reply["Plaintext"] == b"far"
    assert reply["KeyId"] == metadata(ireland, key_id)["Arn"]
    elsewhere = clients["ap-southeast-2"]
    code = refusal(elsewhere.decrypt, CiphertextBlob=blob["CiphertextBlob"])
    assert code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("spec", "usage"), [("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")]
)
def test_other_kinds_of_key_replicate_too(
    clients: dict[str, BaseClient], spec: str, usage: str
) -> None:
    key_id = replicated(clients, KeySpec=spec, KeyUsage=usage)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    if usage == "SIGN_VERIFY":
        how = {"KeyId": key_id, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
        signature = virginia.sign(**how)["Signature"]
        assert ireland.verify(Signature=signature, **how)["SignatureValid"]
    else:
        how = {"KeyId": key_id, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
        assert ireland.verify_mac(Mac=virginia.generate_mac(**how)["Mac"], **how)["MacValid"]


def test_states_policies_tags_and_aliases_are_apart(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    ireland.disable_key(KeyId=key_id)
    ireland.tag_resource(KeyId=key_id, Tags=[{"TagKey": "only", "TagValue": "here"}])
    ireland.create_alias(AliasName="alias/only-here", TargetKeyId=key_id)
    assert metadata(virginia, key_id)["KeyState"] == "Enabled"
    assert virginia.list_resource_tags(KeyId=key_id)["Tags"] == []
    assert virginia.list_aliases(KeyId=key_id)["Aliases"] == []
    assert virginia.encrypt(KeyId=key_id, Plaintext=b"x")
    assert refusal(ireland.encrypt, KeyId=key_id, Plaintext=b"x") == "DisabledException"


def test_rotation_is_set_on_the_primary_and_reaches_all(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    old = ireland.encrypt(KeyId=key_id, Plaintext=b"old")["CiphertextBlob"]
    for operation in (ireland.enable_key_rotation, ireland.rotate_key_on_demand):
        assert refusal(operation, KeyId=key_id) == "UnsupportedOperationException"
    virginia.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    assert ireland.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    before = metadata(ireland, key_id)["CurrentKeyMaterialId"]
    lab.clock.advance(days=90)
    # Ask the replica first: the calendar is the primary's, in another Region.
    after = metadata(ireland, key_id)["CurrentKeyMaterialId"]
    assert after == metadata(virginia, key_id)["CurrentKeyMaterialId"] != before
    assert virginia.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    new = virginia.encrypt(KeyId=key_id, Plaintext=b"new")["CiphertextBlob"]
    assert ireland.decrypt(CiphertextBlob=new)["Plaintext"] == b"new"
    late = virginia.replicate_key(KeyId=key_id, ReplicaRegion="ap-southeast-2")
    assert late["ReplicaKeyMetadata"]["CurrentKeyMaterialId"] == after
    assert clients["ap-southeast-2"].decrypt(CiphertextBlob=old)["Plaintext"] == b"old"


def test_who_can_be_replicated_where(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    again = {"KeyId": key_id, "ReplicaRegion": "eu-west-1"}
    assert refusal(virginia.replicate_key, **again) == "AlreadyExistsException"
    third = {"KeyId": key_id, "ReplicaRegion": "ap-southeast-2"}
    assert refusal(ireland.replicate_key, **third) == "UnsupportedOperationException"
    single = virginia.create_key()["KeyMetadata"]["KeyId"]
    code = refusal(virginia.replicate_key, KeyId=single, ReplicaRegion="eu-west-1")
    assert code == "UnsupportedOperationException"
    for region in ("us-east-1", "cn-north-1", "mars-east-1"):
        code = refusal(virginia.replicate_key, KeyId=key_id, ReplicaRegion=region)
        assert code in ("ValidationException", "AlreadyExistsException")


def test_another_region_becomes_the_primary(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    virginia.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    date = virginia.get_key_rotation_status(KeyId=key_id)["NextRotationDate"]
    virginia.update_primary_region(KeyId=key_id, PrimaryRegion="eu-west-1")
    types = {
        region: metadata(client, key_id)["MultiRegionConfiguration"]["MultiRegionKeyType"]
        for region, client in clients.items()
        if region != "ap-southeast-2"
    }
    assert types == {"us-east-1": "REPLICA", "eu-west-1": "PRIMARY"}
    assert ireland.get_key_rotation_status(KeyId=key_id)["NextRotationDate"] == date
    assert ireland.rotate_key_on_demand(KeyId=key_id)
    assert refusal(virginia.rotate_key_on_demand, KeyId=key_id) == "UnsupportedOperationException"
    before = metadata(virginia, key_id)["CurrentKeyMaterialId"]
    lab.clock.advance(days=90)
    assert metadata(virginia, key_id)["CurrentKeyMaterialId"] != before, "the calendar moved along"
    code = refusal(ireland.update_primary_region, KeyId=key_id, PrimaryRegion="ap-southeast-2")
    assert code == "NotFoundException"


def test_a_primary_key_has_to_be_enabled(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    move = {"KeyId": key_id, "PrimaryRegion": "eu-west-1"}
    ireland.disable_key(KeyId=key_id)
    assert refusal(virginia.update_primary_region, **move) == "DisabledException"
    ireland.schedule_key_deletion(KeyId=key_id)
    assert refusal(virginia.update_primary_region, **move) == "KMSInvalidStateException"
    configuration = metadata(virginia, key_id)["MultiRegionConfiguration"]
    assert configuration["PrimaryKey"]["Region"] == "us-east-1"


def test_a_primary_key_outlives_its_replicas(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia, ireland = clients["us-east-1"], clients["eu-west-1"]
    reply = virginia.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert reply["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in reply
    waiting = metadata(virginia, key_id)
    assert waiting["PendingDeletionWindowInDays"] == 7
    assert "DeletionDate" not in waiting
    assert refusal(virginia.encrypt, KeyId=key_id, Plaintext=b"x") == "KMSInvalidStateException"
    lab.clock.advance(days=100)
    assert metadata(virginia, key_id)["KeyState"] == "PendingReplicaDeletion"
    replica_goes = ireland.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=10)
    lab.clock.advance(days=10)
    assert refusal(ireland.describe_key, KeyId=key_id) == "NotFoundException"
    leaving = metadata(virginia, key_id)
    assert leaving["KeyState"] == "PendingDeletion"
    assert leaving["DeletionDate"] == replica_goes["DeletionDate"] + timedelta(days=7)
    assert leaving["MultiRegionConfiguration"]["ReplicaKeys"] == []
    lab.clock.advance(days=7)
    assert refusal(virginia.describe_key, KeyId=key_id) == "NotFoundException"


def test_both_deletions_in_one_long_step(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    clients["us-east-1"].schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    clients["eu-west-1"].schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    lab.clock.advance(days=60)
    for region in ("us-east-1", "eu-west-1"):
        assert refusal(clients[region].describe_key, KeyId=key_id) == "NotFoundException"


def test_cancelling_the_wait_for_replicas(clients: dict[str, BaseClient]) -> None:
    key_id = replicated(clients)
    virginia = clients["us-east-1"]
    virginia.schedule_key_deletion(KeyId=key_id)
    virginia.cancel_key_deletion(KeyId=key_id)
    assert metadata(virginia, key_id)["KeyState"] == "Disabled"
