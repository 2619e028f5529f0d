"""The file of numbers: each with date and source, and in step with the service model."""

import re
from pathlib import Path

import boto3
import pytest

from helpers import practice
from helpers.practice.quantities import Number

ALL = practice.numbers()
NAMES = [number.name for number in ALL]
KINDS = {"limit", "quota", "price", "time", "date", "size", "standard", "version"}


@pytest.mark.parametrize("number", ALL, ids=NAMES)
def test_every_number_says_what_it_is_when_it_was_true_and_who_says_so(number: Number) -> None:
    assert number.kind in KINDS
    assert number.what.strip()
    assert re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", number.date)
    assert number.source.strip()
    assert number.checked in ("primary", "second-hand")
    assert isinstance(number.value, int | float | str)
    assert (number.unit == "") == isinstance(number.value, str)
    if number.kind == "price":
        assert number.unit.startswith("USD ") or number.name == "free_requests"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("price_key", "USD 1.00 per month"),
        ("encrypt_plaintext", "4,096 bytes"),
        ("quota_symmetric_large", "100,000 per second"),
        ("fips_level", "FIPS 140-3 Security Level 3"),
        ("sla", "99.999 per cent"),
    ],
)
def test_a_number_prints_with_its_unit(name: str, words: str) -> None:
    assert str(practice.number(name)) == f"{practice.number(name)}" == words
    assert f"{practice.number(name):d}" == f"{words} (as of {practice.number(name).date})"


def test_an_unknown_name_gets_what_comes_close() -> None:
    with pytest.raises(practice.PracticeError, match="did you mean 'price_key'"):
        practice.number("price_keys")
    with pytest.raises(practice.PracticeError, match=r"There is no number 'zzzz': .* and \d+ more"):
        practice.number("zzzz")
    with pytest.raises(practice.PracticeError, match="There is no number 5"):
        practice.number(5)  # type: ignore[arg-type]


def test_numbers_show_as_a_table() -> None:
    prices = practice.numbers("Price")
    assert {number.kind for number in prices} == {"price"}
    assert prices._repr_html_().count("<tr>") == len(prices) + 1
    assert "price_key: USD 1.00 per month" in repr(prices)
    assert repr(practice.numbers("nothing like it")) == "(none)"
    with pytest.raises(practice.PracticeError, match="about is a word"):
        practice.numbers(3)  # type: ignore[arg-type]


def test_limits_agree_with_the_service_model() -> None:
    model = boto3.client("kms", region_name="us-east-1").meta.service_model

    def most(operation: str, member: str) -> int:
        shape = model.operation_model(operation).input_shape.members[member]
        return int(shape.metadata["max"])

    for name, operation, member in (
        ("encrypt_plaintext", "Encrypt", "Plaintext"),
        ("ciphertext_field", "Decrypt", "CiphertextBlob"),
        ("random_bytes", "GenerateRandom", "NumberOfBytes"),
        ("alias_length", "CreateAlias", "AliasName"),
        ("sign_message", "Sign", "Message"),
        ("key_policy_size", "PutKeyPolicy", "Policy"),
        ("rotation_longest", "EnableKeyRotation", "RotationPeriodInDays"),
    ):
        assert practice.number(name).value == most(operation, member), name


def test_a_price_stands_nowhere_else_in_the_kit() -> None:
    folder = Path(practice.__file__).parent
    assert not [p for p in folder.glob("*.py") if re.search(r"USD \d", p.read_text())]
