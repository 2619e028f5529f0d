"""Whatever arrives on the wire, KMS answers: 200 in the model's form, or 400 with AWS's error.

Requests go past botocore's client, which would tidy them, to the endpoint as HTTP: members of
wrong types and sizes, missing and unknown ones, bodies that aren't JSON. What is refused must
change nothing, and no Python exception may come through.
"""

import base64
import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, HeadersDict
from botocore.model import OperationModel, Shape
from botocore.parsers import create_parser
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moto.kms.models import kms_backends

from helpers import lab
from helpers.lab.kms import responses

OPERATIONS = sorted(responses.OPERATIONS)

# Any operation may answer these; most of them stand in no operation's list of errors.
COMMON = {
    "AccessDeniedException",
    "InvalidArnException",
    "NotAuthorizedException",
    "NotInTheLab",
    "SerializationException",
    "UnknownOperationException",
    "ValidationException",
}

# The same requests in every run, and nothing kept on disk.
quick = settings(
    deadline=None,
    max_examples=40,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)

Document = dict[str, Any]
Answer = tuple[int, Any]

KEYS: dict[str, Document] = {
    "one": {},
    "other": {},
    "disabled": {},
    "pending": {},
    "external": {"Origin": "EXTERNAL"},
    "multi": {"MultiRegion": True},
    "rsa": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    "rsa-sign": {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
    "p256": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "ed25519": {"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"},
    "ecdh": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "ml-dsa": {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
    "ml-kem": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
}


ACCOUNT = "123456789012"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/admin"
ALIASED = ("one", "rsa", "hmac")


class Wire:
    """The lab's endpoint, and the keys that were there before the noise began."""

    def __init__(self) -> None:
        self.client = boto3.client("kms")
        self.model = self.client.meta.service_model
        self.seen: list[Answer] | None = None  # what the last call of everything() saw
        self.names: dict[str, str] = {"@ciphertext": ""}
        for name, kind in KEYS.items():
            key = self.client.create_key(**kind)["KeyMetadata"]
            self.names |= {f"@{name}": key["KeyId"], f"@{name}.arn": key["Arn"]}
        for name in ALIASED:
            self.client.create_alias(AliasName=f"alias/{name}", TargetKeyId=self.names[f"@{name}"])
        made = self.client.encrypt(KeyId=self.names["@one"], Plaintext=b"old")
        self.names["@ciphertext"] = base64.b64encode(made["CiphertextBlob"]).decode()
        public_key = self.client.get_public_key(KeyId=self.names["@ecdh"])["PublicKey"]
        self.names["@public"] = base64.b64encode(public_key).decode()
        self.policy = self.client.get_key_policy(KeyId=self.names["@one"])["Policy"]
        self.grant()
        self.client.disable_key(KeyId=self.names["@disabled"])
        self.client.schedule_key_deletion(KeyId=self.names["@pending"])

    def grant(self) -> None:
        """Make the grant that requests can name."""
        made = self.client.create_grant(
            KeyId=self.names["@one"],
            GranteePrincipal=ADMINISTRATOR,
            RetiringPrincipal=ADMINISTRATOR,
            Operations=["Decrypt"],
        )
        self.names |= {"@grant": made["GrantId"], "@token": made["GrantToken"]}

    def send(self, operation: str, body: bytes, **headers: str) -> Answer:
        """POST a body as botocore would, and return the status and the JSON of the answer."""
        headers = {"X-Amz-Target": f"TrentService.{operation}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        headers.setdefault("Content-Type", "application/x-amz-json-1.1")
        url = "https://kms.us-east-1.amazonaws.com/"
        request = AWSRequest(method="POST", url=url, data=body, headers=headers).prepare()
        event = f"before-send.kms.{operation}"
        response = self.client.meta.events.emit_until_response(event, request=request)[1]
        assert response.status_code in (200, 400), response.status_code
        self.last = response
        text = response.content.decode()
        return response.status_code, json.loads(text, parse_constant=pytest.fail) if text else None

    def call(self, operation: str, document: Any) -> Answer:
        return self.send(operation, json.dumps(self.resolved(document)).encode())

    def resolved(self, value: Any) -> Any:
        """Put the lab's identifiers in the place of their ``@names``."""
        if isinstance(value, str):
            return self.names.get(value, value)
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if isinstance(value, dict):
            return {name: self.resolved(item) for name, item in value.items()}
        return value

    def everything(self) -> list[Answer]:
        """All that can be seen of the old keys, and whether the old ciphertext still opens."""
        seen = [self.call("DescribeKey", {"KeyId": f"@{name}"}) for name in KEYS]
        for operation in ("ListResourceTags", "GetKeyPolicy", "ListGrants"):
            seen += [self.call(operation, {"KeyId": f"@{name}"}) for name in ("one", "hmac")]
        seen += [self.call("ListAliases", {}), self.call("ListKeys", {"Limit": 1000})]
        return [*seen, self.call("Decrypt", {"CiphertextBlob": "@ciphertext"})]

    def put_back(self) -> None:
        """Undo what accepted noise did to the keys, so that the next requests reach far."""
        for name in KEYS:
            key = {"KeyId": f"@{name}"}
            # From the inside: accepted noise may have locked the administrator out.
            held: Any = kms_backends[ACCOUNT]["us-east-1"]
            held.keys[self.names[key["KeyId"]]].put_policy(self.policy)
            if name != "pending":
                self.call("CancelKeyDeletion", key)
            else:
                self.call("ScheduleKeyDeletion", key)
            self.call("DisableKey" if name == "disabled" else "EnableKey", key)
        if self.call("ListGrants", {"KeyId": "@one"})[1].get("Grants") == []:
            self.grant()
        for name in ALIASED:
            alias = {"AliasName": f"alias/{name}", "TargetKeyId": f"@{name}"}
            self.call("DeleteAlias", {"AliasName": f"alias/{name}"})
            self.call("CreateAlias", alias)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    lab.open()
    try:
        yield Wire()
    finally:
        lab.close()


# What is sent


any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
numbers = (
    st.integers(-(2**70), 2**70)
    | st.integers(0, 5000)
    | st.floats()
    | st.sampled_from([0, -1, 1, 10**400, 1e308, -0.0, math.nan, math.inf, -math.inf, 1.5, 4.0])
)
junk = st.recursive(
    st.none() | st.booleans() | numbers | any_text | st.sampled_from(["@one", "x" * 9000, ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)

UUID = "12345678-1234-1234-1234-123456789012"
ODD_KEY_IDS = [
    "", "x", UUID, UUID.replace("-", ""), UUID.upper(), f"mrk-{'0' * 32}", "mrk-", "alias/",
    "alias/none", "alias/aws/s3", "alias/aws/none", "arn:", "arn:aws:kms", "arn:aws:kms:::key/",
    f"arn:aws:kms:us-east-1:123456789012:key/{UUID}",
    f"arn:aws:kms:us-east-1:210987654321:key/{UUID}",
    f"arn:aws:kms:eu-west-1:123456789012:key/{UUID}",
    f"arn:aws:kms:mars-1:123456789012:key/{UUID}",
    f"arn:aws:kms:us-east-1:١٢٣٤٥٦٧٨٩٠١٢:key/{UUID}",
    f"arn:aws-cn:kms:us-east-1:123456789012:key/{UUID}",
    f"arn:aws:s3:us-east-1:123456789012:key/{UUID}",
    "arn:aws:kms:us-east-1:123456789012:alias/one",
    "arn:aws:kms:us-east-1:123456789012:alias/none",
    "arn:aws:kms:us-east-1:210987654321:alias/one",
    "arn:aws:kms:us-east-1:123456789012:alias/aws/s3",
    "arn:aws:kms:us-east-1:123456789012:key/alias/one",
    "arn:aws:kms:us-east-1:123456789012:grant/x",
    "arn:aws:kms:us-east-1:123456789012:key/x\n",
    f"{UUID}\n", "\ud800", "../..", "\0", "x" * 2048, "x" * 2049, "alias",
]  # fmt: skip
KEY_IDS = [f"@{name}" for name in KEYS] * 2 + [f"@{name}.arn" for name in KEYS]
MARKERS = [
    "", "x", "====", "\ud800", "ä", "eyJhZnRlciI6ICIifQ==", "eyJhZnRlciI6IDF9", "bnVsbA==", "W10=",
    base64.urlsafe_b64encode(b"[" * 700).decode(), base64.urlsafe_b64encode(b"\xff").decode(),
    base64.urlsafe_b64encode(b'{"after": NaN}').decode(), "x" * 1024, "x" * 1025,
]  # fmt: skip
BASE64 = [
    "",
    "A",
    "AA==",
    "AA",
    "A===",
    "not base64!",
    "AA==\n",
    "AA==AA==",
    "ä",
    "\ud800",
    "_-==",
    " ",
]
BLOB_SIZES = st.sampled_from(
    [1, 16, 28, 32, 48, 64, 100, 101, 256, 768, 1088, 4096, 4097, 6144, 6145, 9000]
)
SLOW = {"RSA_3072", "RSA_4096"}

blobs = (
    st.sampled_from([*BASE64, "@ciphertext", "@public"])
    | st.binary(min_size=1, max_size=90).map(lambda raw: base64.b64encode(raw).decode())
    | BLOB_SIZES.map(lambda size: base64.b64encode(b"\x01" * size).decode())
)

ALIASES = [
    "alias/one",
    "alias/rsa",
    "alias/new",
    "alias/",
    "alias/aws/s3",
    "alias/aws/x",
    "one",
    "alias/a:b",
]
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "%s"}, '
    '"Action": "%s", "Resource": "*"}]}'
)
POLICIES = [
    "",
    "{}",
    "[]",
    "null",
    "[" * 3000,
    '{"Statement": 1}',
    '{"Statement": []}',
    "NaN",
    "\0",
    "ä",
    # The last two would lock the administrator out of the key.
    POLICY % ("arn:aws:iam::123456789012:root", "kms:*"),
    POLICY % ("arn:aws:iam::123456789012:user/nobody", "kms:*"),
    POLICY % ("222222222222", "kms:*"),
    POLICY % ("*", "kms:Encrypt"),
]
PRINCIPALS = [
    ADMINISTRATOR, ADMINISTRATOR.replace("admin", "nobody"), "arn:aws:iam::123456789012:root",
    "123456789012", "222222222222", "arn:aws:iam::222222222222:role/r", "s3.amazonaws.com", "arn:",
    "arn:aws:sts::123456789012:assumed-role/r/s", "arn:aws:iam::123456789012:group/g", "*",
]  # fmt: skip

BY_SHAPE: dict[str, st.SearchStrategy[Any]] = {
    "KeyIdType": st.sampled_from(KEY_IDS) | st.sampled_from(ODD_KEY_IDS) | any_text,
    "AliasNameType": st.sampled_from(ALIASES) | any_text,
    "MarkerType": st.sampled_from(MARKERS) | any_text,
    "PolicyType": st.sampled_from(POLICIES) | any_text,
    "GrantTokenList": st.just([]) | st.lists(any_text | st.just("@token"), max_size=11),
    "GrantTokenType": st.just("@token") | any_text,
    "GrantIdType": st.sampled_from(["@grant", "@grant", "0" * 64, "x"]) | any_text,
    "PrincipalIdType": st.sampled_from(PRINCIPALS) | any_text,
}


def fitting(shape: Shape) -> st.SearchStrategy[Any]:
    """Values that mostly obey the shape."""
    if shape.name in BY_SHAPE:
        return BY_SHAPE[shape.name]
    limits, kind = shape.metadata, shape.type_name
    if "enum" in limits:
        return st.sampled_from([value for value in limits["enum"] if value not in SLOW])
    if kind == "structure":
        required = set(shape.required_members)
        members = {name: fitting(member) for name, member in shape.members.items()}
        return st.fixed_dictionaries(
            {name: value for name, value in members.items() if name in required},
            optional={name: value for name, value in members.items() if name not in required},
        )
    if kind == "list":
        return st.lists(fitting(shape.member), max_size=3)
    if kind == "map":
        return st.dictionaries(any_text, fitting(shape.value), max_size=3)
    if kind == "blob":
        return blobs
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        low, high = limits.get("min", 0), limits.get("max", 1000)
        return st.integers(low - 1, high + 1) | st.sampled_from([low, high])
    longest = min(limits.get("max", 40), 9000)
    return any_text | st.sampled_from(["x", "x" * longest, "x" * (longest + 1)])


@st.composite
def requests(draw: st.DrawFn, shape: Shape) -> Document:
    """A request that fits, as far as none to three of its members go."""
    document = draw(fitting(shape))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3]))):
        name = draw(st.sampled_from([*shape.members, "Unknown", "keyId"]))
        if draw(st.booleans()):
            document[name] = draw(junk)
        else:
            document.pop(name, None)
    return document


