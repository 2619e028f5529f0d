"""Lesson 08: its verifier and its numbers hold beyond the few values that the lesson shows."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from helpers import lab
from helpers.figures.ratios import times
from tests.notebooks import shape

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "08_signing_and_agreeing.ipynb"
USED = ("accept", "b64", "unb64", "start_of", "raw_signature")
CELLS = [cell.source for _, cell in shape.read(LESSON).code]


@cache
def lesson() -> dict[str, Any]:
    """Functions that the lesson defines, and nothing else of it."""
    wanted: list[ast.stmt] = []
    for cell in CELLS:
        for node in ast.parse(cell).body:
            used = isinstance(node, ast.FunctionDef) and node.name in USED
            if used or isinstance(node, ast.Import | ast.ImportFrom):
                wanted.append(node)
    names: dict[str, Any] = {"sha256": hashes.SHA256()}
    exec(compile(ast.Module(wanted, []), "lesson 08", "exec"), names)
    return names


@pytest.fixture
def open_lab() -> Iterator[None]:
    lab.open()
    try:
        yield
    finally:
        lab.close()


def der_of(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_every_signature_gets_its_64_bytes(open_lab: None) -> None:
    names = lesson()
    private = ec.generate_private_key(ec.SECP256R1())
    start = names["start_of"]({"sub": "ada", "exp": lab.clock.now().timestamp() + 60})
    tried, short = 0, False
    while tried < 50 or not short:  # in one of 128 a number begins with a zero byte
        der = private.sign(start.encode(), ec.ECDSA(hashes.SHA256()))
        raw = names["raw_signature"](der)
        assert len(raw) == 64
        assert names["accept"](f"{start}.{names['b64'](raw)}", der_of(private))["sub"] == "ada"
        tried += 1
        short = short or min(utils.decode_dss_signature(der)).bit_length() <= 248


@pytest.mark.parametrize("change", ["head", "body", "tail", "key", "time", "der", "short"])
def test_the_verifier_refuses_whatever_is_not_genuine(change: str, open_lab: None) -> None:
    names = lesson()
    private = ec.generate_private_key(ec.SECP256R1())
    until = lab.clock.now().timestamp() + (0 if change == "time" else 60)
    start = names["start_of"]({"sub": "ada", "exp": until})
    der = private.sign(start.encode(), ec.ECDSA(hashes.SHA256()))
    raw = names["raw_signature"](der)
    head, body = start.split(".")
    if change == "head":
        head = names["b64"](json.dumps({"alg": "ES256", "kid": "x"}).encode())
    if change == "body":
        body = names["b64"](json.dumps({"sub": "eve", "exp": until}).encode())
    if change == "tail":
        raw = bytes([raw[0] ^ 1]) + raw[1:]
    if change == "key":
        private = ec.generate_private_key(ec.SECP256R1())
    signature = {"der": der, "short": raw[:63]}.get(change, raw)
    with pytest.raises((InvalidSignature, ValueError)):
        names["accept"](f"{head}.{body}.{names['b64'](signature)}", der_of(private))


def charts() -> list[tuple[dict[str, dict[str, float]], str, str]]:
    """Of each chart of measured times: what was measured, the yardstick, the alt text."""
    found = []
    for cell in CELLS:
        if "figures.ratios(" not in cell:
            continue
        names: dict[str, Any] = {}
        tree = ast.parse(cell)
        for node in tree.body[:-1]:
            exec(compile(ast.Module([node], []), "lesson 08", "exec"), names)
        [last] = [node.value for node in tree.body[-1:] if isinstance(node, ast.Expr)]
        assert isinstance(last, ast.Call)
        [groups] = [eval(compile(ast.Expression(a), "lesson 08", "eval"), names) for a in last.args]
        more = {keyword.arg: ast.literal_eval(keyword.value) for keyword in last.keywords}
        found.append((groups, more["yardstick"], more["alt"]))
    return found


def test_the_alt_text_of_a_chart_says_its_numbers() -> None:
    assert len(charts()) == 2
    for groups, yardstick, alt in charts():
        told = re.split(r"(?<=\.) (?=[A-Z])", alt)[-len(groups) :]
        for (_, values), sentence in zip(groups.items(), told, strict=True):
            for name, value in values.items():
                if name != yardstick:
                    share = times(value / values[yardstick]).removesuffix(" ×")
                    assert f"{name.split(' PSS')[0]} {share}" in sentence, (name, share, sentence)
