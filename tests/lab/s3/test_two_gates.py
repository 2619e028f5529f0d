"""Who gets in: S3's own permissions are the first gate, KMS's the second."""

import json
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config

from helpers import lab

from .conftest import BUCKET, Account, code_of, told

ARN = f"arn:aws:s3:::{BUCKET}"
OTHER = "222222222222"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | elements


def deny(action: Any, resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return allow(action, resource, **elements) | {"Effect": "Deny"}


def acting(*statements: dict[str, Any], account: str | None = None) -> Any:
    """S3 for a role with these IAM statements."""
    return lab.as_role("analyst", policy(*statements), account=account).client("s3")


def bucket_policy(account: Account, *statements: dict[str, Any]) -> None:
    account.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy(*statements)))


def get(s3: Any, key: str = "o") -> Any:
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def put(s3: Any, key: str = "o", **members: Any) -> Any:
    return s3.put_object(Bucket=BUCKET, Key=key, Body=b"x", **members)


def test_both_gates_must_open(account: Account) -> None:
    account.put_kms("o", b"x")
    who = (
        "User: arn:aws:sts::123456789012:assumed-role/analyst/analyst is not authorized to perform"
    )
    assert told(get, s3=acting(allow("kms:*"))) == (
        "AccessDenied",
        f'{who}: s3:GetObject on resource: "{ARN}/o" because no identity-based policy allows the '
        "s3:GetObject action",
        403,
    )
    assert told(get, s3=acting(allow("s3:*"))) == (
        "AccessDenied",
        f"{who}: kms:Decrypt on resource: {account.key_arn} because no identity-based policy "
        "allows the kms:Decrypt action",
        403,
    )
    assert get(acting(allow(["s3:GetObject", "kms:Decrypt"]))) == b"x"


def test_the_explanation_shows_both_gates(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.put_kms("o", b"x")
    code_of(get, s3=acting(allow("s3:*")))
    found = lab.explain()
    assert [(each["action"], each["allowed"]) for each in found.decisions] == [
        ("s3:GetObject", True),
        ("kms:Decrypt", False),
    ]
    assert "DENIED  kms:Decrypt" in capsys.readouterr().out
    code_of(get, s3=acting(allow("kms:*")))
    (only,) = lab.explain().decisions
    assert (only["action"], only["allowed"], only["reason"]) == (
        "s3:GetObject",
        False,
        "no-allow:identity-policy",
    )


def test_sse_s3_has_one_gate(account: Account) -> None:
    account.put("o", b"x")
    assert get(acting(allow("s3:GetObject"))) == b"x"


def test_writing_asks_for_data_keys(account: Account) -> None:
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    assert (
        "kms:GenerateDataKey" in told(put, s3=acting(allow(["s3:*", "kms:Decrypt"])), **by_kms)[1]
    )
    writer = acting(allow(["s3:PutObject", "kms:GenerateDataKey"]))
    put(writer, **by_kms)
    assert code_of(get, s3=writer) == "AccessDenied"


def test_a_refused_put_leaves_the_old_object(account: Account) -> None:
    account.put_kms("o", b"old")
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    code_of(put, s3=acting(allow("s3:*")), **by_kms)
    assert account.get("o") == b"old"


def test_the_key_policy_and_the_context(account: Account) -> None:
    """A key that serves S3 only, and one object only."""
    conditions = {
        "StringEquals": {
            "kms:ViaService": "s3.us-east-1.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": f"{ARN}/o",
        }
    }
    account.put_kms("o", b"x")
    account.put_kms("p", b"x")
    analyst = lab.as_role(
        "analyst",
        policy(allow("s3:*"), allow(["kms:Decrypt", "kms:GenerateDataKey"], Condition=conditions)),
    )
    assert get(analyst.client("s3")) == b"x"
    assert code_of(get, s3=analyst.client("s3"), key="p") == "AccessDenied"
    blob = lab.xray.s3_object(BUCKET, "o")["encrypted_data_key"]
    context = {"aws:s3:arn": f"{ARN}/o"}
    direct = {"CiphertextBlob": blob, "EncryptionContext": context}
    assert code_of(analyst.client("kms").decrypt, **direct) == "AccessDeniedException"


def test_a_bucket_key_changes_the_context(account: Account) -> None:
    one_object = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"{ARN}/o"}}
    account.put_kms("o", b"x", BucketKeyEnabled=True)
    reader = acting(allow("s3:*"), allow("kms:Decrypt", Condition=one_object))
    assert code_of(get, s3=reader) == "AccessDenied"
    whole = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": ARN}}
    assert get(acting(allow("s3:*"), allow("kms:Decrypt", Condition=whole))) == b"x"


