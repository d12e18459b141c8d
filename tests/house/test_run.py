"""The whole of `make run`, in a home of its own."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.house.homes import await_that, environment_of, living, main_process, servers_of
from truefans.embedded import PROJECT
from truefans.embedded.port import free_port
from truefans.embedded.postgres import Postgres
from truefans.parts import belongs_to

SLOW = 180  # seconds, for a first start on a busy machine


class Run:
    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "truefans.run"],
            cwd=PROJECT,
            env=environment_of(home) | {"PORT": str(self.port)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(output)

    def await_welcome(self) -> None:
        def welcomed() -> bool:
            assert self.process.poll() is None, self.lines
            return f"  TrueFans is here:  http://127.0.0.1:{self.port}\n" in self.lines

        await_that(welcomed, SLOW)

    def get(self, path: str) -> tuple[int, bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        link.request("GET", path)
        answer = link.getresponse()
        status, body = answer.status, answer.read()
        link.close()
        return status, body

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        self.process.send_signal(number)
        return self.await_end(seconds)

    def await_end(self, seconds: float = 30) -> int:
        status = self.process.wait(seconds)
        self.reader.join(5)
        return status


def parts_of(home: Path) -> list[psutil.Process]:
    return living([process for process in psutil.process_iter() if belongs_to(home, process)])


def sql(home: Path, statement: str) -> list[tuple]:
    with psycopg.connect(Postgres(home).url(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def run() -> Iterator[type[Run]]:
    # Tests that run under nohup hand it on: then a hang-up would be for nobody.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    runs: list[Run] = []

    def start(home: Path, **environment: str) -> Run:
        runs.append(Run(home, **environment))
        return runs[-1]

    yield start
    for one in runs:
        if one.process.poll() is None:
            one.end(signal.SIGTERM, 30)
    signal.signal(signal.SIGHUP, before)


def test_a_run_from_the_first_start_to_the_last_line(home, run):
    # First start, in a home that nobody has used: the demo, as a newcomer would see it.
    first = run(home)
    first.await_welcome()
    assert first.get("/healthz") == (200, b"ok")
    assert first.get("/")[0] == 200
    sql(home, "CREATE TABLE note AS SELECT 'kept' AS text")

    # There may be only one.
    second = run(home)
    assert second.await_end() == 1
    assert second.lines[-1].startswith(f"TrueFans stopped. It already runs from {home}")

    # A database that was killed comes back by itself.
    main_process(Postgres(home)).kill()
    await_that(lambda: first.get("/healthz") == (200, b"ok"))

    # Killed without a word it leaves its parts behind; the next start ends them and goes on.
    first.end(signal.SIGKILL)
    left = parts_of(home)
    assert left
    third = run(home, DEMO="0")
    third.await_welcome()
    assert living(left) == []
    assert third.get("/healthz") == (200, b"ok")
    assert sql(home, "SELECT text FROM note") == [("kept",)]
    assert not any("sandbox" in process.cmdline() for process in parts_of(home))

    # It stops when asked to, and takes everything with it.
    assert third.end(signal.SIGINT) == 0
    assert parts_of(home) == []
    assert servers_of(home) == []


def test_when_a_part_ends_all_do_and_the_last_line_says_which(home, run):
    starting = run(home, DEMO="0")
    await_that(lambda: any("truefans.prepare" in part.cmdline() for part in parts_of(home)))
    next(part for part in parts_of(home) if "truefans.prepare" in part.cmdline()).kill()
    assert starting.await_end() == 1
    assert starting.lines[-1] == "TrueFans stopped. The step “data” failed with status -9.\n"
    assert parts_of(home) == []
    assert servers_of(home) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_can_be_stopped_while_it_starts(home, run, number):
    starting = run(home, DEMO="0")
    await_that(lambda: parts_of(home))
    assert starting.end(number) == 0
    assert parts_of(home) == []
    assert servers_of(home) == []


def test_a_port_in_use_is_named_before_anything_starts(empty_home, run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = run(empty_home, PORT=str(port))
        assert refused.await_end() == 1
    assert refused.lines == [
        f"TrueFans stopped. Port {port} is in use: choose another, as in `make run PORT=8001`.\n"
    ]


@pytest.mark.parametrize("port", ["eight", "80000"])
def test_a_port_that_is_none_is_named(empty_home, run, port):
    refused = run(empty_home, PORT=port)
    assert refused.await_end() == 1
    assert refused.lines == [
        f"TrueFans stopped. PORT must be the number of a port, and it is '{port}'.\n"
    ]


def test_a_home_that_cannot_be_is_named(empty_home, run):
    empty_home.write_text("a file where the folder should be")
    refused = run(empty_home)
    assert refused.await_end() == 1
    (line,) = refused.lines
    assert line.startswith(f"TrueFans stopped. It cannot keep its data in {empty_home} (")
