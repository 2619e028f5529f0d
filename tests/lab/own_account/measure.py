"""Counts what the lessons make and ask, and writes what they cost on AWS.

    python -m tests.lab.own_account.measure

Into helpers/lab/own_account/lessons.json, which ``lab.open(account="aws")`` prints from, and into
the table of docs/own_account.md.
"""

import json
import tempfile
from pathlib import Path

from helpers import practice
from helpers.lab.own_account import costs
from tests.lab.server.conftest import ROOT, serving

from .conftest import Remote, settings
from .lessons import counted_in, run_all

PAGE = ROOT / "docs" / "own_account.md"
BEGIN, END = "<!-- costs: python -m tests.lab.own_account.measure -->\n", "<!-- end of costs -->"


def table() -> str:
    """What each lesson costs, as the page shows it."""
    rows = [
        "| Lesson | KMS keys | Secrets | Requests to KMS | An hour | A month, if left there |",
        "|---|---|---|---|---|---|",
    ]
    for number, counted in costs.counted().items():
        month = costs.monthly(counted["keys"], counted["secrets"])
        rows.append(
            f"| {number} | {counted['keys']} | {counted['secrets']} | {counted['requests']} "
            f"| USD {month / costs.HOURS:.3f} | USD {month:.2f} |"
        )
    return "\n".join(rows) + "\n"


def main() -> None:
    counted = {}
    for lesson in practice.lessons():
        if not lesson["ready"]:
            continue
        with serving() as server, tempfile.TemporaryDirectory() as home:
            remote = Remote(server.url, Path(home))
            remote.environment = settings(remote)
            counted[lesson["number"]] = counted_in(run_all(remote, lesson["number"]))
            print(lesson["number"], counted[lesson["number"]])
    lines = ",\n".join(f'  "{number}": {json.dumps(each)}' for number, each in counted.items())
    costs.COUNTED.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}{table()}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