# What must come back


def errors_of(operation: OperationModel) -> set[str]:
    return {shape.name for shape in operation.error_shapes} | COMMON


def check_members(shape: Shape, value: Any, path: str) -> None:
    """The JSON of a reply has the model's types, and no member that the model lacks."""
    wanted = {"structure": dict, "list": list, "map": dict, "boolean": bool, "integer": int}
    kind = wanted.get(shape.type_name, str)
    if shape.type_name == "timestamp":
        kind = (int, float)  # type: ignore[assignment]
    assert isinstance(value, kind), (path, value)
    assert not (shape.type_name == "integer" and isinstance(value, bool)), path
    if shape.type_name == "structure":
        for name, member in value.items():
            assert name in shape.members, f"{path}.{name} isn't in the model"
            check_members(shape.members[name], member, f"{path}.{name}")
        assert set(shape.required_members) <= value.keys(), path
    elif shape.type_name == "list":
        for item in value:
            check_members(shape.member, item, path)
    elif shape.type_name == "map":
        for item in value.values():
            check_members(shape.value, item, path)
    elif shape.type_name == "blob":
        base64.b64decode(value, validate=True)
    elif "enum" in shape.metadata and shape.name != "CustomerMasterKeySpec":
        # (The deprecated member repeats KeySpec, also where its own enum stopped growing.)
        assert value in shape.metadata["enum"], (path, value)


