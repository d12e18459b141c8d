"""Where does it come from? Connecting Stripe, and how reading it goes."""

from typing import NamedTuple

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
from dashboard.forms import StripeKeyForm, WebhookSecretForm
from dashboard.progress import Progress, progress_of, running
from dashboard.webhook import Webhook, webhook_of
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
    return sources_page(request)


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
        return sources_page(request, form=form)
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


def sources_page(
    request: StudioRequest,
    *,
    form: StripeKeyForm | None = None,
    webhook_form: WebhookSecretForm | None = None,
) -> HttpResponse:
    """The page, with a form that was filled in wrongly, if any."""
    context = {
        "form": form or StripeKeyForm(),
        "permissions": ["Account", *(name for name, _path, _params in PERMISSIONS)],
        "sources": _with_runs(request.creator, webhook_form),
        "running": running(request.creator, now=timezone.now()),
    }
    template = "dashboard/sources.html"
    if form and request.htmx:
        template += "#connect"
    return render(request, template, context, status=422 if form or webhook_form else 200)


class SourceCard(NamedTuple):
    """What is shown of a source: its last runs, newest first, and how Stripe tells it things."""

    source: Source
    runs: list[Progress]
    webhook: Webhook


def _with_runs(creator: Creator, webhook_form: WebhookSecretForm | None) -> list[SourceCard]:
    """Every source with its last runs; two queries."""
    now = timezone.now()
    runs: dict[int, list[Progress]] = {}
    sources = list(creator.sources.with_silence(now).defer("key").order_by("connected_at"))
    numbered = Window(RowNumber(), partition_by="source", order_by=["-started_at", "-pk"])
    last = Sync.objects.filter(source__in=sources).annotate(number=numbered)
    for run in last.filter(number__lte=LAST_RUNS).order_by("number"):
        runs.setdefault(run.source_id, []).append(progress_of(run, now=now))
    wrong = {webhook_form.source.pk: webhook_form} if webhook_form else {}
    return [
        SourceCard(source, runs.get(source.pk, []), webhook_of(source, wrong.get(source.pk)))
        for source in sources
    ]
