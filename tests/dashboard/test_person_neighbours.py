"""The way from one person to the next, in the list that one came from."""

import re
from html import unescape
from urllib.parse import parse_qs

import pytest

from tests.dashboard.one_person import PEOPLE, at, shown
from tests.factories import (
    CreatorFactory,
    FanFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]


def people_in_the_list(creator):
    return [
        FanFactory(creator=creator, name=name, spend=spend, seat=seat)
        for name, spend, seat in (
            ("First", 90_00, None), ("Second", 50_00, 2), ("Third", 50_00, 1), ("Last", 0, None)
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("came_from", "names"),
    [
        ("", ["First", "Second", "Third", "Last"]),
        ("after=1_2&sort=spend", ["First", "Second", "Third", "Last"]),
        ("sort=-name", ["Third", "Second", "Last", "First"]),
        ("sort=seat", ["Third", "Second", "First", "Last"]),
        ("sort=-seat", ["Second", "Third", "First", "Last"]),
        ("sort=gap", ["First", "Second", "Third", "Last"]),
        ("spend_from=40", ["First", "Second", "Third"]),
        ("q=th", ["Third"]),
    ],
)
def test_who_stands_before_and_after_in_the_list_one_came_from(client, creator, came_from, names):
    people = {fan.name: fan for fan in people_in_the_list(creator)}
    FanFactory(creator=CreatorFactory(), name="Not mine", spend=50_00)

    for name, before, after in zip(names, [None, *names], [*names[1:], None], strict=False):
        near = client.get(at(people[name]), {"from": came_from}).context["near"]
        found = (near.before and near.before.name, near.after and near.after.name)
        assert found == (before, after)


def test_who_left_the_list_still_has_neighbours_in_it(client, creator):
    people = people_in_the_list(creator)

    near = client.get(at(people[3]), {"from": "spend_from=40&sort=gap"}).context["near"]

    assert (near.before, near.after) == (people[2], None)
    assert near.query == "spend_from=40&sort=gap"


def test_the_way_back_leads_to_the_list_one_came_from(client, creator):
    fan = people_in_the_list(creator)[1]

    words = shown(client, fan, **{"from": 'q="><script>second&sort=gap&show=way'})

    way_back = re.search(rf'href="{PEOPLE}\?([^"]+)"', words)
    assert way_back
    assert parse_qs(unescape(way_back[1])) == {
        "q": ['"><script>second'], "show": ["way"], "sort": ["gap"]
    }  # fmt: skip
    assert "<script>alert" not in words


def test_who_came_from_no_list_has_no_neighbours(client, creator):
    fan = people_in_the_list(creator)[1]

    page = client.get(at(fan))

    assert page.context["near"].after is None
    assert f'href="{PEOPLE}"' in page.text


def test_what_is_kept_leads_back_into_the_list(client, ada):
    answer = client.post(
        at(ada, "/touches") + "?from=show%3Dtrue", {"what": "note", "text": "Hello"}
    )

    assert answer.url == at(ada) + "?from=show%3Dtrue"
