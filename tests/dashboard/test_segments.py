"""Saved segments: the filters of the list under a name."""

import pytest

from fans.models import Segment
from tests.factories import CreatorFactory, FanFactory, MemberFactory, SegmentFactory, TagFactory

pytestmark = pytest.mark.django_db

PEOPLE = "/studio/low-tide/people"
SEGMENTS = f"{PEOPLE}/segments"


def saved(creator):
    return dict(creator.segments.values_list("name", "query"))


@pytest.fixture
def somebody(creator):
    return FanFactory(creator=creator, name="Ada", spend=50_00)


def test_filters_are_saved_as_the_list_writes_them(client, creator):
    answer = client.post(
        SEGMENTS, {"name": " Nearly ", "query": "spend_to=90&q=&show=way&after=3_4&sort=spend"}
    )

    segment = creator.segments.get()
    assert (segment.name, segment.query) == ("Nearly", "show=way&spend_to=90")
    assert answer.url == f"{PEOPLE}?show=way&spend_to=90&segment={segment.pk}"
    assert "“Nearly” is saved." in client.get(answer.url).text


def test_a_segment_is_opened_by_a_link_and_marked(client, creator, somebody):
    segment = SegmentFactory(creator=creator, name="Nearly", query="show=way&spend_to=90")
    SegmentFactory(creator=creator, name="Abroad", query="country=DE")

    page = client.get(f"{PEOPLE}?show=way&spend_to=90&segment={segment.pk}")

    link = f'href="{PEOPLE}?show=way&spend_to=90&amp;segment={segment.pk}" aria-current="true"'
    assert link.replace("way&spend", "way&amp;spend") in page.text
    assert "<title>Nearly · Low Tide</title>" in " ".join(page.text.split())
    assert "Save over" not in page.text


def test_it_is_known_again_by_its_filters(client, creator, somebody):
    SegmentFactory(creator=creator, name="Nearly", query="show=way&spend_to=90")

    assert client.get(f"{PEOPLE}?spend_to=90&show=way").context["segments"].open.name == "Nearly"
    assert client.get(f"{PEOPLE}?show=way").context["segments"].open is None


def test_other_filters_can_be_saved_over_the_one_that_is_open(client, creator, somebody):
    segment = SegmentFactory(creator=creator, name="Nearly", query="show=way")

    page = client.get(f"{PEOPLE}?show=way&country=DE&segment={segment.pk}")
    assert "Save over “Nearly”" in page.text
    client.post(f"{SEGMENTS}/{segment.pk}", {"act": "replace", "query": "show=way&country=DE"})

    assert saved(creator) == {"Nearly": "show=way&country=DE"}


def test_a_name_that_is_there_is_replaced_only_if_that_is_meant(client, creator, somebody):
    SegmentFactory(creator=creator, name="Nearly", query="show=way")

    answer = client.post(SEGMENTS, {"name": "NEARLY", "query": "country=DE"})

    assert answer.status_code == 422
    assert "“Nearly” exists already." in answer.text
    assert 'value="NEARLY"' in answer.text
    assert saved(creator) == {"Nearly": "show=way"}
    client.post(SEGMENTS, {"name": "NEARLY", "query": "country=DE", "replace": "on"})
    assert saved(creator) == {"NEARLY": "country=DE"}


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b"])
def test_a_name_that_is_none_is_said(client, creator, somebody, name):
    answer = client.post(SEGMENTS, {"name": name, "query": "country=DE"})

    assert answer.status_code == 422
    assert answer.context["segment_form"].errors["name"]
    assert not creator.segments.exists()


def test_it_can_be_renamed_and_forgotten(client, creator, somebody):
    segment = SegmentFactory(creator=creator, name="Nearly", query="show=way")
    SegmentFactory(creator=creator, name="Abroad", query="country=DE")
    address = f"{SEGMENTS}/{segment.pk}"

    assert client.post(address, {"act": "rename", "name": "abroad"}).status_code == 422
    client.post(address, {"act": "rename", "name": "nearly"})
    assert saved(creator) == {"nearly": "show=way", "Abroad": "country=DE"}
    answer = client.post(address, {"act": "delete", "query": "show=way"})
    assert answer.url == f"{PEOPLE}?show=way"
    assert saved(creator) == {"Abroad": "country=DE"}


def test_one_that_names_what_is_gone_says_so(client, creator, somebody):
    tag = TagFactory(creator=creator)
    segment = SegmentFactory(creator=creator, query=f"tag={tag.pk}")
    tag.delete()

    page = client.get(f"{PEOPLE}?{segment.query}&segment={segment.pk}")

    assert "left out: Tagged any of" in page.text


@pytest.mark.parametrize("segment", ["0", "x", "9" * 30, "-1", "٣", ""])
def test_a_segment_that_is_none_is_no_matter(client, creator, somebody, segment):
    page = client.get(f"{PEOPLE}?show=way&segment={segment}", follow=True)

    assert (page.status_code, page.context["segments"].open) == (200, None)


def test_anothers_segments_are_not_there(client, creator, somebody):
    theirs = SegmentFactory(creator=CreatorFactory(), name="Secret")

    assert "Secret" not in client.get(f"{PEOPLE}?segment={theirs.pk}").text
    for act in ("delete", "rename", "replace"):
        assert client.post(f"{SEGMENTS}/{theirs.pk}", {"act": act}).status_code == 404
    assert Segment.objects.count() == 1


def test_who_may_only_look_can_open_them_and_change_none(client, creator, somebody):
    segment = SegmentFactory(creator=creator, name="Nearly")
    client.force_login(MemberFactory(creator=creator, role="viewer").user)

    assert "Nearly" in client.get(PEOPLE).text
    assert client.post(SEGMENTS, {"name": "Mine"}).status_code == 403
    assert client.post(f"{SEGMENTS}/{segment.pk}", {"act": "delete"}).status_code == 403
    assert saved(creator) == {"Nearly": "show=true"}
