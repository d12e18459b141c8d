"""A mail to one person, and what becomes of one that could not be sent."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import StudioRequest, in_studio
from dashboard.mailing import opening_of, own_mail
from dashboard.person_forms import LetterForm
from fans.letters import EnoughForToday, address_of
from fans.models import Fan, Letter
from fans.models.attention import LetterQuerySet
from fans.tasks import begin_again, begin_letter


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def letter(request: StudioRequest, pk: int) -> HttpResponse:
    """Write a mail; a worker sends it to their one address. Who has none cannot be written to."""
    fan = _fan(request, pk)
    address = address_of(fan)
    opening = opening_of(fan, request.GET.get("why", ""))
    form = LetterForm(
        request.POST if request.method == "POST" else None,
        initial=opening._asdict(),
        greeting=opening.text,
    )
    if address and form.is_valid() and _send(request, fan, form):
        messages.success(request, _("Your mail is on its way."))
        if "why" in request.GET:  # they came from Today
            return redirect("dashboard:today", request.creator.handle)
        return redirect("dashboard:person", request.creator.handle, fan.pk)
    context = {
        "fan": fan,
        "form": form,
        "address": address,
        "own_mail": own_mail(address, opening),
    }
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/person_letter.html", context, status=status)


def _send(request: StudioRequest, fan: Fan, form: LetterForm) -> bool:
    """Have it sent; False, and why in the form, where that cannot be."""
    try:
        begin_letter(fan=fan, **form.cleaned_data, by=request.user, now=timezone.now())
    except EnoughForToday:
        form.add_error(
            None,
            _(
                "Many mails have gone out today; more would not be personal any more. Your"
                " words are still here: send them tomorrow, or from your own mail program."
            ),
        )
        return False
    return True


@require_POST
@in_studio
def again(request: StudioRequest, pk: int, letter: int) -> HttpResponse:
    """Try to send a letter that was given up."""
    fan = _fan(request, pk)
    begin_again(get_object_or_404(_failed(fan), pk=letter), now=timezone.now())
    messages.success(request, _("Your mail is on its way."))
    return redirect("dashboard:person", request.creator.handle, fan.pk)


@require_POST
@in_studio
def drop(request: StudioRequest, pk: int, letter: int) -> HttpResponse:
    """Throw a letter away that was given up."""
    fan = _fan(request, pk)
    get_object_or_404(_failed(fan), pk=letter).delete()
    messages.success(request, _("The mail is thrown away."))
    return redirect("dashboard:person", request.creator.handle, fan.pk)


def _fan(request: StudioRequest, pk: int) -> Fan:
    fan = get_object_or_404(request.creator.fans, pk=pk)
    fan.creator = request.creator
    return fan


def _failed(fan: Fan) -> LetterQuerySet:
    return Letter.objects.filter(creator_id=fan.creator_id, fan=fan).failed()
