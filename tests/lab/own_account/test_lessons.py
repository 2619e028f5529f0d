"""The lessons on the account elsewhere: Run All goes to the end, and clean_up after it."""

import re

import pytest
from botocore.exceptions import ClientError
from nbclient.exceptions import CellExecutionError

from helpers import lab, practice
from helpers.lab.own_account import costs

from .conftest import ACCOUNT, ANYTHING, OPEN, ROOT, Remote, run, run_json, student_in
from .lessons import counted_in, run_all, run_cells, text_of
from .measure import BEGIN, END, PAGE, table
from .test_clean_up import CLEAN, Decoys, left

OTHER = "555555555555"
READY = [lesson["number"] for lesson in practice.lessons() if lesson["ready"]]
CLEANED = {"02": ("alias/orders", "shop-files"), "06": ("alias/contracts", "contracts")}

# CloudTrail as it really is: nothing is there yet.
SILENT = """
from botocore.client import BaseClient
_call = BaseClient._make_api_call
def _silent(client, operation, arguments):
    reply = _call(client, operation, arguments)
    return reply | {"Events": []} if operation == "LookupEvents" else reply
BaseClient._make_api_call = _silent
"""


@pytest.mark.parametrize("number", CLEANED)
def test_run_all_goes_to_the_end_and_is_cleaned_up(remote: Remote, number: str) -> None:
    decoys = Decoys(remote)
    alias, bucket = CLEANED[number]
    remote.client("s3").create_bucket(Bucket=bucket)  # that short name is somebody's
    decoys.buckets.append(bucket)
    remote.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")

    notebook = run_all(remote, number)
    printed = text_of(*notebook.cells)
    assert "Open already: your own account" in printed
    assert "Only in the lab: time that passes" in printed
    assert "lab.scratch is in the lab" in printed or number == "06"
    if number == "06":
        assert "Only in the lab: the x-ray" in printed
        assert "Only in the lab: why a request was allowed" in printed
        # What AWS itself can show is there.
        assert "got what was put: True" in printed
        assert "✗ GetObject → AccessDenied: User: arn:aws:sts::" in printed
        assert "✗ GetObject → KMS.DisabledException" in printed
        assert "enabled again: b'x'" in printed
    kept = costs.counted()[number]
    found = counted_in(notebook)
    assert (found["keys"], found["secrets"]) == (kept["keys"], kept["secrets"])
    assert kept["requests"] * 0.8 <= found["requests"] <= kept["requests"] * 1.2

    # The remote account has it all; its owner sees the tag on it.
    aliases = remote.client("kms").list_aliases()["Aliases"]
    assert alias in {each["AliasName"] for each in aliases}
    assert remote.client("s3").list_objects_v2(Bucket=f"{bucket}-{ACCOUNT}-us-east-1-an")

    run(remote, CLEAN)
    assert left(remote, decoys) == []
    decoys.check()
    remains = run_json(remote, OPEN + "import json\nprint(json.dumps(lab.clean_up()))\n")
    assert len(remains) == kept["keys"]
    assert {each["state"] for each in remains} == {"PendingDeletion"}


@pytest.mark.parametrize("number", READY)
def test_run_all_goes_to_the_end_while_the_trail_is_silent(remote: Remote, number: str) -> None:
    """In an account with a number of its own, by one of its users."""
    student_in(remote, OTHER, ANYTHING)
    first = SILENT + OPEN.replace(ACCOUNT, OTHER)
    notebook = run_all(remote, number, first=first, last="lab.clean_up(really=True)")
    printed = text_of(*notebook.cells)
    assert f"Open: account {OTHER}" in printed
    assert "Cleaned up." in printed or not costs.counted()[number]["keys"]
    assert [line for line in printed.splitlines() if "still there" in line] == []
    for cell in notebook.cells:
        assert not [each for each in cell.outputs if each.output_type == "error"]
    for region in ("us-east-1", "eu-west-1"):
        kms = remote.client("kms", region)
        for key in kms.list_keys()["Keys"]:
            told = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            assert told["AWSAccountId"] == OTHER
            assert told["KeyManager"] == "AWS" or told["KeyState"].startswith("Pending")
    remote.keys = {"aws_access_key_id": "OWNER", "aws_secret_access_key": "x"}
    assert remote.client("kms").list_keys()["Keys"] == []


