"""Public keys, and secrets that two parties come to share: ECDH and ML-KEM."""

from typing import Any

from ..hsm import asymmetric
from ..hsm.errors import CiphertextInvalid, PeerKeyInvalid
from . import specs
from .access import (
    check_algorithm,
    check_no_recipient,
    key_for,
    stop_if_dry_run,
)
from .exceptions import KmsError, invalid_ciphertext, validation
from .key import Key
from .models import LabKmsBackend

Request = dict[str, Any]
Reply = dict[str, Any]


def get_public_key(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html"""
    key = key_for(backend, request["KeyId"], "GetPublicKey")
    if specs.kind(key.key_spec) != "asymmetric":
        raise KmsError("UnsupportedOperationException")
    return {
        "KeyId": key.arn,
        "PublicKey": key.current_material.public_key,
        "CustomerMasterKeySpec": key.key_spec,
        "KeySpec": key.key_spec,
        "KeyUsage": key.key_usage,
        specs.ALGORITHMS_MEMBER[key.key_usage]: key.algorithms,
    }


def derive_shared_secret(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html"""
    check_no_recipient(request)
    key = key_for(backend, request["KeyId"], "DeriveSharedSecret", key_usage=specs.KEY_AGREEMENT)
    algorithm = request["KeyAgreementAlgorithm"]
    private_key = key.open_material(key.current_material)
    try:
        shared_secret = asymmetric.derive_shared_secret(private_key, request["PublicKey"])
    except PeerKeyInvalid as error:
        raise validation("") from error
    stop_if_dry_run(request)
    return {
        "KeyId": key.arn,
        "SharedSecret": shared_secret,
        "KeyAgreementAlgorithm": algorithm,
        "KeyOrigin": key.origin,
    }


def encapsulate(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html"""
    key, algorithm = _kem_key(backend, request, "Encapsulate")
    stop_if_dry_run(request)
    assert key.current_material.public_key is not None
    shared_secret, ciphertext = asymmetric.encapsulate(key.current_material.public_key)
    return {
        "KeyId": key.arn,
        "SharedSecret": shared_secret,
        "SharedSecretCiphertextBlob": ciphertext,
        "EncapsulationAlgorithm": algorithm,
    }


def decapsulate(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html"""
    key, algorithm = _kem_key(backend, request, "Decapsulate")
    private_key = key.open_material(key.current_material)
    ciphertext = request["SharedSecretCiphertextBlob"]
    try:
        shared_secret = asymmetric.decapsulate(private_key, ciphertext, key.key_spec)
    except CiphertextInvalid as error:
        raise invalid_ciphertext() from error
    stop_if_dry_run(request)
    return {"KeyId": key.arn, "SharedSecret": shared_secret, "EncapsulationAlgorithm": algorithm}


def _kem_key(backend: LabKmsBackend, request: Request, operation: str) -> tuple[Key, str]:
    key = key_for(backend, request["KeyId"], operation, key_usage=specs.ENCAPSULATE_DECAPSULATE)
    algorithm = request["EncapsulationAlgorithm"]
    check_algorithm(key, algorithm)
    return key, algorithm


OPERATIONS = {
    "GetPublicKey": get_public_key,
    "DeriveSharedSecret": derive_shared_secret,
    "Encapsulate": encapsulate,
    "Decapsulate": decapsulate,
}
