"""Logs hold no personal data."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from celery import shared_task
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django_structlog.celery.receivers import CeleryReceiver
from structlog.stdlib import ProcessorFormatter

from fans.models import User
from tests.factories import CreatorFactory, UserFactory

pytestmark = pytest.mark.django_db


ANNA = "anna@example.org"


def take_a_taken_address() -> None:
    """PostgreSQL says which row is in the way, with all that is in it."""
    with transaction.atomic():
        UserFactory(email=ANNA)
        User.objects.create(email=ANNA)


def breaks(request: HttpRequest) -> HttpResponse:
    take_a_taken_address()
    raise AssertionError


urlpatterns = [path("breaks", breaks)]


@shared_task(name="tests.breaks")
def breaking_task() -> None:
    take_a_taken_address()


@shared_task(name="tests.breaks_again", bind=True, max_retries=1)
def patient_task(task) -> None:
    try:
        take_a_taken_address()
    except IntegrityError as error:
        raise task.retry(exc=error, countdown=2) from error


@pytest.fixture
def log() -> Iterator[Callable[[], str]]:
    """What the log of this project has been given to write."""
    handlers = logging.getLogger().handlers
    ours = next(h for h in handlers if isinstance(h.formatter, ProcessorFormatter))
    stderr = ours.setStream(written := io.StringIO())
    yield written.getvalue
    ours.setStream(stderr)


def lines_of(event: str, log: str) -> list[str]:
    return [line for line in log.splitlines() if event in line]


def test_a_page_that_breaks_says_where_and_in_whose_request_but_not_over_what(
    client, settings, log
):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    assert client.get("/breaks").status_code == 500

    [line] = lines_of("Internal Server Error", log())
    assert "request_id=" in line
    assert "in take_a_taken_address" in line
    assert "django.db.utils.IntegrityError" in line
    assert "psycopg.errors.UniqueViolation" in line
    assert ANNA not in log()


@pytest.fixture
def as_in_a_worker() -> Iterator[None]:
    """Celery's own lines, and those that tell of the same with a task's id."""
    logger = logging.getLogger("celery.app.trace")
    level, receiver = logger.level, CeleryReceiver()
    logger.setLevel(logging.INFO)
    receiver.connect_worker_signals()
    yield
    logger.setLevel(level)


@pytest.mark.usefixtures("as_in_a_worker")
def test_a_task_that_breaks_says_where_but_not_over_what(log):
    breaking_task.apply()

    [said] = lines_of("tests.breaks[", log())
    assert "raised unexpected: IntegrityError" in said
    assert "in take_a_taken_address" in said
    [told] = lines_of("event=task_failed", log())
    assert "in take_a_taken_address" in told
    assert "task_id=" in told
    assert ANNA not in log()


@pytest.mark.usefixtures("as_in_a_worker")
def test_a_task_that_is_tried_again_does_not_say_over_what(log):
    patient_task.apply()

    assert "retry: Retry in 2s: IntegrityError" in log()
    assert ANNA not in log()


def test_what_is_logged_of_an_error_in_our_own_words_is_where_it_was(log):
    try:
        take_a_taken_address()
    except IntegrityError as error:
        structlog.get_logger("revenue.nudging").exception("nudge_failed", nudge=7, problem=error)

    [line] = lines_of("nudge_failed", log())
    assert "nudge=7" in line
    assert "in take_a_taken_address" in line
    assert 'problem="django.db.utils.IntegrityError ← psycopg.errors.UniqueViolation"' in line
    assert ANNA not in line


def test_a_log_line_tells_neither_who_nor_what_was_searched_for(client, caplog):
    creator = CreatorFactory(handle="band")
    client.force_login(creator.owner)

    with caplog.at_level(logging.DEBUG):
        client.get("/studio/band/people", {"q": "zoe.secret"}, REMOTE_ADDR="203.0.113.7")
        client.get("/nothing-here", {"q": "zoe.secret"}, REMOTE_ADDR="203.0.113.7")

    formatters = (handler.formatter for handler in logging.getLogger().handlers)
    written = next(f for f in formatters if isinstance(f, ProcessorFormatter))
    lines = "\n".join(written.format(record) for record in caplog.records)
    assert "/studio/band/people" in lines
    for secret in ("zoe.secret", "203.0.113.7", creator.owner.email):
        assert secret not in lines
