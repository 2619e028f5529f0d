"""A private AWS account in this process: opened, emptied, closed.

moto runs in the process and answers botocore's requests; the lab's own services take the
place of moto's where moto's would teach something false.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from unittest import mock

import boto3
from botocore.loaders import Loader
from botocore.session import Session
from moto import backend_index, backends
from moto.cloudtrail.models import cloudtrail_backends
from moto.core import utils as core_utils
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.models import DEFAULT_ACCOUNT_ID, MockAWS
from moto.kms.models import kms_backends
from moto.moto_api._internal import mock_random
from moto.secretsmanager import models as secrets_models
from moto.secretsmanager.models import secretsmanager_backends

from . import audit, iam
from .clock import clock
from .cloudtrail.models import LabCloudTrailBackend
from .errors import LabError
from .guard import guarded
from .kms import urls as kms_urls
from .kms import validation
from .kms.current import LAST
from .kms.models import LabKmsBackend
from .secretsmanager.models import LabSecretsManagerBackend
from .without_ec2 import import_backend

ACCOUNT_ID = DEFAULT_ACCOUNT_ID
DEFAULT_REGION = "us-east-1"


class Account:
    """The one account of this process: at most one is open at a time."""

    def __init__(self) -> None:
        self.region = ""
        self._seed: int | None = None
        self._open: ExitStack | None = None

    @property
    def seed(self) -> int | None:
        return self._seed

    @property
    def is_open(self) -> bool:
        return self._open is not None

    def open(self, seed: int | None, region: str) -> None:
        """Start the account. Raises LabError for a Region that AWS doesn't have."""
        with ExitStack() as stack:
            stack.enter_context(guarded(region))
            stack.enter_context(_moto(region))
            self.region, self._seed = region, seed
            self._begin()
            self._open = stack.pop_all()

    def close(self) -> None:
        """Throw the account away and put everything back as it was."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def reset(self) -> None:
        """Begin anew: an empty account, the clock at its start, the same seed and Region."""
        # Not moto's own reset, which would also stop answering the ``requests`` library.
        BackendDict.reset()
        self._begin()

    def _begin(self) -> None:
        # Only names are seeded (key ids, request ids), never cryptographic randomness.
        mock_random.seed(self._seed)
        audit.clear()
        LAST.clear()
        clock.start(frozen=self._seed is not None)


@contextmanager
def _moto(region: str) -> Iterator[None]:
    """moto with the lab's services in it, and one session for all.

    The learner's clients, moto and the lab share the session, so AWS's data files are read once.
    """
    botocore_session = Session()
    loader = botocore_session.get_component("data_loader")
    validation.use_loader(loader)
    session = boto3.Session(botocore_session=botocore_session)
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(kms_backends, "backend", LabKmsBackend))
        stack.enter_context(mock.patch.object(cloudtrail_backends, "backend", LabCloudTrailBackend))
        stack.enter_context(
            mock.patch.object(secretsmanager_backends, "backend", LabSecretsManagerBackend)
        )
        # The dates of secrets are the lab's.
        stack.enter_context(mock.patch.object(secrets_models, "time", _LabTime))
        stack.enter_context(mock.patch.object(secrets_models, "utcnow", _LabTime.utcnow))
        begin = _beginner(stack.enter_context(ExitStack()))
        stack.enter_context(mock.patch.object(AccountSpecificBackend, "__init__", begin))
        stack.enter_context(iam.completed())
        # Less memory: one copy of a service's model, and no EC2 that nobody asks for.
        stack.enter_context(
            mock.patch.object(core_utils, "_load_service_model", _model_loader(loader))
        )
        stack.enter_context(mock.patch.object(backends, "_import_backend", import_backend))
        stack.enter_context(
            mock.patch.object(backend_index, "backend_url_patterns", _url_patterns())
        )
        stack.enter_context(
            mock.patch.object(AccountSpecificBackend, "get_session", lambda: session)
        )
        if region not in kms_backends[ACCOUNT_ID].regions:
            raise LabError(f"AWS has no Region called {region!r}. Try {DEFAULT_REGION!r}.")
        # moto's ``mock_aws`` would choose a server here if the environment once named one.
        stack.enter_context(MockAWS({"core": {"mock_credentials": False}}))
        stack.enter_context(mock.patch.object(boto3, "DEFAULT_SESSION", session))
        yield


_load_as_moto = core_utils._load_service_model


def _model_loader(loader: Loader) -> Callable[[str, str], dict[str, Any]]:
    """How moto gets a service's model: the clients' own, read once.

    Not S3's, in which botocore rewrites the addresses for its clients.
    """

    def load(service_name: str, model_name: str) -> dict[str, Any]:
        if service_name.startswith("s3"):
            return _load_as_moto(service_name, model_name)
        model: dict[str, Any] = loader.load_service_model(service_name, model_name)
        return model

    return load


class _LabTime:
    """What moto asks of Python's time."""

    @staticmethod
    def time() -> float:
        return clock.now().timestamp()

    @staticmethod
    def utcnow() -> datetime:
        return clock.now().replace(tzinfo=None)


_begin_as_moto = AccountSpecificBackend.__init__


def _beginner(later: ExitStack) -> Callable[..., None]:
    """How a service of an account begins, when it is first asked for.

    S3 and Parameter Store are the lab's from then on (``later`` puts moto's back). They are not
    imported before: moto's S3 takes a quarter of a second.
    """
    plugged_in: set[str] = set()

    def begin(
        self: AccountSpecificBackend[Any],
        service_name: str,
        account_id: str,
        backend: type,
        *rest: Any,
        **options: Any,
    ) -> None:
        if service_name == "s3":
            from .s3 import plug

            if "s3" not in plugged_in:
                later.enter_context(plug.plugged())
                plugged_in.add("s3")
            backend = plug.LabS3Backend
        elif service_name == "ssm":
            from .ssm.models import LabSsmBackend

            backend = LabSsmBackend
        _begin_as_moto(self, service_name, account_id, backend, *rest, **options)

    return begin


def _url_patterns() -> list[tuple[str, re.Pattern[str]]]:
    """moto's endpoints, with the lab's for KMS (FIPS and dual-stack) in place of moto's one."""
    others = [entry for entry in backend_index.backend_url_patterns if entry[0] != "kms"]
    return [("kms", re.compile(base)) for base in kms_urls.url_bases] + others


account = Account()
