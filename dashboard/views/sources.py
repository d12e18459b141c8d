"""Where does it come from? Connecting Stripe, and how reading it goes."""

from django.contrib import messages
from django.db.models import Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from dashboard.access import StudioRequest, in_studio
from dashboard.forms import StripeKeyForm
from dashboard.progress import Progress, progress_of, running
from fans.models import Creator
from revenue.gateways.problems import NotConnectable, SourceProblem
from revenue.gateways.stripe.connecting import PERMISSIONS, connect
from revenue.models import Source, Sync
from revenue.tasks import begin_reading

#: How many of its last runs are shown of each source.
LAST_RUNS = 5


@require_safe
@in_studio
def sources(request: StudioRequest) -> HttpResponse:
    """What is connected and how reading it went; the bars again every two seconds."""
    if request.htmx.target == "progress":
        under_way = running(request.creator, now=timezone.now())
        if not under_way:
            return HttpResponseClientRefresh()
        return render(request, "dashboard/progress.html", {"running": under_way})
    return _page(request, StripeKeyForm())


@require_POST
@in_studio
def connect_stripe(request: StudioRequest) -> HttpResponse:
    """Test the pasted key, store it, and begin to read; or say what is wrong with it."""
    form = StripeKeyForm(request.POST)
    if form.is_valid():
        try:
            source = connect(creator=request.creator, key=form.cleaned_data["key"])
        except (NotConnectable, SourceProblem) as problem:
            form.add_error("key", str(problem))
    if form.errors:
        return _page(request, form)
    begin_reading(source=source, full=False, now=timezone.now())
    messages.success(
        request, _("%(source)s is connected. Reading it has begun.") % {"source": source}
    )
    address = reverse("dashboard:sources", args=[request.creator.handle])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@require_POST
@in_studio
def sync(request: StudioRequest, pk: int) -> HttpResponse:
    """Read what is new in one source, now."""
    source = get_object_or_404(request.creator.sources, pk=pk)
    begin_reading(source=source, full=False, now=timezone.now())
    return redirect("dashboard:sources", request.creator.handle)


def _page(request: StudioRequest, form: StripeKeyForm) -> HttpResponse:
    context = {
        "form": form,
        "permissions": ["Account", *(name for name, _path, _params in PERMISSIONS)],
        "sources": _with_runs(request.creator),
        "running": running(request.creator, now=timezone.now()),
    }
    template = "dashboard/sources.html"
    if form.errors and request.htmx:
        template += "#connect"
    return render(request, template, context, status=422 if form.errors else 200)


def _with_runs(creator: Creator) -> list[tuple[Source, list[Progress]]]:
    """Every source with its last runs, newest first; two queries."""
    now = timezone.now()
    runs: dict[int, list[Progress]] = {}
    sources = list(creator.sources.defer("key").order_by("connected_at"))
    numbered = Window(RowNumber(), partition_by="source", order_by=["-started_at", "-pk"])
    last = Sync.objects.filter(source__in=sources).annotate(number=numbered)
    for run in last.filter(number__lte=LAST_RUNS).order_by("number"):
        runs.setdefault(run.source_id, []).append(progress_of(run, now=now))
    return [(source, runs.get(source.pk, [])) for source in sources]
