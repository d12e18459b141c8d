"""Processes that use the servers of a home, and what can be seen of them from outside."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import redis

from truefans.embedded import PROJECT, SERVERS
from truefans.embedded.server import Server


class User:
    """A process that uses the servers of a home until it is told to leave, or killed."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "use_servers.py")],
            env=environment_of(home) | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        self.database_url, self.redis_url = words[:2] if words else ("", "")
        self.seconds = float(words[2]) if words else 0.0

    def leave(self) -> str:
        """Let it end in its own time; returns what it complained of."""
        return self.process.communicate(timeout=60)[1]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)

    def ask(self, order: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def sql(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def valkey(self) -> Iterator[redis.Redis]:
        with redis.Redis.from_url(self.redis_url, decode_responses=True) as client:
            yield client


def environment_of(home: Path) -> dict[str, str]:
    """What a person's shell has, without the settings that this run of the tests works with."""
    names = re.findall(r"^#([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)
    settings = {setting for name in names for setting in (name, f"{name}_FILE")}
    kept = {name: value for name, value in os.environ.items() if name not in settings}
    return kept | {"TRUEFANS_HOME": str(home), "PYTHONPATH": str(PROJECT)}


def servers_of(home: Path) -> list[psutil.Process]:
    return [process for kind in SERVERS for process in living(kind(home).processes())]


def main_process(server: Server) -> psutil.Process:
    return next(process for process in server.processes() if server.is_main(process))


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    alive = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive


def await_that(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
