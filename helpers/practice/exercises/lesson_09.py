"""Lesson 09: one reader of one secret, who read a secret, a grant for one volume."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from helpers import lab

from .kit import Call, Misconception, exercise

MANAGING = [
    f"kms:{verb}*"
    for verb in ("Create", "Describe", "Disable", "Enable", "Get", "List", "Put", "Schedule")
]


@dataclass(frozen=True)
class Place:
    """An account of its own, with clients of its administrator."""

    session: Any
    account: str
    kms: Any
    secrets: Any

    def key(self, *statements: dict[str, Any]) -> str:
        """A key that IAM policies may manage, and whose use the key policy alone decides."""
        root = {"AWS": f"arn:aws:iam::{self.account}:root"}
        manage = {"Effect": "Allow", "Principal": root, "Action": MANAGING, "Resource": "*"}
        caller = self.session.client("sts").get_caller_identity()["Arn"]
        use = {"Effect": "Allow", "Principal": {"AWS": caller}, "Action": "kms:*", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [manage, use, *statements]}
        arn: str = self.kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
        return arn

    def secret(self, name: str, key_arn: str = "") -> str:
        members = {"KmsKeyId": key_arn} if key_arn else {}
        arn: str = self.secrets.create_secret(Name=name, SecretString=name, **members)["ARN"]
        return arn

    def role(self, name: str, policy: dict[str, Any] | None = None) -> Any:
        return lab.as_role(name, policy, account=self.account)

    def arn_of(self, name: str) -> str:
        arn: str = self.session.client("iam").get_role(RoleName=name)["Role"]["Arn"]
        return arn


@contextmanager
def _place() -> Iterator[Place]:
    with lab.scratch() as session:
        account = session.client("sts").get_caller_identity()["Account"]
        yield Place(session, account, session.client("kms"), session.client("secretsmanager"))


def _denial(action: Any, **members: Any) -> str:
    """The message of the denial that the action ends with; empty if it went through."""
    try:
        action(**members)
    except ClientError as error:
        if "AccessDenied" in error.response["Error"]["Code"]:
            return str(error.response["Error"]["Message"]) or "denied"
        raise
    return ""


@exercise(
    "09-one-reader",
    "role_arn, secret_arn",
    "Each gate names this role or this secret, and the key answers only to Secrets Manager. "
    "Whoever leaves the team loses the secret with one of the two.",
)
def one_reader(call: Call) -> None:
    for name in ("shop/db", "billing/api-token"):
        with _place() as place:
            _check_documents(call, place, name)


def _check_documents(call: Call, place: Place, name: str) -> None:
    key_arn = place.key()
    secret_arn, other_arn = place.secret(name, key_arn), place.secret(f"{name}-2", key_arn)
    mail_arn = place.secret("mail")
    place.role("reader")
    found = call(place.arn_of("reader"), secret_arn, returns=dict)
    if set(found) != {"iam", "key"} or not all(isinstance(each, dict) for each in found.values()):
        raise Misconception(
            "Two documents", 'The answer is a dict with two members, "iam" and "key", both dicts.'
        )
    try:
        reader = place.role("reader", found["iam"])
        twin = place.role("twin", found["iam"]).client("secretsmanager")
    except lab.LabError as error:
        raise Misconception("Not an IAM policy", str(error).replace("`", "'")) from None
    _put_statement(place, key_arn, found["key"])
    secrets, kms = reader.client("secretsmanager"), reader.client("kms")
    if denial := _denial(secrets.get_secret_value, SecretId=secret_arn):
        if "secretsmanager:" in denial:
            raise Misconception(
                "Gate 1 stays closed", "Secrets Manager itself refuses to give the secret's value."
            )
        raise Misconception(
            "Gate 2 stays closed",
            "Secrets Manager would give the secret, and KMS refuses to open its data key. Look at "
            "the action, the principal and the condition of the key's statement.",
        )
    if not all(_denial(secrets.get_secret_value, SecretId=arn) for arn in (other_arn, mail_arn)):
        raise Misconception("Other secrets too", "The role also reads a secret beside the one.")
    changed = {"SecretId": secret_arn, "SecretString": "changed"}
    deleted = {"SecretId": secret_arn, "ForceDeleteWithoutRecovery": True}
    if not _denial(secrets.put_secret_value, **changed) or not _denial(
        secrets.delete_secret, **deleted
    ):
        raise Misconception(
            "It is more than a reader", "The role may write or delete. Reading was asked for."
        )
    if not _denial(twin.get_secret_value, SecretId=secret_arn):
        raise Misconception(
            "The key is open to others",
            "Another role with the same IAM policy reads the secret as well. The statement in the "
            "key policy should name one principal.",
        )
    blob = place.kms.encrypt(KeyId=key_arn, Plaintext=b"x")["CiphertextBlob"]
    bound = {"SecretARN": secret_arn, "SecretVersionId": "taken from the trail"}
    tied = place.kms.encrypt(KeyId=key_arn, Plaintext=b"x", EncryptionContext=bound)
    if not _denial(kms.decrypt, CiphertextBlob=blob) or not _denial(
        kms.decrypt, CiphertextBlob=tied["CiphertextBlob"], EncryptionContext=bound
    ):
        raise Misconception(
            "The key works without Secrets Manager",
            "The role can call KMS directly, and so open whatever else lies under this key.",
        )
    left_to_iam = place.kms.create_key()["KeyMetadata"]["Arn"]
    blob = place.kms.encrypt(KeyId=left_to_iam, Plaintext=b"x")["CiphertextBlob"]
    if (
        not _denial(kms.decrypt, CiphertextBlob=blob)
        or not _denial(kms.encrypt, KeyId=left_to_iam, Plaintext=b"x")
        or not _denial(kms.generate_data_key, KeyId=left_to_iam, KeySpec="AES_256")
    ):
        raise Misconception(
            "Other keys too",
            "The IAM policy allows the use of KMS keys as well. Keys that leave their use to IAM "
            "are open to the role now. The key's own statement is enough.",
        )


def _put_statement(place: Place, key_arn: str, statement: dict[str, Any]) -> None:
    """The learner's statement, added to the key policy."""
    policy = json.loads(place.kms.get_key_policy(KeyId=key_arn)["Policy"])
    policy["Statement"].append(statement)
    try:
        place.kms.put_key_policy(KeyId=key_arn, Policy=json.dumps(policy))
    except TypeError as error:
        raise Misconception("Not a statement of a key policy", f"It is no JSON: {error}.") from None
    except ClientError as error:
        told = error.response["Error"].get("Message") or error.response["Error"]["Code"]
        raise Misconception(
            "Not a statement of a key policy",
            f"KMS refuses the key policy with it: {told.replace('`', chr(39))}",
        ) from None


