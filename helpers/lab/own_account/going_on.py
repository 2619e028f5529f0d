"""In a notebook on one's own account: a cell that needs the lab is left out, the lesson goes on.

Such a cell ends with a line in place of a traceback, and Run All goes on. So does a later cell that
fails on what the cell would have set. Every other error stops the lesson, as ever.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any

from botocore.exceptions import BotoCoreError

from ..errors import LabError
from . import lab_only


class GoingOn:
    """What was left out so far in this notebook."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        # Names that cells which were left out would have set.
        self.unset: set[str] = set()
        self._passed_over: BaseException | None = None

    def why(self, error: BaseException) -> str:
        """Why the lesson may go on after this error; empty if it may not."""
        if isinstance(error, lab_only.OnlyInTheLab):
            return str(error)
        if isinstance(error, LabError):
            return ""
        told = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
        if names := sorted(self.unset & self._names_used_in(error)):
            return f"{', '.join(names)} should come from a cell that was left out ({told})."
        if lab_only.touched() and not isinstance(error, BotoCoreError):
            return f"what follows needs the lab ({told})."
        return ""

    def _names_used_in(self, error: BaseException) -> set[str]:
        """The notebook's names in the cell that failed, and in its functions on the way there."""
        frames = walk_tb(error.__traceback__)
        return {
            name
            for frame, _ in frames
            if frame.f_globals is self.shell.user_global_ns
            for name in frame.f_code.co_names
        }

    def show(
        self, shell: Any, kind: type, error: BaseException, traceback: Any, tb_offset: Any = None
    ) -> None:
        """In place of IPython's traceback."""
        if why := self.why(error):
            print(f"The rest of this cell is left out: {why}\nThe lesson goes on.")
            self._passed_over = error
        else:
            shell.showtraceback(
                (kind, error, traceback), tb_offset=tb_offset, running_compiled_code=True
            )

    def begin(self, *_: Any) -> None:
        lab_only.begin_cell()

    def end(self, result: Any) -> None:
        """Tell Jupyter that a cell which was left out is no error."""
        error, self._passed_over = self._passed_over, None
        names = _names_set_by(result.info.raw_cell)
        if error is not None and result.error_in_exec is error:
            result.error_in_exec = None
            self.unset |= names
        elif result.success:
            self.unset -= names


def _names_set_by(source: str) -> set[str]:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:  # of IPython's own syntax
        return set()
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    defined = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return stored | defined


@contextmanager
def going_on() -> Iterator[None]:
    """Watch this notebook's cells; outside of notebooks nothing."""
    shell = _shell()
    if shell is None:
        yield
        return
    watch = GoingOn(shell)
    events: list[tuple[str, Callable[..., None]]] = [
        ("pre_run_cell", watch.begin),
        ("post_run_cell", watch.end),
    ]
    before = shell.custom_exceptions, shell.CustomTB
    shell.set_custom_exc((Exception,), watch.show)
    for name, callback in events:
        shell.events.register(name, callback)
    try:
        yield
    finally:
        for name, callback in events:
            shell.events.unregister(name, callback)
        shell.custom_exceptions, shell.CustomTB = before


def _shell() -> Any:
    import sys

    # Whoever runs in a notebook has it already; nobody else needs it.
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
