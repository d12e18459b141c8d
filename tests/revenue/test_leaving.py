"""A creator leaves: closed at once, everything stops, and after two weeks nothing is left."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import ClassVar

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fans.models import Creator, Fan, Invitation, User
from revenue import leaving
from revenue.gateways.problems import NotConnectable
from revenue.ingest import SourceClosed, lock_open
from revenue.leaving import GRACE, close, delete_everything, stay, tables, tell
from revenue.listening import read
from revenue.models import DailyRate, Departure, Purchase, Source, Sync
from revenue.removing import begin_removal, refuse_while_removing
from revenue.spend import creators_with_due_fans
from revenue.syncing import start_sync
from revenue.tasks.books import check_all_books
from revenue.tasks.currencies import recount_creator
from revenue.tasks.deliveries import work_off_what_is_left
from revenue.tasks.leaving import delete_creator, delete_who_left, tell_all_owners, tell_owners
from revenue.tasks.resuming import resume_changes, resume_syncs
from revenue.tasks.sources import look_back_sources, reconcile_sources, remove_source, sync_sources
from tests.admin.conftest import one_of_everything
from tests.factories import (
    CreatorFactory,
    FanFactory,
    InvitationFactory,
    MemberFactory,
    NudgeFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
    SyncFactory,
    TouchFactory,
    UserFactory,
)
from tests.revenue.workers import wait_until, worker

pytestmark = pytest.mark.django_db

FOREVER = timedelta(days=1)
LATER = GRACE + timedelta(seconds=1)


def leave(creator: Creator, now: datetime) -> Creator:
    close(creator=creator, by=creator.owner, now=now)
    return Creator.objects.get(pk=creator.pk)


def delete(creator: Creator, at: datetime) -> bool:
    return delete_everything(creator=creator, until=at + FOREVER, clock=lambda: at)


def rows_in_all_tables() -> dict[str, int]:
    """How many rows every table of the database has, ours or not."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


# Closing


def test_a_closed_studio_is_nobodys_and_says_until_when(now):
    creator = CreatorFactory()
    member = MemberFactory(creator=creator, role="owner")

    closed = leave(creator, now)

    assert closed.leaves_at == now + timedelta(days=14)
    for user in (creator.owner, member.user):
        assert not Creator.objects.of(user).exists()
    assert not Creator.objects.open().exists()
    departure = closed.departure
    assert (departure.asked_by, departure.asked_at) == (creator.owner, now)


def test_every_secret_is_forgotten_at_once(now):
    source = SourceFactory(webhook_secrets="whsec_1")
    InvitationFactory(creator=source.creator)
    running = SyncFactory(source=source)

    leave(source.creator, now)

    source.refresh_from_db()
    assert (source.state, source.key, source.webhook_secrets) == ("disconnected", "", "")
    assert not Invitation.objects.exists()
    running.refresh_from_db()
    assert running.state == "failed"


def test_closing_twice_moves_nothing(now):
    creator = leave(CreatorFactory(), now)
    again = leave(creator, now + timedelta(days=3))
    assert again.leaves_at == now + GRACE
    assert Departure.objects.count() == 1


def test_nothing_is_read_told_or_worked_out_for_a_closed_studio(
    now, queued, django_capture_on_commit_callbacks
):
    source = SourceFactory(webhook_secrets="whsec_1")
    FanFactory(creator=source.creator, recompute_at=now)
    NudgeFactory(source=source)
    RecountFactory(creator=source.creator, heard_at=now - timedelta(days=1))
    removed = SourceFactory(creator=source.creator)
    begin_removal(source=removed, now=now - timedelta(days=1))
    assert read(source.pk)

    leave(source.creator, now)

    assert read(source.pk) is None
    assert list(creators_with_due_fans(now)) == []
    queued()
    with django_capture_on_commit_callbacks(execute=True):
        for task in (
            sync_sources,
            resume_syncs,
            resume_changes,
            work_off_what_is_left,
            reconcile_sources,
            check_all_books,
        ):
            task()
        look_back_sources(3)
        remove_source(removed.pk)
        recount_creator(source.creator_id)
    assert queued() == []
    assert not Sync.objects.exists()
    assert Source.objects.filter(pk=removed.pk).exists()


def test_who_connects_at_that_very_moment_is_refused(now):
    source = SourceFactory()
    Creator.objects.update(leaves_at=now + GRACE)  # as another process stored it

    with pytest.raises(NotConnectable, match="closed"):
        refuse_while_removing(source)
    with pytest.raises(SourceClosed):
        lock_open(source)
    with pytest.raises(SourceClosed):
        start_sync(source=source, full=True, now=now)


# Changing one's mind


