"""What some tests need of the machine. Where CI runs, a skipped test is a failure: conftest.py."""

import shutil

import pytest

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
