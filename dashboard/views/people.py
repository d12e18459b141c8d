"""Who are they? The list of everybody."""

from django.db.models import Prefetch
from django.db.models.functions import Lower
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from dashboard.access import StudioRequest, in_studio
from dashboard.paging import turn_to
from dashboard.people_filters import STANDING
from dashboard.people_list import Look, look_at
from dashboard.segments import SegmentForm, segments_of
from fans.models import Tagging

#: More pairs that may be one person are not counted.
PAIRS = 100


@require_safe
@in_studio
def people(request: StudioRequest) -> HttpResponse:
    """Everybody who is asked for: search, filters, order and page are in the address."""
    is_part = request.htmx.target == "people"
    if not is_part and any("" in values for __, values in request.GET.lists()):
        return redirect(people_address(request, _without_empty(request.GET)))
    look = look_at(request.creator, request.GET, now=timezone.now())
    response = people_page(request, look, is_part=is_part)
    return push_url(response, people_address(request, look.here)) if is_part else response


def people_page(
    request: StudioRequest,
    look: Look,
    *,
    is_part: bool = False,
    segment_form: SegmentForm | None = None,
) -> HttpResponse:
    """The list as `look` has it; with the form of a segment that was filled in wrongly, if any."""
    tags = Tagging.objects.select_related("tag").order_by(Lower("tag__name"))
    rows = look.people().select_related("tier").prefetch_related(Prefetch("tagging_set", tags))
    head_count = None if is_part else look.everybody.head_count
    context = {
        "look": look,
        "people_url": people_address(request),
        "page": turn_to(rows, request.GET.get("after", ""), order=look.order),
        "people": head_count,
        "everybody": head_count.everybody if head_count else request.creator.fans.count(),
        "standings": _standings(look),
        "segments": segments_of(look),
        "segment_form": segment_form or SegmentForm(creator=request.creator),
        "pairs": 0 if is_part else request.creator.proposals.open()[:PAIRS].count(),
        "done": None if is_part else request.session.pop("several", None),
    }
    template = "dashboard/people.html#list" if is_part else "dashboard/people.html"
    return render(request, template, context, status=422 if segment_form else 200)


def people_address(request: StudioRequest, query: QueryDict | None = None) -> str:
    """Where the list is, as `query` asks for it."""
    asked = query.urlencode() if query else ""
    return reverse("dashboard:people", args=[request.creator.handle]) + (asked and f"?{asked}")


def _without_empty(query: QueryDict) -> QueryDict:
    """Without what a form sends of fields that nobody filled in."""
    filled = QueryDict(mutable=True)
    for name, values in query.lists():
        if kept := [value for value in values if value]:
            filled.setlist(name, kept)
    return filled


def _standings(look: Look) -> list[tuple[str, str, bool]]:
    """(words, query string, whether it is on) of each standing that can be asked for."""
    asked = look.query.get(STANDING.name, "")
    options = {"": _("Everybody")} | {key: option.label for key, option in STANDING.options.items()}
    return [(str(words), look.with_(STANDING, key), key == asked) for key, words in options.items()]
