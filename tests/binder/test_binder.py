"""Binder, without Binder: its builder takes the configuration, its steps work, lessons pass."""

import os
import re
import secrets
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from traitlets import default

from tests.binder import image
from tests.notebooks import write

pytestmark = pytest.mark.binder

LESSONS = sorted((image.ROOT / "notebooks").glob("*.ipynb"))
VERSION = (image.ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
LARGEST_INSTALLED_MIB = 400
LARGEST_KERNEL_MIB = 200
LARGEST_SESSION_MIB = 400
# As tests/notebooks/sanitize.cfg: pixels, and the program that wrapped in lesson 05.
UNLIKE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+|wrapped here by: .*")


class Image(NamedTuple):
    """The replayed build: the clone, its environment, its Python."""

    folder: Path
    environment: Path
    python: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Image:
    base = tmp_path_factory.mktemp("binder")
    folder = image.checkout(base / "home")
    commands = image.steps(image.dockerfile(folder))
    assert any("pip install" in command for command in commands), commands
    assert any("postBuild" in command for command in commands), commands
    environment = base / "environment"
    return Image(folder, environment, image.replay(folder, environment, VERSION, commands))


def test_repo2docker_accepts_it(tmp_path: Path) -> None:
    text = image.dockerfile(image.checkout(tmp_path / "home"))
    assert f"python={VERSION}" in text
    # Nothing slow besides: no apt packages, no conda environment of our own.
    assert "apt.txt" not in text
    assert not list((image.ROOT / "binder").glob("environment.y*ml"))


def test_the_base_is_what_repo2docker_has() -> None:
    lines = (image.HERE / "base.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    theirs = image.base_versions(VERSION)
    assert pinned == {name: theirs[name] for name in pinned}


def test_jupyterlab_stays_that_of_the_base(built: Image) -> None:
    asked = "from importlib.metadata import version; print(version('jupyterlab'))"
    done = subprocess.run([built.python, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == image.base_versions(VERSION)["jupyterlab"]
    broken = subprocess.run([built.python, "-m", "pip", "check"], capture_output=True, text=True)
    assert broken.returncode == 0, broken.stdout


def test_nobody_is_asked_about_news(built: Image) -> None:
    settings = built.environment / "etc/jupyter/labconfig/page_config.json"
    assert "announcements" in settings.read_text()


def test_it_is_small(built: Image) -> None:
    sizes = image.installed_mib(built.environment, image.ROOT / "binder" / "requirements.txt")
    assert {"boto3", "matplotlib", "moto", "cryptography"} <= set(sizes)
    largest = dict(sorted(sizes.items(), key=lambda item: -item[1])[:8])
    image.keep("installed, MiB", {"all": sum(sizes.values()), **largest})
    assert sum(sizes.values()) <= LARGEST_INSTALLED_MIB


kernels: dict[str, float] = {}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_passes_there(built: Image, lesson: Path) -> None:
    stored = nbformat.read(lesson, as_version=4)
    fresh = nbformat.read(lesson, as_version=4)
    kernels[lesson.stem] = _run(fresh, built)
    assert _comparable(write.canonical(fresh)) == _comparable(stored)


def test_memory_of_a_session(built: Image) -> None:
    assert set(kernels) == {lesson.stem for lesson in LESSONS}
    server = _server_mib(built)
    image.keep("kernels, PSS in MiB", kernels)
    image.keep("session, PSS in MiB", {"server": server, "heaviest kernel": max(kernels.values())})
    assert max(kernels.values()) <= LARGEST_KERNEL_MIB
    assert server + max(kernels.values()) <= LARGEST_SESSION_MIB


def _comparable(nb: nbformat.NotebookNode) -> list[list[dict]]:
    """The outputs of each cell, without what can't repeat."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key != "image/png"}
        if isinstance(value, list):
            return plain("".join(value)) if all(isinstance(v, str) for v in value) else value
        return UNLIKE.sub("", value) if isinstance(value, str) else value

    outputs = [write._merge_streams(cell.get("outputs", [])) for cell in nb.cells]
    return [[plain(output) for output in cell] for cell in outputs]  # type: ignore[misc]


def _run(nb: nbformat.NotebookNode, built: Image) -> float:
    """Run the lesson with the image's Python; the kernel's memory after its last cell."""
    argv = [str(built.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]

    class Specs(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    class Manager(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _specs(self) -> KernelSpecManager:
            return Specs(parent=self)

        @default("transport_encryption")
        def _encrypted(self) -> str:
            return "auto"

    client = NotebookClient(
        nb,
        kernel_manager_class=Manager,
        timeout=write.CELL_TIMEOUT_SECONDS,
        record_timing=False,
        resources={"metadata": {"path": str(built.folder / "notebooks")}},
    )
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    memory: list[float] = []

    def look(cell_index: int, **_: object) -> None:
        if cell_index == last:
            memory.append(image.pss_mib(client.km.provisioner.pid))

    last = max(i for i, cell in enumerate(nb.cells) if cell.cell_type == "code")
    client.on_cell_executed = look
    own = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    client.execute(env=own | {"KMS_COURSE_PROGRESS": ":memory:"})
    return memory[0]


def _server_mib(built: Image) -> float:
    """The server's memory after it has served JupyterLab's page and a lesson."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    own = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    own |= {"JUPYTER_TOKEN": token, "HOME": str(built.folder)}
    command = [built.python, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--LabApp.news_url=None"]
    server = subprocess.Popen(
        command, cwd=built.folder, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        for path in ("api/status", "lab", f"api/contents/notebooks/{LESSONS[-1].name}"):
            while True:
                try:
                    urllib.request.urlopen(f"{address}/{path}?token={token}", timeout=10).read()
                    break
                except OSError:
                    assert time.monotonic() < deadline and server.poll() is None
                    time.sleep(0.2)
        return image.pss_mib(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)
