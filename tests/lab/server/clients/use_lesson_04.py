"""The lines of lesson 04 that use the AWS Encryption SDK, run as they stand there.

Run with the server's address and the lines; prints JSON. Also makes a message of the kind that
the lesson takes apart by hand.
"""

import base64
import json
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ["AWS_ENDPOINT_URL_KMS"] = sys.argv[1]
names: dict[str, Any] = {}
exec(compile(sys.argv[2], "lesson 04", "exec"), names)

from aws_encryption_sdk import CommitmentPolicy  # noqa: E402
from aws_encryption_sdk.identifiers import AlgorithmSuite  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

kms, sdk, message, header = (names[name] for name in ("kms", "sdk", "message", "header"))


def refused(call: Callable[..., object], **arguments: object) -> str:
    """The code of the error with which KMS answers."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


by_hand, _ = sdk.encrypt(
    source=b"take me apart",
    keyring=names["keyring"],
    encryption_context=names["context"],
    algorithm=AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
    frame_length=8192,
)
report = {
    "plaintext": names["plaintext"].decode(),
    "version": message[0],
    "suite": header.algorithm.algorithm_id,
    "frame_bytes": header.frame_length,
    "signed": "aws-crypto-public-key" in header.encryption_context,
    "strict": sdk.config.commitment_policy == CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
    "decrypt": refused(kms.decrypt, CiphertextBlob=message, EncryptionContext=names["context"]),
    "re_encrypt": refused(
        kms.re_encrypt, CiphertextBlob=message, DestinationKeyId=names["key_arn"]
    ),
    "context": names["context"],
    "by_hand": base64.b64encode(by_hand).decode(),
}
print(json.dumps(report))