def check_answer(wire: Wire, operation: str, answer: Answer) -> None:
    """Status, form and members of one answer are what botocore's model allows."""
    model = wire.model.operation_model(operation)
    status, document = answer
    raw = {
        "status_code": status,
        "headers": HeadersDict(wire.last.headers),
        "body": wire.last.content,
    }
    parsed = create_parser("json").parse(raw, model.output_shape)
    assert wire.last.headers["x-amzn-RequestId"]
    if status == 200:
        if model.output_shape is None:
            assert document is None
            return
        check_members(model.output_shape, document, operation)
        assert parsed.keys() - {"ResponseMetadata"} == document.keys()
        return
    assert document["__type"] in errors_of(model), document
    assert set(document) <= {"__type", "message"} and document.get("message", "x"), document
    assert parsed["Error"]["Code"] == document["__type"]
    assert "Traceback" not in document.get("message", "")


def fuzz(wire: Wire, operation: str, send: Callable[[], Answer]) -> Answer:
    """Send one request, check the answer, and that a refusal left everything as it was."""
    before = wire.seen or wire.everything()
    wire.seen = None
    answer = send()
    check_answer(wire, operation, answer)
    if answer[0] == 200:
        wire.put_back()
    after = wire.everything()
    assert answer[0] == 200 or after == before
    wire.seen = after
    return answer


