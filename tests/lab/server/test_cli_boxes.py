"""The folded boxes "The same with the AWS CLI" of the lessons do what they say.

Bytes go in as ``fileb://`` and come out through ``base64 --decode``, so the commands are the same
for both versions of the CLI. The tests take version 1 of the clients' environment; the variable
TEST_AWS_CLI names another program, such as a version 2 on this machine.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.needs import needs_openssl

from .conftest import CLIENTS, ROOT, Client, Server, Start

BOX = re.compile(r"^<details><summary>[^<]*AWS CLI</summary>\n\n```sh\n(.+?)^```$", re.M | re.S)
CLI = Path(os.environ.get("TEST_AWS_CLI", CLIENTS / "aws"))
MISSING = f"{CLI} is missing: make test makes it, and CONTRIBUTING.md says how"
pytestmark = [needs_openssl, pytest.mark.skipif(not CLI.exists(), reason=MISSING)]

END = "\x1e"  # printed after each box
VARIABLE = re.compile(r'^declare -- (\w+)="(.*)"$', re.MULTILINE)
ERROR = re.compile(r"An error occurred \((\w+)\)")

# What each box prints. <name> is a value that is the same wherever its name stands in a lesson, and
# no other's; in capitals, it is what that shell variable holds. <> is any value, "..." any lines.
PRINTED = {
    "02": [
        ["Enabled"],
        ["alias/orders", "team\tshop", "stage\tproduction", "{", "..."],
        ["<more than a page>", "[", "    100,", "    true", "]"],
        ["the same", "refused: a pair is missing"],
        ["Disabled", "refused: disabled", "Enabled"],
        ["Decrypt"],
        ["PendingDeletion", "arn:aws:kms:us-east-1:123456789012:key/<KEY_ID>", "Disabled"],
        ["PendingDeletion"],
    ],
    "03": [
        [],
        ["True\t180"],
        ["<>:key/<KEY_ID>", "NON_CURRENT\tNone", "CURRENT\tON_DEMAND"],
        ["<old material>", "<new material>", "4711: 100 euros to Ada"],
        ["refused: the alias means the new key"],
        ["arn:aws:kms:eu-west-1:123456789012:key/<MRK_ID>", "to be read anywhere"],
        ["PendingDeletion", "PendingReplicaDeletion", "PendingDeletion", "PendingDeletion"],
    ],
    "04": [
        ["<hash>(data_key)= <fingerprint>"],
        ["<hash>(data_key)= <fingerprint>"],
        ["the same"],
        ["32"],
        ["the same"],
        ["PendingDeletion"],
    ],
    "05": [
        ["PendingImport"],
        [],
        [],
        ["<material>", "Enabled\tKEY_MATERIAL_DOES_NOT_EXPIRE"],
        ["<material>", "Enabled\tKEY_MATERIAL_EXPIRES"],
        ["PendingImport", "refused: no material", "<material>", "salaries"],
        [
            "<material of 2027>",
            "arn:aws:kms:us-east-1:123456789012:key/<KEY_ID>",
            "NON_CURRENT\tIMPORTED",
            "CURRENT\tIMPORTED",
        ],
        ["PendingDeletion"],
    ],
    "06": [
        [
            "make_bucket: <BUCKET>",
            *["aws:kms\t<KEY_ARN>"] * 2,  # as put-object says, and head-object
            "60",
            "the same",
        ],
        ["aws:kms\t<KEY_ARN>"],
        ["refused: AES256", "<KEY_ARN>"],
        ["aws:kms\tTrue"],
        ["<NEW_ARN>"],
        [
            *["delete: s3://<BUCKET>/<>"] * 4,
            "remove_bucket: <BUCKET>",
            *["PendingDeletion"] * 2,
        ],
    ],
}
# The errors that the boxes mean to show, in order.
REFUSED = {
    "02": ["InvalidCiphertextException", "DisabledException"],
    "03": ["IncorrectKeyException"],
    "04": [],
    "05": ["KMSInvalidStateException"],
    "06": ["AccessDenied"],
}


@dataclass(frozen=True)
class Typed:
    """What came of typing boxes."""

    status: int
    printed: list[list[str]]  # of each box that ran to its end, the lines on stdout
    errors: str
    variables: dict[str, str]
    left: list[str]  # the files that are still there


def prose(lesson: str) -> list[str]:
    """The Markdown of a stored lesson, cell by cell."""
    [path] = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def boxes(lesson: str) -> list[str]:
    """The commands of each box of a lesson, in order."""
    return [script for source in prose(lesson) for script in BOX.findall(source)]


def type_in(scripts: list[str], url: str, home: Path) -> Typed:
    """Type boxes one after the other into one bash, in an empty folder, until a command fails."""
    folder, programs = home / "empty", home / "programs"
    folder.mkdir()
    programs.mkdir()
    (programs / "aws").write_text(f'#!/bin/sh\nexec "{CLI}" "$@"\n')
    (programs / "aws").chmod(0o755)
    script = "".join(f"{each}\nprintf '\\{ord(END):03o}'\n" for each in scripts)
    hidden = ("AWS_", "PYTHON")
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", f"{script}declare -p"],
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
        timeout=300,
    )
    *printed, declared = done.stdout.split(END)
    return Typed(
        done.returncode,
        [each.splitlines() for each in printed],
        done.stderr,
        dict(VARIABLE.findall(declared)),
        sorted(path.name for path in folder.iterdir()),
    )


def unlike(lesson: str, typed: Typed) -> Iterator[str]:
    """Where what was printed is not what is meant."""
    found: dict[str, str] = {}
    for number, (lines, meant) in enumerate(zip(typed.printed, PRINTED[lesson], strict=False), 1):
        if meant[-1:] == ["..."]:
            meant = meant[:-1]
            lines = lines[: len(meant)]
        if len(lines) != len(meant):
            yield f"box {number} prints {lines}"
            continue
        for line, pattern in zip(lines, meant, strict=True):
            words = re.split("<(.*?)>", pattern)
            names = words[1::2]
            values = re.fullmatch(r"(\S+)".join(map(re.escape, words[::2])), line)
            if not values:
                yield f"box {number} prints {line!r}, not {pattern!r}"
                continue
            for name, value in zip(names, values.groups(), strict=True):
                if name and found.setdefault(name, value) != value:
                    yield f"box {number}: {name} is {value}, and was {found[name]}"
                if name.isupper() and typed.variables.get(name, value) != value:
                    yield f"box {number}: {name} is {value}, not {typed.variables[name]}"
    if len(set(found.values())) != len(found):
        yield f"two names for one value: {found}"


def crowd(kms: Any) -> None:
    """More keys than one page holds."""
    for _ in range(100):
        kms.create_key()


def test_no_box_is_overlooked() -> None:
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        lesson = path.name[:2]
        folded = sum(source.count("AWS CLI</summary>") for source in prose(lesson))
        assert folded == len(boxes(lesson)) == len(PRINTED.get(lesson, [])), path.name


@pytest.mark.parametrize("lesson", PRINTED)
def test_the_boxes_do_what_they_say(
    lesson: str, server: Server, client: Client, tmp_path: Path
) -> None:
    kms = client("kms")
    if lesson == "02":
        crowd(kms)
    scripts = boxes(lesson)
    typed = type_in(scripts, server.url, tmp_path)
    assert typed.status == 0, typed.errors
    assert len(typed.printed) == len(scripts)
    assert list(unlike(lesson, typed)) == []
    assert ERROR.findall(typed.errors) == REFUSED[lesson]

    # The last box has tidied up: no files, no usable keys, no buckets, no aliases.
    assert typed.left == []
    names = [name for name in typed.variables if name.endswith(("_ID", "_ARN"))]
    assert names
    for name in names:
        metadata = kms.describe_key(KeyId=typed.variables[name])["KeyMetadata"]
        assert metadata["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion"), name
    assert client("s3").list_buckets()["Buckets"] == []
    aliases = [alias["AliasName"] for alias in kms.list_aliases()["Aliases"]]
    assert [name for name in aliases if not name.startswith("alias/aws/")] == []


@pytest.mark.parametrize(
    ("lesson", "box", "command", "changed"),
    [
        ("02", 1, "--query KeyMetadata.KeyId ", "--query KeyMetadata.Description "),
        ("02", 4, "order=4711,tenant=ada", "order=4711,tenant=Ada"),
        ("02", 4, "tenant=ada \\\n    ||", "tenant=ada,order=4711 \\\n    ||"),
        ("03", 2, "-days 180", "-days 181"),
        ("04", 2, "fileb://", "file://"),
        ("05", 4, "fileb://wrapped", "fileb://material"),
        ("06", 1, '--ssekms-key-id "$KEY_ARN"', "--ssekms-key-id alias/aws/s3"),
    ],
)
def test_a_broken_box_is_noticed(
    lesson: str, box: int, command: str, changed: str, start: Start, client: Client, tmp_path: Path
) -> None:
    """One command of the last box of those typed is changed."""
    *before, last = boxes(lesson)[:box]
    assert last.count(command) == 1
    url = start().url
    if lesson == "02":
        crowd(client("kms", url=url))
    typed = type_in([*before, last.replace(command, changed)], url, tmp_path)
    assert len(typed.printed) == len(before) + (not typed.status)
    assert not list(unlike(lesson, replace(typed, printed=typed.printed[: len(before)])))
    assert typed.status or list(unlike(lesson, typed))


def test_bytes_on_the_line_are_not_what_they_seem(server: Server, tmp_path: Path) -> None:
    """What lesson 02 says of --plaintext hello, in the version at hand."""
    encrypt = """
