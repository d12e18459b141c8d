"""Every purchase, newest first."""

from datetime import timedelta

import pytest

from tests.factories import PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db

INCOME = "/studio/low-tide/income"


def test_purchases_stand_newest_first(client, source, now):
    old = PurchaseFactory(source=source, occurred_at=now - timedelta(days=9))
    new = PurchaseFactory(source=source, occurred_at=now)

    assert client.get(INCOME).context["page"].rows == [new, old]


def test_what_belongs_to_nobody_can_be_looked_at_alone(client, source, buyer):
    buyer(10_00, name="Zoë")
    PurchaseFactory(source=source, description="Payment link")

    page = client.get(INCOME, {"show": "unattributed"})

    assert "Payment link" in page.text
    assert "Zoë" not in page.text


def test_the_purchases_of_another_creator_are_not_there(client, creator):
    PurchaseFactory(source=SourceFactory(), description="Not mine")

    assert "Not mine" not in client.get(INCOME).text


def test_a_purchase_without_a_rate_says_so_and_counts_nothing(client, source):
    PurchaseFactory(
        source=source, currency="KES", amount=2500_00, rate=None, rate_date=None,
        rate_origin="missing", counted_gross=None, counted_net=None,
    )  # fmt: skip

    page = client.get(INCOME).text

    assert "KES2,500.00" in page.replace("\xa0", "")
    assert "no rate known" in page


def test_income_costs_the_same_queries_however_long_it_is(
    client, source, buyer, django_assert_num_queries
):
    buyer(10_00)
    with django_assert_num_queries(9):
        client.get(INCOME)
    for number in range(30):
        buyer(number * 100)
    with django_assert_num_queries(9):
        client.get(INCOME)


def test_the_providers_own_words_are_not_fetched_for_a_list(client, buyer):
    buyer(10_00)

    [row] = client.get(INCOME).context["page"].rows

    assert "raw" in row.get_deferred_fields()
    assert "key" in row.source.get_deferred_fields()
