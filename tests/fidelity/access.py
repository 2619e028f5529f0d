"""Cases: who may use a key, grants, the audit trail, AWS managed keys, custom key stores."""

import json
from functools import partial
from typing import Any

import boto3

from .case import Account, Section, refused, words

AUTHORIZATION = "tests/lab/kms/test_authorization.py"
GRANTS = "tests/lab/kms/test_grants.py"
PUT_POLICY = "tests/lab/kms/test_key_policies.py"
STORES = "tests/lab/kms/test_key_stores.py"
MODEL = "tests/lab/kms/test_model.py"
AUDIT = "tests/lab/test_audit.py"
KEY_POLICIES = "Developer Guide, Key policies in AWS KMS"
CROSS_ACCOUNT = "Developer Guide, Allowing users in other accounts to use a KMS key"
OWN, OTHER = "123456789012", "222222222222"

policies = Section("Who may use a key")
grants = Section("Grants")
audit = Section("The audit trail")
managed = Section("AWS managed keys and custom key stores")

Statement = dict[str, Any]


def allow(*actions: str, **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def deny(*actions: str, **more: Any) -> Statement:
    return {**allow(*actions, **more), "Effect": "Deny"}


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def root(of: str = OWN) -> Statement:
    """The account statement of a key policy: it leaves the account to its IAM policies."""
    return allow("kms:*", Principal={"AWS": f"arn:aws:iam::{of}:root"})


def arn_of(role: str) -> str:
    return f"arn:aws:iam::{OWN}:role/{role}"


def acting_as(role_arn: str, client: Any = boto3.client) -> Any:
    """Makes clients that call as this role: ``acting_as(...)("kms")``."""
    issued = client("sts").assume_role(RoleArn=role_arn, RoleSessionName="session")["Credentials"]
    return partial(
        boto3.client,
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )


def kms_as(role: str, *statements: Statement, of: str = OWN) -> Any:
    """KMS for a new role, which IAM allows these statements."""
    return clients_of(role, *statements, of=of)("kms")


def clients_of(role: str, *statements: Statement, of: str = OWN) -> Any:
    """Makes clients for a new role, which IAM allows these statements."""
    # Into another account the way is a role that is there already. Here none has to be.
    client: Any = boto3.client if of == OWN else acting_as(f"arn:aws:iam::{of}:role/admin")
    trust = document(allow("sts:AssumeRole", Principal={"AWS": OWN}))
    arn = client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    if statements:
        members = {"PolicyName": "p", "PolicyDocument": document(*statements)}
        client("iam").put_role_policy(RoleName=role, **members)
    return acting_as(arn, client)


def put_policy(account: Account, key: str, policy: str, **members: Any) -> str:
    # Plain moto wants the name, which KMS takes for granted.
    members |= {"KeyId": key, "Policy": policy, "PolicyName": "default"}
    return refused(account.kms.put_key_policy, **members) or "accepted"


def encrypt_as(kms: Any, key: str, **members: Any) -> str:
    return refused(kms.encrypt, KeyId=key, Plaintext=b"p", **members) or "encrypts"


@policies.case(
    "A role without any permission",
    aws="AccessDeniedException, with this text.",
    source="IAM User Guide, Troubleshoot access denied error messages",
    expected=f"AccessDeniedException: User: arn:aws:sts::{OWN}:assumed-role/app/session is not "
    "authorized to perform: kms:Encrypt on resource: KEYARN because no identity-based policy "
    "allows the kms:Encrypt action",
    test=f"{AUTHORIZATION}::test_whom_nothing_allows_gets_nothing",
)
def no_permission(account: Account) -> str:
    return words(kms_as("app").encrypt, KeyId=account.key(), Plaintext=b"p") or "encrypts"


@policies.case(
    "A role that IAM allows, under the default key policy",
    aws="The default key policy leaves it to IAM, so IAM's permission is enough.",
    source="Developer Guide, Default key policy",
    expected="encrypts",
    test=f"{AUTHORIZATION}::test_the_account_statement_leaves_it_to_iam",
)
def iam_allows(account: Account) -> str:
    return encrypt_as(kms_as("app", allow("kms:Encrypt")), account.key())


@policies.case(
    "A role that IAM allows, under a key policy without the account statement",
    aws="Nobody has access unless the key policy says so; IAM's permission has no effect.",
    source="Developer Guide, Default key policy",
    expected="AccessDeniedException",
    test=f"{AUTHORIZATION}::test_without_the_account_statement_iam_allows_nothing",
)
def no_account_statement(account: Account) -> str:
    role = kms_as("app", allow("kms:*"))
    kms_as("keeper")
    policy = document(allow("kms:*", Principal={"AWS": arn_of("keeper")}))
    key = account.key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    return encrypt_as(role, key)


@policies.case(
    "A deny in an IAM policy against an allow in the key policy",
    aws="A deny wins, wherever it stands.",
    source="IAM User Guide, Policy evaluation logic",
    expected="AccessDeniedException",
    test=f"{AUTHORIZATION}::test_a_deny_in_iam_counts_without_the_account_statement",
)
def iam_denies(account: Account) -> str:
    role = kms_as("app", deny("kms:Encrypt"))
    statement = allow("kms:Encrypt", Principal={"AWS": arn_of("app")})
    return encrypt_as(role, account.key(Policy=document(root(), statement)))


@policies.case(
    "A deny in the key policy against the account's administrator",
    aws="Holds for every principal that it names.",
    source=KEY_POLICIES,
    expected="AccessDeniedException",
    test=f"{AUTHORIZATION}::test_a_deny_in_the_key_policy_holds_for_the_administrator",
)
def key_policy_denies(account: Account) -> str:
    stop = deny("kms:Encrypt", Principal="*")
    return encrypt_as(account.kms, account.key(Policy=document(root(), stop)))


@policies.case(
    "A condition on the encryption context",
    aws="kms:EncryptionContext: conditions tie a permission to a pair of the context.",
    source="Developer Guide, Condition keys for AWS KMS",
    expected="tenant a: encrypts, tenant b: AccessDeniedException",
    test=f"{AUTHORIZATION}::test_conditions_on_the_encryption_context_of_each_half",
)
def context_condition(account: Account) -> str:
    only = {"StringEquals": {"kms:EncryptionContext:tenant": "a"}}
    role, key = kms_as("app", allow("kms:Encrypt", Condition=only)), account.key()
    return ", ".join(
        f"tenant {name}: {encrypt_as(role, key, EncryptionContext={'tenant': name})}"
        for name in "ab"
    )


@policies.case(
    "A condition on kms:ViaService, and a direct call",
    aws="A permission for use through Amazon S3 allows no direct call.",
    source="Developer Guide, Condition keys for AWS KMS",
    expected="AccessDeniedException",
    test=f"{AUTHORIZATION}::test_a_caller_through_a_service",
)
def via_service(account: Account) -> str:
    through = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    return encrypt_as(kms_as("app", allow("kms:*", Condition=through)), account.key())


@policies.case(
    "IAM policies on condition of a key's alias and of a key's tag",
    aws="The alias or the tag decides; whoever sets it changes who may use the key.",
    source="Developer Guide, ABAC for AWS KMS",
    expected="before: AccessDeniedException, AccessDeniedException; with both: encrypts, encrypts",
    test=f"{AUTHORIZATION}::test_conditions_on_aliases",
)
def alias_and_tag_conditions(account: Account) -> str:
    key = account.key()
    wanted = {
        "alias": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/pay"}},
        "tag": {"StringEquals": {"aws:ResourceTag/team": "pay"}},
    }
    roles = [kms_as(name, allow("kms:Encrypt", Condition=each)) for name, each in wanted.items()]
    before = ", ".join(encrypt_as(role, key) for role in roles)
    account.kms.create_alias(AliasName="alias/pay", TargetKeyId=key)
    account.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "pay"}])
    return f"before: {before}; with both: {', '.join(encrypt_as(role, key) for role in roles)}"


