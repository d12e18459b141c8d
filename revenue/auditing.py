"""All books of a creator checked, what was found kept, and told to whoever runs TrueFans."""

from datetime import datetime

from django.conf import settings
from django.core.mail import mail_admins
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fans.models import Creator
from revenue.books import Finding, check_books
from revenue.models import BooksCheck

#: How many differences are kept and told in full; all are counted.
TOLD = 100
#: How many checks of a creator are kept.
KEPT = 60


def audit(*, creator: Creator, now: datetime) -> BooksCheck:
    """Check the books of `creator` without asking the provider, and store what was found.

    Differences are mailed to settings.ADMINS: which rows and columns, and never a value of them.
    Raises Creator.DoesNotExist if `creator` is gone meanwhile.
    """
    found = _lasting(creator, now)
    with transaction.atomic():
        creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        check = BooksCheck.objects.create(
            creator=creator,
            checked_at=now,
            found=len(found),
            findings=[str(finding) for finding in found[:TOLD]],
        )
        creator.books_checks.keep_newest(KEPT)
    if found:
        _tell(check, found[:TOLD])
    return check


def _lasting(creator: Creator, now: datetime) -> list[Finding]:
    """The differences that are there when one looks again.

    Pages are stored while we look, and what follows from them only a moment later: that is no
    mistake, and is another one or none the second time.
    """
    found = list(check_books(creator=creator, now=now, ask=False))
    again = set(check_books(creator=creator, now=now, ask=False)) if found else set()
    return [finding for finding in found if finding in again]


def _tell(check: BooksCheck, told: list[Finding]) -> None:
    subject = ngettext(
        "%(count)d difference in the books of creator %(creator)d",
        "%(count)d differences in the books of creator %(creator)d",
        check.found,
    ) % {"count": check.found, "creator": check.creator_id}
    address = reverse("admin:revenue_bookscheck_change", args=[check.pk])
    parts = [
        "\n".join(finding.where for finding in told),
        _("All that is known of it: %s") % f"{settings.PUBLIC_URL}{address}",
    ]
    mail_admins(subject, "\n\n".join(parts))
