"""The wall between the lab and real AWS.

Inside ``guarded`` botocore sees none of this machine's credentials, profiles, SSO caches,
endpoint settings or instance metadata, and sends nothing: moto answers in the process, and
whatever it leaves unanswered is refused with NothingSent.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import boto3
from botocore import httpsession, loaders
from botocore.client import BaseClient, ClientCreator
from botocore.handlers import BUILTIN_HANDLERS
from moto.core.botocore_stubber import BotocoreStubber

from .errors import NothingSent

LAB_ACCESS_KEY = "LABLABLABLABLABLABLA"

# Every access key that the lab's IAM and STS gave out in this process. AWS doesn't know them.
issued_keys: set[str] = set()

# Whatever begins like this steers botocore or moto. The lab hides it and sets its own.
_HIDDEN_PREFIXES = ("AWS_", "BOTO_", "MOTO_", "TEST_SERVER_MODE", "TEST_PROXY_MODE")


def _own_environment(region: str) -> dict[str, str]:
    return {
        # Not credentials: AWS never issued them, and nothing that is signed with them is sent.
        "AWS_ACCESS_KEY_ID": LAB_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": "never-sent-anywhere",
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def _own_settings(region: str) -> Iterator[None]:
    """Swap the variables that steer botocore and moto; all others stay the learner's."""

    def take_away() -> dict[str, str]:
        names = [name for name in os.environ if name.startswith(_HIDDEN_PREFIXES)]
        return {name: os.environ.pop(name) for name in names}

    hidden = take_away()
    os.environ.update(_own_environment(region))
    try:
        yield
    finally:
        take_away()
        os.environ.update(hidden)


@contextmanager
def guarded(region: str) -> Iterator[None]:
    """Hide this machine's AWS settings and stop every request that nobody answers."""
    with ExitStack() as walls:
        walls.enter_context(_own_settings(region))
        walls.enter_context(mock.patch.object(boto3, "DEFAULT_SESSION", None))
        # A user's own service models could name other endpoints.
        walls.enter_context(mock.patch.object(loaders.Loader, "CUSTOMER_DATA_PATH", os.devnull))
        walls.enter_context(mock.patch.object(httpsession.URLLib3Session, "send", _refuse))
        walls.enter_context(mock.patch.object(BotocoreStubber, "__call__", _answer))
        walls.enter_context(mock.patch.object(ClientCreator, "create_client", _create_lab_client))
        yield


_moto_answers = BotocoreStubber.__call__


def _answer(stubber: BotocoreStubber, event_name: str, request: Any, **kwargs: Any) -> Any:
    """moto's answer, or a clear refusal where moto has none."""
    try:
        response = _moto_answers(stubber, event_name, request, **kwargs)
    except NotImplementedError as error:
        raise _refusal(request, str(error)) from None
    # Only a 404's body is read here: others may be streams, for the caller to read.
    if response is None or (
        response.status_code == 404 and response.content == b"Not yet implemented"
    ):
        raise _refusal(request, "no service of the lab answers there")
    return response


def _refuse(_session: Any, request: Any) -> Any:
    # Reached by clients older than the lab, and by searches for instance or container credentials.
    raise _refusal(request, "this client is older than the lab: make it again after lab.open()")


def _refusal(request: Any, why: str) -> NothingSent:
    url = request.url.split("?")[0]
    return NothingSent(
        f"The lab does not answer {request.method} {url} ({why}). Nothing was sent to AWS."
    )


_create_client = ClientCreator.create_client


def _create_lab_client(creator: ClientCreator, *args: Any, **kwargs: Any) -> BaseClient:
    """A client that is made in the lab belongs to it, whatever credentials it was given."""
    client: BaseClient = _create_client(creator, *args, **kwargs)
    client.meta.events.register("before-send", _refuse_if_closed)
    return client


def _refuse_if_closed(**_: Any) -> None:
    if BotocoreStubber.__call__ is _moto_answers:
        raise NothingSent(
            "This client belongs to a lab that is closed. Nothing was sent to AWS. "
            "Call lab.open() and make the client again."
        )


def _refuse_lab_keys(request: Any, **_: Any) -> None:
    """Stop a client that was made after the lab was closed, by a session of the lab."""
    if BotocoreStubber.__call__ is not _moto_answers:
        return  # a lab is open, and answers
    signature = str(request.headers.get("Authorization", ""))
    access_key = signature.partition("Credential=")[2].partition("/")[0]
    if access_key == LAB_ACCESS_KEY or access_key in issued_keys:
        _refuse_if_closed()


# Every client that is made from now on asks this first; it stops none but the lab's own.
BUILTIN_HANDLERS.append(("before-send", _refuse_lab_keys))
