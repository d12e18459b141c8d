"""Carries the app over HTTP/1.1 with kept-alive connections, a thread each, on 127.0.0.1 only.

The standard library's WSGI server closes after every answer; an importer that reads a thousand
pages would then measure handshakes.
"""

import io
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from sandbox.account import Account
from sandbox.app import App
from sandbox.faults import Fault

HOST = "127.0.0.1"

WsgiApp = Callable[[Any, Any], Iterable[bytes]]


class Server(ThreadingHTTPServer):
    """`port` 0 takes any free port; `url` tells which."""

    daemon_threads = True

    def __init__(self, app: WsgiApp, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.app = app
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Also wakes the threads that wait for the next request of a kept-alive connection."""
        super().server_close()
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one piece

    def _serve(self) -> None:
        sent = 0
        promised = 1  # until an answer begins: a server that says nothing hangs up

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            nonlocal promised
            code, _, phrase = status.partition(" ")
            self.send_response(int(code), phrase)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            promised = int(dict(headers).get("Content-Length", 0))

        for chunk in self.server.app(self._environ(), start_response):
            self.wfile.write(chunk)
            sent += len(chunk)
        if sent < promised:  # a fault: the client must see a broken connection
            self.close_connection = True

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names that http.server looks for

    def _environ(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        length = self.headers.get("Content-Length") or "0"
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": length,
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.rfile.read(int(length))),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: a sync asks for hundreds of pages."""


@contextmanager
def serve(
    what: App | Iterable[Account], *, latency: float = 0.0, faults: Iterable[Fault] = ()
) -> Iterator[str]:
    """Runs the server in a thread on a free port and yields its address.

    `what` is an iterable of accounts, or an app of your own when the test wants to read its `hits`.
    """
    app = what if isinstance(what, App) else App(what, latency=latency, faults=faults)
    server = Server(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
