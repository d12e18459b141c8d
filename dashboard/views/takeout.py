"""Everything to take away, as one ZIP that is written while it is sent."""

from collections.abc import Iterator
from datetime import datetime

import structlog
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboard.access import StudioRequest, owners_alone, owners_only
from fans.models import Creator
from revenue.takeout.archive import archive, counts

log = structlog.get_logger(__name__)

#: Seconds after which a download that nobody has heard the end of is forgotten.
LONGEST = 60 * 60


@require_safe
@owners_only
def takeout(request: StudioRequest) -> HttpResponse:
    """What there is to take away."""
    return render(request, "dashboard/takeout.html", {"counts": counts(request.creator)})


@require_safe
@owners_alone
def download(request: StudioRequest) -> HttpResponseBase:
    """The ZIP; one at a time for each studio, because each keeps a part of the server busy."""
    creator, now = request.creator, timezone.now()
    if not cache.add(_place(creator), True, timeout=LONGEST):
        messages.warning(
            request,
            _("A download of everything is under way already. Wait for its end, and try again."),
        )
        return redirect("dashboard:takeout", creator.handle)
    log.info("takeout", creator=creator.pk, user=request.user.pk)
    response = StreamingHttpResponse(Download(creator, now), content_type="application/zip")
    name = f"{creator.handle}-{timezone.localdate():%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Encoding"] = "identity"  # it is small already: nobody need press it again
    return response


class Download:
    """The blocks of the ZIP. The server calls `close` at the end, or when nobody reads on."""

    def __init__(self, creator: Creator, now: datetime) -> None:
        self._creator = creator
        self._blocks = archive(creator=creator, now=now)

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        self._blocks.close()
        cache.delete(_place(self._creator))


def _place(creator: Creator) -> str:
    return f"takeout-{creator.pk}"
