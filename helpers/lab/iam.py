"""What moto's IAM and STS lack, so that KMS sees every caller as AWS would.

Tags of a session, whose temporary keys GetSessionToken gives out, which access keys were
deleted, users' permissions boundaries. The rest of IAM and STS is moto's.
Source: STS API reference, AssumeRole and GetSessionToken; IAM API reference,
PutUserPermissionsBoundary.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import IAMBackend, User, iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.responses import TokenResponse

from .caller import caller_identity, deleted_keys, role_exists, token_owners

_assume_role = STSBackend.assume_role
_delete_access_key = IAMBackend.delete_access_key_by_name
_answer_assume_role = TokenResponse.assume_role
_answer_get_session_token = TokenResponse.get_session_token
_answer_create_user = IamResponse.create_user


@contextmanager
def completed() -> Iterator[None]:
    """moto's IAM and STS, with what they lack."""
    with ExitStack() as stack:
        for where, name, new in (
            (AssumedRole, "tags", {}),
            (AssumedRole, "of_no_role", False),
            (STSBackend, "assume_role", assume_role),
            (STSBackend, "get_caller_identity", caller_identity),
            (TokenResponse, "assume_role", answer_assume_role),
            (TokenResponse, "get_session_token", answer_get_session_token),
            (User, "permissions_boundary_arn", None),
            (User, "permissions_boundary", property(permissions_boundary)),
            (IAMBackend, "delete_access_key_by_name", delete_access_key),
            (IamResponse, "create_user", answer_create_user),
            (IamResponse, "put_user_permissions_boundary", put_boundary),
            (IamResponse, "delete_user_permissions_boundary", delete_boundary),
        ):
            stack.enter_context(mock.patch.object(where, name, new, create=True))
        yield


def assume_role(backend: STSBackend, **request: Any) -> AssumedRole:
    """A session. One of a role that doesn't exist is the administrator of the role's account."""
    session = _assume_role(backend, **request)
    session.of_no_role = not role_exists(session.role_arn)  # type: ignore[attr-defined]
    return session


def answer_assume_role(response: TokenResponse) -> ActionResult:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
    answer: Any = _answer_assume_role(response)
    tags = response._get_param("Tags", [])
    answer.result["Credentials"].tags = {tag["Key"]: tag["Value"] for tag in tags}
    return answer  # type: ignore[no-any-return]


def answer_get_session_token(response: TokenResponse) -> ActionResult:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""
    answer: Any = _answer_get_session_token(response)
    account_id, partition = response.current_account, response.partition
    key = iam_backends[account_id][partition].create_temp_access_key()
    token_owners(account_id, partition)[key.access_key_id] = response.get_access_key()
    answer.result["Credentials"] |= {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
    }
    return answer  # type: ignore[no-any-return]


def delete_access_key(backend: IAMBackend, access_key_id: str) -> None:
    """Delete an access key, and remember that it is good no more."""
    _delete_access_key(backend, access_key_id)
    deleted_keys(backend).add(access_key_id)


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