@exercise(
    "09-readers",
    "events, secret_arn",
    "The encryption context is what makes the trail useful: it names the secret in each call of "
    "KMS. Moving a secret to another KMS key decrypts it as well.",
)
def readers(call: Call) -> None:
    with _place() as place:
        key_arn = place.key()
        shop, billing = place.secret("shop", key_arn), place.secret("billing", key_arn)
        names = ("ada", "bob", "eve", "joe", "kim", "pat")
        may = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [may]}
        people = {name: place.role(name, policy) for name in names}
        for name in names:
            if name != "eve":  # she is refused by KMS
                place.kms.create_grant(
                    KeyId=key_arn,
                    GranteePrincipal=place.arn_of(name),
                    Operations=["Decrypt", "GenerateDataKey"],
                )
        secrets = {name: person.client("secretsmanager") for name, person in people.items()}
        secrets["ada"].get_secret_value(SecretId="shop")
        secrets["kim"].put_secret_value(SecretId="shop", SecretString="new")
        secrets["bob"].get_secret_value(SecretId="shop", VersionStage="AWSPREVIOUS")
        secrets["joe"].get_secret_value(SecretId="billing")
        _denial(secrets["eve"].get_secret_value, SecretId="shop")
        directly = {"SecretARN": shop, "SecretVersionId": "made up"}
        blob = place.kms.encrypt(KeyId=key_arn, Plaintext=b"x", EncryptionContext=directly)
        people["pat"].client("kms").decrypt(
            CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=directly
        )
        events = _events(place)
        arns = {
            name: person.client("sts").get_caller_identity()["Arn"]
            for name, person in people.items()
        }
        found = call(events, shop, returns=set)
        _check_readers(found, arns)
        if call(events, billing, returns=set) != {arns["joe"]}:
            raise Misconception(
                "Right for one secret only", "Asked about another secret it answers wrongly."
            )


