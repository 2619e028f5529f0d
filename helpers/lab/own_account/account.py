"""The learner's own account while it is open: who acts there, and what is put back afterwards."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import boto3
from botocore.client import BaseClient, ClientCreator
from botocore.exceptions import BotoCoreError, ClientError

from ..clock import clock
from ..errors import LabError
from . import state
from .asking import Plan
from .going_on import going_on
from .journal import Journal
from .lab_only import OnlyInTheLab
from .requests import SERVICES, Requests

_create_client = ClientCreator.create_client
# Set while a client for the course's own work is made, in the thread that makes it.
_PLAIN: ContextVar[bool] = ContextVar("plain", default=False)


class OwnAccount:
    """One account of the learner's, confirmed by its number. At most one is open in a process."""

    def __init__(self, plan: Plan, account_id: str) -> None:
        self.plan, self.account_id, self.region = plan, account_id, plan.region
        self.opened = datetime.now(UTC).replace(microsecond=0)  # as CloudTrail counts
        self.session = _session(plan)
        self.arn = ""
        # Access keys that this account's STS gave out since, to roles of the course.
        self.issued: set[str] = set()
        self.journal = Journal(account_id)
        self.requests = Requests(self)
        self._open = ExitStack()
        self._told_of_scratch = False

    def open(self) -> None:
        """Ask AWS who we are and, if that is the account confirmed, let every client act there.

        Raises LabError, and then nothing is open and nothing else was called.
        """
        self.arn = self._identity()
        with ExitStack() as stack:
            stack.enter_context(_own_environment(self.plan))
            stack.enter_context(mock.patch.object(boto3, "DEFAULT_SESSION", self.session))
            create = self._client_creator()
            stack.enter_context(mock.patch.object(ClientCreator, "create_client", create))
            stack.enter_context(going_on())
            stack.enter_context(mock.patch.object(state, "current", self))
            clock.start(frozen=False)
            self._open = stack.pop_all()

    def close(self) -> None:
        """Put this process's settings back. What was made in the account stays there."""
        self._open.close()

    def still_open(self) -> str:
        """What a lesson's own ``lab.open`` is told."""
        return (
            f"Open already: your own account {self.account_id} (Region {self.region}). The lesson "
            "runs there. lab.close() ends it."
        )

    def tell_of_scratch(self) -> None:
        """Say once that this is not the learner's account."""
        if not self._told_of_scratch:
            print("lab.scratch is in the lab, also now: nothing of it is sent to AWS.")
            self._told_of_scratch = True

    def client(self, service: str, region: str | None = None) -> Any:
        """A client for the course's own work, which says exactly what it means: no rewriting."""
        token = _PLAIN.set(True)
        try:
            return self.session.client(service, region_name=region or self.region)
        finally:
            _PLAIN.reset(token)

    def _identity(self) -> str:
        try:
            found = self.client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise LabError(f"AWS does not know who you are, so nothing is open: {error}") from None
        if found["Account"] != self.account_id:
            raise LabError(
                f"These credentials are of account {found['Account']}, not of the one that you "
                f"confirmed, {self.account_id}. Nothing else was called, and nothing is open."
            )
        arn: str = found["Arn"]
        if arn.endswith(":root"):
            raise LabError(
                "These are the root user's credentials. Root can't assume a role, and nobody "
                "should work as root: make a role or a user for this. Nothing is open."
            )
        return arn

    def _client_creator(self) -> Any:
        def create_client(creator: ClientCreator, *args: Any, **kwargs: Any) -> BaseClient:
            if _PLAIN.get() or self._is_foreign(kwargs.get("credentials")):
                return _create_client(creator, *args, **kwargs)
            service = args[0] if args else kwargs["service_name"]
            if service not in SERVICES:
                raise OnlyInTheLab(
                    f"in your own account the course calls {', '.join(sorted(SERVICES))}, whose "
                    f"things it can clean up; {service} is not among them."
                )
            endpoint = kwargs.get("endpoint_url")
            if endpoint and endpoint.rstrip("/") != self.plan.endpoint.rstrip("/"):
                raise OnlyInTheLab(
                    f"a request to {endpoint}. Yours go where your settings send them, and nowhere "
                    "else."
                )
            if getattr(kwargs.get("credentials"), "method", "") != "explicit":
                # Whatever the environment says by now: those that were confirmed.
                kwargs["credentials"] = self.session.get_credentials()
            client: BaseClient = _create_client(creator, *args, **kwargs)
            self.requests.watch(client)
            return client

        return create_client

    def _is_foreign(self, credentials: Any) -> bool:
        """Credentials that somebody wrote into his code: no lesson does, so it is his own affair.

        Those that this account gave to a role of the course are the course's.
        """
        if getattr(credentials, "method", "") != "explicit":
            return False
        known = {*self.issued, self.session.get_credentials().access_key}
        return credentials.access_key not in known


def _session(plan: Plan) -> boto3.Session:
    try:
        return boto3.Session(profile_name=plan.profile, region_name=plan.region)
    except BotoCoreError as error:
        raise LabError(f"The profile can't be used: {error}") from None


@contextmanager
def _own_environment(plan: Plan) -> Iterator[None]:
    """Whoever makes a session of his own finds the same profile and Region."""
    own = {"AWS_DEFAULT_REGION": plan.region}
    if plan.profile:
        own["AWS_PROFILE"] = plan.profile
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
