"""A mail from a creator to one person."""

import smtplib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from fans import letters, tasks
from fans.letters import MOST_A_DAY, EnoughForToday, address_of, message_of, send
from fans.models import Acquaintance, Letter, Touch
from revenue.leaving import close, stay
from revenue.merging import merge
from tests.factories import CreatorFactory, FanFactory, LetterFactory, TurnFactory

PAUSE, ATTEMPTS = Letter.PAUSE, Letter.ATTEMPTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def fan():
    creator = CreatorFactory(name="Low Tide", owner__email="tide@example.org")
    return FanFactory(creator=creator, name="Zoë", email="zoe@example.com")


class Broken(BaseEmailBackend):
    """Stands for a mail server that fails as `problem` says."""

    problem: Exception = OSError("gone")

    def send_messages(self, email_messages):
        raise self.problem


@pytest.fixture
def broken(settings, monkeypatch):
    def make(problem):
        monkeypatch.setattr(Broken, "problem", problem)
        settings.EMAIL_BACKEND = f"{__name__}.Broken"

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return make


def test_a_letter_goes_to_one_address_from_the_site_and_answers_go_to_the_creator(
    fan, now, settings
):
    settings.DEFAULT_FROM_EMAIL = "TrueFans <hello@truefans.example>"
    letter = LetterFactory(fan=fan, subject="Thank you", text="Dear Zoë,\n\nthe box …")

    assert send(letter.pk, now=now)

    [sent] = mail.outbox
    assert (sent.to, sent.cc, sent.bcc) == (["zoe@example.com"], [], [])
    assert sent.from_email == "Low Tide <hello@truefans.example>"
    assert sent.reply_to == ["tide@example.org"]
    assert (sent.subject, sent.body) == ("Thank you", "Dear Zoë,\n\nthe box …")


def test_a_sent_letter_is_a_touch_and_nothing_else_is_left_of_it(fan, now):
    letter = LetterFactory(fan=fan, subject="Thank you", text="The box.", by=fan.creator.owner)

    send(letter.pk, now=now)

    touch = Touch.objects.get()
    assert (touch.kind, touch.occurred_at, touch.by) == ("wrote", now, fan.creator.owner)
    assert touch.text == "Thank you\n\nThe box."
    assert Acquaintance.objects.get(fan=fan).last_word_at == now
    assert not Letter.objects.exists()


def test_a_letter_is_sent_once_however_often_its_task_runs(fan, now):
    letter = LetterFactory(fan=fan)

    assert [send(letter.pk, now=now) for _ in range(3)] == [True, False, False]
    assert len(mail.outbox) == 1


def test_a_worker_that_was_killed_after_sending_sends_the_same_message_again(fan, now, monkeypatch):
    letter = LetterFactory(fan=fan)

    class Killed(BaseException):
        """Stands for kill -9: nothing catches it."""

    def killed(**_columns):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(letters, "record_touch", killed)
        with pytest.raises(Killed):
            send(letter.pk, now=now)
    assert not send(letter.pk, now=now)  # it may be at work still
    assert send(letter.pk, now=now + PAUSE)

    first, second = (sent.message()["Message-ID"] for sent in mail.outbox)
    assert first == second
    assert Touch.objects.count() == 1


class Meanwhile(EmailBackend):
    """Stands for a mail server that takes its time: `act()` happens after it took the mail."""

    act: Callable[[], object]

    def send_messages(self, email_messages):
        sent = super().send_messages(email_messages)
        type(self).act()
        return sent


@pytest.mark.django_db(transaction=True)
def test_who_is_merged_while_their_letter_is_sent_gets_it_once_and_it_is_noted(
    fan, now, settings, monkeypatch
):
    other = FanFactory(creator=fan.creator)
    letter = LetterFactory(fan=other)

    def join():
        merge(creator=fan.creator, people=(fan.pk, other.pk), by=None, now=now)

    settings.EMAIL_BACKEND = f"{__name__}.Meanwhile"
    monkeypatch.setattr(Meanwhile, "act", join, raising=False)

    assert send(letter.pk, now=now)

    assert Touch.objects.get().fan == fan
    assert not Letter.objects.exists()
    assert not send(letter.pk, now=now + PAUSE)
    assert len(mail.outbox) == 1


def test_of_somebody_who_is_taken_away_meanwhile_nothing_is_noted(fan, now, settings, monkeypatch):
    letter = LetterFactory(fan=fan)
    settings.EMAIL_BACKEND = f"{__name__}.Meanwhile"
    monkeypatch.setattr(Meanwhile, "act", fan.delete, raising=False)

    assert send(letter.pk, now=now)

    assert not Touch.objects.exists()


