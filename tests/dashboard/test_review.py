"""The year in review: numbers and people of one year, by the creator's own clock."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from dashboard.year import year_of, years
from tests.factories import (
    CreatorFactory,
    FanFactory,
    MemberFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
    TouchFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

REVIEW = "/studio/low-tide/review"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def bought(creator, source):
    """`bought("Ada", "2025-03-01", 40_00)`: a purchase, and the fan who made it."""
    people = {}

    def make(name, day, amount=10_00, **fields):
        when, place = at(day), fields.pop("country", "GB")
        fan = people.get(name) or FanFactory(
            creator=creator, name=name, country=place, first_purchase_at=when, purchases=1
        )
        people[name] = fan
        fan.first_purchase_at = min(fan.first_purchase_at, when)
        fan.save()
        PurchaseFactory(
            **{"source": source, "fan": fan, "amount": amount, "fee": 1_00, "occurred_at": when}
            | fields
        )
        return fan

    return make


def test_a_year_by_month_gross_and_net(creator, bought):
    bought("Ada", "2025-01-01 00:00", 40_00)
    bought("Ada", "2025-01-31 23:59", 20_00)
    bought("Ben", "2025-12-31 23:59", 5_00)
    bought("Ben", "2024-12-31 23:59", 900_00)
    bought("Ben", "2026-01-01 00:00", 900_00)

    year = year_of(creator, 2025)

    assert [(m.gross, m.net) for m in year.months] == [
        (60_00, 58_00), *[(0, 0)] * 10, (5_00, 4_00),
    ]  # fmt: skip
    assert (year.gross, year.net, year.purchases, year.people) == (65_00, 62_00, 3, 2)


def test_the_year_ends_by_the_creators_clock(creator, bought):
    bought("Ada", "2025-12-31 15:30")
    creator.time_zone = "Asia/Tokyo"

    assert year_of(creator, 2025).purchases == 0
    assert year_of(creator, 2026).months[0].gross == 10_00


def test_what_was_not_paid_or_is_not_counted_yet_is_in_no_sum(creator, bought):
    bought("Ada", "2025-03-01", 10_00)
    bought("Ada", "2025-03-02", 10_00, state="failed")
    bought("Ben", "2025-03-03", 10_00, state="authorised")
    bought(
        "Cy", "2025-03-04", currency="KES", counted_currency="GBP", counted_gross=None,
        counted_net=None, rate=None, rate_origin="missing",
    )  # fmt: skip

    year = year_of(creator, 2025)

    assert (year.gross, year.purchases, year.people) == (10_00, 2, 2)


def test_who_was_there_longest_newest_and_most_faithful(creator, bought):
    for day in ("2019-05-01", "2025-02-01"):
        bought("Old", day)
    bought("Gone", "2018-01-01")
    for month in range(1, 10):
        bought("Faithful", f"2025-{month:02}-03", 1_00)
    for day in ("2025-11-01", "2025-11-02"):
        bought("Rich", day, 500_00)
    bought("Rich", "2025-12-24", 1_00)
    bought("New", "2025-12-01", 300_00)
    bought("Late", "2026-01-05")

    year = year_of(creator, 2025)

    assert [fan.name for fan in year.longest] == ["Old", "Faithful", "Rich", "New"]
    assert [fan.name for fan in year.newest] == ["New", "Rich", "Faithful"]
    assert [(fan.name, months) for fan, months in year.faithful] == [
        ("Faithful", 9), ("Rich", 2),
    ]  # fmt: skip
    assert (year.people, year.newcomers) == (4, 3)


def test_where_it_came_from(creator, bought):
    shop = SourceFactory(creator=creator, name="The shop")
    bought("Dai", "2025-03-01", 1, source=SourceFactory(creator=creator, name="The shop"))
    bought("Ada", "2025-03-01", 66_00)
    bought("Ben", "2025-03-01", 33_00, source=shop)
    bought("Cy", "2025-03-01", 1_00, country="FR")
    PurchaseFactory(source=shop, amount=20_00, occurred_at=at("2025-04-01"))

    year = year_of(creator, 2025)

    assert [(o.name, o.gross, o.percent) for o in year.sources] == [
        ("Low Tide shop", 67_00, 56), ("The shop", 53_00, 44), ("The shop", 1, 0),
    ]  # fmt: skip
    assert [(o.name, o.number, o.gross) for o in year.countries] == [
        ("GB", 3, 99_01), ("FR", 1, 1_00),
    ]  # fmt: skip


def test_new_true_fans_milestones_and_words(creator):
    for seat, day in ((1, "2024-12-31"), (2, "2025-03-01"), (10, "2025-03-09"), (11, "2025-05-01")):
        FanFactory(creator=creator, seat=seat, crossed_at=at(day))
    fan = FanFactory(creator=creator)
    for kind in ("wrote", "thanked", "they_wrote"):
        TouchFactory(fan=fan, kind=kind, occurred_at=at("2025-06-01"))
    TouchFactory(fan=FanFactory(creator=creator), occurred_at=at("2025-06-01"))
    TouchFactory(fan=fan, occurred_at=at("2026-06-01"))

    year = year_of(creator, 2025)

    assert year.new_true_fans == [0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert [milestone.seat for milestone in year.milestones] == [10]
    words = year.words
    assert (words.exchanged, words.said, words.heard, words.people) == (4, 3, 1, 2)


def test_years_are_those_in_which_something_was_bought_or_said(creator, bought, now):
    bought("Ada", "2019-06-01")
    bought("Ada", "2020-06-01", state="failed")
    bought("Ada", "2022-06-01")
    bought("Ada", "2031-06-01")
    TouchFactory(fan=FanFactory(creator=creator), occurred_at=at("2024-06-01"))

    assert years(creator, now=now) == [2024, 2022, 2019]
    assert years(CreatorFactory(), now=now) == []


def test_the_page_tells_the_year_in_sentences(client, creator, bought):
    bought("Zoë", "2014-03-05")
    bought("Zoë", "2025-03-05", 40_00)
    bought("Ben", "2025-04-05", 30_00)
    for seat, month in ((1, 3), (2, 3), (3, 5)):
        FanFactory(creator=creator, seat=seat, crossed_at=datetime(2025, month, 1, tzinfo=UTC))
    TouchFactory(fan=FanFactory(creator=creator), occurred_at=at("2025-06-01"))

    page = client.get(f"{REVIEW}/2025").text
    said = " ".join(page.split())

    assert "In 2025, 2 friends bought something from you." in said
    assert "For 1 of them it was the first time ever." in said
    assert ">3</a> became true friends. March brought more of them than any other month." in said
    assert "Nobody has been with you longer than <bdi>Zoë</bdi>: since March 2014" in said
    assert "1 from you, 0 from them, with 1 person." in said
    assert page.count('<svg class="bars"') == 2
    assert "£70" in page
    assert "United Kingdom" in page
    assert f'href="{REVIEW}/2014"' in page
    assert f'href="{REVIEW}/2020"' not in page


def test_a_year_without_anything_says_so_and_draws_nothing(client, bought):
    bought("Ada", "2019-06-01")
    bought("Ada", "2022-06-01")

    page = client.get(f"{REVIEW}/2020")

    assert page.status_code == 200
    assert "Nothing happened in 2020" in page.text
    assert '<svg class="bars"' not in page.text
    assert "£0" not in page.text


def test_a_new_creator_is_told_where_it_begins(client, creator):
    page = client.get(REVIEW, follow=True)

    assert page.redirect_chain == [(f"{REVIEW}/2026", 302)]
    assert "Nothing happened in 2026" in page.text
    assert "/studio/low-tide/sources" in page.text


def test_a_year_of_words_alone_has_no_empty_chart(client, creator):
    TouchFactory(fan=FanFactory(creator=creator), occurred_at=at("2025-06-01"))

    page = client.get(f"{REVIEW}/2025").text

    assert "were in touch" in page
    assert '<svg class="bars"' not in page
    assert "£" not in page.split("<main")[1]


def test_a_month_that_lost_money_has_its_number_and_no_bar_below_nothing(client, bought):
    bought("Ada", "2025-03-01", 10_00, counted_gross=0, counted_net=-21_00)
    bought("Ada", "2025-04-01", 10_00)

    page = client.get(f"{REVIEW}/2025")

    columns = page.context["income_chart"].columns
    assert columns[2].amounts == (0, 0)
    assert "\N{MINUS SIGN}£21.00" in page.text


@pytest.mark.parametrize("year", ["2018", "2027", "9999", "1000", "0999", "20", "x"])
def test_years_that_were_not_are_not_there(client, bought, year):
    bought("Ada", "2019-06-01")

    assert client.get(f"{REVIEW}/{year}").status_code == 404


def test_the_last_year_with_something_to_tell_is_the_one_that_is_led_to(client, bought):
    bought("Ada", "2019-06-01")

    assert client.get(REVIEW).url == f"{REVIEW}/2019"


def test_the_running_year_says_that_it_is_not_over(client, bought):
    bought("Ada", "2026-06-01")

    assert "the year is not over" in client.get(f"{REVIEW}/2026").text


def test_while_everything_is_recounted_no_year_is_told(client, creator, bought, now):
    bought("Ada", "2025-06-01")
    RecountFactory(creator=creator, heard_at=now)

    page = client.get(f"{REVIEW}/2025").text

    assert "The year is being counted" in page
    assert "£10" not in page


def test_a_viewer_may_read_it_and_nobody_else(client, creator, bought):
    bought("Ada", "2025-06-01")
    assert Client().get(f"{REVIEW}/2025").status_code == 302
    stranger = Client()
    stranger.force_login(CreatorFactory().owner)
    assert stranger.get(f"{REVIEW}/2025").status_code == 404
    client.force_login(MemberFactory(creator=creator, role="viewer").user)
    assert "Ada" in client.get(f"{REVIEW}/2025").text


def test_nothing_of_another_creator_is_in_it(creator, bought):
    bought("Ada", "2025-06-01")
    theirs = SourceFactory()
    fan = FanFactory(
        creator=theirs.creator, seat=10, crossed_at=at("2025-06-01"),
        first_purchase_at=at("2025-06-01"),
    )  # fmt: skip
    PurchaseFactory(source=theirs, fan=fan, occurred_at=at("2025-06-01"))
    TouchFactory(fan=fan, occurred_at=at("2025-06-01"))

    year = year_of(creator, 2025)

    assert (year.purchases, year.people, year.newcomers) == (1, 1, 1)
    assert (year.became_true, year.words.exchanged, list(year.milestones)) == (0, 0, [])
    assert [fan.name for fan in (*year.longest, *year.newest)] == ["Ada", "Ada"]


def test_it_costs_the_same_queries_however_much_there_was(
    client, creator, bought, django_assert_num_queries
):
    bought("Ada", "2024-06-01")
    bought("Ada", "2025-06-01")
    with django_assert_num_queries(17):
        client.get(f"{REVIEW}/2025")
    for number in range(30):
        bought(
            f"Fan {number}", f"2025-{number % 12 + 1:02}-05", country=f"A{chr(65 + number % 26)}"
        )
        bought(f"Fan {number}", f"20{10 + number % 15}-01-05")
        TouchFactory(fan=FanFactory(creator=creator), occurred_at=at("2025-06-01"))
        SourceFactory(creator=creator)
    with django_assert_num_queries(17):
        client.get(f"{REVIEW}/2025")
