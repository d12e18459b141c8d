"""Whatever is asked for, the list, its count, a segment, an export and what is done to all that
match mean the same people."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import people_list
from dashboard.paging import turn_to
from dashboard.people_list import SORTS, count_of, look_at
from fans.models import Tagging
from tests.dashboard.looking import people_in
from tests.dashboard.test_people_filters import CASES, people_of
from tests.factories import NOW, CreatorFactory, FanFactory, IdentityFactory
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db

QUERIES = st.lists(st.sampled_from(sorted(CASES)), min_size=1, max_size=3).map("&".join)


def all_pages(people, order):
    after, found = "", []
    while True:
        page = turn_to(people, after, order=order, size=2)
        found += [fan.pk for fan in page.rows]
        after = page.after
        if not after:
            return found


@pytest.fixture
def friends():
    return people_of(CreatorFactory(time_zone="Europe/London"))


@pytest.fixture(autouse=True)
def _it_is_now(time_machine):
    time_machine.move_to(NOW, tick=False)


@examples(12)
@given(query=QUERIES, sort=st.sampled_from(sorted(SORTS)))
def test_it_means_the_same_everywhere(friends, client, query, sort):
    creator = friends.creator
    client.force_login(creator.owner)
    query = f"{query % friends.ids}&sort={sort}"
    look = look_at(creator, query, now=NOW)
    address = f"/studio/{creator.handle}/people"

    people, order = people_in(creator, query, NOW)
    listed = all_pages(people, order)
    assert len(listed) == len(set(listed)) == count_of(look.matching).number

    client.post(f"{address}/segments", {"name": "Kept", "query": query, "replace": "on"})
    kept = creator.segments.get().query
    assert all_pages(*people_in(creator, kept, NOW)) == listed

    page = client.get(f"{address}?{kept}")
    assert [fan.pk for fan in page.context["page"].rows] == listed
    assert page.context["look"].count.number == len(listed)

    sent = {"who": "all", "query": kept}
    answer = client.post(f"{address}/export", sent)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    by_name = dict(creator.fans.values_list("name", "pk"))
    assert [by_name[row["name"]] for row in csv.DictReader(io.StringIO(text))] == listed

    client.post(f"{address}/several", sent | {"act": "tag", "tag": "all", "sure": len(listed)})
    tagged = Tagging.objects.filter(creator=creator, tag__name="all")
    assert set(tagged.values_list("fan", flat=True)) == set(listed)
    tagged.delete()


@pytest.mark.parametrize("typed", ["fan", "second f", "fan.second", "2"])
def test_many_are_found_in_the_same_order_as_few(monkeypatch, typed):
    creator = CreatorFactory()
    for number in range(9):
        fan = FanFactory(creator=creator, name=f"Second Fan {number % 3}", spend=number % 4)
        IdentityFactory(fan=fan, value=f"fan.second{number}@example.com")
    few = all_pages(*people_in(creator, f"q={typed}", NOW))
    assert len(few) in (3, 9)

    monkeypatch.setattr(people_list, "MANY", 0)

    assert all_pages(*people_in(creator, f"q={typed}", NOW)) == few
