"""The year in review: a page to read once a year, and to print."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboard.access import StudioRequest, in_studio
from dashboard.year import MONTHS, Year, year_of, years
from fans.charts import Bars, Column
from fans.models import Creator
from fans.templatetags.amounts import money
from fans.templatetags.dates import month as month_name
from fans.templatetags.words import fans

#: The months that are named below a chart; there is no room for all of them on a phone.
MARKED = (1, 4, 7, 10)


@require_safe
@in_studio
def latest(request: StudioRequest) -> HttpResponse:
    """The last year of which there is something to tell."""
    now = timezone.now()
    found = years(request.creator, now=now) or [now.astimezone(request.creator.zone).year]
    return redirect("dashboard:review", request.creator.handle, found[0])


@require_safe
@in_studio
def review(request: StudioRequest, year: int) -> HttpResponse:
    """One year, if there was one: from the first in which anything happened to this one."""
    creator, now = request.creator, timezone.now()
    others, this_year = years(creator, now=now), now.astimezone(creator.zone).year
    if not min([*others, this_year]) <= year <= this_year:
        raise Http404
    found = year_of(creator, year)
    context = {
        "year": found,
        "years": others,
        "is_running": year == this_year,
        "best_month": _best_month(found),
        "income_chart": _income_chart(creator, found),
        "people_chart": _people_chart(creator, found),
    }
    return render(request, "dashboard/review.html", context)


def _best_month(found: Year) -> date | None:
    """The first day of the month in which most became true fans; None if none did, or it is one
    of several."""
    most = max(found.new_true_fans)
    if not most or found.new_true_fans.count(most) > 1:
        return None
    return date(found.year, found.new_true_fans.index(most) + 1, 1)


def _income_chart(creator: Creator, found: Year) -> Bars:
    def column(month: int) -> Column:
        gross, net = found.months[month - 1].gross, found.months[month - 1].net
        rest = gross - net
        shown = [money(amount, creator.currency) for amount in (net, rest)]
        # What a bar cannot show, a loss, is in the numbers behind it.
        parts = (max(net, 0), max(min(rest, gross), 0))
        return Column(_month(found, month), parts, shown, is_marked=month in MARKED)

    return Bars(
        title=_("Income by month, %(year)s") % {"year": found.year},
        about=_("%(gross)s gross, %(net)s net in the whole year.")
        % {
            "gross": money(found.gross, creator.currency),
            "net": money(found.net, creator.currency),
        },
        series=[_("Net"), _("Fees, and what is on its way")],
        columns=[column(month) for month in MONTHS],
    )


def _people_chart(creator: Creator, found: Year) -> Bars:
    names = {"fans": fans(creator, 2), "year": found.year}
    return Bars(
        title=_("New true %(fans)s by month, %(year)s") % names,
        about=_("%(count)s in the whole year.") % {"count": found.became_true},
        series=[_("New true %(fans)s") % names],
        columns=[
            Column(_month(found, month), (count,), (str(count),), is_marked=month in MARKED)
            for month, count in zip(MONTHS, found.new_true_fans, strict=True)
        ],
    )


def _month(found: Year, month: int) -> str:
    return month_name(date(found.year, month, 1), "short yearless")
