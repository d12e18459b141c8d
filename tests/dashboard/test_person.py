"""One person: where they stand, what happened, and what one notes about them."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs

import pytest

from dashboard.person import spend_by_year
from dashboard.timeline import SIZE
from fans.models import Acquaintance, Fan, Letter, Note, Tag, Touch
from fans.touches import record_touch
from revenue.attribution import introduce
from revenue.models import Return
from tests.factories import (
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    LetterFactory,
    MemberFactory,
    MembershipFactory,
    NoteFactory,
    PurchaseFactory,
    RecountFactory,
    TagFactory,
    TaggingFactory,
    TouchFactory,
    TurnFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PEOPLE = "/studio/low-tide/people"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    time_machine.move_to(now + timedelta(minutes=1), tick=False)


@pytest.fixture
def ada(creator):
    return FanFactory(creator=creator, name="Ada", email="ada@example.com")


def at(fan, rest=""):
    return f"{PEOPLE}/{fan.pk}{rest}"


def shown(client, fan, **query):
    return " ".join(client.get(at(fan), query).text.split())


def kinds(page):
    return [entry.kind for entry in page.context["page"].entries]


def test_a_person_shows_where_they_stand_and_how_they_are_known(client, buyer):
    fan = buyer(75_00, name="Zoë", seat=347)
    IdentityFactory(fan=fan, value="zoe@example.com", evidence="Stripe customer cus_1")

    words = shown(client, fan)

    for expected in ("Zoë", "No. 347", "resting", "£25.00", "zoe@example.com", "cus_1", "£74.50"):
        assert expected in words


@pytest.mark.parametrize(
    ("last", "badge"), [(40, None), (50, "late"), (80, "very late"), (800, "lapsed")]
)
def test_how_late_they_are_by_their_own_pauses_stands_beside_the_name(
    client, ada, now, last, badge
):
    Fan.objects.filter(pk=ada.pk).update(
        purchases=5, usual_pause=30 * DAY, last_purchase_at=now - last * DAY
    )

    words = shown(client, ada)

    assert (f'#slipping">{badge}</a>' in words) == bool(badge)


@pytest.mark.parametrize(("word", "is_overdue"), [(365, True), (364, False)])
def test_who_is_overdue_for_a_word_is_told(client, ada, now, word, is_overdue):
    record_touch(fan=ada, kind="wrote", occurred_at=now - word * DAY)

    assert ("#overdue" in shown(client, ada)) == is_overdue


def test_what_happened_stands_in_one_line_newest_first(client, creator, source, ada, now):
    Fan.objects.filter(pk=ada.pk).update(
        first_purchase_at=now - 400 * DAY, crossed_at=now - 90 * DAY, seat=7, purchases=2
    )
    PurchaseFactory(
        source=source, fan=ada, amount=30_00, occurred_at=now - 400 * DAY, external_id="ch_1",
        description="Tape",
    )  # fmt: skip
    PurchaseFactory(source=source, fan=ada, amount=100_00, occurred_at=now - 90 * DAY)
    Return.objects.create(
        source=source, external_id="re_1", kind="refund", payment_id="ch_1", currency="GBP",
        occurred_at=now - 300 * DAY, amount=5_00, status="succeeded",
    )  # fmt: skip
    MembershipFactory(
        source=source, fan=ada, since=now - 200 * DAY, cancelled_at=now - 20 * DAY,
        ends_at=now - 10 * DAY, state="ended", reason="own_choice", comment="Too dear",
    )  # fmt: skip
    TouchFactory(fan=ada, occurred_at=now - 5 * DAY, text="Farewell")
    note = NoteFactory(fan=ada)
    Note.objects.filter(pk=note.pk).update(created_at=now - 3 * DAY)

    page = client.get(at(ada))

    assert kinds(page) == [
        "note", "touch", "ended", "decided", "milestone", "milestone", "purchase", "joined",
        "return", "milestone", "milestone", "purchase",
    ]  # fmt: skip
    words = " ".join(page.text.split())
    places = [words.index(what) for what in (
        "Plays the harp", "Farewell", "Membership ended", "Decided to leave", "Too dear",
        "Became a true friend: No. 7", "Album", "Membership began", "£5.00",
        "Bought something for the first time", "Tape",
    )]  # fmt: skip
    assert places == sorted(places)
    assert "One year with you" in words
    assert "Reached “Regular” for the first time" in words
    assert "Reached “True”" not in words


def test_tiers_are_not_told_while_amounts_stand_in_two_currencies(
    client, creator, source, ada, now
):
    PurchaseFactory(source=source, fan=ada, amount=60_00, occurred_at=now - DAY)
    assert "Reached “Regular”" in shown(client, ada)

    RecountFactory(creator=creator)

    assert "Reached “Regular”" not in shown(client, ada)


@pytest.mark.parametrize("same_moment", [True, False])
def test_pages_of_the_timeline_hold_every_entry_once(client, source, ada, now, same_moment):
    step = timedelta() if same_moment else DAY
    for number in range(SIZE + 5):
        PurchaseFactory(source=source, fan=ada, occurred_at=now - number * step)
        TouchFactory(fan=ada, occurred_at=now - number * step)
    NoteFactory.create_batch(SIZE, fan=ada)
    Note.objects.update(created_at=now)

    seen, after = [], ""
    while True:
        page = client.get(at(ada), {"after": after, "from": "show=true"})
        found = page.context["page"]
        seen += [(entry.kind, entry.key) for entry in found.entries if entry.kind != "milestone"]
        if not found.after:
            break
        assert len(found.entries) == SIZE
        after = found.after

    assert len(seen) == len(set(seen)) == 2 * (SIZE + 5) + SIZE


@pytest.mark.parametrize(
    "after", ["nonsense", "1_2_3", "2026-01-01_touch_1", "2026-01-01T00:00:00+00:00_odd_1", "_" * 9]
)
def test_an_address_that_means_nothing_is_the_beginning(client, ada, after):
    TouchFactory(fan=ada, text="Hello there")

    assert "Hello there" in shown(client, ada, after=after)


def test_a_converted_purchase_shows_rate_date_and_origin(client, buyer, source, now):
    fan = buyer(10_00)
    PurchaseFactory(
        source=source, fan=fan, currency="USD", amount=29_00, rate="0.796600000000",
        rate_origin="ecb", rate_date=now.date(), counted_gross=23_10, counted_net=22_00,
        returned=4_00, state="partly_refunded",
    )  # fmt: skip

    words = shown(client, fan)

    for expected in (
        "US$29.00", "US$4.00 returned", "partly refunded", "counts £23.10",
        "at 0.7966, European Central Bank, 22 Nov 2026",
    ):  # fmt: skip
        assert expected in words


def test_only_what_is_theirs_stands_on_their_page(client, creator, source, buyer, now):
    fan, other = buyer(10_00), buyer(20_00)
    TouchFactory(fan=other, text="Not for Ada")
    NoteFactory(fan=other, text="Not of Ada")
    Return.objects.create(
        source=source, external_id="re_1", kind="refund", occurred_at=now, currency="GBP",
        amount=1_11, payment_id=other.purchase_set.get().external_id,
    )  # fmt: skip

    words = shown(client, fan)

    assert kinds(client.get(at(fan))) == ["milestone", "purchase"]
    for unseen in ("Not for Ada", "Not of Ada", "£1.11"):
        assert unseen not in words


def test_another_creators_person_is_not_found(client, creator):
    theirs = FanFactory(creator=CreatorFactory())

    for rest in ("", "/edit", "/letter"):
        assert client.get(at(theirs, rest)).status_code == 404


def test_a_person_costs_the_same_queries_however_much_happened(
    client, creator, buyer, source, django_assert_num_queries
):
    def leave_traces(count):
        PurchaseFactory.create_batch(count, source=source, fan=fan)
        MembershipFactory.create_batch(count, source=source, fan=fan)
        TouchFactory.create_batch(count, fan=fan, by=creator.owner)
        NoteFactory.create_batch(count, fan=fan, by=creator.owner)
        TaggingFactory.create_batch(count, fan=fan)
        for other in FanFactory.create_batch(count, creator=creator):
            AcquaintanceFactory(fan=other, household="Mill Lane")

    fan = buyer(10_00)
    with django_assert_num_queries(12):
        client.get(at(fan), {"from": ""})
    AcquaintanceFactory(fan=fan, household="Mill Lane")
    leave_traces(1)
    with django_assert_num_queries(18):
        client.get(at(fan), {"from": ""})
    leave_traces(10)
    with django_assert_num_queries(18):
        client.get(at(fan), {"from": ""})


def test_moments_are_told_by_the_creators_own_clock(client, creator, buyer):
    creator.time_zone = "Pacific/Auckland"
    creator.save()
    fan = buyer(10_00)

    assert "23 Nov 2026" in shown(client, fan)


def test_a_membership_shows_when_and_why_it_ends(client, source, ada, now):
    MembershipFactory(
        source=source, fan=ada, description="Friends", ends_at=now, reason="own_choice",
        comment="Too dear <b>",
    )  # fmt: skip

    words = shown(client, ada)

    for expected in (
        "Friends",
        "ends on 22 November 2026",
        "their own choice",
        "Too dear &lt;b&gt;",
    ):
        assert expected in words


def test_spend_stands_year_by_year_with_the_years_in_which_there_was_none(source, ada, now):
    for years, amount in ((6, 10_00), (6, 2_50), (1, 40_00)):
        PurchaseFactory(source=source, fan=ada, amount=amount, occurred_at=now - years * 365 * DAY)

    chart = spend_by_year(ada, now=now)

    assert [(column.label, column.shown[0]) for column in chart.columns] == [
        ("2020", "£12.50"), ("2021", "£0.00"), ("2022", "£0.00"), ("2023", "£0.00"),
        ("2024", "£0.00"), ("2025", "£40.00"), ("2026", "£0.00"),
    ]  # fmt: skip


def test_a_year_begins_by_the_creators_clock(creator, source, ada, now):
    creator.time_zone = "Pacific/Auckland"
    PurchaseFactory(source=source, fan=ada, occurred_at=now.replace(year=2025, month=12, day=31))
    ada.creator = creator

    chart = spend_by_year(ada, now=now)

    assert [column.label for column in chart.columns if any(column.amounts)] == ["2026"]


def test_who_paid_nothing_has_no_chart(ada, now):
    assert spend_by_year(ada, now=now) is None


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
        ({"birth_month": "13"}, "birth_month", "valid choice"),
        ({"rhythm_days": "0"}, "rhythm_days", "greater than or equal"),
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


def test_a_viewer_sees_everything_and_no_form(client, creator, ada, now):
    record_touch(fan=ada, kind="wrote", occurred_at=now, text="Hello there")
    note = NoteFactory(fan=ada)
    tagging = TaggingFactory(fan=ada)
    viewer = UserFactory()
    MemberFactory(creator=creator, user=viewer, role="viewer")
    client.force_login(viewer)

    words = shown(client, ada)

    assert "Hello there" in words
    assert 'action="/studio' not in words
    assert "/edit" not in words
    for rest in ("/edit", "/letter", f"/notes/{note.pk}"):
        page = client.get(at(ada, rest))
        assert page.status_code == 200
        assert 'method="post" novalidate' not in page.text
    for rest in (
        "/edit", "/touches", "/tags", f"/tags/{tagging.pk}/remove", f"/notes/{note.pk}/delete",
    ):  # fmt: skip
        assert client.post(at(ada, rest), {"what": "note", "text": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "A" * 9_000])
def test_a_hostile_word_is_only_text(client, source, ada, name):
    Fan.objects.filter(pk=ada.pk).update(name=name)
    AcquaintanceFactory(fan=ada, cares_about=name, how_we_met=name, links="javascript:alert(1)")
    TaggingFactory(fan=ada, tag__name=name[:60])
    TouchFactory(fan=ada, text=name[:300])
    NoteFactory(fan=ada, text=name[:300])
    LetterFactory(fan=ada, subject=name[:200], text=name[:300])
    MembershipFactory(source=source, fan=ada, description=name, comment=name, ends_at=None)

    words = shown(client, ada)

    assert "<script>alert" not in words
    assert "<img src=x" not in words
    assert "javascript:" not in words
    assert "A" * 1100 not in words


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


LETTER = {"subject": "Thank you", "text": "Dear Ada,\n\nthe box!"}


def test_a_mail_is_posted_to_their_one_address(
    client, creator, ada, queued, django_capture_on_commit_callbacks
):
    page = client.get(at(ada, "/letter") + "?why=thanks").text
    assert 'value="Thank you"' in page
    assert "Dear Ada," in page
    assert "ada@example.com" in page

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(at(ada, "/letter"), LETTER)

    letter = Letter.objects.get()
    assert answer.url == at(ada)
    assert (letter.to, letter.subject, letter.by) == ("ada@example.com", "Thank you", creator.owner)
    assert queued() == [("fans.tasks.send_letter", [letter.pk])]
    assert "on its way" in shown(client, ada)


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"text": "Dear Ada,\n\n"}, "text"), ({"text": ""}, "text"), ({"subject": " "}, "subject")],
)
def test_a_mail_that_says_nothing_is_not_sent(client, ada, typed, field):
    answer = client.post(at(ada, "/letter"), LETTER | typed)

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not Letter.objects.exists()


def test_after_many_mails_a_day_the_words_are_kept_and_not_sent(client, ada, monkeypatch):
    monkeypatch.setattr("fans.letters.MOST_A_DAY", 0)

    answer = client.post(at(ada, "/letter"), LETTER)

    assert answer.status_code == 422
    assert "the box!" in answer.text
    assert "not be personal any more" in answer.text
    assert not Letter.objects.exists()


def test_who_has_no_address_cannot_be_written_to(client, ada):
    Fan.objects.update(email="")

    assert "/letter" not in shown(client, ada)
    assert "never left an address" in client.get(at(ada, "/letter")).text
    assert client.post(at(ada, "/letter"), LETTER).status_code == 422
    assert not Letter.objects.exists()


def test_a_mail_that_could_not_be_sent_is_tried_again_or_thrown_away(client, ada, now):
    letter = LetterFactory(fan=ada, failed_at=now, tries=5)
    other = LetterFactory(fan=FanFactory(creator=ada.creator), failed_at=now)
    waiting = LetterFactory(fan=ada)
    assert "could not be sent" in shown(client, ada)

    client.post(at(ada, f"/letter/{letter.pk}/again"))
    letter.refresh_from_db()
    assert (letter.failed_at, letter.tries) == (None, 0)

    Letter.objects.filter(pk=letter.pk).update(failed_at=now)
    client.post(at(ada, f"/letter/{letter.pk}/drop"))
    for kept in (other, waiting):
        assert client.post(at(ada, f"/letter/{kept.pk}/drop")).status_code == 404
    assert set(Letter.objects.all()) == {other, waiting}


def test_a_seat_that_rests_stands_there_while_everything_is_counted(client, creator, ada):
    RecountFactory(creator=creator, done=40)
    Fan.objects.filter(pk=ada.pk).update(seat=12)

    words = shown(client, ada)

    assert "40 %" in words
    assert "No. 12" in words
    assert "to go" not in words
