"""The folded boxes "The same with the AWS CLI" of the lessons, and a shell that runs them."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from .conftest import CLIENTS, ROOT

BOX = re.compile(r"^<details><summary>[^<]*AWS CLI</summary>\n\n```sh\n(.+?)^```$", re.M | re.S)
# Another CLI than that of the clients: AWS_CLI=/usr/local/bin/aws, say, to try version 2.
CLI = Path(os.environ.get("AWS_CLI", CLIENTS / "aws"))
BETWEEN = "\x1e"
VARIABLES = re.compile(r'^declare -- (\w+)="(.*)"$', re.MULTILINE)


@dataclass(frozen=True)
class Typed:
    """What came of typing the boxes of a lesson."""

    status: int
    said: list[list[str]]  # of each box that ran to its end, the lines on stdout
    errors: str
    variables: dict[str, str]
    folder: Path  # where it was typed


def boxes(lesson: str) -> list[str]:
    """The commands of each box of a stored lesson, in order."""
    [path] = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return [script for source in prose for script in BOX.findall(source)]


def run(scripts: list[str], url: str, home: Path) -> Typed:
    """Type the boxes one after the other into one bash, in an empty folder, until one fails."""
    if not CLI.exists():
        pytest.skip(f"{CLI} is missing: make test makes it, and CONTRIBUTING.md says how")
    folder, programs = home / "empty", home / "programs"
    folder.mkdir()
    programs.mkdir()
    (programs / "aws").write_text(f'#!/bin/sh\nexec "{CLI}" "$@"\n')
    (programs / "aws").chmod(0o755)
    ends = f"printf '\\{ord(BETWEEN):03o}'"
    typed = "".join(f"{script}\n{ends}\n" for script in scripts)
    hidden = ("AWS_", "PYTHON", "BASH_")
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", f"{typed}declare -p"],
        env={k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "lab",
            "AWS_SECRET_ACCESS_KEY": "lab",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    *said, declared = done.stdout.split(BETWEEN)
    variables = dict(VARIABLES.findall(declared))
    lines = [each.splitlines() for each in said]
    return Typed(done.returncode, lines, done.stderr, variables, folder)
