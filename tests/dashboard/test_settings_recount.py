"""While everything is counted in another currency: progress, and no sums."""

from datetime import timedelta

import pytest

from revenue.measure import change_measure
from revenue.models import Recount
from revenue.takings import income as income_of
from tests.dashboard.settings_pages import SETTINGS
from tests.factories import (
    PurchaseFactory,
    SourceFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("it_is_now")]


def counting(creator, currency="EUR", *, done=45, total=100, now):
    creator.currency = currency
    change_measure(creator=creator, fields=["currency"], now=now)
    Recount.objects.update(done=done, total=total)


def test_progress_is_on_home_and_here_and_survives_a_reload(client, creator, source, now):
    counting(creator, now=now)

    for address in (SETTINGS, "/studio/low-tide/", SETTINGS):
        page = client.get(address).text
        assert "Counting everything in euros" in page
        assert "45%" in page
        assert 'hx-trigger="every 2s"' in page


def test_every_room_with_a_sum_says_that_it_is_being_counted(client, creator, buyer, now):
    fan = buyer(120_00)
    rooms = [f"/studio/low-tide/{room}" for room in ("people", f"people/{fan.pk}", "income")]
    told = "Everything is being counted in EUR: 45% is done."
    for room in rooms:
        assert told not in client.get(room).text
    counting(creator, now=now)

    for room in rooms:
        page = client.get(room).text
        assert told in page
        assert "nothing lately" not in page
        assert "to go</a>" not in page
        assert "on their way." not in page
    Recount.objects.update(finished_at=now)
    for room in rooms:
        assert told not in client.get(room).text


def test_the_poll_gets_only_the_progress_and_ends_without_touching_what_is_typed(
    client, creator, now
):
    counting(creator, now=now)
    headers = {"HX-Request": "true", "HX-Target": "progress"}

    part = client.get(SETTINGS, headers=headers)
    assert "45%" in part.text
    assert "<form" not in part.text
    Recount.objects.update(finished_at=now)

    part = client.get(SETTINGS, headers=headers)
    assert "HX-Refresh" not in part.headers
    assert "hx-trigger" not in part.text
    assert "Everything is counted in euros." in part.text


def test_purchases_without_a_rate_are_named_by_their_currency(client, source, now):
    missing = {
        "source": source, "rate": None, "rate_date": None, "rate_origin": "missing",
        "counted_gross": None, "counted_net": None,
    }  # fmt: skip
    PurchaseFactory.create_batch(12, currency="KES", **missing)
    PurchaseFactory(currency="XOF", **missing)
    PurchaseFactory(currency="XOF", state="failed", **missing)
    PurchaseFactory(currency="UGX", **missing | {"source": SourceFactory()})

    page = client.get(SETTINGS).text

    assert "12 purchases in KES have no rate and are not counted" in page
    assert "1 purchase in XOF has no rate and is not counted" in page
    assert "UGX" not in page.split("<form")[0]


def test_money_in_the_old_currency_is_in_no_sum_of_home(client, creator, source, buyer, now):
    buyer(120_00)
    PurchaseFactory(source=source, amount=30_00, occurred_at=now - timedelta(days=1))
    counting(creator, now=now)
    PurchaseFactory(source=source, amount=7_00, currency="EUR", occurred_at=now - timedelta(days=1))

    income = income_of(creator, now=now)

    assert client.get("/studio/low-tide/").context["figures"] is None
    assert (income.gross, income.net) == (7_00, 7_00)
    assert (income.unattributed, income.unattributed_count) == (7_00, 1)
