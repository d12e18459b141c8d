"""The creator's home: the field, the money of the window, who comes next."""

from datetime import timedelta

import pytest

from revenue import takings
from tests.factories import (
    FanFactory,
    MembershipFactory,
    PurchaseFactory,
    SyncFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

HOME = "/studio/low-tide/"


def test_a_new_creator_sees_the_way_in_and_no_empty_numbers(client, creator):
    page = client.get(HOME)

    assert "Where are your friends?" in page.text
    assert "/studio/low-tide/sources" in page.text
    assert "Nearest to it" not in page.text
    assert "£0" not in page.text


def test_the_demo_has_a_door_only_in_a_demo(client, creator, settings):
    assert "/demo/enter/band" in client.get(HOME).text

    settings.DEMO = False

    assert "/demo/enter" not in client.get(HOME).text


def test_home_counts_true_fans_in_the_creators_words(client, buyer):
    for amount in (100_00, 250_00, 99_99, 20_00):
        buyer(amount)

    page = client.get(HOME)

    assert "true friends" in page.text
    assert page.context["seating"].true_fans == 2
    assert page.context["figures"].people.on_their_way == 2


def test_everybody_in_the_field_has_a_name_a_spend_and_a_link(client, buyer):
    fan = buyer(120_00, name="Zoë", seat=1)

    page = client.get(HOME)

    assert f'href="/studio/low-tide/people/{fan.pk}"' in page.text
    assert "Zoë\N{POP DIRECTIONAL ISOLATE} · £120.00 · No. 1</text>" in page.text


def test_the_nearest_come_first_and_say_what_is_missing(client, buyer):
    buyer(20_00)
    near = buyer(99_99)

    page = client.get(HOME)

    assert page.context["nearest"]()[0].pk == near.pk
    assert "£0.01" in page.text


def test_money_of_nobody_is_counted_and_told(client, creator, source, buyer, now):
    buyer(100_00)
    PurchaseFactory(source=source, amount=30_00, fee=1_00, occurred_at=now)
    PurchaseFactory(source=source, amount=99_00, state="failed", counted_gross=0, counted_net=0)

    income = takings.income(creator, now=now + timedelta(minutes=1))

    assert (income.gross, income.net) == (130_00, 128_50)
    assert (income.unattributed, income.unattributed_count) == (30_00, 1)
    assert "£30.00 of it, in 1 purchase" in client.get(HOME).text


def test_money_before_the_window_is_not_in_it(creator, source, now):
    PurchaseFactory(source=source, amount=30_00, occurred_at=now - timedelta(days=367))

    assert takings.income(creator, now=now).gross == 0


def test_what_nobody_has_a_rate_for_is_told_and_in_no_sum(client, source, now):
    PurchaseFactory(
        source=source, currency="KES", rate=None, rate_origin="missing", counted_gross=None,
        counted_net=None, net=None, fee=None, settlement_currency="", occurred_at=now,
    )  # fmt: skip

    page = client.get(HOME)

    assert page.context["figures"].income.gross == 0
    assert "1 purchase is in no sum" in page.text


def test_the_goal_counts_net_where_the_creator_does(creator, buyer, now):
    creator.counts = "net"
    buyer(100_00)

    assert takings.income(creator, now=now).counted == 99_50


def test_another_creators_people_and_money_are_not_there(client, creator, buyer, now):
    other = FanFactory(name="Not mine", spend=500_00, window_gross=500_00, is_true_fan=True)
    buyer(10_00)

    page = client.get(HOME)

    assert other.name not in page.text
    assert page.context["seating"].true_fans == 0
    assert page.context["figures"].income.gross == 10_00


def test_while_something_is_read_home_says_how_far_it_is_and_asks_again(client, source, now):
    SyncFactory(source=source, movements_read=1234, started_at=now, heard_at=now)

    page = client.get(HOME)

    assert "Reading Low Tide shop" in page.text
    assert "1,234 lines" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text


def test_the_poll_gets_only_what_moves_and_nothing_that_could_lose_the_focus(
    client, source, buyer, now
):
    buyer(120_00, name="Zoë")
    SyncFactory(source=source, started_at=now, heard_at=now)

    part = client.get(HOME, headers={"HX-Request": "true", "HX-Target": "live"})

    assert part.text.strip().startswith('<div class="stack is-loose" id="live"')
    assert "<html" not in part.text
    assert "Zoë" not in part.text


def test_the_poll_ends_with_the_whole_page_when_nothing_is_read_any_more(client, source):
    part = client.get(HOME, headers={"HX-Request": "true", "HX-Target": "live"})

    assert part.headers["HX-Refresh"] == "true"
    assert 'hx-trigger="every 2s"' not in client.get(HOME).text


def test_a_problem_of_a_source_is_told_on_the_first_page(client, source):
    source.problem = "This key may not read “Disputes”."
    source.save()

    assert source.problem in client.get(HOME).text


def test_who_decided_to_leave_stands_on_home_the_same_day(client, creator, source, now):
    fan = FanFactory(creator=creator, name="Ada")
    MembershipFactory(source=source, fan=fan, ends_at=now + timedelta(days=20))
    MembershipFactory(source=source, fan=FanFactory(creator=creator, name="Bela"))
    MembershipFactory(source=source, state="past_due", fan=FanFactory(creator=creator, name="Cy"))

    page = client.get(HOME)

    assert [m.fan.name for m in page.context["leaving"]] == ["Ada", "Cy"]
    assert "Leaving soon" in page.text


def test_a_declined_card_is_no_news(client, source, buyer):
    PurchaseFactory(source=source, state="failed", status="failed", amount=25_00)
    buyer(10_00)

    assert [p.amount for p, _line in client.get(HOME).context["newest"]] == [10_00]
