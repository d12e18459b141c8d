"""The rate of a purchase for which nobody publishes one: said, shown, taken back."""

import pytest
from django.urls import reverse

from revenue import values
from revenue.ingest import ingest
from revenue.rating import count_at_new_rates
from tests.factories import NOW, SourceFactory
from tests.revenue.books_of import books_of
from tests.revenue.bringing import FOREVER
from tests.revenue.test_central_bank import paid

pytestmark = pytest.mark.django_db
DAY = NOW.date()


@pytest.fixture
def purchase(creator):
    source = SourceFactory(creator=creator)
    ingest(source=source, page=values.Page(payments=[paid("ch_1", "XPF", DAY)]), now=NOW)
    return creator.purchases.get()


def send(client, name: str, purchase, **data):
    answer = client.post(reverse(f"dashboard:{name}", args=["low-tide", purchase.pk]), data)
    purchase.refresh_from_db()
    return answer


def page_of(client, purchase) -> str:
    return client.get(reverse("dashboard:purchase", args=["low-tide", purchase.pk])).text


def test_a_rate_that_is_said_counts_and_says_whose_it_is(client, creator, purchase):
    assert "say what 1 XPF was in GBP" in page_of(client, purchase)

    send(client, "say_rate", purchase, rate="0.0072")

    assert (purchase.counted_gross, purchase.rate_origin) == (72_00, "said")
    page = page_of(client, purchase)
    assert "said by you" in page
    assert "£72.00" in page
    assert creator.said_rates.get().by == creator.owner


def test_it_holds_however_often_the_payment_is_read(client, purchase):
    send(client, "say_rate", purchase, rate="0.0072")
    again = paid("ch_1", "XPF", DAY)
    ingest(source=purchase.source, page=values.Page(payments=[again]), now=NOW)
    count_at_new_rates(creator=purchase.creator, since=DAY, until=FOREVER)

    purchase.refresh_from_db()
    assert (purchase.counted_gross, purchase.rate_origin) == (72_00, "said")


def test_taken_back_it_is_as_if_it_had_never_been_said(client, creator, purchase):
    before = books_of(creator)
    send(client, "say_rate", purchase, rate="0.0072")

    send(client, "take_back_rate", purchase)

    assert books_of(creator) == before
    assert not creator.said_rates.exists()


def test_what_has_a_rate_of_its_own_keeps_it(client, creator):
    source = SourceFactory(creator=creator)
    ingest(source=source, page=values.Page(payments=[paid("ch_2", "EUR", DAY)]), now=NOW)
    purchase = creator.purchases.get()
    answer = send(client, "say_rate", purchase, rate="9")

    assert purchase.rate_origin == "ecb"
    assert "it has a rate of its own by now" in client.get(answer.url).text


@pytest.mark.parametrize("rate", ["", "0", "-1", "NaN", "1e99", "a lot"])
def test_what_is_no_rate_is_said_beside_it(client, creator, purchase, rate):
    answer = send(client, "say_rate", purchase, rate=rate)

    assert answer.status_code == 422
    assert purchase.rate_origin == "missing"


def test_income_leads_to_what_has_no_rate(client, creator, purchase):
    address = reverse("dashboard:purchases", args=["low-tide"])
    ever = {"since": DAY, "until": DAY}
    page = client.get(address, {"rate": "missing", **ever}).text
    assert reverse("dashboard:purchase", args=["low-tide", purchase.pk]) in page

    page = client.get(address, {"rate": "ecb", **ever}).text
    assert reverse("dashboard:purchase", args=["low-tide", purchase.pk]) not in page
