"""Days and moments in templates, as the language of the page writes them.

`{{ sync.started_at|moment }}` is by the clock of whose page it is; a date has none.
"""

from datetime import date, datetime, time
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_date, format_skeleton, format_time
from django import template

from truefans.languages import active_locale

register = template.Library()

#: The parts of a date in the styles that are none of the language's own.
SKELETONS = {"yearless": "MMMMd", "short yearless": "MMMd", "weekday": "MMMMEEEEd"}


@register.filter(expects_localtime=True)
def day(value: date | None, style: str = "") -> str:
    """“3 March 2026”; nothing of None. The style may be "short" (“3 Mar 2026”), "yearless"
    (“3 March”), "short yearless" (“3 Mar”) or "weekday" (“Tuesday 3 March”)."""
    if value is None:
        return ""
    on = value.date() if isinstance(value, datetime) else value
    return _day(on, style, active_locale())


@lru_cache(maxsize=8192)
def _day(on: date, style: str, locale: str) -> str:
    if style in SKELETONS:
        return format_skeleton(SKELETONS[style], on, locale=locale)
    return format_date(on, "medium" if style == "short" else "long", locale=locale)


@register.filter(expects_localtime=True)
def month(value: date | None, style: str = "") -> str:
    """“March 2026”; nothing of None. The style may be "short" (“Mar 2026”), "yearless" (“March”) or
    "short yearless" (“Mar”)."""
    if value is None:
        return ""
    if style.endswith("yearless"):
        pattern = "LLL" if style.startswith("short") else "LLLL"
        return format_date(value, pattern, locale=active_locale())
    skeleton = "yMMM" if style == "short" else "yMMMM"
    return format_skeleton(skeleton, value, locale=active_locale())


@register.filter(expects_localtime=True)
def moment(value: datetime | None, style: str = "") -> str:
    """“3 March 2026, 14:05”; nothing of None. The style may be "short" (“3 Mar 2026, 14:05”),
    "yearless" (“3 March, 14:05”) or "short yearless"."""
    if value is None:
        return ""
    locale = active_locale()
    pattern: str = Locale.parse(locale).datetime_formats["medium"]
    clock = _clock(value.hour, value.minute, locale)
    return pattern.replace("{1}", day(value, style)).replace("{0}", clock)


@lru_cache(maxsize=8192)
def _clock(hour: int, minute: int, locale: str) -> str:
    return format_time(time(hour, minute), "short", locale=locale)