@policies.case(
    "A role of another account",
    aws="Needs both: the key policy lets its account in, and its own IAM policy allows it.",
    source=CROSS_ACCOUNT,
    expected="IAM: AccessDeniedException, key policy: AccessDeniedException, both: encrypts",
    test=f"{AUTHORIZATION}::test_another_account_needs_both_sides",
)
def cross_account(account: Account) -> str:
    strong, weak = kms_as("strong", allow("kms:*"), of=OTHER), kms_as("weak", of=OTHER)
    keys = account.key(), account.key(Policy=document(root(), root(OTHER)))
    closed, open_to_it = (account.metadata(key)["Arn"] for key in keys)
    return (
        f"IAM: {encrypt_as(strong, closed)}, key policy: {encrypt_as(weak, open_to_it)}, "
        f"both: {encrypt_as(strong, open_to_it)}"
    )


@policies.case(
    "DisableKey from another account",
    aws="Management stays in the key's account, whatever the policies say.",
    source="API reference, DisableKey",
    expected="refused",
    test=f"{AUTHORIZATION}::test_another_account_needs_both_sides",
)
def manage_from_elsewhere(account: Account) -> str:
    strong = kms_as("strong", allow("kms:*"), of=OTHER)
    arn = account.metadata(account.key(Policy=document(root(), root(OTHER))))["Arn"]
    return "refused" if refused(strong.disable_key, KeyId=arn) else "disables the key"


