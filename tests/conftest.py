"""A skipped test proves nothing: where CI runs, everything is installed, so a skip is a failure."""

import os
from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        why: Any = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI takes as a failure: {why[2]}"
    return report
