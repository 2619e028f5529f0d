"""What Binder would build, replayed without containers.

repo2docker prints the steps of its build (a Dockerfile). Those that install the course are run
here in an environment made of what repo2docker's base image has.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
REPO2DOCKER = ROOT / ".venv" / "repo2docker" / "bin"
MIB = 1024 * 1024


def checkout(folder: Path) -> Path:
    """A copy of what git has of this tree, as Binder clones it."""
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, files.split("\0")):
        source = ROOT / name
        if source.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    return folder


def dockerfile(folder: Path) -> str:
    """What repo2docker would build of ``folder``. A configuration it refuses raises."""
    command = [REPO2DOCKER / "jupyter-repo2docker", "--no-build", "--debug"]
    command += ["--user-id", "1000", "--user-name", "jovyan", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def steps(text: str) -> list[str]:
    """The commands that the Dockerfile runs once the repository is in the image."""
    after = text.partition("COPY --chown=1000:1000 src/ ${REPO_DIR}/")[2]
    assert after, "the repository is never copied into the image"
    joined = re.sub(r"\\\n", " ", after)
    return [
        line.removeprefix("RUN ").strip()
        for line in joined.splitlines()
        if line.startswith("RUN ") and "start" not in line
    ]


def base_versions(python: str) -> dict[str, str]:
    """Package -> version, as repo2docker's own lock for this Python has them."""
    (lock,) = REPO2DOCKER.parent.glob(
        f"lib/python*/site-packages/repo2docker/buildpacks/conda/environment.py-{python}-linux-64.lock"
    )
    found = re.findall(r"/([a-z0-9_.-]+?)-(\d[^-/]*)-[^/]*\.conda", lock.read_text())
    return {canonicalize_name(name): version for name, version in found}


def interpreter(version: str) -> str:
    """A Python of this version that runs."""
    for name in (f"python{version}", sys.executable, "python3"):
        asked = [name, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        try:
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.stdout.strip() == version:
            return name
    raise AssertionError(f"binder/runtime.txt asks for Python {version}, which is not here")


def replay(folder: Path, environment: Path, version: str, commands: list[str]) -> Path:
    """Make the base image's environment, run the commands in it; its Python."""
    subprocess.run([interpreter(version), "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, "-r", HERE / "base.txt"], check=True, capture_output=True)
    own = {
        **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        "KERNEL_PYTHON_PREFIX": str(environment),
        "NB_PYTHON_PREFIX": str(environment),
        "REPO_DIR": str(folder),
        "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder, env=own, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return python


def installed_mib(environment: Path, requirements: Path) -> dict[str, float]:
    """Distribution -> size in MiB, for all that the requirements bring, however indirectly."""
    (site,) = environment.glob("lib/python*/site-packages")
    known = {canonicalize_name(d.name): d for d in distributions(path=[str(site)])}
    lines = [line.partition("#")[0].strip() for line in requirements.read_text().splitlines()]
    wanted = [Requirement(line) for line in lines if line and not line.startswith("-")]
    sizes: dict[str, float] = {}
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        if requirement.marker and not any(
            requirement.marker.evaluate({"extra": e}) for e in extras
        ):
            continue
        if name in sizes or name not in known:
            continue
        sizes[name] = _mib(known[name])
        for text in known[name].requires or []:
            needed = Requirement(text)
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                needed.marker = None
                wanted.append(needed)
    return sizes


def _mib(distribution: Distribution) -> float:
    paths = [distribution.locate_file(file) for file in distribution.files or []]
    return sum(os.stat(path).st_size for path in paths if os.path.isfile(path)) / MIB


def pss_mib(pid: int) -> float:
    """Memory of a process, what it shares with others counted in parts."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def keep(name: str, values: dict[str, float]) -> None:
    """Print what was measured, and keep it in ``build/binder.json``."""
    path = ROOT / "build" / "binder.json"
    path.parent.mkdir(exist_ok=True)
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept[name] = {key: round(value, 1) for key, value in values.items()}
    path.write_text(json.dumps(kept, indent=2) + "\n")
    print(name, kept[name])
