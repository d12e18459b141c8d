"""Who is she, and are we in touch? One person, their timeline, and what one notes about them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import StudioRequest, in_studio
from dashboard.merging import others_of
from dashboard.neighbours import neighbours
from dashboard.person import found, portrait
from dashboard.person_forms import AddForm, KnowForm, NoteForm, TagForm
from dashboard.timeline import timeline
from fans.acquaintance import known_of
from fans.attention import today_of
from fans.models import Fan, Note, Touch
from fans.tags import put_tag
from fans.touches import forget_touch, record_touch
from fans.turns import end_turn_of
from revenue.attribution import know
from revenue.traces import traces_of


@require_safe
@in_studio
def person(request: StudioRequest, pk: int) -> HttpResponse:
    """The page, in the list that one came from (`from`: its query string); of who is somebody else
    by the creator's word, the way there."""
    try:
        return _page(request, _fan(request, pk))
    except Http404:
        merged = get_object_or_404(request.creator.merges, gone=pk)
        return redirect("dashboard:person", request.creator.handle, merged.fan_id)


@require_POST
@in_studio
def add(request: StudioRequest, pk: int) -> HttpResponse:
    """Keep a touch or a note; a word of today ends an open turn, too."""
    fan, now = _fan(request, pk), timezone.now()
    form = AddForm(request.POST, now=now, zone=request.creator.zone)
    if not form.is_valid():
        return _page(request, fan, add_form=form)
    what, text = form.cleaned_data["what"], form.cleaned_data["text"]
    if what == AddForm.NOTE:
        Note.objects.create(creator=request.creator, fan=fan, text=text, by=request.user)
    else:
        at = form.occurred_at
        record_touch(fan=fan, kind=what, occurred_at=at, text=text, by=request.user)
        if at == now:
            end_turn_of(fan, now=now)
    messages.success(request, _("Noted."))
    return _back(request, fan)


@require_POST
@in_studio
def forget(request: StudioRequest, pk: int, touch: int) -> HttpResponse:
    """Take a touch back."""
    fan = _fan(request, pk)
    rows = Touch.objects.filter(creator=request.creator, fan=fan)
    forget_touch(get_object_or_404(rows, pk=touch))
    messages.success(request, _("Taken back."))
    return _back(request, fan)


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def note(request: StudioRequest, pk: int, note: int) -> HttpResponse:
    """A note of its own page, to be changed or deleted there."""
    fan = _fan(request, pk)
    found = get_object_or_404(Note, creator=request.creator, fan=fan, pk=note)
    form = NoteForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        form.save()
        messages.success(request, _("Noted."))
        return _back(request, fan)
    context = {"fan": fan, "form": form, "note": found}
    return render(request, "dashboard/person_note.html", context, status=_status(form))


@require_POST
@in_studio
def delete_note(request: StudioRequest, pk: int, note: int) -> HttpResponse:
    fan = _fan(request, pk)
    get_object_or_404(Note, creator=request.creator, fan=fan, pk=note).delete()
    messages.success(request, _("The note is deleted."))
    return _back(request, fan)


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def edit(request: StudioRequest, pk: int) -> HttpResponse:
    """What one knows of them."""
    fan, now = _fan(request, pk), timezone.now()
    form = KnowForm(
        request.POST if request.method == "POST" else None,
        instance=known_of(fan),
        today=today_of(request.creator, now),
    )
    if form.is_valid():
        know(fan=fan, facts=form.cleaned_data, now=now)
        messages.success(request, _("Noted."))
        return _back(request, fan)
    context = {"fan": fan, "form": form}
    return render(request, "dashboard/person_edit.html", context, status=_status(form))


@require_POST
@in_studio
def tag(request: StudioRequest, pk: int) -> HttpResponse:
    fan = _fan(request, pk)
    form = TagForm(request.POST)
    if not form.is_valid():
        return _page(request, fan, tag_form=form)
    put_tag(fan, form.cleaned_data["name"])
    return _back(request, fan)


@require_POST
@in_studio
def untag(request: StudioRequest, pk: int, tagging: int) -> HttpResponse:
    fan = _fan(request, pk)
    get_object_or_404(fan.tagging_set, pk=tagging).delete()
    return _back(request, fan)


def _fan(request: StudioRequest, pk: int) -> Fan:
    fan = get_object_or_404(found(request.creator, now=timezone.now()), pk=pk)
    fan.creator = request.creator
    return fan


def _page(
    request: StudioRequest,
    fan: Fan,
    *,
    add_form: AddForm | None = None,
    tag_form: TagForm | None = None,
) -> HttpResponse:
    """The whole page, with a form that was filled in wrongly, if any."""
    creator, now = request.creator, timezone.now()
    traces = traces_of(fan)
    portrayed = portrait(fan, traces, now=now)
    memberships, after = portrayed["memberships"], request.GET.get("after", "")
    context = {
        "fan": fan,
        **portrayed,
        "page": timeline(fan, traces, memberships, after, now=now),
        "others": others_of(fan) if traces.proposals else [],
        "add_form": add_form or AddForm(now=now, zone=creator.zone),
        "tag_form": tag_form or TagForm(),
        "tag_names": creator.tags.values_list("name", flat=True)[:200],
        "kinds": Touch.Kind.choices,
        "near": neighbours(creator=creator, fan=fan, came_from=request.GET.get("from"), now=now),
    }
    is_wrong = add_form or tag_form
    return render(request, "dashboard/person.html", context, status=422 if is_wrong else 200)


def _status(form: KnowForm | NoteForm) -> int:
    return 422 if form.is_bound else 200


def _back(request: StudioRequest, fan: Fan) -> HttpResponse:
    """To the person, in the list that one came from."""
    came_from = request.GET.urlencode()
    page = reverse("dashboard:person", args=[request.creator.handle, fan.pk])
    return redirect(f"{page}?{came_from}" if came_from else page)
