"""Every filter of the list: given these people, these are found."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st

from dashboard.people_filters import FILTERS
from dashboard.people_list import SORTS, look_at
from tests.dashboard.looking import people_in
from tests.factories import (
    NOW,
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    MembershipFactory,
    NoteFactory,
    PurchaseFactory,
    SourceFactory,
    TagFactory,
    TaggingFactory,
)
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LONG_AGO = NOW - 900 * DAY


@pytest.fixture
def friends():
    """Five people who differ in everything: `friends.ids` are ids by name, for the queries."""
    return people_of(CreatorFactory(time_zone="Europe/London"))


class Friends:
    def __init__(self, creator, ids):
        self.creator, self.ids = creator, ids

    def found(self, query: str) -> list[str]:
        people, _order = people_in(self.creator, query % self.ids, NOW)
        return [fan.name for fan in people.order_by("name")]


def people_of(creator) -> Friends:
    creator.create_default_tiers()
    tiers = dict(creator.tiers.values_list("name", "pk"))
    shop, till = SourceFactory.create_batch(2, creator=creator)
    tour, berlin = (TagFactory(creator=creator, name=name) for name in ("tour", "berlin"))

    def person(name, spend, **fields):
        tier = max((t for t in creator.tiers.all() if t.threshold <= spend), default=None,
                   key=lambda t: t.threshold)  # fmt: skip
        columns = {
            "purchases": 1, "first_purchase_at": NOW - 10 * DAY, "last_purchase_at": NOW - 10 * DAY,
            "window_gross": spend, "lifetime_gross": spend, "is_true_fan": spend >= 100_00,
        }  # fmt: skip
        return FanFactory(creator=creator, name=name, spend=spend, tier=tier, **columns | fields)

    ada = person("Ada", 140_00, seat=1, crossed_at=NOW, country="GB", purchases=7,
                 usual_pause=30 * DAY, last_purchase_at=NOW - DAY)  # fmt: skip
    bea = person("Bea", 90_00, country="DE", usual_order=10_00, lifetime_gross=300_00, seat=2,
                 crossed_at=LONG_AGO, purchases=5, usual_pause=30 * DAY,
                 last_purchase_at=NOW - 50 * DAY)  # fmt: skip
    cy = person("Cy", 20_00, email="", usual_order=10_00, last_purchase_at=NOW - 460 * DAY)
    dee = person("Dee", 0, country="FR", lifetime_gross=50_00, last_purchase_at=LONG_AGO,
                 first_purchase_at=LONG_AGO)  # fmt: skip
    person("Eve", 0, purchases=0, first_purchase_at=None, last_purchase_at=None)
    IdentityFactory(fan=ada, value="countess@example.com")

    for fan, source, product, state in (
        (ada, shop, "The Long Way (vinyl)", "paid"), (ada, till, "T-shirt", "refunded"),
        (bea, shop, "the long way (CD)", "paid"), (cy, shop, "T-shirt", "failed"),
        (dee, till, "T-shirt, blue", "settling"),
    ):  # fmt: skip
        PurchaseFactory(source=source, fan=fan, description=product, state=state)
    for fan, state, ends in (
        (ada, "active", None), (bea, "active", NOW + DAY), (cy, "ended", NOW - DAY),
        (dee, "incomplete", None),
    ):  # fmt: skip
        MembershipFactory(source=shop, fan=fan, state=state, ends_at=ends)
    for fan, tag in ((ada, tour), (ada, berlin), (bea, tour), (dee, berlin)):
        TaggingFactory(fan=fan, tag=tag)
    AcquaintanceFactory(
        fan=ada, birth_month=11, birth_day=3, household="Lovelace", last_touch_at=NOW - 5 * DAY,
        last_thanked_at=NOW - 400 * DAY,
    )  # fmt: skip
    AcquaintanceFactory(fan=bea, household="Bakers", last_touch_at=NOW - 100 * DAY)
    AcquaintanceFactory(fan=cy, birth_month=2, birth_day=29)
    NoteFactory(fan=bea)
    ids = {
        "shop": shop.pk, "till": till.pk, "tour": tour.pk, "berlin": berlin.pk,
        **{name.lower(): pk for name, pk in tiers.items()},
    }  # fmt: skip
    someone_elses(CreatorFactory())
    return Friends(creator, ids)


def someone_elses(creator) -> None:
    """Another creator's person, who fits every filter."""
    source = SourceFactory(creator=creator)
    fan = FanFactory(
        creator=creator, name="Ada", spend=140_00, is_true_fan=True, seat=1, purchases=7,
        crossed_at=NOW, last_purchase_at=NOW, first_purchase_at=NOW, country="GB",
    )  # fmt: skip
    PurchaseFactory(source=source, fan=fan, description="T-shirt")
    MembershipFactory(source=source, fan=fan)
    TaggingFactory(fan=fan)
    NoteFactory(fan=fan)
    AcquaintanceFactory(fan=fan, last_touch_at=NOW, household="Lovelace")


