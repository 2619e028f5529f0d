"""What the lab relies on in moto, each point by name: an upgrade that moves one fails here.

moto's inside is no public interface. binder/requirements.txt pins the one version that was tried;
the message of a failing test says what to look at before the pin may move.
"""

import inspect
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError
from botocore.handlers import BUILTIN_HANDLERS
from moto import backend_index, backends, mock_aws, settings
from moto.core import base_backend, config
from moto.core import models as core_models
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.core.responses import BaseResponse
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AccessKey, AWSManagedPolicy, iam_backends
from moto.iam.responses import IamResponse
from moto.kms.models import KmsBackend, kms_backends
from moto.kms.responses import KmsResponse
from moto.moto_api._internal import mock_random
from moto.secretsmanager import models as secrets_models
from moto.secretsmanager.models import (
    ReplicaSecret,
    SecretsManagerBackend,
    secretsmanager_backends,
)
from moto.sts.models import STSBackend, sts_backends
from moto.sts.responses import TokenResponse
from moto.utilities.utils import get_partition

from helpers import lab
from helpers.lab.kms import urls
from helpers.lab.kms.models import LabKmsBackend
from helpers.lab.kms.responses import LabKmsResponse

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, OTHER_ACCOUNT = "123456789012", "222222222222"


@pytest.fixture
def opened() -> Iterator[None]:
    lab.open(seed=1)
    yield
    lab.close()


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


# The pin


def test_the_installed_version_is_the_pinned_one() -> None:
    text = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^moto(?:\[[^]]*\])?==([0-9.]+)", text, re.MULTILINE)
    assert pins == [moto.__version__] == [version("moto")], (
        "moto and binder/requirements.txt disagree: run this file with the new version, "
        "look at every failure, and only then move the pin"
    )


# Services and their backends


def test_the_backend_of_kms_can_be_exchanged() -> None:
    assert isinstance(kms_backends, BackendDict), "lab.account exchanges kms_backends.backend"
    assert kms_backends.backend is KmsBackend, "BackendDict.backend: the class moto instantiates"
    assert backends.get_backend("kms") is kms_backends, "the stubber finds KMS by get_backend"


def test_backends_are_made_for_each_account_and_region() -> None:
    try:
        account = kms_backends[OTHER_ACCOUNT]
        assert isinstance(account, AccountSpecificBackend)
        assert {"us-east-1", "eu-central-1", "cn-north-1"} <= set(account.regions), (
            "lab.account and lab.kms.responses check Regions against .regions"
        )
        backend = account["eu-central-1"]
        assert (backend.region_name, backend.account_id) == ("eu-central-1", OTHER_ACCOUNT)
        assert account["eu-central-1"] is backend
        assert "eu-central-1" in account
        with pytest.raises(KeyError):
            account["mars-north-1"]
        assert OTHER_ACCOUNT in kms_backends, "lab.kms.identifiers asks if an account has keys"
        BackendDict.reset()
        assert OTHER_ACCOUNT not in kms_backends, "lab.reset() empties all by BackendDict.reset()"
    finally:
        BackendDict.reset()


def test_the_session_for_regions_can_be_exchanged() -> None:
    source = inspect.getsource(AccountSpecificBackend._generate_regions)
    assert "AccountSpecificBackend.get_session()" in source, (
        "lab.account gives moto its own session in place of AccountSpecificBackend.get_session"
    )
    assert parameters(AccountSpecificBackend.get_session) == []


def test_a_backend_keeps_region_account_and_partition() -> None:
    backend = KmsBackend(region_name="cn-north-1", account_id=OTHER_ACCOUNT)
    assert isinstance(backend, BaseBackend)
    assert (backend.region_name, backend.account_id, backend.partition) == (
        "cn-north-1",
        OTHER_ACCOUNT,
        "aws-cn",
    ), "LabKmsBackend.__init__ and alias_arn read these"
    assert parameters(KmsBackend.__init__)[1:] == ["region_name", "account_id"]


