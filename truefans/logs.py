"""What a line of log may say of a request: its method and path, never who, nor what they typed."""

import logging
import re
from typing import Any

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as StructlogMiddleware


class RequestMiddleware(StructlogMiddleware):
    """django-structlog without the query, which holds names that people searched for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


#: Whoever knows the end of such an address may deliver there, or claim a sale.
ADDRESS = re.compile(r"(/webhooks/[\w-]+/|/claim/)[\w-]{20,}")


class WithoutAddresses(logging.Filter):
    """Takes the part out of a line that nobody else may know."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hidden(record.msg)
        record.args = _hidden(record.args)
        return True


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return ADDRESS.sub(r"\1…", value)
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    return tuple(map(_hidden, value)) if isinstance(value, tuple) else value