ALL = ["Ada", "Bea", "Cy", "Dee", "Eve"]
CASES = {
    "": ALL,
    "q=ad": ["Ada"],
    "q=countess@": ["Ada"],
    "q=nobody": [],
    "show=true": ["Ada"],
    "show=way": ["Bea", "Cy"],
    "show=near": ["Bea"],
    "show=former": ["Bea"],
    "tier=%(true)s": ["Ada"],
    "tier=%(regular)s&tier=%(true)s": ["Ada", "Bea"],
    "tier=none": ["Cy", "Dee", "Eve"],
    "tier=none&tier=%(regular)s": ["Bea", "Cy", "Dee", "Eve"],
    "gap_to=10": ["Ada", "Bea"],
    "gap_to=9.99": ["Ada"],
    "gap_from=10&gap_to=80": ["Bea", "Cy"],
    "gap_from=0": ALL,
    "gap_from=100": ["Dee", "Eve"],
    "gap_from=100.01": [],
    "seat_from=1": ["Ada", "Bea"],
    "seat_to=1": ["Ada"],
    "seat_from=2&seat_to=2": ["Bea"],
    "spend_from=20&spend_to=90": ["Bea", "Cy"],
    "spend_from=140.00": ["Ada"],
    "spend_to=0": ["Dee", "Eve"],
    "ever_from=140&ever_to=300": ["Ada", "Bea"],
    "purchases_to=0": ["Eve"],
    "purchases_from=5&purchases_to=7": ["Ada", "Bea"],
    "first_to=2025-01-01": ["Dee"],
    "first_from=2026-11-12&first_to=2026-11-12": ["Ada", "Bea", "Cy"],
    "first_from=2026-11-13": [],
    "crossed_from=2026-11-22": ["Ada"],
    "crossed_to=2026-11-21": ["Bea"],
    "last_from=2026-11-21": ["Ada"],
    "last_from=2026-01-01&last_to=2026-11-20": ["Bea"],
    "last_to=2025-12-31": ["Cy", "Dee"],
    "not_since=2026-10-01": ["Cy", "Dee", "Eve"],
    "rhythm=warm": ["Ada"],
    "rhythm=late": ["Bea"],
    "rhythm=very_late": ["Cy"],
    "rhythm=lapsed": ["Dee"],
    "rhythm=slipping": ["Bea", "Cy"],
    "source=%(shop)s": ["Ada", "Bea"],
    "source=%(till)s": ["Ada", "Dee"],
    "product=the+long": ["Ada", "Bea"],
    "product=THE LONG WAY (V": ["Ada"],
    "product=t-shirt": ["Ada", "Dee"],
    "product=shirt": [],
    "product=%%": [],
    "member=active": ["Ada", "Bea"],
    "member=leaving": ["Bea"],
    "member=ended": ["Cy"],
    "member=none": ["Dee", "Eve"],
    "country=DE": ["Bea"],
    "country=none": ["Cy", "Eve"],
    "country=NZ": [],
    "address=yes": ["Ada", "Bea", "Dee", "Eve"],
    "address=no": ["Cy"],
    "birthday=11": ["Ada"],
    "birthday=2": ["Cy"],
    "household=love": ["Ada"],
    "household=bakers": ["Bea"],
    "tag=%(tour)s": ["Ada", "Bea"],
    "tag=%(tour)s&tag=%(berlin)s": ["Ada", "Bea", "Dee"],
    "no_tag=%(berlin)s": ["Bea", "Cy", "Eve"],
    "no_tag=%(berlin)s&no_tag=%(tour)s": ["Cy", "Eve"],
    "tag=%(tour)s&no_tag=%(berlin)s": ["Bea"],
    "touch=ever": ["Ada", "Bea"],
    "touch=never": ["Cy", "Dee", "Eve"],
    "touch=thanked": ["Ada"],
    "touch=unthanked": ["Bea", "Cy", "Dee", "Eve"],
    "touch_not_since=2026-11-01": ["Bea", "Cy", "Dee", "Eve"],
    "touch_not_since=2026-08-01": ["Cy", "Dee", "Eve"],
    "touch_days=5": ["Ada"],
    "touch_days=4": [],
    "touch_days=100": ["Ada", "Bea"],
    "note=yes": ["Bea"],
    "note=no": ["Ada", "Cy", "Dee", "Eve"],
    "show=way&address=yes&rhythm=slipping": ["Bea"],
    "spend_from=50&spend_to=10": ["Ada", "Bea"],  # the end is left out, and said to be
}


def test_these_are_found(friends):
    # In one test, because the people take longer than all the questions.
    assert {query: friends.found(query) for query in CASES} == CASES