def test_a_grant_is_enough(account: Account) -> None:
    account.put_kms("o", b"x")
    reader = acting(allow("s3:*"))
    account.kms.create_grant(
        KeyId=account.key_id,
        GranteePrincipal="arn:aws:iam::123456789012:role/analyst",
        Operations=["Decrypt"],
    )
    assert get(reader) == b"x"


def test_the_aws_managed_key_serves_s3_only(account: Account) -> None:
    put(account.s3, ServerSideEncryption="aws:kms")
    assert get(acting(allow("s3:*"))) == b"x"
    inside = lab.xray.s3_object(BUCKET, "o")
    direct = {
        "CiphertextBlob": inside["encrypted_data_key"],
        "EncryptionContext": inside["encryption_context"],
    }
    kms = lab.as_role("analyst", policy(allow("kms:*"))).client("kms")
    assert code_of(kms.decrypt, **direct) == "AccessDeniedException"


# Bucket policies


def test_a_bucket_policy_allows(account: Account) -> None:
    reader = acting(allow("kms:Decrypt"))
    account.put_kms("o", b"x")
    principal = {"AWS": "arn:aws:iam::123456789012:role/analyst"}
    bucket_policy(account, allow("s3:GetObject", f"{ARN}/*", Principal=principal))
    assert get(reader) == b"x"
    bucket_policy(
        account,
        allow("s3:GetObject", f"{ARN}/*", Principal=principal),
        deny("s3:GetObject", f"{ARN}/secret*", Principal="*"),
    )
    account.put_kms("secret", b"x")
    assert told(get, s3=reader, key="secret")[1].endswith(
        "with an explicit deny in a resource-based policy"
    )
    assert code_of(get, s3=account.s3, key="secret") == "AccessDenied"


def test_uploads_without_kms_are_refused(account: Account) -> None:
    """The policy that demands the header: the bucket's default does not count as one."""
    not_kms = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
    bucket_policy(account, deny("s3:PutObject", f"{ARN}/*", Principal="*", Condition=not_kms))
    account.configure("aws:kms", account.key_arn)
    assert code_of(put, s3=account.s3) == "AccessDenied"
    assert code_of(put, s3=account.s3, ServerSideEncryption="AES256") == "AccessDenied"
    put(account.s3, ServerSideEncryption="aws:kms")
    upload = {"Bucket": BUCKET, "Key": "m"}
    assert code_of(account.s3.create_multipart_upload, **upload) == "AccessDenied"
    begun = account.s3.create_multipart_upload(**upload, ServerSideEncryption="aws:kms")
    account.s3.upload_part(**upload, UploadId=begun["UploadId"], PartNumber=1, Body=b"x")


def test_one_key_is_demanded_by_its_arn(account: Account) -> None:
    name = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    bucket_policy(
        account,
        deny(
            "s3:PutObject",
            f"{ARN}/*",
            Principal="*",
            Condition={"StringNotEqualsIfExists": {name: account.key_arn}},
        ),
    )
    by_kms = {"ServerSideEncryption": "aws:kms"}
    other = account.kms.create_key()["KeyMetadata"]["Arn"]
    assert code_of(put, s3=account.s3, **by_kms, SSEKMSKeyId=other) == "AccessDenied"
    for named in (account.key_arn, account.key_id):
        put(account.s3, **by_kms, SSEKMSKeyId=named)


def test_tls_is_there(account: Account) -> None:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    bucket_policy(account, deny("s3:*", [ARN, f"{ARN}/*"], Principal="*", Condition=insecure))
    put(account.s3)


