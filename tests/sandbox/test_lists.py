"""Lists: pages, cursors, filters, spans of time."""

import pytest
from stripe import InvalidRequestError

from sandbox import Account, Books


def everything(client, path, **params):
    """All rows of a list, page after page, as they come over the wire."""
    rows, after = [], {}
    while True:
        page = client.raw_request("get", path, limit=100, **params, **after).data
        rows += page["data"]
        if not page["has_more"]:
            return rows
        after = {"starting_after": page["data"][-1]["id"]}


@pytest.fixture
def same_second():
    """Five charges of one second, and two of other times."""
    moments = (100, 200, 200, 200, 200, 200, 300)
    rows = [
        {"id": f"ch_{number}", "object": "charge", "created": at, "customer": f"cus_{number % 2}"}
        for number, at in enumerate(moments)
    ]
    books = Books({"charge": rows}, currency="gbp")
    return Account({"id": "acct_1"}, lambda: books)


def ids(page):
    return [row.id for row in page.data]


@pytest.mark.parametrize("kind", ["balance_transaction", "charge", "customer", "event"])
def test_paging_gives_every_row_once_newest_first(speak, letters, kind):
    rows = [(row["created"], row["id"]) for row in everything(speak(letters), f"/v1/{kind}s")]
    stored = [(row["created"], row["id"]) for row in letters.books.shelf(kind).rows]
    assert rows == stored[::-1]
    assert len({identifier for _, identifier in rows}) == len(rows) > 100


def test_the_sdk_pages_by_itself(speak, letters):
    listing = speak(letters).v1.balance_transactions.list({"limit": 100})
    net = sum(row.net for row in listing.auto_paging_iter())
    assert net == sum(row["net"] for row in letters.books.shelf("balance_transaction").rows)


def test_rows_of_one_second_are_paged_once_each(speak, same_second):
    listing = speak(same_second).v1.charges.list({"limit": 2})
    rows = [row.id for row in listing.auto_paging_iter()]
    assert rows == ["ch_6", "ch_5", "ch_4", "ch_3", "ch_2", "ch_1", "ch_0"]


def test_a_page_has_ten_rows_unless_asked_otherwise(speak, band):
    page = speak(band).v1.charges.list()
    assert (len(page.data), page.has_more, page.url) == (10, True, "/v1/charges")


def test_ending_before_goes_back_towards_the_newest(speak, same_second):
    client = speak(same_second)
    page = client.v1.charges.list({"limit": 2, "ending_before": "ch_1"})
    assert ids(page) == ["ch_3", "ch_2"]
    assert page.has_more
    last = client.v1.charges.list({"limit": 3, "ending_before": "ch_3"})
    assert (ids(last), last.has_more) == (["ch_6", "ch_5", "ch_4"], False)


@pytest.mark.parametrize(
    ("created", "found"),
    [
        (300, ["ch_6"]),
        ({"gt": 200}, ["ch_6"]),
        ({"gte": 200, "lt": 300}, ["ch_5", "ch_4", "ch_3", "ch_2", "ch_1"]),
        ({"lte": 100}, ["ch_0"]),
        ({"lt": 100}, []),
        ({"gt": 100, "lte": 99}, []),
    ],
)
def test_created_narrows_a_list(speak, same_second, created, found):
    assert ids(speak(same_second).v1.charges.list({"created": created})) == found


def test_a_cursor_works_within_a_span_of_time_and_a_filter(speak, same_second):
    params = {"created": {"gte": 200}, "customer": "cus_1", "limit": 1}
    client = speak(same_second)
    first = client.v1.charges.list(params)
    assert (ids(first), first.has_more) == (["ch_5"], True)
    second = client.v1.charges.list({**params, "starting_after": "ch_5"})
    assert ids(second) == ["ch_3"]


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/v1/balance_transactions", {"type": "refund"}, "type"),
        ("/v1/balance_transactions", {"type": "stripe_fee"}, "type"),
        ("/v1/subscriptions", {"status": "past_due"}, "status"),
        ("/v1/invoices", {"status": "uncollectible"}, "status"),
    ],
)
def test_filters_give_the_matching_rows_and_no_others(speak, band, path, params, field):
    """On the band's account, where each of them leaves out most rows."""
    shelf = band.books.shelf(path.removeprefix("/v1/").removesuffix("s"))
    expected = [row["id"] for row in shelf.rows if row[field] == params[field]][::-1]
    assert [row["id"] for row in everything(speak(band), path, **params)] == expected
    assert expected