def test_every_filter_and_every_choice_of_one_is_a_case(friends):
    asked = [pair.partition("=") for query in CASES for pair in query.split("&") if pair]
    names = {name for each in FILTERS for name in each.names}
    assert names == {name for name, _, _ in asked}
    choices = {(each.name, key) for each in FILTERS for key in getattr(each, "options", {})}
    assert choices <= {(name, value) for name, _, value in asked}


def test_an_amount_is_typed_as_the_currency_is_written():
    creator = CreatorFactory(currency="JPY", target_spend=10_000)
    FanFactory(creator=creator, name="Ada", spend=900)
    FanFactory(creator=creator, name="Bea", spend=9)

    people, _order = people_in(creator, "spend_from=900", NOW)
    assert [fan.name for fan in people] == ["Ada"]
    look = look_at(creator, "spend_from=9.5", now=NOW)
    assert (look.unread, look.people().count()) == (["In the window"], 2)


def test_a_day_begins_by_the_creators_clock():
    creator = CreatorFactory(time_zone="Pacific/Auckland")  # thirteen hours ahead
    FanFactory(creator=creator, last_purchase_at=datetime.fromisoformat("2026-11-21T11:30:00Z"))

    def count(query):
        return people_in(creator, query, NOW)[0].count()

    assert count("last_from=2026-11-22&last_to=2026-11-22") == 1
    assert count("last_to=2026-11-21") == 0
    assert count("not_since=2026-11-22") == 0
    assert count("not_since=2026-11-23") == 1


READS = {
    "spend_from=25&spend_to=100": "In the window: £25 – £100",
    "spend_from=25.5": "In the window: from £25.50",
    "gap_to=25": "Gap: up to £25",
    "seat_from=7&seat_to=7": "Seat: 7",
    "purchases_from=1000": "Purchases: from 1,000",
    "first_from=2026-01-31": "First bought: from 31 Jan 2026",
    "not_since=2026-01-31": "Not bought since: 31 Jan 2026",
    "touch_days=1": "In touch within: 1 day",
    "touch_days=30": "In touch within: 30 days",
    "show=near": "Standing: one purchase away",
    "rhythm=very_late": "Rhythm: very late",
    "tag=%(tour)s&tag=%(berlin)s": "Tagged any of: tour or berlin",
    "tier=none": "Tier: no tier",
    "country=NZ": "Country: New Zealand",
    "country=none": "Country: not known",
    "birthday=2": "Birthday in: February",
    "product=T-Shirt": "Product, as it begins: T-Shirt",
    "q=ada++love": "Name or address: ada love",
}  # fmt: skip


def test_a_filter_that_is_on_reads_so(friends):
    reads = {}
    for query in READS:
        [chip] = look_at(friends.creator, query % friends.ids, now=NOW).chips
        assert chip.without == ""
        reads[query] = f"{chip.label}: {chip.words}"

    assert reads == READS


def test_letting_go_of_one_leaves_the_others_and_the_order():
    look = look_at(CreatorFactory(), "sort=name&spend_to=9&spend_from=5&q=a&show=way", now=NOW)

    assert [chip.without for chip in look.chips] == [
        "show=way&spend_from=5&spend_to=9&sort=name",
        "q=a&spend_from=5&spend_to=9&sort=name",
        "q=a&show=way&sort=name",
    ]


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("sort=spend", ""),
        ("sort=name&q=++a++b+", "q=a+b&sort=name"),
        ("show=&spend_from=&spend_to=5&utm_source=x&after=3_4&segment=7", "spend_to=5"),
        ("tag=%(tour)s&show=way&tag=%(tour)s", "show=way&tag=%(tour)s"),
        ("spend_from=x&spend_to=5", "spend_to=5"),
        ("show=way&show=true", "show=true"),
    ],
)
def test_the_same_is_always_written_the_same(query, canonical):
    tag = TagFactory(name="tour")
    look = look_at(tag.creator, query % {"tour": tag.pk}, now=NOW)

    assert look.query.urlencode() == canonical % {"tour": tag.pk}
    again = look_at(tag.creator, look.query.urlencode(), now=NOW)
    assert again.query == look.query


UNREAD = [
    "show=nonsense",
    "spend_from=lots",
    "spend_from=-1",
    "spend_from=NaN",
    "spend_from=Infinity",
    "spend_from=1e30",
    "spend_from=9999999999999999999",
    "gap_to=1.005",
    "seat_from=2.5",
    "seat_to=99999999999999999999",
    "purchases_from=\x00",
    "first_from=yesterday",
    "first_from=2026-02-30",
    "last_to=0001-01-01",
    "last_to=9999-12-31",
    "not_since=12/11/2026",
    "touch_days=0",
    "touch_days=999999999",
    "tier=0",
    "tier=1%27%3B--",
    "tag=%C3%A9",
    "no_tag=none",
    "source=none",
    "country=Germany",
    "birthday=13",
    "member=maybe",
    "sort=%3Cscript%3E",
]


