"""The demo's story: what was promised of it, at the anchor and as it goes on."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from sandbox import story

ROOT = Path(__file__).parent.parent.parent
# What a later moment may change of an object that was already there.
MOVING = {
    "balance_transaction": {"status"},
    "charge": {"amount_refunded", "refunded", "disputed"},
    "payout": {"status"},
}
KINDS = (
    "balance_transaction",
    "charge",
    "customer",
    "dispute",
    "event",
    "invoice",
    "invoice_payment",
    "payment_intent",
    "payout",
    "price",
    "product",
    "refund",
    "subscription",
)


def rows(account, kind):
    return account.books.shelf(kind).rows


def sold(account):
    """Kind of ware -> number of paid charges."""
    return Counter(row["metadata"].get("kind") for row in rows(account, "charge") if row["paid"])


def buyers(account):
    """Who is behind each paid charge: e-mail without regard to capitals, else what there is."""
    emails = {row["id"]: row["email"].lower() for row in rows(account, "customer")}
    for row in rows(account, "charge"):
        if row["paid"]:
            billed = (row["billing_details"]["email"] or "").lower()
            who = emails.get(row["customer"]) or billed or row["billing_details"]["name"]
            yield who, row


def spent(account, now):
    """Buyer -> what they spent in the year before `now`, in the account's currency."""
    settled = {row["id"]: row["amount"] for row in rows(account, "balance_transaction")}
    since = (now - timedelta(days=365)).timestamp()
    sums = Counter()
    for who, row in buyers(account):
        if row["created"] >= since:
            kept = row["amount"] - row["amount_refunded"]
            sums[who] += settled[row["balance_transaction"]] * kept // row["amount"]
    return sums


def digest(account):
    everything = {kind: rows(account, kind) for kind in KINDS}
    return hashlib.sha256(orjson.dumps(everything, option=orjson.OPT_SORT_KEYS)).hexdigest()


@pytest.fixture(scope="module")
def later(anchor, at_anchor):
    """The band a month and some hours after the anchor."""
    return story.build(anchor=anchor, now=at_anchor + timedelta(days=30, hours=7))


def test_the_band_sold_what_was_promised(band):
    counts = sold(band)
    assert counts["album"] == pytest.approx(5000, rel=0.02)
    assert counts["shirt"] == pytest.approx(500, rel=0.02)
    assert counts["box"] == pytest.approx(100, rel=0.02)
    assert counts["ticket"] > 700
    assert counts[None] > 3000  # memberships
    prices = defaultdict(set)
    for row in rows(band, "charge"):
        if row["currency"] == "gbp":
            prices[row["metadata"].get("kind")].add(row["amount"])
    assert (prices["album"], prices["shirt"], prices["box"]) == ({1000}, {2000}, {50_000})
    assert prices[None] == {500, 1200}


def test_about_2500_people_with_a_heavy_tail(band, at_anchor):
    purchases = Counter(who for who, _ in buyers(band))
    assert 2400 <= len(purchases) <= 2650
    assert sum(count == 1 for count in purchases.values()) > 1000
    sums = spent(band, at_anchor)
    assert 200 <= sum(amount >= 10_000 for amount in sums.values()) <= 350
    assert sum(8_000 <= amount < 10_000 for amount in sums.values()) >= 20


def test_some_good_fans_are_slipping_away(band, at_anchor):
    last = {}
    for who, row in buyers(band):
        last[who] = row["created"]
    quiet = (at_anchor - timedelta(days=120)).timestamp()
    assert sum(m >= 8_000 and last[who] < quiet for who, m in spent(band, at_anchor).items()) >= 5


