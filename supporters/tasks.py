"""What workers do for accounts."""

from celery import shared_task
from django.utils import timezone

from supporters.sessions import forget_sessions_that_are_over
from supporters.sign_in import unconfirmed_accounts


@shared_task
def forget_unconfirmed_accounts() -> None:
    """Delete the accounts that were asked for with an address nobody confirmed."""
    unconfirmed_accounts(timezone.now()).delete()


@shared_task
def forget_sessions() -> None:
    """Delete the sessions that are over."""
    forget_sessions_that_are_over(now=timezone.now())
