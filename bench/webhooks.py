"""Deliveries: what the view costs beside a view with one query, and a burst that is worked off.

The view is called through the whole WSGI application in this process, in turns with what it is
held against, so that neither a client nor the rest of the machine blurs the difference. The burst
goes to a real server over many connections, and to real workers.
"""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from bench.importing import fresh_source
from bench.load import post, send
from bench.ratio import Medians, Ratio
from bench.server import PROJECT, serving
from fans.models import Fan
from revenue.models import Nudge, Purchase, Source
from revenue.queueing import queue_once
from revenue.tasks.deliveries import work_off_nudges
from sandbox.generate import history
from sandbox.webhooks import signature

CONNECTIONS = 256
SECRET = "whsec_" + "0123456789abcdef" * 2
ONE_QUERY = "a view with one indexed query"

Environ = dict[str, Any]


def ratios(*, quick: bool) -> Iterator[Ratio]:
    calls, burst, single = (300, 1_500, 150) if quick else (1_500, 10_000, 600)
    charges = burst // 3 + 1
    bodies = events(charges)
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # nothing was collected
    with serving(charges=charges) as server:
        source = fresh_source(server)
        source.keep_secrets([SECRET], now=timezone.now())
        yield from _view(source, bodies, calls)
        yield from _burst(source, bodies[:burst])
        yield from _worked_off(source, burst, single)


def events(charges: int) -> list[bytes]:
    """What is told of so many payments: of each one that it came, that it settled, and by whom."""
    account = history(charges)
    bodies: list[bytes] = []
    for charge in account.books.shelf("charge").rows:
        customer = account.books.find(charge["customer"])
        for kind, about in (
            ("charge.succeeded", charge),
            ("charge.updated", charge),
            ("customer.updated", customer),
        ):
            event = {
                "id": f"evt_{len(bodies)}",
                "object": "event",
                "type": kind,
                "created": int(time.time()),
                "livemode": False,
                "data": {"object": about},
            }
            bodies.append(orjson.dumps(event))
    return bodies


# The view.


def _view(source: Source, bodies: list[bytes], calls: int) -> Iterator[Ratio]:
    from bench.web import application

    took = Medians()
    for number in range(calls):
        body = bodies[number % len(bodies)].replace(b"evt_", b"evt_view_", 1)
        for name, environ in (
            ("one query", _asking(f"/one-query/{source.pk}")),
            ("accepted", _delivery(source, body)),
            ("again", _delivery(source, body)),
        ):
            took.time(name, _call, application, environ)
    if source.nudges.count() != min(calls, len(bodies)):
        raise RuntimeError("Not every delivery was stored, or some were twice")
    source.nudges.all().delete()
    yield _rate("a delivery, signed and stored: its rate", took, "accepted", 0.8)
    yield _rate("a delivery that came before: its rate", took, "again", 0.9)


def _rate(what: str, took: Medians, name: str, wanted: float) -> Ratio:
    return Ratio(what, ONE_QUERY, took["one query"] / took[name], wanted, took[name], at_least=True)


def _call(application: Callable[..., Any], environ: Environ) -> None:
    statuses: list[str] = []
    with closing(application(environ, lambda status, headers: statuses.append(status))) as answer:
        b"".join(answer)
    if statuses != ["200 OK"]:
        raise RuntimeError(f"{environ['PATH_INFO']} answered {statuses}")


def _asking(path: str, **more: Any) -> Environ:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(settings.PORT),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        **more,
    }


def _delivery(source: Source, body: bytes) -> Environ:
    return _asking(
        _path(source),
        REQUEST_METHOD="POST",
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH=str(len(body)),
        HTTP_STRIPE_SIGNATURE=signature(body, SECRET, int(time.time())),
        **{"wsgi.input": io.BytesIO(body)},
    )


def _path(source: Source) -> str:
    return f"/webhooks/stripe/{source.pk}"


# The burst.


def _burst(source: Source, bodies: list[bytes]) -> Iterator[Ratio]:
    now = int(time.time())
    requests = [
        post(_path(source), body, Stripe_Signature=signature(body, SECRET, now)) for body in bodies
    ]
    with _web() as port:
        begin = time.perf_counter()
        statuses = send(port, requests, connections=CONNECTIONS)
        seconds = time.perf_counter() - begin
    of = f"of {len(bodies):,}, {len(bodies) / seconds:,.0f} a second"
    refused = len(bodies) - statuses["200"]
    yield Ratio(f"not answered 200, over {CONNECTIONS} connections", of, refused, 0, seconds)
    yield Ratio("lost", of, len(bodies) - source.nudges.count(), 0)


@contextmanager
def _web() -> Iterator[int]:
    """The server that `make run` starts, on a port that it yields."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = ["gunicorn", "truefans.wsgi", "--worker-class=gthread", "--workers=2", "--threads=4"]
    command += ["--no-control-socket", "--preload", "--log-level=warning"]
    with _process(*command, f"--bind=127.0.0.1:{port}"):
        _wait_until(lambda: _answers(port))
        yield port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


# The workers.


def _worked_off(source: Source, burst: int, single: int) -> Iterator[Ratio]:
    nudges = list(source.nudges.order_by("pk").values_list("pk", flat=True))
    kept = Nudge.objects.filter(pk__in=nudges[:single])
    with _workers():
        source.nudges.exclude(pk__in=kept).update(attempts=Nudge.ATTEMPTS)
        one_each = _seconds(source, lambda: _queue(source, single))
        Purchase.objects.all().delete()
        Fan.objects.all().delete()
        source.nudges.update(done_at=None, attempts=0, rests_until=None)
        seconds = _seconds(source, lambda: queue_once(work_off_nudges, source.pk))
    told = Purchase.objects.count()
    of = f"of {burst:,}, about {told:,} payments"
    yield Ratio("not worked off", of, source.nudges.filter(done_at=None).count(), 0, seconds)
    yield Ratio(
        "nudges worked off in locked batches: times as many a second",
        f"one task each, {single / one_each:.0f} a second",
        burst / seconds / (single / one_each),
        10,
        seconds,
        at_least=True,
    )


def _queue(source: Source, tasks: int) -> None:
    for _ in range(tasks):
        current_app.send_task("bench.tasks.work_off_one", [source.pk])


def _seconds(source: Source, queue: Callable[[], object]) -> float:
    """How long it takes until nothing is open any more."""
    begin = time.perf_counter()
    queue()
    _wait_until(lambda: not source.nudges.open(timezone.now()).exists(), seconds=600)
    _wait_until(lambda: not source.nudges.claimed(timezone.now()).exists())
    return time.perf_counter() - begin


@contextmanager
def _workers() -> Iterator[None]:
    cache.clear()
    current_app.control.purge()  # what the deliveries have queued would be done before
    command = ["celery", "--app=bench.tasks", "--quiet", "worker", "--concurrency=2"]
    with _process(*command, "--loglevel=ERROR", "--without-gossip", "--without-mingle"):
        _wait_until(lambda: bool(current_app.control.ping(timeout=1)))
        yield


@contextmanager
def _process(*module: str) -> Iterator[None]:
    """A Python module with its arguments, for as long as the block takes."""
    environment = os.environ | {
        "STRIPE_REQUESTS_PER_SECOND": "0",  # the server is ours and near: it need not be spared
        "PYTHONWARNINGS": "ignore:You're running the worker with super",
    }
    with subprocess.Popen(
        [sys.executable, "-m", *module], cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def _wait_until(what: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError("Waited in vain")
        time.sleep(0.02)
