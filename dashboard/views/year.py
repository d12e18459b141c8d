"""What a year came to, for whoever does the taxes."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import StudioRequest, in_studio
from dashboard.views.income import csv_file
from dashboard.year_tables import tables_of
from revenue.exports import YEAR_COLUMNS, year_rows
from revenue.year import Year, summary_of, years_of


@require_safe
@in_studio
def years(request: StudioRequest) -> HttpResponse:
    """To this year's summary; before any money moved, what will stand there."""
    found = years_of(request.creator, now=timezone.now())
    if found:
        return redirect("dashboard:year", request.creator.handle, found[-1])
    return render(request, "dashboard/income_year.html", {"is_new": True})


@require_safe
@in_studio
def year(request: StudioRequest, year: int) -> HttpResponse:
    """A calendar year by the creator's clock: month by month, by currency, source and country."""
    summary, found = _summary(request, year)
    sources = {source.pk: source for source in request.creator.sources.without_secrets()}
    context = {
        "summary": summary,
        "years": found,
        "tables": tables_of(summary, sources),
        "elsewhere": summary.elsewhere,
        "now": timezone.now(),
    }
    return render(request, "dashboard/income_year.html", context)


@require_safe
@in_studio
def export_year(request: StudioRequest, year: int) -> HttpResponseBase:
    """The same tables as CSV."""
    summary, _found = _summary(request, year)
    rows = year_rows(creator=request.creator, year=summary)
    return csv_file(request, f"{year}", rows, YEAR_COLUMNS)


def _summary(request: StudioRequest, year: int) -> tuple[Year, range]:
    """The year and all there are; only those in which money moved can be looked at."""
    found = years_of(request.creator, now=timezone.now())
    if year not in found:
        raise Http404
    return summary_of(creator=request.creator, year=year), found
