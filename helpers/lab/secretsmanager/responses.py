"""The wire: who calls, whether he may, and in which account the secret is.

Source: IAM User Guide, "Actions, resources, and condition keys for AWS Secrets Manager".
"""

from moto.core.common_types import TYPE_RESPONSE
from moto.secretsmanager.models import secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse

from ..caller import caller_of
from .models import CALLER, LabSecretsManagerBackend

# About the account, not about one secret.
_OF_ACCOUNT = {"BatchGetSecretValue", "GetRandomPassword", "ListSecrets"}


class LabSecretsManagerResponse(SecretsManagerResponse):
    """moto's operations, after a look at the caller's permissions."""

    @property
    def backend(self) -> LabSecretsManagerBackend:
        """The account's, or the one that the ARN of a secret names."""
        secret_id = str(self._get_param("SecretId") or "")
        parts = secret_id.split(":")
        account_id = self.current_account
        if len(parts) > 6 and parts[0] == "arn" and parts[4] in secretsmanager_backends:
            account_id = parts[4]
        return secretsmanager_backends[account_id][self.region]  # type: ignore[return-value]

    def call_action(self) -> TYPE_RESPONSE:
        """Any operation, as its caller."""
        caller = caller_of(self.get_access_key(), self.current_account, self.region)
        token = CALLER.set(caller)
        try:
            return super().call_action()
        finally:
            CALLER.reset(token)

    def _authenticate_and_authorize_normal_action(self, resource: str) -> None:
        operation, backend = self._get_action(), self.backend
        if operation in _OF_ACCOUNT:
            backend.check(operation, "*")
        elif operation == "CreateSecret":
            backend.check(operation, backend.arn_of(str(self._get_param("Name"))))
        else:
            backend.check_secret(operation, str(self._get_param("SecretId") or ""))
