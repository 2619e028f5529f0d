"""The Condition element: every operator of the IAM reference.

All conditions of a statement must hold; of several wanted values one is enough. A key that the
request doesn't have fails an operator, but holds for its negation, for ...IfExists and for
ForAllValues; ForAnyValue fails.
Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Multivalued context
keys".
"""

import operator as compare
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import values as read
from .matching import Glob, Text, Token, UnresolvedVariable, Values, Wildcard, match_dynamic

# Whether a value of the request equals (or is less than, ...) one of the wanted values.
Test = Callable[[str, Values], bool]
ARN_PARTS = 6
_QUANTIFIERS = ("ForAllValues:", "ForAnyValue:")
_IF_EXISTS = "IfExists"


@dataclass(frozen=True)
class ConditionTrace:
    """One condition as it was looked at. ``found`` is None if the request has no such key."""

    operator: str
    key: str
    wanted: tuple[str, ...]
    found: tuple[str, ...] | None
    met: bool
    why: str


@dataclass(frozen=True)
class Condition:
    """One operator, one key, the wanted values."""

    operator: str
    key: str
    wanted: tuple[str, ...]
    _name: str = field(repr=False)
    _base: str = field(repr=False)
    _test: Test = field(repr=False)
    _quantifier: str = field(repr=False)
    _if_exists: bool = field(repr=False)
    _negated: bool = field(repr=False)

    def holds(self, values: Values) -> bool:
        """Whether the request's values meet the condition. Raises UnresolvedVariable."""
        found = values.get(self._name)
        if self._quantifier and found is not None and not any(found):
            found = None  # an empty text counts as no value for the set operators
        if self._base == "Null":
            return self._test("true" if found is None else "false", values)
        if found is None:
            if self._quantifier == "ForAnyValue:":
                return self._if_exists
            return self._if_exists or self._negated or self._quantifier == "ForAllValues:"
        if self._quantifier == "ForAllValues:":
            return all(self._test(value, values) is not self._negated for value in found)
        if self._quantifier == "ForAnyValue:":
            return any(self._test(value, values) is not self._negated for value in found)
        for value in found:
            if self._test(value, values):
                return not self._negated
        return self._negated

    def explain(self, values: Values) -> ConditionTrace:
        """The same answer as ``holds``, with its reason in words."""
        found = values.get(self._name)
        has = "is not in the request" if found is None else f"is {_list(found)}"
        wanted = f"{self.operator} {self.key} wants {_list(self.wanted)}"
        try:
            met = self.holds(values)
            why = f"{wanted}; it {has}"
        except UnresolvedVariable as error:
            met, why = False, f"{wanted}; the request has no value for the variable ${{{error}}}"
        return ConditionTrace(self.operator, self.key, self.wanted, found, met, why)


def compile_condition(
    operator: str, key: str, wanted: Sequence[str], *, variables: bool
) -> Condition | None:
    """Prepare a condition. None if there is no such operator."""
    quantifier = next((name for name in _QUANTIFIERS if operator.startswith(name)), "")
    base = operator.removeprefix(quantifier)
    if_exists = base.endswith(_IF_EXISTS)
    base = base.removesuffix(_IF_EXISTS)
    if base not in _OPERATORS or (base == "Null" and if_exists):
        return None
    build, negated = _OPERATORS[base]
    test = build(wanted, variables)
    return Condition(
        operator, key, tuple(wanted), key.lower(), base, test, quantifier, if_exists, negated
    )


def _strings(wanted: Sequence[str], variables: bool) -> Test:
    return _texts(wanted, variables, wildcards=False)


def _strings_ignoring_case(wanted: Sequence[str], variables: bool) -> Test:
    return _texts(wanted, variables, wildcards=False, ignore_case=True)


def _patterns(wanted: Sequence[str], variables: bool) -> Test:
    return _texts(wanted, variables, wildcards=True)


def _texts(
    wanted: Sequence[str], variables: bool, *, wildcards: bool, ignore_case: bool = False
) -> Test:
    texts = [Text(text, variables=variables, wildcards=wildcards) for text in wanted]
    dynamic = [text for text in texts if text.is_dynamic]
    static = [_glob(text.tokens({}), ignore_case) for text in texts if not text.is_dynamic]
    exact = frozenset(glob.text for glob in static if glob.text is not None)
    globs = [glob for glob in static if glob.text is None]

    def test(found: str, values: Values) -> bool:
        if ignore_case:
            found = found.lower()
        if found in exact or any(glob.matches(found) for glob in globs):
            return True
        return bool(dynamic) and match_dynamic(
            dynamic, values, lambda tokens: _glob(tokens, ignore_case).matches(found)
        )

    return test


