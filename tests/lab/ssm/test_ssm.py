"""Parameter Store: what KMS does behind every SecureString, and what lies at rest."""

import base64
import gc
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.ssm.models import ssm_backends

from helpers import lab
from helpers.lab.ssm.models import SecureParameter

Members = dict[str, Any]

ACCOUNT, OTHER, REGION = "123456789012", "222222222222", "us-east-1"
DEFAULT = "alias/aws/ssm"
TIERS = ("Standard", "Advanced")
INTERNAL = ("InternalServerError", "An error occurred on the server side.")


@pytest.fixture(scope="module")
def opened() -> Iterator[BaseClient]:
    lab.open(seed=1)
    # What is damaged at rest stays so: no need to try again.
    yield boto3.client("ssm", config=Config(retries={"total_max_attempts": 1}))
    lab.close()


@pytest.fixture
def ssm(opened: BaseClient) -> BaseClient:
    lab.reset()
    return opened


@pytest.fixture
def kms(ssm: BaseClient) -> BaseClient:
    return boto3.client("kms")


def new_key(kms: BaseClient, **members: Any) -> str:
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


def put(ssm: BaseClient, value: str = "hunter2", name: str = "/app/db", **members: Any) -> Members:
    return ssm.put_parameter(Name=name, Value=value, **{"Type": "SecureString"} | members)


def value(ssm: BaseClient, name: str = "/app/db", decrypt: bool = True) -> str:
    return ssm.get_parameter(Name=name, WithDecryption=decrypt)["Parameter"]["Value"]


def context(name: str = "/app/db") -> dict[str, str]:
    return {"PARAMETER_ARN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/')}"}


def refusal(operation: Callable[..., Any], **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**members)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def of_kms(code: str, text: str) -> str:
    """KMS's error in the form in which Parameter Store tells it, of the last call to KMS."""
    request_id = lab.events()[-1]["requestID"]
    return (
        f"{text} (Service: AWSKMS; Status Code: 400; Error Code: {code}; "
        f"Request ID: {request_id}; Proxy: null)"
    )


def role(name: str, *actions: str, resource: str = "*", account: str = ACCOUNT) -> BaseClient:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": statement} if actions else None
    return lab.as_role(name, policy, account=account).client("ssm")


def kms_calls() -> list[tuple[str, Members]]:
    """What Parameter Store asked of KMS: operation and encryption context."""
    return [
        (event["eventName"], event["requestParameters"]["encryptionContext"])
        for event in lab.events(1000)
        if event["userIdentity"].get("invokedBy") == "ssm.amazonaws.com"
    ]


def at_rest(name: str = "/app/db", version: int = -1) -> Members:
    return lab.xray.parameter(name)["versions"][version]


# What KMS sees


def test_a_standard_parameter_is_encrypted_by_kms_itself(ssm: BaseClient) -> None:
    assert put(ssm)["Tier"] == "Standard"
    assert kms_calls() == [("Encrypt", context())]
    blob = value(ssm, decrypt=False)
    assert len(kms_calls()) == 1  # to give the ciphertext away, KMS isn't needed
    assert base64.b64decode(blob) == at_rest()["ciphertext_blob"]
    assert value(ssm) == "hunter2"
    assert kms_calls()[1:] == [("Decrypt", context())]
    event = lab.events()[-1]
    assert event["userIdentity"]["userName"] == "admin"
    assert event["sourceIPAddress"] == "ssm.amazonaws.com"
    assert "keyId" not in event["requestParameters"]
    assert "hunter2" not in json.dumps(lab.events(), default=str)


def test_an_advanced_parameter_is_an_envelope(ssm: BaseClient) -> None:
    assert put(ssm, "x" * 8192, Tier="Advanced")["Tier"] == "Advanced"
    assert kms_calls() == [("GenerateDataKey", context())]
    assert base64.b64decode(value(ssm, decrypt=False)) == at_rest()["message"]
    assert value(ssm) == "x" * 8192
    assert kms_calls()[1:] == [("Decrypt", context())]


