"""Lesson 06's exercises: wrong answers, and the title that each must get."""

from tests.practice.learner import checked

IMPORTS = """
SSE = 's3:x-amz-server-side-encryption'
KEY_ID = SSE + '-aws-kms-key-id'

def policy(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}

def allow(action, resource, **condition):
    statement = {'Effect': 'Allow', 'Action': action, 'Resource': resource}
    return statement | ({'Condition': {'StringEquals': condition}} if condition else {})

VIA = {'kms:ViaService': 's3.us-east-1.amazonaws.com'}

def deny(bucket_arn, action='s3:PutObject', **condition):
    return {'Effect': 'Deny', 'Principal': '*', 'Action': action,
            'Resource': bucket_arn + '/*', 'Condition': condition}

def move(s3, bucket, key, key_arn):
    s3.update_object_encryption(Bucket=bucket, Key=key,
        ObjectEncryption={'SSEKMS': {'KMSKeyArn': key_arn}})

def names(s3, bucket):
    return [item['Key'] for item in s3.list_objects_v2(Bucket=bucket)['Contents']]
"""
GET = "allow('s3:GetObject', f'{bucket_arn}/{prefix}*')"
DECRYPT = "allow('kms:Decrypt', key_arn, **VIA)"
COPY = (
    "for key in names(s3, bucket):\n"
    "    s3.copy_object(Bucket=bucket, Key=key, CopySource=f'{bucket}/{key}',\n"
    "        ServerSideEncryption='aws:kms', SSEKMSKeyId=key_arn)\n"
)

WRONG: dict[str, dict[str, list[str]]] = {
    "reader_policy": {
        "Not an IAM policy": [
            "return {'Statement': [{'Effect': 'allow'}]}",
            "return policy(allow('s3:GetObject', bucket_arn) | {'Principal': '*'})",
        ],
        "Gate 1 stays closed": [
            f"return policy({DECRYPT})",
            f"return policy(allow('s3:GetObject', bucket_arn), {DECRYPT})",
            f"return policy(allow('s3:GetObject', bucket_arn + prefix + '*'), {DECRYPT})",
            f"return policy(allow('s3:ListBucket', '*'), {DECRYPT})",
        ],
        "Gate 2 stays closed": [
            f"return policy({GET})",
            f"return policy({GET}, allow('kms:GenerateDataKey', key_arn))",
            f"return policy({GET}, allow('kms:Decrypt', bucket_arn + '/*'))",
            f"return policy({GET}, allow('kms:Decrypt', key_arn,"
            " **{'kms:ViaService': 's3.amazonaws.com'}))",
        ],
        "More objects than asked for": [
            f"return policy(allow('s3:GetObject', bucket_arn + '/*'), {DECRYPT})",
            f"return policy(allow('s3:GetObject', '*'), {DECRYPT})",
        ],
        "It is more than a reader": [
            "return policy(allow('s3:*', f'{bucket_arn}/{prefix}*'),"
            " allow('kms:*', key_arn, **VIA))",
            f"return policy(allow('s3:*', f'{{bucket_arn}}/{{prefix}}*'), {DECRYPT})",
        ],
        "Every key of the account": [
            f"return policy({GET}, allow('kms:Decrypt', '*', **VIA))",
        ],
        "The key works without S3": [
            f"return policy({GET}, allow('kms:Decrypt', key_arn))",
        ],
        "Printed instead of returned": [f"print(policy({GET}, {DECRYPT}))"],
    },
    "one_key_policy": {
        "Not a bucket policy": [
            "return policy(allow('s3:PutObject', bucket_arn + '/*'))",
            "return policy(deny('arn:aws:s3:::another', StringNotEquals={KEY_ID: key_arn}))",
            "return policy(deny(bucket_arn, StringNotEquals={KEY_ID: {key_arn}}))",
        ],
        "Reading is refused too": [
            "return policy(deny(bucket_arn, action='s3:*', StringNotEquals={KEY_ID: key_arn}))",
        ],
        "SSE-S3 slips through": [
            "return policy(deny(bucket_arn, Null={KEY_ID: 'false'}, "
            "StringNotEquals={KEY_ID: key_arn}))",
            "return policy(deny(bucket_arn, StringEquals={KEY_ID: 'aws/s3'}))",
        ],
        "Another key slips through": [
            "return policy(deny(bucket_arn, StringNotEqualsIfExists={SSE: 'aws:kms'}))",
        ],
        "The AWS managed key slips through": [
            "return policy(deny(bucket_arn, Null={KEY_ID: 'false'}, "
            "StringNotEquals={KEY_ID: key_arn}),\n"
            "    deny(bucket_arn, StringNotEquals={SSE: 'aws:kms'}))",
        ],
        "The right key is refused": [
            "return policy(deny(bucket_arn, StringNotEquals={KEY_ID: key_arn.split('/')[1]}))",
        ],
        "Uploads without headers are refused": [
            "return policy(deny(bucket_arn, StringNotEquals={KEY_ID: key_arn}))",
            "return policy(deny(bucket_arn, StringNotEqualsIfExists={KEY_ID: key_arn}))",
        ],
    },
    "move_to_key": {
        "No object was moved": [
            "s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={\n"
            "    'Rules': [{'ApplyServerSideEncryptionByDefault':\n"
            "        {'SSEAlgorithm': 'aws:kms', 'KMSMasterKeyID': key_arn}}]})",
            "return names(s3, bucket)",
        ],
        "Copied instead of moved": [COPY],
        "Objects were left behind": [
            "move(s3, bucket, names(s3, bucket)[0], key_arn)",
            "for key in names(s3, bucket):\n"
            "    if s3.head_object(Bucket=bucket, Key=key)['ServerSideEncryption'] == 'AES256':\n"
            "        move(s3, bucket, key, key_arn)",
        ],
        "Objects were added or deleted": [
            "for key in names(s3, bucket):\n"
            "    body = s3.get_object(Bucket=bucket, Key=key)['Body'].read()\n"
            "    s3.put_object(Bucket=bucket, Key=key + '.new', Body=body,\n"
            "        ServerSideEncryption='aws:kms', SSEKMSKeyId=key_arn)",
            "for key in names(s3, bucket):\n    s3.delete_object(Bucket=bucket, Key=key)",
        ],
    },
}
# Other right answers than the solution.
ALSO_RIGHT = [
    (
        "one_key_policy",
        "there = {SSE: 'false'}\n"
        "return policy(deny(bucket_arn, Null=there, StringNotEquals={SSE: 'aws:kms'}),\n"
        "    deny(bucket_arn, Null=there, StringNotEquals={KEY_ID: key_arn}))",
    ),
    (
        "reader_policy",
        f"return policy({GET}, allow('kms:Decrypt', key_arn, **VIA), "
        "allow('s3:ListBucket', bucket_arn))",
    ),
    (
        "move_to_key",
        "for key in names(s3, bucket):\n"
        "    if s3.head_object(Bucket=bucket, Key=key).get('SSEKMSKeyId') != key_arn:\n"
        "        move(s3, bucket, key, key_arn)\n"
        "return True",
    ),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