def test_a_closed_studio_sends_nothing_until_it_is_open_again(fan, now, queued, time_machine):
    letter = LetterFactory(fan=fan)
    close(creator=fan.creator, by=fan.creator.owner, now=now)
    time_machine.move_to(now, tick=False)

    tasks.send_letters()

    assert queued() == []
    assert not send(letter.pk, now=now)
    stay(creator=fan.creator, now=now)
    assert send(letter.pk, now=now)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_letter_send_it_once(fan, now):
    letter = LetterFactory(fan=fan)
    barrier, sent = threading.Barrier(2), []

    def work():
        barrier.wait(10)
        sent.append(send(letter.pk, now=now))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert sorted(sent) == [False, True]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("problem", [OSError("down"), smtplib.SMTPServerDisconnected("bye")])
def test_what_cannot_be_sent_is_tried_again_and_at_last_given_up(fan, now, broken, problem):
    letter = LetterFactory(fan=fan)
    broken(problem)

    for number in range(ATTEMPTS + 2):
        assert not send(letter.pk, now=now + number * PAUSE)

    letter.refresh_from_db()
    assert letter.tries == ATTEMPTS
    assert letter.failed_at == now + (ATTEMPTS - 1) * PAUSE
    assert not Touch.objects.exists()


def test_an_address_that_is_refused_is_not_tried_again_and_never_logged(fan, now, broken, caplog):
    letter = LetterFactory(fan=fan)
    broken(smtplib.SMTPRecipientsRefused({"zoe@example.com": (550, b"no such user")}))

    send(letter.pk, now=now)

    letter.refresh_from_db()
    assert letter.failed_at == now
    assert "SMTPRecipientsRefused" in caplog.text
    assert "zoe@example.com" not in caplog.text


def test_an_address_that_is_refused_for_now_is_tried_again(fan, now, broken):
    letter = LetterFactory(fan=fan)
    broken(smtplib.SMTPRecipientsRefused({"zoe@example.com": (451, b"come back later")}))

    send(letter.pk, now=now)

    letter.refresh_from_db()
    assert (letter.failed_at, letter.due_at) == (None, now + PAUSE)


def test_a_letter_that_was_given_up_can_be_sent_after_all(
    fan, now, django_capture_on_commit_callbacks
):
    letter = LetterFactory(fan=fan, tries=ATTEMPTS, failed_at=now)
    assert not send(letter.pk, now=now)

    with django_capture_on_commit_callbacks() as queued:
        tasks.begin_again(letter, now=now)

    assert len(queued) == 1
    assert send(letter.pk, now=now)


def test_what_is_posted_ends_the_turn_and_is_queued_once_it_is_stored(
    fan, now, queued, django_capture_on_commit_callbacks
):
    turn = TurnFactory(fan=fan)

    with django_capture_on_commit_callbacks(execute=True):
        letter = tasks.begin_letter(
            fan=fan, subject="Hello", text="You.", by=fan.creator.owner, now=now
        )

    turn.refresh_from_db()
    assert (turn.outcome, letter.to) == ("done", "zoe@example.com")
    assert queued() == [("fans.tasks.send_letter", [letter.pk])]
    assert not mail.outbox


def test_more_than_so_many_in_a_day_would_not_be_personal(fan, now):
    write = {"fan": fan, "subject": "Hello", "text": "You.", "by": fan.creator.owner}
    for _ in range(MOST_A_DAY):
        letters.post(**write, now=now)

    with pytest.raises(EnoughForToday):
        letters.post(**write, now=now)

    assert letters.post(**write, now=now + timedelta(days=1))
    assert Letter.objects.count() == MOST_A_DAY + 1


def test_the_beat_brings_what_is_due_and_leaves_what_is_given_up(fan, now, queued, time_machine):
    due = LetterFactory(fan=fan)
    LetterFactory(fan=fan, due_at=now + PAUSE)
    LetterFactory(fan=fan, failed_at=now)
    time_machine.move_to(now, tick=False)

    tasks.send_letters()

    assert queued() == [("fans.tasks.send_letter", [due.pk])]


@pytest.mark.parametrize(
    ("email", "address"),
    [
        ("zoe@example.com", "zoe@example.com"),
        ("zoë@example.com", ""),
        ("", ""),
        ("a@example.com,b@example.com", ""),
        ("a,b@example.com", ""),
        ("a b@example.com", ""),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example", ""),
    ],
)
def test_a_mail_goes_only_to_one_plain_address(email, address):
    assert address_of(FanFactory.build(email=email)) == address


@pytest.mark.parametrize("name", ["Low\r\nBcc: all@example.com", 'The "Tide"', "Гурт"])
def test_no_name_and_no_subject_can_add_a_header(fan, name):
    fan.creator.name = name
    letter = LetterFactory(fan=fan, subject="Hi\nBcc: all@example.com")

    message = message_of(letter).message()

    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert message.get_all("To") == ["zoe@example.com"]