def test_reset_of_a_backend_makes_it_anew() -> None:
    backend = LabKmsBackend(region_name="us-east-1", account_id=OTHER_ACCOUNT)
    domain = backend.domain
    backend.add_key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    backend.reset()
    assert backend.keys == {}
    assert backend.domain is not domain, "BaseBackend.reset has to call __init__"


@pytest.mark.parametrize(
    ("given", "key_id", "alias"),
    [
        ("k", "k", "k"),
        ("arn:aws:kms:us-east-1:123456789012:key/k", "k", None),
        ("alias/a", None, "alias/a"),
        ("arn:aws:kms:us-east-1:123456789012:alias/a", None, "alias/a"),
        ("alias/aws/s3", None, "alias/aws/s3"),
    ],
)
def test_helpers_of_kms_backend(given: str, key_id: str | None, alias: str | None) -> None:
    if key_id is not None:
        assert KmsBackend.get_key_id(given) == key_id, "LabKmsBackend.describe_key calls it"
    if alias is not None:
        assert KmsBackend.get_alias_name(given) == alias, "LabKmsBackend.describe_key calls it"


def test_the_urls_module_is_looked_up_beside_the_models() -> None:
    backend = LabKmsBackend(region_name="us-east-1", account_id=OTHER_ACCOUNT)
    assert backend._url_module is urls, "BaseBackend._url_module: models -> urls, by name"
    assert backend.url_bases == urls.url_bases
    patterns = list(backend.urls)
    for host in (
        "https://kms.us-east-1.amazonaws.com/",
        "https://kms-fips.us-east-1.amazonaws.com/",
        "https://kms.us-east-1.api.aws/",
        "https://kms.cn-north-1.amazonaws.com.cn/",
    ):
        assert any(re.match(pattern, host) for pattern in patterns), host


# Requests and replies


def test_the_stubber_is_called_for_every_request() -> None:
    stubbers = [h for event, h, *_ in BUILTIN_HANDLERS if event == "before-send"]
    assert core_models.botocore_stubber in stubbers, "moto hangs its stubber into botocore"
    assert isinstance(core_models.botocore_stubber, BotocoreStubber)


def test_the_signature_of_the_stubber() -> None:
    call = inspect.signature(BotocoreStubber.__call__)
    assert list(call.parameters) == ["self", "event_name", "request", "kwargs"], (
        "lab.guard replaces BotocoreStubber.__call__ and passes these on"
    )
    assert BotocoreStubber().enabled is False


def stubbed(url: str) -> Any:
    stubber = BotocoreStubber()
    stubber.enabled = True
    return stubber("before-send", AWSPreparedRequest("GET", url, {}, b"", False))


def test_what_moto_says_where_it_has_no_answer() -> None:
    reply = stubbed("https://no-such-service.us-east-1.amazonaws.com/")
    assert (reply.status_code, reply.content) == (404, b"Not yet implemented"), (
        "lab.guard tells moto's own 404 by this body"
    )
    assert stubbed("https://example.com/") is None, "lab.guard refuses what moto leaves to others"


def test_what_moto_raises_for_an_operation_it_lacks() -> None:
    with mock_aws(), pytest.raises(NotImplementedError, match="not been implemented"):
        boto3.client("sts", region_name="us-east-1").decode_authorization_message(
            EncodedMessage="x"
        )


def test_url_patterns_of_all_services() -> None:
    patterns = backend_index.backend_url_patterns
    assert isinstance(patterns, list)
    assert all(
        isinstance(service, str) and isinstance(pattern, re.Pattern)
        for service, pattern in patterns
    ), "lab.account puts (service, compiled pattern) pairs in their place"
    assert [pattern.pattern for service, pattern in patterns if service == "kms"] == [
        "https?://kms\\.(.+)\\.amazonaws\\.com"
    ], "lab.kms.urls replaces exactly this one"
    for module in (inspect.getsource(BotocoreStubber), inspect.getsource(core_models.MockAWS)):
        assert "backend_index.backend_url_patterns" in module, "read anew at each use"


