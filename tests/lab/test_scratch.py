"""The account beside the lesson's: empty, able to do everything, and without a trace."""

import boto3
import pytest

from helpers import lab


def test_it_is_empty_and_may_do_everything(kms) -> None:
    kms.create_key()
    with lab.scratch() as session:
        own = session.client("kms")
        assert own.list_keys()["Keys"] == []
        key_id = own.create_key()["KeyMetadata"]["Arn"]
        blob = own.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
        assert own.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
        with lab.expect_error("AccessDeniedException"):
            kms.encrypt(KeyId=key_id, Plaintext=b"secret")
    with lab.scratch() as session:
        assert session.client("kms").list_keys()["Keys"] == []


def test_the_lessons_account_does_not_notice() -> None:
    def key_ids(*, beside: bool) -> list[str]:
        lab.open(seed=5)
        try:
            kms = boto3.client("kms")
            before = kms.create_key()["KeyMetadata"]["KeyId"]
            if beside:
                with lab.scratch() as session:
                    session.client("kms").create_key()
            assert [event["eventName"] for event in lab.events()] == ["CreateKey"]
            assert lab.explain().operation == "CreateKey"
            assert len(kms.list_keys()["Keys"]) == 1
            return [before, kms.create_key()["KeyMetadata"]["KeyId"]]
        finally:
            lab.close()

    assert key_ids(beside=True) == key_ids(beside=False)


def test_an_error_inside_ends_it_as_well(kms) -> None:
    kms.create_key()
    before = lab.explain()
    with pytest.raises(ZeroDivisionError), lab.scratch() as session:
        session.client("kms").list_aliases()
        _ = 1 / 0
    assert lab.explain() == before


def test_a_closed_lab_says_so() -> None:
    with pytest.raises(lab.LabError, match=r"lab\.open"), lab.scratch():
        pass
