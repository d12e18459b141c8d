"""Sold by hand: a sale in two taps, the code that claims it, and everything taken back again."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import StudioRequest, editors_only, in_studio
from dashboard.days import day_in
from dashboard.qr import qr_picture
from dashboard.selling import ChangeSaleForm, GiveBackForm, SellForm, day_of, entries_of
from fans.models import Fan
from fans.templatetags.amounts import money
from revenue.beginning import begin_changing_sale, begin_selling
from revenue.ingest import SourceClosed
from revenue.models import Claim, Purchase, SaleEntry, Source
from revenue.selling import ChangedMeanwhile, SoldOtherwise, TooMuchReturned, renew_code


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def sell(request: StudioRequest) -> HttpResponse:
    """The till, and the sales of a day; a POST is a sale, or without scripts a search for who."""
    creator, now = request.creator, timezone.now()
    on = day_in(request.GET.get("on", ""))
    data = request.POST if request.method == "POST" else None
    form = SellForm(data, creator=creator, now=now, on=on)
    if form.is_bound and not form.is_search and form.is_valid():
        entry = _sell(request, form)
        if entry:
            sold = creator.purchases.filter(source=entry.source, external_id=entry.external_id)
            if purchase := sold.first():
                return redirect("dashboard:sold", creator.handle, purchase.pk)
            messages.warning(request, _("This sale was taken back already."))
            return redirect("dashboard:sell", creator.handle)
    context = {
        "form": form,
        "day": day_of(creator, on or form.today, now=now),
        "today": form.today,
    }
    is_wrong = form.is_bound and not form.is_search
    return render(request, "dashboard/sell.html", context, status=422 if is_wrong else 200)


def _sell(request: StudioRequest, form: SellForm) -> SaleEntry | None:
    """Store it; None, and why in the form, where that cannot be."""
    try:
        entry, _is_new = begin_selling(
            creator=request.creator,
            sale=form.as_sale(),
            to=form.cleaned_data["fan"],
            by=request.user,
            now=form.now,
        )
    except SoldOtherwise:
        form.draw_anew()
        form.add_error(
            None,
            _(
                "This form was sent before, with something else in it: that sale is stored. "
                "If this is another one, press “Sold” once more."
            ),
        )
    except SourceClosed:
        form.add_error(None, _("Your cash sales are being removed right now. Try again later."))
    except Fan.DoesNotExist:
        form.add_error("fan", _("That person is not there any more."))
    else:
        return entry
    return None


def _of_hand(request: StudioRequest, pk: int) -> Purchase:
    sold = request.creator.purchases.filter(source__kind=Source.Kind.HAND)
    return get_object_or_404(sold.select_related("fan").with_source().defer("raw"), pk=pk)


@require_safe
@editors_only
def sold(request: StudioRequest, pk: int) -> HttpResponse:
    """One sale with its code, until somebody has scanned it; looked at again by itself."""
    purchase, now = _of_hand(request, pk), timezone.now()
    claim = Claim.objects.filter(source=purchase.source, external_id=purchase.external_id).first()
    context: dict[str, Any] = {"purchase": purchase, "claim": claim, "link": ""}
    if not purchase.fan and claim and claim.is_open(now):
        link = f"{settings.PUBLIC_URL}{reverse('supporters:claim', args=[claim.code])}"
        context |= {"link": link, "picture": qr_picture(link, label=_("Code to scan"))}
    return render(request, "dashboard/sold.html", context)


@require_POST
@in_studio
def new_code(request: StudioRequest, pk: int) -> HttpResponse:
    """Another code, where the last one does not hold any more."""
    purchase = _of_hand(request, pk)
    try:
        renew_code(purchase=purchase, now=timezone.now())
    except SourceClosed:
        messages.error(request, _("Your cash sales are being removed right now."))
    return redirect("dashboard:sold", request.creator.handle, pk)


@require_POST
@in_studio
def undo(request: StudioRequest, pk: int) -> HttpResponse:
    """Take a sale back as if it had never been."""
    purchase = _of_hand(request, pk)
    amount = money(purchase.amount, purchase.currency)
    if _say(request, purchase.external_id, is_undone=True):
        messages.success(
            request,
            _("The sale of %(amount)s is taken back. In the list below it can be put back again.")
            % {"amount": amount},
        )
    return _to_day(request, purchase.external_id)


@require_POST
@in_studio
def put_back(request: StudioRequest) -> HttpResponse:
    """A sale that was taken back counts again."""
    name = request.POST.get("sale", "")[:100]
    if not entries_of(request.creator).filter(external_id=name).exists():
        raise Http404
    if _say(request, name, is_undone=False):
        messages.success(request, _("The sale counts again."))
    return _to_day(request, name)


def _say(request: StudioRequest, external_id: str, **said: Any) -> bool:
    """Say something else of a sale; whether that could be done and was new."""
    source = request.creator.sources.get(kind=Source.Kind.HAND)
    try:
        entry = begin_changing_sale(
            source=source, external_id=external_id, by=request.user, now=timezone.now(), **said
        )
    except SourceClosed:
        messages.error(request, _("Your cash sales are being removed right now."))
        return False
    return entry is not None


def _to_day(request: StudioRequest, external_id: str) -> HttpResponse:
    """The till, with the sales of the day that this one is of."""
    said = entries_of(request.creator).last_words().filter(external_id=external_id).first()
    address = reverse("dashboard:sell", args=[request.creator.handle])
    day = timezone.localtime(said.occurred_at).date() if said else None
    return redirect(f"{address}?on={day}" if day and day != timezone.localdate() else address)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def change(request: StudioRequest, pk: int) -> HttpResponse:
    """What was sold, for how much and when, said anew; or some of it given back."""
    purchase, now = _of_hand(request, pk), timezone.now()
    last = entries_of(request.creator).last_words().get(external_id=purchase.external_id)
    data = request.POST if request.method == "POST" else None
    is_return = data is not None and "give_back" in data
    changing = ChangeSaleForm(
        None if is_return else data, last=last, creator=request.creator, now=now
    )
    giving = GiveBackForm(data if is_return else None, last=last, prefix="back")
    form: ChangeSaleForm | GiveBackForm = giving if is_return else changing
    if form.is_valid() and _change(request, last, form):
        return redirect("dashboard:purchase", request.creator.handle, pk)
    context = {"purchase": purchase, "last": last, "changing": changing, "giving": giving}
    return render(
        request, "dashboard/sale_change.html", context, status=422 if form.is_bound else 200
    )


def _change(request: StudioRequest, last: SaleEntry, form: ChangeSaleForm | GiveBackForm) -> bool:
    """Note it; False, and why in the form, where it does not fit what was said meanwhile."""
    try:
        if _say(request, last.external_id, seen=form.cleaned_data["seen"], **form.said()):
            messages.success(request, _("It is noted, with your name and the time."))
    except ChangedMeanwhile:
        form.add_error(None, _("Somebody changed this sale meanwhile. Look at it again."))
    except TooMuchReturned:
        form.add_error("amount", _("More than that was given back already."))
    return form.is_valid()
