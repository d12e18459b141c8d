"""Time zones as exports name them: PST, Europe/Berlin, GMT+02:00, “Eastern Time (US & Canada)”."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

#: Hours east of Greenwich. Where one abbreviation has two meanings, the one of more people.
ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1,
    "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "IST": 5.5, "ICT": 7, "SGT": 8, "HKT": 8,
    "PHT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "NST": -3.5, "NDT": -2.5, "BRT": -3, "ART": -3, "AST": -4, "ADT": -3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "SAST": 2,
}  # fmt: skip
#: What menus call them.
NAMES = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "arizona": "America/Phoenix", "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu", "atlantic": "America/Halifax", "newfoundland": "America/St_Johns",
    "london": "Europe/London", "edinburgh": "Europe/London", "dublin": "Europe/Dublin",
    "paris": "Europe/Paris", "madrid": "Europe/Madrid", "berlin": "Europe/Berlin",
    "tokyo": "Asia/Tokyo", "sydney": "Australia/Sydney", "melbourne": "Australia/Melbourne",
    "brisbane": "Australia/Brisbane", "adelaide": "Australia/Adelaide", "perth": "Australia/Perth",
}  # fmt: skip
#: A name in brackets may follow: GMT+0100 (Central European Standard Time).
OFFSET = re.compile(r"(?:UTC|GMT)?\s*([-+−])(\d{1,2})(?::?(\d{2}))?(?:\s*\(.*\))?", re.IGNORECASE)


@lru_cache(maxsize=256)
def zone_named(name: str) -> tzinfo | None:
    """The zone that `name` means, None if it means none."""
    name = name.strip()
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1]
    if name.upper() in ABBREVIATIONS:
        hours = ABBREVIATIONS[name.upper()]
        return timezone(timedelta(hours=hours)) if hours else UTC
    if offset := OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        if "/" in name:
            return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None
    words = re.findall(r"[a-z]+", name.lower())
    return next((ZoneInfo(NAMES[word]) for word in words if word in NAMES), None)
