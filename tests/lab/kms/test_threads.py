"""Eight threads on shared keys: nothing is lost, nothing half done is seen."""

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from helpers import lab

THREADS, ROUNDS = 8, 25
ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def new_key(kms: BaseClient, **members: Any) -> str:
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


def in_threads(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Run ``work(number)`` in all threads at once; what one raises is raised here."""
    start = threading.Barrier(threads)

    def begin(number: int) -> Any:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))


def code_of(operation: Callable[..., Any], **members: Any) -> str:
    """The error's code, or an empty string if the operation works."""
    try:
        operation(**members)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        return error.response["Error"]["Code"]
    return ""


def test_a_mix_of_operations_loses_nothing(kms: BaseClient) -> None:
    shared = [new_key(kms) for _ in range(3)]
    signing = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    ecdsa = {"KeyId": signing, "SigningAlgorithm": "ECDSA_SHA_256"}

    def work(number: int) -> list[tuple[bytes, bytes]]:
        chance, made = random.Random(number), []
        for turn in range(ROUNDS):
            key = chance.choice(shared)
            plaintext = f"{number} {turn}".encode()
            blob = kms.encrypt(KeyId=key, Plaintext=plaintext)["CiphertextBlob"]
            made.append((plaintext, blob))
            again, sealed = chance.choice(made)
            assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == again
            data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
            opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
            assert opened["Plaintext"] == data_key["Plaintext"]
            signature = kms.sign(**ecdsa, Message=plaintext)["Signature"]
            kms.verify(**ecdsa, Message=plaintext, Signature=signature)
            kms.tag_resource(KeyId=key, Tags=[{"TagKey": f"{number}", "TagValue": f"{turn}"}])
            if turn % 10 == 0:
                kms.create_alias(AliasName=f"alias/{number}-{turn}", TargetKeyId=key)
                new_key(kms, Description=f"{number} {turn}")
        return made

    for made in in_threads(work):
        for plaintext, blob in made:
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext
    tens = len(range(0, ROUNDS, 10)) * THREADS
    assert len(kms.list_keys(Limit=1000)["Keys"]) == 4 + tens
    aliases = kms.list_aliases(Limit=100)["Aliases"]
    assert sum("TargetKeyId" in alias for alias in aliases) == tens
    encrypted = [e for e in lab.events(10_000) if e["eventName"] == "Encrypt"]
    assert len(encrypted) == len({e["requestID"] for e in encrypted}) == THREADS * ROUNDS


def test_rotation_in_the_middle_is_seen_whole(kms: BaseClient) -> None:
    key = new_key(kms, MultiRegion=True)
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    there = boto3.client("kms", region_name="eu-west-1")
    replica = key.replace("us-east-1", "eu-west-1")
    rotations = 20

    def work(number: int) -> None:
        if number == 0:
            for _ in range(rotations):
                kms.rotate_key_on_demand(KeyId=key)
            return
        one, two = (kms, there) if number % 2 else (there, kms)
        names = {id(kms): key, id(there): replica}
        for turn in range(ROUNDS):
            plaintext = f"{number} {turn}".encode()
            blob = one.encrypt(KeyId=names[id(one)], Plaintext=plaintext)["CiphertextBlob"]
            # The other Region has the material already, whichever it was.
            assert two.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext

    in_threads(work)
    listed = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert len(listed) == len({each["KeyMaterialId"] for each in listed}) == rotations


def test_deletion_in_the_middle_is_all_or_nothing(kms: BaseClient) -> None:
    keys = [new_key(kms) for _ in range(6)]
    blobs = [kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"] for key in keys]
    fine = {
        "decrypt": {"", "KMSInvalidStateException", "AccessDeniedException"},
        "describe": {"", "NotFoundException"},
    }

    def work(number: int) -> None:
        if number == 0:
            for key in keys:
                kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
                lab.clock.advance(days=1)
            return
        for turn in range(ROUNDS * 2):
            place = (number + turn) % len(keys)
            assert code_of(kms.decrypt, CiphertextBlob=blobs[place]) in fine["decrypt"]
            assert code_of(kms.describe_key, KeyId=keys[place]) in fine["describe"]
            listed = kms.list_keys()["Keys"]
            assert {each["KeyArn"] for each in listed} <= set(keys)

    in_threads(work)
    lab.clock.advance(days=7)
    assert kms.list_keys()["Keys"] == []


def test_policies_and_grants_change_under_way(kms: BaseClient) -> None:
    everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    app = lab.as_role("app").client("kms")
    arn = f"arn:aws:iam::{ACCOUNT}:role/app"
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    own = everything | {"Principal": {"AWS": ROOT}}
    closed = {"Version": "2012-10-17", "Statement": [own]}
    opened = {"Version": "2012-10-17", "Statement": [own, everything | {"Principal": {"AWS": arn}}]}

    def work(number: int) -> set[str]:
        seen = set()
        for turn in range(ROUNDS):
            if number == 0:
                policy = opened if turn % 2 else closed
                kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
            elif number == 1:
                request = {"KeyId": key, "GranteePrincipal": arn, "Operations": ["Decrypt"]}
                made = kms.create_grant(**request, Name=f"{turn}")
                (kms.revoke_grant if turn % 2 else kms.retire_grant)(
                    KeyId=key, GrantId=made["GrantId"]
                )
            else:
                seen.add(code_of(app.decrypt, CiphertextBlob=blob))
                assert kms.get_key_policy(KeyId=key)["Policy"]
                assert len(kms.list_grants(KeyId=key)["Grants"]) <= 1
        return seen

    seen = set().union(*in_threads(work)[2:])
    assert seen <= {"", "AccessDeniedException"}
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_what_must_be_unique_is_made_once(kms: BaseClient) -> None:
    key = new_key(kms)
    multi = new_key(kms, MultiRegion=True)
    named = {"KeyId": key, "GranteePrincipal": ROOT, "Operations": ["Decrypt"], "Name": "n"}

    def work(number: int) -> tuple[str, str, str]:
        alias = code_of(kms.create_alias, AliasName="alias/one", TargetKeyId=key)
        replica = code_of(kms.replicate_key, KeyId=multi, ReplicaRegion="eu-west-1")
        return alias, replica, kms.create_grant(**named)["GrantId"]

    aliases, replicas, grants = zip(*in_threads(work), strict=True)
    for answers in (aliases, replicas):
        assert sorted(answers) == ["", *["AlreadyExistsException"] * (THREADS - 1)]
    assert len(set(grants)) == 1
    managed = in_threads(lambda _: kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"])
    assert len(set(managed)) == 1
