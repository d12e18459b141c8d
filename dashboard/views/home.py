"""How far am I, and is it real? The field, the money, who comes next, and whether it would hold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard import figures
from dashboard.access import StudioRequest, in_studio
from dashboard.changes import changes
from dashboard.circle import Line, circle_of, nearest, newest
from dashboard.progress import running
from dashboard.trends import Trends, changes_of
from fans.models import Creator
from fans.seating import seating
from fans.templatetags.amounts import money_of
from revenue.models import Recount, Source, Sync
from revenue.summary import NEWLY, figures_at_hand

#: How many stand in each of the short lists.
SHORT = 6


@require_safe
@in_studio
def home(request: StudioRequest) -> HttpResponse:
    """The whole page; while something is read, its moving part again every two seconds."""
    creator, now = request.creator, timezone.now()
    sources = list(creator.sources.without_secrets().with_reading())
    moving = _moving(creator, sources, now=now)
    is_poll = request.htmx.target == "live"
    if is_poll and not moving["is_moving"]:
        return HttpResponseClientRefresh()
    context = _live(creator, moving, now=now) | {"sources": sources, "is_new": not sources}
    if is_poll:
        return render(request, "dashboard/home.html#live", context)
    return render(request, "dashboard/home.html", context | _still(creator, context, now=now))


def _moving(creator: Creator, sources: Sequence[Source], *, now: datetime) -> dict[str, Any]:
    """What is read and what is changed right now. Nearly always nothing moves, and nothing more is
    asked for."""
    under_way = running(creator, now=now) if any(s.is_read for s in sources) else []
    changing = changes(creator, now=now) if _changes(creator, sources) else []
    return {
        "running": under_way,
        "changing": changing,
        "is_moving": bool(under_way or changing),
    }


def _live(creator: Creator, moving: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """What is shown again while something moves."""
    people_url = reverse("dashboard:people", args=[creator.handle])
    found = figures_at_hand(creator=creator, now=now)
    # What is said of the past is wrong until all of it has been read.
    is_whole = not any(_is_first(progress.sync) for progress in moving["running"])
    return moving | {
        "figures": found,
        "past": found if is_whole else None,
        "changed": changes_of(found) if found else [],
        "is_demo": settings.DEMO,
        "people_url": people_url,
        # What is under the pointer or the keyboard would be swapped away: no names meanwhile.
        "seating": seating(
            creator=creator,
            now=now,
            people_url="" if moving["is_moving"] else f"{people_url}/",
            spend=money_of(creator.currency),
        ),
    }


def _still(creator: Creator, shown: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """What stands on the whole page alone, beside what is `shown`."""
    context: dict[str, Any] = {
        "nearest": partial(_nearest, creator),
        "newest": newest(figures.newest(creator, SHORT)),
        "leaving": figures.leaving(creator, SHORT, now=now),
    }
    if past := shown["past"]:
        is_stored = past.made_at != now
        context |= {
            "circle": circle_of(creator, past, count=SHORT, now=now),
            "newly_since": (past.today - timedelta(days=NEWLY)).isoformat(),
            "trends": Trends(past, creator, shown["sources"], is_stored=is_stored),
        }
    return context


def _nearest(creator: Creator) -> list[Line]:
    return nearest(figures.nearest(creator, SHORT))


def _changes(creator: Creator, sources: Sequence[Source]) -> bool:
    """Whether anything is being removed or recounted."""
    is_removed = any(source.state == Source.State.REMOVING for source in sources)
    return is_removed or Recount.under_way_of(creator) is not None


def _is_first(sync: Sync) -> bool:
    return sync.is_full and sync.source.synced_at is None
