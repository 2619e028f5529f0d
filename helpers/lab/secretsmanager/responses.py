"""The wire: who calls, whether he may, and in which account the secret is.

Source: IAM User Guide, "Actions, resources, and condition keys for AWS Secrets Manager".
"""

import json

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import InvalidClientTokenIdError
from moto.secretsmanager.exceptions import SecretsManagerClientError
from moto.secretsmanager.models import secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse

from ..caller import caller_of
from ..kms.models import LOCK
from .models import CALLER, DEFAULT_KEY, LabSecretsManagerBackend
from .replicas import is_replica

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
        try:
            caller = caller_of(self.get_access_key(), self.current_account, self.region)
        except InvalidClientTokenIdError as error:
            message = "The security token included in the request is invalid."
            raise SecretsManagerClientError("UnrecognizedClientException", message) from error
        token = CALLER.set(caller)
        try:
            # One at a time: while a secret is made, nobody sees it half done.
            with LOCK:
                return super().call_action()
        finally:
            CALLER.reset(token)

    def describe_secret(self) -> str:
        """moto's answer, but of a replica with the key of its own Region."""
        described = json.loads(super().describe_secret())
        secret = self.backend.secrets[self._get_param("SecretId")]
        if is_replica(secret):
            described.pop("KmsKeyId", None)
            key_id = secret.config["KmsKeyId"]  # type: ignore[union-attr]
            if key_id != DEFAULT_KEY:
                described["KmsKeyId"] = key_id
        return json.dumps(described)

    def _authenticate_and_authorize_normal_action(self, resource: str) -> None:
        operation, backend = self._get_action(), self.backend
        if operation in _OF_ACCOUNT:
            backend.check(operation, "*")
        elif operation == "CreateSecret":
            backend.check(operation, backend.arn_of(str(self._get_param("Name"))))
        else:
            backend.check_secret(operation, str(self._get_param("SecretId") or ""))
