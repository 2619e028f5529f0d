"""The proxy and the hub of a class, as processes of their own, on loopback."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "hub" / "bin"
START_SECONDS = 90


class Classroom:
    """Started by ``with``; ``address`` is where students go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.homes = folder / "homes"
        public, api, self.hub_port = _free_ports(3)
        self.address = f"http://127.0.0.1:{public}"
        self._proxy_api = f"http://127.0.0.1:{api}"
        self._environment = {
            **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
            "CLASSROOM_STATE": str(folder / "state"),
            "CLASSROOM_URL": self.address,
            "CLASSROOM_PROXY": self._proxy_api,
            "CLASSROOM_HOMES": str(self.homes),
            "CLASSROOM_HUB_PORT": str(self.hub_port),
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(32),
        }
        self._ports = (public, api)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Classroom":
        (self.folder / "state").mkdir(parents=True)
        self.homes.mkdir()
        public, api = self._ports
        self._start(
            "proxy",
            *(BIN / "configurable-http-proxy", "--ip", "127.0.0.1", "--port", str(public)),
            *("--api-ip", "127.0.0.1", "--api-port", str(api)),
            *("--default-target", f"http://127.0.0.1:{self.hub_port}"),
            *("--error-target", f"http://127.0.0.1:{self.hub_port}/hub/error"),
        )
        self.start_hub()
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("hub", "proxy"):
            self._processes[name].kill()
            self._processes[name].wait()
        for pid in servers(self.homes):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start_hub(self) -> None:
        """Start the hub and wait until it answers."""
        config = ROOT / "tests/load/jupyterhub_config.py"
        self._start("hub", BIN / "jupyterhub", "--config", config)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.address}/hub/health", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline or self._processes["hub"].poll() is not None:
                    raise RuntimeError(f"the hub did not start:\n{self.log('hub')}") from None
                time.sleep(0.3)

    def kill_hub(self) -> None:
        """As if its machine's memory had run out: at once, with no chance to tidy up."""
        self._processes["hub"].send_signal(signal.SIGKILL)
        self._processes["hub"].wait()

    def log(self, name: str) -> str:
        """The last lines that the hub or the proxy wrote."""
        return "\n".join((self.folder / f"{name}.log").read_text().splitlines()[-15:])

    def _start(self, name: str, *command: object) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(part) for part in command],
                cwd=self.folder / "state",
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def servers(homes: Path) -> dict[int, str]:
    """Pid -> student, for every process that runs for a student of this class."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        named = dict(v.split(b"=", 1) for v in variables if b"=" in v)
        home = named.get(b"HOME", b"").decode()
        if home.startswith(f"{homes}/"):
            found[int(entry.name)] = Path(home).name
    return found


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
