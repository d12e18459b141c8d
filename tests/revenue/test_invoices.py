"""Which payment paid an invoice that names none, and what of it is counted for itself."""

import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.gateways.stripe.pages import to_page
from revenue.ingest import ingest
from revenue.invoices import match
from revenue.models import Invoice
from tests.factories import NOW, SourceFactory
from tests.revenue.histories import finish

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JANUARY = NOW.replace(month=1, day=1)


@dataclass
class Paid:
    external_id: str
    occurred_at: object
    customer_id: str = "cus"
    currency: str = "GBP"
    amount: int = 500
    status: str = "succeeded"
    intent_id: str = ""


def bill(name, issued, paid=None, customer_id="cus", amount_paid=500):
    """An invoice of `issued`, paid at `paid` (since the first of January); None: nobody says."""
    return Invoice(
        external_id=name,
        customer_id=customer_id,
        currency="GBP",
        amount_paid=amount_paid,
        issued_at=JANUARY + issued,
        paid_at=JANUARY + (issued if paid is None else paid),
    )


def charge(name, at, **different):
    return Paid(name, JANUARY + at, **different)


def pairs(bills, charges):
    return {name: invoice.external_id for name, invoice in match(bills, charges).items()}


#: What was billed, what was charged, and which charge paid which bill.
CASES = {
    "a card, an hour and more after the bill was made": (
        [bill("in1", 0 * DAY, 65 * HOUR / 60)],
        [charge("ch1", 65 * HOUR / 60)],
        {"ch1": "in1"},
    ),
    "the same where nobody says when it was paid": (
        [bill("in1", 0 * DAY)],
        [charge("ch1", 65 * HOUR / 60)],
        {"ch1": "in1"},
    ),
    "a card that was declined first": (
        [bill("in1", 0 * DAY)],
        [charge("ch1", HOUR, status="failed"), charge("ch2", 15 * DAY)],
        {"ch2": "in1"},
    ),
    "a debit that took days": (
        [bill("in1", 0 * DAY, 9 * DAY)],
        [charge("ch1", HOUR)],
        {"ch1": "in1"},
    ),
    "debits every week that overlap": (
        [bill("in1", 0 * DAY, 9 * DAY), bill("in2", 7 * DAY, 16 * DAY)],
        [charge("ch1", HOUR), charge("ch2", 7 * DAY + HOUR)],
        {"ch1": "in1", "ch2": "in2"},
    ),
    "a month that was paid late, after the next one": (
        [bill("in1", 0 * DAY, 35 * DAY), bill("in2", 31 * DAY, 31 * DAY + HOUR)],
        [charge("ch2", 31 * DAY + HOUR), charge("ch1", 35 * DAY)],
        {"ch1": "in1", "ch2": "in2"},
    ),
    "two of one amount in one month, and one charge": (
        [bill("in1", 0 * DAY, 12 * DAY), bill("in2", 10 * DAY, 10 * DAY + HOUR)],
        [charge("ch2", 10 * DAY + HOUR)],
        {"ch2": "in2"},
    ),
    "a month paid past the provider, and the next by card": (
        [bill("in1", 0 * DAY), bill("in2", 28 * DAY)],
        [charge("ch2", 28 * DAY + 2 * HOUR)],
        {"ch2": "in2"},
    ),
    "the charge at which it was paid, and one soon after it was made": (
        [bill("in1", 0 * DAY, 5 * DAY)],
        [charge("ch1", HOUR / 60), charge("ch2", 5 * DAY + HOUR / 60)],
        {"ch2": "in1"},
    ),
    "too early": ([bill("in1", 2 * DAY, 3 * DAY)], [charge("ch1", DAY)], {}),
    "after it was paid": ([bill("in1", 0 * DAY, 2 * DAY)], [charge("ch1", 3 * DAY)], {}),
    "a month later, whoever says nothing": ([bill("in1", 0 * DAY)], [charge("ch1", 28 * DAY)], {}),
    "another amount": ([bill("in1", 0 * DAY)], [charge("ch1", HOUR, amount=501)], {}),
    "another currency": ([bill("in1", 0 * DAY)], [charge("ch1", HOUR, currency="EUR")], {}),
    "another customer": ([bill("in1", 0 * DAY)], [charge("ch1", HOUR, customer_id="cus2")], {}),
    "nobody": (
        [bill("in1", 0 * DAY, customer_id="")],
        [charge("ch1", HOUR, customer_id="")],
        {},
    ),
}


@pytest.mark.parametrize(("bills", "charges", "expected"), CASES.values(), ids=CASES.keys())
def test_an_invoice_that_names_no_payment_is_paid_by_the_likeliest(bills, charges, expected):
    for some in permutations(bills):
        for others in permutations(charges):
            assert pairs(some, others) == expected


