"""The list of everybody."""

import pytest

from tests.factories import (
    CreatorFactory,
    FanFactory,
    IdentityFactory,
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


def test_people_stand_by_what_they_spent(client, buyer):
    for amount, name in ((20_00, "Ada"), (300_00, "Bela"), (99_00, "Carys")):
        buyer(amount, name=name)

    assert names(client.get(PEOPLE)) == ["Bela", "Carys", "Ada"]


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("", ["True", "Way", "Resting"]),
        ("true", ["True"]),
        ("way", ["Way"]),
        ("nonsense", ["True", "Way", "Resting"]),
    ],
)
def test_the_filter_is_in_the_address(client, buyer, creator, show, expected):
    buyer(100_00, name="True")
    buyer(50_00, name="Way")
    FanFactory(creator=creator, name="Resting")

    assert names(client.get(PEOPLE, {"show": show})) == expected


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ada", ["Ada Lovelace"]),
        ("LOVE", ["Ada Lovelace"]),
        ("ada@", ["Ada Lovelace"]),
        ("ADA@EX", ["Ada Lovelace"]),
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


def test_pages_follow_each_other_and_keep_the_search(client, creator):
    for number in range(60):
        FanFactory(creator=creator, name=f"Ada {number:02}", spend=1000 - number)

    first = client.get(PEOPLE, {"q": "Ada", "show": "way"})
    second = client.get(PEOPLE, {"q": "Ada", "show": "way", "after": first.context["page"].after})

    assert names(first) + names(second) == [f"Ada {number:02}" for number in range(60)]
    assert f"?q=Ada&amp;show=way&amp;after={first.context['page'].after}" in first.text
    assert 'href="?q=Ada&amp;show=way"' in second.text


def test_typing_gets_only_the_list(client, buyer):
    buyer(10_00, name="Ada")

    part = client.get(PEOPLE, {"q": "a"}, headers={"HX-Request": "true", "HX-Target": "people"})

    assert part.text.strip().startswith('<div class="stack" id="people"')
    assert "Ada" in part.text
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]


def test_nobody_found_is_told_apart_from_nobody_there(client, creator):
    assert "Nobody here yet" in client.get(PEOPLE).text
    assert "Nobody by that name" in client.get(PEOPLE, {"q": "Ada"}).text


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


def test_people_cost_the_same_queries_however_many_they_are(
    client, buyer, django_assert_num_queries
):
    buyer(100_00)
    with django_assert_num_queries(5):
        client.get(PEOPLE)
    for number in range(30):
        buyer(number * 10_00)
    with django_assert_num_queries(5):
        client.get(PEOPLE)
