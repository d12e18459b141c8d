"""A database and a queue of its own for a test to break, and the beat that works on them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from django.conf import settings

from tests.house.homes import User, await_that, living, main_process
from truefans.celery import app
from truefans.embedded.postgres import Postgres
from truefans.embedded.server import Server
from truefans.embedded.valkey import Valkey

LONG = 150  # seconds, for a server on a busy machine


class House:
    """The servers of a home, up until `leave`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = Postgres(home)
        self.queue = Valkey(home)
        self._user = User(home)
        # The one whose tasks are called elsewhere in the tests stays the project's own.
        self._sender = Celery("house", broker=self._user.redis_url, set_as_current=False)

    @property
    def environment(self) -> dict[str, str]:
        """By which a process works here."""
        return {
            "TRUEFANS_HOME": str(self.home),
            "DATABASE_URL": self._user.database_url,
            "REDIS_URL": self._user.redis_url,
        }

    @property
    def connection(self) -> dict[str, object]:
        """By which Django works here."""
        nothing = {"PASSWORD": "", "PORT": "", "OPTIONS": {}}
        folder = str(self.database.socket.parent)
        return {"HOST": folder, "NAME": "truefans", "USER": "truefans"} | nothing

    def send(self, task: str, *args: object) -> None:
        """Queue a task, as a page of the dashboard would."""
        self._sender.send_task(task, args, queue=settings.CELERY_TASK_DEFAULT_QUEUE)

    def queued(self) -> int:
        """How many tasks wait that no worker has taken yet."""
        with self._user.valkey() as valkey:
            return valkey.llen(settings.CELERY_TASK_DEFAULT_QUEUE)

    def lose_queued(self) -> None:
        """All tasks are gone, those that a worker has taken and not done as well."""
        with self._user.valkey() as valkey:
            valkey.flushall()

    def crash(self, server: Server) -> None:
        """Gone in a moment, with all that was under way. SIGQUIT is what `pg_ctl stop -m immediate`
        sends: killed, a database would leave processes behind that still write."""
        main = main_process(server)
        main.send_signal(signal.SIGQUIT if server is self.database else signal.SIGKILL)
        await_that(lambda: not living(server.processes()), LONG)

    def bring_up(self) -> None:
        """What is down; as `make run` does every few seconds."""
        assert self._user.ask("tend") == "tended"

    def leave(self) -> None:
        assert self._user.leave() == ""

    @contextmanager
    def web(self) -> Iterator[str]:
        """The web server as it runs for people; yields its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            host, port = free.getsockname()
        options = ["--worker-class=gthread", "--workers=1", "--threads=2", "--no-control-socket"]
        command = [sys.executable, "-m", "gunicorn", "truefans.wsgi", *options]
        with self._process(*command, f"--bind={host}:{port}", "--log-level=critical"):
            await_that(lambda: _answers(host, port), LONG)
            yield f"http://{host}:{port}"

    @contextmanager
    def beat(self, *, due_in: float = 0) -> Iterator[None]:
        """The beat with the project's schedule, as if it had been away: what it sends every so many
        seconds is due in `due_in` seconds. Nobody need wait for a minute."""
        file = self.home / "beat-schedule"
        file.unlink(missing_ok=True)
        scheduler = PersistentScheduler(app=app, schedule_filename=str(file))
        for entry in scheduler.schedule.values():
            if not isinstance(entry.schedule, crontab):
                entry.last_run_at += timedelta(seconds=due_in) - entry.schedule.run_every
        scheduler.close()
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "truefans", "beat"]
        with self._process(*command, "--schedule", str(file), "--loglevel", "CRITICAL"):
            yield

    @contextmanager
    def _process(self, *command: str) -> Iterator[None]:
        """Something that works here, and must not end by itself."""
        process = subprocess.Popen(command, env=os.environ | self.environment)
        try:
            yield
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(10)


def _answers(host: str, port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex((host, port)) == 0
