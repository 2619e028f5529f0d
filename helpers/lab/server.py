"""The lab's account over HTTP, for the AWS CLI and other real clients.

    python -m helpers.lab.server --port 5000

Prints ``ready http://127.0.0.1:5000`` when it answers; Ctrl-C or SIGTERM ends it, and the account
with it. Any access key and secret will do. Keys that the lab's own IAM or STS issued
choose their account, all others the default one.
"""

import argparse
import errno
import ipaddress
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

from .account import ACCOUNT_ID, DEFAULT_REGION, account
from .errors import NothingSent

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

DEFAULT_PORT = 5000

# What Python announces (PEP 578) before it looks up a name or sends something.
_OUTGOING = {
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyaddr",
    "socket.gethostbyname",
    "socket.sendmsg",
    "socket.sendto",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if find_spec("flask") is None or find_spec("flask_cors") is None:
        parser.error('Flask is missing. Install it with: pip install -e ".[server]"')
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _stop)
    try:
        listener = _listen(options.host, options.port)
    except (OSError, UnicodeError) as error:
        parser.error(_why_not(options.host, options.port, error))
    _warn_if_reachable(listener)
    account.open(options.seed, DEFAULT_REGION)
    try:
        with _server(listener) as server:
            print(f"ready http://{_host(options.host)}:{server.port}", flush=True)
            server.serve_forever()
    finally:
        account.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m helpers.lab.server",
        description="The lab's account over HTTP, on this machine only.",
        allow_abbrev=False,
    )
    port = f"where to listen; 0 picks a free port (default {DEFAULT_PORT})"
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help=port)
    host = "the address to listen on; others than this machine's own open the lab to the network"
    parser.add_argument("--host", default="127.0.0.1", help=host)
    parser.add_argument("--seed", type=int, help="makes key ids, request ids and dates repeat")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give 0 to 65535")
    return int(text)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)


def _why_not(host: str, port: int, error: Exception) -> str:
    said = f"can't listen on {host} port {port}: {getattr(error, 'strerror', None) or error}"
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        # Python adds the address to the system's words.
        return f"{said.partition(' (')[0]}. Choose another with --port, or 0 for any free one."
    return said


def _warn_if_reachable(listener: socket.socket) -> None:
    address = listener.getsockname()[0]
    if not ipaddress.ip_address(address).is_loopback:
        print(
            f"Warning: the lab listens on {address}. It checks no signatures: "
            "whoever reaches this address can use every key in it.",
            file=sys.stderr,
        )


@contextmanager
def _server(listener: socket.socket) -> Iterator["BaseWSGIServer"]:
    """A server that has answered once already, and whose process can't call out."""
    from werkzeug.serving import make_server

    from .web import Application, Handler

    application = Application()
    with listener:
        host, port = listener.getsockname()[:2]
        server = make_server(
            host, port, application, threaded=True, request_handler=Handler, fd=listener.fileno()
        )
    try:
        _ask_once(application)
        account.reset()  # so that a seed gives the same ids as it does to lab.open
        sys.addaudithook(_stay_in)
        yield server
    finally:
        server.server_close()


def _ask_once(application: Any) -> None:
    """Load what the first request to KMS needs. Raises RuntimeError if it isn't answered."""
    from werkzeug.test import Client

    scope = f"{ACCOUNT_ID}/20260101/{DEFAULT_REGION}/kms/aws4_request"
    reply = Client(application).post(
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
            "X-Amz-Target": "TrentService.ListKeys",
        },
        content_type="application/x-amz-json-1.1",
    )
    if reply.status_code != 200:
        raise RuntimeError(f"KMS does not answer: {reply.get_data(as_text=True)}")


def _stay_in(event: str, arguments: tuple[Any, ...]) -> None:
    # Below botocore, where the guard is, some of moto's services would call out: SNS its
    # subscribers, API Gateway its targets.
    if event in _OUTGOING:
        raise NothingSent(f"The lab's server makes no connections ({event} {arguments[1:]}).")


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _stop(_signal_number: int, _frame: Any) -> NoReturn:
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.SIG_IGN)
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