@policies.case(
    "A key policy that would lock its author out",
    aws="Refused, unless BypassPolicyLockoutSafetyCheck is set.",
    source="API reference, PutKeyPolicy",
    expected="MalformedPolicyDocumentException; with the bypass: accepted",
    test=f"{PUT_POLICY}::test_the_lock_out_check_can_be_bypassed",
)
def lock_out(account: Account) -> str:
    key = account.key()
    kms_as("app")
    only = document(allow("kms:Encrypt", Principal={"AWS": arn_of("app")}))
    checked = put_policy(account, key, only)
    bypassed = put_policy(account, key, only, BypassPolicyLockoutSafetyCheck=True)
    return f"{checked}; with the bypass: {bypassed}"


@policies.case(
    "A key policy that is no policy",
    aws="Refused.",
    source="API reference, PutKeyPolicy",
    expected="MalformedPolicyDocumentException",
    test=f"{PUT_POLICY}::test_what_is_no_key_policy",
)
def no_policy(account: Account) -> str:
    wrong = document({"Effect": "Perhaps", "Principal": "*", "Action": "kms:*", "Resource": "*"})
    return put_policy(account, account.key(), wrong)


@policies.case(
    "A key policy that names a principal that does not exist",
    aws="Refused: principals must exist and be visible to KMS.",
    source="API reference, PutKeyPolicy",
    expected="MalformedPolicyDocumentException",
    test=f"{PUT_POLICY}::test_principals_that_exist",
)
def no_principal(account: Account) -> str:
    nobody = document(root(), allow("kms:Encrypt", Principal={"AWS": arn_of("nobody")}))
    return put_policy(account, account.key(), nobody)


def granted(account: Account, key: str, **members: Any) -> dict[str, Any]:
    """A grant to the role app: to encrypt, unless ``members`` say otherwise."""
    request = {"GranteePrincipal": arn_of("app"), "Operations": ["Encrypt"], **members}
    return dict(account.kms.create_grant(KeyId=key, **request))


@grants.case(
    "What a grant allows",
    aws="Its operations, for its grantee, and nothing else.",
    source="API reference, CreateGrant",
    expected="encrypts; DescribeKey: AccessDeniedException",
    test=f"{GRANTS}::test_a_grant_lets_its_grantee_do_its_operations",
)
def grant(account: Account) -> str:
    role, key = kms_as("app"), account.key()
    granted(account, key)
    describe = refused(role.describe_key, KeyId=key) or "works"
    return f"{encrypt_as(role, key)}; DescribeKey: {describe}"


@grants.case(
    "A grant that is constrained by the encryption context",
    aws="Allows requests with these pairs only.",
    source="API reference, GrantConstraints",
    expected="tenant a: encrypts, tenant b: AccessDeniedException",
    test=f"{GRANTS}::test_constraints_on_the_encryption_context",
)
def constrained(account: Account) -> str:
    role, key = kms_as("app"), account.key()
    granted(account, key, Constraints={"EncryptionContextSubset": {"tenant": "a"}})
    return ", ".join(
        f"tenant {name}: {encrypt_as(role, key, EncryptionContext={'tenant': name})}"
        for name in "ab"
    )


@grants.case(
    "A grant token, and a text that is none",
    aws="A token makes a new grant valid at once; what no grant has made is refused.",
    source="API reference, Encrypt (GrantTokens)",
    expected="token: encrypts, no token: InvalidGrantTokenException",
    test=f"{GRANTS}::test_a_token_is_taken_and_a_wrong_one_is_not",
)
def grant_token(account: Account) -> str:
    role, key = kms_as("app"), account.key()
    token = granted(account, key)["GrantToken"]
    with_token = encrypt_as(role, key, GrantTokens=[token])
    return f"token: {with_token}, no token: {encrypt_as(role, key, GrantTokens=['none'])}"


