"""What the two servers have in common: come up from any state, be found, be stopped."""

import importlib.util
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import account
from .unavailable import Unavailable

if TYPE_CHECKING:
    import psutil

ATTEMPTS = 3
PATIENCE = 60  # seconds that a server may take to start, recovery after a crash included
FAREWELL = 30  # seconds that a server may take to stop before it is killed
LARGEST_LOG = 1_000_000  # bytes
# Neither PGOPTIONS nor the language of a user shall change how a server behaves.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class Server(ABC):
    """One server of one home. It is found by what runs and where: pid files survive a kill -9."""

    name: str
    program: str  # as the system's list of processes names it
    variable: str  # of the environment, that gets its URL
    folder: str
    children: tuple[str, ...]  # how the titles of its child processes begin
    farewell: signal.Signals

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self.directory = home / self.folder
        self.log = home / f"{self.folder}.log"

    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def answers(self) -> bool:
        """Whether it does its work now; while it starts or recovers it does not."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what `command` needs."""

    @abstractmethod
    def command(self) -> list[str]: ...

    def start(self) -> None:
        """Bring it up, whatever state it was left in, and return when it answers."""
        main = next((process.pid for process in self.processes() if self.is_main(process)), None)
        for _ in range(ATTEMPTS):
            if main is None:
                kill(self.processes())
                self.prepare()
                main = self._spawn()
            if self._comes_up(main):
                return
            main = None
        raise Unavailable(f"{self.name} did not start: {self.last_words()} (see {self.log}).")

    def bid_farewell(self) -> "list[psutil.Process]":
        """Ask it to end in good order; returns the processes that will then be gone."""
        import psutil

        processes = self.processes()
        for process in processes:
            with suppress(psutil.Error):
                if self.is_main(process):
                    process.send_signal(self.farewell)
        return processes

    def processes(self) -> "list[psutil.Process]":
        import psutil

        found = []
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.Error):
                if process.info["name"] == self.program and process.cwd() == str(self.directory):
                    found.append(process)
        return found

    def is_main(self, process: "psutil.Process") -> bool:
        """Whether it is the server itself, and none of the processes that it keeps."""
        return not " ".join(process.cmdline()).startswith(self.children)

    def last_words(self) -> str:
        """The line of the log that best says why it ended."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines()[-50:] if line]
        fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
        reasons = [line for line in fatal if not line.startswith("the database system is")]
        return (reasons or lines or ["it left no word"])[-1].rstrip(".")

    def _spawn(self) -> int:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))
        owner = account.owner_of(self.directory)
        return detached(self.command(), cwd=self.directory, log=self.log, **owner)

    def _comes_up(self, pid: int) -> bool:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.answers():
                return True
            if not _lives(pid):
                return False
            time.sleep(0.01)
        raise Unavailable(f"{self.name} does not answer after {PATIENCE} seconds (see {self.log}).")


def detached(command: list[str], *, cwd: Path, log: Path, **options: Any) -> int:
    """Start a program that outlives this process and its terminal, and return its pid."""
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as output:
        shell = subprocess.run(  # noqa: S603 - the words of the command are our own
            ["/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh", *command],
            cwd=cwd,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
            check=True,
            **options,
        )
    return int(shell.stdout)


def wheel(package: str) -> Path:
    """Where a package is installed, without the cost of importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Unavailable(f"The package {package} is missing: set DATABASE_URL and REDIS_URL.")
    return Path(spec.origin).parent


def wait_for(processes: "list[psutil.Process]", seconds: float = FAREWELL) -> None:
    """Return when they are gone; those that take longer are killed."""
    deadline = time.monotonic() + seconds
    while any(_lives(process.pid) for process in processes):
        if time.monotonic() > deadline:
            return kill(processes)
        time.sleep(0.01)


def kill(processes: "list[psutil.Process]") -> None:
    import psutil

    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    while any(_lives(process.pid) for process in processes):
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    """A zombie does not: it waits for its parent, who may be long in coming."""
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
