"""The server byte by byte: signatures, errors, garbage, connections that stay open."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Server

KMS = "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/kms/aws4_request"
SIGNED = {
    "Authorization": f"{KMS}, SignedHeaders=host, Signature=0",
    "Content-Type": "application/x-amz-json-1.1",
}
LIST_KEYS = {"X-Amz-Target": "TrentService.ListKeys"}


@pytest.fixture
def connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    made = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    yield made
    made.close()


def ask(
    connection: http.client.HTTPConnection,
    headers: dict[str, str],
    body: Any = b"{}",
    path: str = "/",
    method: str = "POST",
) -> tuple[int, dict[str, Any], http.client.HTTPMessage]:
    """Status, JSON document and headers of one answer."""
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    text = reply.read()
    return reply.status, json.loads(text) if text else {}, reply.headers


def error(
    connection: http.client.HTTPConnection, headers: dict[str, str], body: Any = b"{}"
) -> str:
    """The code of an error, which is AWS's: status 400, JSON, a request id or none."""
    status, document, answered = ask(connection, headers, body)
    assert status == 400
    assert answered["Content-Type"] == "application/x-amz-json-1.1"
    return document["__type"]


# Signatures


@pytest.mark.parametrize(
    "headers, path",
    [
        (SIGNED, "/"),
        (SIGNED | {"Authorization": f"{KMS},SignedHeaders=host,Signature=0"}, "/"),
        (SIGNED | {"Content-Type": "application/json"}, "/"),
        (SIGNED | {"Content-Type": "application/x-www-form-urlencoded"}, "/"),
        (SIGNED | {"Content-Type": "text/plain; charset=utf-8"}, "/"),
        (SIGNED | {"Host": "kms.us-east-1.amazonaws.com"}, "/"),
        (SIGNED | {"Host": "localhost:1"}, "/"),
        ({"Content-Type": "application/x-amz-json-1.1"}, "/?X-Amz-Credential="),
    ],
    ids=["aws", "no spaces", "json", "form", "text", "host of AWS", "other host", "presigned"],
)
def test_kms_answers_however_a_client_signs(
    connection: http.client.HTTPConnection, headers: dict[str, str], path: str
) -> None:
    if path != "/":
        path += "test%2F20261123%2Fus-east-1%2Fkms%2Faws4_request&X-Amz-Signature=0"
    status, document, answered = ask(connection, headers | LIST_KEYS, path=path)
    assert (status, document["Truncated"]) == (200, False)
    assert answered["Content-Type"] == "application/x-amz-json-1.1"
    assert len(answered["x-amzn-RequestId"]) == 36


def test_the_region_is_the_one_that_was_signed_for(connection: http.client.HTTPConnection) -> None:
    for region in ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"):
        headers = SIGNED | {"Authorization": SIGNED["Authorization"].replace("us-east-1", region)}
        headers["X-Amz-Target"] = "TrentService.CreateKey"
        status, document, _ = ask(connection, headers)
        assert status == 200
        assert f":kms:{region}:" in document["KeyMetadata"]["Arn"]


@pytest.mark.parametrize(
    "authorization, code",
    [
        (None, "MissingAuthenticationTokenException"),
        ("Bearer me", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=test", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d", "IncompleteSignatureException"),
        (KMS.replace("/kms/", "/s3/"), "InvalidSignatureException"),
        (KMS.replace("us-east-1", "moon-north-1"), "NotInTheLab"),
    ],
)
def test_what_is_not_signed_for_kms_is_refused(
    connection: http.client.HTTPConnection, authorization: str | None, code: str
) -> None:
    headers = dict(LIST_KEYS)
    if authorization:
        headers["Authorization"] = authorization
    assert error(connection, headers) == code


# Errors


@pytest.mark.parametrize(
    "target, body, code",
    [
        ("TrentService.DescribeKey", b'{"KeyId": "none"}', "NotFoundException"),
        ("TrentService.DescribeKey", b"{}", "ValidationException"),
        ("TrentService.DescribeKey", b"{", "SerializationException"),
        ("TrentService.DescribeKey", b"\xff\x00", "SerializationException"),
        ("TrentService.Nothing", b"{}", "UnknownOperationException"),
        ("", b"{}", "UnknownOperationException"),
    ],
)
def test_errors_have_status_400_and_a_type(
    connection: http.client.HTTPConnection, target: str, body: bytes, code: str
) -> None:
    assert error(connection, SIGNED | {"X-Amz-Target": target}, body) == code


