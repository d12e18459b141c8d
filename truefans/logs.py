"""What a line of log may say of a request: its method and path, never who, nor what they typed.

And of an error: where it came from and what it is called, never what it says. PostgreSQL names
the row that broke a rule, with the address in it.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as StructlogMiddleware
from structlog.typing import EventDict


class RequestMiddleware(StructlogMiddleware):
    """django-structlog without the query, which holds names that people searched for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


#: Whoever knows the end of such an address may deliver there, or claim a sale.
ADDRESS = re.compile(r"(/webhooks/[\w-]+/|/claim/)[\w-]{20,}")
#: How Celery writes an error down: as `repr` does, and “Retry in 2s: ” before it.
NAMED = re.compile(r"(?:Retry [\w .:+-]+: )?\w+(?=\()")


class WithoutAddresses(logging.Filter):
    """Takes the part out of a line that nobody else may know."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hidden(record.msg)
        record.args = _hidden(record.args)
        if record.name == "celery.app.trace" and isinstance(record.args, dict):
            record.args = _without_what_it_says(record.args)
        return True


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return ADDRESS.sub(r"\1…", value)
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    return tuple(map(_hidden, value)) if isinstance(value, tuple) else value


def _without_what_it_says(said: dict[str, Any]) -> dict[str, Any]:
    """What Celery says of a task, with the name alone of an error."""
    named = NAMED.match(str(said.get("exc")))
    return said | {"exc": named[0] if named else "…"}


def where_it_broke(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Puts frames and names in the place of an error that is logged."""
    told = event.pop("exc_info", None)
    error = told[1] if isinstance(told, tuple) else sys.exception() if told is True else told
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_told(error, frames=True))
        event.pop("error", None)  # what django-structlog has of a task: what the error says
    return {key: _named(value) for key, value in event.items()}


def _named(value: object) -> object:
    return " ← ".join(_told(value, frames=False)) if isinstance(value, BaseException) else value


def _told(error: BaseException, *, frames: bool) -> Iterator[str]:
    """What each is called of `error` and of all that it came from, the last one first."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield f"{type(cause).__module__}.{type(cause).__qualname__}"
        if frames:
            yield "".join(traceback.format_tb(cause.__traceback__)).rstrip()
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
