"""Secrets read through Parameter Store: /aws/reference/secretsmanager/<name of the secret>.

moto reads every version of the secret, for nobody in particular. Here the one that is asked for
is read, by the caller, who needs the permissions of Secrets Manager too.
Source: Systems Manager User Guide, "Referencing AWS Secrets Manager secrets from Parameter Store
parameters".
"""

import json
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import Parameter, ParameterDict

from ..clock import clock


class ReferencedSecret(Parameter):
    """A version of a secret in the form of a parameter, whose value is read when asked for."""

    def __init__(self, account_id: str, region: str, secret: dict[str, Any], version: str) -> None:
        self._secrets: Any = secretsmanager_backends[account_id][region]
        self._version = version
        super().__init__(
            account_id=account_id,
            name=secret["Name"],
            value="",
            parameter_type="SecureString",
            description=secret.get("Description"),
            allowed_pattern=None,
            keyid=None,
            last_modified_date=secret.get("LastChangedDate") or clock.now(),
            version=0,
            data_type="text",
            labels=[version, *secret["VersionIdsToStages"][version]],
            source_result=json.dumps(secret, default=str),
        )

    def decrypt(self, value: str) -> str | None:
        self._secrets.check_secret("GetSecretValue", self.name)
        found = self._secrets.get_secret_value(self.name, self._version, "")
        return str(found["SecretString"]) if "SecretString" in found else None


class LabParameters(ParameterDict):
    """moto's parameters, and secrets by their reference."""

    def _get_secretsmanager_parameter(self, secret_name: str) -> list[Parameter]:
        # A version or a label may follow the name.
        name = secret_name.split(":")[0]
        secrets: Any = secretsmanager_backends[self.account_id][self.region_name]
        secret = secrets.describe_secret(name).to_dict()
        staged: dict[str, list[str]] = secret["VersionIdsToStages"]
        # The current one comes last: it is what a name alone means.
        versions = sorted(staged, key=lambda version: "AWSCURRENT" in staged[version])
        return [
            ReferencedSecret(self.account_id, self.region_name, secret, version)
            for version in versions
        ]
