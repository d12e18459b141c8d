"""What a line of log may say of a request: its method and path, never who, nor what they typed."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as StructlogMiddleware


class RequestMiddleware(StructlogMiddleware):
    """django-structlog without the query, which holds names that people searched for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