def test_who_stays_has_everything_but_the_keys(now):
    fan = FanFactory(recompute_at=now)
    source = SourceFactory(creator=fan.creator)
    PurchaseFactory(source=source, fan=fan)
    creator = leave(fan.creator, now)

    assert stay(creator=creator, now=now + GRACE - timedelta(seconds=1))

    creator.refresh_from_db()
    assert creator.leaves_at is None
    assert Creator.objects.of(creator.owner).exists()
    assert not Departure.objects.exists()
    assert Purchase.objects.count() == 1
    assert list(creators_with_due_fans(now)) == [creator]
    source.refresh_from_db()
    assert source.key == ""
    assert not delete(creator, now + LATER) or Fan.objects.exists()


def test_after_two_weeks_it_is_too_late(now):
    creator = leave(CreatorFactory(), now)

    assert not stay(creator=creator, now=now + GRACE)
    creator.refresh_from_db()
    assert creator.leaves_at == now + GRACE


# The mail


def test_every_owner_is_written_to_once_and_by_themselves(now, mailoutbox, settings):
    creator = CreatorFactory(handle="low-tide", name="Low\nTide")
    other = MemberFactory(creator=creator, role="owner").user
    MemberFactory(creator=creator, role="editor")
    leave(creator, now)

    for _ in range(2):
        tell(creator.pk, now=now)

    assert [mail.to for mail in mailoutbox] == [[creator.owner.email], [other.email]]
    mail = mailoutbox[0]
    assert mail.subject == "The studio of Low Tide is closed"
    assert f"{creator.owner} asked on 22 November 2026, 12:00 (UTC)" in mail.body
    assert "Until 6 December 2026, 12:00 (UTC) nothing is lost" in mail.body
    assert f"{settings.PUBLIC_URL}/studio/low-tide/closed" in mail.body


class Choosy(EmailBackend):
    """Stands for a mail server that takes no mail to an address with one of the words in
    `problems`, and says why."""

    problems: ClassVar[dict[str, Exception]] = {}

    def send_messages(self, messages):
        for word, problem in self.problems.items():
            if word in messages[0].to[0]:
                raise problem
        return super().send_messages(messages)


@pytest.fixture
def choosy(settings, monkeypatch, mailoutbox):
    """`choosy(bad=OSError())`: the mail server takes no mail to an address with "bad" in it."""
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"

    def make(**problems):
        monkeypatch.setattr(Choosy, "problems", problems)

    return make


@pytest.fixture
def studio():
    """Of three owners: one@, two@ and three@example.org."""
    creator = CreatorFactory(owner__email="one@example.org")
    for name in ("two", "three"):
        MemberFactory(creator=creator, role="owner", user__email=f"{name}@example.org")
    return creator


def written_to(mailoutbox) -> list[str]:
    return [mail.to[0].partition("@")[0] for mail in mailoutbox]


def test_an_owner_whose_address_is_refused_costs_the_others_neither_a_mail_nor_peace(
    studio, now, mailoutbox, choosy, caplog
):
    leave(studio, now)
    choosy(two=SMTPRecipientsRefused({"two@example.org": (550, b"no such user")}))

    for minute in range(5):
        tell(studio.pk, now=now + minute * timedelta(minutes=1))
    tell(studio.pk, now=now + Departure.PAUSE)

    assert written_to(mailoutbox) == ["one", "three"]
    assert Departure.objects.get().told_at == now
    assert "SMTPRecipientsRefused" in caplog.text
    assert "two@example.org" not in caplog.text


def test_an_owner_who_cannot_be_written_to_for_now_is_told_later_and_nobody_twice(
    studio, now, mailoutbox, choosy
):
    leave(studio, now)
    choosy(two=SMTPRecipientsRefused({"two@example.org": (450, b"try again later")}))
    tell(studio.pk, now=now)
    assert Departure.objects.get().told_at is None

    choosy()
    tell(studio.pk, now=now + timedelta(minutes=1))
    assert written_to(mailoutbox) == ["one", "three"]
    tell(studio.pk, now=now + Departure.PAUSE)

    assert written_to(mailoutbox) == ["one", "three", "two"]
    assert Departure.objects.get().told_at == now + Departure.PAUSE


def test_a_mail_server_that_stays_away_is_asked_so_often_and_no_more(studio, now, choosy):
    leave(studio, now)
    choosy(example=OSError("gone"))

    for hour in range(Departure.ATTEMPTS + 2):
        tell(studio.pk, now=now + hour * Departure.PAUSE)

    departure = Departure.objects.get()
    assert (departure.tries, len(departure.told)) == (Departure.ATTEMPTS, 3)
    assert not Departure.objects.untold(now + GRACE).exists()


def test_a_worker_that_was_killed_at_it_is_followed_by_another(studio, now, mailoutbox, choosy):
    class Killed(BaseException):
        """Stands for kill -9: nothing catches it."""

    leave(studio, now)
    choosy(three=Killed())
    with pytest.raises(Killed):
        tell(studio.pk, now=now)

    choosy()
    tell(studio.pk, now=now + Departure.PAUSE)

    assert written_to(mailoutbox) == ["one", "two", "three"]


