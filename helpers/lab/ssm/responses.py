"""The wire: who calls, and whether he may do this with the parameters that the request names.

Source: IAM User Guide, "Actions, resources, and condition keys for AWS Systems Manager". The
operations of Systems Manager that are not about parameters are moto's, and nobody is asked.
"""

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import InvalidClientTokenIdError, JsonRESTError
from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.models import ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from ..caller import caller_of
from ..kms.models import LOCK
from .models import CALLER, LabSsmBackend

# operation -> the member that names its parameters
_NAMED_BY = {
    "DeleteParameter": "Name",
    "DeleteParameters": "Names",
    "GetParameter": "Name",
    "GetParameterHistory": "Name",
    "GetParameters": "Names",
    "GetParametersByPath": "Path",
    "LabelParameterVersion": "Name",
    "PutParameter": "Name",
    "UnlabelParameterVersion": "Name",
}
_TAGGING = ("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")


class LabSsmResponse(SimpleSystemManagerResponse):
    """moto's operations, after a look at the caller's permissions."""

    @property
    def ssm_backend(self) -> LabSsmBackend:
        return ssm_backends[self.current_account][self.region]  # type: ignore[return-value]

    def call_action(self) -> TYPE_RESPONSE:
        """Any operation, as its caller."""
        try:
            caller = caller_of(self.get_access_key(), self.current_account, self.region)
        except InvalidClientTokenIdError as error:
            message = "The security token included in the request is invalid."
            raise JsonRESTError("UnrecognizedClientException", message) from error
        token = CALLER.set(caller)
        try:
            # One at a time: while a version is put, nobody sees it half done.
            with LOCK:
                self._check(self._get_action())
                return super().call_action()
        except SSMException as error:
            status, headers, body = self.serialized(ActionResult(error))
            return status, *self._enrich_response(headers, body)
        finally:
            CALLER.reset(token)

    def _check(self, operation: str) -> None:
        """Raise AccessDeniedException for the first parameter with which the caller may not."""
        if operation == "DescribeParameters":
            self.ssm_backend.check(operation, "*")
        names: str | list[str] = []
        if operation in _NAMED_BY:
            names = self._get_param(_NAMED_BY[operation])
        elif operation in _TAGGING and self._get_param("ResourceType") == "Parameter":
            names = self._get_param("ResourceId")
        for name in names if isinstance(names, list) else [names]:
            self.ssm_backend.check(operation, self.ssm_backend.arn_of(name), name)
