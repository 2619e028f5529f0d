"""One student: logs in by the form, opens a kernel, runs a lesson, does an exercise."""

import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import requests
import websocket

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 600


class Failed(Exception):
    """What a student could not do, in words."""


class Student:
    """A browser's worth of state: cookies, a token, a kernel."""

    def __init__(self, address: str, name: str) -> None:
        self.address, self.name = address, name
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy of the machine's between us and loopback
        self.password = secrets.token_hex(8)
        self.kernel = ""
        self.socket: websocket.WebSocket | None = None

    def log_in(self) -> None:
        """By the form; the first time this sets the password. Again, while the hub is away."""
        self._until(self._log_in_once, "the login")

    def _log_in_once(self) -> bool:
        form = f"{self.address}/hub/login"
        if self.session.get(form, timeout=60).status_code != 200:
            return False
        answer = self.session.post(
            form,
            data={"_xsrf": self._xsrf("/hub/"), "username": self.name, "password": self.password},
            timeout=PATIENCE_SECONDS,
            allow_redirects=False,
        )
        if answer.status_code >= 500:
            return False
        if answer.status_code != 302:
            raise Failed(f"login answered {answer.status_code}")
        made = self.session.post(
            f"{self.address}/hub/api/users/{self.name}/tokens",
            headers={"X-XSRFToken": self._xsrf("/hub/")},
            json={"note": "the load test"},
            timeout=60,
        )
        if made.status_code >= 500:
            return False
        if made.status_code != 201:
            raise Failed(f"a token was refused: {made.status_code} {made.text[:200]}")
        self.session.headers["Authorization"] = f"token {made.json()['token']}"
        return True

    def start_server(self) -> None:
        """Ask for the server and wait until it answers.

        A hub that dies while a server starts forgets it, and asks whether to start it again.
        """
        status = f"{self._server}/api/status"
        start = f"{self.address}/hub/api/users/{self.name}/server"

        def answers() -> bool:
            reply = self.session.get(status, timeout=60)
            if reply.status_code == 424:  # the hub knows of no server of ours
                asked = self.session.post(start, timeout=PATIENCE_SECONDS)
                # 400: it is starting already. 5xx: the hub is away.
                if asked.status_code not in (201, 202, 400) and asked.status_code < 500:
                    raise Failed(f"the server was refused: {asked.status_code} {asked.text[:200]}")
            return reply.status_code == 200

        self._until(answers, "the server")

    def open_kernel(self) -> None:
        """As opening a lesson does: read it, start a kernel, connect."""
        lesson = f"{self._server}/api/contents/aws-kms-course/00_start_here.ipynb"
        self._until(lambda: self.session.get(lesson, timeout=60).status_code == 200, "the lesson")
        self._until(self._make_kernel, "the kernel")
        self._until(self._connect, "the kernel's connection")

    def _make_kernel(self) -> bool:
        made = self.session.post(
            f"{self._server}/api/kernels", json={"name": "python3"}, timeout=PATIENCE_SECONDS
        )
        if made.status_code == 201:
            self.kernel = made.json()["id"]
        return bool(self.kernel)

    def _connect(self) -> bool:
        """While the hub is away, a server can't ask it who comes; JupyterLab tries again, too."""
        parts = urlsplit(self._server)
        try:
            self.socket = websocket.create_connection(
                f"ws://{parts.netloc}{parts.path}/api/kernels/{self.kernel}/channels",
                header=[f"Authorization: {self.session.headers['Authorization']}"],
                timeout=PATIENCE_SECONDS,
            )
        except (websocket.WebSocketException, OSError):
            return False
        return True

    def run(self, code: str) -> tuple[str, str]:
        """How a cell ended ("ok" or the error's name), and what it showed, as text."""
        assert self.socket is not None
        message_id = secrets.token_hex(16)
        header = {"msg_id": message_id, "msg_type": "execute_request", "username": self.name}
        header |= {"session": self.kernel, "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps(message | {"channel": "shell", "buffers": []}))
        status, shown, idle = "", [], False
        while not (status and idle):
            reply: dict[str, Any] = json.loads(self.socket.recv())
            if reply.get("parent_header", {}).get("msg_id") != message_id:
                continue
            kind, body = reply["msg_type"], reply["content"]
            if kind == "execute_reply":
                status = "ok" if body["status"] == "ok" else body.get("ename", body["status"])
            elif kind == "status":
                idle = body["execution_state"] == "idle"
            elif kind == "stream":
                shown.append(body["text"])
            elif kind in ("execute_result", "display_data"):
                shown.append(body["data"].get("text/plain", ""))
        return status, "\n".join(shown)

    def run_lesson(self, cells: list[nbformat.NotebookNode]) -> None:
        """Every cell, as Run All does."""
        for number, cell in enumerate(cells, 1):
            status, shown = self.run(cell.source)
            if status != "ok" and "raises-exception" not in cell.metadata.get("tags", []):
                raise Failed(f"cell {number} ended in {status}: {shown[:200]}")

    def do_exercise(self, solution: str, name: str) -> None:
        """Write the solution, have it checked."""
        status, shown = self.run(f"{solution}\n\npractice.check({name})")
        if status != "ok" or "Correct" not in shown:
            raise Failed(f"the exercise said: {status} {shown[:200]}")

    def log_out_of_kernel(self) -> None:
        """Close the connection; the kernel goes on."""
        if self.socket is not None:
            self.socket.close()

    @property
    def _server(self) -> str:
        return f"{self.address}/user/{self.name}"

    def _xsrf(self, path: str) -> str:
        for cookie in self.session.cookies:
            if cookie.name == "_xsrf" and cookie.path == path:
                return str(cookie.value)
        raise Failed("no _xsrf cookie from the hub")

    def _until(self, done: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if done():
                    return
            except requests.RequestException:
                pass
            time.sleep(0.5)
        raise Failed(f"{what} did not come in {PATIENCE_SECONDS} s")
