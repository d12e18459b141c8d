"""Sessions that are over are forgotten, with what they hold."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from supporters.tasks import forget_sessions
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=99)


def session_of(user) -> Session:
    """A browser of `user` signed in long ago."""
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    UserSession.objects.update_or_create(
        session_key=key, defaults={"user": user, "ip": "203.0.113.7", "created_at": LONG_AGO}
    )
    return Session.objects.get(session_key=key)


def test_a_session_that_ran_out_is_gone_the_next_night_and_one_that_goes_on_stays():
    user = UserFactory()
    over, goes_on = session_of(user), session_of(user)
    Session.objects.filter(pk=over.pk).update(expire_date=timezone.now() - timedelta(seconds=1))

    forget_sessions()

    assert list(Session.objects.all()) == [goes_on]
    assert [listed.session_key for listed in UserSession.objects.all()] == [goes_on.pk]


def test_a_session_that_only_begins_is_not_forgotten():
    begins = UserSession.objects.create(
        user=UserFactory(), session_key="not-stored-yet", ip="203.0.113.7"
    )

    forget_sessions()

    assert UserSession.objects.get() == begins


def test_every_night_has_its_turn():
    assert "supporters.tasks.forget_sessions" in {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }
