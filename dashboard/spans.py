"""Lengths of time in words, no finer than anybody thinks of them."""

from datetime import timedelta

from django.utils.translation import ngettext

#: Days of a month and of a year, as exact as words are.
MONTH, YEAR = 30.44, 365.25


def in_words(span: timedelta) -> str:
    """“9 days”, “5 weeks”, “14 months” or “3 years”; at least a day."""
    days = max(round(span / timedelta(days=1)), 1)
    if days < 14:
        words, count = ngettext("%(count)d day", "%(count)d days", days), days
    elif days < 60:
        count = round(days / 7)
        words = ngettext("%(count)d week", "%(count)d weeks", count)
    elif days < 2 * YEAR:
        count = round(days / MONTH)
        words = ngettext("%(count)d month", "%(count)d months", count)
    else:
        count = round(days / YEAR)
        words = ngettext("%(count)d year", "%(count)d years", count)
    return words % {"count": count}
