"""Plan: what a mix of offers brings, and what is kept of it."""

import re

import pytest

from tests.dashboard.planning import LABEL, MIX, PLAN, said, value, words
from tests.factories import PurchaseFactory, RecountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]


def test_albums_shirts_and_boxes_make_110_000(client, creator):
    examples, typed = client.get(PLAN, {"ask": "offers"}), client.get(PLAN, {"ask": "offers"} | MIX)

    assert said(examples) == said(typed) == "£110,000 a year."
    assert "Your goal of £100,000 a year is reached." in words(typed)


def test_a_label_that_keeps_80_percent_leaves_22_000_of_it(client, creator):
    page = client.get(PLAN, {"ask": "offers"} | MIX | LABEL)

    assert said(page) == "£110,000 a year come in, and £22,000 are yours."
    assert "£78,000 are missing to your goal of £100,000 a year." in words(page)
    assert "Together £110,000 £88,000 £22,000" in words(page)


def test_every_two_years_is_half_a_time_a_year(client, creator):
    offer = {"o0-people": "200", "o0-price": "500", "o0-times": "0.5"}
    page = client.get(PLAN, {"ask": "offers"} | offer)

    assert said(page) == "£50,000 a year."
    assert "200 × £500 × 0.5" in words(page)


def test_fees_of_an_offer_are_for_each_payment(client, creator):
    offer = {"o0-people": "100", "o0-price": "10", "o0-times": "12"}
    fees = {"o0-percent": "2.9", "o0-fixed": "0.30", "o0-platform": "10"}
    page = client.get(PLAN, {"ask": "offers"} | offer | fees)

    assert said(page) == "£12,000 a year come in, and £10,092 are yours."
    assert "<details open>" in page.text


def test_rows_that_are_emptied_go_and_there_is_always_room_for_another(client, creator):
    page = client.get(
        PLAN, {"ask": "offers"} | MIX | {"o1-offer": "", "o1-people": "", "o1-price": ""}
    )

    assert [value(page, f"o{number}-offer") for number in range(3)] == ["Album", "Box", ""]
    assert "o3-offer" not in page.text


def test_there_are_only_so_many_rows(client, creator):
    many = {f"o{number}-offer": f"Thing {number}" for number in range(99)}
    page = client.get(PLAN, {"ask": "offers"} | many)

    assert value(page, "o11-offer") == "Thing 11"
    assert 'name="o12-offer"' not in page.text


def test_another_goal_is_what_the_offers_are_held_against(client, creator):
    page = client.get(PLAN, {"ask": "offers", "people": "500", "spend": "100", "team": "2"} | MIX)
    assert "Your goal of £100,000 a year is reached." in words(page)

    page = client.get(PLAN, {"ask": "offers", "currency": "USD"} | MIX)
    assert "goal of" not in words(page)  # nobody said how many dollars


def test_100_000_dollars_net_from_monthly_payments_take_1198_people(client, creator):
    page = client.get(
        PLAN,
        {
            "ask": "fees", "currency": "USD", "net": "100,000", "payments": "12", "price": "8.33",
            "percent": "2.9", "fixed": "0.30", "platform": "10",
        },
    )  # fmt: skip

    assert said(page) == "Fees cost you 197 more friends: 1,198 are needed."
    assert "What reaches you US$83.52 83.6% of what they pay" in words(page)
    assert "1 × US$99.96 US$86.76 1,153" in words(page)


def test_fees_cost_153_more(client, creator):
    page = client.get(PLAN, {"ask": "fees", "payments": "1", "price": "100", "platform": "10"})

    assert said(page) == "Fees cost you 153 more friends: 1,153 are needed."


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"price": "0.30"}, "Of a payment of £0.30 nothing is left: no number of people"),
        ({"price": "10", "percent": "", "fixed": ""}, "834 friends are needed, and fees cost you"),
    ],
)
def test_fees_may_cost_everything_or_nobody(client, creator, typed, answer):
    assert said(client.get(PLAN, {"ask": "fees"} | typed)).startswith(answer)


def test_what_is_really_kept_is_told_beside_what_is_typed(client, buyer):
    for amount in (10_00, 40_00, 50_00):
        buyer(amount)
    page = words(client.get(PLAN, {"ask": "fees"}))

    assert "£98.50 of £100 really reached you: 98.5%." in page
    assert "At that rate it takes 1,016 friends at your target to keep £100,000." in page


def test_money_of_which_nobody_knows_the_net_does_not_look_as_if_it_never_arrived(
    client, creator, buyer, source
):
    buyer(100_00)
    PurchaseFactory(source=source, fan=buyer(10_00), amount=300_00, fee=None, net=None)
    page = words(client.get(PLAN, {"ask": "fees"}))
    sources = words(client.get("/studio/low-tide/income/sources"))
    [rate] = re.findall(r"Keep-rate ([\d.]+%)", sources)

    assert f"£109 of £110 really reached you: {rate}." in page
    assert "£300 more came in of which nobody knows what reached you." in page


def test_while_all_is_counted_in_another_currency_nothing_is_said_of_what_is_kept(
    client, creator, buyer
):
    buyer(100_00)
    RecountFactory(creator=creator)

    assert "really reached you" not in client.get(PLAN, {"ask": "fees"}).text


def test_who_counts_net_has_the_fees_in_the_target_already(client, creator, buyer):
    creator.counts = "net"
    creator.save()
    buyer(100_00)

    assert "so that is in it already" in words(client.get(PLAN, {"ask": "fees"}))


def test_without_any_money_nothing_is_said_of_what_is_kept(client, creator):
    assert "really reached you" not in client.get(PLAN, {"ask": "fees"}).text
