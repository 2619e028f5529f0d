"""Custom key stores: what an account without one is answered."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from helpers import lab

STORE = {"CustomKeyStoreId": "cks-1234567890abcdef0"}
CLUSTER = {
    "CloudHsmClusterId": "cluster-234567abcdefg",
    "KeyStorePassword": "kmsPswd-secret",
    "TrustAnchorCertificate": "-----BEGIN CERTIFICATE-----",
}
CREDENTIAL = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43}
PROXY = {
    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
    "XksProxyAuthenticationCredential": CREDENTIAL,
    "XksProxyConnectivity": "PUBLIC_ENDPOINT",
    "XksProxyUriEndpoint": "https://proxy.example.com",
    "XksProxyUriPath": "/kms/xks/v1",
}
VPC = {
    "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
    "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789",
}


def code(operation: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as caught:
        operation(**members)
    return caught.value.response["Error"]["Code"]


def test_there_is_none(kms: BaseClient) -> None:
    reply = kms.describe_custom_key_stores()
    assert (reply["CustomKeyStores"], reply["Truncated"]) == ([], False)
    missing = "CustomKeyStoreNotFoundException"
    for named in (STORE, {"CustomKeyStoreName": "store"}):
        assert code(kms.describe_custom_key_stores, **named) == missing
    for operation in ("Connect", "Disconnect", "Delete", "Update"):
        assert code(getattr(kms, xform_name(f"{operation}CustomKeyStore")), **STORE) == missing
    assert code(kms.create_key, Origin="AWS_CLOUDHSM", **STORE) == missing
    assert code(kms.generate_random, NumberOfBytes=1, **STORE) == missing


@pytest.mark.parametrize(
    "request_, answer",
    [
        (CLUSTER, "CloudHsmClusterNotFoundException"),
        (PROXY, "XksProxyUriUnreachableException"),
        (PROXY | VPC, "XksProxyVpcEndpointServiceNotFoundException"),
        ({}, "ValidationException"),
        ({k: v for k, v in CLUSTER.items() if k != "KeyStorePassword"}, "ValidationException"),
        ({k: v for k, v in PROXY.items() if k != "XksProxyUriPath"}, "ValidationException"),
        (CLUSTER | PROXY, "ValidationException"),
        (PROXY | {"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}, "ValidationException"),
    ],
)
def test_none_can_be_made(kms: BaseClient, request_: dict[str, Any], answer: str) -> None:
    found = code(kms.create_custom_key_store, CustomKeyStoreName="store", **request_)
    assert found == answer
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    recorded = str(lab.events()[0])
    assert CLUSTER["KeyStorePassword"] not in recorded
    assert CREDENTIAL["RawSecretAccessKey"] not in recorded


def test_a_password_is_not_quoted(kms: BaseClient) -> None:
    with pytest.raises(ClientError) as caught:
        kms.create_custom_key_store(
            CustomKeyStoreName="store", **CLUSTER | {"KeyStorePassword": "secret" * 6}
        )
    message = caught.value.response["Error"]["Message"]
    assert "'keyStorePassword' failed to satisfy" in message and "secret" not in message
