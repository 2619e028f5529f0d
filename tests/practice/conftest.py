"""An open lab, and a store of the test's own."""

from collections.abc import Iterator

import pytest

from helpers import lab
from helpers.practice import store


@pytest.fixture
def open_lab(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    lab.open(seed=1)
    capsys.readouterr()
    try:
        yield
    finally:
        lab.close()


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, dict]]:
    """Kind -> item id -> what was recorded, in this test alone."""
    kept: dict[str, dict[str, dict]] = {}

    def record(kind: str, item_id: str, **result: object) -> None:
        kept.setdefault(kind, {})[item_id] = result

    monkeypatch.setattr(store, "record", record)
    monkeypatch.setattr(store, "recorded", lambda kind: kept.get(kind, {}))
    return kept
