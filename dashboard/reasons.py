"""Why somebody's turn has come, in one sentence.

Each takes a fan with their rhythm and what is owed to them (`fans.attention`, `revenue.thanks`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fans.attention import A_LEAP_YEAR, kept_on
from fans.models import Acquaintance, Fan
from fans.rhythm import FEWEST_PURCHASES
from fans.templatetags.amounts import money
from fans.templatetags.dates import day as written
from revenue.choosing import Reason
from revenue.models import Membership, Recount

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """What a reason is told from. `fan` has `word_at`, `rhythm`, `waited` and `owed`."""

    fan: Fan
    known: Acquaintance | None
    leaving: Membership | None
    today: date
    now: datetime


def sentence(reason: str, case: Case) -> str:
    """Why `case` comes now; what no longer holds is told as it is today."""
    tell = TOLD.get(reason, _rhythm)
    return tell(case) or _rhythm(case)


def in_full(day: date | datetime) -> str:
    """“22 November 2026”, by the clock of the page."""
    return written(day)


def _leaving(case: Case) -> str:
    if case.leaving is None:
        return ""
    if case.leaving.ends_at is None:
        return _("The last payment of the membership failed; it ends unless that succeeds.")
    return _("Decided to leave: the membership ends on %(date)s.") % {
        "date": _local(case.leaving.ends_at, case)
    }


def _birthday(case: Case) -> str:
    known = case.known
    if known is None or known.birth_month is None or known.birth_day is None:
        return ""
    if (known.birth_month, known.birth_day) in kept_on(case.today):
        return _("It is their birthday today.")
    return _("It was their birthday on %(date)s.") % {
        "date": written(date(A_LEAP_YEAR, known.birth_month, known.birth_day), "yearless")
    }


def _anniversary(case: Case) -> str:
    if case.fan.first_purchase_at is None:
        return ""
    first = case.fan.first_purchase_at.astimezone(case.now.tzinfo).date()
    years = case.today.year - first.year
    if (first.month, first.day) in kept_on(case.today):
        return ngettext(
            "A year ago today they bought something for the first time.",
            "%(count)d years ago today they bought something for the first time.",
            years,
        ) % {"count": years}
    return _("They bought something for the first time on %(date)s.") % {"date": in_full(first)}


def _true(case: Case) -> str:
    if case.fan.crossed_at is None:
        return ""
    return _("Became a true %(fan)s on %(date)s.") % {
        "fan": case.fan.creator.fan_word,
        "date": _local(case.fan.crossed_at, case),
    }


def _tier(case: Case) -> str:
    if case.fan.tier is None:
        return ""
    return _("Has reached “%(tier)s” within the last days.") % {"tier": case.fan.tier.name}


def _slipping(case: Case) -> str:
    fan = case.fan
    if fan.last_purchase_at is None:
        return ""
    days = (case.now - fan.last_purchase_at).days
    if fan.purchases >= FEWEST_PURCHASES and fan.usual_pause:
        told = _("Is slipping away: bought every %(pause)d days or so, and last %(days)d days ago.")
        return told % {"pause": max(round(fan.usual_pause / DAY), 1), "days": days}
    return _("Is slipping away: bought last %(days)d days ago.") % {"days": days}


def _thanks(case: Case) -> str:
    fan = case.fan
    owed: int = getattr(fan, "owed", 0)
    if not owed or Recount.under_way_of(fan.creator):  # amounts stand in two currencies
        return ""
    amount = money(owed, fan.creator.currency)
    if _has_had_a_word(fan):
        return _("Has paid %(amount)s since your last word.") % {"amount": amount}
    return _("Has paid %(amount)s, and has had no word from you yet.") % {"amount": amount}


def _rhythm(case: Case) -> str:
    waited, rhythm = getattr(case.fan, "waited", None), getattr(case.fan, "rhythm", 0)
    if waited is None:
        return _("Is one of yours.")
    if not _has_had_a_word(case.fan):
        return ngettext(
            "Has been with you for %(count)d day, and has had no word from you yet.",
            "Has been with you for %(count)d days, and has had no word from you yet.",
            waited.days,
        ) % {"count": waited.days}
    return ngettext(
        "Your last word was %(count)d day ago; every %(rhythm)d days is the rhythm.",
        "Your last word was %(count)d days ago; every %(rhythm)d days is the rhythm.",
        waited.days,
    ) % {"count": waited.days, "rhythm": rhythm}


def _has_had_a_word(fan: Fan) -> bool:
    return getattr(fan, "word_at", None) is not None


def _local(moment: datetime, case: Case) -> str:
    return in_full(moment.astimezone(case.now.tzinfo))


TOLD: dict[str, Callable[[Case], str]] = {
    Reason.LEAVING: _leaving,
    Reason.BIRTHDAY: _birthday,
    Reason.TRUE: _true,
    Reason.TIER: _tier,
    Reason.SLIPPING: _slipping,
    Reason.ANNIVERSARY: _anniversary,
    Reason.THANKS: _thanks,
    Reason.RHYTHM: _rhythm,
}
