"""What moto's IAM and STS lack, so that KMS sees every caller as AWS would.

What a session was given (tags, managed policies), whose temporary keys GetSessionToken and
GetFederationToken give out, which access keys were ever issued, users' permissions boundaries,
AWS's managed policies. The rest of IAM and STS is moto's.
Source: STS API reference, AssumeRole, GetSessionToken, GetFederationToken; IAM API reference,
PutUserPermissionsBoundary.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AccessKey, AWSManagedPolicy, IAMBackend, User, iam_backends
from moto.iam.responses import IamResponse
from moto.sts.exceptions import STSValidationError
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.responses import TokenResponse

from .caller import NamedPolicy, Token, caller_identity, is_role_arn, role_exists, tokens_of
from .clock import clock
from .guard import issued_keys

_make_access_key = AccessKey.__init__
_assume_role = STSBackend.assume_role
_answer_assume_role = TokenResponse.assume_role
_answer_get_session_token = TokenResponse.get_session_token
_answer_get_federation_token = TokenResponse.get_federation_token
_answer_create_user = IamResponse.create_user
_region_of = BaseResponse.get_region_from_url
_answer = BaseResponse.call_action


@contextmanager
def completed() -> Iterator[None]:
    """moto's IAM and STS, with what they lack."""
    with ExitStack() as stack:
        for where, name, new in (
            (AccessKey, "__init__", make_access_key),
            (AssumedRole, "tags", {}),
            (AssumedRole, "policy_arns", ()),
            (AssumedRole, "issued", None),
            (AssumedRole, "of_no_role", False),
            (STSBackend, "assume_role", assume_role),
            (STSBackend, "get_caller_identity", caller_identity),
            (TokenResponse, "assume_role", answer_assume_role),
            (TokenResponse, "get_session_token", answer_get_session_token),
            (TokenResponse, "get_federation_token", answer_get_federation_token),
            (User, "permissions_boundary_arn", None),
            (User, "permissions_boundary", property(permissions_boundary)),
            (IamResponse, "call_action", answer),
            (IamResponse, "get_region_from_url", region_of),
            (IamResponse, "create_user", answer_create_user),
            (IamResponse, "put_user_permissions_boundary", put_boundary),
            (IamResponse, "delete_user_permissions_boundary", delete_boundary),
        ):
            stack.enter_context(mock.patch.object(where, name, new, create=True))
        yield


def make_access_key(access_key: AccessKey, *args: Any, **kwargs: Any) -> None:
    """A new access key. It never becomes the administrator's, and never leaves the lab."""
    _make_access_key(access_key, *args, **kwargs)
    issued_keys.add(access_key.access_key_id)


def assume_role(backend: STSBackend, **request: Any) -> AssumedRole:
    """A session. One of a role that doesn't exist is the administrator of the role's account."""
    session: Any = _assume_role(backend, **request)
    session.of_no_role = not role_exists(session.role_arn)
    session.issued = clock.now()
    return session  # type: ignore[no-any-return]


def answer_assume_role(response: TokenResponse) -> ActionResult:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
    role_arn = response._get_param("RoleArn")
    if not is_role_arn(role_arn):
        raise STSValidationError(f"{role_arn} is invalid")
    answer: Any = _answer_assume_role(response)
    session = answer.result["Credentials"]
    session.tags = {tag["Key"]: tag["Value"] for tag in response._get_param("Tags", [])}
    session.policy_arns = tuple(each["arn"] for each in response._get_param("PolicyArns", []))
    return answer  # type: ignore[no-any-return]


def answer_get_session_token(response: TokenResponse) -> ActionResult:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""
    return _with_own_key(response, _answer_get_session_token(response))


def answer_get_federation_token(response: TokenResponse) -> ActionResult:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html"""
    inline = response._get_param("Policy")
    policies: list[NamedPolicy] = [("inline", inline)] if inline else []
    return _with_own_key(
        response,
        _answer_get_federation_token(response),
        name=response._get_param("Name"),
        policies=tuple(policies),
    )


def _with_own_key(response: TokenResponse, answer: Any, **token: Any) -> ActionResult:
    """The answer with an access key of its own: moto gives everybody the same one."""
    account_id, partition = response.current_account, response.partition
    key = iam_backends[account_id][partition].create_temp_access_key()
    owner = response.get_access_key()
    tokens_of(account_id, partition)[key.access_key_id] = Token(owner, clock.now(), **token)
    answer.result["Credentials"] |= {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
    }
    return answer  # type: ignore[no-any-return]


def answer(response: IamResponse) -> TYPE_RESPONSE:
    """Any action of IAM. AWS's managed policies are read when they are first named."""
    asked = str(response.params)
    if "iam::aws:policy" in asked or response._get_action() == "ListPolicies":
        _load_aws_policies(response.backend)
    return _answer(response)


def _load_aws_policies(backend: IAMBackend) -> None:
    if not backend.aws_managed_policies:
        backend.aws_managed_policies = [
            AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
            for name, data in json.loads(aws_managed_policies_data).items()
        ]
        backend.managed_policies |= {each.arn: each for each in backend.aws_managed_policies}


def region_of(response: IamResponse, request: Any, full_url: str) -> str:
    """The Region whose partition an IAM endpoint serves: moto takes GovCloud's for AWS's."""
    gov_cloud = "//iam.us-gov." in full_url
    return "us-gov-west-1" if gov_cloud else _region_of(response, request, full_url)


def permissions_boundary(user: Any) -> dict[str, str] | None:
    arn = user.permissions_boundary_arn
    kind = "PermissionsBoundaryPolicy"
    return {"PermissionsBoundaryType": kind, "PermissionsBoundaryArn": arn} if arn else None


def answer_create_user(response: IamResponse) -> ActionResult:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html"""
    boundary = response._get_param("PermissionsBoundary")
    if boundary:
        response.backend.get_policy(boundary)
    answer: Any = _answer_create_user(response)
    answer.result["User"].permissions_boundary_arn = boundary
    return answer  # type: ignore[no-any-return]


def put_boundary(response: IamResponse) -> ActionResult:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html"""
    user: Any = response.backend.get_user(response._get_param("UserName"))
    boundary = response._get_param("PermissionsBoundary")
    response.backend.get_policy(boundary)
    user.permissions_boundary_arn = boundary
    return EmptyResult()


def delete_boundary(response: IamResponse) -> ActionResult:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html"""
    user: Any = response.backend.get_user(response._get_param("UserName"))
    user.permissions_boundary_arn = None
    return EmptyResult()