def test_plain_http_is_seen(account: Account) -> None:
    plain = boto3.client("s3", use_ssl=False)
    put(plain)
    account.put_kms("sealed", b"x")
    assert code_of(get, s3=plain, key="sealed") == "InvalidArgument"
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    bucket_policy(account, deny("s3:*", [ARN, f"{ARN}/*"], Principal="*", Condition=insecure))
    assert code_of(put, s3=plain) == "AccessDenied"
    assert code_of(get, s3=plain) == "AccessDenied"
    assert code_of(plain.list_objects_v2, Bucket=BUCKET) == "AccessDenied"
    assert get(account.s3) == b"x"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("nonsense", "Policies must be valid JSON and the first byte must be '{'"),
        (policy(allow("s3:*", f"{ARN}2/*", Principal="*")), "Policy has invalid resource"),
        (policy(allow("kms:*", f"{ARN}/*", Principal="*")), "Policy has invalid action"),
        (
            policy(allow("s3:*", f"{ARN}/*", Principal={"AWS": f"arn:aws:iam::{OTHER}:role/no"})),
            "Invalid principal in policy",
        ),
        (policy({"Effect": "Allow", "Principal": "*", "Action": "s3:*"}), "Missing required field"),
        ("{", "This policy contains invalid Json"),
        (policy(allow("s3:*", f"{ARN}/*")), "Missing required field Principal"),
    ],
)
def test_malformed_policies(account: Account, document: Any, text: str) -> None:
    given = document if isinstance(document, str) else json.dumps(document)
    code, found, status = told(account.s3.put_bucket_policy, Bucket=BUCKET, Policy=given)
    assert (code, status) == ("MalformedPolicy", 400)
    assert text in found
    assert code_of(account.s3.get_bucket_policy, Bucket=BUCKET) == "NoSuchBucketPolicy"


# Actions


def test_each_operation_has_its_action(account: Account) -> None:
    account.put("o", b"x")
    named = {"Bucket": BUCKET, "Key": "o"}
    for operation, members, action in (
        ("list_buckets", {}, "s3:ListAllMyBuckets"),
        ("create_bucket", {"Bucket": "another"}, "s3:CreateBucket"),
        ("list_objects_v2", {"Bucket": BUCKET}, "s3:ListBucket"),
        ("list_object_versions", {"Bucket": BUCKET}, "s3:ListBucketVersions"),
        ("get_bucket_encryption", {"Bucket": BUCKET}, "s3:GetEncryptionConfiguration"),
        ("delete_bucket_encryption", {"Bucket": BUCKET}, "s3:PutEncryptionConfiguration"),
        ("get_bucket_policy", {"Bucket": BUCKET}, "s3:GetBucketPolicy"),
        ("delete_object", named, "s3:DeleteObject"),
        ("get_object_tagging", named, "s3:GetObjectTagging"),
        ("create_multipart_upload", named, "s3:PutObject"),
        ("copy_object", {**named, "CopySource": "bucket/o"}, "s3:PutObject"),
        ("delete_bucket", {"Bucket": BUCKET}, "s3:DeleteBucket"),
    ):
        nobody = acting(allow("sqs:*"))
        assert f"to perform: {action} on" in told(getattr(nobody, operation), **members)[1]
        everything_else = acting(allow("*"), deny(action))
        assert code_of(getattr(everything_else, operation), **members) == "AccessDenied"


def test_the_source_of_a_copy_must_be_readable(account: Account) -> None:
    account.put("o", b"x")
    copier = acting(allow("s3:PutObject"))
    copy = {"Bucket": BUCKET, "Key": "c", "CopySource": f"{BUCKET}/o"}
    assert "s3:GetObject" in told(copier.copy_object, **copy)[1]
    acting(allow(["s3:PutObject", "s3:GetObject"])).copy_object(**copy)


def test_whether_an_object_is_missing_is_told_to_those_who_may_list(account: Account) -> None:
    reader = acting(allow("s3:GetObject"))
    assert "s3:ListBucket" in told(get, s3=reader, key="none")[1]
    assert told(reader.head_object, Bucket=BUCKET, Key="none")[2] == 403
    lister = acting(allow(["s3:GetObject", "s3:ListBucket"]))
    assert code_of(get, s3=lister, key="none") == "NoSuchKey"
    assert told(lister.head_object, Bucket=BUCKET, Key="none")[2] == 404


def test_each_object_of_a_batch_is_asked_for(account: Account) -> None:
    for key in ("a", "b"):
        account.put(key, b"x")
    remover = acting(allow("s3:DeleteObject", f"{ARN}/a"))
    batch = {"Objects": [{"Key": "a"}, {"Key": "b"}]}
    reply = remover.delete_objects(Bucket=BUCKET, Delete=batch)
    assert [each["Key"] for each in reply["Deleted"]] == ["a"]
    assert [(e["Key"], e["Code"]) for e in reply["Errors"]] == [("b", "AccessDenied")]
    assert account.get("b") == b"x"


