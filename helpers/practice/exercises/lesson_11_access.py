"""Lesson 11, incidents of access: a reader, a locked-out administrator, an auditor elsewhere."""

import json
from typing import Any

from botocore.exceptions import ClientError

from helpers import lab

from ..capstone import asking, incidents, record
from ..capstone.asking import USES, refused
from ..capstone.scenes import one_policy
from ..capstone.secrets import opens_a_secret
from .kit import Call, Misconception, exercise


def _account(session: Any) -> str:
    return asking.account_of(session)


def _proof(session: Any, name: str) -> dict[str, Any] | None:
    """The last event of this name that succeeded: it shows that a fix held."""
    found = [e for e in asking.trail(session, EventName=name) if "errorCode" not in e]
    return found[-1] if found else None


@exercise(
    "11-mend-reader",
    "policy, bucket_arn",
    "Old objects have their own ARN as context, new ones the bucket's. The policy now takes both, "
    "and nothing else that this key protects.",
)
def mend_reader(call: Call) -> None:
    with lab.scratch() as session:
        account = _account(session)
        scene = incidents.play(1, session, account)
        mended = call(scene["policy"], scene["bucket_arn"], returns=dict)
        try:
            reader = lab.as_role("accounting", mended, account=account)
        except lab.LabError as error:
            raise Misconception("Not an IAM policy", str(error).replace("`", "'")) from None
        _check_reader(session, scene, reader)
        proof = _proof(session, "Decrypt")
    record.fix_proved(1, proof)


def _check_reader(session: Any, scene: incidents.Incident, reader: Any) -> None:
    s3, kms, bucket = reader.client("s3"), reader.client("kms"), scene["bucket"]
    for name, title in {
        "october.csv": "Old objects are closed now",
        "november.csv": "New objects stay closed",
    }.items():
        code, message = refused(s3.get_object, Bucket=bucket, Key=name)
        if code:
            words = f"{name} ends in `{code}`: {message.partition(' on resource')[0]}."
            raise Misconception(title, words)
    context = {"aws:s3:arn": scene["bucket_arn"]}
    asked = {"KeyId": scene["key_arn"], "EncryptionContext": context, "DryRun": True}
    for name in ("generate_data_key", "encrypt"):
        code, _ = refused(getattr(kms, name), **asked, **USES[name])
        if code != "AccessDeniedException":
            raise Misconception(
                "More than reading",
                f"A dry run of `{name}` was not denied. `kms:Decrypt` was enough.",
            )
    for name, members in {
        "put_object": {"Key": "december.csv", "Body": b"x", "ServerSideEncryption": "AES256"},
        "delete_object": {"Key": "october.csv"},
        "list_objects_v2": {},
    }.items():
        if not refused(getattr(s3, name), Bucket=bucket, **members)[0]:
            raise Misconception(
                "More than reading",
                f"The role has `{name}` now. S3's gate was not the one that was shut.",
            )
    others = {
        "Everything under the key is open": {"purpose": "payroll"},
        "A neighbour's bucket is open": {"aws:s3:arn": f"{scene['bucket_arn']}-private/x"},
    }
    for title, context in others.items():
        blob = session.client("kms").encrypt(
            KeyId=scene["key_arn"], Plaintext=b"x", EncryptionContext=context
        )["CiphertextBlob"]
        if not refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context)[0]:
            raise Misconception(title, f"The role also decrypts what has the context {context}.")


@exercise(
    "11-reopen",
    "session, key_id, policy_before",
    "One principal was left, and the trail named it. If the policy had left nobody, only AWS "
    "Support could have helped.",
)
def reopen(call: Call) -> None:
    for mover in ("migration", "tooling"):
        with lab.scratch() as session:
            account = _account(session)
            # Another key's policy was put as well, by somebody else.
            one_policy.play(session, account, False, mover="gardener")
            things = one_policy.play(session, account, False, mover=mover)
            if mover == "tooling":
                one_policy.play(session, account, False, mover="gardener")
            call(
                session,
                things["key_id"],
                things["policy_before"],
                on_error={
                    "AccessDeniedException": Misconception(
                        "Asked as somebody without a say",
                        "KMS refused. The policy of now names one principal. Who is it, and whose "
                        "credentials did the call have?",
                    ),
                },
            )
            _check_open(session, things)
            proof = _proof(session, "PutKeyPolicy")
    record.fix_proved(4, proof)


