"""Lessons as a learner meets them: opened by a JupyterLab server, run in a fresh kernel.

Only with what JupyterLab itself brings: jupyter_client and nbformat.
"""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90
CELL_SECONDS = 120
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
# This machine only: a proxy from the environment is not asked.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def open_lessons(names: list[str], course: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Each lesson's name, and what went wrong when a server opened it: "" if nothing did."""
    with tempfile.TemporaryDirectory(prefix="room", ignore_cleanup_errors=True) as base:
        server, address, token = _start(course, Path(base))
        try:
            why = _wait(server, address, token)
            for name in names:
                yield name, why or _opened(address, token, name)
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _start(course: Path, base: Path) -> tuple[subprocess.Popen[bytes], str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    own = {
        "JUPYTER_RUNTIME_DIR": str(base / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(base / "workspaces"),
        "JUPYTER_TOKEN": token,  # not an argument: arguments are seen by every user
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        f"--ServerApp.root_dir={course}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LanguageServerManager.autodetect=False",
    ]
    server = subprocess.Popen(
        command,
        cwd=course,
        env={**os.environ, **own},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return server, f"http://127.0.0.1:{port}", token


def _get(address: str, token: str, path: str) -> bytes:
    request = urllib.request.Request(
        f"{address}{path}", headers={"Authorization": f"token {token}"}
    )
    with DIRECT.open(request, timeout=30) as answer:
        data: bytes = answer.read()
        return data


def _wait(server: subprocess.Popen[bytes], address: str, token: str) -> str:
    """Until the server answers; what is wrong if it doesn't."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            return "JupyterLab ended at once; start it by hand to see why: make lab"
        try:
            _get(address, token, "/api/status")
        except OSError:
            time.sleep(0.1)
        else:
            return ""
    return f"JupyterLab did not answer within {START_SECONDS} s"


def _opened(address: str, token: str, name: str) -> str:
    """What is wrong with the lesson as the server gives it, and with its page."""
    try:
        content = json.loads(_get(address, token, f"/api/contents/notebooks/{name}"))
        page = _get(address, token, f"/lab/tree/notebooks/{name}")
    except urllib.error.HTTPError as error:
        return f"the server answers {error.code}"
    except (OSError, ValueError) as error:
        return f"no answer: {error}"
    if content.get("type") != "notebook" or not content["content"]["cells"]:
        return "not a notebook, or an empty one"
    return "" if b"jupyter-config-data" in page else "JupyterLab's page is not there"


def run_lesson(path: Path) -> tuple[str, float]:
    """What went wrong in a fresh kernel ("" if nothing did), and the seconds it took."""
    start = time.monotonic()
    try:
        nb = nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        return f"can't be read: {_short(error)}", 0.0
    # Encrypted, for otherwise the kernel warns; and it says nothing between the table's rows.
    manager = KernelManager(kernel_name="python3", transport_encryption="auto")
    try:
        manager.start_kernel(
            cwd=str(path.parent), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=START_SECONDS)
            for number, cell in enumerate(nb.cells, 1):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                failure = _run_cell(manager, client, cell.source)
                if failure and "raises-exception" not in cell.metadata.get("tags", []):
                    return f"cell {number}: {failure}", time.monotonic() - start
        finally:
            client.stop_channels()
    except (OSError, RuntimeError) as error:
        return f"no kernel: {_short(error)}", time.monotonic() - start
    finally:
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    return "", time.monotonic() - start


def _run_cell(manager: KernelManager, client: BlockingKernelClient, source: str) -> str:
    """Run one cell; the error it ended in, or ""."""
    asked = client.execute(source, allow_stdin=False)
    deadline = time.monotonic() + CELL_SECONDS
    while time.monotonic() < deadline:
        try:
            reply = client.get_shell_msg(timeout=1)
        except Empty:
            if not manager.is_alive():
                return "the kernel died; is there enough memory?"
            continue
        if reply["parent_header"].get("msg_id") == asked:
            content = reply["content"]
            if content["status"] == "ok":
                return ""
            return _short(f"{content.get('ename', content['status'])}: {content.get('evalue', '')}")
    return f"no end after {CELL_SECONDS} s"


def _short(what: object) -> str:
    lines = ESCAPES.sub("", str(what)).strip().splitlines() or [""]
    return lines[0][:120]
