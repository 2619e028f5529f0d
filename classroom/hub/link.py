"""A link that puts a lesson into a student's folder and opens it: nbgitpuller's.

python classroom/hub/link.py https://hub.example.org 06 [owner/repository]
"""

import json
import sys
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]


def link(hub: str, lesson: str, repository: str = "") -> str:
    """The link. Raises ValueError for a lesson that there is not."""
    course = json.loads((ROOT / "helpers/practice/course.json").read_text(encoding="utf-8"))
    files = {each["number"]: each["file"] for each in course["lessons"] if each["ready"]}
    if lesson not in files:
        raise ValueError(f"{lesson!r} is no lesson: there are {', '.join(files)}.")
    repository = repository or course["repository"]
    folder = repository.partition("/")[2]
    asked = {
        "repo": f"https://github.com/{repository}",
        "branch": "main",
        "urlpath": f"lab/tree/{folder}/notebooks/{files[lesson]}",
    }
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(asked)}"


if __name__ == "__main__":
    try:
        print(link(*sys.argv[1:]))
    except (TypeError, ValueError) as error:
        sys.exit(f"{error}\n{__doc__}")
