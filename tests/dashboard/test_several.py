"""What is done to several people at once, in one statement, and taken back."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.cache import cache

from fans.models import Note, Tag, Tagging
from tests.factories import (
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    MemberFactory,
    TagFactory,
    TaggingFactory,
)

pytestmark = pytest.mark.django_db

PEOPLE = "/studio/low-tide/people"
SEVERAL = f"{PEOPLE}/several"
EXPORT = f"{PEOPLE}/export"


@pytest.fixture
def crowd(creator):
    """Twelve friends: six of them in Germany, nobody's of another creator."""
    FanFactory(creator=CreatorFactory(), country="DE")
    return [
        FanFactory(creator=creator, name=f"Fan {n}", country="DE" if n % 2 else "GB", spend=n * 100)
        for n in range(12)
    ]


@pytest.fixture
def do(client):
    """`do(act="tag", tag="tour", who="all")`: asks, is told the number, and says yes."""

    def send(expected: int, **sent):
        asked = client.post(SEVERAL, sent)
        assert asked.status_code == 200
        assert asked.context["form"].count == expected
        return client.post(SEVERAL, sent | {"sure": expected}, follow=True)

    return send


def tagged(name):
    return sorted(Tagging.objects.filter(tag__name=name).values_list("fan__name", flat=True))


def test_the_number_is_said_before_anything_is_done(client, crowd):
    asked = client.post(SEVERAL, {"act": "tag", "tag": "tour", "who": "all", "query": "country=DE"})

    assert "Put “tour” on 6 people?" in asked.text
    assert '<input type="hidden" name="sure" value="6">' in asked.text
    assert not Tag.objects.exists()


def test_those_who_are_ticked_are_tagged(do, crowd):
    page = do(2, act="tag", tag="tour", who="chosen", fan=[crowd[0].pk, crowd[5].pk])

    assert tagged("tour") == ["Fan 0", "Fan 5"]
    assert "“tour” is on 2 more people now." in page.text


def test_all_that_match_are_tagged_with_the_tag_that_is_there(do, creator, crowd):
    tag = TagFactory(creator=creator, name="Tour")
    TaggingFactory(fan=crowd[1], tag=tag)

    page = do(6, act="tag", tag="tour", who="all", query="country=DE")

    assert tagged("Tour") == [f"Fan {n}" for n in (1, 11, 3, 5, 7, 9)]
    assert "“Tour” is on 5 more people now." in page.text


def test_it_can_be_taken_back_from_those_who_got_it_only(client, do, creator, crowd):
    TaggingFactory(fan=crowd[1], tag=TagFactory(creator=creator, name="tour"))
    page = do(6, act="tag", tag="tour", who="all", query="country=DE")

    again = client.post(f"{SEVERAL}/undo", {"token": page.context["done"]["undo"]}, follow=True)

    assert "It is as it was before." in again.text
    assert tagged("tour") == ["Fan 1"]
    assert "Undo" not in again.text


def test_a_tag_that_was_new_is_gone_again(client, do, crowd):
    page = do(12, act="tag", tag="tour", who="all")

    client.post(f"{SEVERAL}/undo", {"token": page.context["done"]["undo"]})

    assert not Tag.objects.exists()


def test_a_tag_is_taken_off_and_put_back(client, do, creator, crowd):
    tag = TagFactory(creator=creator, name="tour")
    for fan in crowd[:4]:
        TaggingFactory(fan=fan, tag=tag)

    page = do(6, act="untag", tag="TOUR", who="all", query="country=DE")
    assert "“tour” was taken from 2 people." in page.text
    assert tagged("tour") == ["Fan 0", "Fan 2"]
    client.post(f"{SEVERAL}/undo", {"token": page.context["done"]["undo"]})
    assert tagged("tour") == ["Fan 0", "Fan 1", "Fan 2", "Fan 3"]


