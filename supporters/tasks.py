"""What workers do for accounts."""

from celery import shared_task
from django.utils import timezone

from supporters.sign_in import unconfirmed_accounts


@shared_task
def forget_unconfirmed_accounts() -> None:
    """Delete the accounts that were asked for with an address nobody confirmed."""
    unconfirmed_accounts(timezone.now()).delete()