def test_what_belongs_to_a_charge_a_customer_or_a_source_is_found(speak, band):
    client = speak(band)
    refund = client.v1.refunds.list({"limit": 1}).data[0]
    assert refund.id in ids(client.v1.refunds.list({"charge": refund.charge}))
    assert ids(client.v1.refunds.list({"payment_intent": refund.payment_intent})) == [refund.id]
    dispute = client.v1.disputes.list({"limit": 1}).data[0]
    assert ids(client.v1.disputes.list({"charge": dispute.charge})) == [dispute.id]
    moved = client.v1.balance_transactions.list({"source": dispute.charge})
    assert [row.type for row in moved.data] == ["charge"]
    charge = client.v1.charges.retrieve(dispute.charge)
    assert charge.id in ids(client.v1.charges.list({"customer": charge.customer, "limit": 100}))


def test_an_invoice_is_found_from_its_payment_intent(speak, band):
    client = speak(band)
    charges = client.v1.charges.list({"limit": 100}).data
    charge = next(row for row in charges if row.description == "Subscription update")
    params = {"payment": {"type": "payment_intent", "payment_intent": charge.payment_intent}}
    (link,) = client.v1.invoice_payments.list(params).data
    assert client.v1.invoices.retrieve(link.invoice).customer == charge.customer


def test_customers_are_found_by_the_exact_spelling_of_their_email(speak, band):
    client = speak(band)
    spelt = next(
        row["email"] for row in band.books.shelf("customer").rows if row["email"].isupper()
    )
    assert {row.email for row in client.v1.customers.list({"email": spelt}).data} == {spelt}
    assert spelt not in {row.email for row in client.v1.customers.list({"email": spelt.lower()})}


def test_ended_subscriptions_are_listed_only_when_asked_for(speak, letters):
    client = speak(letters)
    living = everything(client, "/v1/subscriptions")
    ended = everything(client, "/v1/subscriptions", status="canceled")
    every = everything(client, "/v1/subscriptions", status="all")
    assert living
    assert ended
    assert {row["status"] for row in living} <= {"active", "past_due"}
    assert len(every) == len(living) + len(ended)
    assert everything(client, "/v1/subscriptions", status="ended") == ended


def test_events_are_found_by_their_whole_types_or_by_one_with_a_wildcard(speak, band):
    client = speak(band)

    def kinds(**asked):
        return {row.type for row in client.v1.events.list({"limit": 100} | asked).data}

    wanted = {"charge.dispute.created", "customer.updated"}
    assert kinds(types=sorted(wanted)) == wanted
    assert kinds(types=["charge.dispute.*"]) == set()
    assert kinds(type="charge.refunded") == {"charge.refunded"}
    assert all(kind.startswith("charge.dispute.") for kind in kinds(type="charge.dispute.*"))
    with pytest.raises(InvalidRequestError, match="maximum 20"):
        kinds(types=[f"charge.{number}" for number in range(21)])


def test_the_movements_of_a_payout_add_up_to_it(speak, band):
    client = speak(band)
    payout = client.v1.payouts.list({"limit": 3}).data[-1]
    rows = everything(client, "/v1/balance_transactions", payout=payout.id)
    assert sum(row["net"] for row in rows) == payout.amount


def test_unknown_cursors_and_two_cursors_are_refused(speak, same_second):
    client = speak(same_second)
    with pytest.raises(InvalidRequestError) as unknown:
        client.v1.charges.list({"starting_after": "ch_nowhere"})
    assert (unknown.value.http_status, unknown.value.code) == (400, "resource_missing")
    assert unknown.value.param == "starting_after"
    with pytest.raises(InvalidRequestError) as both:
        client.v1.charges.list({"starting_after": "ch_1", "ending_before": "ch_2"})
    assert both.value.http_status == 400


def test_lists_without_rows_are_empty_lists(speak, band):
    page = speak(band).v1.checkout.sessions.list()
    assert (page.data, page.has_more) == ([], False)
