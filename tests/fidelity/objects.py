"""Cases: S3's encryption at rest, and its two gates."""

import json
from contextlib import suppress
from hashlib import md5
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .access import OTHER, OWN, acting_as, allow, deny, document, root
from .case import Account, Section, refused, words

FEBRUARY = "recorded answer of AWS, February 2026"
USER_GUIDE = "S3 User Guide"
RECORDED = "tests/lab/s3/test_recorded.py"
KINDS = "tests/lab/s3/test_kinds.py"
GATES = "tests/lab/s3/test_two_gates.py"
PARTS = "tests/lab/s3/test_multipart.py"
BUCKET = "bucket"
CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"c" * 32}

sse = Section("S3: how objects are encrypted")
gates = Section("S3: who gets in")


def new_bucket() -> Any:
    s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
    s3.create_bucket(Bucket=BUCKET)
    return s3


def by_kms(key: str = "") -> dict[str, str]:
    return {"ServerSideEncryption": "aws:kms"} | ({"SSEKMSKeyId": key} if key else {})


def put(s3: Any, key: str = "o", **members: Any) -> Any:
    return s3.put_object(Bucket=BUCKET, Key=key, Body=b"body", **members)


def got(s3: Any, key: str = "o", **members: Any) -> str:
    """What a read gives: "readable", or the error's code."""
    try:
        body = s3.get_object(Bucket=BUCKET, Key=key, **members)["Body"].read()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "readable" if body == b"body" else "something else"


def arn_of(account: Account, key: str) -> str:
    return str(account.metadata(key)["Arn"])


def s3_as(*statements: dict[str, Any], of: str = OWN) -> Any:
    """S3 for a new role with these IAM statements."""
    client: Any = boto3.client if of == OWN else acting_as(f"arn:aws:iam::{of}:role/admin")
    trust = document(allow("sts:AssumeRole", Principal={"AWS": OWN}))
    arn = client("iam").create_role(RoleName="app", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    members = {"PolicyName": "p", "PolicyDocument": document(*statements)}
    client("iam").put_role_policy(RoleName="app", **members)
    return acting_as(arn, client)("s3")


@sse.case(
    "An object, without a word of encryption",
    aws="SSE-S3: since January 2023 every object is encrypted, and the reply says so.",
    source=FEBRUARY,
    expected="AES256",
    test=f"{RECORDED}::test_the_default_is_sse_s3",
)
def by_default(account: Account) -> str:
    return str(put(new_bucket()).get("ServerSideEncryption", "nothing said"))


@sse.case(
    "GetBucketEncryption of a new bucket",
    aws="SSE-S3, and since April 2026 SSE-C is blocked.",
    source=f"{FEBRUARY}; {USER_GUIDE}, Blocking or unblocking SSE-C",
    expected="AES256, blocked: SSE-C",
    test=f"{KINDS}::test_blocked_kinds",
)
def new_bucket_s_rule(account: Account) -> str:
    found = new_bucket().get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]
    (rule,) = found["Rules"]
    blocked = rule.get("BlockedEncryptionTypes", {}).get("EncryptionType", [])
    algorithm = rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    return f"{algorithm}, blocked: {', '.join(blocked) or 'nothing'}"


@sse.case(
    "Read an object whose key is disabled",
    aws="KMS.DisabledException, with KMS's text.",
    source=FEBRUARY,
    expected="KMS.DisabledException: KEYARN is disabled.",
    test=f"{RECORDED}::test_disabled_key",
)
def disabled(account: Account) -> str:
    s3, key = new_bucket(), account.key()
    put(s3, **by_kms(key))
    account.kms.disable_key(KeyId=key)
    return words(s3.get_object, Bucket=BUCKET, Key="o") or "readable"


@sse.case(
    "Read an object whose key waits for its deletion",
    aws="KMS.KMSInvalidStateException.",
    source=FEBRUARY,
    expected="KMS.KMSInvalidStateException: KEYARN is pending deletion.",
    test=f"{RECORDED}::test_key_pending_deletion",
)
def pending(account: Account) -> str:
    s3, key = new_bucket(), account.key()
    put(s3, **by_kms(key))
    account.kms.schedule_key_deletion(KeyId=key)
    return words(s3.get_object, Bucket=BUCKET, Key="o") or "readable"


