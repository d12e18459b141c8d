"""How a mail to one person begins, here or in the creator's own mail program."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from fans.models import Fan
from revenue.choosing import Reason

#: Longer than any name that one is called by.
LONGEST_NAME = 40


class Opening(NamedTuple):
    """What stands in a mail before anything is written."""

    subject: str
    text: str


def opening_of(fan: Fan, reason: str = "") -> Opening:
    """A subject that fits the `reason`, and a greeting by the first of their names."""
    subjects: dict[str, str] = {
        Reason.BIRTHDAY: _("Happy birthday"),
        Reason.THANKS: _("Thank you"),
        Reason.TRUE: _("Thank you"),
        Reason.TIER: _("Thank you"),
        Reason.ANNIVERSARY: _("Thank you for staying"),
        Reason.LEAVING: _("Before you go"),
    }
    usual = _("A word from %(creator)s") % {"creator": fan.creator.name}
    first_name = next(iter(fan.name.split()), "")[:LONGEST_NAME]
    greeting = _("Dear %(name)s,") % {"name": first_name} if first_name else _("Hello,")
    return Opening(subjects.get(reason, usual), f"{greeting}\n\n")


def own_mail(address: str, opening: Opening) -> str:
    """The link that opens one's own mail program; "" without an address."""
    if not address:
        return ""
    # As RFC 6068 has it: lines end with CR LF, and a space is no plus.
    begun = {"subject": opening.subject, "body": opening.text.replace("\n", "\r\n")}
    return f"mailto:{quote(address, safe='@')}?{urlencode(begun, quote_via=quote)}"
