"""Write docs/licences.md: every package that a part of the project installs, with its licence.

``make licences``. What pip-licenses reads from the packages themselves, and the few programs that
stand in this repository as copies.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOL = ROOT / ".venv/audit/bin/pip-licenses"
PAGE = ROOT / "docs/licences.md"
ENVIRONMENTS = {
    "lessons and tests": ROOT / ".venv/bin/python",
    "web edition": ROOT / ".venv/docs/bin/python",
    "classroom": ROOT / ".venv/hub/bin/python",
}
COPIES = (
    ("reveal.js", "4.6.1", "MIT", "slides", "classroom/slides/vendor/reveal.js"),
    ("RequireJS", "2.3.7", "MIT", "slides", "classroom/slides/vendor/require.js"),
)
CARRIED = ("MathJax", "3.2.2", "Apache-2.0", "web edition, inside sphinx-mathjax-offline")
# What a package says of itself only in prose, or not at all, read in its repository.
SAID_OTHERWISE = {
    "axe-playwright-python": "MIT",  # it carries axe-core, which is MPL-2.0
    "jupyterhub-idle-culler": "BSD-3-Clause",
}
OWN = "aws-kms-course"


def main() -> int:
    found: dict[tuple[str, str, str], list[str]] = {}
    for part, python in ENVIRONMENTS.items():
        command = [TOOL, "--python", python, "--from=mixed", "--format=json"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for package in json.loads(listed):
            name, version = package["Name"], package["Version"]
            licence = SAID_OTHERWISE.get(name, package["License"])
            if licence == "UNKNOWN" or "\n" in licence:
                print(f"{name} {version} names no licence in one line: look it up", file=sys.stderr)
                return 1
            if name != OWN:
                found.setdefault((name, version, licence), []).append(part)
    rows = [
        f"| {name} | {version} | {licence} | {', '.join(parts)} |"
        for (name, version, licence), parts in sorted(found.items(), key=lambda i: i[0][0].lower())
    ]
    copies = [
        f"| {name} | {version} | {licence} | {part}, a copy in `{place}` |"
        for name, version, licence, part, place in COPIES
    ]
    copies.insert(0, f"| {' | '.join(CARRIED)} |")
    text = [
        "# Licences of what the course stands on",
        "",
        "Written by `make licences`; not edited by hand. As each package says of itself.",
        "The course's own code is MIT, its prose and pictures CC BY 4.0.",
        "",
        "| Package | Version | Licence | Where |",
        "|---|---|---|---|",
        *copies,
        *rows,
    ]
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")
    print(f"{len(rows)} packages and {len(COPIES)} copies in {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
