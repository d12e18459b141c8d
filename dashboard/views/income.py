"""Is every cent there? Purchases and lines of the ledgers, and what they come to taken apart."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dashboard import breakdowns, figures
from dashboard.access import StudioRequest, in_studio
from dashboard.doubles import in_question
from dashboard.downloads import csv_download
from dashboard.income_list import (
    MovementFilter,
    ProductFilter,
    PurchaseFilter,
    SourceFilter,
    sums_of,
)
from dashboard.one_purchase import RateForm, told_of
from dashboard.paging import turn_to
from dashboard.proof import proofs
from fans.models import Creator
from revenue.exports import (
    MOVEMENT_COLUMNS,
    PURCHASE_COLUMNS,
    Row,
    movement_rows,
    purchase_rows,
)
from revenue.ledger_sums import by_source
from revenue.models import Movement, Recount, Return
from revenue.takings import income
from revenue.values import MembershipState

NEWEST = ("-occurred_at", "-id")
#: What `show` in the address of the memberships may be.
MEMBERS = {
    "": _("Everybody"),
    "going": _("Going on"),
    "leaving": _("Leaving"),
    "ended": _("Ended"),
}


def may_sum(creator: Creator) -> bool:
    """Whether all purchases count in one currency, so that they can be added up."""
    return Recount.under_way_of(creator) is None


@require_safe
@in_studio
def purchases(request: StudioRequest) -> HttpResponse:
    """Purchases by everything that they can be asked for by, and what those that are shown come to;
    the proof of the books stands above the first page of all of them."""
    creator, now = request.creator, timezone.now()
    if request.GET.get("show") == "unattributed":
        return redirect("dashboard:unattributed", creator.handle)
    asked = PurchaseFilter(request.GET, creator=creator, now=now)
    found = creator.purchases.filter(asked.condition())
    page = turn_to(figures.listed(found), request.GET.get("after", ""), order=NEWEST)
    is_whole_window = not asked.is_narrowed and asked.period.key == "window"
    context = {
        "asked": asked,
        "page": page,
        "is_new": not asked.sources,
        # Of the window everything is added up already.
        "sums": sums_of(found) if may_sum(creator) and not is_whole_window else None,
    }
    status = 422 if asked.errors else 200
    if request.htmx.target == "list":
        return render(request, "dashboard/income.html#list", context, status=status)
    context |= {
        "doubles": in_question(creator),
        "proofs": proofs(creator) if page.is_first and is_whole_window else [],
        "income": income(creator, now=now),
    }
    return render(request, "dashboard/income.html", context, status=status)


@require_safe
@in_studio
def purchase(request: StudioRequest, pk: int) -> HttpResponse:
    """One purchase: every amount, every line, whose it is and why."""
    found = request.creator.purchases.select_related("fan").with_source().defer("raw")
    told = told_of(request.creator, get_object_or_404(found, pk=pk))
    context = {"told": told, "rate_form": RateForm() if told.may_be_rated else None}
    return render(request, "dashboard/income_purchase.html", context)


@require_safe
@in_studio
def export_purchases(request: StudioRequest) -> HttpResponseBase:
    """The purchases that are asked for, all pages of them, as CSV."""
    asked = PurchaseFilter(request.GET, creator=request.creator, now=timezone.now())
    found = request.creator.purchases.filter(asked.condition())
    rows = purchase_rows(creator=request.creator, purchases=found)
    return csv_file(request, "purchases", rows, PURCHASE_COLUMNS)


def csv_file(
    request: StudioRequest, name: str, rows: Iterable[Row], columns: Sequence[str]
) -> HttpResponseBase:
    """`rows` as a file that says whose they are, and of which day."""
    file = f"{request.creator.handle}-{name}-{timezone.localdate():%Y-%m-%d}"
    return csv_download(file, rows, columns=columns)


@require_safe
@in_studio
def movements(request: StudioRequest) -> HttpResponse:
    """Every line of a provider's ledger, with the purchase that it reaches."""
    asked = MovementFilter(request.GET, creator=request.creator, now=timezone.now())
    lines = asked.lines()
    page = turn_to(lines, request.GET.get("after", ""), order=NEWEST)
    reached = {line.payment_id for line in page.rows} - {""}
    about = request.creator.purchases.filter(source=asked.source, external_id__among=reached)
    bought = {one.external_id: one for one in about.select_related("fan").defer("raw")}
    context = {
        "asked": asked,
        "page": page,
        "rows": [(line, bought.get(line.payment_id)) for line in page.rows],
        "sums": [(currency, part) for (_pk, currency), part in by_source(lines).items()],
        "is_new": not asked.sources,
    }
    status = 422 if asked.errors else 200
    return render(request, "dashboard/income_movements.html", context, status=status)