@pytest.mark.parametrize("operation", OPERATIONS)
def test_any_request_gets_an_answer_of_aws(wire: Wire, operation: str) -> None:
    shape = wire.model.operation_model(operation).input_shape

    @quick
    @given(requests(shape))
    def run(document: Document) -> None:
        fuzz(wire, operation, partial(wire.call, operation, document))

    run()


@given(st.sampled_from(OPERATIONS), junk)
@quick
def test_any_json_gets_an_answer_of_aws(wire: Wire, operation: str, document: Any) -> None:
    fuzz(wire, operation, partial(wire.call, operation, document))


@given(st.sampled_from(OPERATIONS), st.binary(max_size=60))
@quick
def test_any_bytes_get_an_answer_of_aws(wire: Wire, operation: str, body: bytes) -> None:
    fuzz(wire, operation, partial(wire.send, operation, body))


BODIES = {
    "empty": b"",
    "space": b" ",
    "null": b"null",
    "list": b"[]",
    "string": b'"KeyId"',
    "number": b"1",
    "open": b'{"KeyId": ',
    "single quotes": b"{'KeyId': 'x'}",
    "not UTF-8": b'{"KeyId": "\xff"}',
    "UTF-8 with BOM": b'\xef\xbb\xbf{"KeyId": "x"}',
    "UTF-16": '{"KeyId": "x"}'.encode("utf-16"),
    "member twice": b'{"KeyId": "x", "KeyId": {}}',
    "trailing": b'{"KeyId": "x"} {}',
    "XML": b"<KeyId>x</KeyId>",
    "query": b"Action=Encrypt&KeyId=x",
    "raw surrogate": b'{"KeyId": "\xed\xa0\x80"}',
    "escaped surrogate": b'{"KeyId": "\\ud800"}',
    "huge integer": b'{"NumberOfBytes": ' + b"9" * 5000 + b"}",
    "huge exponent": b'{"NumberOfBytes": 1e999}',
    "not a number": b'{"NumberOfBytes": NaN}',
    "infinity": b'{"NumberOfBytes": -Infinity}',
    "deep list": b"[" * 100_000,
    "deep map": b'{"a":' * 100_000,
    "deep member": b'{"KeyId": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "long": b'{"KeyId": "' + b"x" * 1_000_000 + b'"}',
}


