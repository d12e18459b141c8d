"""The list of everybody."""

import re
from html import unescape

import pytest

from dashboard import people_list
from revenue.models import Purchase
from tests.factories import (
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    MemberFactory,
    SegmentFactory,
    TagFactory,
    TaggingFactory,
)

pytestmark = pytest.mark.django_db

PEOPLE = "/studio/low-tide/people"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe",
    "A" * 10_000,
]


def names(page):
    return [fan.name for fan in page.context["page"].rows]


def test_no_remark_of_a_template_is_on_the_page(client, buyer):
    buyer(20_00)

    assert "{#" not in client.get(PEOPLE).text


def test_people_stand_by_what_they_spent(client, buyer):
    for amount, name in ((20_00, "Ada"), (300_00, "Bela"), (99_00, "Carys")):
        buyer(amount, name=name)

    assert names(client.get(PEOPLE)) == ["Bela", "Carys", "Ada"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ada", ["Ada Lovelace"]),
        ("LOVE", ["Ada Lovelace"]),
        ("ada@", ["Ada Lovelace"]),
        ("ADA@EX", ["Ada Lovelace"]),
        ("ada@sec", ["Ada Lovelace"]),
        ("  ada ", ["Ada Lovelace"]),
        ("lace", []),
        ("%", []),
        ("_", []),
        ("a\0da", ["Ada Lovelace"]),
        ("x" * 5000, []),
    ],
)
def test_search_finds_the_beginning_of_a_word_or_an_address(client, creator, typed, found):
    fan = FanFactory(creator=creator, name="Ada Lovelace", email="ada@example.com")
    IdentityFactory(fan=fan)
    IdentityFactory(fan=fan, value="ada@second.example")
    IdentityFactory(fan=FanFactory(creator=creator, name="Bela"))

    page = client.get(PEOPLE, {"q": typed})

    assert (page.status_code, names(page)) == (200, found)


def test_whom_another_creator_knows_is_never_found(client, creator):
    other = FanFactory(creator=CreatorFactory(), name="Ada Elsewhere", spend=900_00)
    IdentityFactory(fan=other)

    for query in ({}, {"q": "Ada"}, {"q": other.email}, {"show": "way"}):
        assert "Ada Elsewhere" not in client.get(PEOPLE, query).text
    assert client.get(f"{PEOPLE}/{other.pk}").status_code == 404


def test_pages_follow_each_other_and_keep_what_is_asked_for(client, creator):
    for number in range(60):
        FanFactory(creator=creator, name=f"Ada {number:02}", spend=1000 - number)

    first = client.get(PEOPLE, {"q": "Ada", "show": "way"})
    second = client.get(PEOPLE, {"q": "Ada", "show": "way", "after": first.context["page"].after})

    assert names(first) + names(second) == [f"Ada {number:02}" for number in range(60)]
    assert f"?q=Ada&amp;show=way&amp;after={first.context['page'].after}" in first.text
    assert 'href="?q=Ada&amp;show=way"' in second.text


def test_back_leads_page_by_page_to_where_one_came_from_with_what_is_asked_for(client, creator):
    for number in range(120):
        FanFactory(creator=creator, name=f"Ada {number:03}", spend=1000 - number)
    first = client.get(PEOPLE, {"q": "Ada", "show": "way"})
    second = client.get(PEOPLE + link(first, "next"))
    third = client.get(PEOPLE + link(second, "next"))

    assert names(client.get(PEOPLE + link(third, "prev"))) == names(second)
    assert link(second, "prev") == "?q=Ada&show=way"
    assert "To the beginning" in third.text
    assert "To the beginning" not in second.text
    assert 'rel="prev"' not in first.text


def link(page, rel: str) -> str:
    """Where a link between pages leads."""
    [address] = re.findall(rf'href="([^"]*)" rel="{rel}"', page.text)
    return unescape(address)


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("q=&show=&spend_from=&tag=", PEOPLE),
        ("q=ada&show=&sort=spend", f"{PEOPLE}?q=ada&sort=spend"),
        ("tag=1&tag=&tag=2", f"{PEOPLE}?tag=1&tag=2"),
    ],
)
def test_fields_that_nobody_filled_in_are_not_in_the_address(client, creator, sent, address):
    answer = client.get(f"{PEOPLE}?{sent}")

    assert (answer.status_code, answer.url) == (302, address)


def test_typing_gets_only_the_list_and_a_tidy_address(client, buyer):
    buyer(10_00, name="Ada")
    headers = {"HX-Request": "true", "HX-Target": "people"}

    part = client.get(PEOPLE, {"q": "a", "spend_from": "", "sort": "name"}, headers=headers)

    assert part.text.strip().startswith('<div class="stack" id="people"')
    assert "Ada" in part.text
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]
    assert part.headers["HX-Push-Url"] == f"{PEOPLE}?q=a&sort=name"


