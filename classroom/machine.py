"""What the machine says about itself: ports, disk, memory, browsers. Standard library only."""

import ctypes
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Name -> commands by which it is found, and folders of Windows and macOS.
COMMANDS = {
    "Chromium": ("chromium", "chromium-browser"),
    "Chrome": ("google-chrome", "google-chrome-stable"),
    "Firefox": ("firefox", "firefox-esr"),
    "Edge": ("microsoft-edge", "microsoft-edge-stable"),
}
APPLICATIONS = {
    "Chromium": "Chromium.app/Contents/MacOS/Chromium",
    "Chrome": "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Firefox": "Firefox.app/Contents/MacOS/firefox",
    "Edge": "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
}
PROGRAMS = {
    "Chrome": r"Google\Chrome\Application\chrome.exe",
    "Firefox": r"Mozilla Firefox\firefox.exe",
    "Edge": r"Microsoft\Edge\Application\msedge.exe",
}
VERSION = re.compile(r"\d+(?:\.\d+)+")


def port_is_free(number: int) -> bool:
    """Whether a server could listen there, on loopback."""
    with socket.socket() as probe:
        if sys.platform != "win32":  # as servers do: a connection that just ended is no hindrance
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
            probe.listen(1)
        except OSError:
            return False
        return True


def free_disk(folder: str | Path) -> int:
    """Bytes that this user may still write there."""
    return shutil.disk_usage(folder).free


def free_memory() -> int | None:
    """Bytes that programs could still get, or None where the system doesn't say."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _mac_memory()
    for line in lines:
        if line.startswith("MemAvailable:"):
            return min(int(line.split()[1]) * 1024, *_container_memory())
    return None


def _container_memory() -> Iterator[int]:
    """What a container's limit leaves."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit, used = (int((folder / f"memory.{n}").read_text()) for n in ("max", "current"))
    except (OSError, ValueError):  # no container, or no limit ("max")
        yield sys.maxsize
    else:
        yield max(0, limit - used)


def _mac_memory() -> int | None:
    """Free and inactive pages, as vm_stat counts them."""
    try:
        done = subprocess.run(["vm_stat"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return mac_pages(done.stdout)


def mac_pages(text: str) -> int | None:
    """Bytes that programs could get, from what vm_stat prints."""
    size = re.search(r"page size of (\d+) bytes", text)
    pages = re.findall(r"^Pages (?:free|inactive|speculative): +(\d+)", text, re.MULTILINE)
    return int(size[1]) * sum(map(int, pages)) if size and pages else None


def _windows_memory() -> int | None:
    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "available")),
            *((name, ctypes.c_ulonglong) for name in ("page_total", "page_available")),
            *((name, ctypes.c_ulonglong) for name in ("virtual_total", "virtual", "extended")),
        ]

    status = Status(length=ctypes.sizeof(Status))
    done = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.available) if done else None


def find_browsers() -> list[tuple[str, str]]:
    """Name and version of each browser of this machine that JupyterLab knows."""
    found = {}
    for name, path in _browser_paths():
        if name not in found:
            found[name] = browser_version(path)
    return list(found.items())


def _browser_paths() -> Iterator[tuple[str, Path]]:
    for name, commands in COMMANDS.items():
        for path in filter(None, map(shutil.which, commands)):
            yield name, Path(path)
    if sys.platform == "darwin":
        folders, places = [Path("/Applications"), Path.home() / "Applications"], APPLICATIONS
    elif sys.platform == "win32":
        names = ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")
        folders, places = [Path(os.environ[n]) for n in names if n in os.environ], PROGRAMS
    else:
        return
    for name, place in places.items():
        for folder in folders:
            if (folder / place).exists():
                yield name, folder / place


def browser_version(path: Path) -> str:
    """What the browser calls itself. On Windows it isn't asked, for that would open it."""
    if path.suffix.lower() == ".exe":
        return _windows_version(path.parent)
    try:
        done = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "(does not start)"
    version = VERSION.search(done.stdout)
    return version[0] if version else "(version unknown)"


def _windows_version(folder: Path) -> str:
    """From Firefox's application.ini, or from the folder named after Chrome's version."""
    try:
        text = (folder / "application.ini").read_text(encoding="utf-8")
        found = re.findall(r"^Version=(\S+)", text, re.MULTILINE)
    except OSError:
        found = [each.name for each in folder.iterdir() if VERSION.fullmatch(each.name)]
    numbered = sorted(found, key=lambda version: [int(part) for part in version.split(".")])
    return numbered[-1] if numbered else "(version unknown)"
