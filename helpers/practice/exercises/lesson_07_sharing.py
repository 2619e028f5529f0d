"""Lesson 07: a key shared with one role of another account."""

import json
from typing import Any

from botocore.exceptions import ClientError

from helpers import lab

from .kit import Call, Misconception, exercise
from .lesson_07 import EVERYTHING, Place, may, place_of_its_own, refused


@exercise(
    "07-fix-sharing",
    "key_arn, partner_role_arn",
    "Here the key policy lets one role in, there its IAM policy lets it out: neither is enough, "
    "and each account keeps its say.",
)
def fix_sharing(call: Call) -> None:
    with place_of_its_own() as here, place_of_its_own() as there:
        answer = call(here.key_arn, there.role_arn("reader"), returns=dict)
        statement, iam = answer.get("statement"), answer.get("iam")
        if set(answer) != {"statement", "iam"} or not isinstance(statement, dict):
            raise Misconception(
                "Another form than asked for", "A dict with two members: statement and iam."
            )
        try:
            reader = there.as_role("reader", iam)
        except lab.LabError as error:
            raise refused("an IAM policy", error) from None
        neighbour = there.as_role("neighbour", EVERYTHING)
        open_key = here.kms.create_key()["KeyMetadata"]["Arn"]
        _add(here, open_key, _for_account(there.account))
        try:
            _add(here, here.key_arn, statement)
        except (ClientError, TypeError) as error:
            raise refused("a statement of a key policy", error) from None
        _check_sharing(here, there, reader, neighbour, open_key)


def _for_account(account: str) -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}


def _add(place: Place, key_arn: str, statement: dict[str, Any]) -> None:
    policy = json.loads(place.kms.get_key_policy(KeyId=key_arn)["Policy"])
    policy["Statement"].append(statement)
    place.kms.put_key_policy(KeyId=key_arn, Policy=json.dumps(policy))


def _check_sharing(here: Place, there: Place, reader: Any, neighbour: Any, open_key: str) -> None:
    blob, context = here.sealed(), here.sealed(order="17")
    if not may(reader.decrypt, **blob) or not may(reader.decrypt, **context):
        _add(here, here.key_arn, _for_account(there.account))
        if may(reader.decrypt, **blob):
            raise Misconception(
                "Your key policy stays closed",
                "Their IAM policy is right. The statement does not let this role decrypt.",
            )
        raise Misconception(
            "Their IAM policy stays closed",
            "IAM in the partner's account does not allow the role to decrypt under this key. An "
            "alias or a bare key ID of yours means nothing there.",
        )
    if may(here.as_role("stranger").decrypt, **blob):
        raise Misconception(
            "Everybody gets in", "A role that no policy names decrypts, even here at home."
        )
    if may(neighbour.decrypt, **blob):
        raise Misconception(
            "The whole account is let in",
            "Another role over there, whose IAM policy allows everything, decrypts as well.",
        )
    if may(reader.decrypt, **here.sealed(open_key)):
        raise Misconception(
            "Every key that is shared",
            "Their IAM policy also opens another key of yours, one that lets their account in.",
        )
    _add(here, here.key_arn, _for_account(there.account))
    if _more_than_decrypt(reader, here.key_arn):
        raise Misconception(
            "Their IAM policy allows more than decrypting",
            "The day your key policy allows more, the role will have more.",
        )
    _check_statement(here, there)


def _more_than_decrypt(client: Any, key_arn: str) -> bool:
    key = {"KeyId": key_arn}
    return (
        may(client.encrypt, **key, Plaintext=b"x")
        or may(client.generate_data_key, **key, KeySpec="AES_256")
        or may(client.describe_key, **key)
    )


def _check_statement(here: Place, there: Place) -> None:
    """With an IAM policy there that allows everything, what does the statement alone allow?"""
    policy = json.loads(here.kms.get_key_policy(KeyId=here.key_arn)["Policy"])
    policy["Statement"].pop()
    here.kms.put_key_policy(KeyId=here.key_arn, Policy=json.dumps(policy))
    if _more_than_decrypt(there.as_role("reader", EVERYTHING), here.key_arn):
        raise Misconception(
            "Your statement allows more than decrypting",
            "Whatever their IAM policy says today, they may change it tomorrow.",
        )
