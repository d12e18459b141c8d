"""Income: every purchase and what they come to, lines, fees, sources, products, members."""

from datetime import timedelta

import pytest

from dashboard.breakdowns import heads, prices
from dashboard.income_list import sums_of
from tests.dashboard.income_pages import INCOME, read, refund, shown
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

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

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
        assert "40% is done" in page
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
    narrowed = client.get(INCOME + "/movements", {"kind": "payout"})
    assert [line for line, _purchase in narrowed.context["rows"]] == [paid_out]
    other_page = client.get(INCOME + "/movements", {"source": other.pk})
    assert [line for line, _purchase in other_page.context["rows"]] == [theirs]


def test_lines_are_added_up_by_what_became_of_the_money(client, source, buyer):
    about = {"source": source, "payment_id": buyer(10_00).purchase_set.get().external_id}
    MovementFactory(**about, amount=10_00, fee=35)
    MovementFactory(**about, kind="refund", amount=-2_00, fee=0)
    MovementFactory(source=source, kind="payout", amount=-9_00, fee=0)
    MovementFactory(source=source, currency="EUR", amount=7_00, fee=0)

    text = " ".join(client.get(INCOME + "/movements").text.split())

    assert "1 line in EUR" in text
    assert "3 lines in GBP" in text
    assert (
        "£10.00 came in, £2.00 went back, £0.35 went in fees, £9.00 was paid out;"
        " the balance at the provider changed by −£1.35." in text
    )


def test_fees_are_told_by_who_kept_them_and_returns_by_reason(client, source, buyer, now):
    bought = buyer(10_00, name="Zoë").purchase_set.get()
    MovementFactory(source=source, payment_id=bought.external_id, amount=10_00, fee=50)
    MovementFactory(source=source, kind="fee", amount=-2_00, fee=0)
    refund(bought, now)
    refund(bought, now, external_id="dp_1", kind="dispute", reason="moon_phase", status="lost")

    page = client.get(INCOME + "/fees")

    [(_source, currency, part)] = page.context["kept"]
    assert (currency, part.payment_fees, part.account_fees) == ("GBP", 50, 2_00)
    assert "25% of the takings" in page.text
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
        ("Club", "membership", 2, 40_00),
        ("Album", "sale", 2, 25_00),
    ]
    [only] = client.get(INCOME + "/products", {"q": "alb"}).context["products"]
    assert only.description == "Album"


def test_one_and_two_of_a_thing_are_one_product_and_a_number_in_a_name_stays(client, source):
    for words, amount in (
        ("1 × ticket: Tivoli", 18_00),
        ("2 × ticket: Tivoli", 36_00),
        ("12 × 12 inch print", 9_00),
    ):
        PurchaseFactory(source=source, description=words, amount=amount)

    products = client.get(INCOME + "/products").context["products"]

    assert [(p.description, p.purchases, p.gross) for p in products] == [
        ("ticket: Tivoli", 2, 54_00),
        ("12 × 12 inch print", 1, 9_00),
    ]


def test_a_membership_without_a_name_is_called_as_on_its_last_bill(client, source, ada, now):
    mine = MembershipFactory(source=source, fan=ada)
    bill = {"source": source, "membership_id": mine.external_id}
    InvoiceFactory(**bill, description="1 × Harbour (at £4.00 / month)", paid_at=now)
    newest = InvoiceFactory(
        **bill, description="1 × Lighthouse (at £5.00 / month)", paid_at=now + timedelta(days=1)
    )
    paid = PurchaseFactory(source=source, fan=ada, kind="membership", invoice_id=newest.external_id)
    MembershipFactory(source=source, customer_id="cus_2")

    [unbilled, billed] = client.get(INCOME + "/memberships").context["page"].rows
    assert {unbilled.title, billed.title} == {"", "Lighthouse"}
    for page in (f"/studio/low-tide/people/{ada.pk}", f"{INCOME}/{paid.pk}"):
        assert '<bdi class="name">Lighthouse</bdi>' in client.get(page).text


def test_members_are_told_by_what_they_pay_and_how_it_stands(client, creator, source, now):
    later = now + timedelta(days=9)
    MembershipFactory.create_batch(2, source=source)
    MembershipFactory(source=source, amount=50_00, interval="year", ends_at=later)
    MembershipFactory(source=source, state="ended", ends_at=now, reason="own_choice")
    MembershipFactory(source=source, state="incomplete")
    MembershipFactory(source=source, amount=0)  # what they pay depends
    MembershipFactory(ends_at=later)  # another creator's

    found = heads(creator, now=now)
    assert (found.going, found.leaving, found.ended) == (4, 1, 1)
    assert [(p.interval, p.amount, p.members, p.together) for p in prices(creator)] == [
        ("month", 5_00, 2, 10_00),
        ("year", 50_00, 1, 50_00),
    ]
    for show, count in (("", 6), ("going", 4), ("leaving", 1), ("ended", 1), ("nonsense", 6)):
        page = client.get(INCOME + "/memberships", {"show": show})
        assert len(page.context["page"].rows) == count
        assert "£0" not in page.text