@pytest.mark.parametrize("body", list(BODIES.values()), ids=list(BODIES))
def test_bodies_that_are_no_request(wire: Wire, body: bytes) -> None:
    for operation in ("DescribeKey", "GenerateRandom", "CreateAlias"):
        answer = fuzz(wire, operation, partial(wire.send, operation, body))
        assert answer[0] == 400


INTEGERS = [
    ("GenerateRandom", "NumberOfBytes", {}),
    ("GenerateDataKey", "NumberOfBytes", {"KeyId": "@one"}),
    ("GenerateDataKeyWithoutPlaintext", "NumberOfBytes", {"KeyId": "@one"}),
    ("ScheduleKeyDeletion", "PendingWindowInDays", {"KeyId": "@one"}),
    ("ListKeys", "Limit", {}),
    ("ListAliases", "Limit", {}),
    ("ListResourceTags", "Limit", {"KeyId": "@one"}),
    ("ListKeyPolicies", "Limit", {"KeyId": "@one"}),
]
# JSON has no NaN and no infinity, but Python's reader takes them.
BAD_INTEGERS = [
    math.nan,
    math.inf,
    -math.inf,
    1.5,
    10**400,
    -(10**400),
    1e308,
    "7",
    True,
    [7],
    {},
    0,
    -1,
]