def test_the_ciphertext_opens_with_kms_alone(ssm: BaseClient, kms: BaseClient) -> None:
    put(ssm, KeyId=new_key(kms))
    blob = base64.b64decode(value(ssm, decrypt=False))
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context())
    assert opened["Plaintext"] == b"hunter2"
    assert refusal(kms.decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"


def test_the_default_key_is_made_when_it_is_needed(ssm: BaseClient, kms: BaseClient) -> None:
    put(ssm, name="plain", Type="String")
    assert kms.list_keys()["Keys"] == []
    put(ssm)
    metadata = kms.describe_key(KeyId=DEFAULT)["KeyMetadata"]
    assert metadata["KeyManager"] == "AWS"
    assert at_rest()["key_arn"] == metadata["Arn"]
    put(ssm, name="other", KeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:{DEFAULT}")
    assert len(kms.list_keys()["Keys"]) == 1
    # Everybody in the account who may read the parameter may use the key, through the service.
    assert value(role("app", "ssm:GetParameter")) == "hunter2"
    assert refusal(kms.encrypt, KeyId=DEFAULT, Plaintext=b"x")[0] == "AccessDeniedException"


def test_the_default_key_named_by_its_arn_first(ssm: BaseClient) -> None:
    put(ssm, KeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:{DEFAULT}")
    assert value(ssm) == "hunter2"


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias arn"])
def test_a_customer_managed_key(ssm: BaseClient, kms: BaseClient, form: str, tier: str) -> None:
    arn = new_key(kms)
    kms.create_alias(AliasName="alias/app", TargetKeyId=arn)
    alias_arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/app"
    named = {"id": arn[-36:], "arn": arn, "alias": "alias/app", "alias arn": alias_arn}[form]
    put(ssm, KeyId=named, Tier=tier)
    [described] = ssm.describe_parameters()["Parameters"]
    assert described["KeyId"] == named
    assert "Value" not in described
    assert at_rest()["key_arn"] == arn
    assert value(ssm) == "hunter2"
    filters = [{"Key": "KeyId", "Values": [named]}]
    assert len(ssm.describe_parameters(ParameterFilters=filters)["Parameters"]) == 1


def test_what_is_shown_of_the_default_key(ssm: BaseClient) -> None:
    put(ssm)
    [described] = ssm.describe_parameters()["Parameters"]
    assert described["KeyId"] == DEFAULT


def test_all_ways_to_read(ssm: BaseClient) -> None:
    put(ssm)
    put(ssm, "big", "/app/big", Tier="Advanced")
    put(ssm, "clear", "/app/plain", Type="String")
    wanted = {"/app/db": "hunter2", "/app/big": "big", "/app/plain": "clear"}

    def values(parameters: list[Members]) -> dict[str, str]:
        return {each["Name"]: each["Value"] for each in parameters}

    found = ssm.get_parameters(Names=[*wanted, "none"], WithDecryption=True)
    assert values(found["Parameters"]) == wanted
    assert found["InvalidParameters"] == ["none"]
    by_path = ssm.get_parameters_by_path(Path="/app", WithDecryption=True)["Parameters"]
    assert values(by_path) == wanted
    [version] = ssm.get_parameter_history(Name="/app/big", WithDecryption=True)["Parameters"]
    assert (version["Value"], version["KeyId"]) == ("big", DEFAULT)
    arn = context()["PARAMETER_ARN"]
    assert value(ssm, arn) == "hunter2"
    before = len(kms_calls())
    for parameters in (
        ssm.get_parameters(Names=["/app/db", "/app/plain"])["Parameters"],
        ssm.get_parameters_by_path(Path="/app")["Parameters"],
        ssm.get_parameter_history(Name="/app/db")["Parameters"],
    ):
        assert "hunter2" not in values(parameters).values()
        assert values(parameters).get("/app/plain", "clear") == "clear"
    assert len(kms_calls()) == before


def test_what_is_no_secure_string_asks_kms_nothing(ssm: BaseClient, kms: BaseClient) -> None:
    put(ssm, "a,b", "list", Type="StringList")
    put(ssm, "clear", "plain", Type="String", Tier="Advanced")
    assert (value(ssm, "list"), value(ssm, "plain")) == ("a,b", "clear")
    assert value(ssm, "plain", decrypt=False) == "clear"
    assert kms_calls() == []
    assert at_rest("plain")["value"] == "clear"


# Versions


def test_each_version_keeps_its_own_key(ssm: BaseClient, kms: BaseClient) -> None:
    one, two = new_key(kms), new_key(kms)
    put(ssm, "1", KeyId=one)
    put(ssm, "2", KeyId=two, Overwrite=True, Tier="Advanced")
    assert put(ssm, "3", Overwrite=True)["Version"] == 3  # no key is named: the default key's
    versions = lab.xray.parameter("/app/db")["versions"]
    default = kms.describe_key(KeyId=DEFAULT)["KeyMetadata"]["Arn"]
    assert [each["key_arn"] for each in versions] == [one, two, default]
    ssm.label_parameter_version(Name="/app/db", ParameterVersion=2, Labels=["good"])
    assert [value(ssm, f"/app/db:{which}") for which in (1, "good", 3)] == ["1", "2", "3"]
    kms.disable_key(KeyId=two)
    assert refusal(value, ssm=ssm, name="/app/db:good")[0] == "InvalidKeyId"
    assert value(ssm, "/app/db:1") == "1"
    history = ssm.get_parameter_history
    assert refusal(history, Name="/app/db", WithDecryption=True)[0] == "InvalidKeyId"
    kms.enable_key(KeyId=two)
    found = history(Name="/app/db", WithDecryption=True)["Parameters"]
    assert [each["Value"] for each in found] == ["1", "2", "3"]
    assert [each["KeyId"] for each in found] == [one, two, DEFAULT]


def test_the_type_need_not_be_named_again(ssm: BaseClient) -> None:
    put(ssm)
    ssm.put_parameter(Name="/app/db", Value="two", Overwrite=True)
    assert [at_rest(version=n)["type"] for n in (0, 1)] == ["SecureString"] * 2
    assert (value(ssm), value(ssm, "/app/db:1")) == ("two", "hunter2")


def test_a_hundred_versions(ssm: BaseClient, kms: BaseClient) -> None:
    for number in range(101):
        put(ssm, str(number), Overwrite=True)
    versions = lab.xray.parameter("/app/db")["versions"]
    assert (len(versions), versions[0]["version"]) == (100, 2)
    # Where KMS refuses, the oldest isn't lost for it.
    assert refusal(put, ssm=ssm, KeyId="alias/none", Overwrite=True)[0] == "InvalidKeyId"
    assert lab.xray.parameter("/app/db")["versions"] == versions
    assert value(ssm, "/app/db:2") == "1"


def test_many_write_at_once(ssm: BaseClient) -> None:
    def write(number: int) -> int:
        tier = TIERS[number % 2] if number else TIERS[0]
        try:
            return put(ssm, str(number), Overwrite=True, Tier=tier)["Version"]
        except ClientError as error:  # an advanced one came first: there is no way back
            assert error.response["Error"]["Code"] == "ValidationException"
            return 0

    with ThreadPoolExecutor(8) as pool:
        made = [version for version in pool.map(write, range(24)) if version]
    assert sorted(made) == list(range(1, len(made) + 1))
    found = ssm.get_parameter_history(Name="/app/db", WithDecryption=True)["Parameters"]
    assert len({each["Value"] for each in found}) == len(made)
    assert all(each["Value"].isdigit() for each in found)


def test_delete(ssm: BaseClient) -> None:
    put(ssm)
    put(ssm, name="other")
    ssm.delete_parameter(Name="/app/db")
    assert ssm.delete_parameters(Names=["other", "none"])["DeletedParameters"] == ["other"]
    assert refusal(ssm.get_parameter, Name="/app/db")[0] == "ParameterNotFound"
    put(ssm, "anew")
    assert (value(ssm), at_rest()["version"]) == ("anew", 1)


# Tiers


def test_sizes(ssm: BaseClient) -> None:
    too_large = (
        "ValidationException",
        "Standard tier parameters support a maximum parameter value of 4096 characters. To create "
        "a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For "
        "more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
        "parameter-store-advanced-parameters.html",
    )
    put(ssm, "x" * 4096)
    for kind in ("SecureString", "String"):
        assert refusal(put, ssm=ssm, value="x" * 4097, name="n", Type=kind) == too_large
    code, text = refusal(put, ssm=ssm, value="x" * 8193, name="n", Tier="Advanced")
    assert code == "ValidationException"
    assert text.endswith("support a maximum parameter value of 8192 characters.")
    assert refusal(put, ssm=ssm, name="n", Tier="none")[0] == "ValidationException"
    assert [each["Name"] for each in ssm.describe_parameters()["Parameters"]] == ["/app/db"]


def test_intelligent_tiering(ssm: BaseClient) -> None:
    assert put(ssm, "x" * 4096, Tier="Intelligent-Tiering")["Tier"] == "Standard"
    larger = put(ssm, "x" * 4097, Tier="Intelligent-Tiering", Overwrite=True)
    assert larger["Tier"] == "Advanced"
    again = put(ssm, "x", Tier="Intelligent-Tiering", Overwrite=True)
    assert again["Tier"] == "Advanced"  # there is no way back
    assert [name for name, _ in kms_calls()] == ["Encrypt", "GenerateDataKey", "GenerateDataKey"]


def test_standard_becomes_advanced_and_never_back(ssm: BaseClient) -> None:
    put(ssm)
    put(ssm, "two", Tier="Advanced", Overwrite=True)
    code, text = refusal(put, ssm=ssm, value="three", Tier="Standard", Overwrite=True)
    assert code == "ValidationException"
    assert text.startswith("This parameter uses the advanced-parameter tier. You can't downgrade")
    assert (value(ssm), value(ssm, "/app/db:1")) == ("two", "hunter2")


# A key that can't be used


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("state", ["disabled", "pending deletion"])
def test_the_state_of_the_key(ssm: BaseClient, kms: BaseClient, state: str, tier: str) -> None:
    key = new_key(kms)
    put(ssm, KeyId=key, Tier=tier)
    if state == "disabled":
        kms.disable_key(KeyId=key)
        code = "DisabledException"
    else:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        code = "KMSInvalidStateException"
    before = lab.xray.parameter("/app/db")
    for call in (
        lambda: value(ssm),
        lambda: put(ssm, "new", KeyId=key, Overwrite=True, Tier=tier),
        lambda: put(ssm, "new", "/app/other", KeyId=key, Tier=tier),
        lambda: ssm.get_parameters(Names=["/app/db"], WithDecryption=True),
        lambda: ssm.get_parameters_by_path(Path="/app", WithDecryption=True),
    ):
        assert refusal(call) == ("InvalidKeyId", of_kms(code, f"{key} is {state}."))
    assert lab.xray.parameter("/app/db") == before
    assert len(ssm.describe_parameters()["Parameters"]) == 1
    value(ssm, decrypt=False)
    if state == "pending deletion":
        kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert value(ssm) == "hunter2"  # nothing was lost


def test_a_key_that_is_gone(ssm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    put(ssm, KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    lab.clock.advance(days=8)
    missing = (
        "The ciphertext refers to a customer master key that does not exist, does not exist in "
        "this region, or you are not allowed to access."
    )
    denied = "AccessDeniedException"
    assert refusal(value, ssm=ssm) == (denied, of_kms(denied, missing))
    put(ssm, "new", Overwrite=True)
    assert value(ssm) == "new"


def test_a_key_that_never_was(ssm: BaseClient, kms: BaseClient) -> None:
    account = f"arn:aws:kms:{REGION}:{ACCOUNT}"
    absent = f"{account}:key/11111111-2222-3333-4444-555555555555"
    for key_id, text in (
        ("alias/none", f"Alias {account}:alias/none is not found."),
        (absent, f"Key '{absent}' does not exist"),
        ("none", "Invalid keyId 'none'"),
    ):
        told = refusal(put, ssm=ssm, KeyId=key_id)
        assert told == ("InvalidKeyId", of_kms("NotFoundException", text))
    elsewhere = f"arn:aws:kms:{REGION}:{OTHER}:key/11111111-2222-3333-4444-555555555555"
    assert refusal(put, ssm=ssm, KeyId=elsewhere)[0] == "AccessDeniedException"
    assert ssm.describe_parameters()["Parameters"] == []
    assert refusal(ssm.get_parameter, Name="/app/db")[0] == "ParameterNotFound"


@pytest.mark.parametrize("tier", TIERS)
def test_only_symmetric_keys(ssm: BaseClient, kms: BaseClient, tier: str) -> None:
    for spec in (
        {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ):
        assert refusal(put, ssm=ssm, KeyId=new_key(kms, **spec), Tier=tier)[0] == "InvalidKeyId"


def test_a_key_that_waits_for_its_material(ssm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms, Origin="EXTERNAL")
    told = refusal(put, ssm=ssm, KeyId=key)
    assert told == (
        "InvalidKeyId",
        of_kms("KMSInvalidStateException", f"{key} is pending import."),
    )


def test_a_rotated_key_reads_the_old(ssm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    put(ssm, KeyId=key)
    put(ssm, "big", "/app/big", KeyId=key, Tier="Advanced")
    kms.rotate_key_on_demand(KeyId=key)
    assert (value(ssm), value(ssm, "/app/big")) == ("hunter2", "big")


# Who may


def test_two_permissions_to_read(ssm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    put(ssm, KeyId=key)
    reader = role("app", "ssm:GetParameter")
    value(reader, decrypt=False)
    user = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/app"
    denied = "AccessDeniedException"
    code, text = refusal(value, ssm=reader)
    assert code == denied
    assert text.startswith(f"User: {user} is not authorized to perform: kms:Decrypt on ")
    assert f"(Service: AWSKMS; Status Code: 400; Error Code: {denied}; Request ID: " in text
    assert value(role("app", "ssm:GetParameter", "kms:Decrypt")) == "hunter2"
    assert refusal(value, ssm=role("app", "kms:*")) == (
        denied,
        f"User: {user} is not authorized to perform: ssm:GetParameter on resource: "
        f"{context()['PARAMETER_ARN']} because no identity-based policy allows the "
        "ssm:GetParameter action",
    )


@pytest.mark.parametrize(
    ("tier", "action"), [("Standard", "kms:Encrypt"), ("Advanced", "kms:GenerateDataKey")]
)
def test_two_permissions_to_write(ssm: BaseClient, kms: BaseClient, tier: str, action: str) -> None:
    key = new_key(kms)
    other = {"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"} - {action}
    code, text = refusal(put, ssm=role("w", "ssm:*", *other), KeyId=key, Tier=tier)
    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: {action} on resource: {key}" in text
    assert ssm.describe_parameters()["Parameters"] == []
    put(role("w", "ssm:PutParameter", action), KeyId=key, Tier=tier)
    assert value(ssm) == "hunter2"


OPERATIONS: dict[str, Members] = {
    "PutParameter": {"Name": "/app/db", "Value": "x", "Overwrite": True, "Type": "SecureString"},
    "GetParameter": {"Name": "/app/db"},
    "GetParameters": {"Names": ["/app/db"]},
    "GetParametersByPath": {"Path": "/app/"},
    "GetParameterHistory": {"Name": "/app/db"},
    "LabelParameterVersion": {"Name": "/app/db", "Labels": ["x"], "ParameterVersion": 1},
    "UnlabelParameterVersion": {"Name": "/app/db", "Labels": ["x"], "ParameterVersion": 1},
    "DescribeParameters": {},
    "AddTagsToResource": {
        "ResourceType": "Parameter",
        "ResourceId": "/app/db",
        "Tags": [{"Key": "a", "Value": "b"}],
    },
    "ListTagsForResource": {"ResourceType": "Parameter", "ResourceId": "/app/db"},
    "RemoveTagsFromResource": {
        "ResourceType": "Parameter",
        "ResourceId": "/app/db",
        "TagKeys": ["a"],
    },
    "DeleteParameter": {"Name": "/app/db"},
    "DeleteParameters": {"Names": ["/app/db"]},
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_permission_for_each_operation(ssm: BaseClient, operation: str) -> None:
    put(ssm)
    members = OPERATIONS[operation]
    method = next(
        name for name, of_api in ssm.meta.method_to_api_mapping.items() if of_api == operation
    )
    everything_else = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": f"ssm:{operation}", "Resource": "*"},
        ],
    }
    without = lab.as_role("without", everything_else).client("ssm")
    code, text = refusal(getattr(without, method), **members)
    assert code == "AccessDeniedException"
    assert f"not authorized to perform: ssm:{operation} on resource: " in text
    assert text.endswith("with an explicit deny in an identity-based policy")
    getattr(role("with", f"ssm:{operation}"), method)(**members)


def test_permission_for_some_parameters(ssm: BaseClient) -> None:
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
    put(ssm)
    put(ssm, "other", "/other/db")
    app = role("app", "ssm:Get*", resource=f"{arn}/app/*")
    for name in ("/app/db", "/app/db:1", f"{arn}/app/db", f"{arn}/app/db:1"):
        assert value(app, name) == "hunter2"
    assert refusal(value, ssm=app, name="/other/db")[0] == "AccessDeniedException"
    code, text = refusal(app.get_parameters, Names=["/app/db", "/other/db"])
    assert code == "AccessDeniedException"
    assert f"resource: {arn}/other/db " in text
    assert app.get_parameters_by_path(Path="/app/")["Parameters"]
    assert refusal(app.get_parameters_by_path, Path="/")[0] == "AccessDeniedException"
    public = role("public", "ssm:Get*", resource=f"arn:aws:ssm:{REGION}::parameter/aws/*")
    image = "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"
    assert value(public, image).startswith("ami-")


def test_tags_of_the_parameter_in_a_condition(ssm: BaseClient) -> None:
    ssm.put_parameter(
        Name="/a", Value="x", Type="SecureString", Tags=[{"Key": "team", "Value": "blue"}]
    )
    for team, works in (("blue", True), ("red", False)):
        statement = {
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": team}},
        }
        app = lab.as_role(team, {"Version": "2012-10-17", "Statement": statement}).client("ssm")
        if works:
            assert value(app, "/a") == "x"
        else:
            assert refusal(value, ssm=app, name="/a")[0] == "AccessDeniedException"
    ssm.delete_parameter(Name="/a")
    put(ssm, name="/a")
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/a")
    assert tags["TagList"] == []


def test_conditions_of_the_key_see_the_service(ssm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    put(ssm, KeyId=key)
    through = {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}
    bound = {f"kms:EncryptionContext:{name}": arn for name, arn in context().items()}
    of_another = {"kms:EncryptionContext:PARAMETER_ARN": context("/other")["PARAMETER_ARN"]}
    read = {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    for wanted, works in (
        (through, True),
        (bound, True),
        (of_another, False),
        ({"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}, False),
    ):
        statements = [read, decrypt | {"Condition": {"StringEquals": wanted}}]
        app = lab.as_role("app", {"Version": "2012-10-17", "Statement": statements}).client("ssm")
        if works:
            assert value(app) == "hunter2"
        else:
            assert refusal(value, ssm=app)[0] == "AccessDeniedException"


def test_a_grant_is_enough_for_kms(ssm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    put(ssm, KeyId=key)
    reader = role("app", "ssm:GetParameter")
    assert refusal(value, ssm=reader)[0] == "AccessDeniedException"
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/app",
        Operations=["Decrypt"],
        Constraints={"EncryptionContextEquals": context()},
    )
    assert value(reader) == "hunter2"


def test_a_key_of_another_account(ssm: BaseClient, kms: BaseClient) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": statement}
    theirs = lab.as_role("owner", policy, account=OTHER).client("kms")
    key = theirs.create_key()["KeyMetadata"]["Arn"]
    assert refusal(put, ssm=ssm, KeyId=key)[0] == "AccessDeniedException"
    policy = json.loads(theirs.get_key_policy(KeyId=key)["Policy"])
    policy["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNT},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
        }
    )
    theirs.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    put(ssm, KeyId=key)
    put(ssm, "big", "/app/big", KeyId=key, Tier="Advanced")
    assert (value(ssm), value(ssm, "/app/big")) == ("hunter2", "big")


def test_a_parameter_of_another_account(ssm: BaseClient) -> None:
    put(ssm)
    other = role("other", "*", account=OTHER)
    assert refusal(value, ssm=other)[0] == "ParameterNotFound"
    assert refusal(value, ssm=other, name=context()["PARAMETER_ARN"])[0] == "AccessDeniedException"


def test_an_access_key_that_is_switched_off(ssm: BaseClient) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    ada = boto3.client(
        "ssm",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert refusal(ada.describe_parameters)[0] == "UnrecognizedClientException"


# Secrets by their reference


def test_a_secret_read_as_a_parameter(ssm: BaseClient) -> None:
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString="one")
    secrets.put_secret_value(SecretId="db", SecretString="two")
    name = "/aws/reference/secretsmanager/db"
    before = len(lab.events(1000))
    assert value(ssm, name) == "two"
    [event] = lab.events(1000)[before:]
    assert event["eventName"] == "Decrypt"
    assert event["userIdentity"]["invokedBy"] == "secretsmanager.amazonaws.com"
    assert value(ssm, f"{name}:AWSPREVIOUS") == "one"
    # Who may not read the secret may not read it by another name.
    app = role("app", "ssm:GetParameter")
    code, text = refusal(value, ssm=app, name=name)
    assert code == "AccessDeniedException"
    assert "secretsmanager:GetSecretValue" in text
    assert value(role("app", "ssm:GetParameter", "secretsmanager:GetSecretValue"), name) == "two"
    assert refusal(value, ssm=ssm, name=f"{name}x")[0] == "ParameterNotFound"


# Bad requests


def test_names_and_values_that_are_none(ssm: BaseClient) -> None:
    for name in ("/a b", "/a\ud800", "a:1", "ä"):
        code, text = refusal(put, ssm=ssm, name=name)
        assert code == "ValidationException"
        assert "letters, numbers and the following 3 symbols .-_" in text
    assert refusal(put, ssm=ssm, value="x\ud800")[0] == "ValidationException"
    assert refusal(put, ssm=ssm, name="/aws/x")[0] == "AccessDeniedException"
    put(ssm)
    assert refusal(put, ssm=ssm)[0] == "ParameterAlreadyExists"
    assert value(ssm) == "hunter2"
    label = {"Labels": ["x"], "ParameterVersion": 1}
    for operation in (ssm.label_parameter_version, ssm.unlabel_parameter_version):
        assert refusal(operation, Name="/none", **label)[0] == "ParameterNotFound"
    assert refusal(ssm.get_parameter, Name="/none")[0] == "ParameterNotFound"
    assert len(ssm.describe_parameters()["Parameters"]) == 1


def test_the_lab_has_its_time(ssm: BaseClient) -> None:
    lab.clock.advance(days=365)
    put(ssm)
    found = ssm.get_parameter(Name="/app/db")["Parameter"]["LastModifiedDate"]
    assert found == lab.clock.now()


# At rest


def test_no_plaintext_is_kept(ssm: BaseClient) -> None:
    needle = "correct-horse-" + "battery"
    put(ssm, needle)
    put(ssm, f"{needle} two", Overwrite=True)
    put(ssm, needle * 300, "/app/big", Tier="Advanced")
    refusal(put, ssm=ssm, value=needle, name="/app/no", KeyId="alias/none")
    assert value(ssm).endswith("two")
    gc.collect()
    kept = [o for o in gc.get_objects() if isinstance(o, dict) and "parameter_type" in o]
    assert len(kept) >= 3
    assert not any(needle in str(each) for each in kept)
    backend = ssm_backends[ACCOUNT][REGION]
    inside = [vars(each) for versions in dict.values(backend._parameters) for each in versions]
    assert needle not in str(inside)
    assert base64.b64encode(needle.encode()).decode() not in str(inside)


def test_the_view_inside(ssm: BaseClient, kms: BaseClient) -> None:
    key = new_key(kms)
    put(ssm, KeyId=key)
    put(ssm, "two", KeyId=key, Overwrite=True, Tier="Advanced")
    ssm.label_parameter_version(Name="/app/db", ParameterVersion=1, Labels=["old"])
    seen = lab.xray.parameter("/app/db")
    assert (seen["name"], seen["arn"]) == ("/app/db", context()["PARAMETER_ARN"])
    one, two = seen["versions"]
    for version, tier in ((one, "Standard"), (two, "Advanced")):
        assert (version["key_arn"], version["tier"]) == (key, tier)
        assert version["encryption_context"] == context()
    assert (one["version"], one["labels"], two["version"]) == (1, ["old"], 2)
    assert lab.xray.blob(one["ciphertext_blob"])["key_id"] == key[-36:]
    wrapped = {"CiphertextBlob": two["encrypted_data_key"], "EncryptionContext": context()}
    assert len(kms.decrypt(**wrapped)["Plaintext"]) == 32
    assert lab.xray.parameter(context()["PARAMETER_ARN"]) == seen
    with pytest.raises(lab.LabError, match="no parameter"):
        lab.xray.parameter("none")
    with pytest.raises(lab.LabError, match="no parameter"):
        lab.xray.parameter("/app/db", region="eu-west-1")


@pytest.mark.parametrize("tier", TIERS)
def test_a_flipped_bit_is_no_parameter(ssm: BaseClient, tier: str) -> None:
    put(ssm, Tier=tier)
    backend: Any = ssm_backends[ACCOUNT][REGION]
    [version] = backend.versions("/app/db")
    assert isinstance(version, SecureParameter)
    good = version.sealed
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1
        version.sealed = bytes(bad)
        assert refusal(value, ssm=ssm) == INTERNAL
    with pytest.raises(ClientError) as caught:
        value(ssm)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    version.sealed = good
    assert value(ssm) == "hunter2"


@pytest.mark.parametrize("tier", TIERS)
def test_one_parameter_does_not_pass_for_another(ssm: BaseClient, tier: str) -> None:
    put(ssm, Tier=tier)
    put(ssm, "other", "/app/other", Tier=tier)
    backend: Any = ssm_backends[ACCOUNT][REGION]
    [one], [other] = backend.versions("/app/db"), backend.versions("/app/other")
    one.sealed, other.sealed = other.sealed, one.sealed
    assert refusal(value, ssm=ssm) == INTERNAL


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
LARGE = st.integers(1, 8192).map(lambda size: "é" * (size // 2) + "x" * (size % 2))


@given(TEXT.filter(lambda text: len(text.encode()) <= 4096) | LARGE, st.sampled_from(TIERS))
@settings(
    deadline=None, max_examples=80, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_what_goes_in_comes_out(opened: BaseClient, text: str, tier: str) -> None:
    lab.reset()
    if tier == "Standard" and len(text.encode()) > 4096:
        assert refusal(put, ssm=opened, value=text, Tier=tier)[0] == "ValidationException"
        return
    put(opened, text, Tier=tier)
    assert value(opened) == text
    assert value(opened, decrypt=False) != text


def test_other_regions_are_other_stores(ssm: BaseClient) -> None:
    there = boto3.client("ssm", region_name="eu-west-1")
    put(there, "there")
    assert refusal(value, ssm=ssm)[0] == "ParameterNotFound"
    assert value(there) == "there"
    assert lab.xray.parameter("/app/db", "eu-west-1")["arn"].split(":")[3] == "eu-west-1"