def test_hooks_of_the_response_class() -> None:
    assert issubclass(KmsResponse, BaseResponse)
    assert inspect.signature(KmsResponse).parameters == {}
    assert parameters(KmsResponse.dispatch) == ["args", "kwargs"]
    assert "cls()._dispatch(" in inspect.getsource(BaseResponse.dispatch), (
        "LabKmsResponse overrides _dispatch and is reached by dispatch"
    )
    assert parameters(BaseResponse._dispatch) == ["self", "request", "full_url", "headers"]
    assert parameters(BaseResponse.get_current_account) == ["self"]
    assert parameters(BaseResponse.get_region_from_url) == ["self", "request", "full_url"]
    assert LabKmsResponse()._dispatch.__func__ is LabKmsResponse._dispatch


def test_where_the_account_of_a_request_comes_from() -> None:
    used = set(re.findall(r"self\.(\w+)", inspect.getsource(BaseResponse.get_current_account)))
    assert used == {"headers", "get_access_key"}, (
        "LabKmsResponse sets only headers and querystring before it asks for the account"
    )
    used = set(re.findall(r"self\.(\w+)", inspect.getsource(BaseResponse.get_access_key)))
    assert used <= {"headers", "querystring", "access_key_regex"}


def test_members_of_a_request() -> None:
    for name in ("host", "headers", "get_data", "raw_url"):
        assert hasattr(Request, name) or name in inspect.getsource(Request), (
            f"LabKmsResponse reads request.{name}"
        )


def test_replies_are_status_headers_and_body(opened: None) -> None:
    seen: list[Any] = []
    original = BotocoreStubber.process_request

    def note(self: BotocoreStubber, request: Any) -> Any:
        seen.append(original(self, request))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", note)
        boto3.client("kms").list_keys()
    [(status, headers, body)] = seen
    assert (status, headers["Content-Type"]) == (200, "application/x-amz-json-1.1")
    assert body


def test_service_exceptions_carry_code_and_message() -> None:
    error = ServiceException("SomeCode", "some words")
    assert (error.code, error.message) == ("SomeCode", "some words"), "KmsError builds on it"
    assert ServiceException("SomeCode", "").message == ""


# Names, random numbers, settings


def test_random_names_repeat_with_a_seed() -> None:
    runs = []
    for _ in range(2):
        mock_random.seed(3)
        runs.append((mock_random.uuid4(), mock_random.getrandbits(256)))
    assert runs[0] == runs[1], "lab.open(seed=...) seeds mock_random; key ids come from it"
    assert isinstance(runs[0][0], uuid.UUID)
    assert runs[0][0].version == 4
    mock_random.seed()


def test_partitions() -> None:
    for region, partition in {
        "us-east-1": "aws",
        "cn-north-1": "aws-cn",
        "us-gov-west-1": "aws-us-gov",
    }.items():
        assert get_partition(region) == partition, "key ARNs begin with it"


def test_the_default_account() -> None:
    assert core_models.DEFAULT_ACCOUNT_ID == "123456789012", "lessons print it"


def test_starting_and_stopping() -> None:
    before = dict(os.environ)
    with core_models.MockAWS():  # lab.account enters it like this
        assert core_models.botocore_stubber.enabled, "lab.guard relies on moto answering"
        assert boto3.DEFAULT_SESSION is None
    assert not core_models.botocore_stubber.enabled
    assert dict(os.environ) == before
    assert type(mock_aws()) is core_models.MockAWS
    assert settings.TEST_SERVER_MODE is False


def test_passing_requests_on_is_off_by_default() -> None:
    passthrough = config.default_user_config["core"]["passthrough"]
    assert passthrough == {"services": [], "urls": []}, "moto lets nothing through unasked"
    assert "allow_unknown_region" in vars(base_backend)


# Services of moto that ask KMS


def a_key() -> str:
    return boto3.client("kms").create_key()["KeyMetadata"]["Arn"]


def test_ebs_default_key(opened: None) -> None:
    ec2, kms = boto3.client("ec2"), boto3.client("kms")
    one = {"AvailabilityZone": "us-east-1a", "Size": 1, "Encrypted": True}
    default = ec2.create_volume(**one)["KmsKeyId"]
    managed = kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]
    assert (default, managed["KeyManager"]) == (managed["Arn"], "AWS")
    own = a_key()
    kms.create_alias(AliasName="alias/volumes", TargetKeyId=own)
    for key_id in (own, own.rpartition("/")[2], "alias/volumes"):
        assert ec2.modify_ebs_default_kms_key_id(KmsKeyId=key_id)["KmsKeyId"] == own
    assert ec2.create_volume(**one)["KmsKeyId"] == own


