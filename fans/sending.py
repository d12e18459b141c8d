"""Mails go out, and what cannot be sent is told without a word of what it says and to whom."""

import smtplib
from enum import Enum, auto

import structlog
from django.core.mail import EmailMessage

from fans.models.outgoing import Outgoing

log = structlog.get_logger(__name__)

#: From here on an answer of a mail server is for good (RFC 5321, 4.2.1).
FOR_GOOD = 500


class Outcome(Enum):
    """What became of one try."""

    SENT = auto()
    LATER = auto()
    NEVER = auto()


def try_to_send(message: EmailMessage, mail: Outgoing) -> Outcome:
    """Send `message`, which `mail` is about; never again where its address is refused, or this was
    the last of its tries."""
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as problem:
        # Its words may hold the address, so only its name is told.
        kind, name = type(mail).__name__, type(problem).__name__
        log.warning("mail not sent", kind=kind, pk=mail.pk, problem=name)
        is_over = mail.tries >= mail.ATTEMPTS or _is_refused(problem)
        return Outcome.NEVER if is_over else Outcome.LATER
    return Outcome.SENT


def _is_refused(problem: Exception) -> bool:
    """Whether the address will never do. Some servers refuse whom they do not know at first."""
    if not isinstance(problem, smtplib.SMTPRecipientsRefused):
        return False
    return all(code >= FOR_GOOD for code, _words in problem.recipients.values())
