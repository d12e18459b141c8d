"""The demo's post: mails stay in the cache, and a page shows them."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

#: How many mails are kept, and for how long (seconds).
KEPT = 50
KEPT_FOR = 24 * 60 * 60

COUNTER = "demo-mails"
CODE = re.compile(r"^[A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5})+$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    number: int
    sent_at: datetime
    to: str
    subject: str
    body: str

    @property
    def code(self) -> str:
        """The code that the mail brings, as it is to be typed; "" if it brings none."""
        found = CODE.search(self.body)
        return found.group() if found else ""


class DemoMailBackend(BaseEmailBackend):
    """Keeps the last mails instead of sending them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            keep(message)
        return len(email_messages)


def keep(message: EmailMessage) -> None:
    cache.add(COUNTER, 0, timeout=None)
    number = cache.incr(COUNTER)
    mail = Mail(
        number=number,
        sent_at=timezone.now(),
        to=", ".join(message.to),
        subject=str(message.subject),
        body=str(message.body),
    )
    cache.set(_place(number), asdict(mail), timeout=KEPT_FOR)


def mails() -> list[Mail]:
    """What is kept, newest first."""
    kept = cache.get_many([_place(number) for number in range(KEPT)])
    return sorted((Mail(**mail) for mail in kept.values()), key=lambda m: m.number, reverse=True)


def _place(number: int) -> str:
    """A ring of places, so that a mail is written over when `KEPT` newer ones came."""
    return f"demo-mail-{number % KEPT}"