@grants.case(
    "A grant is retired by its retiring principal",
    aws="The grant says who may; no other permission is needed. The permission is gone.",
    source="API reference, RetireGrant",
    expected="retired, then AccessDeniedException",
    test=f"{GRANTS}::test_who_may_retire",
)
def retire(account: Account) -> str:
    role, helper, key = kms_as("app"), kms_as("helper"), account.key()
    made = granted(account, key, RetiringPrincipal=arn_of("helper"))
    done = refused(helper.retire_grant, GrantToken=made["GrantToken"]) or "retired"
    return f"{done}, then {encrypt_as(role, key)}"


@grants.case(
    "A grant is revoked",
    aws="By whoever administers the key. The permission is gone.",
    source="API reference, RevokeGrant",
    expected="revoked, then AccessDeniedException",
    test=f"{GRANTS}::test_revoking_needs_a_permission_for_the_key",
)
def revoke(account: Account) -> str:
    role, key = kms_as("app"), account.key()
    made = granted(account, key)
    done = refused(account.kms.revoke_grant, KeyId=key, GrantId=made["GrantId"]) or "revoked"
    return f"{done}, then {encrypt_as(role, key)}"


@grants.case(
    "CreateGrant by a user, allowed if kms:GrantIsForAWSResource is true",
    aws="It is true only if an AWS service creates the grant for the user. The user directly gets "
    "AccessDeniedException.",
    source="Amazon EBS User Guide, Requirements for Amazon EBS encryption",
    expected="AccessDeniedException",
    test=f"{AUTHORIZATION}::test_conditions_on_grants",
)
def grant_for_a_service(account: Account) -> str:
    by_service = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    role = kms_as("app", allow("kms:CreateGrant", Condition=by_service))
    members = {"GranteePrincipal": arn_of("app"), "Operations": ["Decrypt"]}
    return refused(role.create_grant, KeyId=account.key(), **members) or "created"


@grants.case(
    "Grants on a disabled key",
    aws="None can be made; one that is there can be retired.",
    source="Developer Guide, Key states of AWS KMS keys",
    expected="DisabledException, then retired",
    test=f"{GRANTS}::test_a_key_that_is_not_enabled_takes_no_grant",
)
def grants_on_disabled_key(account: Account) -> str:
    role, key = kms_as("app"), account.key()
    made = granted(account, key, Operations=["Encrypt", "RetireGrant"])
    account.kms.disable_key(KeyId=key)
    members = {"GranteePrincipal": arn_of("app"), "Operations": ["Decrypt"]}
    said = refused(account.kms.create_grant, KeyId=key, **members) or "created"
    return f"{said}, then {refused(role.retire_grant, GrantToken=made['GrantToken']) or 'retired'}"


def recorded(name: str) -> dict[str, Any]:
    """The last event of this name in CloudTrail's event history."""
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    found = boto3.client("cloudtrail").lookup_events(LookupAttributes=[attribute])
    return dict(json.loads(found["Events"][0]["CloudTrailEvent"]))


@audit.case(
    "What CloudTrail shows of an Encrypt",
    aws="The encryption context in the clear; never the plaintext.",
    source="Developer Guide, Logging AWS KMS API calls with AWS CloudTrail",
    expected="tenant=a; plaintext: no",
    test=f"{AUDIT}::test_no_plaintext_ciphertext_or_signature_is_in_it",
)
def encrypt_event(account: Account) -> str:
    members = {"Plaintext": b"4711 4711 4711", "EncryptionContext": {"tenant": "a"}}
    account.kms.encrypt(KeyId=account.key(), **members)
    event = recorded("Encrypt")
    context = event["requestParameters"]["encryptionContext"]
    shown = "4711 4711" in json.dumps(event) or "NDcxMSA0NzEx" in json.dumps(event)
    pairs = ", ".join(f"{name}={value}" for name, value in context.items())
    return f"{pairs}; plaintext: {'yes' if shown else 'no'}"