HOW = st.tuples(st.sampled_from(["card", "retry", "debit", "elsewhere"]), st.integers(1, 20))


@given(
    bills=st.lists(HOW, max_size=12),
    every=st.sampled_from([7, 14, 28, 31]),
    is_said=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_each_bill_of_a_membership_is_paid_by_its_own_payment(bills, every, is_said, seed):
    every = every if is_said else max(every, 28)  # else nobody could tell
    invoices, charges, expected = [], [], {}
    for number, (how, days) in enumerate(bills):
        issued = number * every * DAY
        late = issued + days * DAY + 5 * HOUR + number * HOUR / 60  # when no bill is made
        charged = late if how == "retry" else issued + HOUR + days * HOUR / 60
        paid = charged if how in ("card", "retry") else late
        invoices.append(bill(f"in{number}", issued, paid if is_said else None))
        if how != "elsewhere":
            charges.append(charge(f"ch{number}", charged))
            expected[f"ch{number}"] = f"in{number}"
    chance = random.Random(seed)
    chance.shuffle(invoices)
    chance.shuffle(charges)

    assert pairs(invoices, charges) == expected


def line(name, at):
    """A line of the ledger for a charge of $5, with the charge in it."""
    created = int((JANUARY + at).timestamp())
    source = {
        "object": "charge", "id": name, "created": created, "amount": 500,
        "amount_captured": 500, "captured": True, "currency": "usd", "customer": "cus_1",
        "status": "succeeded", "billing_details": {"email": "ann@example.com"},
    }  # fmt: skip
    return {
        "object": "balance_transaction", "id": f"txn_{name}", "created": created, "amount": 500,
        "fee": 50, "net": 450, "currency": "usd", "type": "charge", "source": source,
    }  # fmt: skip


def invoice(name, issued, paid=None, **more):
    """An invoice as of old, which names no payment; `paid` None: nor does it say when."""
    return {
        "object": "invoice", "id": name, "created": int((JANUARY + issued).timestamp()),
        "currency": "usd", "customer": "cus_1", "status": "paid", "amount_paid": 500,
        "subscription": "sub_1",
        "status_transitions": {"paid_at": int((JANUARY + paid).timestamp())} if paid else None,
    } | more  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [invoice("in_1", 0 * DAY), line("ch_1", 8 * DAY)],
            {"ch_1": "in_1"},
        ),
        (
            [
                invoice("in_1", 0 * DAY),
                invoice("in_2", 28 * DAY),
                line("ch_1", 2 * HOUR),
                line("ch_2", 30 * DAY),
            ],
            {"ch_1": "in_1", "ch_2": "in_2"},
        ),
        (
            [invoice("in_1", 0 * DAY), invoice("in_2", 20 * DAY), line("ch_2", 20 * DAY + HOUR)],
            {"in_1": "in_1", "ch_2": "in_2"},
        ),
        (
            [
                invoice("in_1", 0 * DAY, 9 * DAY),
                invoice("in_2", 7 * DAY, 7 * DAY + HOUR, charge="ch_2"),
                line("ch_2", 7 * DAY + HOUR),
            ],
            {"in_1": "in_1", "ch_2": "in_2"},
        ),
    ],
    ids=["one retry", "two months", "one past the provider", "a charge that another names"],
)
@pytest.mark.parametrize("is_read", [False, True], ids=["while it is read", "afterwards"])
def test_what_was_billed_counts_once_whatever_comes_first(rows, expected, is_read):
    for order in permutations(rows):
        source = SourceFactory(synced_at=NOW if is_read else None)
        for row in order:
            ingest(source=source, page=to_page([row], read_at=NOW), now=NOW)
        finish(source, NOW)

        found = source.purchases.filter(kind="membership").values_list("external_id", "invoice_id")
        assert (dict(found), source.purchases.count()) == (expected, len(expected))


@pytest.mark.django_db
def test_an_invoice_that_is_paid_later_is_counted_from_then_on():
    source = SourceFactory()
    unpaid = invoice("in_1", 0 * DAY, status="open", amount_paid=0)
    ingest(source=source, page=to_page([unpaid], read_at=NOW), now=NOW)
    assert not source.purchases.exists()

    paid = invoice("in_1", 0 * DAY, 8 * DAY)
    ingest(source=source, page=to_page([paid], read_at=NOW + HOUR), now=NOW)
    assert source.purchases.get().is_elsewhere

    ingest(source=source, page=to_page([line("ch_1", DAY)], read_at=NOW), now=NOW)
    assert source.purchases.get().external_id == "ch_1"
