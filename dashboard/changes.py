"""What is being changed in a creator's books right now, and how far it is."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from dashboard.progress import QUIET
from fans.models import Creator
from revenue.models import Recount, Removal
from truefans.money import currency_name


@dataclass(frozen=True, slots=True)
class Change:
    """A removal or a recount, in words; `note` says what it means for the sums."""

    key: str
    title: str
    so_far: str
    note: str
    percent: int
    heard_at: datetime
    is_quiet: bool


def changes(creator: Creator, *, now: datetime) -> list[Change]:
    """All that is under way for `creator`; a query beside the creator's recount."""
    recount = Recount.under_way_of(creator)
    removals = Removal.objects.filter(source__creator=creator).with_source().order_by("pk")
    return [
        *([_recount(recount, now=now)] if recount else []),
        *(_removal(removal, now=now) for removal in removals),
    ]


def _recount(recount: Recount, *, now: datetime) -> Change:
    currency = currency_name(recount.currency, count=2)
    return Change(
        key="recount",
        title=_("Counting everything in %(currency)s") % {"currency": currency},
        so_far=_("%(done)s of %(total)s purchases") % _numbers(recount),
        note=_("Until it is done, every sum is nothing; then all of them come back."),
        percent=recount.percent,
        heard_at=recount.heard_at,
        is_quiet=now - recount.heard_at > QUIET,
    )


def _removal(removal: Removal, *, now: datetime) -> Change:
    return Change(
        key=f"removal-{removal.source_id}",
        title=_("Removing %(source)s") % {"source": removal.source},
        so_far=_("%(done)s of %(total)s rows") % _numbers(removal),
        note=_("The sums follow as it goes."),
        percent=removal.percent,
        heard_at=removal.heard_at,
        is_quiet=now - removal.heard_at > QUIET,
    )


def _numbers(work: Recount | Removal) -> dict[str, str]:
    return {"done": intcomma(min(work.done, work.total)), "total": intcomma(work.total)}
