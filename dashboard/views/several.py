"""What is done to several people at once, and taking it back."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.access import StudioRequest, for_everybody, in_studio
from dashboard.downloads import csv_download
from dashboard.people_export import COLUMNS, people_rows
from dashboard.people_list import look_at
from dashboard.several import NobodyChosen, SeveralForm, chosen_people, take_back
from dashboard.views.people import people_address


@require_POST
@in_studio
def several(request: StudioRequest) -> HttpResponse:
    """Say how many it is about; do it once that number comes back."""
    look = look_at(request.creator, request.POST.get("query", ""), now=timezone.now())
    form = SeveralForm(request.POST, look=look)
    if form.is_sure:
        request.session["several"] = form.perform(by=request.user)._asdict()
        return redirect(people_address(request, look.here))
    context = {"form": form, "people_url": people_address(request, look.here)}
    template = "dashboard/people_several.html" + ("#sure" if request.htmx else "")
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
@in_studio
def undo_several(request: StudioRequest) -> HttpResponse:
    """Have tags as they were before."""
    told = take_back(request.POST.get("token", ""), creator=request.creator)
    if told:
        messages.success(request, told)
    else:
        messages.warning(request, _("That cannot be taken back any more."))
    look = look_at(request.creator, request.POST.get("query", ""), now=timezone.now())
    return redirect(people_address(request, look.here))


@require_POST
@for_everybody
def export_people(request: StudioRequest) -> HttpResponseBase:
    """A file for a spreadsheet, sent while it is read."""
    creator, now = request.creator, timezone.now()
    look = look_at(creator, request.POST.get("query", ""), now=now)
    try:
        people = chosen_people(look, request.POST)
    except NobodyChosen as reason:
        messages.error(request, str(reason))
        return redirect(people_address(request, look.here))
    rows = people_rows(look.in_order(people), creator=creator)
    name = f"{creator.handle}-people-{localdate(now, creator.zone)}"
    return csv_download(name, rows, columns=COLUMNS)
