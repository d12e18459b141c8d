"""Today: three people, why they, and what one does about it with one press."""

from datetime import date, timedelta

import pytest

from dashboard.mailing import opening_of, own_mail
from dashboard.reasons import Case, sentence
from fans.models import Acquaintance, Creator, Fan, Tier, Touch
from fans.touches import record_touch
from revenue.models import Membership
from tests.factories import (
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    LetterFactory,
    MemberFactory,
    MembershipFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
    TurnFactory,
    UserFactory,
)

TODAY = "/studio/low-tide/today"
DAY = timedelta(days=1)
IN_PLACE = {"HX-Request": "true", "HX-Target": "day"}


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def people(creator, source, now):
    """Four people who bought something 200 days ago and never had a word: Ada gave most."""

    def make(name, amount):
        bought = now - 200 * DAY
        fan = FanFactory(
            creator=creator, name=name, email=f"{name.lower()}@example.com", spend=amount,
            lifetime_gross=amount, purchases=1, first_purchase_at=bought, last_purchase_at=bought,
        )  # fmt: skip
        PurchaseFactory(
            source=source, fan=fan, amount=amount, occurred_at=bought, description=f"{name}’s box"
        )
        return fan

    return [
        make(name, amount)
        for name, amount in (("Ada", 90_00), ("Ben", 80_00), ("Cleo", 70_00), ("Dai", 60_00))
    ]


def names(page):
    return [card.fan.name for card in page.context["cards"]]


def turn_of(fan):
    return fan.turn_set.get()


def address(fan, step):
    return f"{TODAY}/{turn_of(fan).pk}/{step}"


@pytest.mark.django_db
def test_three_people_with_the_reason_their_story_and_what_was_last_said(
    client, creator, people, now
):
    ada = people[0]
    AcquaintanceFactory(fan=ada, cares_about="Her whippet")
    record_touch(fan=ada, kind="they_wrote", occurred_at=now - 9 * DAY, text="Lovely record!")

    page = client.get(TODAY)
    words = " ".join(page.text.split())

    assert names(page) == ["Ada", "Ben", "Cleo"]
    for expected in (
        "Sunday 22 November",
        "Has paid £90.00, and has had no word from you yet.",
        "With you since May 2026: £90.00 in 1 purchase.",
        "Last bought <bdi>Ada’s box</bdi> on 6 May 2026.",
        "Her whippet",
        "Lovely record!",
        "They wrote",
        "13 November 2026",
        "0</strong> of 4 have had their turn",
    ):
        assert expected in words


@pytest.mark.django_db
def test_the_three_are_the_same_whenever_one_looks(client, people):
    first = names(client.get(TODAY))
    people[3].spend = people[3].lifetime_gross = 900_00
    people[3].save()

    assert names(client.get(TODAY)) == first
    assert client.head(TODAY).status_code == 200


