"""What leaves: one row a person, one row a purchase, as of any day."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from revenue.exports import FAN_COLUMNS, fan_rows, purchase_rows, write
from revenue.spend import recompute_due_fans
from tests.factories import (
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    PurchaseFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    creator = CreatorFactory()
    creator.create_default_tiers()
    return SourceFactory(creator=creator, name="The shop")


def fan_with(source, *amounts, at, **fields):
    fan = FanFactory(creator=source.creator, recompute_at=at, **fields)
    IdentityFactory(fan=fan)
    for days, amount in amounts:
        PurchaseFactory(source=source, fan=fan, amount=amount, occurred_at=at - timedelta(days))
    return fan


def test_a_person_is_a_row_and_nobodys_money_comes_last(source, now):
    fan = fan_with(source, (10, 80_00), (400, 30_00), at=now, name="Zoë", email="zoe@example.com")
    IdentityFactory(fan=fan, kind="stripe_customer", value="cus_2")
    elsewhere, _ = source.creator.purchases.order_by("occurred_at")
    source.creator.purchases.update(customer_id="cus_1")
    source.creator.purchases.filter(pk=elsewhere.pk).update(customer_id="patreon:70000001")
    PurchaseFactory(source=source, amount=7_00, occurred_at=now - timedelta(5))
    recompute_due_fans(creator=source.creator, now=now)

    row, nobody = fan_rows(creator=source.creator, now=now)

    assert list(row) == FAN_COLUMNS
    assert row == {
        "id": fan.pk,
        "name": "Zoë",
        "emails": ["zoe@example.com"],
        "stripe_customer_ids": ["cus_1", "cus_2"],
        "currency": "GBP",
        "lifetime_gross": "110.00",
        "lifetime_net": "110.00",
        "window_gross": "80.00",
        "window_net": "80.00",
        "purchases": 2,
        "first_purchase_at": (now - timedelta(400)).isoformat(),
        "last_purchase_at": (now - timedelta(10)).isoformat(),
        "tier": "Regular",
        "is_true_fan": False,
        "seat": None,
    }
    assert (nobody["id"], nobody["name"], nobody["window_gross"]) == (None, "unattributed", "7.00")


def test_who_was_a_true_fan_on_a_day_is_answered_for_that_day(source, now):
    then, today = (120_00, 0, "Resting"), (0, 120_00, "New")
    for past, recent, name in (then, today):
        fan_with(source, (500, past or 1), (3, recent or 1), at=now, name=name)
    recompute_due_fans(creator=source.creator, now=now)

    def true_fans(at):
        return {row["name"] for row in fan_rows(creator=source.creator, now=at) if row["seat"]}

    def standing(at):
        return {
            row["name"] for row in fan_rows(creator=source.creator, now=at) if row["is_true_fan"]
        }

    assert standing(now) == {"New"}
    assert standing(now - timedelta(300)) == {"Resting"}
    assert standing(now - timedelta(600)) == set()
    assert true_fans(now - timedelta(300)) == {"Resting"}
    assert true_fans(now) == {"Resting", "New"}


def test_as_of_now_equals_what_is_stored(source, now):
    fan_with(source, (10, 80_00), (30, 30_00), at=now)
    recompute_due_fans(creator=source.creator, now=now)

    row, _ = fan_rows(creator=source.creator, now=now)

    fan = source.creator.fans.get()
    assert row["window_gross"] == "110.00"
    assert (row["is_true_fan"], row["seat"]) == (fan.is_true_fan, fan.seat) == (True, 1)


def test_money_is_written_with_the_decimals_of_its_currency(now):
    for currency, text in (("JPY", "1234"), ("KWD", "1.234"), ("ISK", "12.34")):
        source = SourceFactory(creator=CreatorFactory(currency=currency))
        PurchaseFactory(source=source, amount=1234)

        [row] = purchase_rows(creator=source.creator)

        assert (row["amount"], row["counted_gross"]) == (text, text)


def test_a_purchase_is_a_row_with_every_amount_in_its_currency(source):
    PurchaseFactory(
        source=source,
        external_id="ch_1",
        occurred_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
        currency="EUR",
        amount=20_00,
        returned=5_00,
        state="partly_refunded",
        settlement_currency="EUR",
        fee=None,
        net=None,
        counted_gross=12_75,
        counted_net=None,
        rate="0.85",
        rate_origin="ecb",
    )

    [row] = purchase_rows(creator=source.creator)

    assert row == {
        "source": "The shop",
        "external_id": "ch_1",
        "fan_id": None,
        "occurred_at": "2026-03-01T10:00:00+00:00",
        "kind": "sale",
        "state": "partly_refunded",
        "is_elsewhere": False,
        "invoice_id": "",
        "description": "Album",
        "currency": "EUR",
        "amount": "20.00",
        "returned": "5.00",
        "settlement_currency": "EUR",
        "fee": None,
        "net": None,
        "counted_currency": "GBP",
        "counted_gross": "12.75",
        "counted_net": None,
        "rate": "0.85",
        "rate_date": "2026-03-01",
        "rate_origin": "ecb",
    }


@pytest.mark.parametrize("form", ["csv", "json"])
def test_names_survive_as_they_are_and_formulas_do_not_run(source, now, form):
    names = ["=HYPERLINK(1)", "+1", "-1", "@x", 'a"b,c\nd', "Łukasz 美咲"]
    for name in names:
        fan_with(source, (1, 1_00), at=now, name=name)
    written = io.StringIO()

    write(fan_rows(creator=source.creator, now=now), columns=FAN_COLUMNS, form=form, to=written)

    if form == "json":
        found = [row["name"] for row in json.loads(written.getvalue())]
        assert sorted(found) == sorted([*names, "unattributed"])
    else:
        found = [row["name"] for row in csv.DictReader(io.StringIO(written.getvalue()))]
        neutral = ["'" + name if name[0] in "=+-@" else name for name in names]
        assert sorted(found) == sorted([*neutral, "unattributed"])


def test_an_export_takes_a_constant_number_of_queries(source, now, django_assert_num_queries):
    for _ in range(20):
        fan_with(source, (1, 1_00), at=now)

    with django_assert_num_queries(10):
        list(fan_rows(creator=source.creator, now=now))
    with django_assert_num_queries(1):
        list(purchase_rows(creator=source.creator))
