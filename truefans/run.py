"""Everything at once on one machine: `python -m truefans.run`, which is what `make run` does.

Brings up the database and the queue, prepares the data, runs the parts of TrueFans, and stops
everything when it is asked to or when a part ends by itself. With DEMO on, which is the default
here and nowhere else, a small stand-in for Stripe is one of the parts.
"""

import errno
import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import environ

from truefans import embedded
from truefans.embedded.files import write_private
from truefans.embedded.port import claim, free_port
from truefans.parts import Parts, end_leftovers, say

MOST_WORKERS = 4
TICK = 0.2  # seconds
TEND_EVERY = 5  # seconds


class Refusal(Exception):
    """Says in one sentence why TrueFans does not run."""


class Runner:
    """One run: the home it uses and the address it answers at."""

    def __init__(self, home: Path) -> None:
        env = environ.FileAwareEnv()
        os.environ.setdefault("DEMO", "1")
        self.home = home
        self.demo = env.bool("DEMO")
        self.host = env.str("HOST", "127.0.0.1")
        self.port = _port(env.str("PORT", "8000"), self.host)
        self.address = env.str("PUBLIC_URL", f"http://127.0.0.1:{self.port}")
        self.stop_wanted = False

    def run(self) -> None:
        """Return when a stop was asked for; raise Refusal if a part ends by itself."""
        say("TrueFans is starting …")
        embedded.ensure()
        if self.demo:
            self.sandbox_port = _sandbox_port(self.home)
            os.environ["SANDBOX_URL"] = f"http://127.0.0.1:{self.sandbox_port}"
        os.environ["PORT"] = str(self.port)
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        parts = Parts(self.home, dict(os.environ), cwd=embedded.PROJECT)
        self._prepare()
        _on_stop_signals(self._want_stop)
        try:
            self._start(parts)
            self._watch(parts)
            say("Stopping …")
        finally:
            parts.stop()

    def _prepare(self) -> None:
        manage("migrate", "--noinput", "--verbosity=0")
        manage("collectstatic", "--noinput", "--verbosity=0")
        if self.demo:
            manage("prepare_demo")

    def _start(self, parts: Parts) -> None:
        if self.demo:
            anchor = str(self.home / "sandbox-anchor")
            options = ["--story", "--latency-ms=60", f"--port={self.sandbox_port}"]
            parts.start("sandbox", "sandbox", *options, "--anchor-file", anchor)
        # A control socket would stand in the user's folder, one for all that run gunicorn.
        web = ["--worker-class=gthread", "--workers=2", "--threads=4", "--no-control-socket"]
        web += ["--log-level=warning", "--graceful-timeout=4", f"--bind={_bind(self)}"]
        parts.start("web", "gunicorn", "truefans.wsgi", *web)
        celery = ["celery", "--app=truefans", "--quiet"]
        quiet = ["--loglevel=WARNING", "--without-gossip", "--without-mingle"]
        workers = min(MOST_WORKERS, os.cpu_count() or 1)
        parts.start("worker", *celery, "worker", f"--concurrency={workers}", *quiet)
        schedule = str(self.home / "beat-schedule")
        parts.start("beat", *celery, "beat", "--schedule", schedule, "--loglevel=WARNING")

    def _watch(self, parts: Parts) -> None:
        welcomed, tended = False, time.monotonic()
        while not self.stop_wanted:
            if ended := parts.ended():
                raise Refusal("The {} ended by itself with status {}.".format(*ended))
            if not welcomed and self._answers():
                welcomed = True
                say(self._welcome())
            if time.monotonic() - tended > TEND_EVERY:
                embedded.tend()
                tended = time.monotonic()
            time.sleep(TICK)

    def _answers(self) -> bool:
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart, not used
        link = http.client.HTTPConnection(
            everywhere.get(self.host, self.host), self.port, timeout=2
        )
        with suppress(OSError, http.client.HTTPException):
            link.request("GET", "/healthz", headers={"Host": urlsplit(self.address).netloc})
            return link.getresponse().status == 200
        return False

    def _welcome(self) -> str:
        enter = (
            "Open it and choose whom to enter as; its people and payments are made up."
            if self.demo
            else "Add yourself with: .venv/bin/python manage.py create_creator"
        )
        return f"\n  TrueFans is here:  {self.address}\n\n  {enter}\n  Ctrl-C stops everything.\n"

    def _want_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_wanted = True


def main() -> int:
    _on_stop_signals(signal.default_int_handler)
    try:
        home = embedded.home()
        with _only_run(home):
            end_leftovers(home)
            Runner(home).run()
    except (Refusal, embedded.Unavailable) as problem:
        say(f"TrueFans stopped. {problem}")
        return 1
    except KeyboardInterrupt:
        say("Stopped before it was ready.")
    return 0


def manage(*command: str) -> None:
    done = subprocess.run(  # noqa: S603 - the words are our own
        [sys.executable, "manage.py", *command], cwd=embedded.PROJECT, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise Refusal(f"`manage.py {command[0]}` failed; what it said stands above.")


@contextmanager
def _only_run(home: Path) -> Iterator[None]:
    """Hold the place of the one run that a home may have."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open(home / "run.lock", "a")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Refusal(f"Its data cannot be kept in {home} ({error}).") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(
                f"It already runs from {home}: stop it there, or choose another TRUEFANS_HOME."
            ) from None
        yield


def _on_stop_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, handler)


def _port(text: str, host: str) -> int:
    try:
        return claim(int(text), host)
    except ValueError:
        raise Refusal(f"PORT must be a number, and it is {text!r}.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                f"Port {text} is in use: choose another, as in `make run PORT=8001`."
            ) from None
        raise Refusal(f"Port {text} of {host} cannot be had ({error.strerror}).") from None


def _sandbox_port(home: Path) -> int:
    """The same port as last time if it is free, since accounts remember it in their links."""
    recorded = home / "sandbox.port"
    port = free_port(int(recorded.read_text()) if recorded.exists() else 0)
    write_private(recorded, str(port))
    return port


def _bind(runner: Runner) -> str:
    host = f"[{runner.host}]" if ":" in runner.host else runner.host
    return f"{host}:{runner.port}"


if __name__ == "__main__":
    sys.exit(main())
