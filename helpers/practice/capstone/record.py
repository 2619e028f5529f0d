"""What this kernel's run has shown: steps verified, fixes proved. For the report."""

from dataclasses import dataclass
from typing import Any

from helpers import lab


@dataclass(frozen=True)
class Proof:
    """When something was shown, and the event of the trail that shows it, if there is one."""

    when: str
    event_id: str = ""
    event_name: str = ""


_steps: dict[int, Proof] = {}
_fixes: dict[int, Proof] = {}


def proof_of(event: dict[str, Any] | None) -> Proof:
    """The proof that an event of the trail gives; without one, the lab's time alone."""
    if event is None:
        return Proof(f"{lab.clock.now():%Y-%m-%dT%H:%M:%SZ}")
    return Proof(event["eventTime"], event["eventID"], event["eventName"])


def step_passed(number: int, event: dict[str, Any] | None) -> None:
    _steps[number] = proof_of(event)


def step_failed(number: int) -> None:
    _steps.pop(number, None)


def fix_proved(number: int, event: dict[str, Any] | None) -> None:
    """An incident's fix was tried and held; ``event`` is of the account where it was tried."""
    _fixes[number] = proof_of(event)


def steps() -> dict[int, Proof]:
    return dict(_steps)


def fixes() -> dict[int, Proof]:
    return dict(_fixes)


def forget() -> None:
    """Begin with nothing shown."""
    _steps.clear()
    _fixes.clear()