def _glob(tokens: list[Token], ignore_case: bool) -> Glob:
    if ignore_case:
        tokens = [token.lower() if isinstance(token, str) else token for token in tokens]
    return Glob(tokens)


def _arns(wanted: Sequence[str], variables: bool) -> Test:
    texts = [Text(text, variables=variables) for text in wanted]
    dynamic = [text for text in texts if text.is_dynamic]
    static = [_arn_globs(text.tokens({})) for text in texts if not text.is_dynamic]

    def test(found: str, values: Values) -> bool:
        parts = found.split(":", ARN_PARTS - 1)
        if any(_arn_matches(globs, parts) for globs in static):
            return True
        return bool(dynamic) and match_dynamic(
            dynamic, values, lambda tokens: _arn_matches(_arn_globs(tokens), parts)
        )

    return test


def _arn_globs(tokens: list[Token]) -> list[Glob] | None:
    """A glob for each of an ARN's six parts, None for ``*``: a wildcard stays in its part."""
    if tokens == [Wildcard.ANY]:
        return None
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, Wildcard):
            parts[-1].append(token)
            continue
        head, *rest = token.split(":", ARN_PARTS - len(parts))
        parts[-1].append(head)
        parts += [[part] for part in rest]
    return [Glob(part) for part in parts]


def _arn_matches(globs: list[Glob] | None, parts: list[str]) -> bool:
    if len(parts) != ARN_PARTS or parts[0] != "arn":
        return False
    if globs is None:
        return True
    return len(globs) == ARN_PARTS and all(
        glob.matches(part) for glob, part in zip(globs, parts, strict=True)
    )


def _typed(parse: Callable[[str], Any], relation: Callable[[Any, Any], bool]) -> Any:
    """A builder for operators that compare values of a type; what can't be read never matches."""

    def build(wanted: Sequence[str], variables: bool) -> Test:
        limits = [value for value in map(parse, wanted) if value is not None]

        def test(found: str, values: Values) -> bool:
            value = parse(found)
            return value is not None and any(relation(value, limit) for limit in limits)

        return test

    return build


def _ip_addresses(wanted: Sequence[str], variables: bool) -> Test:
    networks = [network for network in map(read.ip_network, wanted) if network is not None]

    def test(found: str, values: Values) -> bool:
        address = read.ip_address(found)
        return address is not None and any(address in network for network in networks)

    return test


def _booleans(wanted: Sequence[str], variables: bool) -> Test:
    equal = _strings_ignoring_case(wanted, variables)
    return lambda found, values: read.boolean(found) is not None and equal(found, values)


def _list(texts: Sequence[str]) -> str:
    return " or ".join(repr(text) for text in texts) or "nothing"


# Each operator: how to prepare its test, and whether it is a negation.
_OPERATORS: dict[str, tuple[Callable[[Sequence[str], bool], Test], bool]] = {
    "StringEquals": (_strings, False),
    "StringNotEquals": (_strings, True),
    "StringEqualsIgnoreCase": (_strings_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_strings_ignoring_case, True),
    "StringLike": (_patterns, False),
    "StringNotLike": (_patterns, True),
    "Bool": (_booleans, False),
    "BinaryEquals": (_typed(read.binary, compare.eq), False),
    "IpAddress": (_ip_addresses, False),
    "NotIpAddress": (_ip_addresses, True),
    "ArnEquals": (_arns, False),
    "ArnLike": (_arns, False),
    "ArnNotEquals": (_arns, True),
    "ArnNotLike": (_arns, True),
    "Null": (_booleans, False),
}
for _prefix, _parse in (("Numeric", read.number), ("Date", read.date)):
    _OPERATORS |= {
        f"{_prefix}Equals": (_typed(_parse, compare.eq), False),
        f"{_prefix}NotEquals": (_typed(_parse, compare.eq), True),
        f"{_prefix}LessThan": (_typed(_parse, compare.lt), False),
        f"{_prefix}LessThanEquals": (_typed(_parse, compare.le), False),
        f"{_prefix}GreaterThan": (_typed(_parse, compare.gt), False),
        f"{_prefix}GreaterThanEquals": (_typed(_parse, compare.ge), False),
    }
OPERATORS = frozenset(_OPERATORS)
