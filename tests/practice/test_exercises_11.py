"""Lesson 11's exercises: wrong answers, and the title that each must get."""

import pytest

from helpers.practice.capstone import record
from tests.practice.learner import SOLUTIONS, cases, cell, check_right, check_told

IMPORTS = """
import base64, copy, json, os
from datetime import datetime, timedelta
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_public_key

SSE = 's3:x-amz-server-side-encryption'
KEY_ID = SSE + '-aws-kms-key-id'
CONTEXT = 'kms:EncryptionContext:aws:s3:arn'
VIA = {'StringEquals': {'kms:ViaService': 's3.us-east-1.amazonaws.com'}}
MANAGE = ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:Put*', 'kms:Enable*', 'kms:Disable*',
          'kms:Tag*', 'kms:Untag*', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion',
          'kms:*Alias']

def policy(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}

def to(who, actions, **more):
    return {'Effect': 'Allow', 'Principal': {'AWS': who}, 'Action': actions, 'Resource': '*'} | more

def root(account):
    return 'arn:aws:iam::' + account + ':root'

any_service = {'StringLike': {'kms:ViaService': '*.us-east-1.amazonaws.com'}}

def deny(resource, action='s3:PutObject', **condition):
    return {'Effect': 'Deny', 'Principal': '*', 'Action': action, 'Resource': resource,
            'Condition': condition}

def one_key(bucket_arn, key_arn):
    return deny(bucket_arn + '/*', Null={SSE: 'false'}, StringNotEquals={KEY_ID: key_arn})

def tls(*resources):
    return deny(list(resources), 's3:*', Bool={'aws:SecureTransport': 'false'})

def with_context(policy, value, operator='StringLike'):
    mended = copy.deepcopy(policy)
    mended['Statement'][1]['Condition'] = {operator: {CONTEXT: value}}
    return mended

def changed(policy, value, s3='s3:GetObject', kms='kms:Decrypt'):
    mended = with_context(policy, value)
    mended['Statement'][0]['Action'], mended['Statement'][1]['Action'] = s3, kms
    return mended

def scheduled(cloudtrail):
    wanted = [{'AttributeKey': 'EventName', 'AttributeValue': 'ScheduleKeyDeletion'}]
    found = cloudtrail.lookup_events(LookupAttributes=wanted)['Events']
    return [json.loads(each['CloudTrailEvent']) for each in found]

def who(event):
    return event['userIdentity']['arn']

def save(kms, key_id):
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)

def culprit(cloudtrail, key_id):
    return next(who(e) for e in scheduled(cloudtrail)
                if e['requestParameters']['keyId'] == key_id and 'errorCode' not in e)

def bring(kms, key_id, material, token_of=None, hash_=hashes.SHA256(), **members):
    asked = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm='RSAES_OAEP_SHA_256', WrappingKeySpec='RSA_2048')
    oaep = padding.OAEP(mgf=padding.MGF1(hash_), algorithm=hash_, label=None)
    members = members or {'ExpirationModel': 'KEY_MATERIAL_DOES_NOT_EXPIRE'}
    kms.import_key_material(
        KeyId=key_id, ImportToken=token_of or asked['ImportToken'],
        EncryptedKeyMaterial=load_der_public_key(asked['PublicKey']).encrypt(material, oaep),
        **members)

def missing(kms, key_id):
    listed = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial='ALL_KEY_MATERIAL')
    return [m['KeyMaterialId'] for m in listed['Rotations'] if m['ImportState'] != 'IMPORTED']

def authors(session, key_id):
    wanted = [{'AttributeKey': 'EventName', 'AttributeValue': 'PutKeyPolicy'}]
    found = session.client('cloudtrail').lookup_events(LookupAttributes=wanted)['Events']
    events = [json.loads(each['CloudTrailEvent']) for each in found]
    return [e['userIdentity']['sessionContext']['sessionIssuer']['arn'] for e in events
            if key_id is None or e['requestParameters']['keyId'] == key_id]

def kms_as(session, role_arn):
    issued = session.client('sts').assume_role(RoleArn=role_arn, RoleSessionName='fix')
    c = issued['Credentials']
    return session.client('kms', aws_access_key_id=c['AccessKeyId'],
        aws_secret_access_key=c['SecretAccessKey'], aws_session_token=c['SessionToken'])

def seal(kms, key_id, name, file, text, context=None, data_key=None):
    made = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256',
        EncryptionContext={'batch': file['batch']} if context is None else context)
    nonce = os.urandom(12)
    return {'batch': file['batch'], 'wrapped_key': made['CiphertextBlob'], 'nonce': nonce,
            'ciphertext': AESGCM(data_key or made['Plaintext']).encrypt(nonce, text, name.encode())}

def text_of(leaked, name, file):
    try:
        return AESGCM(leaked).decrypt(file['nonce'], file['ciphertext'], name.encode())
    except InvalidTag:
        return None

def amended(key_policy, *statements):
    return key_policy | {'Statement': [*key_policy['Statement'], *statements]}
"""
KEEP = "to([root(account), administrator], MANAGE)"
READ = "to(reader, 'kms:Decrypt', Condition=VIA)"
WRITE = "to(writer, ['kms:GenerateDataKey', 'kms:Decrypt'], Condition=VIA)"
ONE, TLS = "one_key(bucket_arn, key_arn)", "tls(bucket_arn, bucket_arn + '/*')"
BOTH = "[bucket_arn, bucket_arn + '/*']"
LOOP = "for name, file in files.items():\n    text = text_of(leaked, name, file)\n"
RESEALED = (
    "after = dict(files)\n" + LOOP + "    if text is not None:\n"
    "        after[name] = seal(kms, key_id, name, file, text{more})\n{last}return after"
)
ADMIT = "to(auditor_arn, 'kms:Decrypt', Condition=VIA)"


