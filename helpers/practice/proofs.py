"""Runs a question's proof: the lines of Python whose last value is the right answer.

A proof finds ``boto3``, ``lab`` (open and empty), ``kms`` (a client), ``number`` and ``outcome``.
Everything else it imports.
"""

import ast
from collections.abc import Callable
from typing import Any

from .bank import Answer, Question
from .quantities import number


def outcome(call: Callable[..., Any], **arguments: Any) -> str:
    """How a call ends: the code of AWS's error, or "OK"."""
    from botocore.exceptions import ClientError

    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "OK"


def prove(question: Question) -> Answer:
    """The answer that the lab gives. The lab must be open; what is in it is the proof's to use.

    Raises ValueError if the proof's last line has no value, and whatever the proof raises.
    """
    import boto3

    from helpers import lab

    tree = ast.parse(question.proof)
    if not tree.body or not isinstance(last := tree.body[-1], ast.Expr):
        raise ValueError(f"the proof of {question.id} does not end in a value")
    names: dict[str, Any] = {
        "boto3": boto3,
        "lab": lab,
        "kms": boto3.client("kms"),
        "number": number,
        "outcome": outcome,
    }
    where = f"<proof of {question.id}>"
    exec(compile(ast.Module(tree.body[:-1], []), where, "exec"), names)
    value: Answer = eval(compile(ast.Expression(last.value), where, "eval"), names)
    return value