def _events(place: Place) -> list[dict[str, Any]]:
    """The account's trail, oldest first, as lab.events() has it."""
    trail = place.session.client("cloudtrail")
    pages = trail.get_paginator("lookup_events").paginate()
    found = [each for page in pages for each in page["Events"]]
    return [json.loads(each["CloudTrailEvent"]) for each in found][::-1]


def _check_readers(found: set[Any], arns: dict[str, str]) -> None:
    extra = {
        "kim": ("Writers are no readers", "Who only wrote a new value is in the answer."),
        "joe": ("Readers of another secret", "Who read a secret beside this one is in the answer."),
        "eve": ("Refused is not read", "Somebody whom KMS refused is in the answer."),
        "pat": (
            "Somebody asked KMS directly",
            "A context can be claimed by anybody who calls KMS. A read of the secret comes "
            "through Secrets Manager.",
        ),
    }
    for name, (title, words) in extra.items():
        if arns[name] in found:
            raise Misconception(title, words)
    if not found:
        raise Misconception(
            "Nobody, it says",
            "The answer is empty. This trail holds calls of KMS only: look for the one that a read "
            "of a secret causes.",
        )
    wanted = {arns["ada"], arns["bob"]}
    if missing := wanted - found:
        raise Misconception(
            "Readers are missing",
            f"{len(missing)} of 2 readers are not in the answer. One read the current version, one "
            "the version before; both were named by ARN in the trail.",
        )
    if found != wanted:
        raise Misconception(
            "Something else is in the answer", "The answer holds ARNs of those who read, no more."
        )


@exercise(
    "09-grant-for-volume",
    "kms, key_arn, volume_id, host_arn",
    "One principal, one volume, one task, and an end. A service's grants look like this in "
    "ListGrants.",
)
def grant_for_volume(call: Call) -> None:
    with _place() as place:
        key_arn = place.key()
        blobs = {
            name: place.kms.generate_data_key_without_plaintext(
                KeyId=key_arn, NumberOfBytes=64, EncryptionContext={"aws:ebs:id": name}
            )["CiphertextBlob"]
            for name in ("vol-0a", "vol-0b")
        }
        host = place.role("host").client("kms")
        grant_id = call(place.kms, key_arn, "vol-0a", place.arn_of("host"), returns=str)
        grants = place.kms.list_grants(KeyId=key_arn)["Grants"]
        if not grants:
            raise Misconception("No grant", "ListGrants shows none on the key.")
        if grant_id not in [each["GrantId"] for each in grants]:
            raise Misconception(
                "Not the grant's ID", "What it returns is no grant ID of this key. (A token isn't.)"
            )

        def opens(name: str) -> str:
            members = {"CiphertextBlob": blobs[name], "EncryptionContext": {"aws:ebs:id": name}}
            return _denial(host.decrypt, **members)

        if opens("vol-0a"):
            raise Misconception(
                "The host gets no data key",
                "KMS refuses the host's Decrypt. Look at the grantee, the operations and the "
                "constraint; names and values of a context must be exact.",
            )
        if not opens("vol-0b"):
            raise Misconception("Every volume", "The host can open the key of another volume too.")
        if any(set(each["Operations"]) - {"Decrypt", "RetireGrant"} for each in grants):
            raise Misconception(
                "More than the host needs",
                "The host opens a key that is there. It makes none, passes nothing on, and asks "
                "nothing else of KMS until it gives the grant back.",
            )
        if _denial(host.retire_grant, KeyId=key_arn, GrantId=grant_id):
            raise Misconception(
                "It can't be given back",
                "When the volume is detached, the host can't retire the grant, and it stays.",
            )