def without(word: str) -> str:
    """The statement of those who manage, without the actions that begin with a word."""
    few = f"[each for each in MANAGE if not each.startswith('kms:{word}')]"
    return f"to([root(account), administrator], {few})"


WRONG: dict[str, dict[str, list[str]]] = {
    "firm_key_policy": {
        "It locks you out": [
            f"return policy(to(administrator, MANAGE), {READ}, {WRITE})",
            f"return policy({READ}, {WRITE})",
        ],
        "Not a key policy": [
            "return policy({'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*'})",
            f"return policy({KEEP}, to(reader.replace('reader', 'nobody'), 'kms:Decrypt'))",
            "return policy(to({administrator}, MANAGE))",
        ],
        "The administrator can't look after it": [
            f"return policy(to(root(account), MANAGE), {READ}, {WRITE})",
            "return policy(to([root(account), administrator], ['kms:PutKeyPolicy', 'kms:Get*']),"
            f" {READ}, {WRITE})",
            f"return policy(to([root(account), administrator], MANAGE[:-1]), {READ}, {WRITE})",
            f"return policy({without('Disable')}, {READ}, {WRITE})",
            f"return policy({without('Untag')}, {READ}, {WRITE})",
        ],
        "The account can't look after it": [
            "return policy(to(root(account), MANAGE[:-1]), to(administrator, MANAGE),"
            f" {READ}, {WRITE})",
            "return policy(to(root(account), 'kms:PutKeyPolicy'), to(administrator, MANAGE),"
            f" {READ}, {WRITE})",
        ],
        "The administrator uses the key": [
            "return policy(to(root(account), MANAGE), to(administrator, 'kms:*'),"
            f" {READ}, {WRITE})",
            f"return policy({KEEP}, to([administrator, reader], 'kms:Decrypt', Condition=VIA),"
            f" {WRITE})",
            f"return policy({KEEP}, to('*', 'kms:Decrypt', Condition=VIA), {WRITE})",
            "return policy(to([root(account), administrator], MANAGE + ['kms:Encrypt',"
            f" 'kms:Decrypt', 'kms:ReEncrypt*']), {READ}, {WRITE})",
            f"return policy({KEEP}, to(administrator, 'kms:GenerateDataKey', Condition=VIA),"
            f" {READ}, {WRITE})",
        ]
        + [
            f"return policy({KEEP}, to(administrator, 'kms:{use}'), {READ}, {WRITE})"
            for use in ("Decrypt", "Encrypt", "GenerateDataKey")
        ],
        "The whole account uses the key": [
            "return policy(to(root(account), 'kms:*'), to(administrator, MANAGE),"
            f" {READ}, {WRITE})",
            f"return policy({KEEP}, to(root(account), 'kms:Encrypt'), {READ}, {WRITE})",
            f"return policy({KEEP}, to([root(account), reader], 'kms:Decrypt', Condition=VIA),"
            f" {WRITE})",
        ],
        "The writer can't write": [
            f"return policy({KEEP}, {READ})",
            f"return policy({KEEP}, {READ}, to(writer, 'kms:Encrypt', Condition=VIA))",
            f"return policy({KEEP}, {READ}, to(writer, ['kms:GenerateDataKey', 'kms:Decrypt'],"
            " Condition={'StringEquals': {'kms:ViaService': 's3.amazonaws.com'}}))",
        ],
        "The reader can't read": [
            f"return policy({KEEP}, {WRITE})",
            f"return policy({KEEP}, {WRITE}, to(reader, 'kms:Encrypt', Condition=VIA))",
        ],
        "Large uploads fail": [
            f"return policy({KEEP}, {READ}, to(writer, 'kms:GenerateDataKey', Condition=VIA))",
        ],
        "The reader writes": [
            f"return policy({KEEP}, to([reader, writer], ['kms:GenerateDataKey', 'kms:Decrypt'],"
            " Condition=VIA))",
        ],
        "A user manages the key": [
            f"return policy({KEEP}, {READ}, {WRITE}, to(writer, 'kms:ScheduleKeyDeletion'))",
            f"return policy({KEEP}, {READ}, {WRITE}, to(reader, 'kms:PutKeyPolicy'))",
        ],
        "The key works without S3": [
            f"return policy({KEEP}, to(reader, 'kms:Decrypt'), {WRITE})",
            f"return policy({KEEP}, {READ}, to(writer, ['kms:GenerateDataKey', 'kms:Decrypt']))",
            f"return policy({KEEP}, {READ}, {WRITE}, to(writer, 'kms:Encrypt'))",
        ],
        "Other services than S3 open it": [
            f"return policy({KEEP}, to(reader, 'kms:Decrypt', Condition=any_service), {WRITE})",
            f"return policy({KEEP}, {READ}, to(writer, ['kms:GenerateDataKey', 'kms:Decrypt'],"
            " Condition=any_service))",
        ],
        "Printed instead of returned": [f"print(policy({KEEP}, {READ}, {WRITE}))"],
    },
    "firm_bucket_policy": {
        "Not a bucket policy": [
            f"return policy({ONE}, deny('arn:aws:s3:::another/*', StringEquals={{SSE: 'x'}}))",
            f"return policy({ONE}, {{{TLS!r}}})",
        ],
        "HTTPS is refused, too": [
            f"return policy({ONE}, deny([bucket_arn, bucket_arn + '/*'], 's3:*',"
            " Bool={'aws:SecureTransport': 'true'}))",
            f"return policy({TLS}, deny(bucket_arn + '/*', 's3:*', StringNotEquals={{KEY_ID:"
            " key_arn}))",
        ],
        "Objects travel in the clear": [
            f"return policy({ONE})",
            f"return policy({ONE}, tls(bucket_arn))",
        ],
        "The list travels in the clear": [f"return policy({ONE}, tls(bucket_arn + '/*'))"],
        "Some requests travel in the clear": [
            f"return policy({ONE}, deny({BOTH}, ['s3:GetObject', 's3:ListBucket'],"
            " Bool={'aws:SecureTransport': 'false'}))",
            f"return policy({ONE}, deny({BOTH}, ['s3:Get*', 's3:List*', 's3:DeleteObject'],"
            " Bool={'aws:SecureTransport': 'false'}))",
        ],
        "SSE-S3 slips through": [
            f"return policy({TLS})",
            f"return policy({TLS}, deny(bucket_arn + '/*', Null={{KEY_ID: 'false'}},"
            " StringNotEquals={KEY_ID: key_arn}))",
        ],
        "Another key slips through": [
            f"return policy({TLS}, deny(bucket_arn + '/*',"
            " StringNotEqualsIfExists={SSE: 'aws:kms'}))",
        ],
        "The AWS managed key slips through": [
            f"return policy({TLS}, deny(bucket_arn + '/*', StringNotEquals={{SSE: 'aws:kms'}}),"
            " deny(bucket_arn + '/*', Null={KEY_ID: 'false'}, StringNotEquals={KEY_ID: key_arn}))",
        ],
        "The right key is refused": [
            f"return policy({TLS}, deny(bucket_arn + '/*', Null={{SSE: 'false'}}))",
        ],
        "Uploads without headers are refused": [
            f"return policy({TLS}, deny(bucket_arn + '/*', StringNotEquals={{KEY_ID: key_arn}}))",
        ],
        "A stranger is let in": [
            f"return policy({ONE}, {TLS}, {{'Effect': 'Allow', 'Principal': '*',"
            " 'Action': 's3:*', 'Resource': bucket_arn + '/*'})",
        ]
        + [
            f"return policy({ONE}, {TLS}, {{'Effect': 'Allow', 'Principal': '*',"
            f" 'Action': 's3:{action}', 'Resource': {BOTH}}})"
            for action in ("PutObject", "ListBucket", "DeleteObject")
        ],
    },
    "mend_reader": {
        "Not an IAM policy": ["return {'Statement': 'kms:Decrypt'}"],
        "New objects stay closed": [
            "return copy.deepcopy(policy)",
            "return with_context(policy, [bucket_arn + '/', bucket_arn + '/*'])",
        ],
        "Old objects are closed now": [
            "return with_context(policy, bucket_arn)",
            f"return with_context(policy, {BOTH}, 'StringEquals')",
        ],
        "Everything under the key is open": [
            "mended = copy.deepcopy(policy)\n"
            "del mended['Statement'][1]['Condition']\n"
            "return mended",
            f"return with_context(policy, {BOTH}, 'StringLikeIfExists')",
        ],
        "A neighbour's bucket is open": ["return with_context(policy, bucket_arn + '*')"],
        "More than reading": [
            f"return changed(policy, {BOTH}, kms='kms:*')",
            f"return changed(policy, {BOTH}, kms=['kms:Decrypt', 'kms:GenerateDataKey*'])",
            f"return changed(policy, {BOTH}, s3='s3:*')",
            f"return changed(policy, {BOTH}, s3=['s3:GetObject', 's3:PutObject'])",
        ],
        "An argument was changed": [
            f"policy['Statement'][1]['Condition'] = {{'StringLike': {{CONTEXT: {BOTH}}}}}\n"
            "return policy",
        ],
    },
    "save_key": {
        "Not possible in this state": [
            "kms.enable_key(KeyId=key_id)\nkms.cancel_key_deletion(KeyId=key_id)\nreturn ''",
        ],
        "Still waiting for its deletion": ["return culprit(cloudtrail, key_id)"],
        "Cancelled, but not usable": [
            "kms.cancel_key_deletion(KeyId=key_id)\nreturn culprit(cloudtrail, key_id)",
        ],
        "Another key was saved as well": [
            "said = culprit(cloudtrail, key_id)\n"
            "for key in kms.list_keys()['Keys']:\n"
            "    save(kms, key['KeyId'])\n"
            "return said",
        ],
        "A refused attempt taken for the deed": [
            "save(kms, key_id)\n"
            "return [who(e) for e in scheduled(cloudtrail)"
            " if e['requestParameters']['keyId'] == key_id][-1]",
            "save(kms, key_id)\n"
            "return next(who(e) for e in scheduled(cloudtrail) if 'errorCode' in e)",
            "save(kms, key_id)\n"
            "return next(who(e) for e in scheduled(cloudtrail)"
            " if e['requestParameters']['keyId'] == key_id)",
        ],
        "The record of another key": [
            "save(kms, key_id)\nreturn who(scheduled(cloudtrail)[0])",
            "save(kms, key_id)\nreturn who(scheduled(cloudtrail)[-1])",
            "save(kms, key_id)\n"
            "return next(who(e) for e in scheduled(cloudtrail) if 'errorCode' not in e)",
        ],
        "Not who did it": [
            "save(kms, key_id)\nreturn 'arn:aws:iam::123456789012:root'",
            "save(kms, key_id)\nreturn culprit(cloudtrail, key_id).replace('cost', 'other')"
            ".replace('monthly', 'other')",
        ],
        "A name instead of an ARN": [
            "save(kms, key_id)\nreturn culprit(cloudtrail, key_id).split('/')[-1]",
        ],
        "It returns nothing": ["save(kms, key_id)"],
    },
    "bring_material": {
        "Other bytes than before": [
            "for id_ in missing(kms, key_id):\n    bring(kms, key_id, os.urandom(32))",
            "bring(kms, key_id, list(vault.values())[-1])",
        ],
        "KMS can't unwrap it": [
            "for id_ in missing(kms, key_id):\n"
            "    bring(kms, key_id, vault[id_], hash_=hashes.SHA1())",
        ],
        "Not the token of this key": [
            "mine = kms.create_key(Origin='EXTERNAL')['KeyMetadata']['KeyId']\n"
            "asked = kms.get_parameters_for_import(KeyId=mine,\n"
            "    WrappingAlgorithm='RSAES_OAEP_SHA_256', WrappingKeySpec='RSA_2048')\n"
            "for id_ in missing(kms, key_id):\n"
            "    bring(kms, key_id, vault[id_], asked['ImportToken'])",
        ],
        "Date and expiration model don't fit": [
            "for id_ in missing(kms, key_id):\n"
            "    bring(kms, key_id, vault[id_], KeyMaterialId=id_)",
        ],
        "Not in the safe": ["bring(kms, key_id, vault[key_id])"],
        "New material instead of the old": [
            "for id_ in missing(kms, key_id):\n"
            "    bring(kms, key_id, vault[id_])\n"
            "bring(kms, key_id, os.urandom(32), ImportType='NEW_KEY_MATERIAL',\n"
            "    ExpirationModel='KEY_MATERIAL_DOES_NOT_EXPIRE')",
        ],
        "No material is back": ["return missing(kms, key_id)[:0] or None"],
        "Not all material is back": [
            "id_ = missing(kms, key_id)[0]\nbring(kms, key_id, vault[id_])",
        ],
        "It will expire again": [
            "now = kms.describe_key(KeyId=key_id)['KeyMetadata']['CreationDate']\n"
            "for id_ in missing(kms, key_id):\n"
            "    bring(kms, key_id, vault[id_], ValidTo=now + timedelta(days=300))",
        ],
    },
    "reopen": {
        "Asked as somebody without a say": [
            "session.client('kms').put_key_policy(KeyId=key_id, Policy=json.dumps(policy_before))",
            "session.client('kms').put_key_policy(KeyId=key_id, Policy=json.dumps(policy_before),\n"
            "    BypassPolicyLockoutSafetyCheck=True)",
            "kms = kms_as(session, authors(session, None)[0].replace('migration', 'gardener'))\n"
            "kms.put_key_policy(KeyId=key_id, Policy=json.dumps(policy_before))",
        ],
        "Still locked out": ["return authors(session, key_id)[0]"],
        "Another policy than before": [
            "role = authors(session, key_id)[0]\n"
            "more = {'Effect': 'Allow', 'Principal': {'AWS': role}, 'Action': 'kms:*',\n"
            "        'Resource': '*'}\n"
            "both = policy_before | {'Statement': [*policy_before['Statement'], more]}\n"
            "kms_as(session, role).put_key_policy(KeyId=key_id, Policy=json.dumps(both))",
        ],
        "Still unreadable": [
            "kms = kms_as(session, authors(session, key_id)[0])\n"
            "kms.disable_key(KeyId=key_id)\n"
            "kms.put_key_policy(KeyId=key_id, Policy=json.dumps(policy_before))",
        ],
    },
    "admit_auditor": {
        "A statement was lost": [
            f"return policy({ADMIT})",
            f"account = 'x'\nreturn policy(to('*', 'kms:PutKeyPolicy'), {ADMIT})",
        ],
        "Not a key policy": [
            "return amended(key_policy, {'Effect': 'Allow', 'Action': 'kms:Decrypt',"
            " 'Resource': '*'})",
            "return amended(key_policy, to(auditor_arn + '-x', 'kms:Decrypt'))",
            "return amended(key_policy, to({auditor_arn}, 'kms:Decrypt'))",
        ],
        "The auditor still gets nothing": [
            "return key_policy",
            "return amended(key_policy, to(auditor_arn, 'kms:Encrypt', Condition=VIA))",
            "return amended(key_policy, to(auditor_arn, 'kms:Decrypt',"
            " Condition={'StringEquals': {'kms:ViaService': 's3.amazonaws.com'}}))",
        ],
        "More than the auditor is let in": [
            "return amended(key_policy, to(auditor_arn.split(':')[4], 'kms:Decrypt',"
            " Condition=VIA))",
            "return amended(key_policy, to('*', 'kms:Decrypt', Condition=VIA))",
        ],
        "More than reading": [
            "return amended(key_policy, to(auditor_arn, 'kms:*'))",
            "return amended(key_policy, to(auditor_arn, ['kms:Decrypt', 'kms:CreateGrant']))",
            "return amended(key_policy, to(auditor_arn, 'kms:*', Condition=VIA))",
            "return amended(key_policy, to(auditor_arn, ['kms:Decrypt', 'kms:GenerateDataKey'],"
            " Condition=VIA))",
        ],
        "The key works without S3": [
            "return amended(key_policy, to(auditor_arn, 'kms:Decrypt'))",
        ],
        "Other services than S3 open it": [
            "return amended(key_policy, to(auditor_arn, 'kms:Decrypt',"
            f" Condition={{'StringLike': {{'kms:ViaService': '{pattern}'}}}}))"
            for pattern in ("*", "*.us-east-1.amazonaws.com")
        ],
    },
    "replace_leaked": {
        "The wrapped key did not open": [
            "kms.decrypt(CiphertextBlob=files['wages.enc']['wrapped_key'])",
        ],
        "A file did not open": [
            "for name, file in files.items():\n"
            "    AESGCM(leaked).decrypt(file['nonce'], file['ciphertext'], None)",
        ],
        "Files were lost or added": [
            "return {name: file for name, file in files.items()"
            " if text_of(leaked, name, file) is None}",
            "after = dict(files)\n"
            "for name, file in files.items():\n"
            "    text = text_of(leaked, name, file) or b'x'\n"
            "    after[name + '.new'] = seal(kms, key_id, name, file, text)\n"
            "return after",
        ],
        "Another form than before": [
            RESEALED.format(more="", last="after['wages.enc']['key'] = 1\n"),
            "return {name: file['ciphertext'] for name, file in files.items()}",
        ],
        "The data key lies beside the data": [
            "return {name: file | {'wrapped_key': leaked} for name, file in files.items()}",
        ],
        "The leaked key still opens them": [
            "return dict(files)",
            "kms.rotate_key_on_demand(KeyId=key_id)\nreturn dict(files)",
            "after = {}\n"
            "for name, file in files.items():\n"
            "    context = {'batch': file['batch']}\n"
            "    moved = kms.re_encrypt(CiphertextBlob=file['wrapped_key'],\n"
            "        SourceEncryptionContext=context, DestinationKeyId=key_id,\n"
            "        DestinationEncryptionContext=context)['CiphertextBlob']\n"
            "    after[name] = file | {'wrapped_key': moved}\n"
            "return after",
        ],
        "Some files were left": [
            "after, name = dict(files), 'wages.enc'\n"
            "file = files[name]\n"
            "after[name] = seal(kms, key_id, name, file, text_of(leaked, name, file))\n"
            "return after",
        ],
        "A wrapped key does not open": [
            RESEALED.format(more=", context={}", last=""),
            "mine = kms.create_key()['KeyMetadata']['KeyId']\n"
            + RESEALED.format(more="", last="").replace("key_id", "mine"),
        ],
        "A file is unreadable now": [
            RESEALED.format(more=", data_key=os.urandom(32)", last=""),
            RESEALED.format(more="[:3]", last="").replace("text[:3]", "text[:3]"),
        ],
    },
}
# Other right answers than the solution.
ALSO_RIGHT = [
    (
        "firm_key_policy",
        "return policy(to(root(account), MANAGE), to(administrator, MANAGE),"
        " to([reader, writer], 'kms:Decrypt', Condition=VIA), to(writer, 'kms:GenerateDataKey',"
        " Condition=VIA))",
    ),
    (
        "firm_bucket_policy",
        "there = {SSE: 'false'}\n"
        f"return policy({TLS},\n"
        "    deny(bucket_arn + '/*', Null=there, StringNotEquals={SSE: 'aws:kms'}),\n"
        "    deny(bucket_arn + '/*', Null=there, StringNotEquals={KEY_ID: key_arn}))",
    ),
    (
        "mend_reader",
        "mended = copy.deepcopy(policy)\n"
        "mended['Statement'].append(mended['Statement'][1] |"
        " {'Condition': {'StringEquals': {CONTEXT: bucket_arn}}})\n"
        "return mended",
    ),
    ("save_key", "said = culprit(cloudtrail, key_id)\nsave(kms, key_id)\nreturn said"),
    (
        "bring_material",
        "for id_, material in vault.items():\n"
        "    if id_ in missing(kms, key_id):\n"
        "        bring(kms, key_id, material)",
    ),
    (
        "reopen",
        "kms = kms_as(session, authors(session, key_id)[0])\n"
        "kms.put_key_policy(KeyId=key_id, PolicyName='default', Policy=json.dumps(policy_before))",
    ),
    (
        "admit_auditor",
        "return amended(key_policy, to([auditor_arn], ['kms:Decrypt', 'kms:DescribeKey'],"
        " Condition=VIA))",
    ),
    (
        "replace_leaked",  # all of them anew
        "after = {}\n"
        "for name, file in files.items():\n"
        "    data_key = kms.decrypt(CiphertextBlob=file['wrapped_key'],\n"
        "        EncryptionContext={'batch': file['batch']})['Plaintext']\n"
        "    text = text_of(data_key, name, file)\n"
        "    after[name] = seal(kms, key_id, name, file, text)\n"
        "return after",
    ),
]
INCIDENTS = {
    "mend_reader": (1, "Decrypt"),
    "save_key": (2, "CancelKeyDeletion"),
    "bring_material": (3, "ImportKeyMaterial"),
    "reopen": (4, "PutKeyPolicy"),
    "replace_leaked": (5, "GenerateDataKey"),
    "admit_auditor": (6, "Decrypt"),
}


@pytest.mark.parametrize(("name", "title", "code"), cases(WRONG))
def test_a_misconception_is_told_by_name(
    name: str, title: str, code: str, open_lab: None, kept: dict
) -> None:
    record.forget()
    check_told(name, title, cell(name, code, IMPORTS), kept)
    assert record.fixes() == {}


@pytest.mark.parametrize(("name", "code"), ALSO_RIGHT)
def test_another_right_answer(name: str, code: str, open_lab: None) -> None:
    check_right(name, cell(name, code, IMPORTS))


@pytest.mark.parametrize("name", INCIDENTS)
def test_a_fix_that_holds_is_proved_by_an_event(name: str, open_lab: None) -> None:
    record.forget()
    check_right(name, (SOLUTIONS / f"11_{name}.py").read_text(encoding="utf-8"))
    number, event_name = INCIDENTS[name]
    assert {at: proof.event_name for at, proof in record.fixes().items()} == {number: event_name}
    assert record.fixes()[number].event_id
