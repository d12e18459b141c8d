"""At which rate does it count? Said by hand of a purchase for which nobody publishes one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.access import StudioRequest, in_studio
from dashboard.one_purchase import RateForm, told_of
from revenue.beginning import begin_rating, begin_unrating


@require_POST
@in_studio
def say(request: StudioRequest, pk: int) -> HttpResponse:
    """The purchase counts at this rate from now on."""
    purchases = request.creator.purchases.select_related("fan").with_source()
    found = get_object_or_404(purchases.defer("raw"), pk=pk)
    form = RateForm(request.POST)
    if not form.is_valid():
        context = {"told": told_of(request.creator, found), "rate_form": form}
        return render(request, "dashboard/income_purchase.html", context, status=422)
    value, now = form.cleaned_data["rate"], timezone.now()
    if begin_rating(purchase=found, value=value, by=request.user, now=now):
        messages.success(request, _("It counts at the rate that you said."))
    else:
        messages.warning(request, _("Nothing was changed: it has a rate of its own by now."))
    return redirect("dashboard:purchase", request.creator.handle, pk)


@require_POST
@in_studio
def take_back(request: StudioRequest, pk: int) -> HttpResponse:
    """It counts as it does by itself again."""
    found = get_object_or_404(request.creator.purchases.with_source().defer("raw"), pk=pk)
    if begin_unrating(purchase=found, now=timezone.now()):
        messages.success(request, _("The rate that you said was taken back."))
    return redirect("dashboard:purchase", request.creator.handle, pk)
