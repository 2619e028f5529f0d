"""Progress for one test: a file of its own, and nothing remembered from the test before."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from helpers import lab
from helpers.practice import store


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """The memory of this process is empty, before and after."""
    store._unwritten.clear()
    store._told.clear()
    yield
    store._unwritten.clear()
    store._told.clear()


@pytest.fixture
def progress_file(tmp_path: Path) -> Iterator[Path]:
    """Where progress is kept in this test; not there yet, nor is its folder."""
    path = tmp_path / "data" / "progress.json"
    with mock.patch.dict(os.environ, {store.VARIABLE: str(path)}):
        yield path


@pytest.fixture
def open_lab(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """An open lab, in an empty account."""
    lab.open(seed=1)
    capsys.readouterr()
    try:
        yield
    finally:
        lab.close()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, dict]]:
    """Kind -> item id -> what was recorded, in this test alone."""
    kept: dict[str, dict[str, dict]] = {}

    def record(kind: str, item_id: str, **result: object) -> None:
        kept.setdefault(kind, {})[item_id] = result

    monkeypatch.setattr(store, "record", record)
    monkeypatch.setattr(store, "recorded", lambda kind: kept.get(kind, {}))
    return kept
