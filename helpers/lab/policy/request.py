"""What is asked: who wants to do what, with which resource, under which circumstances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from .matching import Values
from .principals import Principal

if TYPE_CHECKING:
    from .grants import Grant

ContextValue = str | bool | int | Sequence[str]


@dataclass(frozen=True, eq=False)
class Request:
    """One question to the policies.

    ``resource_account`` owns the resource. ``context`` are the condition keys of the request;
    those that follow from the other fields (aws:PrincipalArn, aws:ResourceAccount,
    kms:CallerAccount, kms:EncryptionContext:..., ...) are added, unless it has them.
    ``encryption_context`` is None if the operation takes none; ``child`` is the grant that a
    CreateGrant asks for.
    Source: IAM User Guide, "AWS global condition context keys"; KMS Developer Guide,
    "Condition keys for AWS KMS".
    """

    principal: Principal
    action: str
    resource_arn: str
    resource_account: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    encryption_context: Mapping[str, str] | None = None
    # The grant that a CreateGrant request asks for.
    child: "Grant | None" = None

    @cached_property
    def folded_action(self) -> str:
        return self.action.lower()

    @cached_property
    def values(self) -> Values:
        """The context as conditions read it: every key in lower case, every value a text."""
        values: dict[str, tuple[str, ...]] = {
            key.lower(): (text,) for key, text in self._derived().items()
        }
        pairs: dict[str, list[str]] = {}
        for name, text in (self.encryption_context or {}).items():
            pairs.setdefault(f"kms:encryptioncontext:{name.lower()}", []).append(text)
        values |= {key: tuple(texts) for key, texts in pairs.items()}
        if self.encryption_context:
            values["kms:encryptioncontextkeys"] = tuple(self.encryption_context)
        for key, value in self.context.items():
            if texts := _texts(value):
                values[key.lower()] = texts
            else:
                values.pop(key.lower(), None)
        return values

    @property
    def is_cross_account(self) -> bool:
        """Whether the caller's account is another than the resource's."""
        return bool(self.principal.account) and self.principal.account != self.resource_account

    def on(self, resource_arn: str) -> "Request":
        """The same request for another resource: an alias, or the key behind it."""
        return replace(self, resource_arn=resource_arn)

    def to_do(self, action: str) -> "Request":
        """The same request for another action: kms:ReEncryptTo after kms:ReEncryptFrom."""
        return replace(self, action=action)

    def _derived(self) -> dict[str, str]:
        keys = self.principal.condition_keys()
        if self.resource_account:
            keys["aws:ResourceAccount"] = self.resource_account
        if self.principal.account and self.action.lower().startswith("kms:"):
            keys["kms:CallerAccount"] = self.principal.account
        return keys


def _texts(value: ContextValue) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, str | int):
        return (str(value),)
    return tuple(value)