@require_safe
@in_studio
def export_movements(request: StudioRequest) -> HttpResponseBase:
    """The lines that are asked for, all pages of them, as CSV."""
    asked = MovementFilter(request.GET, creator=request.creator, now=timezone.now())
    rows = movement_rows(lines=asked.lines())
    return csv_file(request, "movements", rows, MOVEMENT_COLUMNS)


@require_safe
@in_studio
def fees(request: StudioRequest) -> HttpResponse:
    """What was kept on the way and by whom; what went back and why."""
    creator = request.creator
    asked = SourceFilter(request.GET, creator=creator, now=timezone.now())
    lines = Movement.objects.filter(asked.condition(), source__in=asked.sources)
    returns = Return.objects.filter(asked.condition(), source__in=asked.sources).defer("raw")
    page = turn_to(returns, request.GET.get("after", ""), order=NEWEST)
    names = {source.pk: source for source in asked.sources}
    kept = [
        (names[source], currency, part) for (source, currency), part in by_source(lines).items()
    ]
    context = {
        "asked": asked,
        "kept": kept,
        "why": breakdowns.reasons(returns),
        "page": page,
        "given": breakdowns.with_purchases(page.rows),
        "is_new": not asked.sources,
    }
    status = 422 if asked.errors else 200
    return render(request, "dashboard/income_fees.html", context, status=status)


@require_safe
@in_studio
def sources(request: StudioRequest) -> HttpResponse:
    """What each source brought, what of it was kept, and what that costs in people."""
    creator = request.creator
    asked = SourceFilter(request.GET, creator=creator, now=timezone.now())
    found = creator.purchases.filter(asked.condition())
    context = {
        "asked": asked,
        "parts": breakdowns.by_source(creator, asked.sources, found) if may_sum(creator) else [],
        "is_new": not asked.sources,
    }
    status = 422 if asked.errors else 200
    return render(request, "dashboard/income_sources.html", context, status=status)


@require_safe
@in_studio
def products(request: StudioRequest) -> HttpResponse:
    """What was bought, by what purchases say of themselves; what brought most stands first."""
    creator = request.creator
    asked = ProductFilter(request.GET, creator=creator, now=timezone.now())
    found = creator.purchases.filter(asked.condition())
    listed = breakdowns.by_product(found) if may_sum(creator) else []
    context = {
        "asked": asked,
        "products": listed[: breakdowns.PRODUCTS],
        "has_more": len(listed) > breakdowns.PRODUCTS,
        "most": breakdowns.PRODUCTS,
        "is_new": not asked.sources,
    }
    status = 422 if asked.errors else 200
    return render(request, "dashboard/income_products.html", context, status=status)


@require_safe
@in_studio
def members(request: StudioRequest) -> HttpResponse:
    """Who pays how much how often, who is leaving and who has left."""
    creator, now = request.creator, timezone.now()
    show = request.GET.get("show", "")
    everybody = creator.memberships.all()
    found = {
        "going": everybody.filter(state__in=breakdowns.GOES_ON),
        "leaving": everybody.leaving(now),
        "ended": everybody.filter(state=MembershipState.ENDED),
    }.get(show, everybody)
    rows = found.select_related("fan").with_source().with_bills().defer("raw")
    context = {
        "page": turn_to(rows, request.GET.get("after", ""), order=("-since", "-id")),
        "heads": breakdowns.heads(creator, now=now),
        "prices": breakdowns.prices(creator),
        "filters": [(key, label, key == show) for key, label in MEMBERS.items()],
        "is_new": not creator.sources.exists(),
    }
    return render(request, "dashboard/income_members.html", context)
