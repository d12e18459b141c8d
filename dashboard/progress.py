"""How far a run of reading is, in words: what stands beside a progress bar."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fans.models import Creator
from revenue.models import Sync

#: A worker that reads says so after every page, which takes seconds at the most.
QUIET = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Progress:
    """One run: `percent` None while nobody can know; `rate` in rows a second, 0 before any."""

    sync: Sync
    percent: int | None
    rate: int
    time_left: str
    is_quiet: bool


def running(creator: Creator, *, now: datetime) -> list[Progress]:
    """The progress of everything that is read for `creator` right now."""
    syncs = Sync.objects.filter(source__creator=creator, state=Sync.State.RUNNING)
    return [progress_of(sync, now=now) for sync in syncs.with_source()]


def progress_of(sync: Sync, *, now: datetime) -> Progress:
    fraction, left = sync.fraction(), sync.seconds_left(now)
    return Progress(
        sync=sync,
        percent=None if fraction is None else int(fraction * 100),
        rate=round(sync.rate(now)),
        time_left="" if left is None else in_words(left),
        is_quiet=sync.is_running and now - sync.heard_at > QUIET,
    )


def in_words(seconds: float) -> str:
    """“about 3 minutes left”, no finer than anybody can know."""
    if seconds < 50:
        return _("less than a minute left")
    minutes = round(seconds / 60) or 1
    if minutes < 90:
        return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {
            "count": minutes
        }
    hours = round(minutes / 60)
    return ngettext("about %(count)d hour left", "about %(count)d hours left", hours) % {
        "count": hours
    }
