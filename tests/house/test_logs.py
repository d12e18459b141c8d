"""Logs hold no personal data."""

import logging

import pytest
from structlog.stdlib import ProcessorFormatter

from tests.factories import CreatorFactory

pytestmark = pytest.mark.django_db


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
