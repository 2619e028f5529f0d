"""RotateSecret: a version without a value, which the rotation function is to give one.

The lab runs no functions. What the function does (PutSecretValue with the token as
ClientRequestToken, UpdateSecretVersionStage) is for somebody else to do; until then the current
version stays what it was.
Source: Secrets Manager User Guide, "Rotation by Lambda function"; API reference, RotateSecret.
"""

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from .exceptions import failure
from .replicas import is_replica

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"


class RotatingBackend(SecretsManagerBackend):
    """moto's backend, which would make the version without a value the current one."""

    def rotate_secret(
        self,
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: dict[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> str:
        """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html"""
        secret: Any = self.secrets[secret_id]
        if is_replica(secret):
            return super().rotate_secret(secret_id)  # refuses
        function = _function(secret, rotation_lambda_arn)
        before = {version_id: _stages(version) for version_id, version in secret.versions.items()}
        current = secret.default_version_id
        token = self._from_client_request_token(client_request_token)
        super().rotate_secret(secret_id, token, None, rotation_rules, rotate_immediately)
        for version_id in list(secret.versions):
            if version_id in before:
                secret.versions[version_id]["version_stages"] = before[version_id]
            elif rotate_immediately:
                secret.versions[version_id]["version_stages"] = [PENDING]
            else:  # only a test of the function
                del secret.versions[version_id]
        secret.set_default_version_id(current)
        secret.rotation_lambda_arn, secret.rotation_enabled = function, True
        return str(secret.to_short_dict(version_id=token if rotate_immediately else None))

    def update_secret_version_stage(
        self, secret_id: str, version_stage: str, *moved: Any, **named: Any
    ) -> tuple[str, str]:
        """What is current now is what GetSecretValue gives."""
        answer = super().update_secret_version_stage(secret_id, version_stage, *moved, **named)
        secret: Any = self.secrets[secret_id]
        for version_id, version in secret.versions.items():
            if CURRENT in version["version_stages"]:
                secret.set_default_version_id(version_id)
        return answer


def _function(secret: Any, rotation_lambda_arn: str | None) -> str:
    """The function's ARN. Raises InvalidRequestException if no rotation can begin."""
    function = rotation_lambda_arn or secret.rotation_lambda_arn
    if not function:
        message = "No Lambda rotation function ARN is associated with this secret."
        raise failure("InvalidRequestException", message)
    for version in secret.versions.values():
        if PENDING in version["version_stages"] and CURRENT not in version["version_stages"]:
            message = "A previous rotation isn't complete. That rotation will be reattempted."
            raise failure("InvalidRequestException", message)
    return str(function)


def _stages(version: dict[str, Any]) -> list[str]:
    return [stage for stage in version["version_stages"] if stage != PENDING]