def test_releases_show_as_bursts(band):
    months = Counter(
        datetime.fromtimestamp(row["created"], UTC).strftime("%Y-%m")
        for row in rows(band, "charge")
        if row["metadata"].get("kind") == "album"
    )
    ordinary = sorted(months.values())[len(months) // 2]
    assert sum(count > 2.5 * ordinary for count in months.values()) >= 4


def test_the_letters_have_their_120_readers(letters, at_anchor):
    assert letters.profile["country"] == "FR"
    assert 110 <= len({who for who, _ in buyers(letters)}) <= 135
    true_friends = sum(amount >= 10_000 for amount in spent(letters, at_anchor).values())
    assert 25 <= true_friends <= 45
    assert {row["unit_amount"] for row in rows(letters, "price")} == {6000, 600}


@pytest.mark.parametrize("name", ["band", "letters", "later"])
def test_net_of_all_movements_is_the_balance(name, request, speak):
    account = request.getfixturevalue(name)
    client = speak(account)
    net = Counter()
    for row in rows(account, "balance_transaction"):
        net[row["currency"]] += row["net"]
        assert row["net"] == row["amount"] - row["fee"]
        assert row["fee"] == sum(part["amount"] for part in row["fee_details"])
    balance = client.v1.balance.retrieve()
    shown = Counter()
    for part in (*balance.available, *balance.pending):
        shown[part.currency] += part.amount
    assert shown == net
    assert all(part.amount > 0 for part in balance.pending)


def test_every_charge_agrees_with_its_movements_and_refunds(band):
    back = Counter()
    for row in rows(band, "refund"):
        if row["status"] != "failed":
            back[row["charge"]] += row["amount"]
    for row in rows(band, "charge"):
        assert row["amount_refunded"] == back[row["id"]] <= row["amount"]
        assert row["refunded"] == (row["amount_refunded"] == row["amount"])
        assert bool(row["balance_transaction"]) == row["paid"] == (row["status"] == "succeeded")
        if row["paid"]:
            moved = band.books.find(row["balance_transaction"])
            assert (moved["source"], moved["created"]) == (row["id"], row["created"])
            converted = row["currency"] != "gbp"
            assert (moved["exchange_rate"] is not None) == converted
            assert converted or moved["amount"] == row["amount"]


def test_fees_are_those_of_the_country_of_the_card(band):
    seen = {}
    for row in rows(band, "charge"):
        if row["paid"] and row["currency"] == "gbp" and row["amount"] == 1000:
            country = row["payment_method_details"]["card"]["country"]
            seen[country] = band.books.find(row["balance_transaction"])["fee"]
    assert (seen["GB"], seen["DE"], seen["US"]) == (35, 45, 53)


def test_everything_that_goes_wrong_with_money_is_there(band):
    refunds = Counter(row["status"] for row in rows(band, "refund"))
    assert refunds["succeeded"] > 100
    assert (refunds["pending"], refunds["failed"]) == (1, 1)
    disputes = Counter(row["status"] for row in rows(band, "dispute"))
    assert disputes["lost"] >= 1
    assert disputes["won"] >= 1
    assert (disputes["needs_response"], disputes["warning_needs_response"]) == (1, 1)
    categories = Counter(row["reporting_category"] for row in rows(band, "balance_transaction"))
    assert categories["refund_failure"] == 1
    assert categories["dispute"] == sum(disputes.values()) - 1  # an inquiry moves nothing
    assert categories["dispute_reversal"] == disputes["won"]
    assert categories["payout"] > 120
    fees = [row for row in rows(band, "balance_transaction") if row["type"] == "stripe_fee"]
    assert fees
    assert all(row["source"] is None and row["net"] < 0 for row in fees)
    partly = [r for r in rows(band, "charge") if 0 < r["amount_refunded"] < r["amount"]]
    assert len(partly) > 20
    assert sum(row["status"] == "failed" for row in rows(band, "charge")) > 50


def test_a_won_dispute_keeps_its_fee_and_a_failed_refund_gives_back(band):
    by_source = defaultdict(list)
    for row in rows(band, "balance_transaction"):
        by_source[row["source"]].append(row)
    won = next(row for row in rows(band, "dispute") if row["status"] == "won")
    assert sum(row["net"] for row in by_source[won["id"]]) == -2000
    failed = next(row for row in rows(band, "refund") if row["status"] == "failed")
    assert sum(row["net"] for row in by_source[failed["id"]]) == 0
    assert len(by_source[failed["id"]]) == 2


def test_people_come_as_guests_as_several_customers_and_from_abroad(band):
    paid = [row for row in rows(band, "charge") if row["paid"]]
    guests = [row for row in paid if row["customer"] is None]
    assert any(row["billing_details"]["email"] for row in guests)
    assert any(row["billing_details"]["email"] is None for row in guests)
    spellings = defaultdict(set)
    for row in rows(band, "customer"):
        spellings[row["email"].lower()].add(row["email"])
    assert sum(len(found) > 1 for found in spellings.values()) >= 5
    currencies = Counter(row["currency"] for row in paid)
    assert currencies["eur"] > 500
    assert currencies["usd"] > 100
    assert currencies["jpy"] == 2
    names = {row["name"] for row in rows(band, "customer")}
    assert any(name.startswith("Łukasz") for name in names)
    assert any("美咲" in name for name in names)
    hosts = {row["email"].lower().rpartition("@")[2] for row in rows(band, "customer")}
    assert hosts == {"example.com", "example.org", "example.net"}


def test_one_person_uses_two_addresses(band):
    names = {row["name"] for row in rows(band, "customer") if row["email"] in story.TWO_ADDRESSES}
    assert len(names) == 1
    used = Counter(who for who, _ in buyers(band))
    assert all(used[address] >= 2 for address in story.TWO_ADDRESSES)


def test_memberships_end_by_choice_and_by_a_failed_card(band):
    reasons = Counter(
        row["cancellation_details"]["reason"]
        for row in rows(band, "subscription")
        if row["status"] == "canceled"
    )
    assert reasons["cancellation_requested"] > 20
    assert reasons["payment_failed"] > 10
    words = {row["description"] for row in rows(band, "charge") if not row["metadata"]}
    assert words == {"Subscription creation", "Subscription update"}
    for row in rows(band, "invoice_payment"):
        intent = band.books.find(row["payment"]["payment_intent"])
        assert (row["status"] == "paid") == (intent["status"] == "succeeded")


@pytest.mark.parametrize(("name", "days"), [("band", 0), ("later", 30)])
def test_the_demo_fan_is_a_true_fan_whenever_one_looks(name, days, request, at_anchor):
    account, now = request.getfixturevalue(name), at_anchor + timedelta(days=days)
    (customer,) = [c for c in rows(account, "customer") if c["email"] == story.DEMO_FAN_EMAIL]
    assert customer["name"] == story.DEMO_FAN_NAME
    moments = [row["created"] for who, row in buyers(account) if who == story.DEMO_FAN_EMAIL]
    assert min(moments) < (now - timedelta(days=730)).timestamp()
    bought = [
        row for who, row in buyers(account) if who == story.DEMO_FAN_EMAIL and row["metadata"]
    ]
    assert bought[-1]["created"] >= (now - timedelta(days=7)).timestamp()
    assert spent(account, now)[story.DEMO_FAN_EMAIL] >= 10_000
    (membership,) = [
        row for row in rows(account, "subscription") if row["customer"] == customer["id"]
    ]
    assert membership["status"] == "active"


def test_the_same_seed_tells_the_same_story_in_another_process(letters):
    code = (
        "from datetime import date; from sandbox import story; from test_story import digest;"
        "print(digest(story.build(account='letters', anchor=date(2026, 11, 22))))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ
        | {"PYTHONHASHSEED": "7", "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == digest(letters)


def test_another_seed_tells_another_story(letters, anchor, at_anchor):
    other = story.build(account="letters", seed=7, anchor=anchor, now=at_anchor)
    assert not {r["id"] for r in rows(letters, "charge")} & {r["id"] for r in rows(other, "charge")}
    assert letters.id != other.id


@pytest.mark.parametrize("kind", ["balance_transaction", "charge", "payout", "price"])
def test_what_happened_stays_as_it_was(band, later, kind, at_anchor):
    before, after = rows(band, kind), rows(later, kind)
    changed = {
        field
        for old, new in zip(before, after[: len(before)], strict=True)
        for field in old.keys() | new.keys()
        if old.get(field) != new.get(field)
    }
    assert changed <= MOVING.get(kind, set())
    assert all(row["created"] > at_anchor.timestamp() for row in after[len(before) :])


def test_customers_stay_unless_they_move_or_are_deleted(band, later):
    for old in rows(band, "customer"):
        new = later.books.find(old["id"])
        assert new.get("deleted") or new | {"email": old["email"]} == old
        assert new.get("deleted") or new["email"] in {old["email"], f"new.{old['email'].lower()}"}


def test_a_few_new_purchases_come_every_day(band, later):
    new = [row for row in rows(later, "charge")[len(rows(band, "charge")) :] if row["paid"]]
    days = Counter(datetime.fromtimestamp(row["created"], UTC).date() for row in new)
    assert len(days) == 31
    assert 3 <= min(days.values()) <= max(days.values()) <= 60
    assert sum(row["metadata"].get("kind") == "album" for row in new) >= 60


def test_a_pending_refund_comes_through_later(band, later):
    (pending,) = [row for row in rows(band, "refund") if row["status"] == "pending"]
    assert pending["balance_transaction"] is None
    done = later.books.find(pending["id"])
    assert (done["status"], done["amount"]) == ("succeeded", pending["amount"])
    assert later.books.find(done["balance_transaction"])["amount"] == -done["amount"]


def test_nothing_of_the_future_shows(band, at_anchor):
    for kind in KINDS:
        assert max(row["created"] for row in rows(band, kind)) <= at_anchor.timestamp()


def test_events_of_thirty_days_show_their_objects_as_they_were(band, at_anchor):
    kept = (at_anchor - timedelta(days=30)).timestamp()
    seen = {row["type"]: row for row in rows(band, "event")}
    assert min(row["created"] for row in seen.values()) >= kept
    assert seen.keys() >= {
        "charge.succeeded",
        "charge.failed",
        "charge.refunded",
        "charge.dispute.created",
        "customer.created",
        "customer.updated",
        "customer.subscription.created",
        "invoice.paid",
        "refund.created",
    }
    moved = seen["customer.updated"]["data"]
    assert moved["object"]["email"] == f"new.{moved['previous_attributes']['email'].lower()}"
    paid = {
        row["data"]["object"]["id"]: row
        for row in rows(band, "event")
        if row["type"] == "charge.succeeded"
    }
    for row in rows(band, "event"):
        charge = row["data"]["object"]["id"]
        if row["type"] == "charge.refunded" and charge in paid:
            assert paid[charge]["data"]["object"]["amount_refunded"] == 0
            assert row["data"]["object"]["amount_refunded"] > 0


def test_objects_have_the_fields_of_recorded_ones(band, recorded):
    for kind in ("balance_transaction", "charge", "customer", "dispute", "payout", "refund"):
        expected = rows(recorded, kind)[0].keys() - {"radar_options"}
        for row in rows(band, kind)[::97]:
            assert expected <= row.keys(), kind


def test_a_living_story_is_read_on_only_when_something_new_shows(anchor, at_anchor):
    now = at_anchor
    (_, living) = story.going_on(anchor=anchor, clock=lambda: now)
    first = living.books
    now += timedelta(seconds=1)
    assert living.books is first
    now += timedelta(days=2)
    second = living.books
    assert len(second.shelf("charge").rows) > len(first.shelf("charge").rows)
    now += timedelta(seconds=59)
    assert living.books is second
