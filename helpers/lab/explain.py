"""Why the last request was allowed or denied: every statement that was looked at.

AWS never shows this. The same code that decided prints it.
"""

import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .kms.current import LAST, Current
from .policy import Decision, StatementTrace

WIDTH = 100
# Of the grants that do not match, so many are shown in full.
MOST_GRANTS = 3


@dataclass(frozen=True, repr=False)
class Explanation:
    """What was decided about one request, as data.

    ``decisions`` is a list of dicts: ``action``, ``resource``, ``allowed``, ``reason`` (such as
    "allow:key-policy" or "no-allow:identity-policy"), ``words`` (the reason as it is printed),
    and ``statements``, each a dict with ``source`` ("key policy", "identity policy", "grant",
    ...), ``policy``, ``sid``, ``effect``, ``matched``, ``reach`` (how closely it names the caller:
    "account", "role" or "caller"), ``why`` and ``decided``. ReEncrypt and aliases need several
    decisions; the first denial is the last. A request that failed before has none. Of what KMS
    was asked by a service (S3) the service's own decisions come first: the gate before KMS.
    ``error`` is the code that the request ended with, ``message`` its text.
    """

    operation: str
    caller: str
    error: str
    message: str
    decisions: list[dict[str, Any]]

    @property
    def allowed(self) -> bool:
        """Whether every permission that was asked for was there."""
        return bool(self.decisions) and all(each["allowed"] for each in self.decisions)

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The statements and grants of all decisions, in the order in which they are shown."""
        return [line for decision in self.decisions for line in decision["statements"]]

    def __repr__(self) -> str:
        return "\n".join(_lines(self))

    def _ipython_display_(self) -> None:
        """Nothing: ``lab.explain`` has printed it already."""


def explain() -> Explanation | None:
    """The last request's explanation, or None if there was no request yet."""
    return _explanation(LAST[-1]) if LAST else None


def _explanation(current: Current) -> Explanation:
    error, message = current.error or ("", "")
    return Explanation(
        operation=current.call.operation,
        caller=current.call.caller.arn,
        error=error,
        message=message,
        decisions=[_decision(decision) for decision in current.decisions],
    )


def _decision(decision: Decision) -> dict[str, Any]:
    deciding = {id(line) for line in decision.deciding}
    return {
        "action": decision.request.action,
        "resource": decision.request.resource_arn,
        "allowed": decision.allowed,
        "reason": str(decision.reason),
        "words": _WORDS[decision.reason],
        "statements": [_statement(line, id(line) in deciding) for line in decision.trace],
    }


def _statement(line: StatementTrace, decided: bool) -> dict[str, Any]:
    return asdict(line) | {"why": line.why, "decided": decided}


def _lines(explanation: Explanation) -> Iterable[str]:
    yield f"{explanation.operation} by {explanation.caller}"
    ended = explanation.error + (f": {explanation.message}" if explanation.message else "")
    if not explanation.decisions:
        yield from _wrapped(f"No policy was asked. The request ended with {ended}")
    for decision in explanation.decisions:
        verdict = "ALLOWED" if decision["allowed"] else "DENIED"
        yield f"{verdict}  {decision['action']} on {decision['resource']}"
        yield f"         {decision['words']}"
        if not decision["statements"]:
            yield "  There was no statement and no grant to look at."
        grants = [s for s in decision["statements"] if s["source"] == "grant" and not s["matched"]]
        for line in decision["statements"]:
            if line not in grants[MOST_GRANTS:]:
                yield from _statement_lines(line)
        if len(grants) > MOST_GRANTS:
            yield f"  -  and {len(grants) - MOST_GRANTS} more grants that do not match"
    if explanation.allowed and explanation.error:
        yield "Allowed, but it failed for another reason:"
        yield from _wrapped(ended)


def _statement_lines(line: dict[str, Any]) -> Iterable[str]:
    mark = "=>" if line["decided"] else ("+ " if line["matched"] else "- ")
    policy = f" {line['policy']}," if line["policy"] else ""
    name = line["sid"] or f"statement {line['index'] + 1}"
    if line["source"] == "grant":
        name = f"{name[:8]}…"
    yield f"  {mark} {line['source']}{policy} {name}: {line['effect']}"
    yield from _wrapped(line["why"])


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * 5,
        subsequent_indent=" " * 5,
        break_long_words=False,
        break_on_hyphens=False,
    )


_WORDS = {
    "explicit-deny:key-policy": "a Deny in the key policy: nothing outweighs it",
    "explicit-deny:resource-policy": "a Deny in the resource's policy: nothing outweighs it",
    "explicit-deny:identity-policy": "a Deny in an IAM policy: nothing outweighs it",
    "explicit-deny:permissions-boundary": "a Deny in the boundary: nothing outweighs it",
    "explicit-deny:session-policy": "a Deny in the session policy: nothing outweighs it",
    "no-allow:key-policy": "neither the key policy nor a grant allows it",
    "no-allow:resource-policy": "the resource's policy does not allow it",
    "no-allow:identity-policy": "no IAM policy of the caller allows it",
    "no-allow:permissions-boundary": "the permissions boundary does not allow it",
    "no-allow:session-policy": "the session policy does not allow it",
    "allow:key-policy": "the key policy allows it, for this caller",
    "allow:iam-through-account-statement": "IAM allows it, and the key policy leaves it to IAM",
    "allow:key-policy-and-iam-of-other-account": "both accounts allow it: key policy and IAM",
    "allow:resource-policy": "the resource's policy allows it, for this caller",
    "allow:resource-policy-and-iam-of-other-account": "both accounts allow it",
    "allow:grant": "a grant allows it",
    "allow:identity-policy": "IAM allows it, and that is enough here",
}
