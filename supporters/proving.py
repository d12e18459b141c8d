"""Somebody proves an address: their creators are asked, and they are told nothing.

Whatever was paid with it is theirs to see at once (`Fan.objects.of`). That it is in another record
than the rest is for the creator to know, and to decide.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.dispatch import receiver

from revenue.queueing import queue_on_commit
from revenue.tasks.figures import propose_proved_addresses


# A signal of the library's own, which it sends whichever way an address was proved.
@receiver(email_confirmed)
def ask_creators(email_address: EmailAddress, **_: Any) -> None:
    queue_on_commit(propose_proved_addresses.delay, email_address.user_id)
