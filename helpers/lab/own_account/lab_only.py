"""What only the lab has, asked for while one's own account is open: said so, and no more.

A function that only the lab has prints a line and returns ``NotHere``. That can be kept, compared
and shown. Whoever counts it, walks through it or decides by it gets OnlyInTheLab, which leaves out
the rest of the cell (``going_on``).
"""

from typing import NoReturn

from ..errors import NothingSent
from . import state

_said: set[str] = set()


class OnlyInTheLab(NothingSent):
    """In one's own account this can't be had, or is not for a course to do. Nothing was sent."""


class NotHere:
    """In place of a value that only the lab can show. Its parts are not here either."""

    def __init__(self, why: str) -> None:
        self._why = why

    def __getattr__(self, name: str) -> "NotHere":
        if name.startswith("_"):  # Python and Jupyter ask for many of those
            raise AttributeError(name)
        return self

    def _as_it_is(self, *_: object) -> "NotHere":
        return self

    __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = _as_it_is
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = _as_it_is  # type: ignore[assignment]

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise OnlyInTheLab(self._why)

    __call__ = __len__ = __iter__ = __contains__ = __bool__ = __int__ = __float__ = _refuse
    __index__ = __bytes__ = __hash__ = _refuse  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "(only in the lab)"

    def __format__(self, _: str) -> str:
        return repr(self)

    def _ipython_display_(self) -> None:
        """Nothing: it was said when the function was called."""


def said(why: str) -> bool:
    """Say ``why`` this is only in the lab, and whether it is so: whether the own account acts."""
    if not state.acting():
        return False
    if why not in _said:  # once a cell
        print(f"Only in the lab: {why}")
        _said.add(why)
    return True


def touched() -> bool:
    """Whether this cell has met something that is other in one's own account."""
    return bool(_said)


def begin_cell() -> None:
    """Forget what the cell before met."""
    _said.clear()
