"""Every purchase, by all that it can be asked for by, and what those that are shown come to."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from dashboard.breakdowns import heads, prices
from dashboard.income_list import PurchaseFilter, sums_of
from dashboard.periods import named
from fans.models import Creator
from revenue.exports import MOVEMENT_COLUMNS, PURCHASE_COLUMNS
from revenue.models import Return
from tests.factories import (
    AssignmentFactory,
    InvoiceFactory,
    MemberFactory,
    MembershipFactory,
    MovementFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

INCOME = "/studio/low-tide/income"
ROOMS = [
    "",
    "/movements",
    "/fees",
    "/sources",
    "/products",
    "/memberships",
    "/unattributed",
    "/year",
]


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    time_machine.move_to(now + timedelta(minutes=1), tick=False)


def shown(client, **asked):
    return [row.description for row in client.get(INCOME, asked).context["page"].rows]


def test_purchases_stand_newest_first(client, source, now):
    PurchaseFactory(source=source, description="old", occurred_at=now - timedelta(days=9))
    PurchaseFactory(source=source, description="new", occurred_at=now)

    assert shown(client) == ["new", "old"]


def test_what_belongs_to_nobody_has_a_room_of_its_own(client, creator):
    page = client.get(INCOME, {"show": "unattributed"})

    assert page["Location"] == f"{INCOME}/unattributed"


def test_the_purchases_of_another_creator_are_not_there(client, creator, now):
    theirs = PurchaseFactory(source=SourceFactory(), description="Not mine")
    mine = SourceFactory(creator=creator)

    for room in ROOMS:
        assert "Not mine" not in client.get(INCOME + room, follow=True).text
    assert client.get(INCOME, {"source": theirs.source_id}).context["page"].rows == []
    assert "Not mine" not in read(client.get(INCOME + "/purchases.csv"))[0]
    assert client.get(f"{INCOME}/{theirs.pk}").status_code == 404
    assert mine.purchases.count() == 0


def test_a_purchase_without_a_rate_says_so_and_counts_nothing(client, source):
    PurchaseFactory(
        source=source, currency="KES", amount=2500_00, rate=None, rate_date=None,
        rate_origin="missing", counted_gross=None, counted_net=None,
    )  # fmt: skip

    page = client.get(INCOME).text

    assert "KES2,500.00" in page.replace("\xa0", "")
    assert "no rate known" in page


# Which time


@pytest.mark.parametrize(
    ("zone", "key", "since", "until"),
    [
        ("Europe/London", "", "2025-11-22T12:00Z", "2026-11-22T12:00Z"),
        ("Europe/London", "nonsense", "2025-11-22T12:00Z", "2026-11-22T12:00Z"),
        ("Europe/London", "month", "2026-11-01T00:00Z", "2026-12-01T00:00Z"),
        ("Europe/London", "last-month", "2026-09-30T23:00Z", "2026-11-01T00:00Z"),
        ("Europe/London", "year", "2026-01-01T00:00Z", "2027-01-01T00:00Z"),
        ("America/New_York", "last-year", "2025-01-01T05:00Z", "2026-01-01T05:00Z"),
        ("Pacific/Kiritimati", "month", "2026-10-31T10:00Z", "2026-11-30T10:00Z"),
    ],
)
def test_a_period_goes_by_the_creators_clock(zone, key, since, until, now):
    creator = Creator(time_zone=zone, window_months=12)

    period = named(creator, key, now=now)

    assert (period.since, period.until) == tuple(map(datetime.fromisoformat, (since, until)))


def test_a_window_that_ends_in_january_has_a_last_month_in_the_year_before():
    creator = Creator(time_zone="UTC", window_months=12)

    period = named(creator, "last-month", now=datetime(2027, 1, 31, tzinfo=UTC))

    assert (period.since.date().isoformat(), period.until.date().isoformat()) == (
        "2026-12-01",
        "2027-01-01",
    )


def test_without_a_word_the_window_is_shown(client, source, now, creator):
    start = creator.window_start(now)
    hour = timedelta(hours=1)
    PurchaseFactory(source=source, description="before", occurred_at=start - hour)
    PurchaseFactory(source=source, description="inside", occurred_at=start + hour)

    assert shown(client) == ["inside"]
    assert shown(client, since="2025-01-01") == ["inside", "before"]


def test_days_are_both_included_and_end_at_the_creators_midnight(client, creator, source):
    creator.time_zone = "America/New_York"
    creator.save()
    for hour in (4, 5):  # of UTC: 23:00 on the 1st and midnight of the 2nd
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        PurchaseFactory(source=source, description=f"{hour}", occurred_at=at)

    assert shown(client, since="2026-03-01", until="2026-03-01") == ["4"]
    assert shown(client, since="2026-03-02", until="2026-03-02", period="year") == ["5"]
    assert shown(client, until="2026-03-02") == ["5", "4"]


# What they are asked for by


@pytest.fixture
def many(source, now, buyer):
    """One purchase for each thing that can be asked for, and two others."""
    other = SourceFactory(creator=source.creator, name="Other shop")
    PurchaseFactory(source=other, description="other source")
    PurchaseFactory(source=source, description="Blue VINYL 100%_")
    PurchaseFactory(source=source, description="member", kind="membership")
    PurchaseFactory(source=source, description="lost", state="lost", returned=10_00,
                    counted_gross=0)  # fmt: skip
    PurchaseFactory(source=source, description="euros", currency="EUR", amount=50_00,
                    counted_gross=43_00)  # fmt: skip
    PurchaseFactory(source=source, description="dear", amount=90_00)
    fan = buyer(20_00, name="Zoë")
    fan.purchase_set.update(description="Zoë's")
    return other


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"source": "OTHER"}, {"other source"}),
        ({"q": "vinyl"}, {"Blue VINYL 100%_"}),
        ({"q": "%_"}, {"Blue VINYL 100%_"}),
        ({"kind": "membership"}, {"member"}),
        ({"state": "lost"}, {"lost"}),
        ({"whose": "somebody"}, {"Zoë's"}),
        ({"currency": "eur"}, {"euros"}),
        ({"least": "43"}, {"euros", "dear"}),
        ({"least": "43.01"}, {"dear"}),
        ({"least": "44", "currency": "EUR"}, {"euros"}),
        ({"most": "0"}, {"lost"}),
        ({"least": "20", "most": "20"}, {"Zoë's"}),
        ({"whose": "nobody", "least": "40", "most": "50"}, {"euros"}),
    ],
)
def test_the_filter_is_in_the_address(client, many, asked, expected):
    asked = {key: value.replace("OTHER", str(many.pk)) for key, value in asked.items()}

    assert set(shown(client, **asked)) == expected


def test_nobodys_are_all_but_one(client, many):
    assert "Zoë's" not in shown(client, whose="nobody")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"currency": "XQX"}, "currency"),
        ({"least": "much"}, "least"),
        ({"least": "1.234"}, "least"),
        ({"least": "9", "most": "3"}, "most"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until"),
        ({"state": "sold"}, "state"),
        ({"source": "99"}, "source"),
    ],
)
def test_what_means_nothing_is_told_kept_and_not_applied(client, many, asked, field):
    everything = shown(client)

    page = client.get(INCOME, asked)

    assert page.status_code == 422
    assert list(page.context["asked"].errors) == [field]
    assert page.context["asked"][field].value() == asked[field]
    if "most" not in asked:
        assert [row.description for row in page.context["page"].rows] == everything


def test_each_chip_takes_away_what_it_says(client, many, now):
    query = "state=lost&least=0&period=year&after=x"

    asked = client.get(f"{INCOME}?{query}").context["asked"]

    assert {chip.label: chip.url for chip in asked.chips} == {
        "State: dispute lost": "?least=0&period=year",
        "At least: £0.00": "?state=lost&period=year",
    }
    assert asked.bare == "?period=year"


@pytest.mark.parametrize("after", ["", "nonsense", "2026-11-22T12:00:00_x"])
def test_pages_keep_the_filter(client, source, now, after):
    for number in range(52):
        at = now - timedelta(minutes=number)
        for name in ("in", "x"):
            PurchaseFactory(source=source, occurred_at=at, description=name)

    first = client.get(INCOME, {"q": "in", "after": after})
    second = client.get(INCOME, {"q": "in", "after": first.context["page"].after})

    assert len(first.context["page"].rows) == 50
    assert len(second.context["page"].rows) == 2
    assert second.context["sums"].purchases == 52


def test_a_part_of_the_page_is_all_that_a_new_filter_takes(client, many):
    headers = {"HX-Request": "true", "HX-Target": "list"}

    page = client.get(INCOME, {"q": "vinyl"}, headers=headers)

    assert "VINYL" in page.text
    assert "<html" not in page.text


# What they come to


def test_what_is_shown_is_summed_up_in_one_currency(source):
    PurchaseFactory(source=source, amount=100_00, fee=3_20)
    PurchaseFactory(source=source, amount=50_00, returned=50_00, counted_gross=0, net=-1_75,
                    counted_net=-1_75, state="refunded")  # fmt: skip
    PurchaseFactory(source=source, amount=9_00, state="settling", fee=None, net=None,
                    counted_net=None)  # fmt: skip
    PurchaseFactory(source=source, state="failed", counted_gross=0, fee=None, net=None)
    PurchaseFactory(source=source, currency="KES", rate=None, rate_date=None, counted_gross=None,
                    counted_net=None, rate_origin="missing")  # fmt: skip

    sums = sums_of(source.creator.purchases.all())

    assert (sums.purchases, sums.gross, sums.net) == (4, 109_00, 95_05)
    assert (sums.cost, sums.tried, sums.settling, sums.unconverted) == (4_95, 1, 1, 1)


def test_the_sums_say_over_what(client, source, now):
    PurchaseFactory(source=source, amount=1234_00, fee=34_00)

    page = client.get(INCOME, {"period": "month"}).text.replace("\n", " ")

    assert "1 purchase: £1,234.00" in page
    assert "from 1 November 2026 to 30 November 2026" in page
    assert "£34.00 was kept on the way" in page


def test_of_the_whole_window_nothing_is_added_up_twice(client, source):
    PurchaseFactory(source=source)

    assert client.get(INCOME).context["sums"] is None
    assert client.get(INCOME, {"whose": "nobody"}).context["sums"].purchases == 1


def test_nothing_is_summed_up_while_everything_is_recounted(client, creator, source):
    PurchaseFactory(source=source, amount=77_00)
    RecountFactory(creator=creator, done=40)

    for room in ("?whose=nobody", "/sources", "/products", "/unattributed"):
        page = client.get(INCOME + room).text
        assert "40 % is done" in page
        assert "£77.00" not in page.replace('class="number"><div>£77.00', "").split("<tbody>")[0]
    assert client.get(INCOME, {"whose": "nobody"}).context["sums"] is None
    assert client.get(INCOME + "/sources").context["parts"] == []
    assert client.get(INCOME + "/products").context["products"] == []


# The rooms


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_teaches_a_new_creator(client, creator, room):
    page = client.get(INCOME + room)

    assert page.status_code == 200
    assert "To the sources" in page.text
    assert "<table" not in page.text


@pytest.mark.parametrize("room", [*ROOMS, "/assigned"])
def test_each_room_can_be_looked_at_by_who_may_only_look(client, creator, source, room):
    PurchaseFactory(source=source)
    viewer = MemberFactory(creator=creator, role="viewer").user
    client.force_login(viewer)

    page = client.get(INCOME + room, follow=True)

    assert page.status_code == 200
    assert 'method="post"' not in page.text.split("<main")[1]


QUERIES = {
    "": 11,
    "?whose=nobody&q=a": 10,
    "/movements": 7,
    "/fees": 8,
    "/sources": 5,
    "/products": 5,
    "/memberships": 7,
    "/unattributed": 7,
    "/assigned": 4,
    "/year/2026": 8,
}


@pytest.mark.parametrize("room", QUERIES)
def test_a_room_costs_the_same_queries_however_much_is_in_it(
    client, source, buyer, now, room, django_assert_num_queries
):
    for count in (1, 20):
        for number in range(count):
            fan = buyer(10_00)
            bought = fan.purchase_set.get()
            MovementFactory(source=source, payment_id=bought.external_id)
            PurchaseFactory(source=source, payer_name=f"Payer {number}", fan=None)
            MembershipFactory(source=source, fan=fan)
            refund(bought, now)
            given = PurchaseFactory(source=source, fan=fan)
            AssignmentFactory(source=source, fan=fan, external_id=given.external_id)
        client.get(INCOME + room)
        with django_assert_num_queries(QUERIES[room]):
            client.get(INCOME + room)


def refund(purchase, at, **fields):
    given = {
        "source": purchase.source,
        "external_id": f"re_{purchase.pk}",
        "kind": "refund",
        "payment_id": purchase.external_id,
        "occurred_at": at,
        "currency": purchase.currency,
        "amount": purchase.amount,
        "status": "succeeded",
        "reason": "requested_by_customer",
    }
    return Return.objects.create(**given | fields)


def test_the_providers_own_words_are_not_fetched_for_a_list(client, buyer):
    buyer(10_00)

    [row] = client.get(INCOME).context["page"].rows

    assert "raw" in row.get_deferred_fields()
    assert "key" in row.source.get_deferred_fields()


def test_lines_stand_by_ledger_and_kind_with_what_they_are_about(client, creator, source, buyer):
    bought = buyer(10_00, name="Zoë").purchase_set.get()
    mine = MovementFactory(source=source, payment_id=bought.external_id, description="Album")
    paid_out = MovementFactory(source=source, kind="payout", amount=-5_00, fee=0)
    other = SourceFactory(creator=creator, name="Other shop")
    theirs = MovementFactory(source=other, currency="EUR")

    page = client.get(INCOME + "/movements")
    assert {line for line, _purchase in page.context["rows"]} == {mine, paid_out}
    assert dict(page.context["rows"])[mine] == bought
    [sums] = page.context["sums"]
    assert (sums.currency, sums.lines, sums.amount, sums.fee, sums.net) == (
        "GBP", 2, 5_00, 35, 4_65,
    )  # fmt: skip
    narrowed = client.get(INCOME + "/movements", {"kind": "payout"})
    assert [line for line, _purchase in narrowed.context["rows"]] == [paid_out]
    other_page = client.get(INCOME + "/movements", {"source": other.pk})
    assert [line for line, _purchase in other_page.context["rows"]] == [theirs]


def test_fees_are_told_by_who_kept_them_and_returns_by_reason(client, source, buyer, now):
    bought = buyer(10_00, name="Zoë").purchase_set.get()
    MovementFactory(source=source, payment_id=bought.external_id, amount=10_00, fee=50)
    MovementFactory(source=source, kind="fee", amount=-2_00, fee=0)
    refund(bought, now)
    refund(bought, now, external_id="dp_1", kind="dispute", reason="moon_phase", status="lost")

    page = client.get(INCOME + "/fees")

    [(_source, currency, part)] = page.context["kept"]
    assert (currency, part.payment_fees, part.account_fees) == ("GBP", 50, 2_00)
    assert "25.0% of the takings" in page.text
    assert "they asked for it" in page.text
    assert "moon phase" in page.text
    assert "decided against you" in page.text
    assert {given.purchase for given in page.context["given"]} == {bought}


def test_a_source_tells_what_it_costs_in_people(client, creator, source, buyer):
    for _ in range(2):
        buyer(100_00)
    creator.purchases.update(counted_net=86_80)
    SourceFactory(creator=creator, name="Brought nothing")

    page = client.get(INCOME + "/sources")

    [part] = page.context["parts"]
    assert (part.people, part.purchases, part.gross, part.net) == (2, 2, 200_00, 173_60)
    assert (str(part.keep.percent), part.needed, part.more) == ("86.8", 1_153, 153)
    assert "costs you 153 more friends" in page.text


def test_products_stand_by_what_they_brought_and_members_by_their_bill(client, source):
    for amount in (10_00, 15_00):
        PurchaseFactory(source=source, description="Album", amount=amount)
    PurchaseFactory(source=source, description="Box", amount=80_00)
    for number in range(2):
        bill = InvoiceFactory(source=source, description="1 × Club")
        PurchaseFactory(
            source=source, description=("Subscription creation", "Subscription update")[number],
            kind="membership", invoice_id=bill.external_id, amount=20_00,
        )  # fmt: skip

    page = client.get(INCOME + "/products")

    told = [(p.description, p.kind, p.purchases, p.gross) for p in page.context["products"]]
    assert told == [
        ("Box", "sale", 1, 80_00),
        ("1 × Club", "membership", 2, 40_00),
        ("Album", "sale", 2, 25_00),
    ]
    [only] = client.get(INCOME + "/products", {"q": "alb"}).context["products"]
    assert only.description == "Album"


def test_members_are_told_by_what_they_pay_and_how_it_stands(client, creator, source, now):
    later = now + timedelta(days=9)
    MembershipFactory.create_batch(2, source=source)
    MembershipFactory(source=source, amount=50_00, interval="year", ends_at=later)
    MembershipFactory(source=source, state="ended", ends_at=now, reason="own_choice")
    MembershipFactory(source=source, state="incomplete")
    MembershipFactory(ends_at=later)  # another creator's

    found = heads(creator, now=now)
    assert (found.going, found.leaving, found.ended) == (3, 1, 1)
    assert [(p.interval, p.amount, p.members, p.together) for p in prices(creator)] == [
        ("month", 5_00, 2, 10_00),
        ("year", 50_00, 1, 50_00),
    ]
    for show, count in (("", 5), ("going", 3), ("leaving", 1), ("ended", 1), ("nonsense", 5)):
        page = client.get(INCOME + "/memberships", {"show": show})
        assert len(page.context["page"].rows) == count


# One purchase


@pytest.mark.parametrize(
    ("fields", "has_customer", "why"),
    [
        ({}, False, "no address and no customer"),
        ({"customer_id": "cus_1"}, False, "by the customer it was paid by, who has no address"),
        ({"payer_email": "a@example.com"}, False, "by the address given with the payment"),
        ({"customer_id": "cus_1"}, True, "by the address of the customer"),
    ],
)
def test_a_purchase_tells_why_it_is_whose_it_is(client, source, fields, has_customer, why):
    if has_customer:
        source.customers.create(external_id="cus_1", email="a@example.com")
    purchase = PurchaseFactory(source=source, **fields)

    assert why in client.get(f"{INCOME}/{purchase.pk}").text.lower()


def test_a_purchase_tells_everything_that_is_known_of_it(client, source, buyer, now):
    bought = buyer(24_00, name="Zoë").purchase_set.get()
    plan = MembershipFactory(source=source, description="Club")
    bill = InvoiceFactory(source=source, membership_id=plan.external_id, description="1 × Club")
    type(bought).objects.filter(pk=bought.pk).update(
        kind="membership", invoice_id=bill.external_id, currency="EUR", shown_currency="SEK",
        shown_amount=270_00, rate="0.8575", rate_origin="ecb", counted_gross=20_58,
        payer_country="DE",
    )  # fmt: skip
    MovementFactory(source=source, payment_id=bought.external_id, currency="EUR", amount=24_00)
    refund(bought, now, amount=4_00, status="pending")
    MovementFactory(payment_id=bought.external_id, amount=99_99)  # of another's ledger

    text = client.get(f"{INCOME}/{bought.pk}").text.replace("\xa0", "")

    for told in ("Zoë", "1 × Club", "SEK270.00", "€24.00", "£20.58", "0.8575", "Germany",
                 "they asked for it", "on its way", plan.description):  # fmt: skip
        assert told in text
    assert "£99.99" not in text


def test_a_purchase_costs_the_same_queries_however_many_lines_it_has(
    client, source, buyer, now, django_assert_num_queries
):
    bought = buyer(24_00).purchase_set.get()
    type(bought).objects.update(customer_id="cus_1", invoice_id="in_1")
    source.customers.create(external_id="cus_1")
    plan = MembershipFactory(source=source)
    InvoiceFactory(source=source, external_id="in_1", membership_id=plan.external_id)
    for number in range(3):
        MovementFactory(source=source, payment_id=bought.external_id)
        refund(bought, now, external_id=f"re_{number}")
        with django_assert_num_queries(10):
            client.get(f"{INCOME}/{bought.pk}")


# What leaves


def read(response):
    text = b"".join(response.streaming_content).decode()
    return text, list(csv.DictReader(io.StringIO(text)))


def test_exactly_what_is_filtered_leaves(client, source, now):
    for number in range(60):
        PurchaseFactory(source=source, description="Vinyl", occurred_at=now - timedelta(number))
    PurchaseFactory(source=source, description="Tape")
    PurchaseFactory(source=source, description="Vinyl", occurred_at=now - timedelta(days=900))

    response = client.get(INCOME + "/purchases.csv", {"q": "vinyl", "after": "ignored"})

    assert response.streaming
    assert response["Content-Disposition"] == (
        'attachment; filename="low-tide-purchases-2026-11-22.csv"'
    )
    _text, rows = read(response)
    assert len(rows) == 60
    assert list(rows[0]) == PURCHASE_COLUMNS


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_that_leaves_is_a_formula(client, source, start):
    PurchaseFactory(source=source, description=f"{start}SUM(A1)", external_id=f"{start}1+1")
    MovementFactory(
        source=source, description=f"{start}SUM(A1)", category=f"{start}1", amount=-5_00, fee=0
    )

    for name in ("purchases", "movements"):
        _text, [row] = read(client.get(f"{INCOME}/{name}.csv"))
        assert row["description"] == f"'{start}SUM(A1)".replace("\r", "\n")
        assert not row.get("category", "").startswith(start)
        assert not row["external_id"].startswith(start)
    assert row["amount"] == "-5.00"


def test_a_list_of_nothing_leaves_with_its_head(client, source):
    text, rows = read(client.get(INCOME + "/movements.csv"))

    assert rows == []
    assert text.strip().split(",") == MOVEMENT_COLUMNS


def test_amounts_that_are_asked_for_are_in_the_decimals_of_their_currency(creator, now):
    asked = PurchaseFilter(QueryDict("least=1200&currency=JPY"), creator=creator, now=now)

    assert asked.applied["least"] == 1200
    assert asked.in_words("least") == "JP¥1,200"
