"""A mail from a creator to one person: kept until it is sent, and then noted as a touch.

It goes to exactly one address, from the site's own with the creator's name before it, and answers
go to the creator. A worker that is killed between the sending and the note sends it once more,
under the same Message-ID, so that a mailbox shows it once.
"""

from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction

from fans.attention import today_of
from fans.models import Creator, Fan, Letter, Touch, User
from fans.sending import Outcome, try_to_send
from fans.touches import record_touch
from fans.turns import end_turn_of
from truefans.limits import counted

#: More in a day would not be personal any more.
MOST_A_DAY = 30
LONGEST_ADDRESS = 254


class EnoughForToday(Exception):
    """So many mails went out today that one more would not be personal."""


def address_of(fan: Fan) -> str:
    """The one address that a mail to `fan` goes to; "" where there is none that can be written
    to."""
    try:
        validate_email(fan.email)
    except ValidationError:
        return ""
    return fan.email if len(fan.email) <= LONGEST_ADDRESS else ""


def post(*, fan: Fan, subject: str, text: str, by: User, now: datetime) -> Letter:
    """Keep a mail to `fan`, who has an address, for a worker to send; their turn is over with it.

    Raises `EnoughForToday`.
    """
    creator = fan.creator
    if not _may_send(creator, now):
        raise EnoughForToday
    with transaction.atomic():
        end_turn_of(fan, now=now)
        return Letter.objects.create(
            creator=creator,
            fan=fan,
            to=address_of(fan),
            subject=subject,
            text=text,
            by=by,
            created_at=now,
            due_at=now,
        )


def _may_send(creator: Creator, now: datetime) -> bool:
    """Count one more mail of this day."""
    counter = f"letters-{creator.pk}-{today_of(creator, now)}"
    return counted(counter, timedelta(days=2)) <= MOST_A_DAY


def try_again(letter: Letter, *, now: datetime) -> None:
    """Have a letter that was given up sent after all, from the first attempt on."""
    Letter.objects.filter(pk=letter.pk).failed().update(tries=0, due_at=now, failed_at=None)


def send(letter_id: int, *, now: datetime) -> bool:
    """Send a letter that is due, and note it as a touch; whether it was sent."""
    due = Letter.objects.due(now).select_related("creator__owner")
    letter = due.filter(pk=letter_id).take(now)
    if letter is None:
        return False
    outcome = try_to_send(message_of(letter), letter)
    if outcome is Outcome.NEVER:
        Letter.objects.filter(pk=letter.pk).update(failed_at=now)
    if outcome is Outcome.SENT:
        _note(letter, now=now)
    return outcome is Outcome.SENT


def _note(sent: Letter, *, now: datetime) -> None:
    """Have a touch be there instead of the letter that was sent."""
    with transaction.atomic():
        # Whose it is may have changed while it was being sent, and cannot under this lock.
        Creator.objects.select_for_update(no_key=True).get(pk=sent.creator_id)
        letter = Letter.objects.select_related("fan", "by").filter(pk=sent.pk).first()
        if letter is None:
            return  # they were taken away
        record_touch(
            fan=letter.fan,
            kind=Touch.Kind.WROTE,
            occurred_at=now,
            text=f"{letter.subject}\n\n{letter.text}",
            by=letter.by,
        )
        letter.delete()


def message_of(letter: Letter) -> EmailMessage:
    """`letter` as it goes out."""
    _name, site = parseaddr(settings.DEFAULT_FROM_EMAIL)
    name = " ".join(letter.creator.name.split())
    domain = site.rpartition("@")[2]
    return EmailMessage(
        subject=" ".join(letter.subject.split()),
        body=letter.text,
        from_email=formataddr((name, site)),
        to=[letter.to],
        reply_to=[letter.creator.owner.email],
        headers={"Message-ID": f"<letter-{letter.pk}.{letter.created_at:%Y%m%d%H%M%S}@{domain}>"},
    )