@sse.case(
    "Write under a key ID that is none",
    aws="KMS.NotFoundException.",
    source=FEBRUARY,
    expected="KMS.NotFoundException: Invalid keyId 'fake-key-id'",
    test=f"{RECORDED}::test_no_key_id",
)
def no_key(account: Account) -> str:
    return words(put, s3=new_bucket(), **by_kms("fake-key-id")) or "stored"


@sse.case(
    "SSE-KMS without a key",
    aws="The AWS managed key aws/s3, made on first use; the reply has its ARN.",
    source=FEBRUARY,
    expected="the ARN of an AWS managed key",
    test=f"{RECORDED}::test_the_aws_managed_key_serves_all_buckets",
)
def managed_key(account: Account) -> str:
    arn = put(new_bucket(), **by_kms()).get("SSEKMSKeyId", "")
    if not arn.startswith("arn:"):
        return arn or "no key named"
    return f"the ARN of an {account.metadata(arn)['KeyManager']} managed key"


@sse.case(
    "The ETag of an object under SSE-KMS",
    aws="Is not the MD5 of what was written.",
    source=FEBRUARY,
    expected="no MD5",
    test=f"{RECORDED}::test_the_etag_is_no_md5",
)
def etag(account: Account) -> str:
    reply = put(new_bucket(), **by_kms(account.key()))
    digest = md5(b"body", usedforsecurity=False).hexdigest()
    return "the MD5" if digest in reply["ETag"] else "no MD5"


@sse.case(
    "Events of a write and a read under SSE-KMS",
    aws="GenerateDataKey and Decrypt, for the caller, through S3; context: the object's ARN.",
    source=f"{USER_GUIDE}, Using server-side encryption with AWS KMS keys",
    expected="GenerateDataKey, Decrypt; context arn:aws:s3:::bucket/o",
    test=f"{KINDS}::test_events_name_who_asked_and_for_what",
)
def events(account: Account) -> str:
    s3 = new_bucket()
    put(s3, **by_kms(account.key()))
    got(s3)
    found = boto3.client("cloudtrail").lookup_events()["Events"]
    records = [json.loads(event["CloudTrailEvent"]) for event in reversed(found)]
    through = [r for r in records if "invokedBy" in r["userIdentity"]]
    contexts = {r["requestParameters"]["encryptionContext"]["aws:s3:arn"] for r in through}
    return f"{', '.join(r['eventName'] for r in through)}; context {', '.join(contexts)}"


@sse.case(
    "Five objects with a bucket key",
    aws="One GenerateDataKey, with the bucket's ARN as context.",
    source=f"{USER_GUIDE}, Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys",
    expected="1 GenerateDataKey; context arn:aws:s3:::bucket",
    test="tests/lab/s3/test_bucket_keys.py::test_one_call_serves_many_objects",
)
def bucket_key(account: Account) -> str:
    s3, key = new_bucket(), account.key()
    for number in range(5):
        put(s3, str(number), **by_kms(key), BucketKeyEnabled=True)
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "GenerateDataKey"}]
    found = boto3.client("cloudtrail").lookup_events(LookupAttributes=wanted)["Events"]
    parameters = [json.loads(e["CloudTrailEvent"])["requestParameters"] for e in found]
    contexts = {each["encryptionContext"]["aws:s3:arn"] for each in parameters}
    return f"{len(found)} GenerateDataKey; context {', '.join(contexts)}"


@sse.case(
    "SSE-C on a new bucket",
    aws="AccessDenied, since April 2026.",
    source=f"{USER_GUIDE}, Blocking or unblocking SSE-C",
    expected="AccessDenied",
    test=f"{KINDS}::test_blocked_kinds",
)
def customer_key(account: Account) -> str:
    return refused(put, s3=new_bucket(), **CUSTOMER) or "stored"


