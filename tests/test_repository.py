"""The repository as strangers meet it: one address, valid forms, a lock that is the pins."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.practice.course import REPOSITORY

ROOT = Path(__file__).parent.parent
MAKE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def pins(*files: str) -> dict[str, Requirement]:
    """Name -> requirement, of files and of those that they include."""
    found: dict[str, Requirement] = {}
    for file in files:
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            text = line.partition("#")[0].strip()
            if text.startswith("-r "):
                included = (ROOT / file).parent / text[3:].strip()
                found |= pins(str(included.resolve().relative_to(ROOT)))
            elif text and not text.startswith("-"):
                requirement = Requirement(text)
                found[canonicalize_name(requirement.name)] = requirement
    return found


def test_what_strangers_look_for_is_there() -> None:
    names = (
        "README.md LICENSE LICENSE-PROSE CONTRIBUTING.md CODE_OF_CONDUCT.md SECURITY.md "
        "CHANGELOG.md CITATION.cff .github/dependabot.yml docs/licences.md requirements.lock"
    )
    for name in names.split():
        assert (ROOT / name).stat().st_size > 200, name


def test_one_address_everywhere() -> None:
    """``make address`` changes it in one go, so no other may be left over."""
    name = re.compile(r"(?:github\.com/|/gh/|github\.com%2F)([\w.-]+(?:/|%2F)aws-kms-course)\b")
    found = {}
    for path in tracked():
        if path.suffix in (".md", ".yaml", ".yml", ".json", ".cff", ".py", ".ipynb"):
            for address in name.findall(path.read_text(encoding="utf-8")):
                found.setdefault(address.replace("%2F", "/"), path.name)
    assert set(found) == {REPOSITORY}, found


def test_the_address_is_changed_where_it_is_named(tmp_path: Path) -> None:
    from docs import address

    named = {path.relative_to(ROOT).as_posix() for path in address.named()}
    assert {"README.md", "helpers/practice/course.json", "classroom/hub/README.md"} <= named


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_asks_for_what_there_is(path: Path) -> None:
    flow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert flow["permissions"]["contents"] == "read"
    targets = set(re.findall(r"^([a-z-]+):", MAKE, re.MULTILINE))
    for job in flow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        for step in job["steps"]:
            for target in re.findall(r"\bmake ([a-z-]+)", step.get("run", "")):
                assert target in targets
            if step.get("run", "").startswith(".ci/run"):
                assert (ROOT / ".ci/run").is_file()


def test_workflows_run_on_three_systems() -> None:
    flow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    systems = {name.split("-")[0] for name in flow["jobs"]["learners"]["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        return
    assert form["name"] and form["description"]
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    assert all(field["attributes"]["label"] for field in form["body"])


def test_dependabot_looks_into_every_list() -> None:
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))
    for folder in settings["updates"][0]["directories"]:
        assert list((ROOT / folder.lstrip("/")).glob("*.txt")), folder


def test_the_citation_names_what_is_needed() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"title", "authors", "version", "license", "message"} <= set(citation)


def test_the_lock_is_the_pins_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked: dict[str, set[str]] = {}
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#") and "==" in entry:
            requirement = Requirement(entry.split("\\")[0].strip())
            assert "--hash=sha256:" in entry, requirement.name
            name = canonicalize_name(requirement.name)
            locked.setdefault(name, set()).add(str(requirement.specifier))
    for name, requirement in pins("requirements.txt").items():
        assert str(requirement.specifier) in locked.get(name, set()), f"{name}: run make lock"
    assert len(locked) > 80
    assert "://" not in text


def test_licences_name_every_package_of_the_lock() -> None:
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (.+?) \|", page, re.MULTILINE)
    listed = {canonicalize_name(name): version for name, version, _ in rows}
    for name, requirement in pins("requirements.txt").items():
        (pin,) = requirement.specifier
        assert listed.get(name) == pin.version, f"{name}: run make licences"
    assert not [row for row in rows if "UNKNOWN" in row[2]]
