"""Every request to the learner's own account: said in its names, tagged, noted, or refused.

The lessons name buckets, roles and the lab's account as if they were alone in the world. Here the
names become the account's own. What makes something gets the course's tag; what would change or
delete something that the course did not make is refused before it is sent.
"""

import re
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

from ..errors import LabError
from . import naming, state
from .journal import Made
from .lab_only import NotHere, OnlyInTheLab, said
from .ours import check_ours
from .trail import LATE

if TYPE_CHECKING:
    from .account import OwnAccount

TAG = "aws-kms-course"

# (service, operation) -> kind, member that names the thing: what makes it.
_MAKES = {
    ("kms", "CreateKey"): ("key", ""),
    ("kms", "ReplicateKey"): ("key", ""),
    ("kms", "CreateAlias"): ("alias", "AliasName"),
    ("s3", "CreateBucket"): ("bucket", "Bucket"),
    ("secretsmanager", "CreateSecret"): ("secret", "Name"),
    ("ssm", "PutParameter"): ("parameter", "Name"),
    ("iam", "CreateRole"): ("role", "RoleName"),
}
# What deletes it.
_ENDS = {
    ("kms", "DeleteAlias"): ("alias", "AliasName"),
    ("s3", "DeleteBucket"): ("bucket", "Bucket"),
    ("ssm", "DeleteParameter"): ("parameter", "Name"),
    ("iam", "DeleteRole"): ("role", "RoleName"),
}
# What of a service a lesson may call. The rest makes or changes what could not be cleaned up.
_ALLOWED = {
    "cloudtrail": "LookupEvents|(Get|List|Describe).*",
    "iam": "(Get|List|Simulate).*|(Create|Put|Delete|Update|Attach|Detach|Tag|Untag)Role.*"
    "|UpdateAssumeRolePolicy",
    "kms": "DescribeCustomKeyStores|(?!.*CustomKeyStore).*",
    "s3": "(?!CreateBucketMetadata|CreateSession).*",
    "secretsmanager": ".*",
    "ssm": ".*Parameters?.*|.*Tags.*Resource",
    "sts": ".*",
}
SERVICES = set(_ALLOWED)
_ISSUING = {"AssumeRole", "GetSessionToken", "GetFederationToken"}


class Requests:
    """The requests of one open account."""

    def __init__(self, account: "OwnAccount") -> None:
        self.account = account
        # Region -> the last request that KMS answered with success.
        self.last_to_kms: dict[str, str] = {}
        self.tag = {TAG: f"{account.opened:%Y-%m-%dT%H:%M:%SZ}"}

    def watch(self, client: BaseClient) -> None:
        """See every request of this client before it is sent, and its answer."""
        region = client.meta.region_name
        service = client.meta.service_model.service_name

        def before(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> Any:
            return self._before(service, region, params, model.name, context)

        def after(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
            self._after(service, region, parsed, model.name, context)

        client.meta.events.register("provide-client-params", before)
        client.meta.events.register("after-call", after)

    def _before(
        self, service: str, region: str, params: dict[str, Any], operation: str, context: Any
    ) -> dict[str, Any]:
        self._check_open()
        if not re.fullmatch(_ALLOWED[service], operation):
            raise OnlyInTheLab(f"{operation} makes or changes what the course could not clean up.")
        if naming.any_of(params, lambda value: isinstance(value, NotHere)):
            raise OnlyInTheLab("this request needs what only the lab can show.")
        if operation == "LookupEvents":
            said(LATE)
        if params.get("BypassPolicyLockoutSafetyCheck"):
            raise OnlyInTheLab(
                "a key policy that locks you out. In your account nobody but AWS Support could "
                "delete that key, and it would cost until then."
            )
        journal = self.account.journal
        params = naming.own_names(params, self.account.account_id, self.account.arn, journal)
        if other := naming.other_accounts(params, self.account.account_id):
            raise OnlyInTheLab(
                f"this request would give account {other} something of yours, or call it. The lab "
                "has many accounts; you have this one."
            )
        check_ours(self.account, service, region, operation, params, TAG)
        if gone := _ENDS.get((service, operation)):
            kind, member = gone
            context["kms_course_gone"] = kind, params[member]
        makes = _MAKES.get((service, operation))
        if makes is None:
            return self._still_tagged(operation, params)
        kind, member = makes
        asked = str(params.get(member, ""))
        params = self._tagged(service, operation, region, params)
        if member:
            made = Made(kind, params[member], region, asked)
            if made not in journal.things:
                journal.note(made)
                context["kms_course_made"] = made
        return params

    def _check_open(self) -> None:
        if state.current is not self.account:
            raise LabError(
                "This client belongs to your own account, which is closed. Nothing was sent. Open "
                "it again and make the client again."
            )
        if not state.acting():
            raise LabError(
                "In lab.scratch only the lab answers: use the session that it gives. Nothing was "
                "sent to AWS."
            )

    def _tagged(
        self, service: str, operation: str, region: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        """The request with the course's tag, as its service wants it."""
        if operation == "CreateAlias":
            return params  # found by its key
        if operation == "CreateBucket":
            return naming.own_bucket(params, self.account.account_id, region, self.tag)
        if operation == "PutParameter":
            if params["Name"] in self.account.journal.names("parameter"):
                return params  # a new version; AWS takes no tags with it
            # Never over a parameter of the learner's.
            params = {name: value for name, value in params.items() if name != "Overwrite"}
        if operation == "CreateRole":
            params = {"Path": naming.ROLE_PATH} | params
        key, value = ("TagKey", "TagValue") if service == "kms" else ("Key", "Value")
        own = [{key: name, value: text} for name, text in self.tag.items()]
        return params | {"Tags": [*params.get("Tags", []), *own]}

    def _still_tagged(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation != "PutBucketTagging":
            return params
        own = [{"Key": name, "Value": text} for name, text in self.tag.items()]
        return params | {"Tagging": {"TagSet": [*params["Tagging"]["TagSet"], *own]}}

    def _after(
        self, service: str, region: str, parsed: dict[str, Any], operation: str, context: Any
    ) -> None:
        journal, failed = self.account.journal, "Error" in parsed
        made = context.get("kms_course_made")
        if made and failed:
            journal.note(made, gone=True)
        if failed:
            return
        if gone := context.get("kms_course_gone"):
            journal.forget(*gone)
        if service == "kms":
            self.last_to_kms[region] = parsed["ResponseMetadata"].get("RequestId", "")
        if operation in _ISSUING:
            self.account.issued.add(parsed["Credentials"]["AccessKeyId"])
        for member in ("KeyMetadata", "ReplicaKeyMetadata"):
            if operation in ("CreateKey", "ReplicateKey") and member in parsed:
                found = parsed[member]
                journal.note(Made("key", found["KeyId"], found["Arn"].split(":")[3]))
