"""Write the repository's address wherever it is named: ``make address REPOSITORY=owner/name``.

The course file has it; README's badge and the slides can't look it up, so it stands there too.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "helpers/practice/course.json"
FILES = ("helpers/practice/course.json", "README.md", "classroom", "docs")


def named() -> list[Path]:
    """The files that name the address."""
    address = json.loads(COURSE.read_text(encoding="utf-8"))["repository"]
    found = []
    for name in FILES:
        place = ROOT / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        texts = [file for file in files if file.suffix in (".md", ".json", ".yaml", ".py")]
        found += [file for file in texts if address in file.read_text(encoding="utf-8")]
    return found


def main(arguments: list[str]) -> int:
    """Exchange the old address for the new one."""
    if len(arguments) != 1 or not re.fullmatch(r"[\w.-]+/[\w.-]+", arguments[0]):
        print("Name the repository: make address REPOSITORY=owner/name", file=sys.stderr)
        return 1
    old = json.loads(COURSE.read_text(encoding="utf-8"))["repository"]
    for file in named():
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(old, arguments[0]), encoding="utf-8", newline="\n")
        print(file.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