@pytest.mark.django_db
def test_the_next_day_brings_the_next(client, people, time_machine, now):
    client.get(TODAY)
    for fan in people[:2]:
        client.post(address(fan, "word"), {"kind": "wrote"})
    time_machine.move_to(now + DAY, tick=False)

    assert names(client.get(TODAY)) == ["Cleo", "Dai"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", Touch.Kind.values)
def test_one_press_notes_it_and_ends_the_turn(client, creator, people, now, kind):
    client.get(TODAY)

    answer = client.post(address(people[0], "word"), {"kind": kind})

    touch = Touch.objects.get()
    assert (touch.fan, touch.kind, touch.text, touch.by) == (people[0], kind, "", creator.owner)
    assert answer.url == f"{TODAY}#turn-{turn_of(people[0]).pk}"
    page = client.get(TODAY)
    assert f"{touch.get_kind_display().capitalize()}." in page.text
    assert "1</strong> of 4 has had their turn" in page.text


@pytest.mark.django_db
def test_what_was_said_goes_along(client, people):
    client.get(TODAY)

    client.post(address(people[0], "word"), {"kind": "thanked", "text": " For the <b>box</b> "})

    assert Touch.objects.get().text == "For the <b>box</b>"
    assert "For the &lt;b&gt;box&lt;/b&gt;" in client.get(TODAY).text


@pytest.mark.django_db
def test_pressing_twice_notes_it_once_and_says_so(client, people):
    client.get(TODAY)
    place = address(people[0], "word")

    client.post(place, {"kind": "wrote"})
    page = client.post(place, {"kind": "met"}, follow=True)

    assert Touch.objects.get().kind == "wrote"
    assert "nothing was noted twice" in page.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "typed"),
    [("word", {"kind": "wrote"}), ("later", {"later": "skip"}), ("later", {"later": "week"})],
)
def test_the_last_step_can_be_undone(client, people, step, typed):
    client.get(TODAY)
    client.post(address(people[0], step), typed)
    assert "Undo" in client.get(TODAY).text

    client.post(address(people[0], "undo"))

    assert turn_of(people[0]).is_open
    assert not Touch.objects.exists()
    assert not Acquaintance.objects.exists()
    assert "Undo" not in client.get(TODAY).text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "outcome", "until"),
    [
        ({"later": "skip"}, "skipped", None),
        ({"later": "skip", "until": "2026-12-24"}, "skipped", None),
        ({"later": "week"}, "snoozed", date(2026, 11, 29)),
        ({"later": "month"}, "snoozed", date(2026, 12, 22)),
        ({"later": "date", "until": "2026-12-24"}, "snoozed", date(2026, 12, 24)),
    ],
)
def test_not_today(client, people, typed, outcome, until):
    client.get(TODAY)

    client.post(address(people[0], "later"), typed)

    turn = turn_of(people[0])
    assert (turn.outcome, turn.until) == (outcome, until)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"later": "date", "until": ""}, "Choose a day."),
        ({"later": "date", "until": "2026-11-22"}, "still to come"),
        ({"later": "date", "until": "1999-01-01"}, "still to come"),
        ({"later": "date", "until": "2040-01-01"}, "too far away"),
        ({"later": "date", "until": "soon"}, "Enter a valid date"),
    ],
)
@pytest.mark.parametrize("headers", [{}, IN_PLACE])
def test_a_day_that_cannot_be_is_refused_beside_it_and_kept(client, people, typed, words, headers):
    client.get(TODAY)

    answer = client.post(address(people[0], "later"), typed, headers=headers)

    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{typed["until"]}"' in answer.text
    assert turn_of(people[0]).is_open


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", [{}, {"kind": "shouted"}, {"kind": "wrote", "text": "a" * 20_001}]
)
def test_a_press_that_means_nothing_notes_nothing(client, people, typed):
    client.get(TODAY)

    assert client.post(address(people[0], "word"), typed).status_code == 422
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_in_place_only_the_day_comes_back_with_the_focus_on_the_way_back(client, people):
    client.get(TODAY)

    part = client.post(address(people[0], "word"), {"kind": "wrote"}, headers=IN_PLACE)

    assert part.text.strip().startswith('<div class="stack is-loose" id="day"')
    assert "<html" not in part.text
    assert part.text.count("autofocus") == 1
    assert "autofocus" in part.text.split("Undo")[0].rsplit("<button", 1)[1]


@pytest.mark.django_db
def test_who_was_put_off_is_back_on_their_day(client, people, time_machine, now):
    client.get(TODAY)
    client.post(address(people[0], "later"), {"later": "week"})
    for fan in people[1:3]:
        client.post(address(fan, "later"), {"later": "skip"})

    time_machine.move_to(now + DAY, tick=False)
    assert "Ada" not in names(client.get(TODAY))
    time_machine.move_to(now + 7 * DAY, tick=False)
    assert "Ada" in names(client.get(TODAY))


