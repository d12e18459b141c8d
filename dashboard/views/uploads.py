"""A file is brought: looked through, asked about, imported, reported on, taken back."""

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard.access import StudioRequest, in_studio
from dashboard.arrived import arrived_with
from dashboard.downloads import csv_download
from dashboard.uploads import (
    AnswersForm,
    ColumnsForm,
    UploadForm,
    earlier_than,
    left_out,
    skipped_reasons,
    waiting_lines,
)
from revenue.beginning import begin_importing, begin_looking, begin_taking_back
from revenue.files.problems import FileProblem
from revenue.files.reading import MOST_BYTES
from revenue.models import Upload
from revenue.uploading import receive
from truefans.bodies import takes_a_file


@takes_a_file(most_bytes=MOST_BYTES)
@require_POST
@in_studio
def bring(request: StudioRequest) -> HttpResponse:
    """Keep the file as it comes, and have a worker look through it."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        for problem in form.errors["file"]:
            messages.error(request, str(problem))
        return redirect("dashboard:sources", request.creator.handle)
    file = form.cleaned_data["file"]
    try:
        upload = receive(
            creator=request.creator,
            by=request.user,
            name=file.name[:200],
            size=file.size,
            chunks=file.chunks(),
            now=timezone.now(),
        )
    except FileProblem as problem:
        messages.error(request, f"{problem} {_('Nothing of it was kept.')}")
        return redirect("dashboard:sources", request.creator.handle)
    begin_looking(upload=upload)
    return redirect("dashboard:upload", request.creator.handle, upload.pk)


@require_safe
@in_studio
def upload(request: StudioRequest, pk: int) -> HttpResponse:
    """What the file is and what came or would come of it; while a worker is at it, how far. Of one
    that is gone, forgotten in another tab perhaps, that it is."""
    found = request.creator.uploads.select_related("source").filter(pk=pk).first()
    if found is None:
        gone = "dashboard/upload_gone.html"
        return HttpResponseClientRefresh() if request.htmx else render(request, gone, status=404)
    if request.htmx.target == "progress" and found.state not in Upload.UNDER_WAY:
        return HttpResponseClientRefresh()
    context = {"upload": found, "is_moving": found.state in Upload.UNDER_WAY}
    if found.state == Upload.State.ASKS:
        context["form"] = _form(found)
    context["arrived"] = arrived_with(found, now=timezone.now())
    context["skipped"] = skipped_reasons(found)
    context["waiting"], context["waiting_lines"] = waiting_lines(found)
    context["earlier"] = earlier_than(found)
    template = "dashboard/upload.html"
    return render(request, f"{template}#progress" if request.htmx else template, context)


def _form(found: Upload, data: object = None) -> AnswersForm | ColumnsForm:
    kind = AnswersForm if "questions" in found.summary else ColumnsForm
    return kind(data, upload=found)


@require_POST
@in_studio
def answer(request: StudioRequest, pk: int) -> HttpResponse:
    """Keep what the creator says of the file, and have it looked through once more."""
    found = request.creator.uploads.filter(pk=pk).first()
    if found is None or found.state != Upload.State.ASKS:
        return _over_already(request, found)
    form = _form(found, request.POST)
    if not form.is_valid():
        context = {"upload": found, "form": form}
        return render(request, "dashboard/upload.html", context, status=422)
    form.save(now=timezone.now())
    begin_looking(upload=found)
    return redirect("dashboard:upload", request.creator.handle, pk)


@require_POST
@in_studio
def import_it(request: StudioRequest, pk: int) -> HttpResponse:
    """From now on it counts."""
    found = request.creator.uploads.filter(pk=pk).first()
    if found is None or found.state != Upload.State.READY:
        return _over_already(request, found)
    try:
        begin_importing(upload=found, now=timezone.now())
    except FileProblem as problem:
        messages.error(request, str(problem))
    return redirect("dashboard:upload", request.creator.handle, pk)


@require_POST
@in_studio
def take_back(request: StudioRequest, pk: int) -> HttpResponse:
    """What came of it goes again; a file that nothing came of is only forgotten."""
    found = request.creator.uploads.filter(pk=pk).first()
    if found is None or found.state in (Upload.State.UNDOING, Upload.State.UNDONE):
        return _over_already(request, found)
    if begin_taking_back(upload=found, now=timezone.now()):
        return redirect("dashboard:upload", request.creator.handle, pk)
    if request.creator.uploads.filter(pk=pk).idle().forget():
        messages.success(request, _("The file is forgotten. Nothing of it was counted."))
        return redirect("dashboard:sources", request.creator.handle)
    messages.info(request, _("The file is being looked through. Forget it after that."))
    return redirect("dashboard:upload", request.creator.handle, pk)


def _over_already(request: StudioRequest, found: Upload | None) -> HttpResponse:
    """What is asked for was done before, in another tab: back to the file, if it is still there."""
    messages.info(request, _("That was over already; nothing was done twice."))
    if found is None:
        return redirect("dashboard:sources", request.creator.handle)
    return redirect("dashboard:upload", request.creator.handle, found.pk)


@require_safe
@in_studio
def skipped(request: StudioRequest, pk: int) -> StreamingHttpResponse:
    """Every row that was left out, with the reason, as CSV."""
    found = get_object_or_404(request.creator.uploads, pk=pk)
    columns, rows = left_out(found)
    return csv_download(f"left-out-{pk}", rows, columns=columns)
