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
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import environ

from truefans import embedded
from truefans.embedded.files import write_private
from truefans.embedded.port import claim, free_port
from truefans.parts import Ended, Parts, end_leftovers, say

MOST_WORKERS = 4
TICK = 0.2  # seconds
TEND_EVERY = 5  # seconds


class Refusal(Exception):
    """Says in one sentence why TrueFans does not run."""


class StopWanted(Exception):
    pass


class Runner:
    """One run: the home it uses and the address it answers at."""

    def __init__(self, home: Path) -> None:
        os.environ.setdefault("DEMO", "1")
        env = environ.FileAwareEnv()
        self.home = home
        self.demo = env.bool("DEMO")
        self.host = env.str("HOST", "127.0.0.1")
        self.port = _port(env.str("PORT", "8000"), self.host)
        self.address = env.str("PUBLIC_URL", f"http://127.0.0.1:{self.port}")
        self.stop_wanted = False
        self.tended = time.monotonic()

    def run(self) -> None:
        """Return when a stop was asked for; raise Refusal or Ended when it cannot go on."""
        say("TrueFans is starting …")
        embedded.ensure()
        os.environ["PORT"] = str(self.port)
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
        sandbox_port = _sandbox_port(self.home) if self.demo else 0
        if os.geteuid() == 0:  # Celery would warn of it at length, and here it is no news
            os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with super")
        if self.demo:
            os.environ["SANDBOX_URL"] = f"http://127.0.0.1:{sandbox_port}"
        parts = Parts(self.home, dict(os.environ), cwd=embedded.PROJECT)
        _on_stop_signals(self._want_stop)
        try:
            if self.demo:
                self._start_sandbox(parts, sandbox_port)
            self._prepare(parts)
            self._start_web(parts)
            self._wait_until(self._answers, parts)
            self._start_workers(parts)
            say(self._welcome())
            self._wait_until(lambda: False, parts)
        except StopWanted:
            say("Stopping …")
        finally:
            parts.stop()

    def _start_sandbox(self, parts: Parts, port: int) -> None:
        anchor = str(self.home / "sandbox-anchor")
        options = ["--story", "--latency-ms=60", f"--port={port}", f"--anchor-file={anchor}"]
        parts.start("sandbox", "sandbox", *options)

    def _prepare(self, parts: Parts) -> None:
        parts.send("data", "truefans.prepare")
        stamp, fingerprint = self.home / "static.fingerprint", _static_fingerprint()
        collected = stamp.exists() and stamp.read_text() == fingerprint
        if not collected:
            parts.send("static", "manage", "collectstatic", "--noinput", "--verbosity=0")
        self._wait_until(parts.are_done, parts)
        stamp.write_text(fingerprint)

    def _start_web(self, parts: Parts) -> None:
        host = f"[{self.host}]" if ":" in self.host else self.host
        # A control socket would stand in the user's folder, one for all that run gunicorn.
        web = ["--worker-class=gthread", "--workers=2", "--threads=4", "--no-control-socket"]
        web += ["--preload", "--log-level=warning", "--graceful-timeout=4"]
        parts.start("web", "gunicorn", "truefans.wsgi", *web, f"--bind={host}:{self.port}")

    def _start_workers(self, parts: Parts) -> None:
        celery = ["celery", "--app=truefans", "--quiet"]
        quiet = ["--loglevel=WARNING", "--without-gossip", "--without-mingle"]
        workers = min(MOST_WORKERS, os.cpu_count() or 1)
        parts.start("worker", *celery, "worker", f"--concurrency={workers}", *quiet)
        schedule = str(self.home / "beat-schedule")
        parts.start("beat", *celery, "beat", f"--schedule={schedule}", "--loglevel=WARNING")

    def _wait_until(self, condition: Callable[[], bool], parts: Parts) -> None:
        while True:
            parts.are_done()
            if self.stop_wanted:
                raise StopWanted
            if condition():
                return
            if time.monotonic() - self.tended > TEND_EVERY:
                embedded.tend()
                self.tended = time.monotonic()
            time.sleep(TICK)

    def _answers(self) -> bool:
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart, not used
        host = everywhere.get(self.host, self.host)
        link = http.client.HTTPConnection(host, self.port, timeout=2)
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
    except (Refusal, Ended, embedded.Unavailable) as problem:
        say(f"TrueFans stopped. {problem}")
        return 1
    except KeyboardInterrupt:
        say("Stopped before it had begun.")
    return 0


@contextmanager
def _only_run(home: Path) -> Iterator[None]:
    """Hold the place of the one run that a home may have."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open(home / "run.lock", "a")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Refusal(f"It cannot keep its data in {home} ({error}).") from error
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
    except (ValueError, OverflowError):
        raise Refusal(f"PORT must be the number of a port, and it is {text!r}.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                f"Port {text} is in use: choose another, as in `make run PORT=8001`."
            ) from None
        raise Refusal(f"Port {text} of {host} cannot be had ({error.strerror}).") from None


def _sandbox_port(home: Path) -> int:
    """The same port as last time if it is free: who has a page of it open finds it again."""
    recorded = home / "sandbox.port"
    port = free_port(int(recorded.read_text()) if recorded.exists() else 0)
    write_private(recorded, str(port))
    return port


def _static_fingerprint() -> str:
    """Another one whenever static files must be collected again, which takes many seconds."""
    root = embedded.PROJECT
    folders = [root / "static", *(app.parent / "static" for app in root.glob("*/apps.py"))]
    sources = [path for folder in folders for path in sorted(folder.rglob("*"))]
    sources += [root / "requirements" / "base.txt", root / "truefans" / "settings.py"]
    facts = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in sources]
    return sha256(repr((sys.version, facts)).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