def test_what_was_forgotten_cannot_be_taken_back(client, do, creator, crowd):
    page = do(12, act="tag", tag="tour", who="all")
    undo = {"token": page.context["done"]["undo"]}
    other = CreatorFactory(owner=creator.owner, handle="other")

    for token in ("", "x", "é" * 500):
        client.post(f"{SEVERAL}/undo", {"token": token})
    client.post(f"/studio/{other.handle}/people/several/undo", undo)
    assert len(tagged("tour")) == 12
    cache.clear()
    page = client.post(f"{SEVERAL}/undo", undo, follow=True)
    assert "cannot be taken back any more" in page.text
    assert len(tagged("tour")) == 12


def test_a_note_is_written_of_each(do, creator, crowd):
    page = do(6, act="note", text="Met in Berlin.", who="all", query="country=DE")

    assert "The note is written of each of 6 people." in page.text
    notes = Note.objects.filter(text="Met in Berlin.", by=creator.owner)
    assert {note.fan.country for note in notes} == {"DE"}
    assert notes.count() == 6
    assert "Undo" not in page.text


def test_it_is_asked_again_if_they_are_others_by_now(client, creator, crowd):
    sent = {"act": "tag", "tag": "tour", "who": "all", "query": "country=DE", "sure": 6}
    FanFactory(creator=creator, country="DE")

    again = client.post(SEVERAL, sent)

    assert "Put “tour” on 7 people?" in again.text
    assert not Tagging.objects.exists()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"act": "tag", "who": "all"}, "Name the tag first."),
        ({"act": "tag", "who": "all", "tag": "   "}, "Name the tag first."),
        ({"act": "tag", "who": "all", "tag": "x" * 61}, "at most 60"),
        ({"act": "untag", "who": "all", "tag": "none"}, "There is no tag of that name."),
        ({"act": "note", "who": "all"}, "Write the note first."),
        ({"act": "tag", "tag": "tour", "who": "chosen"}, "Nobody is ticked."),
        ({"act": "tag", "tag": "tour"}, "Nobody is ticked."),
        ({"act": "tag", "tag": "tour", "fan": ["x", "9" * 40, "-1"]}, "Nobody is ticked."),
        ({"act": "tag", "tag": "tour", "who": "all", "query": "tag=77"}, "could be read"),
        ({"act": "drop", "who": "all"}, "Several at once"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_done(client, crowd, sent, told):
    answer = client.post(SEVERAL, sent | {"sure": 12})

    assert answer.status_code == 422
    assert told in answer.text
    assert not Tag.objects.exists()
    assert not Note.objects.exists()


def test_what_was_chosen_is_kept_while_something_is_missing(client, crowd):
    answer = client.post(SEVERAL, {"act": "note", "who": "chosen", "fan": [crowd[0].pk]})

    assert f'<input type="hidden" name="fan" value="{crowd[0].pk}">' in answer.text
    assert '<textarea name="text"' in answer.text


def test_only_the_question_is_sent_into_the_page(client, crowd):
    sent = {"act": "tag", "tag": "tour", "who": "all"}

    part = client.post(SEVERAL, sent, headers={"HX-Request": "true"})

    assert part.text.strip().startswith("<form")
    assert "Put “tour” on 12 people?" in part.text


def test_of_anothers_people_nobody_is_chosen(client, creator, crowd):
    theirs = FanFactory(creator=CreatorFactory())

    asked = client.post(SEVERAL, {"act": "tag", "tag": "tour", "fan": [theirs.pk, crowd[0].pk]})

    assert "Put “tour” on 1 person?" in asked.text


def test_thousands_are_tagged_in_one_statement(client, creator, crowd, django_assert_num_queries):
    tag = TagFactory(creator=creator, name="tour")
    sent = {"act": "tag", "tag": "tour", "who": "all", "query": "country=DE", "sure": 6}
    client.get(PEOPLE)

    with django_assert_num_queries(12):  # of which three save the session
        client.post(SEVERAL, sent)
    tag.taggings.all().delete()
    FanFactory.create_batch(40, creator=creator, country="DE")
    with django_assert_num_queries(12):
        client.post(SEVERAL, sent | {"sure": 46})


def rows(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_spreadsheet_has_all_that_match_in_the_order_of_the_list(client, crowd):
    answer = client.post(EXPORT, {"who": "all", "query": "country=DE&sort=-spend"})

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="low-tide-people-2')
    assert [row["name"] for row in rows(answer)] == [f"Fan {n}" for n in (1, 3, 5, 7, 9, 11)]


def test_everything_about_a_person_is_in_their_row(client, creator, now):
    tier = creator.tiers.get(name="Regular")
    fan = FanFactory(
        creator=creator, name="Zoë  van der Berg", email="zoe@example.com", country="NL",
        tier=tier, seat=7, spend=75_00, window_gross=75_00, window_net=-1_50,
        lifetime_gross=1234_50, lifetime_net=1200_00, purchases=3,
        first_purchase_at=now - timedelta(days=400), last_purchase_at=now,
    )  # fmt: skip
    for name in ("tour", "Berlin"):
        TaggingFactory(fan=fan, tag=TagFactory(creator=creator, name=name))
    AcquaintanceFactory(fan=fan, last_touch_at=now - timedelta(days=1))

    [row] = rows(client.post(EXPORT, {"who": "chosen", "fan": [fan.pk]}))

    assert row == {
        "name": "Zoë  van der Berg", "first_name": "Zoë", "last_name": "van der Berg",
        "email": "zoe@example.com", "country": "NL", "tier": "Regular", "is_true_fan": "false",
        "seat": "7", "currency": "GBP", "window_gross": "75.00", "window_net": "-1.50",
        "lifetime_gross": "1234.50", "lifetime_net": "1200.00", "gap": "25.00", "purchases": "3",
        "first_purchase": "2025-10-18", "last_purchase": "2026-11-22", "last_touch": "2026-11-21",
        "tags": "Berlin;tour",
    }  # fmt: skip


def test_no_spreadsheet_runs_what_a_person_calls_themselves(client, creator):
    fan = FanFactory(creator=creator, name="=1+1 @you", email="+x@example.com")
    TaggingFactory(fan=fan, tag=TagFactory(creator=creator, name="-tag"))

    [row] = rows(client.post(EXPORT, {"who": "all"}))

    assert (row["name"], row["first_name"], row["last_name"]) == ("'=1+1 @you", "'=1+1", "'@you")
    assert (row["email"], row["tags"]) == ("'+x@example.com", "'-tag")


def test_an_export_reads_people_as_they_are_sent(client, crowd, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        answer = client.post(EXPORT, {"who": "all"})
        assert len(rows(answer)) == 12


def test_what_cannot_be_read_exports_nobody(client, crowd):
    answer = client.post(EXPORT, {"who": "all", "query": "tag=77"}, follow=True)

    assert "Not all of the filters could be read" in answer.text


@pytest.mark.parametrize("path", [SEVERAL, f"{SEVERAL}/undo"])
def test_who_may_only_look_does_nothing_of_it(client, creator, crowd, path):
    client.force_login(MemberFactory(creator=creator, role="viewer").user)

    answer = client.post(path, {"act": "tag", "tag": "tour", "who": "all", "sure": 12})

    assert answer.status_code == 403
    assert client.get(path).status_code == 405
    assert not Tag.objects.exists()


def test_who_may_only_look_takes_away_all_that_are_shown(client, creator, crowd):
    client.force_login(MemberFactory(creator=creator, role="viewer").user)
    page = client.get(PEOPLE).text

    assert f'formaction="{EXPORT}"' in page
    assert 'name="who" value="all"' in page
    assert len(rows(client.post(EXPORT, {"who": "all"}))) == 12
