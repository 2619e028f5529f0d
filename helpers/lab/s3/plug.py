"""The lab's S3 in moto's place."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.iam.access_control import PermissionResult
from moto.s3 import models
from moto.s3.models import FakeBucket

from . import configuration
from .asking import ASKING
from .models import LabS3Backend
from .objects import LabKey, LabMultipart

__all__ = ["LabS3Backend", "plugged"]


@contextmanager
def plugged() -> Iterator[None]:
    """moto makes the lab's objects and uploads, and leaves permissions to the lab."""
    with ExitStack() as stack:
        for where, name, new in (
            (models, "FakeKey", LabKey),
            (models, "FakeMultipart", LabMultipart),
            (models, "cfn_to_api_encryption", configuration.from_template),
            (FakeBucket, "get_permission", get_permission),
        ):
            stack.enter_context(mock.patch.object(where, name, new))
        yield


def get_permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What moto thinks of the bucket policy: nothing, as ``authorization`` has looked at it.

    Of DeleteObjects moto asks this for each object.
    """
    asking: Any = ASKING.get()
    if asking and asking.may_delete and not asking.may_delete(resource):
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED
