"""Parameters: a SecureString is encrypted by KMS, each version under the key it was put with.

moto keeps versions, labels, tags and paths. A standard parameter is encrypted by KMS itself; an
advanced one, too large for that, under a data key in a message of the AWS Encryption SDK. Names,
descriptions, tags and values of type String and StringList are not encrypted, as on AWS.
Source: Systems Manager User Guide, "AWS KMS encryption for AWS Systems Manager Parameter Store
SecureString parameters".
"""

import base64
import re
from collections.abc import Callable
from typing import Any

from moto.kms.models import kms_backends
from moto.ssm.exceptions import SSMException
from moto.ssm.models import Parameter, SimpleSystemManagerBackend
from moto.ssm.utils import parameter_arn

from ..caller import Caller, caller_of
from ..clock import clock
from ..envelopes import Damaged
from ..kms.exceptions import KmsError
from ..kms.responses import call_for_service
from ..permissions import denial
from ..secretsmanager.models import CALLER
from . import message
from .exceptions import BAD_NAME, NO_WAY_BACK, TOO_LARGE, Internal, encoded, invalid, told
from .references import LabParameters

SERVICE = "ssm.amazonaws.com"
DEFAULT_KEY = "alias/aws/ssm"
SECURE = "SecureString"
STANDARD, ADVANCED, INTELLIGENT = "Standard", "Advanced", "Intelligent-Tiering"
MOST_BYTES = {STANDARD: 4096, ADVANCED: 8192}

_NAME = re.compile(r"[a-zA-Z0-9_.\-/]+")
# What moto is given in place of a value that it must not keep.
_HIDDEN = "hidden"


class SecureParameter(Parameter):
    """A version of a SecureString: moto's, but its value is what KMS made of it.

    ``sealed`` is a ciphertext blob of KMS, or a message of the AWS Encryption SDK; ``key_arn``
    is the key it is under.
    """

    def __init__(
        self, made: Parameter, sealed: bytes, key_arn: str, unseal: Callable[..., str]
    ) -> None:
        vars(self).update({name: item for name, item in vars(made).items() if name != "value"})
        self.sealed, self.key_arn, self._unseal = sealed, key_arn, unseal

    @property
    def value(self) -> str:  # type: ignore[override]
        """What is given to those who don't ask for decryption."""
        return base64.b64encode(self.sealed).decode()

    def decrypt(self, value: str) -> str:
        """moto asks this for the value in the clear."""
        return self._unseal(self)


