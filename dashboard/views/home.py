"""How far am I, and is it real? The field, the money, who comes next, and whether it would hold."""

from functools import partial

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard import figures, trends
from dashboard.access import StudioRequest, in_studio
from dashboard.changes import changes
from dashboard.circle import circle_of
from dashboard.progress import running
from fans.seating import seating
from fans.templatetags.amounts import money
from revenue.models import Sync
from revenue.summary import figures_at_hand

#: How many stand in each of the short lists.
SHORT = 6


@require_safe
@in_studio
def home(request: StudioRequest) -> HttpResponse:
    """The whole page; while something is read, its moving part again every two seconds."""
    creator, now = request.creator, timezone.now()
    under_way, changing = running(creator, now=now), changes(creator, now=now)
    is_moving = bool(under_way or changing)
    is_poll = request.htmx.target == "live"
    if is_poll and not is_moving:
        return HttpResponseClientRefresh()
    sources = list(creator.sources.defer("key"))
    people_url = reverse("dashboard:people", args=[creator.handle])
    found = figures_at_hand(creator=creator, now=now)
    # What is said of the past is wrong until all of it has been read.
    is_whole = not any(_is_first(progress.sync) for progress in under_way)
    context = {
        "running": under_way,
        "changing": changing,
        "is_moving": is_moving,
        "figures": found,
        "past": found if is_whole else None,
        "changed": trends.changes(found) if found else [],
        "is_new": not sources,
        "is_demo": settings.DEMO,
        # What is under the pointer or the keyboard would be swapped away: no names meanwhile.
        "seating": seating(
            creator=creator,
            now=now,
            people_url="" if is_moving else f"{people_url}/",
            spend=partial(money, currency=creator.currency),
        ),
    }
    if is_poll:
        return render(request, "dashboard/home.html#live", context)
    context |= {
        "sources": sources,
        "nearest": figures.nearest(creator, SHORT),
        "newest": figures.newest(creator, SHORT),
        "leaving": figures.leaving(creator, SHORT, now=now),
    }
    if is_whole and found:
        context |= {
            "circle": circle_of(creator, found, count=SHORT, now=now),
            "income_chart": trends.income_by_source(found, creator, sources),
            "people_chart": trends.new_and_returning(found, creator),
            "growth_chart": trends.true_fans(found, creator),
        }
    return render(request, "dashboard/home.html", context)


def _is_first(sync: Sync) -> bool:
    return sync.is_full and sync.source.synced_at is None
