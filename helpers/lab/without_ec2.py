"""Keeps EC2 out of a kernel: 100 MB and half a second, which moto's Parameter Store brings along.

moto asks its EC2 there for one thing only: which instances a Run Command is for.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

from moto import backends

_import_backend = backends._import_backend


class _Ec2Later:
    """Stands for ``ec2_backends``: moto's EC2 is imported when somebody asks."""

    def __getitem__(self, account_id: str) -> Any:
        return importlib.import_module("moto.ec2").ec2_backends[account_id]


def import_ssm() -> None:
    """Import moto's Parameter Store, if nobody has, but not EC2."""
    if "moto.ssm" in sys.modules or "moto.ec2" in sys.modules:
        return
    stand_in = ModuleType("moto.ec2")
    stand_in.ec2_backends = _Ec2Later()  # type: ignore[attr-defined]
    sys.modules["moto.ec2"] = stand_in
    try:
        importlib.import_module("moto.ssm")
    finally:
        del sys.modules["moto.ec2"]


def import_backend(module_name: str, backends_name: str) -> Any:
    """moto's function, by which a service is imported when it is first asked for."""
    if module_name == "ssm":
        import_ssm()
    return _import_backend(module_name, backends_name)