def _check_open(session: Any, things: dict[str, Any]) -> None:
    kms = session.client("kms")
    code, _ = refused(kms.get_key_policy, KeyId=things["key_id"])
    if code:
        raise Misconception(
            "Still locked out", f"`GetKeyPolicy` by the administrator ends in `{code}`."
        )
    now = json.loads(kms.get_key_policy(KeyId=things["key_id"])["Policy"])
    if now != things["policy_before"]:
        raise Misconception(
            "Another policy than before",
            "The administrator is back, but the policy is not the one that was handed in. Who "
            "else has a say now?",
        )
    if refused(kms.decrypt, CiphertextBlob=things["blob"])[0]:
        raise Misconception("Still unreadable", "The contract does not decrypt.")


@exercise(
    "11-admit-auditor",
    "key_policy, auditor_arn",
    "Three policies agree now: IAM over there, the bucket's, the key's. The third names one role, "
    "one action and one way in.",
)
def admit_auditor(call: Call) -> None:
    with lab.scratch() as session:
        scene = incidents.play(6, session, _account(session))
        document = call(scene["key_policy"], scene["auditor_arn"], returns=dict)
        kms = session.client("kms")
        try:
            kms.put_key_policy(KeyId=scene["key_arn"], Policy=json.dumps(document))
        except TypeError as error:
            raise Misconception("Not a key policy", f"It is no JSON: {error}.") from None
        except ClientError as error:
            message = error.response["Error"].get("Message") or error.response["Error"]["Code"]
            if "in the future" in message:
                raise Misconception("A statement was lost", f"KMS refuses it: {message}") from None
            raise Misconception("Not a key policy", f"KMS refuses it: {message}") from None
        _check_auditor(session, scene, document)
        proof = _proof(scene["auditor"], "Decrypt")
    record.fix_proved(6, proof)


def _check_auditor(session: Any, scene: incidents.Incident, document: dict[str, Any]) -> None:
    target = {"Bucket": scene["bucket"], "Key": "2026.csv"}
    auditor, intern = scene["auditor"], scene["intern"]
    kept = asking.listed(document["Statement"])
    if any(each not in kept for each in scene["key_policy"]["Statement"]):
        raise Misconception(
            "A statement was lost", "What the policy said before, it has to say still."
        )
    if refused(auditor.client("s3").get_object, **target)[0]:
        raise Misconception("The auditor still gets nothing", "S3 answers AccessDenied as before.")
    if not refused(intern.client("s3").get_object, **target)[0]:
        raise Misconception(
            "More than the auditor is let in",
            "Another role of the auditor's account reads the ledgers as well.",
        )
    kms = auditor.client("kms")
    asked = {"KeyId": scene["key_arn"], "KeySpec": "AES_256", "DryRun": True}
    if "AccessDenied" not in refused(kms.generate_data_key, **asked)[0] or not refused(
        auditor.client("kms").create_grant,
        KeyId=scene["key_arn"],
        GranteePrincipal=scene["auditor_arn"],
        Operations=["Decrypt"],
    )[0].startswith("AccessDenied"):
        raise Misconception("More than reading", "The auditor may do more with the key than read.")
    context = {"aws:s3:arn": "taken from the audit trail"}
    blob = session.client("kms").encrypt(
        KeyId=scene["key_arn"], Plaintext=b"x", EncryptionContext=context
    )["CiphertextBlob"]
    direct = {"KeyId": scene["key_arn"], "CiphertextBlob": blob, "EncryptionContext": context}
    if not refused(kms.decrypt, **direct)[0]:
        raise Misconception(
            "The key works without S3",
            "The auditor can call KMS directly and decrypt whatever else this key protects.",
        )
    _check_through_s3(session, scene)


def _check_through_s3(session: Any, scene: incidents.Incident) -> None:
    """S3's own gate and the auditor's IAM are opened wide: the key policy has to refuse."""
    objects = f"arn:aws:s3:::{scene['bucket']}/*"
    both = ["s3:GetObject", "s3:PutObject"]
    door = asking.allow(both, objects, Principal={"AWS": scene["auditor_arn"]})
    session.client("s3").put_bucket_policy(
        Bucket=scene["bucket"], Policy=json.dumps(asking.policy(door))
    )
    theirs = asking.policy(asking.allow(both, objects), asking.allow("kms:*", scene["key_arn"]))
    writer = lab.as_role("auditor", theirs, account=scene["auditor_arn"].split(":")[4])
    put = {"Bucket": scene["bucket"], "Key": "2027.csv", "Body": b"x"}
    by_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": scene["key_arn"]}
    if not refused(writer.client("s3").put_object, **put, **by_key)[0]:
        raise Misconception(
            "More than reading",
            "Through S3 the auditor could put ledgers as well. Reading takes one action of KMS.",
        )
    if opens_a_secret(session, scene["key_arn"], scene["auditor_arn"]):
        raise Misconception(
            "Other services than S3 open it",
            "The auditor also gets a secret that lies under this key. `kms:ViaService` can name "
            "one service.",
        )
