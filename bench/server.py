"""Serves a long history, in a process of its own: what is measured shall not wait for the server's
share of one interpreter lock.

    python -m bench.server --charges 20000 --latency-ms 100

prints its address and serves until its standard input ends, so that it never outlives whom it
serves. GET /bench answers what was asked for so far, DELETE /bench forgets it.
"""

import argparse
import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import orjson
import urllib3

import sandbox
from bench import questions
from sandbox.account import Key
from sandbox.app import StartResponse
from sandbox.generate import history
from sandbox.server import Server

PROJECT = Path(__file__).resolve().parent.parent
COUNTS = "/bench"


@dataclass(frozen=True)
class Served:
    """A server that runs, as the bench sees it."""

    url: str

    @property
    def calls(self) -> int:
        """Requests since the last `forget`."""
        return len(self.asked)

    @property
    def most_at_once(self) -> int:
        """The most requests that were under way at one moment since the last `forget`."""
        return int(self._counts()["most_at_once"])

    @property
    def asked(self) -> list[str]:
        """The addresses of those requests, in the order in which they came."""
        return list(self._counts()["asked"])

    def forget(self) -> None:
        self._ask("DELETE")

    def _counts(self) -> dict[str, Any]:
        return dict(self._ask("GET").json())

    def _ask(self, method: str) -> urllib3.BaseHTTPResponse:
        answer = urllib3.request(method, self.url + COUNTS, timeout=10)
        if answer.status != 200:
            raise RuntimeError(f"{method} {COUNTS} answered {answer.status}")
        return answer


@contextmanager
def serving(*, charges: int, latency_ms: int = 0) -> Iterator[Served]:
    """A server of a history of `charges`, that waits so long before each answer."""
    command = [sys.executable, "-m", "bench.server"]
    command += ["--charges", str(charges), "--latency-ms", str(latency_ms)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("The server of the bench did not start.")
            yield Served(url)
        finally:
            process.terminate()


class Counted:
    """Notes the requests to a sandbox, and how many are under way at once."""

    def __init__(self, app: sandbox.App) -> None:
        self._app = app
        self._lock = Lock()
        self._asked: list[str] = []
        self._under_way = self._most = 0

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        if environ["PATH_INFO"] == COUNTS:
            return self._tell(environ["REQUEST_METHOD"], start_response)
        with self._counting(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"):
            books = self._app.accounts[0].books
            if more := questions.answer(books, environ["PATH_INFO"]):
                return _json(more, start_response)
            return self._app(questions.plain(environ), start_response)

    @contextmanager
    def _counting(self, address: str) -> Iterator[None]:
        with self._lock:
            self._asked.append(address)
            self._under_way += 1
            self._most = max(self._most, self._under_way)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def _tell(self, method: str, start_response: StartResponse) -> list[bytes]:
        with self._lock:
            if method == "DELETE":
                self._asked, self._most = [], 0
            counts = {"asked": self._asked, "most_at_once": self._most}
        return _json(counts, start_response)


def _json(payload: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    body = orjson.dumps(payload)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.server")
    parser.add_argument("--charges", type=int, required=True)
    parser.add_argument("--latency-ms", type=int, default=0)
    options = parser.parse_args()
    account = history(options.charges)
    account.keys = (*account.keys, Key(questions.KEY))
    app = sandbox.App([account], latency=options.latency_ms / 1000)
    gc.freeze()  # millions of objects that will never be garbage: no page waits for a look at them
    server = Server(Counted(app))
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.url, flush=True)
    with suppress(KeyboardInterrupt):
        sys.stdin.read()


if __name__ == "__main__":
    main()