def test_what_cannot_be_read_is_left_out_and_said(client, creator):
    FanFactory(creator=creator, name="Ada")

    for query in UNREAD:
        page = client.get(f"/studio/low-tide/people?{query}")
        assert (page.status_code, page.context["look"].query) == (200, QueryDict()), query
        assert [fan.name for fan in page.context["page"].rows] == ["Ada"], query
        assert "could not be read and was left out: " in page.text, query


NAMES = [*(name for each in FILTERS for name in each.names), "sort", "after", "segment", "count"]
ODD = st.sampled_from(
    ["", "0", "-1", "1", "1e9", "none", "true", "٣", "2026-02-29", "\0", "%", "'", "🎷", "x" * 300]
)


@examples(80)
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(NAMES) | st.text(max_size=8), ODD | st.text(max_size=20)),
        max_size=8,
    )
)
def test_no_query_string_does_any_harm(pairs):
    creator = CreatorFactory()
    FanFactory(creator=creator, seat=1)
    text = "".join(part for pair in pairs for part in pair)
    query = urlencode(
        [(a.encode("utf-8", "replace"), b.encode("utf-8", "replace")) for a, b in pairs]
    )

    look = look_at(creator, query, now=NOW)

    assert look.people().count() <= 1, text
    assert len(look.chips) == len(look.on)
    again = look_at(creator, look.query.urlencode(), now=NOW)
    assert (again.unread, again.query) == ([], look.query)


ORDERS = {
    "spend": "Ada Bea Cy Dee Eve",
    "-spend": "Dee Eve Cy Bea Ada",
    "ever": "Bea Ada Dee Cy Eve",
    "gap": "Bea Cy Dee Eve Ada",
    "-gap": "Dee Eve Cy Bea Ada",
    "last": "Ada Bea Cy Dee Eve",
    "-last": "Dee Cy Bea Ada Eve",
    "first": "Ada Bea Cy Dee Eve",
    "-first": "Dee Ada Bea Cy Eve",
    "name": "Ada Bea Cy Dee Eve",
    "-name": "Eve Dee Cy Bea Ada",
    "seat": "Ada Bea Cy Dee Eve",
    "-seat": "Bea Ada Cy Dee Eve",
    "touch": "Ada Bea Cy Dee Eve",
    "-touch": "Bea Ada Cy Dee Eve",
    "-ever": "Eve Cy Dee Ada Bea",
}


def test_people_stand_in_that_order(friends, client):
    client.force_login(friends.creator.owner)
    address = f"/studio/{friends.creator.handle}/people"

    def names(sort):
        return " ".join(
            fan.name for fan in client.get(address, {"sort": sort}).context["page"].rows
        )

    assert {sort: names(sort) for sort in SORTS} == ORDERS


def test_names_are_sorted_without_regard_to_capitals_and_accents(client, creator):
    for name in ("zoe", "Álvaro", "Bob", "andré", "Öznur", ""):
        FanFactory(creator=creator, name=name)

    rows = client.get("/studio/low-tide/people?sort=name").context["page"].rows

    assert [fan.name for fan in rows] == ["Álvaro", "andré", "Bob", "Öznur", "zoe", ""]


def test_the_last_column_shows_the_day_that_it_is_sorted_by(client, creator):
    fan = FanFactory(creator=creator, first_purchase_at=LONG_AGO, last_purchase_at=NOW)
    AcquaintanceFactory(fan=fan, last_touch_at=NOW - 7 * DAY)

    def shown(sort):
        return client.get(f"/studio/low-tide/people?sort={sort}").text

    assert "22 Nov 2026" in shown("spend")
    assert f"{localdate(LONG_AGO):%-d %b %Y}" in shown("-first")
    assert "15 Nov 2026" in shown("touch")


def test_a_range_that_ends_before_it_begins_says_so_and_goes_by_its_beginning(client):
    creator = CreatorFactory(handle="band")
    client.force_login(creator.owner)
    FanFactory(creator=creator, name="Ada", spend=120_00)
    FanFactory(creator=creator, name="Bea", spend=70_00)

    page = client.get("/studio/band/people", {"spend_from": "100", "spend_to": "50"})

    assert "The end is before the beginning." in page.text
    assert "A filter could not be read and was left out: In the window." in page.text
    assert [fan.name for fan in page.context["page"].rows] == ["Ada"]
    for ends in (("100", "100"), ("0", "0")):
        asked = QueryDict(f"spend_from={ends[0]}&spend_to={ends[1]}")
        assert look_at(creator, asked, now=NOW).unread == []
