"""What is said and asked before anything is called: which account, where, at what cost.

Only files and variables are read here, and only after the learner named the real account. No
credentials are used, no program is started, nothing is sent.
"""

import os
import re
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from ..errors import LabError
from ..partitions import partition_of
from .costs import cost_lines

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_ROLE = re.compile(r"arn:[^:]+:iam::(\d{12}):role/")


@dataclass(frozen=True)
class Plan:
    """What is to be opened, by name. ``profile`` is None for keys in environment variables."""

    profile: str | None
    region: str
    source: str
    account_told: str = ""
    endpoint: str = ""


def plan(profile: str | None, region: str | None, default_region: str) -> Plan:
    """What the learner's settings name. Raises LabError if they name no credentials."""
    if not isinstance(profile, str | None) or profile == "":
        raise LabError("profile is the name of a profile in your AWS settings, such as 'sandbox'.")
    named = profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    settings = Session(profile=named)
    try:
        profiles: dict[str, Any] = settings.full_config.get("profiles", {})
    except BotoCoreError as error:
        raise LabError(f"Your AWS settings can't be read: {error}") from None
    if named is None and all(os.environ.get(key) for key in _KEYS):
        source, told, scoped = "environment variables", "", {}
    else:
        named = named or "default"
        if named not in profiles:
            known = ", ".join(sorted(profiles)) or "none"
            raise LabError(
                f"Your AWS settings have no profile {named!r} (they have: {known}). Nothing was "
                'called. Name one: lab.open(account="aws", profile="...").'
            )
        scoped = profiles[named]
        source, told = _credentials(scoped)
        if not source:
            raise LabError(f"The profile {named!r} names no credentials. Nothing was called.")
    region = region or scoped.get("region") or os.environ.get("AWS_DEFAULT_REGION")
    region = region or default_region
    _check(region, settings)
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or scoped.get("endpoint_url") or ""
    return Plan(named, region, source, told, endpoint)


def _check(region: str, settings: Session) -> None:
    if region not in settings.get_available_regions("kms", partition_of(region)):
        raise LabError(f"AWS has no Region called {region!r}. Nothing was called.")
    if partition_of(region) != "aws":
        raise LabError(f"The lessons are written for the partition aws; {region} is in another.")


def _credentials(profile: dict[str, Any]) -> tuple[str, str]:
    """Where a profile's credentials come from, in words, and the account that it tells."""
    told = str(profile.get("aws_account_id", ""))
    if "role_arn" in profile:
        found = _ROLE.match(profile["role_arn"])
        way = profile.get("source_profile") or profile.get("credential_source") or "a token"
        return f"the role {profile['role_arn']}, by way of {way}", found[1] if found else told
    if "sso_account_id" in profile:
        role = profile.get("sso_role_name", "?")
        return f"IAM Identity Center, role {role}", str(profile["sso_account_id"])
    for setting, words in (
        ("aws_access_key_id", "an access key in your AWS settings"),
        ("credential_process", "the program that credential_process names"),
        ("login_session", "the session of aws login"),
    ):
        if setting in profile:
            return words, told
    return "", ""


def describe(plan: Plan, lesson: str | None) -> str:
    """What the learner reads before the account's number is asked for."""
    rows = [
        ("credentials", plan.source),
        ("account", plan.account_told or "your settings don't tell; AWS is asked when you confirm"),
        ("Region", plan.region),
    ]
    rows.insert(0, ("profile", plan.profile or "none"))
    if plan.endpoint:
        rows.append(("endpoint", plan.endpoint))
    rows += [("cost" if not i else "", line) for i, line in enumerate(cost_lines(lesson))]
    shown = "\n".join(f"  {name:12} {value}" for name, value in rows)
    return f"Your own AWS account, on the real service:\n{shown}\nNothing was called yet."


def confirmed(confirm: str | int | None) -> str:
    """The account's number, as the learner gave it. Raises LabError without one."""
    if confirm is None:
        try:
            confirm = input("To go on, type the account's 12 digits (empty: stop): ")
        # No keyboard: a program, or a notebook that is run by one.
        except (EOFError, OSError, NotImplementedError):
            raise LabError(
                "Not confirmed: nothing was called. Confirm with the account's number: "
                'lab.open(account="aws", profile="...", confirm="111122223333").'
            ) from None
    number = str(confirm).strip().replace("-", "") if not isinstance(confirm, bool) else ""
    if not re.fullmatch(r"[0-9]{12}", number):
        raise LabError("Not confirmed: that is no account number (12 digits). Nothing was called.")
    return number