def test_the_bucket_s_owner_can_be_expected(account: Account) -> None:
    account.put("o", b"x")
    named = {"Bucket": BUCKET, "Key": "o"}
    account.s3.get_object(**named, ExpectedBucketOwner="123456789012")
    assert code_of(account.s3.get_object, **named, ExpectedBucketOwner=OTHER) == "AccessDenied"


# Other accounts, and nobody


def test_another_account_needs_all_of_it(account: Account) -> None:
    account.put_kms("o", b"x")
    partner = acting(allow(["s3:GetObject", "kms:Decrypt"]), account=OTHER)
    assert told(get, s3=partner) == ("AccessDenied", "Access Denied", 403)
    bucket_policy(account, allow("s3:GetObject", f"{ARN}/*", Principal={"AWS": OTHER}))
    assert "kms:Decrypt on this resource because" in told(get, s3=partner)[1]
    key_policy = json.loads(account.kms.get_key_policy(KeyId=account.key_id)["Policy"])
    key_policy["Statement"].append(allow("kms:Decrypt", Principal={"AWS": OTHER}))
    account.kms.put_key_policy(KeyId=account.key_id, Policy=json.dumps(key_policy))
    assert get(partner) == b"x"
    assert code_of(get, s3=acting(allow("s3:*"), account=OTHER)) == "AccessDenied"


def test_the_aws_managed_key_is_not_for_other_accounts(account: Account) -> None:
    put(account.s3, ServerSideEncryption="aws:kms")
    bucket_policy(account, allow("s3:GetObject", f"{ARN}/*", Principal={"AWS": OTHER}))
    partner = acting(allow(["s3:*", "kms:*"]), account=OTHER)
    assert code_of(get, s3=partner) == "AccessDenied"


def test_an_alias_is_the_requester_s(account: Account) -> None:
    account.kms.create_alias(AliasName="alias/mine", TargetKeyId=account.key_id)
    bucket_policy(account, allow("s3:PutObject", f"{ARN}/*", Principal={"AWS": OTHER}))
    partner = acting(allow(["s3:*", "kms:*"]), account=OTHER)
    by_alias = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/mine"}
    code, text, _ = told(put, s3=partner, **by_alias)
    assert code == "KMS.NotFoundException" and OTHER in text


def test_unsigned_requests(account: Account) -> None:
    account.put("o", b"x")
    account.put_kms("k", b"x")
    nobody = boto3.client("s3", config=Config(signature_version=UNSIGNED))
    assert code_of(get, s3=nobody) == "AccessDenied"
    bucket_policy(account, allow("s3:GetObject", f"{ARN}/*", Principal="*"))
    assert get(nobody) == b"x"
    assert told(get, s3=nobody, key="k")[:2] == (
        "InvalidArgument",
        "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS "
        "Signature Version 4.",
    )


def test_presigned_requests(account: Account) -> None:
    """Who signed asks; KMS takes no signature of version 2, boto3's default in us-east-1."""
    account.put_kms("o", b"x")
    named = {"Params": {"Bucket": BUCKET, "Key": "o"}}
    older = account.s3.generate_presigned_url("get_object", **named)
    assert "require AWS Signature Version 4" in requests.get(older, timeout=5).text
    v4 = Config(signature_version="s3v4")
    reader = lab.as_role("analyst", policy(allow("s3:*")))
    url = reader.client("s3", config=v4).generate_presigned_url("get_object", **named)
    refused = requests.get(url, timeout=5)
    assert refused.status_code == 403 and "kms:Decrypt" in refused.text
    url = boto3.client("s3", config=v4).generate_presigned_url("get_object", **named)
    assert requests.get(url, timeout=5).content == b"x"


def test_presigned_uploads(account: Account) -> None:
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.key_arn}
    s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "o", **by_kms})
    headers = {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": account.key_arn,
    }
    assert requests.put(url, data=b"x", headers=headers, timeout=5).status_code == 200
    assert account.head("o")["SSEKMSKeyId"] == account.key_arn
    form = s3.generate_presigned_post(
        BUCKET, "posted", Fields=headers, Conditions=[{k: v} for k, v in headers.items()]
    )
    answer = requests.post(form["url"], data=form["fields"], files={"file": b"y"}, timeout=5)
    assert answer.status_code == 204
    assert account.head("posted")["SSEKMSKeyId"] == account.key_arn
    assert account.get("posted") == b"y"


