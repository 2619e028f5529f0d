"""Lesson 09's exercises: wrong answers, and the title that each must get."""

from tests.practice.learner import checked

IMPORTS = """
def policy(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}

def allow(action, resource='*', **condition):
    statement = {'Effect': 'Allow', 'Action': action, 'Resource': resource}
    return statement | ({'Condition': {'StringEquals': condition}} if condition else {})

VIA = {'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com'}
THROUGH = 'secretsmanager.amazonaws.com'

def context(event):
    return (event['requestParameters'] or {}).get('encryptionContext', {})

def arn(event):
    return event['userIdentity']['arn']

def through(event):
    return event['userIdentity'].get('invokedBy') == THROUGH
"""
ALLOW_READ = "allow('secretsmanager:GetSecretValue', secret_arn)"
READ = f"policy({ALLOW_READ})"
DECRYPT = "allow('kms:Decrypt', **VIA) | {'Principal': {'AWS': role_arn}}"


def both(iam: str = READ, key: str = DECRYPT) -> str:
    return f"return {{'iam': {iam}, 'key': {key}}}"


def found(condition: str) -> str:
    return f"return {{arn(e) for e in events if {condition}}}"


def grant(operations: str, constraints: str, returned: str = "['GrantId']") -> str:
    return (
        f"return kms.create_grant(KeyId=key_arn, GranteePrincipal=host_arn,"
        f" Operations={operations}{constraints}){returned}"
    )


OF_VOLUME = ", Constraints={'EncryptionContextSubset': {'aws:ebs:id': volume_id}}"
TASK = "['Decrypt', 'RetireGrant']"
OF_SECRET = "context(e).get('SecretARN') == secret_arn"
DONE = "'errorCode' not in e"

