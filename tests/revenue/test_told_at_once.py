"""What deliveries of other platforms say, without a database: a table for each platform."""

import pytest

from revenue.files.outcomes import Line, Person, Return, Skipped, Total
from revenue.live.payload import NotUnderstood, from_form, from_json
from revenue.live.platform import Told
from revenue.live.platforms import BY_SLUG
from revenue.live.reading import understood
from tests.factories import NOW
from tests.revenue.telling import sample, wire

PARTLY = {"financial_status": "partially_paid", "total_outstanding": "4.50"}
PAYMENTS = [
    ("kofi/tip", {}, "kf-live-1 EUR 300 sale of ada@example.org"),
    ("kofi/member", {}, "kf-live-2 EUR 500 membership of grace@example.org for Gold"),
    ("kofi/order", {}, "kf-live-3 JPY 1500 sale of hana@example.org for Blue, Large"),
    ("kofi/tip", {"amount": "0.500", "currency": "KWD"}, "kf-live-1 KWD 500 sale of ada@"),
    ("kofi/tip", {"amount": "0"}, "person kf-live-1 ada@example.org"),
    ("kofi/tip", {"kofi_transaction_id": None}, "5e4b1a62-0001-4c0e-9a3c-6d4d7f1c0001 EUR 300"),
    ("kofi/tip", {"email": "", "from_name": "Somebody"}, "kf-live-1 EUR 300 sale of nobody"),
    ("gumroad/sale", {}, "g1== USD 1000 sale of ada@work.example for Course, fee 150"),
    ("gumroad/sale", {"recurrence": "monthly"}, "g1== USD 1000 membership"),
    ("gumroad/sale", {"refunded": "true", "resource_name": "refund"}, "fee 150, refund 1000"),
    ("gumroad/sale", {"disputed": "true", "resource_name": "dispute"}, "fee 150, dispute 1000"),
    ("gumroad/sale", {"disputed": "true", "dispute_won": "true"}, "fee 150, won"),
    ("gumroad/sale", {"price": "0"}, "person g1== ada@work.example"),
    ("gumroad/sale", {"resource_name": "refund"}, "fee 150; part_returned"),
    ("gumroad/sale", {"resource_name": "cancellation"}, ""),
    ("gumroad/sale", {"is_preorder_authorization": "true"}, "authorised"),
    ("buymeacoffee/donation", {}, "1 USD 1500 sale of ada@example.org = pi_3ABCDEF12345"),
    ("buymeacoffee/donation", {"type": "donation.refunded"}, "refund 1500 = pi_3ABCDEF12345"),
    ("buymeacoffee/donation", {"data.refunded": "true"}, "refund 1500 = pi_3ABCDEF12345"),
    ("buymeacoffee/extra", {}, "extra:1 USD 2050 sale of grace@example.org for A print"),
    ("buymeacoffee/membership", {}, ""),
    ("buymeacoffee/donation", {"type": "wish.granted"}, "unknown_kind"),
    ("shopify/order", {}, "7210448301122 GBP 5450 sale of ada@example.org for Mug - Blue, Pen"),
    ("shopify/order", {"financial_status": "refunded"}, "refund 5450"),
    ("shopify/order", PARTLY, "7210448301122 GBP 5000"),
    ("shopify/order", {"financial_status": "pending"}, "never 7210448301122; pending"),
    ("shopify/order", {"financial_status": "voided"}, "never 7210448301122; cancelled"),
    ("shopify/order", {"total_price": "0.00"}, "person 7210448301122 ada@example.org"),
    ("shopify/refund", {}, "return GBP 2500 of 7210448301122"),
    ("shopify/refund", {"transactions": []}, ""),
]  # fmt: skip
TOPICS = {"shopify/refund": "refunds/create", "shopify/order": "orders/updated"}


def changed(name, changes):
    payload = sample(name)
    for path, value in changes.items():
        *tables, key = path.split(".")
        table = payload
        for part in tables:
            table = table[part]
        table[key] = value
    return payload


def read(name, changes=(), *, topic="", currency=""):
    """What a platform's delivery says, through all that it goes through but the database."""
    platform = BY_SLUG[name.partition("/")[0]]
    payload = changed(name, dict(changes))
    raw = wire("shopify", payload)["data"]  # as JSON, whoever's it is
    found = from_json(raw)
    called = topic or TOPICS.get(name) or found.get("type") or found.get("resource_name") or ""
    return understood(platform, Told(found, called, NOW, currency))


def shown(outcomes, skip):
    parts = [SHOWN[type(outcome)](outcome) for outcome in outcomes]
    return "; ".join(parts + ([skip.why.value] if skip else []))


def _line(line):
    said = f"{line.external_id} {line.currency} {line.amount} {line.kind.value}"
    said += f" of {line.payer.identity or line.payer.name or 'nobody'}"
    said += f" for {line.product}" if line.product else ""
    said += f", fee {line.fee}" if line.fee is not None else ""
    said += f", {line.return_kind.value} {line.returned}" if line.returned else ""
    said += ", won" if line.is_won else ""
    return said + "".join(f" = {value}" for _kind, value in line.links)


