"""Ask the lab and plain moto the same, and write down what each answered: ``make fidelity``."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from helpers import lab

from .case import Account, Case, outcome
from .cases import CASES, SECTIONS
from .limits import NOT_IN_THE_LAB

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "fidelity.md"

HEAD = """\
<!-- Written by `make fidelity`. Don't edit: a test compares this page with what is found. -->

# Fidelity ledger

A course that runs on a simulator has to say how far the simulator can be trusted. This page does.
Each row is a behaviour of AWS KMS that a program or a policy may depend on. What the lab does not
do stands [at the end](#what-the-lab-does-not-do).

- **On AWS** says what AWS does, and where that is stated: in AWS's documents, or in an answer that
  AWS was recorded to give.
- **Plain moto** and **the lab** are not written by hand. One small function, plain `boto3`, asks
  both the same in an empty account, and the page shows what it found. ✓ stands before what AWS
  answers too, ✗ before what it does not. `KEYARN` stands for a key's ARN. "not implemented" and
  "Python's ..." are exceptions that the simulator raises in place of an answer.
- **Test** names one that guards the behaviour in depth.

Plain moto is `moto.mock_aws()` of moto {version} with its defaults; the check of IAM policies that
it offers is off. It is made for testing code that calls AWS, less for learning what AWS refuses.
The lab stands on it. In the lab time passes by `lab.clock`; nothing in moto's KMS depends on time.

Of {count} behaviours plain moto shows {stock} as AWS does, the lab {lab}. Most rows were chosen
because a difference would teach something false, so the first number is no verdict on moto. Nor
is the second one praise: a row in which the lab differs from AWS fails a test.
"""
LIMITS_HEAD = """\
## What the lab does not do

Known differences from AWS. Where a test is named, it shows the difference.
"""


class Findings(NamedTuple):
    """What was found: of each case, by its title."""

    version: str
    stock: dict[str, str]
    lab: dict[str, str]


def find() -> Findings:
    """Ask both. Plain moto answers in a process of its own, meanwhile."""
    command = [sys.executable, "-m", "tests.fidelity.stock"]
    with subprocess.Popen(
        command, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True
    ) as stock:
        answers = lab_outcomes()
        output, _ = stock.communicate()
    if stock.returncode:
        raise RuntimeError("Plain moto could not be asked; what went wrong stands above.")
    found = json.loads(output)
    return Findings(found["version"], found["outcomes"], answers)


def _environment() -> dict[str, str]:
    """No credentials or settings of this machine, and no way out of it."""
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "BOTO_", "MOTO_"))}
    return mine | {
        "AWS_ACCESS_KEY_ID": "never-issued",
        "AWS_SECRET_ACCESS_KEY": "never-issued",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }


def lab_outcomes() -> dict[str, str]:
    """What the lab answers, in an account emptied for each case."""
    with redirect_stdout(StringIO()):
        lab.open(seed=1)
        try:
            return {case.title: _lab_outcome(case) for case in CASES}
        finally:
            lab.close()


def _lab_outcome(case: Case) -> str:
    lab.reset()
    return outcome(case, Account(now=lab.clock.now, advance=lab.clock.advance))


def render(found: Findings) -> str:
    """The page, in Markdown."""
    right = [
        sum(answers[case.title] == case.expected for case in CASES)
        for answers in (found.stock, found.lab)
    ]
    head = HEAD.format(version=found.version, count=len(CASES), stock=right[0], lab=right[1])
    parts = [head]
    for section in SECTIONS:
        rows = "".join(_row(case, found) for case in section.cases)
        parts.append(
            f"## {section.title}\n\n"
            f"| Behaviour | On AWS | Plain moto | The lab | Test |\n|---|---|---|---|---|\n{rows}"
        )
    parts.append(LIMITS_HEAD)
    for heading, limits in NOT_IN_THE_LAB.items():
        lines = [f"- {text}{f' ({_link(test)})' if test else ''}\n" for text, test in limits]
        parts.append(f"### {heading}\n\n{''.join(lines)}")
    return "\n".join(parts)


def _row(case: Case, found: Findings) -> str:
    cells = [
        case.title,
        f"{case.aws} *{case.source}*",
        _answer(found.stock[case.title], case),
        _answer(found.lab[case.title], case),
        _link(case.test),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _answer(answer: str, case: Case) -> str:
    return f"{'✓' if answer == case.expected else '✗'} `{answer}`"


def _link(test: str) -> str:
    path, *_, name = test.split("::")
    return f"[{name}](../{path})"


def main() -> None:
    PAGE.write_text(render(find()), encoding="utf-8", newline="\n")
    print(f"{PAGE.relative_to(ROOT)}: {len(CASES)} behaviours")


if __name__ == "__main__":
    main()
