"""Lesson 07's exercises: wrong answers, and the title that each must get."""

from tests.practice.learner import checked

IMPORTS = """
import json

def policy(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}

def allow(actions, principal=None, resource='*', **condition):
    statement = {'Effect': 'Allow', 'Action': actions, 'Resource': resource}
    if principal:
        statement['Principal'] = {'AWS': principal}
    return statement | ({'Condition': condition} if condition else {})

MANAGE = ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:PutKeyPolicy', 'kms:EnableKey',
          'kms:DisableKey', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion']
USE = ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*']

def grant(kms, key_arn, worker_arn, operations=('Decrypt', 'RetireGrant'), **constraints):
    return kms.create_grant(KeyId=key_arn, GranteePrincipal=worker_arn,
        Operations=list(operations), Constraints=constraints)

def both(statement, iam):
    return {'statement': statement, 'iam': iam}
"""
ADMIN, USER = "allow(MANAGE, admin_arn)", "allow(USE, user_arn)"
GRANT = "grant(kms, key_arn, worker_arn"
EQUALS = "EncryptionContextEquals={'order': order}"
HERE = "allow('kms:Decrypt', partner_role_arn)"
THERE = "policy(allow('kms:Decrypt', resource=key_arn))"
OWN = "partner_role_arn.replace('role/reader', 'root')"

