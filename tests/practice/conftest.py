"""Progress for one test: a file of its own, and nothing remembered from the test before."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

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
