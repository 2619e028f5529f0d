"""Keys for use outside KMS: data keys, data key pairs, random bytes. KMS keeps none of them."""

import os
from typing import Any

from ..hsm import material
from ..hsm.errors import SpecUnavailable
from . import specs
from .access import (
    check_no_recipient,
    check_region,
    check_symmetric,
    key_for,
    stop_if_dry_run,
)
from .encryption import encrypt_under
from .exceptions import KmsError, no_library, validation
from .key import Key
from .models import LabKmsBackend

Request = dict[str, Any]
Reply = dict[str, Any]

DATA_KEY_BYTES = {"AES_128": 16, "AES_256": 32}


def generate_data_key(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html"""
    check_no_recipient(request)
    return _data_key(backend, request, "GenerateDataKey")


def generate_data_key_without_plaintext(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html"""
    reply = _data_key(backend, request, "GenerateDataKeyWithoutPlaintext")
    del reply["Plaintext"]
    return reply


def _data_key(backend: LabKmsBackend, request: Request, operation: str) -> Reply:
    if ("KeySpec" in request) == ("NumberOfBytes" in request):
        raise validation("Please specify either number of bytes or key spec.")
    key = _wrapping_key(backend, request, operation)
    length = request.get("NumberOfBytes") or DATA_KEY_BYTES[request["KeySpec"]]
    data_key = os.urandom(length)
    return {
        "CiphertextBlob": _wrap(key, data_key, request),
        "Plaintext": data_key,
        "KeyId": key.arn,
        "KeyMaterialId": key.current_material.key_material_id,
    }


def generate_data_key_pair(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html"""
    check_no_recipient(request)
    return _data_key_pair(backend, request, "GenerateDataKeyPair")


def generate_data_key_pair_without_plaintext(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html"""
    reply = _data_key_pair(backend, request, "GenerateDataKeyPairWithoutPlaintext")
    del reply["PrivateKeyPlaintext"]
    return reply


def _data_key_pair(backend: LabKmsBackend, request: Request, operation: str) -> Reply:
    pair_spec = request["KeyPairSpec"]
    check_region(backend, pair_spec)
    key = _wrapping_key(backend, request, operation)
    try:
        private_key = material.generate(pair_spec)
    except SpecUnavailable as error:
        raise no_library(pair_spec) from error
    return {
        "PrivateKeyCiphertextBlob": _wrap(key, private_key, request),
        "PrivateKeyPlaintext": private_key,
        "PublicKey": material.public_key_der(private_key),
        "KeyId": key.arn,
        "KeyPairSpec": pair_spec,
        "KeyMaterialId": key.current_material.key_material_id,
    }


def _wrapping_key(backend: LabKmsBackend, request: Request, operation: str) -> Key:
    key = key_for(backend, request["KeyId"], operation, key_usage=specs.ENCRYPT_DECRYPT)
    check_symmetric(key)
    stop_if_dry_run(request)
    return key


def _wrap(key: Key, plaintext: bytes, request: Request) -> bytes:
    return encrypt_under(key, plaintext, context=request.get("EncryptionContext"))


def generate_random(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html"""
    check_no_recipient(request)
    if "CustomKeyStoreId" in request:
        message = f"Custom key store {request['CustomKeyStoreId']} does not exist"
        raise KmsError("CustomKeyStoreNotFoundException", message)
    if "NumberOfBytes" not in request:
        raise validation("NumberOfBytes is required.")
    return {"Plaintext": os.urandom(request["NumberOfBytes"])}


OPERATIONS = {
    "GenerateDataKey": generate_data_key,
    "GenerateDataKeyWithoutPlaintext": generate_data_key_without_plaintext,
    "GenerateDataKeyPair": generate_data_key_pair,
    "GenerateDataKeyPairWithoutPlaintext": generate_data_key_pair_without_plaintext,
    "GenerateRandom": generate_random,
}
