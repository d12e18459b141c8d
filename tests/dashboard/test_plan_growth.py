"""Plan: on which day they are there, and who would be with one purchase more."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fans.models import Fan
from revenue.summary import figures_of
from tests.dashboard.planning import GROWTH, PART, PLAN, said, value, words
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, RecountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]


@pytest.mark.parametrize(
    ("loss", "answer"),
    [
        ("0", "1,000 friends on 26 September 2028, in year 3."),
        ("10", "1,000 friends on 14 January 2029, in year 4."),
        ("30", "1,000 friends on 10 November 2030, in year 5."),
        ("36.5", "At this loss 1,000 friends are never reached. It tops out at 1,000."),
        ("40", "At this loss 1,000 friends are never reached. It tops out at 912."),
    ],
)
def test_the_day_on_which_they_are_there_or_the_ceiling_below(client, creator, loss, answer):
    assert said(client.get(PLAN, GROWTH | {"loss": loss})) == answer


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"arrivals": "0"}, "Without new ones 1,000 friends are never reached."),
        ({"arrivals": "1", "every": "365", "loss": "0"}, "are more than a hundred years away."),
        ({"start": "2000"}, "You have 1,000 friends already."),
    ],
)
def test_other_answers_to_when(client, creator, typed, answer):
    assert answer in said(client.get(PLAN, GROWTH | typed))


def test_what_holding_costs_is_told(client, creator):
    page = words(client.get(PLAN, GROWTH | {"loss": "30"}))

    assert "To hold 1,000 at this loss takes 5.8 a week" in page
    assert "With 7.0 a week the ceiling is 1,217" in page


def test_growth_is_a_picture_with_a_description_and_its_numbers(client, creator):
    page = client.get(PLAN, GROWTH | {"loss": "30"}).text

    assert "How many friends there are over 5 years</title>" in page
    assert "From 0 on 1 January 2026 to 1,012 at the end. The target is 1,000.</desc>" in page
    table = page[page.index("Show the numbers") :]
    assert re.findall(r'<td class="number">([\d,]+)</td>', table) == [
        "365", "620", "799", "924", "1,012",
    ]  # fmt: skip


def test_growth_begins_today_with_the_true_fans_there_are(client, creator, buyer, now):
    buyer(100_00)
    buyer(99_00)
    page = client.get(PLAN, {"ask": "growth"})

    assert value(page, "start") == "1"
    assert value(page, "since") == now.date().isoformat()


def test_growth_goes_on_as_it_really_went_and_agrees_with_home(client, creator, source, now):
    for days in (400, 390, 380, 370, *range(20, 340, 20)):
        fan = FanFactory(creator=creator, is_true_fan=days < 365)
        bought_at = now - timedelta(days)
        PurchaseFactory(source=source, fan=fan, amount=100_00, occurred_at=bought_at)
    ceiling = figures_of(creator=creator, now=now).arrival.ceiling
    page = client.get(PLAN, {"ask": "growth"})

    assert (value(page, "arrivals"), value(page, "loss")) == ("16", "22.3")
    assert "In your last year: 16 new true friends, and 22.3% lost." in words(page)
    assert f"It tops out at {ceiling}." in said(page)
    assert f">{ceiling}<" in client.get("/studio/low-tide/").text


def test_as_long_as_nobody_can_tell_the_rate_growth_says_that_it_is_an_example(client, creator):
    page = client.get(PLAN, {"ask": "growth"})

    assert (value(page, "arrivals"), value(page, "loss")) == ("1", "20")
    assert "One a day and 20% lost are an example" in words(page)


@pytest.fixture
def regulars(creator):
    """Three regulars (£25 and more), two with less, one true fan, one who bought long ago."""
    for spend in (85_00, 80_00, 79_99, 24_99, 5_00, 120_00, 0):
        FanFactory(creator=creator, spend=spend, purchases=1, is_true_fan=spend >= 100_00)
    FanFactory(creator=creator, name="Never bought")
    FanFactory(creator=CreatorFactory(), spend=90_00, purchases=1)
    return creator


def more(client, regulars, group, **typed):
    tier = regulars.tiers.get(name="Regular").pk
    return client.get(
        PLAN, {"ask": "more", "group": group.replace("Regular", f"tier-{tier}"), **typed}
    )


@pytest.mark.parametrize(
    ("group", "typed", "answer"),
    [
        (
            "Regular",
            {"extra": "20"},
            "If each of your 3 friends of the tier Regular bought one more for £20, "
            "2 of them would become true friends.",
        ),
        (
            "Regular",
            {"extra": "15", "times": "2"},
            "If each of your 3 friends of the tier Regular bought 2 more for £15 each, "
            "3 of them would become true friends.",
        ),
        (
            "way",
            {"extra": "20.01"},
            "If each of the 5 friends on their way bought one more for £20.01, "
            "3 of them would become true friends.",
        ),
        (
            "way",
            {"extra": "15"},
            "If each of the 5 friends on their way bought one more for £15, "
            "1 of them would become a true friend.",
        ),
        (
            "ever",
            {"extra": "100"},
            "If each of the 7 friends who ever bought bought one more for £100, "
            "6 of them would become true friends.",
        ),
    ],
)
def test_what_if_each_of_those_who_are_bought_one_more(client, regulars, group, typed, answer):
    assert said(more(client, regulars, group, **typed)) == answer


def test_what_it_would_come_to(client, regulars):
    page = words(more(client, regulars, "Regular", extra="20"))

    assert "From 1 to 3 of 1,000:" in page
    assert "And £60 would come in, before fees." in page


def test_the_first_group_is_the_lowest_tier_and_those_above_the_target_are_none(client, regulars):
    page = client.get(PLAN, {"ask": "more"})

    assert "of the tier Regular bought one more for £20" in said(page)
    assert re.findall(r'<option value="[\w-]+"[^>]*>([^<]+)</option>', page.text) == [
        "Regular", "Everybody on their way", "Everybody who ever bought",
    ]  # fmt: skip


def test_without_tiers_those_on_their_way_come_first(client, regulars):
    regulars.tiers.all().delete()

    assert said(client.get(PLAN, {"ask": "more"})).startswith("If each of the 5 friends on their")


def test_a_tier_ends_where_the_next_one_begins(client, regulars):
    regulars.tiers.create(name="Nearly", threshold=80_00)

    assert "your 1 friend of the tier Regular" in said(more(client, regulars, "Regular"))


def test_a_group_of_nobody_says_so(client, creator):
    FanFactory(creator=creator, spend=120_00, purchases=1, is_true_fan=True)

    assert said(client.get(PLAN, {"ask": "more"})) == "Nobody is among these. Choose others."


def test_a_tier_may_have_any_name(client, regulars):
    regulars.tiers.filter(name="Regular").update(name="<script>alert(1)</script>")
    page = client.get(PLAN, {"ask": "more"})

    assert "<script>alert" not in page.text


def test_while_everything_is_counted_anew_nothing_is_told_of_people(client, regulars):
    RecountFactory(creator=regulars)

    assert said(client.get(PLAN, {"ask": "more"})).startswith("This can be told as soon as")


def test_sliders_reach_from_a_round_step_to_the_target(client, regulars):
    page = client.get(PLAN, {"ask": "more", "extra": "35", "times": "3"}).text

    slider = re.search(r'<input type="range" name="extra"[^>]*>', page)[0]
    assert {'value="35"', 'min="1"', 'max="100"', 'step="1"'} <= set(slider.split())
    assert re.search(r'<output id="shown-extra" for="id_extra">\s*£35', page)
    assert re.search(r'<output id="shown-times" for="id_times">\s*3', page)


def test_while_one_drags_the_sliders_say_what_they_stand_at(client, regulars):
    part = client.get(PLAN, {"ask": "more", "extra": "50", "times": "2"}, headers=PART)

    assert "3 of them would become true friends." in said(part)
    assert '<output id="shown-extra" for="id_extra" hx-swap-oob="true">£50</output>' in part.text
    assert 'type="range"' not in part.text


@pytest.mark.parametrize(
    ("group", "besides"), [("Regular", set()), ("way", set()), ("ever", {"purchases"})]
)
def test_people_are_counted_at_once_by_the_columns_of_one_index(client, regulars, group, besides):
    [index] = [index for index in Fan._meta.indexes if index.name == "fan_by_spend"]
    indexed = {Fan._meta.get_field(name).column for name, _order in index.fields_orders}
    with CaptureQueriesContext(connection) as context:
        more(client, regulars, group, extra="20")
    [sql] = [query["sql"] for query in context.captured_queries if "fans_fan" in query["sql"]]

    assert set(re.findall(r'"fans_fan"\."(\w+)"', sql)) == indexed | besides
