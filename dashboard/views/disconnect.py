"""A source goes: the choice whether its money stays, with the figures, on a page of its own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard import figures
from dashboard.access import StudioRequest, owners_only
from dashboard.forms import DisconnectForm
from revenue.beginning import begin_removing
from revenue.models import Inbox, Source
from revenue.removing import disconnect as forget_key


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def disconnect(request: StudioRequest, pk: int) -> HttpResponse:
    """Looking changes nothing; a POST says what becomes of the money."""
    sources = request.creator.sources.without_secrets()
    source = get_object_or_404(sources.exclude(state=Source.State.REMOVING), pk=pk)
    form = DisconnectForm(request.POST if request.method == "POST" else None, source=source)
    if form.is_valid():
        if form.cleaned_data["money"] == form.REMOVE:
            begin_removing(source=source, now=timezone.now())
            text = _("What came from %(source)s is being removed.")
            if source.has_key:
                text = _("%(source)s is disconnected, and what came from it is being removed.")
        else:
            forget_key(source=source, now=timezone.now())
            text = _("%(source)s is disconnected. Its money stays.")
        messages.success(request, text % {"source": source})
        return redirect("dashboard:sources", request.creator.handle)
    context = {
        "source": source,
        "form": form,
        "brought": figures.brought(source),
        "is_told": source.kind == Source.Kind.FILE and Inbox.objects.filter(source=source).exists(),
        "is_only": request.creator.sources.count() == 1,
    }
    status = 422 if form.errors else 200
    return render(request, "dashboard/disconnect.html", context, status=status)
