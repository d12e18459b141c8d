"""Dates and times as exports write them → moments in UTC.

2026-01-31T10:11:12Z · 2026-05-14 11:23:45 +0100 · 31.12.2025 14:50 · 1/2/26 3:04am ·
Sep 26, 2026 at 7:05 PM · 3 de enero de 2026 · 31.12.2025 um 14.50 Uhr · 2026年1月31日 · 1790683800
"""

import re
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum
from functools import lru_cache

from babel.core import Locale

from revenue.files.zones import zone_named


class Order(StrEnum):
    """Which number of a date such as 03/04/2026 comes first."""

    DAY = "day"
    MONTH = "month"


class NotADate(ValueError):
    """A text that is no date, or none of that order."""


class Undecided(ValueError):
    """A date of which nobody can tell the day from the month."""


NUMERIC = re.compile(r"(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?")
WORDED = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+(?:de\s+)?(?P<month>[^\W\d]+)"
    r"|(?P<month2>[^\W\d]+)\.?[\s-]+(?P<day2>\d{1,2})(?:st|nd|rd|th)?)\.?,?[\s-]+(?:de\s+)?"
    r"(?P<year>\d{4}|\d{2})"
)
CLOCK = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*(?:([ap])\.?\s?m\.?)?"
    r"(?:\s*(?:uhr|hrs?|h)\b)?\s*(.*)",
    re.IGNORECASE,
)
#: Seconds since 1970, or thousandths of them; 20260131; 2026年1月31日.
EPOCH = re.compile(r"\d{10}(?:\d{3}|\.\d+)?")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
EASTERN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
#: What stands before a time, in the languages of exports.
AT = re.compile(r"(?:at|à|um|alle(?: ore)?|a las?|às|om|kl\.?|klo|o|в)\s+", re.IGNORECASE)
#: No date is longer, with its time and the whole name of its zone.
LONGEST = 100
#: Between a date and its time.
BETWEEN = ", T\t\r\n\xa0\u202f"


def moment(text: str, *, order: str = "", zone: tzinfo = UTC) -> datetime:
    """The moment that `text` names, in UTC; `zone` is where its clock hangs if it does not say.

    `order` is the order of day and month in the file, "" if nobody knows it. A date without a time
    is its midnight. Raises NotADate or Undecided.
    """
    if len(text) > LONGEST:
        raise NotADate(text)
    try:
        named = datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        named = None
    if named is None:
        return _by_parts(text.strip(), order, zone)
    return _in_utc(named if named.tzinfo else named.replace(tzinfo=zone), text)


def shown_order(text: str) -> str | None:
    """What a date says of the order in its file: one, "" (nothing), None (it asks)."""
    found = NUMERIC.match(text.strip())
    if found is None or len(found[1]) > 2:
        return ""
    if found[2] == ".":
        return ""  # 31.12.2025 is written by nobody who puts the month first
    first, second = int(found[1]), int(found[3])
    if first > 12:
        return Order.DAY
    if second > 12:
        return Order.MONTH
    return None if first != second else ""


def _by_parts(text: str, order: str, zone: tzinfo) -> datetime:
    if EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if ordered := COMPACT.fullmatch(text) or EASTERN.match(text):
        year, month, day = ordered.groups()
        return _at(_day(year, month, day, text), text[ordered.end() :], zone, text)
    numeric = NUMERIC.match(text)
    worded = None if numeric else WORDED.match(text)
    found = numeric or worded
    if found is None:
        raise NotADate(text)
    named = _numeric_day(found[0], order) if numeric else _worded_day(found[0])
    return _at(named, text[found.end() :], zone, text)


def _at(day: date, rest: str, zone: tzinfo, text: str) -> datetime:
    rest = rest.lstrip(BETWEEN)
    clock, own_zone = _clock(AT.sub("", rest, count=1) if AT.match(rest) else rest)
    return _in_utc(datetime.combine(day, clock, own_zone or zone), text)


@lru_cache(maxsize=4096)
def _numeric_day(text: str, order: str) -> date:
    found = NUMERIC.fullmatch(text)
    assert found is not None  # noqa: S101 -- the caller matched it
    first, separator, second, third = found.groups()
    if len(first) > 2:
        return _day(first, second, third, text)
    if shown_order(text) is None and not order:
        raise Undecided(text)
    day_first = order == Order.DAY or separator == "." or (not order and int(first) > 12)
    day, month = (first, second) if day_first else (second, first)
    return _day(third, month, day, text)


@lru_cache(maxsize=4096)
def _worded_day(text: str) -> date:
    found = WORDED.fullmatch(text)
    assert found is not None  # noqa: S101 -- the caller matched it
    month = _months().get((found["month"] or found["month2"]).lower().rstrip("."))
    if month is None:
        raise NotADate(text)
    return _day(found["year"], str(month), found["day"] or found["day2"], text)


def _day(year: str, month: str, day: str, text: str) -> date:
    if len(year) == 3:
        raise NotADate(text)
    century = 0 if len(year) == 4 else 1900 if int(year) > 69 else 2000
    try:
        return date(century + int(year), int(month), int(day))
    except ValueError:
        raise NotADate(text) from None


@lru_cache(maxsize=8192)
def _clock(text: str) -> tuple[time, tzinfo | None]:
    if not text:
        return time(), None
    found = CLOCK.fullmatch(text)
    if found is None:
        raise NotADate(text)
    hour, minute, second, fraction, half, zone = found.groups()
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    own = zone_named(zone) if zone else None
    if zone and own is None:
        raise NotADate(text)
    micro = int((fraction or "").ljust(6, "0")[:6])
    try:
        return time(hours, int(minute), int(second or 0), micro), own
    except ValueError:
        raise NotADate(text) from None


def is_of_our_time(year: int) -> bool:
    """Whether anything can have been paid or written down in `year`: 1026 is a slip of the pen."""
    return 1970 <= year < 2100


def _in_utc(named: datetime, text: str) -> datetime:
    if not is_of_our_time(named.year):
        raise NotADate(text)
    return named.astimezone(UTC)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """The number of a month by its names in the languages of the exports we know."""
    names: dict[str, int] = {}
    others = ("tr", "el", "ru", "fi", "nb", "da", "sv", "cs", "pl")
    for language in (*others, "nl", "pt", "it", "es", "fr", "de", "en"):
        for width in ("wide", "abbreviated"):
            for number, name in Locale(language).months["format"][width].items():
                names[name.lower().rstrip(".")] = number
    return names | {"sept": 9, "mrz": 3, "mär": 3}