@pytest.mark.django_db
def test_when_all_are_served_the_day_closes_and_offers_one_more(client, people):
    client.get(TODAY)
    for fan in people[:3]:
        client.post(address(fan, "word"), {"kind": "wrote"})
    assert "That was today" in client.get(TODAY).text

    client.post(f"{TODAY}/more")

    page = client.get(TODAY)
    assert names(page) == ["Ada", "Ben", "Cleo", "Dai"]
    assert "That was today" not in page.text
    client.post(address(people[3], "later"), {"later": "skip"})
    page = client.post(f"{TODAY}/more", follow=True)
    assert "Everybody in the circle has been on this day." in page.text


@pytest.mark.django_db
def test_when_nobody_waits_that_is_said(client, people, now):
    for fan in people:
        record_touch(fan=fan, kind="wrote", occurred_at=now - 10 * DAY)

    page = client.get(TODAY)

    assert names(page) == []
    assert "Nobody waits for a word today" in page.text
    assert "One more" in page.text


@pytest.mark.django_db
def test_a_new_creator_sees_what_the_room_will_be(client, creator):
    page = client.get(TODAY).text

    assert "Three people a day" in page
    assert "/studio/low-tide/sources" in page
    assert "of 0" not in page


@pytest.mark.django_db
def test_while_the_history_is_being_read_nobody_is_named(client, source, people):
    source.synced_at = None
    source.save()

    page = client.get(TODAY)

    assert names(page) == []
    assert "still being read" in page.text


@pytest.mark.django_db
def test_while_everything_is_counted_anew_no_amount_is_told(client, creator, source, people, now):
    record_touch(fan=people[0], kind="wrote", occurred_at=now - 300 * DAY)
    client.get(TODAY)
    assert "£90.00" in client.get(TODAY).text

    RecountFactory(creator=creator, done=40)

    page = client.get(TODAY)
    assert "Ada" in names(page)
    assert "£" not in page.text
    assert "40%" in page.text


@pytest.mark.django_db
def test_a_viewer_sees_the_day_and_no_forms(client, creator, people):
    viewer = UserFactory()
    MemberFactory(creator=creator, user=viewer, role="viewer")
    client.force_login(viewer)

    page = client.get(TODAY)

    assert names(page) == ["Ada", "Ben", "Cleo"]
    assert "/word" not in page.text
    assert "mailto:" not in page.text
    assert client.post(address(people[0], "word"), {"kind": "wrote"}).status_code == 403
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_another_creators_turns_are_not_there(client, creator, now):
    theirs = TurnFactory(fan__name="Not mine", day=now.date())

    assert "Not mine" not in client.get(TODAY).text
    for step in ("word", "later", "undo"):
        typed = {"kind": "wrote", "later": "skip"}
        assert client.post(f"{TODAY}/{theirs.pk}/{step}", typed).status_code == 404


@pytest.mark.django_db
def test_a_turn_of_yesterday_is_over_for_whoever_left_the_page_open(
    client, people, time_machine, now
):
    client.get(TODAY)
    client.post(address(people[0], "word"), {"kind": "wrote"})
    time_machine.move_to(now + DAY, tick=False)

    assert client.post(address(people[0], "undo")).status_code == 404
    assert Touch.objects.exists()


@pytest.mark.django_db
def test_one_can_write_from_here_to_who_has_an_address(client, people):
    Fan.objects.filter(pk=people[1].pk).update(email="")
    page = client.get(TODAY).text

    ada, ben, _cleo, _dai = people
    assert f"/people/{ada.pk}/letter?why=thanks" in page
    assert "mailto:ada@example.com?subject=Thank%20you&amp;body=Dear%20Ada%2C%0D%0A%0D%0A" in page
    assert f"/people/{ben.pk}/letter" not in page