@audit.case(
    "What CloudTrail shows of a Decrypt that names no key",
    aws="The key that the ciphertext names, its key material, and the algorithm.",
    source="Developer Guide, Logging AWS KMS API calls with AWS CloudTrail (Decrypt)",
    expected="the key, its material, SYMMETRIC_DEFAULT",
    test=f"{AUDIT}::test_a_cryptographic_call",
)
def decrypt_event(account: Account) -> str:
    key = account.key()
    blob = account.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    account.kms.decrypt(CiphertextBlob=blob)
    event, found = recorded("Decrypt"), account.metadata(key)
    seen = ["the key"] if event["resources"][0]["ARN"] == found["Arn"] else []
    if event["additionalEventData"]["keyMaterialId"] == found["CurrentKeyMaterialId"]:
        seen.append("its material")
    return ", ".join([*seen, event["requestParameters"]["encryptionAlgorithm"]])


@audit.case(
    "What CloudTrail shows of PutKeyPolicy",
    aws="Who called, and the new policy.",
    source="Developer Guide, Logging AWS KMS API calls with AWS CloudTrail (PutKeyPolicy)",
    expected="admin; the new policy",
    test=f"{AUDIT}::test_a_new_key_policy_is_shown",
)
def policy_event(account: Account) -> str:
    new = document(root(), allow("kms:Decrypt", Principal={"AWS": OWN}))
    account.kms.put_key_policy(KeyId=account.key(), Policy=new, PolicyName="default")
    event = recorded("PutKeyPolicy")
    shown = event["requestParameters"]["policy"]
    who = event["userIdentity"]["userName"]
    return f"{who}; {'the new policy' if shown == new else 'no policy'}"


@audit.case(
    "A denied call from another account",
    aws="Is in the trail of the caller's account alone.",
    source="Developer Guide, Logging AWS KMS API calls with AWS CloudTrail",
    expected="the key's account: no, the caller's: yes",
    test=f"{AUDIT}::test_a_denied_call_is_told_to_the_callers_account_alone",
)
def denied_from_elsewhere(account: Account) -> str:
    strong = clients_of("strong", allow("kms:*", "cloudtrail:*"), of=OTHER)
    refused(strong("kms").describe_key, KeyId=account.metadata(account.key())["Arn"])
    shown = []
    for trail in (boto3.client("cloudtrail"), strong("cloudtrail")):
        events = trail.lookup_events()["Events"]
        shown.append(any("AccessDenied" in event["CloudTrailEvent"] for event in events))
    mine, theirs = ("yes" if each else "no" for each in shown)
    return f"the key's account: {mine}, the caller's: {theirs}"


@audit.case(
    "What CloudTrail shows of ReplicateKey",
    aws="ReplicateKey in the primary key's Region, CreateKey in the replica's.",
    source="API reference, ReplicateKey",
    expected="us-east-1: CreateKey, ReplicateKey; eu-west-1: CreateKey",
    test=f"{AUDIT}::test_a_replica_is_created_in_its_region",
)
def replicate_event(account: Account) -> str:
    account.kms.replicate_key(KeyId=account.key(MultiRegion=True), ReplicaRegion="eu-west-1")
    shown = []
    for region in ("us-east-1", "eu-west-1"):
        trail = boto3.client("cloudtrail", region_name=region)
        names = [event["EventName"] for event in trail.lookup_events()["Events"]]
        shown.append(f"{region}: {', '.join(reversed(names))}")
    return "; ".join(shown)


@managed.case(
    "Encrypt under an AWS managed key",
    aws="Its key policy allows the use through its service only, to nobody directly.",
    source="Developer Guide, AWS KMS concepts (AWS managed keys)",
    expected="AccessDeniedException",
    test=f"{MODEL}::test_an_aws_managed_key_cannot_be_used_or_changed",
)
def aws_managed(account: Account) -> str:
    return encrypt_as(account.kms, account.metadata("alias/aws/s3")["KeyId"])


@managed.case(
    "CreateKey in a custom key store that does not exist",
    aws="Refused.",
    source="API reference, CreateKey",
    expected="CustomKeyStoreNotFoundException",
    test=f"{STORES}::test_there_is_none",
)
def no_store(account: Account) -> str:
    members = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1234567890abcdef0"}
    return refused(account.kms.create_key, **members) or "makes a key"


@managed.case(
    "DescribeCustomKeyStores of an account without any",
    aws="An empty list.",
    source="API reference, DescribeCustomKeyStores",
    expected="0 stores",
    test=f"{STORES}::test_there_is_none",
)
def stores(account: Account) -> str:
    return f"{len(account.kms.describe_custom_key_stores()['CustomKeyStores'])} stores"
