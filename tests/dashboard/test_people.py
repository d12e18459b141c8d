"""The list of everybody, and one person."""

import pytest

from tests.factories import (
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    MembershipFactory,
    PurchaseFactory,
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


def test_a_person_shows_where_they_stand_and_how_they_are_known(client, buyer):
    fan = buyer(75_00, name="Zoë", seat=347)
    IdentityFactory(fan=fan, value="zoe@example.com", evidence="Stripe customer cus_1")

    page = client.get(f"{PEOPLE}/{fan.pk}")

    for words in ("Zoë", "No. 347", "resting", "£25.00", "zoe@example.com", "cus_1", "£74.50"):
        assert words in page.text


def test_a_converted_purchase_shows_rate_date_and_origin(client, buyer, source, now):
    fan = buyer(10_00)
    PurchaseFactory(
        source=source, fan=fan, currency="USD", amount=29_00, rate="0.796600000000",
        rate_origin="ecb", rate_date=now.date(), counted_gross=23_10, counted_net=22_00,
        returned=4_00, state="partly_refunded",
    )  # fmt: skip

    page = client.get(f"{PEOPLE}/{fan.pk}").text

    assert "US$29.00" in page
    assert "US$4.00 returned" in page
    assert "partly refunded" in page
    assert "£23.10" in page
    assert "at 0.7966, European Central Bank, 22 Nov 2026" in page


def test_only_that_persons_purchases_are_on_their_page(client, buyer):
    fan, other = buyer(10_00), buyer(20_00)

    rows = client.get(f"{PEOPLE}/{fan.pk}").context["page"].rows

    assert [row.fan for row in rows] == [fan]
    assert other.purchase_set.get() not in rows


def test_a_person_costs_the_same_queries_however_much_they_bought(
    client, buyer, source, django_assert_num_queries
):
    fan = buyer(10_00)
    with django_assert_num_queries(7):
        client.get(f"{PEOPLE}/{fan.pk}")
    PurchaseFactory.create_batch(20, source=source, fan=fan)
    with django_assert_num_queries(7):
        client.get(f"{PEOPLE}/{fan.pk}")


def test_moments_are_told_by_the_creators_own_clock(client, creator, buyer):
    creator.time_zone = "Pacific/Auckland"
    creator.save()
    fan = buyer(10_00)

    assert "23 Nov 2026, 01:00" in client.get(f"{PEOPLE}/{fan.pk}").text


def test_a_membership_shows_when_and_why_it_ends(client, creator, source, now):
    fan = FanFactory(creator=creator, name="Ada")
    MembershipFactory(
        source=source, fan=fan, description="Friends", ends_at=now, reason="own_choice",
        comment="Too dear <b>",
    )  # fmt: skip

    page = client.get(f"{PEOPLE}/{fan.pk}").text

    assert "Friends" in page
    assert "ends on 22 November 2026" in " ".join(page.split())
    assert "their own choice" in page
    assert "Too dear &lt;b&gt;" in page
