"""Quotas, prices, limits and dates, from the one file that lessons and questions print from."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

import yaml

from .errors import PracticeError, known

COLUMNS = ("name", "what", "value", "as of", "source")


@dataclass(frozen=True)
class Number:
    """One number, date or name: ``value`` in ``unit``, true on ``date``, as ``source`` says.

    ``checked`` is "primary" if it was read at AWS or NIST, "second-hand" if in a copy that quotes
    them. Printed, it is value and unit; ``"{:d}"`` prints the date as well.
    """

    name: str
    kind: str
    what: str
    value: int | float | str
    unit: str
    date: str
    source: str
    checked: str = "primary"
    note: str = ""

    def __str__(self) -> str:
        if self.unit == "USD":
            return f"USD {self.value:,.2f}"
        if self.unit.startswith("USD "):
            return f"USD {self.value:,.2f} {self.unit.removeprefix('USD ')}"
        shown = self.value if isinstance(self.value, str) else f"{self.value:,}"
        return f"{shown} {self.unit}".rstrip()

    def __format__(self, spec: str) -> str:
        return f"{self} (as of {self.date})" if spec == "d" else format(str(self), spec)

    def row(self) -> tuple[str, ...]:
        """What a table shows of it: COLUMNS."""
        source = self.source if self.checked == "primary" else f"{self.source} ({self.checked})"
        return self.name, self.what, str(self), self.date, source


class Numbers(tuple[Number, ...]):
    """Numbers that show as a table."""

    def __repr__(self) -> str:
        return "\n".join(f"{n.name}: {n}; {n.what} (as of {n.date})" for n in self) or "(none)"

    def _repr_html_(self) -> str:
        def cells(row: tuple[str, ...], tag: str) -> Iterator[str]:
            return (f"<{tag}>{escape(cell)}</{tag}>" for cell in row)

        body = "".join(f"<tr>{''.join(cells(n.row(), 'td'))}</tr>" for n in self)
        head = "".join(cells(COLUMNS, 'th scope="col"')).replace('</th scope="col">', "</th>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def number(name: str) -> Number:
    """The number of this name. Raises PracticeError, with names that come close, for another."""
    return _all()[known(name, list(_all()), "number")]


def numbers(about: str = "") -> Numbers:
    """All numbers, or those whose name, kind or description holds ``about``."""
    if not isinstance(about, str):
        raise PracticeError("practice.numbers(about): about is a word, such as 'price'.")
    word = about.casefold()
    return Numbers(n for n in _all().values() if word in f"{n.name} {n.kind} {n.what}".casefold())


@cache
def _all() -> dict[str, Number]:
    text = files(__package__).joinpath("numbers.yaml").read_text(encoding="utf-8")
    return {name: Number(name, **raw) for name, raw in yaml.safe_load(text).items()}