def test_describing_a_key_that_does_not_exist() -> None:
    backend = LabKmsBackend(region_name="us-east-1", account_id=OTHER_ACCOUNT)
    with pytest.raises(KeyError):  # RDS catches exactly this, and says so in its own words
        backend.describe_key(str(uuid.uuid4()))


def test_dynamodb_encryption(opened: None) -> None:
    table = boto3.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
    )["TableDescription"]
    managed = boto3.client("kms").describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == managed["Arn"]


def instance(name: str, key_id: str) -> Any:
    return boto3.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        AllocatedStorage=20,
        StorageEncrypted=True,
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        MasterUserSecretKmsKeyId=key_id,
        KmsKeyId=key_id,
    )["DBInstance"]


def test_rds_checks_its_key(opened: None) -> None:
    own = a_key()
    for name, key_id in (("one", own), ("two", own.rpartition("/")[2])):
        made = instance(name, key_id)
        assert made["MasterUserSecret"]["KmsKeyId"] == own


def test_rds_key_that_does_not_exist(opened: None) -> None:
    rds = boto3.client("rds")
    instance("one", a_key())
    rds.create_db_snapshot(DBInstanceIdentifier="one", DBSnapshotIdentifier="first")
    with pytest.raises(ClientError) as caught:
        rds.copy_db_snapshot(
            SourceDBSnapshotIdentifier="first",
            TargetDBSnapshotIdentifier="second",
            KmsKeyId=str(uuid.uuid4()),
        )
    assert caught.value.response["Error"]["Code"] == "KMSKeyNotAccessibleFault"


def test_s3_sts_and_iam_work_untouched(opened: None) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="k", Body=b"data")
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="a-bucket")["Contents"]] == ["k"]
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="a-bucket", Key="none")
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket="a-bucket", Key="none")
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
    session = boto3.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    assert session["Credentials"]["AccessKeyId"]
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_bodies_that_are_streamed_arrive_whole(opened: None) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="a-bucket")
    for data in (b"data", b"", bytes(range(256)) * 1000):
        s3.put_object(Bucket="a-bucket", Key="k", Body=data)
        assert s3.get_object(Bucket="a-bucket", Key="k")["Body"].read() == data, (
            "whoever looks at response.content before botocore reads the stream empties it"
        )


def test_closing_gives_moto_its_own_kms_back() -> None:
    lab.open()
    assert kms_backends.backend is LabKmsBackend
    lab.close()
    assert kms_backends.backend is KmsBackend
    with mock_aws():
        kms = boto3.client("kms", region_name="us-east-1")
        kms.create_key()
        assert type(kms_backends["123456789012"]["us-east-1"]) is KmsBackend


# IAM and STS: where the lab reads who calls, and what it completes


def test_what_iam_keeps_of_users_groups_and_roles(opened: None) -> None:
    iam = boto3.client("iam")
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    iam.create_user(UserName="ada", Tags=[{"Key": "a", "Value": "b"}])
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="ada")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument="{}", PermissionsBoundary=arn)
    for kind in ("user", "group", "role"):
        named = {f"{kind.title()}Name": {"user": "ada", "group": "staff", "role": "app"}[kind]}
        getattr(iam, f"put_{kind}_policy")(**named, PolicyName="i", PolicyDocument=document)
        getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=arn)
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    backend: Any = iam_backends[ACCOUNT]["aws"]
    [ada], [app] = list(backend.users.values()), list(backend.get_roles())
    [staff] = backend.get_groups_for_user("ada")
    for holder in (ada, staff, app):
        assert holder.policies == {"i": document}, "inline policies: name to document"
        [managed] = holder.managed_policies.values()
        assert managed.default_version_id == "v2", "caller reads the default version's document"
        assert [v.document for v in managed.versions if v.version_id == "v2"] == [document]
    assert [(k.access_key_id, k.status) for k in ada.access_keys] == [(key, "Active")]
    assert backend.tagger.list_tags_for_resource(ada.arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert app.permissions_boundary_arn == arn and not app.tags


def test_what_sts_keeps_of_a_session(opened: None) -> None:
    issued = boto3.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/r", RoleSessionName="session", Policy="{}"
    )["Credentials"]
    [session] = sts_backends[OTHER_ACCOUNT]["aws"].assumed_roles
    assert session.access_key_id == issued["AccessKeyId"]
    assert (session.session_name, session.policy) == ("session", "{}")
    assert session.arn.endswith(":assumed-role/r/session"), "caller names sessions as moto does"


