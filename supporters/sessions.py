"""Sessions that are over. What they hold, sentences with addresses among it, goes with them."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

#: A session that begins just now is in the list of its user before it is stored.
JUST_NOW = timedelta(hours=1)


def forget_sessions_that_are_over(*, now: datetime) -> None:
    """Delete sessions that have run out, and what their users' lists have of any that is gone."""
    Session.objects.filter(expire_date__lt=now).delete()
    stored = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(stored), created_at__lt=now - JUST_NOW).delete()
