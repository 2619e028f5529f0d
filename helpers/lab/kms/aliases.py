"""Aliases: names for keys that can be moved from one key to another."""

from typing import Any

from ..clock import clock
from . import specs
from .access import managed_key_for, own_key
from .authorization import authorize, authorize_account
from .current import CURRENT
from .exceptions import KmsError, not_found, validation
from .identifiers import touch
from .key import Key
from .models import AWS_ALIAS_PREFIX, AWS_MANAGED, Alias, LabKmsBackend
from .paging import page

MOST_ALIASES_OF_A_KEY = 50


def create_alias(backend: LabKmsBackend, request: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html"""
    name = _checked_name(request["AliasName"])
    authorize_account("CreateAlias", backend.alias_arn(name))
    key = _target(backend, request["TargetKeyId"], "CreateAlias")
    if name in backend.aliases:
        message = f"An alias with the name {backend.alias_arn(name)} already exists"
        raise KmsError("AlreadyExistsException", message)
    _check_quota(backend, key)
    CURRENT.get().touched.append(backend.add_alias(name, key.key_id).arn)


def update_alias(backend: LabKmsBackend, request: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html"""
    alias = _existing(backend, request["AliasName"], "UpdateAlias")
    before = touch(backend.keys[alias.key_id])
    authorize(before, "UpdateAlias")
    key = _target(backend, request["TargetKeyId"], "UpdateAlias")
    same_kind = specs.kind(before.key_spec) == specs.kind(key.key_spec)
    if not same_kind or before.key_usage != key.key_usage:
        raise validation(
            "The current and new KMS key must be the same type and have the same key usage."
        )
    if alias.key_id != key.key_id:
        _check_quota(backend, key)
    alias.key_id, alias.last_updated_date = key.key_id, clock.now()


def delete_alias(backend: LabKmsBackend, request: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html"""
    alias = _existing(backend, request["AliasName"], "DeleteAlias")
    authorize(touch(backend.keys[alias.key_id]), "DeleteAlias")
    del backend.aliases[alias.name]


def list_aliases(backend: LabKmsBackend, request: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html"""
    if "KeyId" in request:
        key = own_key(backend, request["KeyId"], "ListAliases")
        listed = {a.name: _entry(a) for a in _aliases_of(backend, key)}
    else:
        # AWS lists its predefined aliases too; those without a key yet have no TargetKeyId.
        names = [AWS_ALIAS_PREFIX + service for service in AWS_MANAGED]
        listed = {n: {"AliasName": n, "AliasArn": backend.alias_arn(n)} for n in names}
        listed |= {name: _entry(alias) for name, alias in backend.aliases.items()}
    aliases, paging = page(listed, request, default=50, most=100)
    return {"Aliases": aliases, **paging}


def _entry(alias: Alias) -> dict[str, Any]:
    return {
        "AliasName": alias.name,
        "AliasArn": alias.arn,
        "TargetKeyId": alias.key_id,
        "CreationDate": alias.creation_date,
        "LastUpdatedDate": alias.last_updated_date,
    }


def _aliases_of(backend: LabKmsBackend, key: Key) -> list[Alias]:
    return [alias for alias in backend.aliases.values() if alias.key_id == key.key_id]


def _check_quota(backend: LabKmsBackend, key: Key) -> None:
    if len(_aliases_of(backend, key)) >= MOST_ALIASES_OF_A_KEY:
        raise KmsError("LimitExceededException", f"{key.arn} has too many aliases.")


def _target(backend: LabKmsBackend, key_id: str, operation: str) -> Key:
    if key_id.startswith("alias/") or ":alias/" in key_id:
        raise validation("Aliases must refer to keys. Not aliases")
    return managed_key_for(backend, key_id, operation)


def _checked_name(name: str) -> str:
    if not name.startswith("alias/"):
        raise validation(
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )
    if name.startswith(AWS_ALIAS_PREFIX):
        raise KmsError("NotAuthorizedException")
    if ":" in name or name == "alias/":
        raise validation(f"{name} contains invalid characters for an alias")
    return name


def _existing(backend: LabKmsBackend, name: str, operation: str) -> Alias:
    alias = backend.aliases.get(_checked_name(name))
    authorize_account(operation, backend.alias_arn(name))
    if alias is None:
        raise not_found(f"Alias {backend.alias_arn(name)} is not found.")
    CURRENT.get().touched.append(alias.arn)
    return alias


OPERATIONS = {
    "CreateAlias": create_alias,
    "UpdateAlias": update_alias,
    "DeleteAlias": delete_alias,
    "ListAliases": list_aliases,
}
