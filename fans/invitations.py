"""Somebody is invited into a studio: the mail with the secret, and who may come in by it.

The secret exists in the mail alone. The worker that writes the mail makes it, and stores its
SHA-256 when the mail is sent; a mail that could not be sent is written anew, with another secret,
until it is given up.
"""

import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from fans.models import Creator, Invitation, Member, Role, User
from fans.sending import Outcome, try_to_send
from truefans.digests import digest_of
from truefans.limits import counted

#: How long an invitation can be taken up.
VALID = timedelta(days=7)
#: How many mails a studio may have sent in an hour, and one address may get in a day.
AN_HOUR, A_DAY = 20, 5


class TooMany(Exception):
    """So many invitations were sent lately that this one has to wait."""


def invite(*, creator: Creator, email: str, role: str, by: User, now: datetime) -> Invitation:
    """Store the invitation of `email` (normalised), instead of an earlier one; `mail` sends it.

    Raises TooMany if mails have been asked for too often.
    """
    if (
        counted(f"invitations-studio-{creator.pk}", timedelta(hours=1)) > AN_HOUR
        or counted(f"invitations-{digest_of(email)}", timedelta(days=1)) > A_DAY
    ):
        raise TooMany
    invitation, _created = Invitation.objects.update_or_create(
        creator=creator,
        email=email,
        defaults={
            "role": role,
            "digest": None,
            "invited_by": by,
            "expires_at": now + VALID,
            "due_at": now,
            "tries": 0,
            "failed_at": None,
        },
    )
    return invitation


def mail(invitation_id: int, *, now: datetime) -> None:
    """Send the mail of an invitation, if that is due."""
    unsent = Invitation.objects.unsent(now).select_related("creator", "invited_by")
    invitation = unsent.filter(pk=invitation_id).take(now)
    if invitation is None:
        return
    secret = secrets.token_urlsafe(32)
    outcome = try_to_send(_message_of(invitation, secret), invitation)
    # Who was invited anew meanwhile, or not at all, gets another mail, or none.
    same = Invitation.objects.filter(pk=invitation.pk, due_at=invitation.due_at)
    if outcome is Outcome.SENT:
        same.update(digest=digest_of(secret))
    elif outcome is Outcome.NEVER:
        same.update(failed_at=now)


def _message_of(invitation: Invitation, secret: str) -> EmailMessage:
    """The mail that brings `secret`."""
    context = {
        "invitation": invitation,
        "role": Role(invitation.role),
        "link": f"{settings.PUBLIC_URL}{reverse('dashboard:join')}?key={secret}",
        "public_url": settings.PUBLIC_URL,
    }
    name = " ".join(invitation.creator.name.split())
    return EmailMessage(
        _("%(creator)s invites you to their studio") % {"creator": name},
        render_to_string("fans/mail/invitation.txt", context),
        to=[invitation.email],
    )


def is_of(invitation: Invitation, user: User) -> bool:
    """Whether `user` has confirmed the address that was invited."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True)
    return confirmed.alias(address=Lower("email")).filter(address=invitation.email).exists()


def join(invitation: Invitation, *, user: User, now: datetime) -> bool:
    """Make `user` a member by `invitation`, which is used up; whether it still could be.

    Who is in the team already keeps their role.
    """
    with transaction.atomic():
        opened = Invitation.objects.open(now).filter(pk=invitation.pk, digest=invitation.digest)
        found = opened.select_for_update(of=("self",)).select_related("creator").first()
        if found is None:
            return False
        if found.creator.owner_id != user.pk:
            Member.objects.get_or_create(
                creator=found.creator, user=user, defaults={"role": found.role}
            )
        found.delete()
    return True
