"""All that is shown of one person beside their timeline."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _

from fans.acquaintance import known_of, nothing_known_of
from fans.attention import A_LEAP_YEAR, WHOLE, today_of, with_rhythm
from fans.charts import Bars, Column
from fans.letters import address_of
from fans.models import Acquaintance, Creator, Fan
from fans.rhythm import warmth
from fans.templatetags.amounts import money
from revenue.thanks import with_owed
from revenue.traces import Traces

#: A chart has at least so many bars, or one of them would fill it.
FEWEST_YEARS = 4
#: More do not live together.
HOUSEHOLD = 20


def found(creator: Creator, *, now: datetime) -> QuerySet[Fan]:
    """The people of `creator`, with their rhythm and what they are owed."""
    people = with_rhythm(creator.fans.all(), creator=creator, today=today_of(creator, now))
    return with_owed(people, creator=creator).select_related("tier")


def portrait(fan: Fan, traces: Traces, *, now: datetime) -> dict[str, Any]:
    """What is known of `fan`, who was `found` and has left `traces`; two to eight queries."""
    known = known_of(fan) if traces.acquaintance else nothing_known_of(fan)
    share = getattr(fan, "share", None)
    memberships = fan.memberships.with_bills().with_source().defer("raw")
    merges = fan.merges.select_related("by").defer("before")
    return {
        "known": known,
        "memberships": list(memberships) if traces.memberships else [],
        "is_overdue": share is not None and share >= WHOLE,
        "birthday": birthday_of(known),
        "household": _household(fan, known),
        "years": spend_by_year(fan, now=now),
        "warmth": warmth(
            purchases=fan.purchases,
            usual_pause=fan.usual_pause,
            last_purchase_at=fan.last_purchase_at,
            now=now,
        ),
        "identities": fan.identities.select_related("merge__by")
        .defer("merge__before")
        .order_by("kind", "value"),
        "merges": merges if traces.merges else [],
        "taggings": fan.tagging_set.select_related("tag").order_by("tag__name")
        if traces.tags
        else [],
        "letters": fan.letter_set.all() if traces.letters else [],
        "may_be_mailed": bool(address_of(fan)),
    }


def birthday_of(known: Acquaintance) -> date | None:
    """Their birthday, in some year that has it."""
    if known.birth_month is None or known.birth_day is None:
        return None
    return date(A_LEAP_YEAR, known.birth_month, known.birth_day)


def _household(fan: Fan, known: Acquaintance) -> list[Fan]:
    """Who else lives there."""
    if not known.household:
        return []
    same = Acquaintance.objects.filter(creator_id=fan.creator_id, household=known.household)
    others = fan.creator.fans.filter(pk__in=same.values("fan")).exclude(pk=fan.pk)
    return list(others.order_by("name", "pk")[:HOUSEHOLD])


def spend_by_year(fan: Fan, *, now: datetime) -> Bars | None:
    """What they paid, gross, in each calendar year until now; None if that is nothing."""
    creator = fan.creator
    paid = (
        creator.purchases.filter(fan=fan, counted_currency=creator.currency)
        .annotate(year=ExtractYear("occurred_at", tzinfo=creator.zone))
        .values("year")
        .annotate(gross=Sum("counted_gross"))
        .order_by("year")
    )
    by_year = {row["year"]: row["gross"] or 0 for row in paid}
    if not any(by_year.values()):
        return None
    this_year = today_of(creator, now).year
    first = min(min(by_year), this_year - FEWEST_YEARS + 1)
    amounts = [(year, by_year.get(year, 0)) for year in range(first, this_year + 1)]
    # As many labels as there is room for.
    every = len(amounts) // 8 + 1
    return Bars(
        title=_("What they paid, year by year"),
        about=_("Gross, in %(currency)s.") % {"currency": creator.currency},
        series=[_("Gross")],
        columns=[
            Column(
                label=str(year),
                amounts=[amount],
                shown=[money(amount, creator.currency)],
                is_marked=(this_year - year) % every == 0,
            )
            for year, amount in amounts
        ],
    )
