"""What one notes of a person: touches, notes, what one knows, tags."""

from datetime import timedelta

import pytest

from fans.models import Acquaintance, Note, Tag, Touch
from fans.touches import record_touch
from revenue.attribution import introduce
from tests.dashboard.one_person import at, shown
from tests.factories import (
    AcquaintanceFactory,
    FanFactory,
    NoteFactory,
    PurchaseFactory,
    TagFactory,
    TaggingFactory,
    TurnFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

DAY = timedelta(days=1)


@pytest.mark.parametrize("kind", Touch.Kind.values)
def test_a_touch_is_kept_with_its_day(client, creator, ada, kind):
    answer = client.post(at(ada, "/touches"), {"what": kind, "text": "Hi", "day": "2026-03-05"})

    touch = Touch.objects.get()
    assert answer.url == at(ada)
    assert (touch.kind, touch.text, touch.by) == (kind, "Hi", creator.owner)
    assert f"{touch.occurred_at:%Y-%m-%d %H:%M}" == "2026-03-05 12:00"


@pytest.mark.parametrize("day", ["", "2026-11-22"])
def test_a_touch_of_today_is_of_this_moment_and_ends_an_open_turn(client, ada, now, day):
    turn = TurnFactory(fan=ada)

    client.post(at(ada, "/touches"), {"what": "wrote", "day": day})

    turn.refresh_from_db()
    assert Touch.objects.get().occurred_at == now + timedelta(minutes=1) == turn.ended_at
    assert turn.outcome == "done"


def test_a_touch_of_another_day_leaves_the_turn_open(client, ada):
    turn = TurnFactory(fan=ada)

    client.post(at(ada, "/touches"), {"what": "wrote", "day": "2026-11-01"})

    turn.refresh_from_db()
    assert turn.is_open


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"what": "note", "text": "  "}, "A note needs words."),
        ({"what": "wrote", "text": "kept", "day": "2026-11-23"}, "That day is still to come."),
        ({"what": "wrote", "text": "kept", "day": "1066-10-14"}, "That is too long ago."),
        ({"what": "wrote", "text": "kept", "day": "soon"}, "Enter a valid date."),
        ({"what": "note", "text": "a" * 20_001}, "at most 20000 characters"),
        ({"what": "sang", "text": "kept"}, "kept"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(client, ada, typed, words):
    answer = client.post(at(ada, "/touches"), typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert typed["text"].strip() in answer.text
    assert not Touch.objects.exists()
    assert not Note.objects.exists()


def test_a_touch_can_be_taken_back(client, ada, now):
    touch = record_touch(fan=ada, kind="wrote", occurred_at=now)
    other = record_touch(fan=FanFactory(creator=ada.creator), kind="wrote", occurred_at=now)

    assert client.post(at(ada, f"/touches/{other.pk}/forget")).status_code == 404
    client.post(at(ada, f"/touches/{touch.pk}/forget"))

    assert list(Touch.objects.all()) == [other]
    assert not Acquaintance.objects.filter(fan=ada).exists()


def test_a_note_is_kept_changed_and_deleted(client, creator, ada):
    client.post(at(ada, "/touches"), {"what": "note", "text": "Plays the harp"})
    note = Note.objects.get()
    assert (note.fan, note.by) == (ada, creator.owner)

    place = at(ada, f"/notes/{note.pk}")
    assert "Plays the harp" in client.get(place).text
    assert client.post(place, {"text": " "}).status_code == 422
    client.post(place, {"text": "Plays the lute"})
    assert Note.objects.get().text == "Plays the lute"
    assert "Plays the lute" in shown(client, ada)

    client.post(f"{place}/delete")
    assert not Note.objects.exists()


def test_the_notes_of_others_are_not_theirs(client, creator, ada):
    mine = NoteFactory(fan=FanFactory(creator=creator))
    theirs = NoteFactory()

    for note in (mine, theirs):
        for rest in ("", "/delete"):
            assert client.post(at(ada, f"/notes/{note.pk}{rest}"), {"text": "x"}).status_code == 404


KNOWN = {
    "called": "Ada the Great",
    "cares_about": "Whippets",
    "how_we_met": "At the Troubadour",
    "birth_day": "29",
    "birth_month": "2",
    "birth_year": "1984",
    "household": " Mill   Lane ",
    "links": "https://ada.example/a?b=1&c=2\nhttp://old.example",
    "rhythm_days": "30",
}


def test_what_one_knows_is_kept_and_shown(client, ada):
    client.post(at(ada, "/edit"), KNOWN)

    words = shown(client, ada)
    for expected in (
        "Ada the Great", "Whippets", "At the Troubadour", "29 February 1984", "Mill Lane",
        'href="https://ada.example/a?b=1&amp;c=2" rel="noopener noreferrer"', "every 30 days",
    ):  # fmt: skip
        assert expected in words
    assert 'value="Ada the Great"' in client.get(at(ada, "/edit")).text


def test_what_is_emptied_is_forgotten(client, ada):
    client.post(at(ada, "/edit"), KNOWN)

    client.post(at(ada, "/edit"), dict.fromkeys(KNOWN, ""))

    assert not Acquaintance.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ({"birth_day": "30", "birth_month": "2"}, "birth_day", "no such day"),
        ({"birth_day": "29", "birth_month": "2", "birth_year": "1983"}, "birth_day", "no such day"),
        ({"birth_day": "", "birth_month": "2", "birth_year": ""}, "birth_day", "a day and a month"),
        ({"birth_day": "", "birth_month": ""}, "birth_day", "a day and a month"),
        ({"birth_year": "2996"}, "birth_year", "still to come"),
        ({"birth_month": "13"}, "birth_month", "from the list"),
        ({"rhythm_days": "0"}, "rhythm_days", "or more"),
        ({"links": "javascript:alert(1)"}, "links", "is not an address"),
        ({"links": "ftp://ada.example"}, "links", "is not an address"),
        ({"links": "https://a.example " * 11}, "links", "Ten addresses"),
        ({"called": "a" * 201}, "called", "at most 200"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_refused_beside_it(client, ada, field, typed, words):
    answer = client.post(at(ada, "/edit"), KNOWN | field)

    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[typed])
    assert "Whippets" in answer.text
    assert not Acquaintance.objects.exists()


def test_a_birthday_needs_no_year(client, ada):
    client.post(at(ada, "/edit"), KNOWN | {"birth_year": ""})

    assert "29 February</dd>" in shown(client, ada)


def test_what_one_calls_them_outlives_the_next_import_and_gives_way_when_it_is_emptied(
    client, source, ada, now
):
    purchase = PurchaseFactory(source=source, fan=ada, payer_name="A. Lovelace")
    nothing = {"customers": (), "memberships": (), "people": (), "now": now}

    client.post(at(ada, "/edit"), {"called": "Ada the Great"})
    introduce(source=source, purchases=[purchase.pk], **nothing)
    ada.refresh_from_db()
    assert ada.name == "Ada the Great"

    client.post(at(ada, "/edit"), {"called": ""})
    ada.refresh_from_db()
    assert ada.name == "A. Lovelace"


def test_saving_without_a_name_of_ones_own_leaves_the_name(client, ada):
    client.post(at(ada, "/edit"), {"cares_about": "Whippets"})

    ada.refresh_from_db()
    assert ada.name == "Ada"


def test_what_is_kept_of_touches_outlives_an_edit(client, ada, now):
    record_touch(fan=ada, kind="thanked", occurred_at=now)

    client.post(at(ada, "/edit"), KNOWN)
    client.post(at(ada, "/edit"), dict.fromkeys(KNOWN, ""))

    assert Acquaintance.objects.get().last_thanked_at == now


def test_who_lives_together_is_linked(client, creator, ada):
    ben, other = FanFactory(creator=creator, name="Ben"), FanFactory(creator=creator, name="Cleo")
    theirs = FanFactory(name="Not mine")
    for fan, household in ((ada, "Mill Lane"), (ben, "Mill Lane"), (other, "Elsewhere")):
        AcquaintanceFactory(fan=fan, household=household)
    AcquaintanceFactory(fan=theirs, household="Mill Lane")

    words = shown(client, ada)

    assert f'href="{at(ben)}"' in words
    assert "Cleo" not in words
    assert "Not mine" not in words


@pytest.mark.parametrize("typed", ["Tape club", " tape   CLUB "])
def test_a_tag_is_made_once_and_put_once(client, creator, ada, typed):
    TagFactory(name="tape club")
    client.post(at(ada, "/tags"), {"name": "Tape club"})

    client.post(at(ada, "/tags"), {"name": typed})

    assert creator.tags.get().name == "Tape club"
    assert ada.tagging_set.count() == 1
    assert "Tape club" in shown(client, ada)


@pytest.mark.parametrize("typed", ["", " ", "a" * 61, "a\0b"])
def test_a_tag_that_cannot_be_is_refused(client, ada, typed):
    assert client.post(at(ada, "/tags"), {"name": typed}).status_code == 422
    assert not Tag.objects.exists()


def test_a_tag_is_taken_off_one_person_alone(client, creator, ada):
    tag = TagFactory(creator=creator)
    mine, other = (
        TaggingFactory(fan=ada, tag=tag),
        TaggingFactory(fan=FanFactory(creator=creator), tag=tag),
    )

    assert client.post(at(ada, f"/tags/{other.pk}/remove")).status_code == 404
    client.post(at(ada, f"/tags/{mine.pk}/remove"))

    assert list(tag.taggings.all()) == [other]
