"""Names and short cuts that the tests of this folder share."""

from typing import Any

from helpers.lab.policy import Policy, Principal, Request, parse_policy

ACCOUNT, OTHER = "111122223333", "444455556666"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0987dcba-09fe-87dc-65ba-ab0987654321"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADA = f"arn:aws:iam::{ACCOUNT}:user/team/ada"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
OTHER_ROOT = f"arn:aws:iam::{OTHER}:root"
EVE = f"arn:aws:iam::{OTHER}:user/eve"

ada = Principal.user(ADA, "AIDAADAADAADAADAADA1", {"team": "red"})
bob = Principal.user(BOB)
app = Principal.session(SESSION, ROLE, "AROAAPPAPPAPPAPPAPP1:one")
root = Principal.root(ACCOUNT)
eve = Principal.user(EVE)
other_root = Principal.root(OTHER)
logs = Principal.service("logs.us-east-1.amazonaws.com")
anyone = Principal.anonymous()


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """A statement about every KMS action on every resource, unless told otherwise."""
    return {"Effect": effect, "Action": "kms:*", "Resource": "*"} | elements


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def key_policy(*statements: dict[str, Any]) -> Policy:
    return parse_policy(document(*statements), kind="key")


def identity(*statements: dict[str, Any]) -> Policy:
    return parse_policy(document(*statements), kind="identity")


def aws(*names: str) -> dict[str, Any]:
    return {"AWS": list(names)}


def ask(
    principal: Principal = ada, action: str = "kms:Decrypt", resource: str = KEY, **rest: Any
) -> Request:
    return Request(principal, action, resource, ACCOUNT, **rest)
