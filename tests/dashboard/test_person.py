"""One person: where they stand, and what happened."""

from datetime import datetime, timedelta

import pytest

from dashboard.person import spend_by_year
from dashboard.timeline import SIZE
from fans.models import Fan, Note
from fans.touches import record_touch
from revenue.models import Return
from tests.dashboard.one_person import at, kinds, shown
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
    TaggingFactory,
    TouchFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

DAY = timedelta(days=1)


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


def test_an_anniversary_on_new_years_day_is_told_that_morning_by_the_creators_clock(
    client, creator, source, ada, time_machine
):
    creator.time_zone = "Pacific/Auckland"
    creator.save()
    bought_at = datetime(2025, 1, 1, 8, tzinfo=creator.zone)
    Fan.objects.filter(pk=ada.pk).update(first_purchase_at=bought_at)
    PurchaseFactory(source=source, fan=ada, occurred_at=bought_at)
    time_machine.move_to(datetime(2026, 1, 1, 9, tzinfo=creator.zone), tick=False)

    assert "One year with you" in shown(client, ada)


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


def test_a_seat_that_rests_stands_there_while_everything_is_counted(client, creator, ada):
    RecountFactory(creator=creator, done=40)
    Fan.objects.filter(pk=ada.pk).update(seat=12)

    words = shown(client, ada)

    assert "40%" in words
    assert "No. 12" in words
    assert "to go" not in words