WRONG: dict[str, dict[str, list[str]]] = {
    "separate_duties": {
        "Not a key policy": [
            f"return policy({ADMIN}, allow(USE))",
            f"return policy({ADMIN}, allow(USE, user_arn + '-x'))",
            f"return policy({ADMIN}, allow(set(USE), user_arn))",
            "return {'Statement': []}",
        ],
        "Everybody gets in": [f"return policy({ADMIN}, allow(USE, '*'))"],
        "An IAM policy opens the key": [
            f"return policy({ADMIN}, {USER},"
            " allow('kms:*', admin_arn.replace('role/keeper', 'root')))",
            f"return policy({ADMIN}, {USER},"
            " allow('kms:Describe*', admin_arn.replace('role/keeper', 'root')))",
        ],
        "Nobody can change the policy any more": [
            f"return policy({USER})",
            f"return policy(allow([a for a in MANAGE if 'Put' not in a], admin_arn), {USER})",
        ],
        "The user can't do the work": [
            f"return policy({ADMIN})",
            f"return policy({ADMIN}, allow(['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt'],"
            " user_arn))",
            f"return policy({ADMIN}, allow(USE[:3] + ['kms:ReEncrypt', 'kms:GenerateDataKey'],"
            " user_arn))",
            f"return policy({ADMIN}, allow(USE[1:], user_arn))",
        ],
        "The user administers the key": [
            f"return policy({ADMIN}, allow('kms:*', user_arn))",
            "return policy(allow(MANAGE + USE, [admin_arn, user_arn]))",
            f"return policy({ADMIN}, allow(USE + ['kms:Get*'], user_arn))",
        ],
        "The administrator can't do the work": [
            f"return policy(allow('kms:PutKeyPolicy', admin_arn), {USER})",
            f"return policy(allow(MANAGE[:-1], admin_arn), {USER})",
        ],
        "The administrator uses the key": [
            f"return policy(allow('kms:*', admin_arn), {USER})",
            f"return policy(allow(MANAGE + USE, admin_arn), {USER})",
            f"return policy(allow(MANAGE + ['kms:De*'], admin_arn), {USER})",
        ],
        "The administrator makes grants": [
            f"return policy(allow(MANAGE + ['kms:Create*'], admin_arn), {USER})",
        ],
        "Printed instead of returned": [f"print(policy({ADMIN}, {USER}))"],
    },
    "lend": {
        "The key policy was changed": [
            "p = json.loads(kms.get_key_policy(KeyId=key_arn)['Policy'])\n"
            "p['Statement'].append(allow('kms:Decrypt', worker_arn))\n"
            "kms.put_key_policy(KeyId=key_arn, Policy=json.dumps(p))\n"
            "return 'done'",
        ],
        "No grant was made": ["return 'token'"],
        "More than one grant": [
            f"{GRANT}, {EQUALS})\nreturn {GRANT}, {EQUALS})['GrantToken']",
        ],
        "Lent to somebody else": [
            "return grant(kms, key_arn, worker_arn.replace('role/worker', 'root'),"
            f" {EQUALS})['GrantToken']",
        ],
        "The worker can't decrypt": [
            f"return {GRANT}, ['Encrypt', 'RetireGrant'], {EQUALS})['GrantToken']",
            f"return {GRANT}, EncryptionContextEquals={{'order': 'order'}})['GrantToken']",
        ],
        "Other orders open too": [
            f"return {GRANT})['GrantToken']",
            f"return {GRANT}, EncryptionContextSubset={{}})['GrantToken']",
        ],
        "Further pairs get through": [
            f"return {GRANT}, EncryptionContextSubset={{'order': order}})['GrantToken']",
        ],
        "More operations than needed": [
            f"return {GRANT}, ['Decrypt', 'Encrypt', 'RetireGrant'], {EQUALS})['GrantToken']",
            f"return {GRANT}, ['Decrypt', 'DescribeKey', 'RetireGrant'], {EQUALS})['GrantToken']",
            f"return {GRANT}, ['Decrypt', 'CreateGrant', 'RetireGrant'], {EQUALS})['GrantToken']",
        ],
        "Not the grant's token": [f"return {GRANT}, {EQUALS})['GrantId']"],
        "The worker can't give it back": [f"return {GRANT}, ['Decrypt'], {EQUALS})['GrantToken']"],
        "It returns nothing": [f"{GRANT}, {EQUALS})"],
    },
    "fix_sharing": {
        "Another form than asked for": [
            f"return policy({HERE})",
            f"return both([{HERE}], {THERE})",
        ],
        "Not an IAM policy": [
            f"return both({HERE}, {HERE})",
            f"return both({HERE}, policy({HERE}))",
        ],
        "Not a statement of a key policy": [
            f"return both(allow('kms:Decrypt'), {THERE})",
            f"return both(policy({HERE}), {THERE})",
            f"return both(allow('kms:Decrypt', partner_role_arn + 'x'), {THERE})",
        ],
        "Your key policy stays closed": [
            f"return both(allow('kms:Encrypt', partner_role_arn), {THERE})",
            f"return both(allow('kms:Decrypt', 'arn:aws:iam::' + key_arn.split(':')[4] + ':root'),"
            f" {THERE})",
            f"return both(allow('kms:Decrypt', partner_role_arn,"
            f" StringEquals={{'kms:CallerAccount': key_arn.split(':')[4]}}), {THERE})",
        ],
        "Their IAM policy stays closed": [
            f"return both({HERE}, policy(allow('kms:Encrypt', resource=key_arn)))",
            f"return both({HERE}, None)",
            f"return both({HERE}, policy(allow('kms:Decrypt',"
            " resource=key_arn.split('key/')[0] + 'alias/shared')))",
        ],
        "The whole account is let in": [
            f"return both(allow('kms:Decrypt', {OWN}), {THERE})",
            f"return both(allow('kms:Decrypt', partner_role_arn.split(':')[4]), {THERE})",
        ],
        "Everybody gets in": [f"return both(allow('kms:Decrypt', '*'), {THERE})"],
        "Every key that is shared": [f"return both({HERE}, policy(allow('kms:Decrypt')))"],
        "Their IAM policy allows more than decrypting": [
            f"return both({HERE}, policy(allow('kms:*', resource=key_arn)))",
        ],
        "Your statement allows more than decrypting": [
            f"return both(allow('kms:*', partner_role_arn), {THERE})",
            f"return both(allow(['kms:Decrypt', 'kms:DescribeKey'], partner_role_arn), {THERE})",
        ],
    },
}


ALSO_RIGHT = [
    ("separate_duties", f"return policy({ADMIN}, {USER})"),
    (
        "separate_duties",
        "return policy(allow(['kms:Describe*', 'kms:Get*', 'kms:Put*', 'kms:Enable*',"
        f" 'kms:Disable*', 'kms:*Deletion'], admin_arn), {USER})",
    ),
    ("lend", f"return {GRANT}, {EQUALS})['GrantToken']"),
    (
        "lend",
        "return kms.create_grant(KeyId=key_arn, GranteePrincipal=worker_arn, Name='lent',\n"
        "    Operations=['RetireGrant', 'Decrypt'],\n"
        "    Constraints={'EncryptionContextEquals': {'order': order}})['GrantToken']",
    ),
    ("fix_sharing", f"return both({HERE}, {THERE})"),
    (
        "fix_sharing",
        f"return both(allow(['kms:Decrypt'], [partner_role_arn]) | {{'Sid': 'Partner'}}, {THERE})",
    ),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
