"""A private AWS account in this process: opened, closed, and kept apart from real ones.

While the lab is open no AWS credentials, profiles, SSO caches, endpoint settings or instance
metadata of this machine are read, and no request that botocore makes leaves it. moto answers
in the process; whatever it leaves unanswered is refused here.
"""

import os
import re
from typing import Any
from unittest import mock

import boto3
from botocore import httpsession, loaders
from botocore.session import Session
from moto import backend_index, mock_aws
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal import mock_random

from .clock import clock
from .errors import LabError, NothingSent
from .kms import models as kms_models
from .kms import urls as kms_urls
from .kms import validation

DEFAULT_REGION = "us-east-1"

# Whatever begins like this steers botocore or moto; the lab hides it and sets its own.
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


class Account:
    """The one account of this process: at most one is open at a time."""

    def __init__(self) -> None:
        self.region: str | None = None
        self._seed: int | None = None
        self._mock: Any = None
        self._undo: list[Any] = []

    @property
    def is_open(self) -> bool:
        return self._mock is not None

    def open(self, seed: int | None, region: str) -> None:
        """Start the account. Raises LabError for a Region that AWS doesn't have."""
        self._guard(region)
        try:
            self._check_region(region)
            self._mock = mock_aws()
            self._mock.start()
            # One session for the learner's clients and for the lab: the service model is read once.
            session = Session()
            boto3.setup_default_session(botocore_session=session)
            validation.use_loader(session.get_component("data_loader"))
        except BaseException:
            self._mock = None
            self._unguard()
            raise
        self.region, self._seed = region, seed
        self._begin()

    def close(self) -> None:
        """Throw the account away and put everything back as it was."""
        if not self.is_open:
            return
        self._mock.stop()
        self._mock = None
        self._unguard()

    def reset(self) -> None:
        """Begin anew: an empty account, the clock at its start, the same seed and Region."""
        # Not moto's own reset, which would also stop answering the ``requests`` library.
        BackendDict.reset()
        self._begin()

    def _begin(self) -> None:
        # Only names are seeded (key ids, request ids), never cryptographic randomness.
        mock_random.seed(self._seed)
        clock.start(frozen=self._seed is not None)

    @staticmethod
    def _check_region(region: str) -> None:
        if region not in kms_models.kms_backends[DEFAULT_ACCOUNT_ID].regions:
            raise LabError(f"AWS has no Region called {region!r}. Try {DEFAULT_REGION!r}.")

    def _guard(self, region: str) -> None:
        hidden = [name for name in os.environ if name.startswith(_HIDDEN_PREFIXES)]
        environment = mock.patch.dict(os.environ, _own_environment(region))
        environment.start()
        for name in set(hidden) - _own_environment(region).keys():
            del os.environ[name]
        session = mock.patch.object(boto3, "DEFAULT_SESSION", None)
        # A user's own service models could name other endpoints.
        models = mock.patch.object(loaders.Loader, "CUSTOMER_DATA_PATH", os.devnull)
        send = mock.patch.object(httpsession.URLLib3Session, "send", _refuse)
        answer = mock.patch.object(BotocoreStubber, "__call__", _answer)
        patterns = mock.patch.object(backend_index, "backend_url_patterns", _url_patterns())
        self._undo = [environment, session, models, send, answer, patterns]
        for patch in self._undo[1:]:
            patch.start()
        backend_before = kms_models.install()
        self._restore_backend = lambda: kms_models.uninstall(backend_before)

    def _unguard(self) -> None:
        self._restore_backend()
        for patch in reversed(self._undo):
            patch.stop()
        self._undo = []
        self.region = None


def _url_patterns() -> list[tuple[str, Any]]:
    """moto's endpoints, with the lab's for KMS (FIPS and dual-stack) in place of moto's one."""
    others = [entry for entry in backend_index.backend_url_patterns if entry[0] != "kms"]
    return [("kms", re.compile(base)) for base in kms_urls.url_bases] + others


_moto_answers = BotocoreStubber.__call__


def _answer(stubber: BotocoreStubber, event_name: str, request: Any, **kwargs: Any) -> Any:
    """moto's answer, or a clear refusal where moto has none."""
    try:
        response = _moto_answers(stubber, event_name, request, **kwargs)
    except NotImplementedError as error:
        raise _refusal(request, str(error)) from None
    if response is None or response.status_code == 404 and response.content == b"Not yet implemented":
        raise _refusal(request, "no service of the lab answers there")
    return response


def _refuse(_session: Any, request: Any) -> Any:
    raise _refusal(
        request, "this client was made before lab.open(), or looks for this machine's own settings"
    )


def _refusal(request: Any, why: str) -> NothingSent:
    return NothingSent(
        f"The lab does not answer {request.method} {request.url.split('?')[0]} ({why}). "
        "Nothing was sent to AWS. If the client is older than lab.open(), make it again."
    )


account = Account()
ACCOUNT_ID = DEFAULT_ACCOUNT_ID
