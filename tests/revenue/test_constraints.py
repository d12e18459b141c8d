"""The database keeps the promises: each named constraint bites."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import (
    NOW,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    InvoiceFactory,
    LetterFactory,
    MembershipFactory,
    MovementFactory,
    PurchaseFactory,
    SourceFactory,
    SyncFactory,
)
from tests.fans import constraints
from tests.fans.constraints import twice
from tests.revenue import constraints_of_sales, constraints_of_uploads

pytestmark = pytest.mark.django_db


def other_creators_fan():
    PurchaseFactory(fan=FanFactory())


def other_creators_source():
    PurchaseFactory(creator=CreatorFactory())


def other_creators_identity():
    IdentityFactory(creator=CreatorFactory())


CASES = (
    constraints.CASES
    | constraints_of_uploads.CASES
    | constraints_of_sales.CASES
    | {
        "creator_target_is_positive": lambda: CreatorFactory(target_spend=0),
        "creator_currency_is_iso": lambda: CreatorFactory(currency="gbp"),
        "creator_handle_is_plain": lambda: CreatorFactory(handle="-no-"),
        "tier_threshold_is_unique": lambda: twice(
            lambda **s: s["creator"].tiers.create(name=str(id(object())), threshold=5),
            creator=CreatorFactory(),
        ),
        "tier_name_is_unique": lambda: [
            creator.tiers.create(name=name, threshold=threshold)
            for creator in [CreatorFactory()]
            for name, threshold in [("True", 1), ("true", 2)]
        ],
        "tier_threshold_is_positive": lambda: CreatorFactory().tiers.create(name="x", threshold=0),
        "fan_seat_is_given_once": lambda: twice(FanFactory, creator=CreatorFactory(), seat=1),
        "fan_seat_is_positive": lambda: FanFactory(seat=0),
        "identity_is_one_persons": lambda: twice(
            IdentityFactory, fan=FanFactory(), kind="email", value="a@example.com"
        ),
        "identity_is_not_empty": lambda: IdentityFactory(value=""),
        "identity_is_of_the_same_creator": other_creators_identity,
        "letter_says_something": lambda: LetterFactory(text=""),
        "letter_fan_is_of_the_same_creator": lambda: LetterFactory(creator=CreatorFactory()),
        "source_account_is_connected_once": lambda: twice(
            SourceFactory, creator=CreatorFactory(), account_id="acct_1"
        ),
        "sync_runs_once_a_source": lambda: twice(SyncFactory, source=SourceFactory()),
        "sync_is_finished_when_it_ended": lambda: SyncFactory(state="done"),
        "customer_is_stored_once": lambda: twice(
            lambda **s: s["source"].customers.create(external_id="cus_1"), source=SourceFactory()
        ),
        "movement_is_stored_once": lambda: twice(
            MovementFactory, source=SourceFactory(), external_id="txn_1"
        ),
        "movement_net_is_amount_less_fee": lambda: MovementFactory(amount=10, fee=1, net=10),
        "movement_currency_is_iso": lambda: MovementFactory(currency="usd"),
        "return_is_stored_once": lambda: twice(
            lambda **s: s["source"].returns.create(**RETURN), source=SourceFactory()
        ),
        "return_is_not_negative": lambda: SourceFactory().returns.create(**RETURN | {"amount": -1}),
        "invoice_is_stored_once": lambda: twice(
            InvoiceFactory, source=SourceFactory(), external_id="in_1"
        ),
        "invoice_is_not_negative": lambda: InvoiceFactory(amount_paid=-1),
        "membership_is_stored_once": lambda: twice(
            MembershipFactory, source=SourceFactory(), external_id="sub_1"
        ),
        "membership_fan_is_of_the_same_creator": lambda: MembershipFactory(fan=FanFactory()),
        "nudge_is_stored_once": lambda: twice(
            lambda **s: s["source"].nudges.create(external_id="evt_1", arrived_at=NOW),
            source=SourceFactory(),
        ),
        "set_aside_is_stored_once": lambda: twice(
            lambda **s: s["source"].set_aside.create(external_id="txn_1", seen_at=NOW),
            source=SourceFactory(),
        ),
        "reconciliation_says_where": lambda: SourceFactory().reconciliations.create(
            outcome="equal", checked_at=NOW, month=NOW.date()
        ),
        "reconciliation_says_why": lambda: SourceFactory().reconciliations.create(
            outcome="failed", checked_at=NOW
        ),
        "purchase_is_stored_once": lambda: twice(
            PurchaseFactory, source=SourceFactory(), external_id="ch_1"
        ),
        "purchase_is_returned_at_most_whole": lambda: PurchaseFactory(amount=5, returned=6),
        "purchase_currencies_are_iso": lambda: PurchaseFactory(currency="usd"),
        "purchase_counts_at_least_nothing": lambda: PurchaseFactory(counted_gross=-1),
        "purchase_without_rate_is_not_counted": lambda: PurchaseFactory(rate_origin="missing"),
        "purchase_fan_is_of_the_same_creator": other_creators_fan,
        "purchase_source_is_of_the_same_creator": other_creators_source,
    }
)
RETURN = {
    "external_id": "re_1",
    "kind": "refund",
    "payment_id": "ch_1",
    "occurred_at": "2026-01-01T00:00:00Z",
    "currency": "GBP",
    "amount": 1,
}


@pytest.mark.parametrize(("name", "break_it"), CASES.items(), ids=CASES.keys())
def test_the_constraint_bites(name, break_it):
    def store() -> None:
        break_it()
        connection.check_constraints()  # those that wait for the end of the transaction, too

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        store()


def test_every_constraint_has_its_test():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conname FROM pg_constraint
            WHERE conrelid::regclass::text ~ '^(fans|revenue)_' AND contype IN ('c', 'u')
            UNION
            SELECT conname FROM pg_constraint WHERE conname LIKE '%same_creator'
            """
        )
        named = {name for (name,) in cursor.fetchall()}
    ours = {name for name in named if not name.endswith(("_check", "_key", "_uniq"))}

    # These only exist so that foreign keys can point at (creator, id).
    pointed_at = {name for name in ours if name.endswith("_belongs_to_creator")}
    assert ours - pointed_at <= CASES.keys()