def test_a_mail_that_got_lost_is_sent_by_the_beat(
    now, mailoutbox, queued, django_capture_on_commit_callbacks, time_machine
):
    creator = leave(CreatorFactory(), now)
    time_machine.move_to(now, tick=False)
    queued()

    with django_capture_on_commit_callbacks(execute=True):
        tell_all_owners()
    assert queued() == [("revenue.tasks.leaving.tell_owners", [creator.pk])]
    tell_owners(creator.pk)
    with django_capture_on_commit_callbacks(execute=True):
        tell_all_owners()

    assert queued() == []
    assert len(mailoutbox) == 1


# Deleting


def test_nothing_is_left_in_any_table_and_nothing_of_others_is_touched(now, monkeypatch):
    """Every table of the database is counted, ours or not."""
    monkeypatch.setattr(leaving, "BATCH", 2)
    helper = UserFactory()
    one_of_everything()
    before = rows_in_all_tables()
    mine = one_of_everything()
    creator = mine[Creator]
    for row in mine.values():
        LogEntry.objects.log_actions(helper.pk, [row], CHANGE, single_object=True)
    FanFactory.create_batch(7, creator=creator)
    for table in tables():
        had_rows = leaving.rows_of(table, creator).exists()
        assert had_rows, f"add a row of {table.__name__} to one_of_everything()"
    creator.leaves_at = now
    creator.save()

    assert delete(creator, now)

    after = rows_in_all_tables()
    more = {table: after[table] - before[table] for table in after if after[table] != before[table]}
    # The accounts of its owner and its member stay, a rate that is for everybody, and what an admin
    # did to one account and to the rate.
    assert more == {"fans_user": 2, "revenue_dailyrate": 1, "django_admin_log": 2}


def test_nothing_goes_before_its_time(now):
    purchase = PurchaseFactory()
    creator = purchase.creator
    for at in (None, now + timedelta(seconds=1)):
        Creator.objects.update(leaves_at=at)
        assert delete(creator, now)
        assert Purchase.objects.exists()
        assert not Departure.objects.exists()


def test_it_goes_on_where_it_was_and_says_how_far_it_is(now, monkeypatch):
    monkeypatch.setattr(leaving, "BATCH", 3)
    fan = FanFactory()
    creator = fan.creator
    TouchFactory.create_batch(5, fan=fan)
    PurchaseFactory.create_batch(10, source=SourceFactory(creator=creator), fan=fan)
    creator = leave(creator, now)
    over = now + LATER
    left = [len(list(rows())) for rows in (Purchase.objects.all, Fan.objects.all)]
    assert left == [10, 1]

    turns = 0
    while not delete_everything(creator=creator, until=over, clock=lambda: over):
        departure = Departure.objects.get()
        turns += 1
        assert departure.total == 19
        assert 0 < departure.done <= min(3 * turns, 19)
        assert departure.percent == 100 * departure.done // 19
        assert departure.heard_at == over

    assert turns == 9, "of 5 touches, 10 purchases, a fan, two words of a name and a source"
    assert not Creator.objects.exists()


def test_a_second_worker_finds_nothing_to_do(now):
    creator = leave(CreatorFactory(), now)
    assert delete(creator, now + LATER)
    assert delete(creator, now + LATER)
    delete_creator(creator.pk)


def test_it_takes_the_same_queries_however_much_a_batch_holds(now):
    taken = []
    for count in (1, 1, 40):  # the first time, content types are looked up
        source = SourceFactory()
        for _ in range(count):
            fan = FanFactory(creator=source.creator)
            PurchaseFactory(source=source, fan=fan)
            TouchFactory(fan=fan)
        creator = leave(source.creator, now)
        with CaptureQueriesContext(connection) as queries:
            delete(creator, now + LATER)
        taken.append(len(queries))

    assert taken[1] == taken[2]


def test_the_models_are_all_known(now):
    """What belongs to a creator, by whatever way, is in one of the tables."""
    ours = set(apps.get_app_config("fans").get_models())
    ours |= set(apps.get_app_config("revenue").get_models())
    assert ours - set(tables()) == {User, Creator, Departure, DailyRate}


@pytest.mark.django_db(transaction=True)
class TestWithWorkers:
    def test_the_night_after_two_weeks_a_worker_deletes_it_all(self, queued):
        source = SourceFactory()
        fan = FanFactory(creator=source.creator)
        PurchaseFactory.create_batch(30, source=source, fan=fan)
        other = PurchaseFactory()
        leave(source.creator, datetime.now(UTC) - LATER)
        queued()

        with worker():
            delete_who_left()
            wait_until(lambda: not Creator.objects.filter(pk=source.creator_id).exists())

        assert list(Purchase.objects.all()) == [other]
        assert Creator.objects.get() == other.creator

    def test_a_deletion_whose_worker_was_killed_is_taken_up(self, queued, monkeypatch):
        creator = leave(PurchaseFactory().creator, datetime.now(UTC) - LATER)
        now = timezone.now()
        delete_everything(creator=creator, until=now - FOREVER)
        assert Creator.objects.exists()
        queued()

        resume_changes(silent_for=0)

        assert queued() == [("revenue.tasks.leaving.delete_creator", [creator.pk])]