def test_a_person_is_opened_with_the_way_back_to_their_neighbours(client, buyer):
    fan = buyer(10_00, name="Ada")

    page = client.get(f"{PEOPLE}?q=ada&spend_from=5")

    assert f'href="{PEOPLE}/{fan.pk}?from=q%3Dada%26spend_from%3D5"' in page.text


def test_how_many_there_are_is_said(client, creator, monkeypatch):
    for number in range(3):
        FanFactory(creator=creator, name=f"Ada {number}")
    FanFactory(creator=creator, name="Bela")

    def told(query=""):
        page = client.get(f"{PEOPLE}?q=ada{query}")
        return " ".join(re.sub("<[^>]+>", "", page.text).split())

    assert "3 of 4" in told()
    monkeypatch.setattr(people_list, "MOST_COUNTED", 2)
    assert "more than 2 of 4 Count them" in told()
    assert "3 of 4" in told("&count=all")


def test_nobody_found_is_told_apart_from_nobody_there(client, creator):
    assert "Nobody here yet" in client.get(PEOPLE).text
    FanFactory(creator=creator, name="Bela")

    page = client.get(f"{PEOPLE}?q=Ada&show=true")

    assert "Nobody fits all of that" in page.text
    assert f'href="{PEOPLE}?q=Ada"' in page.text
    assert f'href="{PEOPLE}?show=true"' in page.text


def test_the_filters_offer_what_there_is(client, creator, buyer):
    fan = buyer(10_00, country="NZ")
    TaggingFactory(fan=fan, tag=TagFactory(creator=creator, name="street team"))
    AcquaintanceFactory(fan=fan, household="Bakers")
    Purchase.objects.update(description="The Long Way")

    page = client.get(PEOPLE).text

    for offered in ("New Zealand", "street team", "Bakers", "The Long Way", "Low Tide shop"):
        assert offered in page
    assert "France" not in page


def test_who_may_only_look_sees_no_way_to_change_anything(client, creator, buyer):
    buyer(10_00, name="Ada")
    SegmentFactory(creator=creator, name="Everybody abroad")
    viewer = MemberFactory(creator=creator, role="viewer").user
    client.force_login(viewer)

    page = client.get(f"{PEOPLE}?q=ada").text

    assert "Everybody abroad" in page
    for word in ("Several at once", "Save these filters", 'type="checkbox" name="fan"'):
        assert word not in page


@pytest.mark.parametrize("name", HOSTILE, ids=["script", "attribute", "rtl", "long"])
def test_a_hostile_name_is_only_text_on_every_page(client, buyer, name):
    fan = buyer(90_00, name=name)
    IdentityFactory(fan=fan, value=name, evidence=name)
    fan.purchase_set.update(description=name, payer_name=name)

    for path in (PEOPLE, f"{PEOPLE}/{fan.pk}", "/studio/low-tide/", "/studio/low-tide/income"):
        page = client.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "A" * 300 not in page.text


EVERYTHING = (
    "q=fan&show=way&tier=none&gap_from=1&seat_from=1&spend_from=1&ever_from=1&purchases_from=1"
    "&first_from=2020-01-01&last_from=2020-01-01&not_since=2027-01-01&rhythm=warm&product=album"
    "&member=none&country=GB&address=yes&birthday=1&household=b&touch=ever&touch_days=5&note=yes"
)


@pytest.mark.parametrize(
    ("query", "part", "most"), [("", 9, 15), ("show=way&sort=name", 10, 16), (EVERYTHING, 10, 15)]
)
def test_people_cost_the_same_queries_however_many_they_are(
    client, buyer, creator, query, part, most, django_assert_max_num_queries
):
    headers = {"HX-Request": "true", "HX-Target": "people"}
    for count in (1, 30):
        for number in range(count):
            fan = buyer(number * 10_00)
            TaggingFactory(fan=fan, tag=TagFactory(creator=creator))
            SegmentFactory(creator=creator)
        with django_assert_max_num_queries(most):
            client.get(f"{PEOPLE}?{query}")
        with django_assert_max_num_queries(part):
            client.get(f"{PEOPLE}?{query}", headers=headers)


def test_whose_seat_rests_stands_in_their_tier_and_rests_beside_the_number(client, creator, buyer):
    regular = creator.tiers.get(name="Regular")
    fan = buyer(60_00, name="Ada", tier=regular, seat=1204)

    for address in (PEOPLE, f"{PEOPLE}/{fan.pk}"):
        page = client.get(address).text
        assert '<span class="badge">Regular</span>' in page
    row = client.get(PEOPLE).text
    assert 'No. 1,204</span><span class="note">resting</span>' in row
    assert "No. 1,204, resting" in client.get(f"{PEOPLE}/{fan.pk}").text
