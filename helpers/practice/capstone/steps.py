"""``practice.verify``: asks the account whether a step is done, and names what is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from helpers import lab

from ..errors import PracticeError
from ..messages import Message
from . import building, record, using
from .firm import Firm, Missing, here


@dataclass(frozen=True)
class Step:
    """One step: what it is called, who looks whether it is done, and what its success means.

    ``look(firm, key_arn)`` returns an event of the trail that belongs to the step, or None.
    ``exercise`` is the id of the one that the step is built on, if there is one.
    """

    name: str
    look: Callable[[Firm, str], dict[str, Any] | None]
    done: str
    exercise: str = ""


STEPS: dict[int, Step] = {
    1: Step(
        "requirements, and who is there",
        building.look_around,
        "The account answers, the bucket's name is free or yours, and three roles are there.",
    ),
    2: Step(
        "a key, its administrators, its users",
        building.look_at_the_key,
        "The key's administrators can't use it, and nobody uses it without S3.",
        "11-firm-key-policy",
    ),
    3: Step(
        "alias, rotation, tags",
        building.look_at_its_settings,
        "Programs find the key by name, its material changes each year, and the bill knows it.",
    ),
    4: Step(
        "a bucket that encrypts by itself",
        building.look_at_the_bucket,
        "Whoever names no encryption gets the firm's key, at the price of a bucket key.",
    ),
    5: Step(
        "a bucket that refuses",
        building.look_at_its_policy,
        "Other encryption, other keys and plain HTTP are turned away.",
        "11-firm-bucket-policy",
    ),
    6: Step(
        "what each role may do",
        using.look_at_the_roles,
        "Each role has what its work takes, in S3 only: for the key the key policy speaks.",
    ),
    7: Step(
        "tried out, refusals included",
        using.try_out,
        "Who should read reads, who should write writes, and the others are refused.",
    ),
    8: Step(
        "the trail",
        using.look_at_the_trail,
        "Use and refusal are both on record, with the bucket as context.",
    ),
    9: Step(
        "what lies at rest",
        using.look_at_rest,
        "Ciphertext only, and beside it a key that none but the firm's KMS key opens.",
    ),
    10: Step(
        "cleared away",
        using.look_for_leftovers,
        "No role, no bucket, no objects; the key waits out its period and costs nothing.",
    ),
}


def verify(step: int, key_arn: str = "") -> Message:
    """Ask the lesson's account whether a step is done. Returns a message, and never raises.

    Step 2 is asked with the key's ARN, for the key has no name yet.
    """
    if step not in STEPS:
        raise PracticeError(f"There is no step {step!r}: there are 1 to {len(STEPS)}.")
    try:
        event = STEPS[step].look(here(), key_arn)
    except Missing as missing:
        record.step_failed(step)
        state: Any = "not started" if missing.nothing else "wrong"
        return Message(state, f"Step {step}: {missing.name}", missing.words)
    except lab.LabError:
        record.step_failed(step)
        return Message(
            "not checked", "The lab is closed", "Run the set-up cell at the top, then this."
        )
    except ClientError as error:
        record.step_failed(step)
        found = error.response["Error"]
        return Message(
            "wrong",
            f"Step {step}: {error.operation_name} was refused",
            f"AWS answers `{found['Code']}`: {found.get('Message', '')}",
        )
    record.step_passed(step, event)
    return Message("correct", f"Step {step}: {STEPS[step].name}", STEPS[step].done)
