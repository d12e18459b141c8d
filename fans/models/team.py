"""Who works in a creator's studio beside the one who owns it."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fans.models.outgoing import Outgoing, OutgoingQuerySet
from fans.models.users import User


class Role(models.TextChoices):
    """What somebody may do in a studio; each may all that the next one may."""

    OWNER = "owner", _("owner")
    EDITOR = "editor", _("editor")
    VIEWER = "viewer", _("viewer")

    @property
    def about(self) -> str:
        """What somebody in this role may do, as a sentence."""
        return {
            Role.OWNER: gettext("An owner may do everything: team, sources and leaving, too."),
            Role.EDITOR: gettext(
                "An editor may change everything but the team and the connections to money."
            ),
            Role.VIEWER: gettext("A viewer may look at everything and change nothing."),
        }[self]

    @property
    def may_edit(self) -> bool:
        return self != Role.VIEWER

    @property
    def may_own(self) -> bool:
        """Whether money, team and the end of it all are theirs to decide."""
        return self == Role.OWNER


class Member(models.Model):
    """One who was invited into a studio and came."""

    creator = models.ForeignKey("fans.Creator", models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role.choices)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["creator", "user"], name="member_is_in_a_team_once"),
            models.CheckConstraint(
                name="member_has_a_role", condition=Q(role__in=[role.value for role in Role])
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class InvitationQuerySet(OutgoingQuerySet["Invitation"]):
    def open(self, now: datetime) -> "InvitationQuerySet":
        """Those that can still be taken up."""
        return self.filter(expires_at__gt=now, creator__leaves_at=None)

    def unsent(self, now: datetime) -> "InvitationQuerySet":
        """Those whose mail is to be sent, or tried again, at `now`."""
        return self.open(now).filter(digest=None, failed_at=None, due_at__lte=now)


class Invitation(Outgoing):
    """A way into a studio for whoever reads the mail of `email`; it is gone once it is used.

    Of the secret in the mailed link only the SHA-256 is kept (`digest`, hex); there is none until
    the mail is sent. `failed_at`: sending was given up, and an owner has to say what becomes of it.
    """

    creator = models.ForeignKey("fans.Creator", models.CASCADE, related_name="invitations")
    email = models.EmailField(help_text=_("Normalised."))
    role = models.CharField(max_length=6, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "email"], name="invitation_is_sent_to_an_address_once"
            ),
        ]

    def __str__(self) -> str:
        return self.email
