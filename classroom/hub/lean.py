"""Leaves the hub's own half out of a student's server: 35 MB for each.

``jupyterhub-singleuser`` checks who may use a student's server. On the way it imports the hub's web
pages, and with them its database and what migrates it (SQLAlchemy, Alembic), none of which
it uses. Here empty modules stand in their place. Tried with JupyterHub 6.1, so with any other
nothing is left out; ``make load`` runs a class on it.
"""

import sys
from types import ModuleType
from typing import Any

from jupyterhub import __version__

TRIED = "6.1."
LEFT_OUT = (
    "alembic",
    "jupyterhub.handlers",
    "jupyterhub.handlers.pages",
    "jupyterhub.orm",
    "jupyterhub.user",
    "sqlalchemy",
    "sqlalchemy.exc",
    "sqlalchemy.orm",
    "sqlalchemy.pool",
)


class Absent(ModuleType):
    """A module that has every name, each an empty class."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {})
        setattr(self, name, made)
        return made


def leave_out() -> bool:
    """Put the empty modules in place; False where this JupyterHub was not tried."""
    if not __version__.startswith(TRIED):
        return False
    for name in LEFT_OUT:
        sys.modules[name] = Absent(name)
    return True
