"""Custom key stores: the answers of an account that has none, and can't make any.

A store stands before an AWS CloudHSM cluster, or an external key manager behind a proxy. The lab
has neither, as an account without them.
Source: KMS API reference, CreateCustomKeyStore to UpdateCustomKeyStore.
"""

from typing import Any, NoReturn

from .exceptions import KmsError, validation
from .models import LabKmsBackend

Request = dict[str, Any]

_CLOUD_HSM = ("CloudHsmClusterId", "KeyStorePassword", "TrustAnchorCertificate")
_EXTERNAL = (
    "XksProxyAuthenticationCredential",
    "XksProxyConnectivity",
    "XksProxyUriEndpoint",
    "XksProxyUriPath",
)
_VPC_SERVICE = "VPC_ENDPOINT_SERVICE"


def create_custom_key_store(_backend: LabKmsBackend, request: Request) -> NoReturn:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html"""
    external = request.get("CustomKeyStoreType") == "EXTERNAL_KEY_STORE"
    needed, others = (_EXTERNAL, _CLOUD_HSM) if external else (_CLOUD_HSM, _EXTERNAL)
    kind = "EXTERNAL_KEY_STORE" if external else "AWS_CLOUDHSM"
    for member in needed:
        if member not in request:
            raise validation(f"{member} is required when CustomKeyStoreType is {kind}")
    for member in others:
        if member in request:
            raise validation(f"{member} is not valid when CustomKeyStoreType is {kind}")
    if not external:
        message = f"CloudHSM cluster {request['CloudHsmClusterId']} does not exist"
        raise KmsError("CloudHsmClusterNotFoundException", message)
    if request["XksProxyConnectivity"] == _VPC_SERVICE:
        if "XksProxyVpcEndpointServiceName" not in request:
            raise validation(
                "XksProxyVpcEndpointServiceName is required when XksProxyConnectivity is "
                f"{_VPC_SERVICE}"
            )
        message = f"{request['XksProxyVpcEndpointServiceName']} was not found"
        raise KmsError("XksProxyVpcEndpointServiceNotFoundException", message)
    message = f"{request['XksProxyUriEndpoint']} can't be reached"
    raise KmsError("XksProxyUriUnreachableException", message)


def describe_custom_key_stores(_backend: LabKmsBackend, request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html"""
    named = request.get("CustomKeyStoreId") or request.get("CustomKeyStoreName")
    if named:
        raise _missing(named)
    return {"CustomKeyStores": [], "Truncated": False}


def of_no_store(_backend: LabKmsBackend, request: Request) -> NoReturn:
    """Connect, disconnect, update and delete: there is no store to do it to."""
    raise _missing(request["CustomKeyStoreId"])


def _missing(store: str) -> KmsError:
    message = f"Custom key store {store} does not exist"
    return KmsError("CustomKeyStoreNotFoundException", message)


OPERATIONS = {
    "ConnectCustomKeyStore": of_no_store,
    "CreateCustomKeyStore": create_custom_key_store,
    "DeleteCustomKeyStore": of_no_store,
    "DescribeCustomKeyStores": describe_custom_key_stores,
    "DisconnectCustomKeyStore": of_no_store,
    "UpdateCustomKeyStore": of_no_store,
}