id=$(aws kms create-key --query KeyMetadata.KeyId --output text)
aws kms encrypt --key-id $id --plaintext WORD --query CiphertextBlob --output text |
    base64 --decode > blob
aws kms decrypt --ciphertext-blob fileb://blob --query Plaintext --output text |
    base64 --decode | wc -c
"""
    version = subprocess.check_output([CLI, "--version"], text=True)
    second = version.startswith("aws-cli/2")
    for word, length in {
        "hello": "" if second else "5",
        "helloyou": "6" if second else "8",
    }.items():
        (home := tmp_path / word).mkdir()
        typed = type_in([encrypt.replace("WORD", word)], server.url, home)
        printed = [line.strip() for lines in typed.printed for line in lines]
        assert printed == ([length] if length else [])


def test_what_the_words_beside_the_boxes_say(
    server: Server, client: Client, tmp_path: Path
) -> None:
    """No AES-GCM in openssl enc; file:// and bytes; a copy onto itself; --query page by page."""
    gcm = ["openssl", "enc", "-aes-256-gcm", "-pass", "pass:x"]
    assert subprocess.run(gcm, input=b"x", capture_output=True, timeout=30).returncode != 0
    copy = """
NEW_ARN=$(aws kms create-key --query KeyMetadata.Arn --output text)
aws s3 cp "s3://$BUCKET/lease.txt" "s3://$BUCKET/lease.txt" --sse aws:kms \\
    --sse-kms-key-id "$NEW_ARN" > copied.txt
aws s3api head-object --bucket "$BUCKET" --key lease.txt --query SSEKMSKeyId --output text
head -c 100 /dev/zero | tr '\\0' '\\377' > bytes
aws kms decrypt --ciphertext-blob file://bytes || echo refused
"""
    crowd(client("kms"))
    count = "aws kms list-keys --query 'length(Keys)' --output text"
    typed = type_in([boxes("06")[0], copy, count], server.url, tmp_path)
    assert typed.status == 0, typed.errors
    assert typed.printed[1] == [typed.variables["NEW_ARN"], "refused"]
    assert typed.printed[2][0] == "100" and len(typed.printed[2]) > 1
    assert "fileb://" in typed.errors  # the CLI's advice