@pytest.mark.django_db
def test_a_mail_that_could_not_be_sent_is_told(client, people, now):
    LetterFactory(fan=people[3], failed_at=now)
    LetterFactory(fan=people[2])
    LetterFactory(failed_at=now)

    page = " ".join(client.get(TODAY).text.split())

    assert page.count("could not be sent") == 1
    assert f"/people/{people[3].pk}#letters" in page


@pytest.mark.django_db
def test_a_turn_that_ended_with_a_mail_has_no_way_back(client, people, now):
    client.get(TODAY)
    client.post(f"/studio/low-tide/people/{people[0].pk}/letter?why=thanks", {
        "subject": "Thank you", "text": "Dear Ada,\n\nThe box."
    })  # fmt: skip

    page = client.get(TODAY).text

    assert turn_of(people[0]).outcome == "done"
    assert "In touch." in page
    assert "Undo" not in page


@pytest.mark.django_db
def test_how_long_thanks_take_is_asked_for_by_itself(client, people, now):
    record_touch(fan=people[0], kind="thanked", occurred_at=now - 190 * DAY)
    url = f"{TODAY}?show=lag"
    assert f'hx-get="{url}"' in client.get(TODAY).text

    part = client.get(url, headers={"HX-Request": "true", "HX-Target": "lag"})
    whole = client.get(url)

    for page in (part, whole):
        words = " ".join(page.text.split())
        assert "10 days" in words
        assert "the median of the 1 that have had one, of 4 in the last 12 months" in words
    assert "<html" not in part.text
    assert "<html" in whole.text


@pytest.mark.django_db
def test_today_asks_the_database_as_often_for_many_as_for_few(
    client, creator, people, django_assert_num_queries, now
):
    client.get(TODAY)
    with django_assert_num_queries(18):
        client.get(TODAY)
    for number in range(40):
        fan = FanFactory(creator=creator, spend=10_00 + number, first_purchase_at=now)
        record_touch(fan=fan, kind="wrote", occurred_at=now)
        TurnFactory(fan=fan, day=now.date(), outcome="done", ended_at=now)
    with django_assert_num_queries(18):
        client.get(TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "A" * 9_000])
def test_a_hostile_name_or_word_is_only_text(client, people, name, now):
    fan = people[0]
    Fan.objects.filter(pk=fan.pk).update(name=name, email="x@example.com")
    AcquaintanceFactory(fan=fan, cares_about=name)
    record_touch(fan=fan, kind="they_wrote", occurred_at=now - DAY, text=name)
    fan.purchase_set.update(description=name)

    page = client.get(TODAY).text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "A" * 400 not in page


def person(**columns):
    word, waited, rhythm, owed = (
        columns.pop(name, None) for name in ("word_at", "waited", "rhythm", "owed")
    )
    fan = Fan(creator=Creator(currency="GBP", fan_word="friend"), **columns)
    fan.word_at, fan.waited, fan.rhythm, fan.owed = word, waited, rhythm, owed
    return fan


def case(now, **parts):
    return Case(
        fan=parts.get("fan", person()), known=parts.get("known"), leaving=parts.get("leaving"),
        today=now.date(), now=now,
    )  # fmt: skip


def told(now, reason, **parts):
    return sentence(reason, case(now, **parts))


