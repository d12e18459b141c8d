"""The processes of one run of TrueFans: started together, shown together, stopped together.

They are looked after here rather than by a library, for three reasons: only the first process of
a part is asked to end, since a signal to its whole group kills Celery's children in the middle of
their work; the wish to stop may come at any moment, also before all have started; and nothing
stands between us and the parts that could outlive us.
"""

import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from truefans.embedded.server import wait_for

MARK = "TRUEFANS_RUN"  # in the environment of every part: the home that it runs for
GOODBYE = ((signal.SIGTERM, 5), (signal.SIGQUIT, 2), (signal.SIGKILL, 1))  # and seconds to wait


class Ended(Exception):
    """Says which process ended that should not have."""


class Parts:
    """Parts are to run until they are stopped, errands until they are done."""

    def __init__(self, home: Path, environment: dict[str, str], *, cwd: Path) -> None:
        self.home = home
        self.environment = environment | {MARK: str(home), "PYTHONUNBUFFERED": "1"}
        self.cwd = cwd
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.errands: dict[str, subprocess.Popen[bytes]] = {}
        self.relays: list[threading.Thread] = []

    def start(self, name: str, *module: str) -> None:
        """Run a Python module with its arguments, and show each line it says under `name`."""
        self.parts[name] = self._run(name, module)

    def send(self, name: str, *module: str) -> None:
        """The same for an errand."""
        self.errands[name] = self._run(name, module)

    def are_done(self) -> bool:
        """Whether all errands are; raises Ended if one failed or a part is not there any more."""
        for name, process in self.parts.items():
            if process.poll() is not None:
                raise Ended(f"The {name} ended by itself with status {process.returncode}.")
        for name, process in self.errands.items():
            if process.poll():
                raise Ended(f"The step “{name}” failed with status {process.returncode}.")
        return all(process.returncode == 0 for process in self.errands.values())

    def stop(self) -> None:
        """Ask kindly, then firmly, then not at all; within about eight seconds all are gone."""
        for request, seconds in GOODBYE:
            running = [process for process in self._all() if process.poll() is None]
            for process in running:
                process.send_signal(request)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and any(part.poll() is None for part in running):
                time.sleep(0.05)
        end_leftovers(self.home)
        for relay in self.relays:
            relay.join(timeout=1)

    def _all(self) -> list[subprocess.Popen[bytes]]:
        return [*self.parts.values(), *self.errands.values()]

    def _run(self, name: str, module: tuple[str, ...]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - the words are our own
            [sys.executable, "-m", *module],
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C reaches us alone
        )
        relay = threading.Thread(target=_relay, args=(name, process.stdout), daemon=True)
        self.relays.append(relay)
        relay.start()
        return process


def end_leftovers(home: Path) -> None:
    """End what an interrupted run of this home left behind."""
    left = [process for process in psutil.process_iter() if belongs_to(home, process)]
    for process in left:
        with suppress(psutil.Error):
            process.terminate()
    wait_for(left, seconds=3)


def belongs_to(home: Path, process: psutil.Process) -> bool:
    try:
        return process.environ().get(MARK) == str(home)
    except psutil.Error:  # it is somebody else's, or gone
        return False


def say(text: str) -> None:
    with suppress(OSError, ValueError):  # whoever read this may be gone
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _relay(name: str, output: IO[bytes]) -> None:
    with output:
        for line in output:
            if text := line.decode(errors="replace").rstrip():
                say(f"{name:>7} │ {text}")
