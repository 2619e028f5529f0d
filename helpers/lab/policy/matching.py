"""Texts of a policy that a request is compared with: wildcards and policy variables.

``*`` stands for any characters, ``?`` for exactly one. ``${aws:username}`` stands for a value of
the request, ``${aws:username, 'nobody'}`` for that or a default, ``${*}``, ``${?}`` and ``${$}``
for the character itself. What a variable brings in is taken literally.
Source: IAM User Guide, "IAM JSON policy elements: Resource", "Variables and tags".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import NamedTuple

# The request's condition keys in lower case, each with its values (at least one).
Values = Mapping[str, tuple[str, ...]]


class Wildcard(Enum):
    ANY = "*"
    ONE = "?"


class Variable(NamedTuple):
    """A policy variable: the condition key in lower case, and what to take if it is absent."""

    key: str
    default: str | None


class UnresolvedVariable(Exception):
    """The request has no single value for a policy variable, and the policy no default."""


Token = str | Wildcard
_WILDCARDS = {wildcard.value: wildcard for wildcard in Wildcard}
_VARIABLE = re.compile(r"\$\{(?:([*?$])|([^\s{},'$*?]+)(?:\s*,\s*'([^']*)')?)\}")


class Text:
    """One string of a policy, taken apart.

    ``variables``: whether ``${...}`` means something (only in policies of version 2012-10-17).
    """

    __slots__ = ("is_dynamic", "parts", "text")

    def __init__(self, text: str, *, variables: bool, wildcards: bool = True) -> None:
        self.text = text
        self.parts: list[Token | Variable] = []
        end = 0
        for found in _VARIABLE.finditer(text) if variables else ():
            self._add(text[end : found.start()], wildcards)
            character, key, default = found.groups()
            self.parts.append(character or Variable(key.lower(), default))
            end = found.end()
        self._add(text[end:], wildcards)
        self.is_dynamic = any(isinstance(part, Variable) for part in self.parts)

    def _add(self, literal: str, wildcards: bool) -> None:
        for piece in re.split(r"([*?])", literal) if wildcards else [literal]:
            if piece:
                self.parts.append(_WILDCARDS.get(piece, piece) if wildcards else piece)

    def tokens(self, values: Values) -> list[Token]:
        """The text with its variables filled in. Raises UnresolvedVariable."""
        return [
            _resolve(part, values) if isinstance(part, Variable) else part for part in self.parts
        ]


class Glob:
    """A text with wildcards, ready to be compared. Takes linear time for each ``*``."""

    __slots__ = ("_regex", "_segments")

    def __init__(self, tokens: Iterable[Token]) -> None:
        segments: list[list[Token]] = [[]]
        for token in tokens:
            if token is Wildcard.ANY:
                segments.append([])
            else:
                segments[-1].append(token)
        self._segments: list[str] = []
        self._regex: re.Pattern[str] | None = None
        if any(token is Wildcard.ONE for segment in segments for token in segment):
            self._regex = _compile(segments)
        else:
            self._segments = ["".join(map(str, segment)) for segment in segments]

    @property
    def text(self) -> str | None:
        """The only text that matches, if there are no wildcards."""
        return self._segments[0] if len(self._segments) == 1 else None

    def matches(self, text: str) -> bool:
        if self._regex:
            return self._regex.match(text) is not None
        first, *rest = self._segments
        if not rest:
            return text == first
        *middle, last = rest
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return False
        for segment in middle:
            at = text.find(segment, at, end)
            if at < 0:
                return False
            at += len(segment)
        return True


class PatternList:
    """The values of an Action or Resource element: matches if one of them does.

    ``fold``: compare in lower case; the text to match must be in lower case already.
    """

    __slots__ = ("_dynamic", "_everything", "_exact", "_globs", "texts")

    def __init__(
        self, texts: Iterable[str], *, variables: bool = False, fold: bool = False
    ) -> None:
        self.texts = tuple(texts)
        self._everything = "*" in self.texts
        self._dynamic: list[Text] = []
        self._globs: list[Glob] = []
        exact: set[str] = set()
        for each in self.texts:
            text = Text(each.lower() if fold else each, variables=variables)
            if text.is_dynamic:
                self._dynamic.append(text)
                continue
            glob = Glob(text.tokens({}))
            if glob.text is None:
                self._globs.append(glob)
            else:
                exact.add(glob.text)
        self._exact = frozenset(exact)

    @property
    def is_dynamic(self) -> bool:
        """Whether a value has a policy variable."""
        return bool(self._dynamic)

    def match(self, text: str, values: Values) -> bool:
        """Whether one of the values matches. Raises UnresolvedVariable if none that has a value."""
        if self._everything or text in self._exact:
            return True
        for glob in self._globs:
            if glob.matches(text):
                return True
        if not self._dynamic:
            return False
        return match_dynamic(self._dynamic, values, lambda tokens: Glob(tokens).matches(text))


def match_dynamic(
    texts: Iterable[Text], values: Values, matches: Callable[[list[Token]], bool]
) -> bool:
    """Whether a text matches once its variables are filled in.

    Raises UnresolvedVariable if none does and a variable has no value: then neither the element
    nor its opposite (NotResource, StringNotEquals) matches, the statement has no effect.
    """
    unresolved: UnresolvedVariable | None = None
    for text in texts:
        try:
            if matches(text.tokens(values)):
                return True
        except UnresolvedVariable as error:
            unresolved = error
    if unresolved:
        raise unresolved
    return False


def _resolve(variable: Variable, values: Values) -> str:
    found = values.get(variable.key)
    if found and len(found) == 1:
        return found[0]
    if found is None and variable.default is not None:
        return variable.default
    raise UnresolvedVariable(variable.key)


def _compile(segments: list[list[Token]]) -> re.Pattern[str]:
    # Atomic groups: a segment that was found is never looked for again further on.
    first, *rest = ["".join(map(_as_regex, segment)) for segment in segments]
    middle = "".join(f"(?>.*?{segment})" for segment in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(f"{first}{middle}{last}\\Z", re.DOTALL)


def _as_regex(token: Token) -> str:
    return re.escape(token) if isinstance(token, str) else "."