def test_the_reason_in_one_sentence(now):
    ago = {days: now - days * DAY for days in (1, 4, 45, 365, 1096)}
    bought = {"purchases": 5, "usual_pause": 30 * DAY, "last_purchase_at": ago[45]}
    had_a_word = {"word_at": ago[45], "waited": 45 * DAY, "rhythm": 30}

    assert [
        told(now, "leaving", leaving=Membership(ends_at=now + 13 * DAY)),
        told(now, "leaving", leaving=Membership(ends_at=None)),
        told(now, "birthday", known=Acquaintance(birth_month=11, birth_day=22)),
        told(now, "birthday", known=Acquaintance(birth_month=11, birth_day=20)),
        told(now, "true", fan=person(crossed_at=ago[4])),
        told(now, "tier", fan=person(tier=Tier(name="Patron"))),
        told(now, "slipping", fan=person(**bought)),
        told(now, "slipping", fan=person(purchases=1, last_purchase_at=ago[365])),
        told(now, "anniversary", fan=person(first_purchase_at=ago[365])),
        told(now, "anniversary", fan=person(first_purchase_at=ago[1096])),
        told(now, "thanks", fan=person(owed=120_00, word_at=ago[45])),
        told(now, "thanks", fan=person(owed=120_00)),
        told(now, "rhythm", fan=person(**had_a_word)),
        told(now, "rhythm", fan=person(waited=400 * DAY, rhythm=365)),
        told(now, "rhythm", fan=person(waited=DAY, rhythm=365)),
    ] == [
        "Decided to leave: the membership ends on 5 December 2026.",
        "The last payment of the membership failed; it ends unless that succeeds.",
        "It is their birthday today.",
        "It was their birthday on 20 November.",
        "Became a true friend on 18 November 2026.",
        "Has reached “Patron” within the last days.",
        "Is slipping away: bought every 30 days or so, and last 45 days ago.",
        "Is slipping away: bought last 365 days ago.",
        "A year ago today they bought something for the first time.",
        "3 years ago today they bought something for the first time.",
        "Has paid £120.00 since your last word.",
        "Has paid £120.00, and has had no word from you yet.",
        "Your last word was 45 days ago; every 30 days is the rhythm.",
        "Has been with you for 400 days, and has had no word from you yet.",
        "Has been with you for 1 day, and has had no word from you yet.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "reason", ["leaving", "birthday", "true", "tier", "slipping", "anniversary", "thanks", "odd"]
)
def test_a_reason_that_no_longer_holds_is_told_as_it_is_today(now, reason):
    fan = person(waited=400 * DAY, rhythm=365)

    assert told(now, reason, fan=fan).startswith("Has been with you for 400 days")


@pytest.mark.parametrize(
    ("name", "reason", "subject", "text"),
    [
        ("Zoë Whitlock", "birthday", "Happy birthday", "Dear Zoë,\n\n"),
        ("", "thanks", "Thank you", "Hello,\n\n"),
        ("Ada", "", "A word from Low Tide", "Dear Ada,\n\n"),
        ("Ada", "nonsense", "A word from Low Tide", "Dear Ada,\n\n"),
    ],
)
def test_how_a_mail_begins(name, reason, subject, text):
    fan = Fan(name=name, creator=Creator(name="Low Tide"))

    assert opening_of(fan, reason) == (subject, text)


def test_the_own_mail_program_gets_address_subject_and_greeting_and_nothing_else():
    opening = opening_of(Fan(name="A&B ?", creator=Creator(name="Low & Tide")))

    link = own_mail("a+b&cc=x?y@example.com", opening)

    assert link == (
        "mailto:a%2Bb%26cc%3Dx%3Fy@example.com?subject=A%20word%20from%20Low%20%26%20Tide"
        "&body=Dear%20A%26B%2C%0D%0A%0D%0A"
    )
    assert own_mail("", opening) == ""


@pytest.mark.django_db
def test_who_decided_to_leave_comes_first_with_the_day(client, creator, source, people, now):
    MembershipFactory(source=source, fan=people[3], ends_at=now + 20 * DAY)

    page = client.get(TODAY)

    assert names(page) == ["Dai", "Ada", "Ben"]
    assert "the membership ends on 12 December 2026" in page.text


@pytest.mark.django_db
def test_the_room_of_one_creator_says_nothing_of_another(client, creator, people):
    other = SourceFactory(creator=CreatorFactory(owner=creator.owner, handle="high-tide"))

    page = client.get("/studio/high-tide/today").text

    assert other.creator.turn_set.count() == 0
    assert "Ada</bdi>" not in page