def _total(total):
    given = ", later" if total.as_of != total.last_paid_at else ""
    return f"{total.external_id} total {total.currency} {total.amount}{given}"


SHOWN = {
    Line: _line,
    Person: lambda p: (
        f"{p.state or 'person'} {p.external_id} {p.payer.identity}"
        + (f" {p.currency} {p.amount} a {p.interval}" if p.state else "")
    ),
    Return: lambda r: f"return {r.currency} {r.amount} of {r.of}",
    Total: _total,
    Skipped: lambda s: f"never {s.external_id}",
}


@pytest.mark.parametrize(("name", "changes", "said"), PAYMENTS)
def test_what_a_delivery_says(name, changes, said):
    outcomes, skip = read(name, changes)

    assert said in shown(outcomes, skip)
    if not said:
        assert (outcomes, skip) == ([], None)


LIFETIME = "campaign_lifetime_support_cents"
MEMBERS = [
    ({}, "", "1001 total EUR 2400; active 1001 ada@example.org EUR 1200 a month"),
    ({"patron_status": "declined_patron", "last_charge_status": "Declined"}, "", "; past_due 1001"),
    ({"patron_status": "former_patron"}, "", "; ended 1001"),
    ({}, "members:delete", "; ended 1001"),
    ({"is_free_trial": True}, "", "; trial 1001"),
    ({"pledge_cadence": 12}, "", "EUR 1200 a year"),
    ({"pledge_cadence": 3}, "", "EUR 1200 a 3 months"),
    ({LIFETIME: 1200, "last_charge_status": "Refunded"}, "", "1200, later"),
    ({"patron_status": None, LIFETIME: 0, "last_charge_date": None}, "", ""),
    ({"email": None}, "", "active 1001 patreon:1001"),
    ({LIFETIME: -1}, "", "bad_amount"),
]  # fmt: skip


@pytest.mark.parametrize(("attributes", "topic", "said"), MEMBERS)
def test_a_patreon_member_is_a_total_of_all_time_and_a_membership(attributes, topic, said):
    changes = {f"data.attributes.{name}": value for name, value in attributes.items()}

    outcomes, skip = read("patreon/member", changes, topic=topic, currency="EUR")

    assert said in shown(outcomes, skip)
    assert said or not outcomes
    assert not any(isinstance(outcome, Line) for outcome in outcomes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount": "-3.00"}, "bad_amount"),
        ({"amount": "NaN"}, "bad_amount"),
        ({"amount": "1e400"}, "bad_amount"),
        ({"amount": "9" * 30}, "bad_amount"),
        ({"amount": "9" * 100_000}, "bad_amount"),
        ({"amount": "3.005"}, "bad_amount"),
        ({"amount": ["3"]}, "no_amount"),
        ({"amount": None}, "no_amount"),
        ({"amount": {"value": "3"}}, "no_amount"),
        ({"currency": "XXY"}, "no_currency"),
        ({"currency": 5}, "no_currency"),
        ({"currency": "E" * 100_000}, "no_currency"),
        ({"timestamp": "yesterday"}, "bad_date"),
        ({"timestamp": "9999-12-31T23:59:59-23:59"}, "bad_date"),
        ({"timestamp": "0001-01-01T00:00:00Z"}, "bad_date"),
        ({"timestamp": "9" * 40}, "bad_date"),
        ({"timestamp": "²"}, "bad_date"),
        ({"timestamp": ""}, "no_date"),
        ({"kofi_transaction_id": "x" * 5000}, "no_id"),
        ({"kofi_transaction_id": "", "message_id": ""}, "no_id"),
    ],
)
def test_what_cannot_be_is_set_aside_with_the_reason(changes, why):
    outcomes, skip = read("kofi/tip", changes)

    assert (outcomes, skip.why.value) == ([], why)
    assert len(skip.detail) <= 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"12", b'{"amount": NaN}', b'{"amount": Infinity}', b"\xff",
     b'{"a":' * 100_000, b"[" * 100_000, b'{"a":' * 400 + b"1" + b"}" * 400],
)  # fmt: skip
def test_a_body_that_is_nothing_a_platform_sends_says_so(body):
    with pytest.raises(NotUnderstood, match=r"\.$"):
        from_json(body)


@pytest.mark.parametrize("body", [b"", b"\xff=\xfe", b"a=%ff", b"a", b"&".join([b"a=1"] * 2000)])
def test_a_form_that_is_nothing_a_platform_sends_says_so(body):
    with pytest.raises(NotUnderstood, match=r"\.$"):
        from_form(body)


def test_numbers_stay_as_they_are_written_and_what_no_database_holds_goes():
    text = '{"a": 0.1, "b": 12345678901234567890123, "c": "x\\u0000y", "d": "\\ud83d", "e": true}'

    assert from_json(text) == {
        "a": "0.1", "b": "12345678901234567890123", "c": "xy", "d": "?", "e": True
    }  # fmt: skip