@pytest.mark.parametrize(
    ("cell", "name", "words"),
    [
        (
            "import boto3\nboto3.client('kms').describe_key(KeyId='alias/none')",
            "NotFoundException",
            None,
        ),
        ("1 / 0", "ZeroDivisionError", None),
        ("nowhere", "NameError", "nowhere"),
        ("def broken(:", "SyntaxError", None),
        ("lab.clean_up(confirm='1')", "LabError", "not the account"),
    ],
)
def test_other_errors_stop_the_lesson(
    remote: Remote, cell: str, name: str, words: str | None
) -> None:
    """Also after a cell that was left out."""
    with pytest.raises(CellExecutionError, match=words) as stopped:
        run_cells(remote, OPEN, "seen = len(lab.xray.key('a'))", cell)
    assert name in f"{stopped.value.ename} {stopped.value.traceback}"


def test_what_builds_on_a_cell_that_was_left_out(remote: Remote) -> None:
    notebook = run_cells(
        remote,
        OPEN,
        "inside = lab.xray.key('a')\nsize = len(inside)\nprint('never')",
        "print('twice', size * 2)",
        "def show():\n    return size\nprint('shown', show())",
        "size = 3\nprint('three', size)",
        "print('again', show())",
        "for part in inside:\n    print('never')",
        "lab.clock.advance(days=1)\nprint([][0], 'never')",
        "lab.close()\nlab.open(seed=1)",
    )
    printed = text_of(*notebook.cells)
    assert "never" not in printed
    assert "twice" not in printed
    assert "shown" not in printed
    assert "three 3\nagain 3\n" in printed
    assert printed.count("The rest of this cell is left out") == 5
    assert printed.count("The lesson goes on.") == 5
    assert "The lab is open: account" in printed


def test_exercises_are_checked_in_the_lab(remote: Remote) -> None:
    solutions = sorted((ROOT / "notebooks" / "solutions").glob("0[267]_*.py"))
    assert len(solutions) > 5
    notebook = run_cells(
        remote,
        OPEN,
        "from helpers import practice",
        *(
            f"{path.read_text(encoding='utf-8')}\nprint(repr(practice.check({function})))"
            for path in solutions
            for function in re.findall(r"^def (\w+)", path.read_text(encoding="utf-8"), re.M)[-1:]
        ),
    )
    printed = text_of(*notebook.cells)
    assert printed.count("Correct") == len(solutions), printed
    assert remote.client("kms").list_keys()["Keys"] == []


# The page


def test_the_page_s_costs_are_counted() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"{BEGIN}{table()}{END}" in page
    assert f"USD {costs.price('price_key'):.2f} a month each" in page
    assert f"secrets at USD {costs.price('price_secret'):.2f}" in page
    assert f"{costs.price('free_requests'):,} requests" in page
    for name in ("quota_create_key", "quota_get_parameters_for_import"):
        assert f"({practice.number(name).value} a second)" in page
    for name in re.findall(r"`lab\.(\w+)", page):
        assert hasattr(lab, name), name


def test_the_page_s_policy_is_enough_and_no_more(remote: Remote) -> None:
    decoys = Decoys(remote)
    [policy] = re.findall(r"```json\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    student_in(remote, ACCOUNT, policy.replace("111122223333", ACCOUNT))
    notebook = run_all(remote, "06", last="lab.clean_up(really=True)")
    printed = text_of(*notebook.cells)
    assert "user/student" in printed
    assert "got what was put: True" in printed
    assert "enabled again: b'x'" in printed
    s3, kms = remote.client("s3"), remote.client("kms")  # as the student
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="lesson", Key="k")
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.create_custom_key_store(CustomKeyStoreName="x", CustomKeyStoreType="AWS_CLOUDHSM")
    remote.keys = {"aws_access_key_id": "OWNER", "aws_secret_access_key": "x"}
    assert left(remote, decoys) == []
    decoys.check()
