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
from moto.core.botocore_stubber import BotocoreStubber

from .errors import NothingSent

# Whatever begins like this steers botocore or moto. The lab hides it and sets its own.
_HIDDEN_PREFIXES = ("AWS_", "BOTO_", "MOTO_", "TEST_SERVER_MODE", "TEST_PROXY_MODE")


def _own_environment(region: str) -> dict[str, str]:
    return {
        # Not credentials: AWS never issued them, and nothing that is signed with them is sent.
        "AWS_ACCESS_KEY_ID": "LABLABLABLABLABLABLA",
        "AWS_SECRET_ACCESS_KEY": "never-sent-anywhere",
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def guarded(region: str) -> Iterator[None]:
    """Hide this machine's AWS settings and stop every request that nobody answers."""
    visible = {k: v for k, v in os.environ.items() if not k.startswith(_HIDDEN_PREFIXES)}
    with ExitStack() as walls:
        environment = visible | _own_environment(region)
        walls.enter_context(mock.patch.dict(os.environ, environment, clear=True))
        walls.enter_context(mock.patch.object(boto3, "DEFAULT_SESSION", None))
        # A user's own service models could name other endpoints.
        walls.enter_context(mock.patch.object(loaders.Loader, "CUSTOMER_DATA_PATH", os.devnull))
        walls.enter_context(mock.patch.object(httpsession.URLLib3Session, "send", _refuse))
        walls.enter_context(mock.patch.object(BotocoreStubber, "__call__", _answer))
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
    raise _refusal(request, "no service of the lab was asked")


def _refusal(request: Any, why: str) -> NothingSent:
    return NothingSent(
        f"The lab does not answer {request.method} {request.url.split('?')[0]} ({why}). "
        "Nothing was sent to AWS. If the client is older than lab.open(), make it again."
    )
