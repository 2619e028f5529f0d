"""A walk ends where its last call that was not refused led to; a bill is the sum of its parts."""

import pytest

from helpers import figures
from tests.figures.drawings import MOVES


@pytest.mark.parametrize(
    ("walk", "end"),
    [
        ([("Encrypt", "Enabled")], "Enabled"),
        ([("EnableKey", "KMSInvalidStateException")], "Enabled"),
        ([("DisableKey", "Disabled"), ("Encrypt", "DisabledException")], "Disabled"),
        ([("DisableKey", "Disabled"), ("EnableKey", "Enabled")], "Enabled"),
    ],
)
def test_where_a_walk_ends(walk: list[tuple[str, str]], end: str) -> None:
    assert figures.key_life(MOVES, walk).alt.endswith(f"It ends {end}.")


def test_without_a_walk_the_moves_are_told() -> None:
    alt = figures.key_life(MOVES).alt
    assert "from Enabled by DisableKey to Disabled; from Disabled by EnableKey to Enabled" in alt


def test_a_state_that_nobody_drew_is_noticed() -> None:
    with pytest.raises(KeyError, match="Asleep"):
        figures.key_life([("Enabled", "DisableKey", "Asleep")])


@pytest.mark.parametrize(
    ("amounts", "total"), [([0, 0], "USD 0.00"), ([1.25, 1234.5], "USD 1,235.75")]
)
def test_a_bill_is_summed(amounts: list[float], total: str) -> None:
    picture = figures.bill([(f"part {a}", a, "so") for a in amounts], "A month")
    assert picture.alt.endswith(f"Together {total} a month.")


def test_rows_that_end_alike_are_told_together() -> None:
    found = {("A", "x"): "OK", ("B", "x"): "OK", ("C", "x"): "DisabledException"}
    alt = figures.outcomes(found, {"All": ["A", "B", "C"]}, ["x"], "T").alt
    assert "A, B: OK with x; C: DisabledException with x." in alt