@pytest.mark.parametrize("value", BAD_INTEGERS, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize(("operation", "member", "others"), INTEGERS)
def test_numbers_that_are_no_integer(
    wire: Wire, operation: str, member: str, others: Document, value: Any
) -> None:
    answer = fuzz(wire, operation, partial(wire.call, operation, {**others, member: value}))
    assert answer[0] == 400


@pytest.mark.parametrize("policy", ["[" * 100_000, '{"a":' * 20_000, '{"Statement": NaN}', "\x7f"])
def test_policies_that_are_none(wire: Wire, policy: str) -> None:
    fuzz(wire, "CreateKey", partial(wire.call, "CreateKey", {"Policy": policy}))


@pytest.mark.parametrize("marker", MARKERS[1:], ids=lambda value: ascii(value)[:16])
def test_markers_that_no_reply_gave(wire: Wire, marker: str) -> None:
    for operation in ("ListKeys", "ListAliases", "ListResourceTags"):
        answer = wire.call(operation, {"KeyId": "@one", "Marker": marker})
        check_answer(wire, operation, answer)


def test_a_marker_of_list_key_policies(wire: Wire) -> None:
    # The only list whose errors in the model do not include InvalidMarkerException.
    answer = wire.call("ListKeyPolicies", {"KeyId": "@one", "Marker": "x"})
    check_answer(wire, "ListKeyPolicies", answer)


WRONG_TYPES: list[Any] = [
    None,
    True,
    1,
    1.5,
    "x",
    [],
    ["x"],
    {},
    {"x": 1},
    {"x": None},
    [None],
    [[]],
    [{}],
]


@pytest.mark.parametrize("value", WRONG_TYPES, ids=repr)
def test_every_member_with_every_wrong_type(wire: Wire, value: Any) -> None:
    wrong: list[str] = []
    for operation in OPERATIONS:
        if operation == "GenerateDataKeyPair":
            continue  # the same members as without plaintext
        shape = wire.model.operation_model(operation).input_shape
        document = {name: ENOUGH.get(name, "@one") for name in shape.required_members}
        for name in shape.members:
            try:
                answer = wire.call(operation, {**document, name: value})
                check_answer(wire, operation, answer)
            except Exception as error:  # collected, so that one run tells of all
                wrong.append(f"{operation}.{name}: {type(error).__name__}: {error}"[:200])
    wire.put_back()
    wire.seen = None
    assert not wrong, "\n".join(wrong)


# Values that let a request through for members that KeyId's placeholder does not suit.
ENOUGH = {
    "KeyPairSpec": "ECC_NIST_P256",
    "KeySpec": "AES_128",
    "Plaintext": "AA==",
    "CiphertextBlob": "@ciphertext",
    "Message": "AA==",
    "Mac": "AA==",
    "Signature": "AA==",
    "SharedSecretCiphertextBlob": "AA==",
    "SigningAlgorithm": "ECDSA_SHA_256",
    "MacAlgorithm": "HMAC_SHA_256",
    "EncapsulationAlgorithm": "ML_KEM",
    "KeyAgreementAlgorithm": "ECDH",
    "PublicKey": "@public",
    "AliasName": "alias/one",
    "Description": "",
    "TagKeys": [],
    "Tags": [],
}


@pytest.mark.parametrize("key_id", ODD_KEY_IDS, ids=lambda value: ascii(value)[:60])
def test_odd_identifiers(wire: Wire, key_id: str) -> None:
    for operation in (
        "DescribeKey",
        "GetPublicKey",
        "DisableKey",
        "GenerateDataKey",
        "ListAliases",
    ):
        document = {"KeyId": key_id, "KeySpec": "AES_128"}
        fuzz(wire, operation, partial(wire.call, operation, document))


NOT_QUITE = [
    "arn:aws:kms:us-east-1:123456789012:key/alias/one",
    "arn:aws:kms:us-east-1:123456789012:alias/{id}",
    "arn:aws:kms:us-east-1:123456789012:{id}",
    "arn:aws:kms:us-east-1::key/{id}",
    "arn:aws-cn:kms:us-east-1:123456789012:key/{id}",
    "arn:aws:kms:us-east-1:123456789012:key/{id}/",
    "arn:aws:kms:us-east-1:123456789012:key/key/{id}",
    "key/{id}",
    "{id}\n",
    " {id}",
    "alias/{id}",
    "ALIAS/one",
    "alias/One",
    "one",
]


@pytest.mark.parametrize("pattern", NOT_QUITE)
def test_what_looks_like_a_keys_name_finds_no_key(wire: Wire, pattern: str) -> None:
    wire.put_back()
    wire.seen = None
    key_id = pattern.format(id=wire.names["@one"])
    answer = wire.call("DescribeKey", {"KeyId": key_id})
    check_answer(wire, "DescribeKey", answer)
    assert answer[0] == 400, answer[1]["KeyMetadata"]["Arn"]


@given(any_text)
@quick
def test_operations_that_kms_does_not_have(wire: Wire, name: str) -> None:
    safe = "".join(c for c in name if c.isprintable() and c.isascii())
    status, document = wire.send(f"X{safe}", b"{}")
    assert (status, document["__type"]) == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    "target", ["", ".", "TrentService", "TrentService.", "Encrypt.", "TrentService.encrypt"]
)
def test_targets_that_name_no_operation(wire: Wire, target: str) -> None:
    status, document = wire.send("Encrypt", b"{}", X_Amz_Target=target)
    assert (status, document["__type"]) == (400, "UnknownOperationException")


def test_the_lab_answers_every_operation_of_the_model(wire: Wire) -> None:
    assert set(OPERATIONS) == set(wire.model.operation_names)


SIGNED = (
    "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/kms/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


@pytest.mark.parametrize(
    "header", ["", "x", "Bearer x", "AWS4-HMAC-SHA256", SIGNED.format("A"), SIGNED.format("")]
)
def test_any_signature_will_do(wire: Wire, header: str) -> None:
    status, document = wire.send("ListKeys", b"{}", Authorization=header)
    assert status == 200 and document["Keys"]


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ],
)
def test_any_content_type_will_do(wire: Wire, content_type: str) -> None:
    status, document = wire.send("ListKeys", b"{}", Content_Type=content_type)
    assert status in (200, 400) and (document.get("Keys") or document["__type"] in COMMON)
