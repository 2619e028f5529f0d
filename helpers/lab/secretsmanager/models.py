"""Secrets whose values are encrypted: each version under a data key of its own.

moto keeps versions, stages, rotation and replicas. Where it would keep a value, an envelope
stands. Names, descriptions, tags and dates are not encrypted, as on AWS.
Source: Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
"""

from contextvars import ContextVar
from typing import Any

from moto.kms.models import kms_backends
from moto.secretsmanager.exceptions import SecretNotFoundException, SecretsManagerClientError
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends

from ..caller import Caller, caller_of
from ..envelopes import Damaged, Envelope, rewrap, seal, unseal
from ..kms.exceptions import KmsError
from ..kms.responses import call_for_service
from ..partitions import partition_of
from ..permissions import denial
from ..policy import MalformedPolicy, parse_policy
from . import replicas
from .exceptions import CANNOT, check_value, failure, malformed_policy, marked_for_deletion, told
from .replicas import VALUES
from .rotation import RotatingBackend

SERVICE = "secretsmanager.amazonaws.com"
DEFAULT_KEY = "alias/aws/secretsmanager"
CHECK = {"RequestToValidateKeyAccess": "true"}

# Who asks, as long as a request is answered.
CALLER: ContextVar[Caller] = ContextVar("CALLER")

_NOT_WHEN_DELETED = {
    "GetSecretValue",
    "PutSecretValue",
    "RotateSecret",
    "UpdateSecret",
    "UpdateSecretVersionStage",
}
_STAGED = {"AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"}


