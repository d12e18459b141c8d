"""Saving a way to look at the people, and letting go of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.access import StudioRequest, in_studio
from dashboard.people_list import look_at
from dashboard.segments import SegmentForm
from dashboard.views.people import people_address, people_page
from fans.models import Segment


@require_POST
@in_studio
def save_segment(request: StudioRequest) -> HttpResponse:
    """Keep the filters that are on under a name."""
    look = look_at(request.creator, request.POST.get("query", ""), now=timezone.now())
    form = SegmentForm(request.POST, creator=request.creator)
    if not form.is_valid():
        return people_page(request, look, segment_form=form)
    segment = form.keep(look.query.urlencode())
    messages.success(request, _("“%(name)s” is saved.") % {"name": segment})
    return _opened(request, segment)


@require_POST
@in_studio
def change_segment(request: StudioRequest, pk: int) -> HttpResponse:
    """Give it another name, or the filters that are on; or let go of it."""
    segment = get_object_or_404(request.creator.segments, pk=pk)
    look = look_at(request.creator, request.POST.get("query", ""), now=timezone.now())
    match request.POST.get("act"):
        case "delete":
            segment.delete()
            messages.success(request, _("“%(name)s” is forgotten.") % {"name": segment})
            return redirect(people_address(request, look.query))
        case "replace":
            segment.query = look.query.urlencode()
            segment.save(update_fields=["query"])
            messages.success(request, _("“%(name)s” is saved.") % {"name": segment})
        case "rename":
            form = SegmentForm(request.POST, instance=segment, creator=request.creator)
            if not form.is_valid():
                return people_page(request, look, segment_form=form)
            form.save()
    return _opened(request, segment)


def _opened(request: StudioRequest, segment: Segment) -> HttpResponse:
    query = look_at(request.creator, segment.query, now=timezone.now()).query
    query["segment"] = str(segment.pk)
    return redirect(people_address(request, query))
