"""Plan: one question at once, everything typed in the address, answered out of the real books."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.dashboard.planning import GROWTH, MIX, PART, PLAN, said, value, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

ASKS = ["goal", "offers", "fees", "growth", "more"]


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
        ({"spend": "-1"}, "must be 0 or more"),
        ({"spend": "NaN"}, "Write it as a number"),
        ({"spend": "1e400"}, "12 digits"),
        ({"people": "ten"}, "Write it as a whole number, like 1000."),
        ({"people": "9" * 5000}, "Write it as a whole number, like 1000."),
        ({"people": "0"}, "must be 1 or more"),
        ({"people": "\0"}, "Type a number here."),
        ({"months": "121"}, "must be 120 or less"),
        ({"currency": "nothing"}, "Please choose one from the list."),
        ({"solve": "love"}, "Please choose one from the list."),
        ({"ask": "growth", "since": "someday"}, "Write a date like 2026-01-31."),
        ({"ask": "growth", "since": "9999-12-31"}, "less than a hundred years away"),
        ({"ask": "growth", "loss": "101"}, "must be 100 or less"),
        ({"ask": "growth", "every": "13"}, "Please choose one from the list."),
        ({"ask": "fees", "price": ""}, "Type a number here."),
        ({"ask": "offers", "o0-offer": "Box", "o0-price": "5"}, "or empty the row."),
        ({"ask": "offers", "o0-people": "x", "o0-price": "5"}, "Offer 1: People"),
        ({"ask": "more", "group": "tier-0"}, "Please choose one from the list."),
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


def test_a_goal_that_was_typed_goes_on_to_the_other_questions(client, creator):
    typed = {"people": "700", "spend": "120", "team": "2"}

    assert value(client.get(PLAN, {"ask": "growth"} | typed), "reach") == "1400"
    fees = client.get(PLAN, {"ask": "fees"} | typed)
    assert (value(fees, "net"), value(fees, "price")) == ("168000", "10")


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
    ("ask", "queries"), [("goal", 3), ("offers", 3), ("fees", 4), ("growth", 22), ("more", 5)]
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
