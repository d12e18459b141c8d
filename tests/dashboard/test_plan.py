"""Plan: one question at once, everything typed in the address, answered out of the real books."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from fans.models import Fan
from tests.factories import CreatorFactory, FanFactory, RecountFactory

pytestmark = pytest.mark.django_db

PLAN = "/studio/low-tide/plan"
ASKS = ["goal", "offers", "fees", "growth", "more"]
PART = {"HX-Request": "true", "HX-Target": "answer"}
MIX = {
    "o0-offer": "Album", "o0-people": "5,000", "o0-price": "10", "o0-times": "1",
    "o1-offer": "Shirt", "o1-people": "500", "o1-price": "20", "o1-times": "1",
    "o2-offer": "Box", "o2-people": "100", "o2-price": "500", "o2-times": "1",
}  # fmt: skip
LABEL = {f"o{number}-middleman": "80" for number in range(3)}


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    time_machine.move_to(now + timedelta(minutes=1), tick=False)


def words(page) -> str:
    """What the page says, without its markup."""
    text = re.sub(r"<title.*?</title>|<desc.*?</desc>", "", page.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(strip_tags(text))).replace("\xa0", " ")


def said(page) -> str:
    """The answer in one sentence."""
    [sentence] = re.findall(r'<p class="plan-said">(.*?)</p>', page.text, re.S)
    return " ".join(unescape(strip_tags(sentence)).split()).replace("\xa0", " ")


def value(page, name: str) -> str:
    """What stands in the field `name`."""
    [field] = re.findall(rf'<input [^>]*name="{name}"[^>]*>', page.text)
    found = re.search(r'value="([^"]*)"', field)
    return found[1] if found else ""


@pytest.mark.parametrize("ask", ASKS)
def test_a_new_creator_has_an_answer_to_everything_or_learns_what_will_stand_there(
    client, creator, ask
):
    page = client.get(PLAN, {"ask": ask})

    assert page.status_code == 200
    assert "What would it take?" in page.text
    if ask == "more":
        assert "A sentence like this will stand here" in page.text
        assert "/studio/low-tide/sources" in page.text
        assert 'type="range"' not in page.text
    else:
        assert said(page)
        assert "Work it out" in page.text


def test_it_begins_with_the_creators_own_target(client, creator):
    page = client.get(PLAN)

    assert said(page) == "1,000 friends × £100 = £100,000"
    assert "This is the target you count by." in page.text
    assert 'href="/studio/low-tide/plan" aria-current="page"' in page.text


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"solve": "people", "goal": "50,000", "spend": "100"}, "500 friends × £100 = £50,000"),
        ({"solve": "people", "goal": "50000", "spend": "£50"}, "1,000 friends × £50 = £50,000"),
        ({"solve": "spend", "goal": "50000", "people": "500"}, "500 friends × £100 = £50,000"),
        ({"solve": "goal", "people": "1 000", "spend": "50"}, "1,000 friends × £50 = £50,000"),
        ({"people": "1", "spend": "0.50"}, "1 friend × £0.50 = £0.50"),
        ({"currency": "JPY", "spend": "10000"}, "1,000 friends × JP¥10,000 = JP¥10,000,000"),
        (
            {"solve": "people", "goal": "100000", "spend": "60"},
            "1,667 friends × £60 = £100,020",
        ),
    ],
)
def test_any_two_of_people_spend_and_goal_tell_the_third(client, creator, typed, answer):
    page = client.get(PLAN, typed)

    assert (page.status_code, said(page)) == (200, answer)


def test_what_is_worked_out_is_written_into_its_own_field_to_go_on_from(client, creator):
    page = client.get(PLAN, {"solve": "people", "goal": "50000", "spend": "100", "people": "7"})

    assert value(page, "people") == "500"
    assert "£50" in words(page)


def test_nobody_comes_in_parts_and_that_is_told(client, creator):
    page = client.get(PLAN, {"solve": "people", "goal": "100000", "spend": "60"})

    assert "That is £20 more than you asked for" in words(page)


def test_two_hundred_who_spend_500_every_two_years_are_50_000_a_year(client, creator):
    page = words(client.get(PLAN, {"people": "200", "spend": "500", "months": "24"}))

    assert "A year £50,000" in page
    assert "A month £4,166.67" in page


def test_a_duet_needs_twice_as_many(client, creator):
    page = words(client.get(PLAN, {"team": "2"}))

    assert "For the 2 of you 2,000 friends £200,000 together" in page


def test_a_plan_becomes_the_target_in_settings(client, creator):
    page = client.get(PLAN, {"people": "500", "spend": "200"})

    assert "Make 500, £200 and 12 months your target in" in words(page)
    assert 'href="/studio/low-tide/settings">Settings</a>.' in page.text


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("Kevin Kelly, 2008", "1,000 friends × US$100 = US$100,000"),
        ("Li Jin, 2020", "100 friends × US$1,000 = US$100,000"),
        ("Brian Austin Whitney, 2004", "5,000 friends × US$20 = US$100,000"),
    ],
)
def test_plans_that_others_spoke_of_are_one_step_away(client, creator, who, answer):
    page = client.get(PLAN, {"team": "3", "loss": "40"})
    [address] = re.findall(rf'<a href="([^"]*)">[^<]*</a> <span class="is-soft">{who}', page.text)

    assert "loss=40" in address
    assert said(client.get(PLAN + unescape(address))) == answer


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ({"spend": "12,50"}, "with a point before its decimals: 12.50."),
        ({"spend": "12.505"}, "GBP has at most 2 decimals."),
        ({"spend": "12.50", "currency": "JPY"}, "JPY has no decimals: write a whole number."),
        ({"spend": "0"}, "It must be more than nothing."),
        ({"spend": ""}, "Type a number here."),
        ({"spend": "-1"}, "greater than or equal to 0"),
        ({"spend": "NaN"}, "Write it as a number"),
        ({"spend": "1e400"}, "12 digits"),
        ({"people": "ten"}, "Write it as a whole number, like 1000."),
        ({"people": "9" * 5000}, "Write it as a whole number, like 1000."),
        ({"people": "0"}, "greater than or equal to 1"),
        ({"people": "\0"}, "Type a number here."),
        ({"months": "121"}, "less than or equal to 120"),
        ({"currency": "nothing"}, "Select a valid choice."),
        ({"solve": "love"}, "Select a valid choice."),
        ({"ask": "growth", "since": "someday"}, "Write a date like 2026-01-31."),
        ({"ask": "growth", "since": "9999-12-31"}, "less than a hundred years away"),
        ({"ask": "growth", "loss": "101"}, "less than or equal to 100"),
        ({"ask": "growth", "every": "13"}, "Select a valid choice."),
        ({"ask": "fees", "price": ""}, "Type a number here."),
        ({"ask": "offers", "o0-offer": "Box", "o0-price": "5"}, "or empty the row."),
        ({"ask": "offers", "o0-people": "x", "o0-price": "5"}, "Offer 1: People"),
        ({"ask": "more", "group": "tier-0"}, "Select a valid choice."),
        ({"ask": "more", "extra": "x"}, "Write it as a number"),
    ],
)
def test_what_cannot_be_read_is_kept_and_says_what_to_do(client, buyer, typed, what):
    buyer(80_00)
    page, part = client.get(PLAN, typed), client.get(PLAN, typed, headers=PART)

    for answer in (page, part):
        assert answer.status_code == 422
        assert what in words(answer)
        assert "plan-said" not in answer.text
    [name] = [name for name in typed if name not in ("ask", "currency")][:1] or ["currency"]
    if f'<input type="text" name="{name}"' in page.text:
        assert value(page, name) == typed[name].replace("\0", "")


def test_where_something_is_wrong_the_form_is_sent_whole_and_names_it_beside_the_field(
    client, creator
):
    page = client.get(PLAN, {"spend": "12,50"}).text

    assert "hx-get" not in page
    assert 'aria-invalid="true"' in page
    assert '<a href="#id_spend">Each spends</a>' in page


def test_what_is_worked_out_may_hold_anything(client, creator):
    page = client.get(PLAN, {"solve": "goal", "goal": "who knows", "people": "2", "spend": "3"})

    assert said(page) == "2 friends × £3 = £6"


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


def test_who_counts_net_has_the_fees_in_the_target_already(client, creator, buyer):
    creator.counts = "net"
    creator.save()
    buyer(100_00)

    assert "so that is in it already" in words(client.get(PLAN, {"ask": "fees"}))


def test_without_any_money_nothing_is_said_of_what_is_kept(client, creator):
    assert "really reached you" not in client.get(PLAN, {"ask": "fees"}).text


GROWTH = {"ask": "growth", "arrivals": "1", "every": "1", "start": "0", "since": "2026-01-01"}


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


def test_a_goal_that_was_typed_goes_on_to_the_other_questions(client, creator):
    typed = {"people": "700", "spend": "120", "team": "2"}

    assert value(client.get(PLAN, {"ask": "growth"} | typed), "reach") == "1400"
    fees = client.get(PLAN, {"ask": "fees"} | typed)
    assert (value(fees, "net"), value(fees, "price")) == ("168000", "10")


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


def test_while_one_types_only_the_answer_is_sent_and_the_address_kept(client, creator):
    typed = {
        "ask": "goal",
        "solve": "people",
        "goal": "50000",
        "spend": "100",
        "people": "",
        "loss": "40",
    }
    part = client.get(PLAN, typed, headers=PART)

    assert said(part) == "500 friends × £100 = £50,000"
    assert "<html" not in part.text
    assert "<form" not in part.text
    assert value(part, "people") == "500"
    assert 'id="term-people" hx-swap-oob="innerHTML"' in part.text
    assert "HX-Request" in part.headers["Vary"]
    address = urlsplit(part.headers["HX-Replace-Url"])
    assert address.path == PLAN
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert query == typed | {"people": "500"}


def test_while_one_drags_the_sliders_say_what_they_stand_at(client, regulars):
    part = client.get(PLAN, {"ask": "more", "extra": "50", "times": "2"}, headers=PART)

    assert "3 of them would become true friends." in said(part)
    assert '<output id="shown-extra" for="id_extra" hx-swap-oob="true">£50</output>' in part.text
    assert 'type="range"' not in part.text


@pytest.mark.parametrize("ask", ASKS)
def test_what_was_typed_for_one_question_stays_when_another_is_asked(client, buyer, ask):
    buyer(80_00)
    typed = MIX | {"people": "321", "loss": "12.5", "price": "7", "extra": "11"}
    page = client.get(PLAN, typed | {"ask": ask})

    for name, kept in typed.items():
        assert f'name="{name}"' in page.text
        assert value(page, name) == kept
    for address in re.findall(r'<a href="(\?[^"]*)" *(?:aria-current="true")?>', page.text):
        query = parse_qs(urlsplit(unescape(address)).query)
        assert {name: query[name] for name in MIX} == {name: [kept] for name, kept in MIX.items()}


def test_an_address_that_was_kept_says_the_same_again(client, creator):
    part = client.get(PLAN, GROWTH | {"loss": "40"}, headers=PART)
    again = client.get(part.headers["HX-Replace-Url"])

    assert said(again) == said(part)


def test_names_in_the_address_are_only_text(client, creator):
    hostile = '"><script>alert(1)</script>'
    for ask in ASKS[:4]:
        page = client.get(
            PLAN, {"ask": ask, hostile: hostile, "o0-offer": hostile, "people": hostile}
        )
        assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("ask", "queries"), [("goal", 3), ("offers", 3), ("fees", 4), ("growth", 4), ("more", 5)]
)
def test_the_plan_asks_the_database_as_often_for_many_as_for_few(
    client, buyer, ask, queries, django_assert_num_queries
):
    buyer(10_00)
    with django_assert_num_queries(queries):
        client.get(PLAN, {"ask": ask})
    for number in range(30):
        buyer(number * 5_00)
    with django_assert_num_queries(queries):
        client.get(PLAN, {"ask": ask})


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
