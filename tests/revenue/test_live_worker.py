"""What a platform tells, through real Celery workers."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app

from tests.factories import CreatorFactory
from tests.revenue.telling import inbox_of, sample, tell
from tests.revenue.workers import wait_until, worker

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_a_payment_is_in_the_books_within_seconds():
    current_app.control.purge()
    creator = CreatorFactory(currency="EUR")
    inbox = inbox_of(creator, "kofi")
    today = {"timestamp": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}

    with worker():
        for number in range(20):
            tip = sample("kofi/tip") | today | {"kofi_transaction_id": f"tip-{number % 15}"}
            assert tell(inbox, tip).status_code == 200
        wait_until(lambda: creator.fans.filter(spend=15 * 3_00).exists())

    assert inbox.source.messages.count() == 15