@sse.case(
    "Read an SSE-C object with another key",
    aws="AccessDenied.",
    source=f"{USER_GUIDE}, Using server-side encryption with customer-provided keys",
    expected="AccessDenied",
    test="tests/lab/s3/test_customer_keys.py::test_with_another_key",
)
def other_customer_key(account: Account) -> str:
    s3 = new_bucket()
    rule = {"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    with suppress(ClientError):  # what doesn't know that setting blocks nothing
        s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    put(s3, **CUSTOMER)
    return got(s3, **CUSTOMER | {"SSECustomerKey": b"d" * 32})


@sse.case(
    "A default of SSE-S3 with a key",
    aws="InvalidArgument.",
    source=FEBRUARY,
    expected="InvalidArgument",
    test=f"{RECORDED}::test_a_key_for_sse_s3",
)
def key_for_sse_s3(account: Account) -> str:
    by_key = {"SSEAlgorithm": "AES256", "KMSMasterKeyID": account.key()}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by_key}]}
    call = new_bucket().put_bucket_encryption
    return refused(call, Bucket=BUCKET, ServerSideEncryptionConfiguration=rules) or "accepted"


@sse.case(
    "Copy an object under SSE-KMS onto itself",
    aws="Allowed; it becomes SSE-S3, the bucket's default.",
    source=FEBRUARY,
    expected="AES256",
    test=f"{RECORDED}::test_copies_in_place",
)
def copy_in_place(account: Account) -> str:
    s3 = new_bucket()
    put(s3, **by_kms(account.key()))
    s3.copy_object(Bucket=BUCKET, Key="o", CopySource=f"{BUCKET}/o")
    return str(s3.head_object(Bucket=BUCKET, Key="o")["ServerSideEncryption"])


@sse.case(
    "UpdateObjectEncryption to another KMS key",
    aws="The data key is encrypted anew; ETag and date stay.",
    source="S3 API reference, UpdateObjectEncryption",
    expected="the new key, same ETag",
    test="tests/lab/s3/test_update_encryption.py::test_the_bytes_stay",
)
def update_encryption(account: Account) -> str:
    s3, arn = new_bucket(), arn_of(account, account.key())
    before = put(s3, **by_kms(account.key()))["ETag"]
    wanted = {"SSEKMS": {"KMSKeyArn": arn}}
    s3.update_object_encryption(Bucket=BUCKET, Key="o", ObjectEncryption=wanted)
    head = s3.head_object(Bucket=BUCKET, Key="o")
    key = "the new key" if head["SSEKMSKeyId"] == arn else "the old key"
    return f"{key}, {'same' if head['ETag'] == before else 'another'} ETag"


@gates.case(
    "A reader whom IAM allows S3 but not KMS",
    aws="AccessDenied, with KMS's text.",
    source=f"{USER_GUIDE}, Using server-side encryption with AWS KMS keys",
    expected=f"AccessDenied: User: arn:aws:sts::{OWN}:assumed-role/app/session is not authorized "
    "to perform: kms:Decrypt on resource: KEYARN because no identity-based policy allows the "
    "kms:Decrypt action",
    test=f"{GATES}::test_both_gates_must_open",
)
def second_gate(account: Account) -> str:
    put(new_bucket(), **by_kms(account.key()))
    return words(s3_as(allow("s3:*")).get_object, Bucket=BUCKET, Key="o") or "readable"


@gates.case(
    "A reader whom IAM allows KMS but not S3",
    aws="AccessDenied, with S3's text.",
    source="IAM User Guide, Troubleshoot access denied error messages",
    expected=f"AccessDenied: User: arn:aws:sts::{OWN}:assumed-role/app/session is not authorized "
    'to perform: s3:GetObject on resource: "arn:aws:s3:::bucket/o" because no identity-based '
    "policy allows the s3:GetObject action",
    test=f"{GATES}::test_both_gates_must_open",
)
def first_gate(account: Account) -> str:
    put(new_bucket(), **by_kms(account.key()))
    return words(s3_as(allow("kms:*")).get_object, Bucket=BUCKET, Key="o") or "readable"