class LabSecretsManagerBackend(RotatingBackend):
    """Takes the place of moto's backend."""

    @property
    def caller(self) -> Caller:
        """Who asks. What another service of moto does without a request, the administrator does."""
        return CALLER.get(None) or caller_of("", self.account_id, self.region_name)

    def arn_of(self, name: str) -> str:
        """The ARN of a secret that is to be made, without the six characters at its end."""
        partition = partition_of(self.region_name)
        return f"arn:{partition}:secretsmanager:{self.region_name}:{self.account_id}:secret:{name}"

    def check(self, operation: str, resource: str, secret: Any = None) -> None:
        """Raise AccessDeniedException unless the caller may do this."""
        tags = getattr(secret, "tags", None) or []
        try:
            text = denial(
                self.caller,
                f"secretsmanager:{operation}",
                resource,
                self.caller.account_id if resource == "*" else self.account_id,
                self.region_name,
                resource_policy=getattr(getattr(secret, "source", secret), "policy", None),
                tags={tag["Key"]: tag["Value"] for tag in tags},
            )
        except KmsError as error:  # an IAM policy that can't be read
            text = error.message
        if text:
            raise failure("AccessDeniedException", text)

    def check_secret(self, operation: str, secret_id: str) -> None:
        """The same for an operation on a secret. That one is missing, who may is told."""
        secret: Any = self.secrets.get(secret_id) if secret_id in self.secrets else None
        self.check(operation, secret.arn if secret else self.arn_of(secret_id), secret)
        if secret_id and not secret:
            raise SecretNotFoundException()
        if secret and secret.is_deleted() and operation in _NOT_WHEN_DELETED:
            raise marked_for_deletion()

    def batch_get_secret_value(  # type: ignore[override]
        self,
        secret_id_list: list[str] | None = None,
        filters: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> tuple[list[dict[str, Any]], list[Any], str | None]:
        """Each secret by itself: what fails is listed, the others are given."""
        if not filters:
            names = list(secret_id_list or [])
        else:
            found, _ = self.list_secrets(filters)
            names = [each["ARN"] for each in found]
            self.check("ListSecrets", "*")
        if secret_id_list and filters:
            message = "Either 'SecretIdList' or 'Filters' must be provided, but not both."
            raise failure("InvalidParameterException", message)
        if max_results and not filters:
            message = (
                "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is "
                "provided."
            )
            raise failure("InvalidParameterException", message)
        values, errors = [], []
        for name in names:
            try:
                self.check_secret("GetSecretValue", name)
                values.append(self.get_secret_value(name, "", ""))
            except SecretsManagerClientError as error:
                errors.append(
                    {"SecretId": name, "ErrorCode": error.error_type, "Message": error.message}
                )
        page, token = self._get_secret_values_page_and_next_token(values, max_results, next_token)
        return page, errors, token

    def _add_secret(  # type: ignore[override]
        self,
        secret_id: str,
        secret_string: str | None = None,
        secret_binary: str | None = None,
        **asked: Any,
    ) -> tuple[FakeSecret, bool]:
        """A new secret, or a new version, or other metadata. Nothing changes if KMS refuses."""
        check_value(secret_string, secret_binary)
        asked |= {"secret_string": secret_string, "secret_binary": secret_binary}
        kms_key_id = asked.get("kms_key_id")
        if kms_key_id == "":
            kms_key_id = asked["kms_key_id"] = DEFAULT_KEY
        if secret_id not in self.secrets:
            return self._first(secret_id, asked)
        secret: Any = self.secrets[secret_id]
        key_id = kms_key_id or secret.kms_key_id or DEFAULT_KEY
        if kms_key_id and not replicas.is_replica(secret):
            self._check_key(key_id)
            moved = self._moved(secret, key_id)
        else:
            moved = {}
        asked["version_id"] = self._from_client_request_token(asked.get("version_id"))
        for name in VALUES:
            if asked.get(name) is not None:
                asked[name] = self._seal(secret.arn, asked["version_id"], key_id, asked[name])
        added = super()._add_secret(secret_id, **asked)
        for version, name, envelope in moved.values():
            version[name] = envelope
        self._replicate(secret)
        return added

    def _first(self, secret_id: str, asked: dict[str, Any]) -> tuple[FakeSecret, bool]:
        key_id = asked.get("kms_key_id")
        if key_id:
            self._check_key(key_id)
        asked["version_id"] = self._from_client_request_token(asked.get("version_id"))
        values = {name: asked[name] for name in VALUES if asked.get(name) is not None}
        # The context has the secret's ARN, which moto makes with the secret: so first without
        # its value.
        secret, new_version = super()._add_secret(secret_id, **asked | dict.fromkeys(values, ""))
        try:
            sealed = {
                name: self._seal(secret.arn, asked["version_id"], key_id or DEFAULT_KEY, value)
                for name, value in values.items()
            }
        except Exception:
            self.remove_regions_from_replication(secret_id, [r.region for r in secret.replicas])
            self.secrets.pop(secret_id)
            raise
        secret.secret_string = secret.secret_binary = None
        if sealed:
            version = {
                "createdate": secret.created_date,
                "version_id": asked["version_id"],
                "version_stages": asked.get("version_stages") or ["AWSCURRENT"],
            }
            secret.versions = {asked["version_id"]: version | sealed}
            secret.set_default_version_id(asked["version_id"])
        replicas.set_keys(secret, asked.get("replica_regions"))
        self._replicate(secret)
        return secret, new_version

    def replicate_secret_to_regions(
        self, secret_id: str, replica_regions: list[dict[str, str]], force_overwrite: bool
    ) -> tuple[str, list[dict[str, Any]]]:
        """moto's copies, each with values encrypted under a key of its own Region."""
        secret: Any = self.secrets[secret_id]
        answer = super().replicate_secret_to_regions(secret_id, replica_regions, force_overwrite)
        replicas.set_keys(secret, replica_regions)
        self._replicate(secret)
        return answer

    def remove_regions_from_replication(
        self, secret_id: str, replica_regions: list[str]
    ) -> tuple[str, list[dict[str, str]]]:
        """Nothing is left in these Regions."""
        answer = super().remove_regions_from_replication(secret_id, replica_regions)
        replicas.forget(self.secrets[secret_id], replica_regions)
        return answer

    def _replicate(self, secret: Any) -> None:
        def seal_there(replica: Any, version_id: str, value: str) -> Envelope:
            there: Any = secretsmanager_backends[self.account_id][replica.region]
            return there._seal(replica.arn, version_id, replica.config["KmsKeyId"], value)

        if not replicas.is_replica(secret):
            replicas.replicate(secret, self._unseal, seal_there)

    def _moved(self, secret: Any, key_id: str) -> dict[Any, tuple[dict[str, Any], str, Envelope]]:
        """The staged versions that the caller may take along, under another key.

        Decrypt of the old key and Encrypt of the new one are needed. Without them a version stays
        as it is, and the request goes on. Source: User Guide, "Change the encryption key".
        """

        def ask(operation: str, members: dict[str, Any]) -> dict[str, Any]:
            return self._ask("decrypt" if operation == "Decrypt" else "encrypt", operation, members)

        moved = {}
        for version_id, version in secret.versions.items():
            for name in VALUES:
                envelope = version.get(name)
                if envelope is None or not _STAGED & set(version["version_stages"]):
                    continue
                try:
                    moved[version_id, name] = (version, name, rewrap(ask, envelope, key_id))
                except SecretsManagerClientError as error:
                    if error.error_type != "AccessDeniedException":
                        raise
        return moved

    def _check_with_existing_secrets_and_versions(  # type: ignore[override]
        self,
        secret_name: str,
        client_request_token: str | None,
        secret_string: str | None,
        secret_binary: str | None,
        on_create: bool = False,
    ) -> FakeSecret | None:
        """moto's check of a repeated request. It compares values, so the old one is opened."""
        secret: Any = self.secrets.get(secret_name)
        version = secret.versions.get(client_request_token) if secret else None
        if version:
            asked = {"secret_string": secret_string, "secret_binary": secret_binary}
            if all(asked[n] == self._opened(version.get(n)) for n in VALUES):
                # The same: what moto compares is then the very same object.
                secret_string, secret_binary = (version.get(name) for name in VALUES)
        return super()._check_with_existing_secrets_and_versions(
            secret_name, client_request_token, secret_string, secret_binary, on_create
        )

    def get_secret_value(
        self, secret_id: str, version_id: str, version_stage: str
    ) -> dict[str, Any]:
        """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html"""
        found = super().get_secret_value(secret_id, version_id, version_stage)
        secret: Any = self.secrets[secret_id]
        here = replicas.at_rest(secret, secret.versions[found["VersionId"]])
        for member, name in zip(("SecretString", "SecretBinary"), VALUES, strict=True):
            if member in found:
                if name not in here:  # a replica that KMS gave no key
                    raise SecretNotFoundException()
                found[member] = self._unseal(here[name])
        return found

    def _opened(self, value: Any) -> str | None:
        """What an envelope holds, as moto has it: text, or base64 text."""
        return self._unseal(value) if isinstance(value, Envelope) else value

    def put_resource_policy(self, secret_id: str, policy: str) -> tuple[str, str]:
        """A policy that can't be read would lock everybody out."""
        try:
            parse_policy(policy)
        except MalformedPolicy as error:
            raise malformed_policy(error.detail) from error
        return super().put_resource_policy(secret_id, policy)

    def _check_key(self, key_id: str) -> None:
        """A key that is named must be there and let the caller in, before anything is kept."""
        made = self._ask("encrypt", "GenerateDataKey", _data_key(key_id, CHECK))
        blob = {"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": CHECK}
        self._ask("decrypt", "Decrypt", blob)

    def _seal(self, arn: str, version_id: str, key_id: str, value: str) -> Envelope:
        context = {"SecretARN": arn, "SecretVersionId": version_id}
        return seal(lambda *call: self._ask("encrypt", *call), key_id, value.encode(), context)

    def _unseal(self, envelope: Envelope) -> str:
        try:
            return unseal(lambda *call: self._ask("decrypt", *call), envelope).decode()
        except Damaged as error:
            raise failure(*CANNOT["decrypt"]) from error

    def _ask(self, purpose: str, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        """One operation of KMS, as the caller, through Secrets Manager."""
        kms: Any = kms_backends[self.account_id][self.region_name]
        if kms.arn_of(members.get("KeyId", "")) == kms.arn_of(DEFAULT_KEY):
            kms.aws_managed_key("secretsmanager")
        if "KeyId" in members and self.caller.account_id != self.account_id:
            # A bare name means a key of the secret's account, not of the caller's.
            members = members | {"KeyId": kms.arn_of(members["KeyId"])}
        try:
            reply = call_for_service(
                operation,
                members,
                region=self.region_name,
                caller=self.caller,
                invoked_by=SERVICE,
            )
        except KmsError as error:
            raise told(purpose, error) from error
        assert reply is not None
        return reply


def _data_key(key_id: str, context: dict[str, str]) -> dict[str, Any]:
    return {"KeyId": key_id, "KeySpec": "AES_256", "EncryptionContext": context}
