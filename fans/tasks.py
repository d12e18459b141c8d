"""What workers do for people: they send letters to fans, and invitations into a team. Ids in, one
call, done."""

from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from fans import letters
from fans.invitations import mail
from fans.models import Fan, Invitation, Letter, User


def begin_letter(*, fan: Fan, subject: str, text: str, by: User, now: datetime) -> Letter:
    """Keep a mail to `fan` and have a worker send it; if the queue is away, the beat finds it.

    Raises `letters.EnoughForToday`.
    """
    with transaction.atomic():
        letter = letters.post(fan=fan, subject=subject, text=text, by=by, now=now)
        _queue_on_commit(letter)
    return letter


def begin_again(letter: Letter, *, now: datetime) -> None:
    """Have a letter that was given up sent after all."""
    with transaction.atomic():
        letters.try_again(letter, now=now)
        _queue_on_commit(letter)


def _queue_on_commit(letter: Letter) -> None:
    transaction.on_commit(lambda: send_letter.delay(letter.pk), robust=True)


@shared_task
def send_letter(letter_id: int) -> None:
    """Send one letter, if that is due."""
    letters.send(letter_id, now=timezone.now())


@shared_task
def send_letters() -> None:
    """The safety net: letters whose task got lost, and those that are to be tried again."""
    for pk in Letter.objects.due(timezone.now()).values_list("pk", flat=True):
        send_letter.delay(pk)


@shared_task
def send_invitation(invitation_id: int) -> None:
    """Send the mail of one invitation, unless it is sent."""
    mail(invitation_id, now=timezone.now())


@shared_task
def send_invitations() -> None:
    """The safety net: mails whose task got lost, or that could not be sent."""
    for pk in Invitation.objects.unsent(timezone.now()).values_list("pk", flat=True):
        send_invitation.delay(pk)