def test_an_access_key_that_is_gone(account: Account) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    ada = boto3.client(
        "s3",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert code_of(ada.list_buckets) == "AccessDenied"
    iam.delete_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"])
    assert told(ada.list_buckets)[::2] == ("InvalidAccessKeyId", 403)


def test_writing_with_tags_takes_another_permission(account: Account) -> None:
    writer = acting(allow("s3:PutObject"))
    put(writer)
    found = told(put, s3=writer, Tagging="a=b")
    assert (found[0], "s3:PutObjectTagging" in found[1]) == ("AccessDenied", True)
    found = told(put, s3=writer, ACL="private")
    assert (found[0], "s3:PutObjectAcl" in found[1]) == ("AccessDenied", True)
    put(acting(allow(["s3:PutObject", "s3:PutObjectTagging"])), Tagging="a=b")


def test_attributes_take_the_permission_to_read(account: Account) -> None:
    account.put("o", b"x")
    named = {"Bucket": BUCKET, "Key": "o", "ObjectAttributes": ["ETag"]}
    found = told(acting(allow("s3:GetObjectAttributes")).get_object_attributes, **named)
    assert (found[0], "s3:GetObject on" in found[1]) == ("AccessDenied", True)
    both = acting(allow(["s3:GetObjectAttributes", "s3:GetObject"]))
    assert both.get_object_attributes(**named)["ETag"]


def test_deleting_versions_takes_another_permission(account: Account) -> None:
    account.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    versions = [account.put("o", b"x")["VersionId"] for _ in range(2)]
    listed = [{"Key": "o", "VersionId": versions[0]}, {"Key": "o"}]
    deleter = acting(allow("s3:DeleteObject"))
    found = deleter.delete_objects(Bucket=BUCKET, Delete={"Objects": listed})
    assert [each["Code"] for each in found["Errors"]] == ["AccessDenied"]
    assert [each["DeleteMarker"] for each in found["Deleted"]] == [True]
    assert account.get("o", VersionId=versions[0]) == b"x"
    deleter = acting(allow("s3:DeleteObjectVersion"))
    found = deleter.delete_objects(Bucket=BUCKET, Delete={"Objects": listed[:1]})
    assert found["Deleted"][0]["VersionId"] == versions[0]


def test_the_owners_of_both_buckets_of_a_copy(account: Account) -> None:
    """Of a copy both owners may be expected, each his own."""
    account.put("o", b"x")
    bucket_policy(account, allow("s3:GetObject", f"{ARN}/*", Principal={"AWS": OTHER}))
    theirs = acting(allow("s3:*"), account=OTHER)
    theirs.create_bucket(Bucket="their-bucket")
    copy = {"Bucket": "their-bucket", "Key": "c", "CopySource": f"{BUCKET}/o"}
    owners = {"ExpectedBucketOwner": OTHER, "ExpectedSourceBucketOwner": "123456789012"}
    theirs.copy_object(**copy, **owners)
    for name in owners:
        wrong = owners | {name: "333333333333"}
        assert code_of(theirs.copy_object, **copy, **wrong) == "AccessDenied"
    absent = copy | {"CopySource": f"{BUCKET}/absent"}
    assert code_of(theirs.copy_object, **absent) == "AccessDenied"


def test_a_key_for_one_vpc_endpoint_alone(account: Account) -> None:
    """S3's request for the caller comes through no endpoint of theirs: it needs an exception."""
    kms = boto3.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    owner = allow("kms:*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
    ours = {"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}
    use = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
    by_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    service = {"Bool": {"aws:ViaAWSService": "false"}}
    for condition in (ours, ours | service):
        document = policy(owner, deny(use, Principal="*", Condition=condition))
        kms.put_key_policy(KeyId=arn, Policy=json.dumps(document))
        assert code_of(kms.encrypt, KeyId=arn, Plaintext=b"x") == "AccessDeniedException"
        if condition is ours:
            assert code_of(put, s3=account.s3, **by_kms) == "AccessDenied"
    put(account.s3, **by_kms)
    assert get(account.s3) == b"x"