def test_a_service_that_nobody_has_is_said_in_xml_and_json(
    connection: http.client.HTTPConnection,
) -> None:
    signed = {"Authorization": KMS.replace("/kms/", "/nosuchservice/")}
    assert error(connection, signed | {"X-Amz-Target": "Nothing.Nothing"}) == "NotInTheLab"
    connection.request("GET", "/", headers=signed)
    reply = connection.getresponse()
    assert reply.status == 400
    assert b"<ErrorResponse><Error><Code>NotInTheLab</Code>" in reply.read()


# Garbage

GARBAGE = {
    "nothing": b"\r\n\r\n",
    "noise": bytes(range(256)) * 4,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "one word": b"HELLO\r\n\r\n",
    "http 0.9": b"GET /\r\n",
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http 9": b"GET / HTTP/9.9\r\n\r\n",
    "http letters": b"GET / HTTP/a.b\r\n\r\n",
    "unknown method": b"BREW / HTTP/1.1\r\n\r\n",
    "bad target": b"GET \xff\xfe HTTP/1.1\r\n\r\n",
    "bad url": b"GET http://[::1 HTTP/1.1\r\n\r\n",
    "long line": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    "no colon": b"GET / HTTP/1.1\r\nheader\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "no length": b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
    "huge length": b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "short body": b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
    "bad chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    "negative chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc",
    "short chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "other coding": b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    "empty scope": b"POST / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=////\r\n\r\n",
    "old signature": b"POST / HTTP/1.1\r\nAuthorization: AWS a:b\r\n\r\n",
    "other service": b"POST / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 "
    b"Credential=a/20261123/us-east-1/dynamodb/aws4_request\r\n\r\n",
    "bare kms": f"BREW /?a&a=%ff HTTP/1.1\r\nAuthorization: {KMS}\r\n\r\n".encode(),
    "kms elsewhere": f"POST /a/../b HTTP/1.1\r\nAuthorization: {KMS}\r\n\r\n".encode(),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_the_clients_error(
    server: Server, connection: http.client.HTTPConnection, garbage: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(garbage)
        raw.shutdown(socket.SHUT_WR)
        answer = raw.makefile("rb").read()
    assert not re.match(rb"HTTP/\S+ 5", answer), answer
    assert b"Error code: 5" not in answer  # what went out without a status line
    assert b"Traceback" not in answer
    assert ask(connection, SIGNED | LIST_KEYS)[0] == 200  # and it still works


# Connections


def test_a_connection_is_kept_alive(connection: http.client.HTTPConnection) -> None:
    connection.connect()
    first = connection.sock
    for headers, body, status in [
        (SIGNED | LIST_KEYS, b"{}", 200),
        (SIGNED | {"X-Amz-Target": "TrentService.DescribeKey"}, b"{" * 100_000, 400),
        (LIST_KEYS, b"unsigned" * 100_000, 400),
        (SIGNED | LIST_KEYS, iter([b"{", b"}"]), 200),  # in chunks
        (SIGNED | LIST_KEYS, b"{}", 200),
    ]:
        assert ask(connection, headers, body)[0] == status
        assert connection.sock is first


def test_a_client_may_ask_for_the_connection_to_be_closed(
    connection: http.client.HTTPConnection,
) -> None:
    _, _, answered = ask(connection, SIGNED | LIST_KEYS | {"Connection": "close"})
    assert answered["Connection"] == "close"
    assert connection.sock is None


def test_a_client_that_waits_is_told_to_go_on(server: Server) -> None:
    lines = {"Host": "h", "Content-Length": "2", "Expect": "100-continue"} | SIGNED | LIST_KEYS
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(f"POST / HTTP/1.1\r\n{head}\r\n".encode())
        assert raw.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"{}")
        assert raw.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


def test_an_answer_without_a_body_ends(connection: http.client.HTTPConnection) -> None:
    connection.connect()
    first = connection.sock
    s3 = {"Authorization": KMS.replace("/kms/", "/s3/")}
    for method, path, status in [
        ("PUT", "/wire", 200),
        ("HEAD", "/wire", 200),
        ("HEAD", "/wire/none", 404),
        ("DELETE", "/wire", 204),
    ]:
        connection.request(method, path, headers=s3)
        reply = connection.getresponse()
        reply.read()
        assert reply.status == status
        assert connection.sock is first
