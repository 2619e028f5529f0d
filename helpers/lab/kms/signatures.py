"""Sign and Verify, GenerateMac and VerifyMac.

A signature or MAC that is wrong is an error on AWS, never a reply that says false.
"""

from typing import Any

from ..hsm import signing
from ..hsm.errors import MacInvalid, SignatureInvalid
from . import specs
from .access import check_algorithm, key_for, stop_if_dry_run
from .exceptions import KmsError, validation
from .key import Key
from .models import LabKmsBackend

Request = dict[str, Any]
Reply = dict[str, Any]


def sign(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"""
    key, message_type, algorithm = _signing(backend, request, "Sign")
    stop_if_dry_run(request)
    private_key = key.open_material(key.current_material)
    signature = signing.sign(private_key, request["Message"], message_type, algorithm)
    return {"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": algorithm}


def verify(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html"""
    key, message_type, algorithm = _signing(backend, request, "Verify")
    public_key = key.current_material.public_key
    assert public_key is not None
    try:
        signing.verify(
            public_key, request["Message"], request["Signature"], message_type, algorithm
        )
    except SignatureInvalid as error:
        raise KmsError("KMSInvalidSignatureException") from error
    stop_if_dry_run(request)
    return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm}


def _signing(backend: LabKmsBackend, request: Request, operation: str) -> tuple[Key, str, str]:
    key = key_for(backend, request["KeyId"], operation, key_usage=specs.SIGN_VERIFY)
    algorithm = request["SigningAlgorithm"]
    check_algorithm(key, algorithm)
    message_type = request.get("MessageType", signing.RAW)
    _check_message(key, request["Message"], message_type, algorithm)
    return key, message_type, algorithm


def _check_message(key: Key, message: bytes, message_type: str, algorithm: str) -> None:
    if algorithm == "ML_DSA_SHAKE_256":
        allowed, whose = {signing.RAW, signing.EXTERNAL_MU}, f"key spec {key.key_spec}"
    elif algorithm == "ED25519_SHA_512":
        allowed, whose = {signing.RAW}, f"algorithm {algorithm}"
    elif algorithm == "ED25519_PH_SHA_512":
        allowed, whose = {signing.DIGEST}, f"algorithm {algorithm}"
    else:
        allowed, whose = {signing.RAW, signing.DIGEST}, f"key spec {key.key_spec}"
    if message_type not in allowed:
        raise validation(f"Message type {message_type} is incompatible with {whose}.")
    if message_type == signing.DIGEST:
        expected = signing.hash_type(algorithm).digest_size
    elif message_type == signing.EXTERNAL_MU:
        expected = signing.MU_BYTES
    else:
        return
    if len(message) != expected:
        raise validation(f"Digest is invalid length for algorithm {algorithm}.")


def generate_mac(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html"""
    key, algorithm, key_material = _mac_key(backend, request, "GenerateMac")
    stop_if_dry_run(request)
    mac = signing.generate_mac(key_material, request["Message"], algorithm)
    return {"Mac": mac, "MacAlgorithm": algorithm, "KeyId": key.arn}


def verify_mac(backend: LabKmsBackend, request: Request) -> Reply:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html"""
    key, algorithm, key_material = _mac_key(backend, request, "VerifyMac")
    try:
        signing.verify_mac(key_material, request["Message"], request["Mac"], algorithm)
    except MacInvalid as error:
        raise KmsError("KMSInvalidMacException") from error
    stop_if_dry_run(request)
    return {"KeyId": key.arn, "MacValid": True, "MacAlgorithm": algorithm}


def _mac_key(backend: LabKmsBackend, request: Request, operation: str) -> tuple[Key, str, bytes]:
    key = key_for(backend, request["KeyId"], operation, key_usage=specs.GENERATE_VERIFY_MAC)
    check_algorithm(key, request["MacAlgorithm"])
    key_material = key.open_material(key.current_material)
    return key, request["MacAlgorithm"], key_material


OPERATIONS = {
    "Sign": sign,
    "Verify": verify,
    "GenerateMac": generate_mac,
    "VerifyMac": verify_mac,
}
