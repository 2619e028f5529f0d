"""A policy, taken apart once so that every request is decided quickly.

The same elements answer twice: ``matches`` says yes or no, ``explain`` says why, in words.
Source: IAM User Guide, "IAM JSON policy elements reference".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .conditions import Condition, ConditionTrace
from .matching import PatternList, UnresolvedVariable, Values
from .principals import PrincipalElement, Reach
from .request import Request

_NOTHING: Values = {}
_MOST_KEPT = 500


@dataclass(frozen=True)
class ElementTrace:
    """One element of a statement (or constraint of a grant), and whether it matched."""

    element: str
    matched: bool
    why: str


@dataclass(frozen=True)
class StatementTrace:
    """One statement (or grant) as it was looked at for one request.

    ``source`` is "key policy", "identity policy", "permissions boundary", "session policy" or
    "grant"; ``policy`` the policy's name; ``index`` counts from 0; ``reach`` says how closely
    a matching statement of a key policy names the caller ("account", "role", "caller").
    """

    source: str
    policy: str
    index: int
    sid: str
    effect: str
    matched: bool
    elements: tuple[ElementTrace, ...]
    conditions: tuple[ConditionTrace, ...] = ()
    reach: str = ""

    @property
    def why(self) -> str:
        """Why it didn't match, or what its match means, in one sentence."""
        reasons = [element.why for element in self.elements if not element.matched]
        reasons += [condition.why for condition in self.conditions if not condition.met]
        if reasons:
            return "; ".join(reasons)
        if self.reach == "account" and self.effect == "Allow":
            return "matches; it names the whole account, so IAM policies decide"
        return "matches"


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement. An element is None if the statement doesn't have it."""

    index: int
    sid: str
    effect: str
    principal: PrincipalElement | None
    action: PatternList | None
    resource: PatternList | None
    conditions: tuple[Condition, ...]
    not_action: bool = False
    not_resource: bool = False
    # Whether anything of the request's context matters: a condition, or a policy variable.
    is_conditional: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        variable = self.resource is not None and self.resource.is_dynamic
        object.__setattr__(self, "is_conditional", variable or bool(self.conditions))

    def covers(self, folded_action: str) -> bool:
        """Whether the statement is about this action at all. Actions have no policy variables."""
        if self.action is None or self.resource is None:
            return False
        return self.action.match(folded_action, _NOTHING) is not self.not_action

    def reach(self, request: Request) -> Reach:
        """How closely the statement, which covers the action, names the caller; NONE: no match."""
        assert self.resource is not None
        values = request.values if self.is_conditional else _NOTHING
        try:
            reach = self.principal.reach(request.principal) if self.principal else Reach.CALLER
            if reach is Reach.NONE:
                return reach
            if self.resource.match(request.resource_arn, values) is self.not_resource:
                return Reach.NONE
            for condition in self.conditions:
                if not condition.holds(values):
                    return Reach.NONE
        except UnresolvedVariable:
            return Reach.NONE
        return reach

    def explain(self, request: Request, source: str, policy: str) -> StatementTrace:
        """Look at every element and condition, also after the first that doesn't match."""
        action = "NotAction" if self.not_action else "Action"
        resource = "NotResource" if self.not_resource else "Resource"
        elements = [_explain_patterns(action, self.action, request.action, request)]
        reach = Reach.CALLER
        if self.principal:
            reach = self.principal.reach(request.principal)
            elements.append(_explain_principal(self.principal, reach, request))
        elements.append(_explain_patterns(resource, self.resource, request.resource_arn, request))
        conditions = tuple(condition.explain(request.values) for condition in self.conditions)
        matched = all(e.matched for e in elements) and all(c.met for c in conditions)
        return StatementTrace(
            source=source,
            policy=policy,
            index=self.index,
            sid=self.sid,
            effect=self.effect,
            matched=matched,
            elements=tuple(elements),
            conditions=conditions,
            reach=reach.name.lower() if self.principal and matched else "",
        )


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy, ready to decide. It never changes, so one may be kept and shared."""

    kind: str
    version: str
    id: str
    statements: tuple[Statement, ...]
    name: str = ""
    # What was looked up before: effect and action -> the statements that cover it.
    _about: dict[tuple[str, str], tuple[Statement, ...]] = field(
        init=False, repr=False, default_factory=dict
    )

    @classmethod
    def union(cls, policies: "Sequence[Policy]") -> "Policy":
        """Several policies as one: what any of them allows, and what any of them denies."""
        first = policies[0]
        statements = tuple(each for policy in policies for each in policy.statements)
        name = ", ".join(policy.name for policy in policies)
        return cls(first.kind, first.version, first.id, statements, name)

    @property
    def is_conditional(self) -> bool:
        """Whether a statement looks at the context of a request."""
        return any(statement.is_conditional for statement in self.statements)

    @property
    def principal_arns(self) -> tuple[str, ...]:
        """Every AWS principal that is named by ARN: KMS refuses those that don't exist."""
        elements = [statement.principal for statement in self.statements if statement.principal]
        return tuple(dict.fromkeys(arn for element in elements for arn in element.arns))

    def _covering(self, effect: str, request: Request) -> tuple[Statement, ...]:
        """The statements of this effect that cover the request's action."""
        asked = (effect, request.folded_action)
        found = self._about.get(asked)
        if found is None:
            found = tuple(s for s in self.statements if s.effect == effect and s.covers(asked[1]))
            if len(self._about) >= _MOST_KEPT:
                self._about.clear()
            self._about[asked] = found
        return found

    def denies(self, request: Request) -> bool:
        """Whether a Deny statement matches."""
        return any(statement.reach(request) for statement in self._covering("Deny", request))

    def allows(self, request: Request) -> Reach:
        """How closely the Allow statements that match name the caller; NONE if none matches."""
        best = Reach.NONE
        for statement in self._covering("Allow", request):
            reach = statement.reach(request)
            if reach is Reach.CALLER:
                return reach
            best = max(best, reach)
        return best

    def explain(self, request: Request, source: str) -> list[StatementTrace]:
        """Every statement, in the document's order."""
        return [s.explain(request, source, self.name or self.id) for s in self.statements]


def _explain_patterns(
    element: str, patterns: PatternList | None, text: str, request: Request
) -> ElementTrace:
    if patterns is None:
        return ElementTrace(element, False, f"has no {element}, so it has no effect")
    listed = " or ".join(patterns.texts)
    try:
        asked = request.folded_action if element.endswith("Action") else text
        found = patterns.match(asked, request.values)
    except UnresolvedVariable as error:
        why = f"{element} {listed}: the request has no value for the variable ${{{error}}}"
        return ElementTrace(element, False, why)
    if element.startswith("Not"):
        verb = "leaves out" if found else "does not leave out"
        found = not found
    else:
        verb = "covers" if found else "does not cover"
    return ElementTrace(element, found, f"{element} {listed} {verb} {text}")


def _explain_principal(element: PrincipalElement, reach: Reach, request: Request) -> ElementTrace:
    name = "NotPrincipal" if element.is_not else "Principal"
    listed = " or ".join(text for names in element.names.values() for text in names)
    verb = "leaves out" if element.is_not else "does not name"
    if reach:
        verb = "does not leave out" if element.is_not else "names"
    if reach is Reach.ACCOUNT:
        verb = "names the account of"
    if reach is Reach.ROLE:
        verb = "names the role of"
    return ElementTrace(name, bool(reach), f"{name} {listed} {verb} {request.principal.arn}")