class LabSsmBackend(SimpleSystemManagerBackend):
    """Takes the place of moto's backend."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._parameters = LabParameters(account_id, region_name)

    @property
    def caller(self) -> Caller:
        """Who asks. What another service of moto does without a request, the administrator does."""
        return CALLER.get(None) or caller_of("", self.account_id, self.region_name)

    def arn_of(self, name: str) -> str:
        """The ARN of a parameter named in any way, with or without version or label."""
        if name.startswith("arn:"):
            return ":".join(name.split(":")[:6])
        bare = name.split(":")[0]
        # Public parameters are AWS's, not of an account.
        owner = "" if bare.startswith("/aws/service/") else self.account_id
        return parameter_arn(owner, self.region_name, bare) if bare else bare

    def versions(self, name: str) -> list[Parameter]:
        """A parameter's versions, oldest first; none if there is no such parameter."""
        bare = self._parameters.normalize_name(self._strip_parameter_arn(name))
        return dict.get(self._parameters, bare, [])

    def check(self, operation: str, resource: str, name: str = "") -> None:
        """Raise AccessDeniedException unless the caller may do this."""
        owner = self.caller.account_id
        if resource.startswith("arn:"):
            owner = resource.split(":")[4] or owner
        try:
            text = denial(
                self.caller,
                f"ssm:{operation}",
                resource,
                owner,
                self.region_name,
                tags=self._tags_of(name),
            )
        except KmsError as error:  # an IAM policy that can't be read
            text = error.message
        if text:
            raise SSMException("AccessDeniedException", text)

    def _tags_of(self, name: str) -> dict[str, str]:
        # moto keeps them by the name with which the parameter was put.
        versions = self.versions(self._strip_parameter_arn(name).split(":")[0])
        return self._resource_tags["Parameter"].get(versions[-1].name, {}) if versions else {}

    def put_parameter(  # type: ignore[override]
        self,
        name: str,
        description: str,
        value: str,
        parameter_type: str,
        allowed_pattern: str,
        keyid: str | None,
        overwrite: bool,
        tags: list[dict[str, str]],
        data_type: str,
        tier: str | None = None,
        policies: str | None = None,
    ) -> Parameter:
        """A new parameter or version. Nothing changes if KMS refuses."""
        if not _NAME.fullmatch(name):
            raise invalid(BAD_NAME)
        versions = self.versions(name)
        before, previous = list(versions), versions[-1] if versions else None
        plaintext = encoded(value)
        tier = self._tier(tier, previous, len(plaintext), policies)
        kept_type = previous.parameter_type if previous else ""
        secure = (parameter_type or kept_type) == SECURE
        if secure:
            # Not the key of the version before: each is put anew.
            keyid, value = keyid or DEFAULT_KEY, value and _HIDDEN
        try:
            made = super().put_parameter(
                name,
                description,
                value,
                parameter_type,
                allowed_pattern,
                keyid,  # type: ignore[arg-type]
                overwrite,
                tags,
                data_type,
                tier,
                policies,
            )
            made.last_modified_date = clock.now().replace(tzinfo=None)
            if secure:
                made = SecureParameter(made, *self._seal(made, plaintext), self._unseal)
                self._parameters[name][-1] = made
        except Exception:
            self._restore(name, before)
            raise
        return made

    def _tier(self, tier: str | None, previous: Parameter | None, size: int, policies: Any) -> str:
        """The tier of a version to be put. Raises if the value or an earlier one forbids it."""
        before = (previous.tier if previous else "") or ""
        tier = tier or before or self.default_parameter_tier
        if tier == INTELLIGENT:
            large = size > MOST_BYTES[STANDARD] or policies or before == ADVANCED
            tier = ADVANCED if large else STANDARD
        if tier not in MOST_BYTES:
            raise invalid(
                f"1 validation error detected: Value '{tier}' at 'tier' failed to satisfy "
                "constraint: Member must satisfy enum value set: "
                f"[{STANDARD}, {ADVANCED}, {INTELLIGENT}]"
            )
        if tier == STANDARD and before == ADVANCED:
            raise invalid(NO_WAY_BACK)
        if size > MOST_BYTES[tier]:
            raise invalid(TOO_LARGE[tier])
        return tier

    def _restore(self, name: str, before: list[Parameter]) -> None:
        bare = self._parameters.normalize_name(name)
        if before:
            self._parameters[name][:] = before
        else:
            self._parameters.pop(bare, None)  # type: ignore[call-overload]
            self._resource_tags["Parameter"].pop(name, None)

    def delete_parameter(self, name: str) -> None:
        """As moto does, but the tags go too."""
        self._tags_of(name).clear()
        super().delete_parameter(name)

    def delete_parameters(self, names: list[str]) -> list[str]:
        """The same."""
        for name in names:
            self._tags_of(name).clear()
        return super().delete_parameters(names)

    def label_parameter_version(self, name: str, *details: Any) -> tuple[list[str], int]:
        """As moto does, but asking for a missing parameter leaves none behind."""
        return self._if_there(name, super().label_parameter_version, *details)

    def unlabel_parameter_version(self, name: str, *details: Any) -> tuple[list[str], list[str]]:
        """The same."""
        return self._if_there(name, super().unlabel_parameter_version, *details)

    def _if_there(self, name: str, do: Callable[..., Any], *details: Any) -> Any:
        if not self.versions(name):
            raise SSMException("ParameterNotFound", f"Parameter {name} not found.")
        return do(name, *details)

    def context_of(self, parameter: Parameter) -> dict[str, str]:
        """The encryption context of all versions of a parameter."""
        return {"PARAMETER_ARN": self.arn_of(parameter.name)}

    def _seal(self, parameter: Parameter, plaintext: bytes) -> tuple[bytes, str]:
        """What stands for a value at rest, and the ARN of the key it is under."""
        key_id, context = parameter.keyid or DEFAULT_KEY, self.context_of(parameter)
        if parameter.tier == ADVANCED:
            return message.seal(self._ask, key_id, plaintext, context)
        request = {"KeyId": key_id, "Plaintext": plaintext, "EncryptionContext": context}
        reply = self._ask("Encrypt", request)
        return reply["CiphertextBlob"], reply["KeyId"]

    def _unseal(self, parameter: SecureParameter) -> str:
        context = self.context_of(parameter)
        try:
            if parameter.tier == ADVANCED:
                return message.unseal(self._ask, parameter.sealed, context).decode()
            request = {"CiphertextBlob": parameter.sealed, "EncryptionContext": context}
            return str(self._ask("Decrypt", request)["Plaintext"].decode())
        except Damaged as error:
            raise Internal() from error

    def _ask(self, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        """One operation of KMS, as the caller, through Parameter Store."""
        kms: Any = kms_backends[self.account_id][self.region_name]
        if kms.arn_of(members.get("KeyId", "")) == kms.arn_of(DEFAULT_KEY):
            kms.aws_managed_key("ssm")
        try:
            reply = call_for_service(
                operation,
                members,
                region=self.region_name,
                caller=self.caller,
                invoked_by=SERVICE,
            )
        except KmsError as error:
            raise told(error) from error
        assert reply is not None
        return reply