def test_what_the_lab_completes_in_iam_and_sts() -> None:
    for where, name in (
        (AccessKey, "__init__"),
        (STSBackend, "assume_role"),
        (STSBackend, "get_caller_identity"),
        (TokenResponse, "assume_role"),
        (TokenResponse, "get_session_token"),
        (TokenResponse, "get_federation_token"),
        (IamResponse, "create_user"),
        (BaseResponse, "call_action"),
        (BaseResponse, "get_region_from_url"),
    ):
        assert callable(getattr(where, name)), f"helpers.lab.iam wraps {name}"
    for name in ("put_user_permissions_boundary", "delete_user_permissions_boundary"):
        assert not hasattr(IamResponse, name), f"moto has {name} now: take moto's"
    assert parameters(AWSManagedPolicy.from_data)[:3] == ["name", "account_id", "region_name"]
    assert "AdministratorAccess" in json.loads(aws_managed_policies_data)


# Secrets Manager and Parameter Store: moto's stores, with KMS's work in place of values


def test_services_are_made_by_their_name() -> None:
    assert parameters(AccountSpecificBackend.__init__)[1:4] == [
        "service_name",
        "account_id",
        "backend",
    ], "lab.account puts Parameter Store in here, when it is first asked for"
    assert secretsmanager_backends.service_name == "secretsmanager"
    assert secretsmanager_backends.backend is SecretsManagerBackend


def test_moto_knows_secrets_by_these_names(opened: None) -> None:
    for name, wanted in (
        ("_add_secret", ["secret_id", "secret_string", "secret_binary"]),
        ("get_secret_value", ["secret_id", "version_id", "version_stage"]),
        ("put_resource_policy", ["secret_id", "policy"]),
        (
            "rotate_secret",
            [
                "secret_id",
                "client_request_token",
                "rotation_lambda_arn",
                "rotation_rules",
                "rotate_immediately",
            ],
        ),
        ("update_secret_version_stage", ["secret_id", "version_stage"]),
        ("replicate_secret_to_regions", ["secret_id", "replica_regions", "force_overwrite"]),
        ("remove_regions_from_replication", ["secret_id", "replica_regions"]),
        ("batch_get_secret_value", ["secret_id_list", "filters", "max_results", "next_token"]),
    ):
        found = parameters(getattr(SecretsManagerBackend, name))[1:]
        assert found[: len(wanted)] == wanted, f"LabSecretsManagerBackend overrides {name}"
    assert "kms_key_id" in parameters(SecretsManagerBackend._add_secret)
    assert "self._add_secret(" in inspect.getsource(SecretsManagerBackend.create_secret)
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString="x", AddReplicaRegions=[{"Region": "eu-west-1"}])
    store: Any = secretsmanager_backends[ACCOUNT]
    [replica] = store["us-east-1"].secrets["db"].replicas
    assert store["eu-west-1"].secrets["db"] is replica
    assert isinstance(replica, ReplicaSecret)
    assert (replica.source.name, replica.region, replica.has_replica) == ("db", "eu-west-1", True)
    assert set(replica.config) == {"Region", "KmsKeyId", "Status", "StatusMessage"}
    [version] = replica.versions.values()
    assert replica.source.default_version_id in replica.versions, (
        "GetSecretValue gives the default version where no other is named"
    )
    assert {"secret_string", "version_stages"} <= set(version), (
        "lab.secretsmanager keeps envelopes where moto keeps values"
    )