WRONG: dict[str, dict[str, list[str]]] = {
    "one_reader": {
        "Two documents": [
            f"return {{'iam': {READ}}}",
            f"return {{'iam': {READ}, 'key': [{DECRYPT}]}}",
        ],
        "Not an IAM policy": [both(iam=f"policy({DECRYPT})")],
        "Not a statement of a key policy": [
            both(key="allow('kms:Decrypt', **VIA)"),
            both(key="allow('kms:Decrypt', **VIA) | {'Principal': {'AWS': {role_arn}}}"),
            both(key="policy(" + DECRYPT + ")"),
            both(key="allow('kms:Decrypt') | {'Principal': {'AWS': role_arn + 's'}}"),
        ],
        "Gate 1 stays closed": [
            both(iam="policy(allow('secretsmanager:DescribeSecret', secret_arn))"),
            both(iam="policy(allow('secretsmanager:GetSecretValue', secret_arn[:-7]))"),
            both(iam="policy(allow('kms:Decrypt'))"),
        ],
        "Gate 2 stays closed": [
            both(key="allow('kms:GenerateDataKey', **VIA) | {'Principal': {'AWS': role_arn}}"),
            both(
                key="allow('kms:Decrypt', **{'kms:ViaService': 'secretsmanager.amazonaws.com'})"
                " | {'Principal': {'AWS': role_arn}}"
            ),
            both(key="allow('kms:Decrypt', secret_arn) | {'Principal': {'AWS': role_arn}}"),
        ],
        "Other secrets too": [
            both(iam="policy(allow('secretsmanager:GetSecretValue'))"),
            both(
                iam="policy(allow('secretsmanager:GetSecretValue', secret_arn[:-6] + '*'))".replace(
                    "[:-6]", "[:-7]"
                )
            ),
            both(
                iam="policy(allow('secretsmanager:GetSecretValue'))",
                key="allow('kms:Decrypt', **VIA, **{'kms:EncryptionContext:SecretARN': secret_arn})"
                " | {'Principal': {'AWS': role_arn}}",
            ),
        ],
        "It is more than a reader": [
            both(
                iam="policy(allow('secretsmanager:*', secret_arn))",
                key="allow('kms:*', **VIA) | {'Principal': {'AWS': role_arn}}",
            ),
            both(iam="policy(allow('secretsmanager:*', secret_arn))"),
        ],
        "The key is open to others": [
            both(key="allow('kms:Decrypt', **VIA) | {'Principal': {'AWS': '*'}}"),
            both(
                iam="policy(allow('secretsmanager:GetSecretValue', secret_arn),"
                " allow('kms:Decrypt', **VIA))",
                key="allow('kms:Decrypt', **VIA) | {'Principal': {'AWS': role_arn.split(':')[4]}}",
            ),
        ],
        "The key works without Secrets Manager": [
            both(key="allow('kms:Decrypt') | {'Principal': {'AWS': role_arn}}"),
            both(
                key="allow('kms:Decrypt', **{'kms:EncryptionContext:SecretARN': secret_arn})"
                " | {'Principal': {'AWS': role_arn}}"
            ),
        ],
        "Other keys too": [
            both(iam=f"policy({ALLOW_READ}, allow('kms:Decrypt'))"),
            both(iam=f"policy({ALLOW_READ}, allow('kms:GenerateDataKey'))"),
            both(iam=f"policy({ALLOW_READ}, allow('kms:*'))"),
        ],
        "It returns nothing": [f"x = {READ}"],
    },
    "readers": {
        "Writers are no readers": [
            found(f"through(e) and {OF_SECRET} and {DONE}"),
        ],
        "Readers of another secret": [
            found(f"e['eventName'] == 'Decrypt' and through(e) and {DONE}"),
        ],
        "Refused is not read": [
            found(f"e['eventName'] == 'Decrypt' and through(e) and {OF_SECRET}"),
        ],
        "Somebody asked KMS directly": [
            found(f"e['eventName'] == 'Decrypt' and {OF_SECRET} and {DONE}"),
        ],
        "Nobody, it says": [
            found("e['eventName'] == 'GetSecretValue'"),
        ],
        "Readers are missing": [
            "found = "
            + found(
                f"e['eventName'] == 'Decrypt' and through(e) and {OF_SECRET} and {DONE}"
            ).removeprefix("return ")
            + "\nreturn set(sorted(found)[:1])",
            "return {e['userIdentity']['arn'].split('/')[-1] for e in events"
            f" if e['eventName'] == 'Decrypt' and through(e) and {OF_SECRET} and {DONE}}}",
        ],
        "Something else is in the answer": [
            "found = "
            + found(
                f"e['eventName'] == 'Decrypt' and through(e) and {OF_SECRET} and {DONE}"
            ).removeprefix("return ")
            + "\nreturn found | {secret_arn}",
        ],
        "Right for one secret only": [
            found(
                "e['eventName'] == 'Decrypt' and through(e) and 'errorCode' not in e"
                " and ':shop-' in context(e).get('SecretARN', ' ')"
            ),
        ],
        "It returns list": [
            "return sorted(arn(e) for e in events if e['eventName'] == 'Decrypt')",
        ],
    },
    "grant_for_volume": {
        "No grant": ["return 'x'"],
        "Not the grant's ID": [grant(TASK, OF_VOLUME, "['GrantToken']")],
        "The host gets no data key": [
            grant("['Encrypt', 'RetireGrant']", OF_VOLUME),
            grant(TASK, OF_VOLUME.replace("aws:ebs:id", "ebs:id")),
            "return kms.create_grant(KeyId=key_arn, GranteePrincipal=host_arn.split(':')[4],"
            f" Operations={TASK}{OF_VOLUME})['GrantId']",
        ],
        "Every volume": [grant(TASK, "")],
        "More than the host needs": [
            grant("['Decrypt', 'Encrypt', 'RetireGrant']", OF_VOLUME),
            grant("['Decrypt', 'GenerateDataKey', 'RetireGrant']", OF_VOLUME),
            grant("['Decrypt', 'CreateGrant', 'RetireGrant']", OF_VOLUME),
            grant("['Decrypt', 'GenerateDataKeyWithoutPlaintext', 'RetireGrant']", OF_VOLUME),
            grant("['Decrypt', 'DescribeKey', 'RetireGrant']", OF_VOLUME),
        ],
        "It can't be given back": [grant("['Decrypt']", OF_VOLUME)],
        "The whole reply": [grant(TASK, OF_VOLUME, "")],
    },
}
# Other right answers than the solution.
ALSO_RIGHT = [
    (
        "one_reader",
        both(
            key="allow('kms:Decrypt', **VIA, **{'kms:EncryptionContext:SecretARN': secret_arn})"
            " | {'Principal': {'AWS': role_arn}, 'Sid': 'Reader'}"
        ),
    ),
    (
        "readers",
        "found = set()\n"
        "for e in events:\n"
        "    if e['eventName'] != 'Decrypt' or e.get('errorCode'):\n"
        "        continue\n"
        "    if through(e) and context(e).get('SecretARN') == secret_arn:\n"
        "        found.add(arn(e))\n"
        "return found",
    ),
    (
        "grant_for_volume",
        "return kms.create_grant(KeyId=key_arn, GranteePrincipal=host_arn,"
        " RetiringPrincipal=host_arn, Operations=['Decrypt'],"
        " Constraints={'EncryptionContextEquals': {'aws:ebs:id': volume_id}})['GrantId']",
    ),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
