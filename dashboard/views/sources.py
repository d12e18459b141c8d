"""Where does it come from? Connecting Stripe, and how reading it goes."""

from typing import Any, NamedTuple

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

from dashboard.access import StudioRequest, in_studio, owners_only
from dashboard.arrived import Arrived, arrived_from
from dashboard.changes import changes
from dashboard.doubles import in_question
from dashboard.forms import StripeKeyForm, WebhookSecretForm
from dashboard.gaps import Gaps, gaps_of
from dashboard.live import tellers
from dashboard.progress import Progress, progress_of, running
from dashboard.selling import till_of
from dashboard.uploads import UploadForm, file_sources
from dashboard.webhook import Webhook, webhook_of
from fans.models import Creator
from revenue.gateways.problems import KeyProblem, NotConnectable, SourceProblem
from revenue.gateways.stripe.connecting import PERMISSIONS, WISHED, connect
from revenue.gateways.stripe.lacking import UNKNOWN, Lack
from revenue.models import Source, Sync, Upload
from revenue.tasks.sources import begin_reading

#: How many of its last runs are shown of each source.
LAST_RUNS = 5
#: How many of the files that were brought are listed, but for those that wait.
LAST_UPLOADS = 20


@require_safe
@in_studio
def sources(request: StudioRequest) -> HttpResponse:
    """What is connected and how reading it went; the bars again every two seconds."""
    if request.htmx.target == "progress":
        context = _moving(request.creator)
        if not context["is_moving"]:
            return HttpResponseClientRefresh()
        return render(request, "dashboard/moving.html", context)
    return sources_page(request)


@require_POST
@owners_only
def connect_stripe(request: StudioRequest) -> HttpResponse:
    """Test the pasted key, store it, and begin to read; or say what is wrong with it."""
    form = StripeKeyForm(request.POST)
    if form.is_valid():
        try:
            source = connect(creator=request.creator, key=form.cleaned_data["key"])
        except KeyProblem as problem:
            has_books = request.creator.sources.exists()
            form.add_error("key", str(problem) if has_books else problem.without_books)
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
    others = request.creator.uploads.exclude(state__in=Upload.WAITING)
    context = {
        "form": form or StripeKeyForm(),
        "permissions": ["Account", *(name for name, _path, _params in PERMISSIONS)],
        "wished": [Lack(name, UNKNOWN[name]) for name, _path in WISHED],
        "sources": _with_runs(request.creator, webhook_form),
        "upload_form": UploadForm(),
        "file_sources": file_sources(request.creator),
        "tellers": tellers(request.creator),
        "waiting": request.creator.uploads.waiting().newest(),
        "uploads": others.newest()[:LAST_UPLOADS],
        "doubles": in_question(request.creator),
        "by_hand": till_of(request.creator),
    } | _moving(request.creator)
    template = "dashboard/sources.html"
    if form and request.htmx:
        template += "#connect"
    return render(request, template, context, status=422 if form or webhook_form else 200)


def _moving(creator: Creator) -> dict[str, Any]:
    """What is read and what is changed right now."""
    now = timezone.now()
    under_way, changing = running(creator, now=now), changes(creator, now=now)
    return {
        "running": under_way,
        "changing": changing,
        "is_moving": bool(under_way or changing),
    }


class SourceCard(NamedTuple):
    """What is shown of a source: its last runs, newest first, how Stripe tells it things, what is
    missing from it, and what came if it has just been read."""

    source: Source
    runs: list[Progress]
    webhook: Webhook
    gaps: Gaps
    arrived: Arrived | None


def _with_runs(creator: Creator, webhook_form: WebhookSecretForm | None) -> list[SourceCard]:
    """Every source with its last runs; three queries, and three of one that has just been read."""
    now = timezone.now()
    runs: dict[int, list[Progress]] = {}
    # One that is being removed stands among what is under way.
    kept = creator.sources.filter(kind=Source.Kind.STRIPE).exclude(state=Source.State.REMOVING)
    sources = list(kept.with_silence(now).defer("key").order_by("connected_at"))
    numbered = Window(RowNumber(), partition_by="source", order_by=["-started_at", "-pk"])
    last = Sync.objects.filter(source__in=sources).annotate(number=numbered)
    for run in last.filter(number__lte=LAST_RUNS).order_by("number"):
        runs.setdefault(run.source_id, []).append(progress_of(run, now=now))
    wrong = {webhook_form.source.pk: webhook_form} if webhook_form else {}
    gaps = gaps_of(sources)
    return [
        SourceCard(
            source=source,
            runs=runs.get(source.pk, []),
            webhook=webhook_of(source, wrong.get(source.pk)),
            gaps=gaps[source.pk],
            arrived=arrived_from(source, [run.sync for run in runs.get(source.pk, [])], now=now),
        )
        for source in sources
    ]