@gates.case(
    "A part of an upload by one who may not decrypt",
    aws="AccessDenied: parts need kms:Decrypt, a whole object kms:GenerateDataKey only.",
    source="S3 API reference, UploadPart",
    expected="whole: stored; part: AccessDenied",
    test=f"{PARTS}::test_it_needs_decrypt",
)
def part_without_decrypt(account: Account) -> str:
    new_bucket()
    key = arn_of(account, account.key())
    writer = s3_as(allow("s3:PutObject", "kms:GenerateDataKey"))
    whole = refused(put, s3=writer, **by_kms(key)) or "stored"
    upload = writer.create_multipart_upload(Bucket=BUCKET, Key="m", **by_kms(key))
    named = {"Bucket": BUCKET, "Key": "m", "UploadId": upload["UploadId"]}
    part = refused(writer.upload_part, **named, PartNumber=1, Body=b"x") or "stored"
    return f"whole: {whole}; part: {part}"


@gates.case(
    "A bucket policy that denies uploads without SSE-KMS",
    aws="The upload without the header is denied, the one with it stored.",
    source=f"{USER_GUIDE}, Specifying server-side encryption with AWS KMS",
    expected="without: AccessDenied; with: stored",
    test=f"{GATES}::test_uploads_without_kms_are_refused",
)
def policy_demands_kms(account: Account) -> str:
    s3 = new_bucket()
    condition = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
    statement = deny("s3:PutObject", Principal="*", Condition=condition)
    statement["Resource"] = f"arn:aws:s3:::{BUCKET}/*"
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(statement))
    answers = {}
    for name, members in (("without", {}), ("with", by_kms(account.key()))):
        answers[name] = refused(put, s3=s3, **members) or "stored"
    return "; ".join(f"{name}: {answer}" for name, answer in answers.items())


@gates.case(
    "Another account, which the bucket policy lets in",
    aws="Reads an object under SSE-S3; under SSE-KMS the key policy must let it in too.",
    source="Developer Guide, Allowing users in other accounts to use a KMS key",
    expected="SSE-S3: readable; SSE-KMS: AccessDenied",
    test=f"{GATES}::test_another_account_needs_all_of_it",
)
def other_account(account: Account) -> str:
    s3 = new_bucket()
    put(s3, "plain")
    put(s3, "kms", **by_kms(account.key()))
    statement = allow("s3:GetObject", Principal={"AWS": OTHER})
    statement["Resource"] = f"arn:aws:s3:::{BUCKET}/*"
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(statement))
    partner = s3_as(allow("s3:GetObject", "kms:Decrypt"), of=OTHER)
    return f"SSE-S3: {got(partner, 'plain')}; SSE-KMS: {got(partner, 'kms')}"


@gates.case(
    "A key policy that denies what does not come through one VPC endpoint",
    aws="S3's own request to KMS does not, so uploads fail; a condition on aws:ViaAWSService "
    "lets it pass.",
    source="Developer Guide, Use VPC endpoints to control access to AWS KMS resources",
    expected="alone: AccessDenied; with aws:ViaAWSService: stored",
    test=f"{GATES}::test_a_key_for_one_vpc_endpoint_alone",
)
def one_endpoint_alone(account: Account) -> str:
    s3, key = new_bucket(), account.key()
    ours = {"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}
    conditions = {
        "alone": ours,
        "with aws:ViaAWSService": ours | {"Bool": {"aws:ViaAWSService": "false"}},
    }
    answers = []
    for name, condition in conditions.items():
        use = deny("kms:Encrypt", "kms:GenerateDataKey*", Principal="*", Condition=condition)
        text = document(root(), use)
        account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text)
        answers.append(f"{name}: {refused(put, s3=s3, **by_kms(arn_of(account, key))) or 'stored'}")
    return "; ".join(answers)


@gates.case(
    "A request without TLS, where the bucket policy denies that",
    aws="Denied: aws:SecureTransport is false. The same request by HTTPS goes through.",
    source=f"{USER_GUIDE}, Security best practices: enforce encryption of data in transit",
    expected="HTTP: AccessDenied; HTTPS: OK",
    test=f"{GATES}::test_plain_http_is_seen",
)
def plain_http(account: Account) -> str:
    s3 = new_bucket()
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    statement = deny("s3:*", Principal="*", Condition=condition)
    statement["Resource"] = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(statement))
    clients = {"HTTP": boto3.client("s3", use_ssl=False), "HTTPS": s3}
    answers = {
        name: refused(client.list_objects_v2, Bucket=BUCKET) or "OK"
        for name, client in clients.items()
    }
    return "; ".join(f"{name}: {answer}" for name, answer in answers.items())