def test_moto_asks_its_module_for_the_time_of_secrets() -> None:
    source = inspect.getsource(secrets_models)
    assert "time.time()" in source and " utcnow()" in source, "lab.account exchanges both"


def test_moto_knows_parameters_by_these_names(opened: None) -> None:
    # Here, not above: it is imported when it is first asked for.
    from moto.ssm.models import Parameter, ParameterDict, SimpleSystemManagerBackend, ssm_backends

    from helpers.lab.ssm.models import LabSsmBackend, SecureParameter

    assert ssm_backends.service_name == "ssm"
    assert parameters(SimpleSystemManagerBackend.put_parameter)[1:] == [
        "name",
        "description",
        "value",
        "parameter_type",
        "allowed_pattern",
        "keyid",
        "overwrite",
        "tags",
        "data_type",
        "tier",
        "policies",
    ]
    source = inspect.getsource(Parameter.response_object)
    assert "self.decrypt(self.value) if decrypt else self.value" in source, (
        "SecureParameter has both: value at rest, decrypt asks KMS"
    )
    assert issubclass(ParameterDict, dict)
    assert parameters(ParameterDict._get_secretsmanager_parameter) == ["self", "secret_name"]
    backend = ssm_backends[ACCOUNT]["us-east-1"]
    assert type(backend) is LabSsmBackend
    # As CloudFormation does, which asks the backend without a request.
    made = backend.put_parameter(
        name="a",
        description=None,
        value="x",
        parameter_type="SecureString",
        allowed_pattern=None,
        keyid=None,
        overwrite=False,
        tags=None,
        data_type="text",
        tier=None,
        policies=None,
    )
    assert isinstance(made, SecureParameter)
    assert (made.value != "x", made.decrypt(made.value)) == (True, "x")
    plain = boto3.client("ssm").put_parameter(Name="b", Value="in the clear", Type="String")
    assert plain["Tier"] == "Standard"
    found = backend.get_parameter("b")
    assert found and found.value == "in the clear", "what templates refer to is read as .value"
    tags: Any = backend._resource_tags["Parameter"]
    assert isinstance(tags, dict), "name -> tags, for aws:ResourceTag"


def test_parameter_store_is_loaded_when_it_is_asked_for() -> None:
    script = (
        "import sys, boto3\nfrom helpers import lab\nlab.open()\n"
        "boto3.client('kms').create_key()\nprint('moto.ssm' in sys.modules, "
        "'moto.ec2' in sys.modules)\nboto3.client('ssm').describe_parameters()\n"
        "print('moto.ssm' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[1:] == ["False False", "True"], done.stderr


def test_parameter_store_brings_no_ec2_until_it_is_needed() -> None:
    script = (
        "import sys, boto3\nfrom helpers import lab\nlab.open()\n"
        "ssm = boto3.client('ssm')\nssm.describe_parameters()\nprint('moto.ec2' in sys.modules)\n"
        "ec2 = boto3.client('ec2')\nimages = ec2.describe_images()['Images']\n"
        "made = ec2.run_instances(ImageId=images[0]['ImageId'], MinCount=1, MaxCount=1)\n"
        "name = made['Instances'][0]['InstanceId']\n"
        "target = {'Key': 'instance-state-name', 'Values': ['running']}\n"
        "sent = ssm.send_command(DocumentName='AWS-RunShellScript', Targets=[target])\n"
        "command = sent['Command']['CommandId']\n"
        "found = ssm.get_command_invocation(CommandId=command, InstanceId=name)\n"
        "print(found['InstanceId'] == name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[1:] == ["False", "True"], done.stderr


def test_closing_gives_moto_its_own_parameter_store_back() -> None:
    from moto.ssm.models import SimpleSystemManagerBackend, ssm_backends

    lab.open()
    boto3.client("ssm").describe_parameters()
    lab.close()
    assert secrets_models.time is time
    with mock_aws():
        boto3.client("ssm", region_name="us-east-1").describe_parameters()
        assert type(ssm_backends[ACCOUNT]["us-east-1"]) is SimpleSystemManagerBackend
